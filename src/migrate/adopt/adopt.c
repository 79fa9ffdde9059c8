#include "migrate/adopt.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "control/control.h"
#include "control/event.h"
#include "control/history.h"
#include "migrate/adopt/internal.h"
#include "migrate/foreign_lock.h"
#include "pg/pipeline.h"

enum { LISTED = 20, BATCH = 500 };

const gw_adopter *const gw_adopters[GW_ADOPTERS] = {
    &gw_adopter_sqlx,   &gw_adopter_dbmate,          &gw_adopter_golang_migrate,
    &gw_adopter_goose,  &gw_adopter_flyway,          &gw_adopter_drizzle,
    &gw_adopter_sqitch, &gw_adopter_node_pg_migrate, &gw_adopter_graphile_migrate,
    &gw_adopter_alembic, &gw_adopter_atlas,
};

const gw_adopter *gw_adopter_of(gw_format format)
{
    for (size_t i = 0; i < GW_ADOPTERS; i++)
        if (gw_adopters[i]->format == format)
            return gw_adopters[i];
    return NULL;
}

/* Pairs are one convention under three names. */
static bool is_numbered(gw_format format)
{
    return format == GW_FORMAT_GODWIT || format == GW_FORMAT_SQLX ||
           format == GW_FORMAT_GOLANG_MIGRATE;
}

bool gw_adopt_fits(const gw_adoption *a, const gw_migration **odd)
{
    gw_format tool = a->adopter->format;
    for (size_t i = 0; i < a->files->len && tool != GW_FORMAT_ALEMBIC; i++) {
        const gw_migration *file = &a->files->items[i];
        if (file->format == tool || (is_numbered(file->format) && is_numbered(tool)))
            continue;
        if (odd)
            *odd = file;
        return false;
    }
    return true;
}

static bool check_files(const gw_adoption *a, gw_err *err)
{
    const gw_migration *odd = NULL;
    if (gw_adopt_fits(a, &odd))
        return true;
    const char *tool = gw_format_name(a->adopter->format);
    gw_err_set(err, GW_ERR_INPUT, "the files are in the convention of %s, not of %s",
               gw_format_name(odd->format), tool);
    gw_err_hint(err, "if they are %s's all the same, say `format: %s` in godwit.yaml; if they were "
                     "written anew for Godwit, godwit baseline V marks those up to V as applied",
                tool, tool);
    return gw_err_at(err, odd->up.path, 0, 0);
}

gw_foreign_row *gw_adopt_row(gw_adoption *a, const char *key)
{
    gw_foreign_row *row = gw_vec_push(a->arena, &a->rows);
    row->key = row->version = key;
    row->applied_at = GW_NULL_INT;
    return row;
}

bool gw_adopt_dirty(const gw_adoption *a, gw_err *err, const char *version, const char *why,
                    const char *what_to_do)
{
    gw_err_set(err, GW_ERR_STATE, "%s left version %s half-done",
               gw_format_name(a->adopter->format), version);
    gw_err_detail(err, "%s in %s", why, a->shown);
    return gw_err_hint(err, "%s; then adopt", what_to_do);
}

void gw_adopt_all_up_to(gw_adoption *a, const char *version)
{
    bool found = false;
    for (size_t i = 0; i < a->files->len; i++) {
        const gw_migration *file = &a->files->items[i];
        if (file->kind != GW_VERSIONED || gw_version_compare(file->order, version) > 0)
            continue;
        found |= gw_version_compare(file->order, version) == 0;
        gw_adopt_row(a, file->version)->file = file;
    }
    if (!found)
        gw_adopt_row(a, version);
}

/* ---- files by key ---- */

typedef struct keyed {
    const char *key;
    const gw_migration *file;
} keyed;

static int by_key(const void *a, const void *b)
{
    const keyed *x = a, *y = b;
    int c = strcmp(x->key, y->key);
    return c ? c : strcmp(x->file->service, y->file->service);
}

static keyed *index_files(const gw_adoption *a)
{
    size_t count = a->files->len;
    keyed *index = gw_alloc_array(a->arena, count, sizeof *index);
    for (size_t i = 0; i < count; i++) {
        const gw_migration *file = &a->files->items[i];
        const char *key = a->adopter->key ? a->adopter->key(a->arena, file) : file->version;
        index[i] = (keyed){key ? key : "", file};
    }
    if (count > 1)
        qsort(index, count, sizeof *index, by_key);
    return index;
}

/* The first with this key; those that follow are of other services. */
static size_t first_of(const keyed *index, size_t count, const char *key)
{
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(index[middle].key, key) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool check_row(gw_adoption *a, gw_foreign_row *row, gw_err *err)
{
    row->verdict = "none";
    if (!row->file || !row->checksum || !a->adopter->keeps_checksums)
        return true;
    if (a->adopter->check)
        return a->adopter->check(a, row, &row->verdict, err);
    return gw_adopt_checksum(a, row, &row->verdict, err);
}

/* Services may have files of one version: the checksum says whose it is, or nobody can. */
static bool choose(gw_adoption *a, const keyed *first, size_t count, gw_foreign_row *row,
                   gw_err *err)
{
    size_t fitting = 0;
    const gw_migration *chosen = NULL;
    const char *verdict = "none";
    for (size_t i = 0; i < count; i++) {
        const char *service = a->options->service;
        if (count > 1 && service && strcmp(first[i].file->service, service) != 0)
            continue;
        row->file = first[i].file;
        if (!check_row(a, row, err))
            return false;
        if (chosen && strcmp(row->verdict, "mismatch") == 0)
            continue;
        fitting = chosen && strcmp(verdict, "mismatch") == 0 ? 1 : fitting + 1;
        chosen = row->file;
        verdict = row->verdict;
    }
    row->file = chosen;
    row->verdict = verdict;
    if (fitting < 2)
        return true;
    gw_err_set(err, GW_ERR_STATE, "version %s in %s is a file of several services", row->version,
               a->shown);
    gw_err_detail(err, "%s and %s", first[0].file->up.path, first[1].file->up.path);
    return gw_err_hint(err, "adopt with only the right service's folder under `migrations:`, then "
                            "put the others back");
}

static gw_foreign_row *row_of(gw_adoption *a, const char *service, const char *version)
{
    for (size_t i = 0; i < a->rows.len; i++) {
        gw_foreign_row *row = &a->rows.items[i];
        if (strcmp(row->version, version) == 0 && (!row->file || strcmp(row->file->service, service) == 0))
            return row;
    }
    return NULL;
}

/* Rows of what a squash stands for need no file, and it is not what ran: where all are there. */
static void match_squashes(gw_adoption *a)
{
    for (size_t i = 0; i < a->files->len; i++) {
        const gw_migration *file = &a->files->items[i];
        const gw_directives *d = &file->up.directives;
        size_t found = 0;
        for (size_t k = 0; k < d->replaces_count; k++)
            found += row_of(a, file->service, d->replaces[k]) != NULL;
        for (size_t k = 0; d->replaces_count && found == d->replaces_count && k < found; k++) {
            gw_foreign_row *row = row_of(a, file->service, d->replaces[k]);
            row->needs_no_file = row->replaced = !row->file;
            if (row->file == file)
                row->verdict = "none";
        }
    }
}

bool gw_adopt_match(gw_adoption *a, gw_err *err)
{
    const keyed *index = index_files(a);
    size_t count = a->files->len;
    for (size_t i = 0; i < a->rows.len; i++) {
        gw_foreign_row *row = &a->rows.items[i];
        row->verdict = "none";
        if (row->file)
            continue;
        size_t first = first_of(index, count, row->key), end = first;
        while (end < count && strcmp(index[end].key, row->key) == 0)
            end++;
        if (end > first && !choose(a, &index[first], end - first, row, err))
            return false;
    }
    match_squashes(a);
    return true;
}

/* ---- what stands in the way ---- */

static void list_row(gw_buf *list, const gw_foreign_row *row, size_t nth)
{
    if (nth > LISTED)
        return;
    if (nth == LISTED) {
        gw_buf_add(list, "\n…");
        return;
    }
    const char *name = row->name && strcmp(row->name, row->version) != 0 ? row->name
                       : row->file                                      ? row->file->name
                                                                        : "";
    gw_buf_addf(list, "%s%s%s%s", nth ? "\n" : "", row->version, *name ? " " : "", name);
    if (row->file)
        gw_buf_addf(list, " (%s)", row->file->up.path);
    if (row->note)
        gw_buf_addf(list, " (%s)", row->note);
}

static bool check_missing(const gw_adoption *a, gw_err *err)
{
    gw_buf list = GW_BUF(a->arena);
    size_t count = 0;
    for (size_t i = 0; i < a->rows.len; i++)
        if (!a->rows.items[i].file && !a->rows.items[i].needs_no_file)
            list_row(&list, &a->rows.items[i], count++);
    if (!count)
        return true;
    gw_err_set(err, GW_ERR_STATE, "%zu %s %s no file here", count,
               count == 1 ? "version that" : "versions that",
               count == 1 ? "is applied has" : "are applied have");
    gw_err_detail(err, "%s", gw_buf_str(&list));
    return gw_err_hint(err, "is this checkout older than the database, or the folder under "
                            "`migrations:` another one? Bring the files back, then adopt");
}

static bool check_mismatch(const gw_adoption *a, gw_err *err)
{
    gw_buf list = GW_BUF(a->arena);
    size_t count = 0;
    for (size_t i = 0; i < a->rows.len && !a->adopter->looks_away; i++) {
        const gw_foreign_row *row = &a->rows.items[i];
        if (strcmp(row->verdict, "mismatch") == 0 && row->file->kind != GW_REPEATABLE)
            list_row(&list, row, count++);
    }
    if (!count)
        return true;
    gw_err_set(err, GW_ERR_STATE, "%zu %s changed since %s applied %s", count,
               count == 1 ? "file was" : "files were", gw_format_name(a->adopter->format),
               count == 1 ? "it" : "them");
    gw_err_detail(err, "%s", gw_buf_str(&list));
    return gw_err_hint(err, "put the files back as they were applied (version control has them); "
                            "or let %s accept them first", gw_format_name(a->adopter->format));
}

/* ---- Godwit's own history ---- */

static const char *details_of(const gw_adoption *a, const gw_foreign_row *row)
{
    json_t *details = gw_json_own(a->arena, json_object());
    json_object_set_new(details, "adopted_from",
                        gw_json_text(gw_format_name(a->adopter->format)));
    json_object_set_new(details, "schema", gw_json_text(a->schema));
    json_object_set_new(details, "table", gw_json_text(a->table));
    if (row->checksum) {
        json_object_set_new(details, "their_checksum", gw_json_text(row->checksum));
        json_object_set_new(details, "checksum", gw_json_text(row->verdict));
    }
    return gw_json_dump(a->arena, details);
}

static const char *kind_of(const gw_foreign_row *row)
{
    if (row->kind)
        return row->kind;
    return row->file->kind == GW_REPEATABLE ? "repeatable"
           : row->file->kind == GW_BASELINE ? "baseline"
                                            : "versioned";
}

static gw_applied history_row(const gw_adoption *a, const gw_foreign_row *row)
{
    const gw_migration *file = row->file;
    return (gw_applied){
        .tenant = a->options->tenant,
        .service = file ? file->service : a->options->service,
        .version = file ? file->version : row->version,
        .sort_key = file ? file->order : row->sort_key,
        .name = file ? file->name : row->name,
        .kind = kind_of(row),
        .checksum = file ? file->checksum : NULL,
        .state = "applied",
        .transactional = !file || !file->up.directives.no_transaction,
        .applied_at = row->applied_at,
        .duration_ms = row->duration_ms,
        .applied_by =
            gw_printf(a->arena, "adopt:%s", gw_format_name(a->adopter->format)),
        .details = details_of(a, row),
    };
}

static int by_identity(const void *a, const void *b)
{
    const gw_applied *x = *(const gw_applied *const *)a, *y = *(const gw_applied *const *)b;
    int c = strcmp(x->service, y->service);
    return c ? c : strcmp(x->version, y->version);
}

typedef GW_VEC(gw_applied) applied_rows;

/* The rows that Godwit's history does not have, and the result that says so. */
static bool new_rows(gw_adoption *a, applied_rows *out, gw_adopt_result *result, gw_err *err)
{
    gw_applied_list there;
    int version = 0;
    const char *tenant = a->options->tenant ? a->options->tenant : "";
    if (!gw_history_read(a->session, a->arena, tenant, &there, &version, err))
        return false;
    const gw_applied **index = gw_alloc_array(a->arena, there.len, sizeof *index);
    for (size_t i = 0; i < there.len; i++)
        index[i] = &there.items[i];
    if (there.len > 1)
        qsort(index, there.len, sizeof *index, by_identity);
    for (size_t i = 0; i < a->rows.len; i++) {
        const gw_foreign_row *row = &a->rows.items[i];
        const char *service = a->options->service;
        if (row->file && service && strcmp(row->file->service, service) != 0)
            continue;
        if (row->replaced) /* the squash stands for it */
            continue;
        /* A repeatable file that changed is pending: `up` runs it. */
        if (row->file && row->file->kind == GW_REPEATABLE &&
            strcmp(row->verdict, "mismatch") == 0)
            continue;
        gw_applied fresh = history_row(a, row), *key = &fresh;
        fresh.service = fresh.service ? fresh.service : "";
        if (there.len && bsearch(&key, index, there.len, sizeof *index, by_identity)) {
            result->already++;
            continue;
        }
        *gw_vec_push(a->arena, out) = fresh;
        *gw_vec_push(a->arena, result) = (gw_adopt_item){.version = fresh.version,
                                                         .name = fresh.name,
                                                         .service = fresh.service,
                                                         .tenant = tenant,
                                                         .applied_at = row->applied_at,
                                                         .checksum = row->verdict};
    }
    return true;
}

static bool put_rows(gw_adoption *a, const gw_applied *rows, size_t count, gw_err *err)
{
    const gw_sql *put = gw_history_put_sql();
    gw_param params[GW_HISTORY_PUT_PARAMS];
    gw_err ending = {0};
    if (!gw_pipeline_start(a->session, err))
        return false;
    bool ok = true;
    for (size_t i = 0; ok && i < count; i++) {
        gw_history_put_params(&rows[i], a->options->actor, params);
        ok = gw_pipeline_add(a->session, put->text, params, GW_HISTORY_PUT_PARAMS, err);
    }
    ok = ok && gw_pipeline_sync(a->session, err);
    for (size_t i = 0; ok && i < count; i++) {
        bool skipped = false;
        ok = gw_pipeline_next(a->session, a->arena, put->name, NULL, &skipped, err);
    }
    if (!gw_pipeline_end(a->session, &ending) && ok) {
        gw_err_move(err, &ending);
        ok = false;
    }
    gw_err_clear(&ending);
    return ok;
}

static bool write_event(gw_adoption *a, const gw_adopt_result *result, gw_err *err)
{
    json_t *data = gw_json_own(a->arena, json_object());
    json_object_set_new(data, "tool", gw_json_text(result->tool));
    json_object_set_new(data, "table", gw_json_text(result->table));
    json_object_set_new(data, "adopted", json_integer((json_int_t)result->len));
    json_object_set_new(data, "already", json_integer((json_int_t)result->already));
    gw_event event = {.action = "adopt",
                      .outcome = "ok",
                      .tenant = a->options->tenant,
                      .service = a->options->service,
                      .duration_ms = GW_NULL_INT,
                      .data = gw_json_dump(a->arena, data)};
    gw_param params[GW_EVENT_PARAMS];
    gw_event_params(&event, a->options->actor, params);
    return gw_exec_sql(a->session, gw_event_sql(), params, GW_EVENT_PARAMS, err);
}

static bool fence(gw_adoption *a, gw_err *err)
{
    if (!a->options->lock)
        return true;
    gw_param token = gw_p_text(gw_run_lock_token(a->options->lock));
    return gw_exec_sql(a->session, gw_run_lock_fence_sql(), &token, 1, err);
}

static bool write_history(gw_adoption *a, const applied_rows *rows, const gw_adopt_result *result,
                          gw_err *err)
{
    for (size_t i = 0; i < rows->len; i += BATCH) {
        size_t left = rows->len - i;
        if (!put_rows(a, &rows->items[i], left < BATCH ? left : BATCH, err))
            return gw_err_context(err, "while writing the history (godwit.migrations)");
    }
    return write_event(a, result, err);
}

/* While its tool runs, a table says nothing that holds. */
static bool keep_out(gw_adoption *a, gw_err *err)
{
    return !a->options->lock ||
           gw_foreign_locks_take(a->options->lock, a->adopter->format,
                                 gw_session_database(a->session), a->schema, a->table,
                                 a->options->wait_ms, err);
}

static bool take_over(gw_adoption *a, gw_adopt_result *out, gw_err *err)
{
    applied_rows rows = {0};
    if (!gw_adopt_find_table(a, err))
        return false;
    out->table = a->shown;
    if (!keep_out(a, err) || !a->adopter->read(a, err) || !gw_adopt_match(a, err) || !check_missing(a, err) ||
        !check_mismatch(a, err) || !new_rows(a, &rows, out, err))
        return false;
    return a->options->dry_run || write_history(a, &rows, out, err);
}

bool gw_adopt(gw_arena *arena, gw_session *session, const gw_migration_list *files,
              const gw_adopt_options *options, gw_adopt_result *out, gw_err *err)
{
    *out = (gw_adopt_result){.tool = gw_format_name(options->tool)};
    gw_adoption a = {.arena = arena,
                     .session = session,
                     .adopter = gw_adopter_of(options->tool),
                     .options = options,
                     .files = files};
    if (!a.adopter)
        return gw_err_set(err, GW_ERR_USAGE, "%s is not a tool whose history can be adopted",
                          out->tool);
    if (!check_files(&a, err))
        return false;
    if (!options->dry_run && !gw_control_ensure(session, options->actor->user, err))
        return false;
    if (!gw_session_begin(session, options->dry_run ? "repeatable read read only" : NULL, err))
        return false;
    bool ok = (options->dry_run || fence(&a, err)) && take_over(&a, out, err);
    ok = ok && (options->dry_run || gw_session_commit(session, err));
    if (!ok || options->dry_run)
        gw_session_rollback(session);
    return ok || gw_err_context(err, "nothing was adopted from %s", out->tool);
}
