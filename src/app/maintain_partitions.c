/* Partitions: made ahead, the DEFAULT one drained, what is over detached, archived, and only then dropped. What a
 * killed run left is found again: a pending DETACH in the catalog, a detached table by the mark in its comment. */
#include <string.h>

#include "app/keys_internal.h"
#include "app/maintain_internal.h"
#include "base/clock.h"
#include "base/file.h"
#include "care/drain.h"
#include "care/locks.h"
#include "care/partition.h"
#include "sql/quote.h"
#include "vault/client.h"

typedef struct keeping {
    gw_upkeep *u;
    const gw_config_partition *rule;
    gw_partitioned table;
    const char *shown; /* the table's name, for people and events */
    /* of the step */
    gw_range range;
    const char *part;
    int64_t moved;
    const gw_partition *partition;
    gw_detached *detached;
    bool mismatch;
    const char *proven; /* the archive that was read to its end, in this run: `rows` are what it has */
    gw_lines_sum rows;
    bool encrypted;
    gw_drain drain;
    bool stuck; /* rows of the DEFAULT partition are copied still: the next run goes on */
} keeping;

/* Readers and writers of a partition are waited for briefly, autovacuum would be in the way for as long as it takes. */
static bool end_vacuum(keeping *k, gw_err *err)
{
    gw_upkeep *u = k->u;
    return k->table.default_oid == GW_NULL_INT ||
           gw_locks_end_vacuum(u->session, u->arena, k->table.default_schema, k->table.default_name, err);
}

/* ---- making ------------------------------------------------------------------------------------------------- */

static bool make_in_transaction(gw_upkeep *u, void *arg, gw_err *err)
{
    keeping *k = arg;
    return end_vacuum(k, err) &&
           gw_partition_make(&k->table, u->session, u->arena, k->range, k->part, &k->moved, err);
}

static bool run_make(gw_upkeep *u, gw_upkeep_step *step, gw_err *err)
{
    keeping *k = step->arg;
    if (!gw_upkeep_in_transaction(u, make_in_transaction, k, err))
        return false;
    if (k->moved)
        step->detail = gw_printf(u->arena, "%lld rows of the DEFAULT partition are in %s now",
                                 (long long)k->moved, k->part);
    return true;
}

static const char *shown_bound(const keeping *k, int64_t at)
{
    gw_arena *arena = k->u->arena;
    return gw_partition_bound_text(&k->table, arena, at);
}

/* ---- making one of many rows, in parts --------------------------------------------------------------------- */

static bool begin_in_transaction(gw_upkeep *u, void *arg, gw_err *err)
{
    keeping *k = arg;
    return end_vacuum(k, err) && gw_drain_begin(&k->drain, u->session, u->arena, err);
}

static bool run_begin(gw_upkeep *u, gw_upkeep_step *step, gw_err *err)
{
    return gw_upkeep_in_transaction(u, begin_in_transaction, step->arg, err);
}

static bool run_fill(gw_upkeep *u, gw_upkeep_step *step, gw_err *err)
{
    keeping *k = step->arg;
    return gw_upkeep_copy(u, step, &k->drain.copying, err);
}

static bool end_in_transaction(gw_upkeep *u, void *arg, gw_err *err)
{
    keeping *k = arg;
    return end_vacuum(k, err) && gw_drain_end(&k->drain, u->session, u->arena, &k->moved, err);
}

static bool discard_in_transaction(gw_upkeep *u, void *arg, gw_err *err)
{
    keeping *k = arg;
    return end_vacuum(k, err) && gw_drain_discard(&k->drain, u->session, u->arena, err);
}

static bool run_discard(gw_upkeep *u, gw_upkeep_step *step, gw_err *err)
{
    return gw_upkeep_in_transaction(u, discard_in_transaction, step->arg, err);
}

static bool run_end(gw_upkeep *u, gw_upkeep_step *step, gw_err *err)
{
    keeping *k = step->arg;
    gw_err ignored = {0};
    if (gw_upkeep_in_transaction(u, end_in_transaction, k, err)) {
        step->detail = gw_printf(u->arena, "%lld rows of the DEFAULT partition are in %s now",
                                 (long long)k->moved, k->drain.name);
        return true;
    }
    /* What was refused for what it is would be refused each time: all rows are where they were, and the next run begins anew. */
    if (err->kind == GW_ERR_STATE || err->kind == GW_ERR_SQL)
        gw_upkeep_in_transaction(u, discard_in_transaction, k, &ignored);
    gw_err_clear(&ignored);
    return false;
}

static bool fill(keeping *k, gw_err *err)
{
    gw_upkeep *u = k->u;
    const char *name = k->drain.name;
    gw_upkeep_step steps[] = {
        {.name = k->shown, .run = run_begin, .arg = k,
         .what = gw_printf(u->arena, "make %s from %s to %s beside it, and capture changes", name,
                           shown_bound(k, k->drain.range.from), shown_bound(k, k->drain.range.to))},
        {.name = k->shown, .run = run_fill, .arg = k,
         .what = gw_printf(u->arena, "copy its rows to %s in batches", name)},
        {.name = k->shown, .run = run_end, .arg = k, .what = gw_printf(u->arena, "attach %s", name)},
    };
    for (size_t i = k->drain.begun ? 1 : 0; i < 3; i++) {
        size_t before = u->out->done;
        if (!gw_upkeep_do(u, &steps[i], err))
            return false;
        if (!u->wanted->dry_run && u->out->done != before + 1) {
            k->stuck = true;
            return true;
        }
    }
    return true;
}

/* What a run that was killed, or had no time left, has begun. */
static bool resume(keeping *k, gw_err *err)
{
    gw_upkeep *u = k->u;
    gw_err problem = {0};
    if (!gw_drain_find(&k->table, u->session, u->arena, &k->drain, &problem)) {
        k->stuck = true;
        return gw_upkeep_failed(u, k->shown, "look for what is half filled", &problem, err);
    }
    if (!k->drain.name)
        return true;
    k->stuck = u->wanted->dry_run; /* what is behind it is not known yet */
    if (k->drain.fits)
        return fill(k, err);
    gw_upkeep_step step = {.name = k->shown, .run = run_discard, .arg = k,
                           .what = gw_printf(u->arena, "remove %s, half filled for the table as it was",
                                             k->drain.name)};
    size_t before = u->out->done;
    bool ok = gw_upkeep_do(u, &step, err);
    k->stuck = u->out->done == before; /* a dry run, too */
    return ok;
}

static bool make(keeping *k, gw_range range, gw_err *err)
{
    gw_upkeep *u = k->u;
    gw_err problem = {0};
    bool worth;
    k->range = range;
    if (!gw_partition_name(&k->table, u->session, u->arena, k->rule, range, &k->part, &problem))
        return gw_upkeep_failed(u, k->shown, "find a name", &problem, err);
    if (!gw_drain_plan(&k->table, u->session, u->arena, range, k->part, &k->drain, &worth, &problem))
        return gw_upkeep_failed(u, k->shown, "look into the DEFAULT partition", &problem, err);
    if (worth)
        return fill(k, err);
    gw_upkeep_step step = {
        .name = k->shown, .run = run_make, .arg = k,
        .what = gw_printf(u->arena, "make %s from %s to %s", k->part, shown_bound(k, range.from),
                          shown_bound(k, range.to))};
    return gw_upkeep_do(u, &step, err);
}

static bool make_missing(keeping *k, gw_err *err)
{
    gw_ranges missing = {0};
    gw_partitioned_missing(&k->table, k->u->arena, k->rule, &missing);
    for (size_t i = 0; i < missing.len && !k->stuck; i++)
        if (!make(k, missing.items[i], err))
            return false;
    return true;
}

static bool read_again(keeping *k, gw_err *err)
{
    return gw_partitioned_read(k->u->session, k->u->arena, k->rule, &k->table, err);
}

/* A partition a turn, from the lowest row on; the list is read again, for others make partitions too. */
static bool drain(keeping *k, gw_err *err)
{
    gw_upkeep *u = k->u;
    int64_t last = GW_RANGE_FIRST;
    bool found = true;
    while (found && !k->stuck && gw_upkeep_time_left(u)) {
        gw_err problem = {0};
        gw_range range;
        if (!read_again(k, &problem) ||
            !gw_partitioned_stray(&k->table, u->session, u->arena, k->rule, &range, &found, &problem))
            return gw_upkeep_failed(u, k->shown, "look into the DEFAULT partition", &problem, err);
        size_t failed = u->out->failed, skipped = u->out->skipped;
        if (!found || range.from <= last)
            return true;
        last = range.from;
        if (!make(k, range, err))
            return false;
        if (u->wanted->dry_run || u->out->failed != failed || u->out->skipped != skipped)
            return true;
    }
    return true;
}

static bool read_missing_and_drain(keeping *k, gw_err *err)
{
    gw_err problem = {0};
    if (!read_again(k, &problem))
        return gw_upkeep_failed(k->u, k->shown, "look at it", &problem, err);
    return make_missing(k, err) && drain(k, err);
}

/* ---- letting go -------------------------------------------------------------------------------------------- */

static bool mark_in_transaction(gw_upkeep *u, void *arg, gw_err *err)
{
    keeping *k = arg;
    const gw_partition *p = k->partition;
    return gw_partition_mark(&k->table, u->session, u->arena, p->oid, p->schema, p->name,
                             GW_MARK_DETACHED, NULL, err);
}

static bool mark_and_detach(gw_upkeep *u, void *arg, gw_err *err)
{
    keeping *k = arg;
    return end_vacuum(k, err) &&
           gw_locks_end_vacuum(u->session, u->arena, k->partition->schema, k->partition->name, err) &&
           gw_partition_detach(&k->table, u->session, u->arena, k->partition, err);
}

static bool can_archive(keeping *k, gw_err *err)
{
    gw_upkeep *u = k->u;
    gw_client client;
    int version = gw_session_version(u->session);
    return gw_client_find(u->arena, "pg_dump", version, &client, err) &&
           gw_client_find(u->arena, "pg_restore", version, &client, err) &&
           gw_keys_can_open(u->app, u->arena, u->wanted->passphrase_file, err);
}

static bool run_detach(gw_upkeep *u, gw_upkeep_step *step, gw_err *err)
{
    enum { CONCURRENTLY_FROM = 140000 };
    keeping *k = step->arg;
    bool alone = k->table.default_oid == GW_NULL_INT && !gw_session_pooled(u->session) &&
                 gw_session_version(u->session) >= CONCURRENTLY_FROM;
    /* What could not be archived, or an archive that could not be proven, is no reason to take it out. */
    if (k->rule->archive && !can_archive(k, err))
        return false;
    if (!alone && !k->partition->pending)
        return gw_upkeep_in_transaction(u, mark_and_detach, k, err);
    step->sql = gw_partition_detach_sql(&k->table, u->arena, k->partition, alone);
    return gw_upkeep_in_transaction(u, mark_in_transaction, k, err) && gw_upkeep_run_sql(u, step, err);
}

static bool detach_over(keeping *k, gw_err *err)
{
    gw_upkeep *u = k->u;
    for (size_t i = 0; i < k->table.list.len; i++) {
        const gw_partition *each = &k->table.list.items[i];
        if (!each->pending && !gw_partition_is_over(&k->table, each, k->rule))
            continue;
        k->partition = each;
        gw_upkeep_step step = {
            .name = k->shown, .run = run_detach, .arg = k,
            .what = gw_printf(u->arena, "detach %s, which ended at %s", each->name,
                              shown_bound(k, each->range.to))};
        if (!gw_upkeep_do(u, &step, err))
            return false;
    }
    return true;
}

/* Every chunk is authenticated, and pg_restore reads it to its end and finds all rows that it says it has. */
static bool prove(keeping *k, const char *path, gw_err *err)
{
    gw_upkeep *u = k->u;
    gw_backup_reader *reader;
    gw_client client;
    const char *found;
    int64_t said = 0;
    k->proven = NULL;
    if (!gw_client_find(u->arena, "pg_restore", gw_session_version(u->session), &client, err) ||
        !gw_backup_found(u->app, u->arena, path, u->wanted->passphrase_file, &reader, &found, err))
        return false;
    const gw_manifest *manifest = gw_backup_manifest(reader);
    for (size_t i = 0; i < manifest->tables.len; i++)
        said += manifest->tables.items[i].rows > 0 ? manifest->tables.items[i].rows : 0;
    k->encrypted = strcmp(manifest->encryption, "none") != 0;
    if (!gw_dump_read_through(u->arena, &client, reader, u->app->options.cancel, &k->rows, err))
        return false;
    if (k->rows.count != said)
        return gw_err_set(err, GW_ERR_STATE, "%s has %lld rows where %lld were counted", path,
                          (long long)k->rows.count, (long long)said);
    k->proven = path;
    return true;
}

static bool mark_as_it_is(gw_upkeep *u, void *arg, gw_err *err)
{
    keeping *k = arg;
    const gw_detached *d = k->detached;
    gw_mark state = d->archive ? GW_MARK_ARCHIVED : d->intended ? GW_MARK_ARCHIVING : GW_MARK_DETACHED;
    return gw_partition_mark(&k->table, u->session, u->arena, d->oid, d->schema, d->name, state,
                             d->archive ? d->archive : d->intended, err);
}

/* Which file is going to be made is known before it is there: whoever is killed behind it leaves no second one. */
static bool make_archive(keeping *k, gw_err *err)
{
    gw_upkeep *u = k->u;
    gw_detached *d = k->detached;
    const char *const tables[] = {gw_quote_name(u->arena, d->schema, d->name), NULL};
    const char *folder = u->settings->archive;
    const gw_backup_options options = {.tables = tables,
                                       .passphrase_file = u->wanted->passphrase_file,
                                       .folder = folder,
                                       .id = gw_backup_new_id(u->arena)};
    gw_backup_made made;
    d->intended = gw_path_join(u->arena, folder,
                               gw_printf(u->arena, "%s" GW_BACKUP_SUFFIX, options.id));
    return gw_file_make_dirs(folder, 0700, err) && gw_upkeep_in_transaction(u, mark_as_it_is, k, err) &&
           gw_backup_database(u->app, u->arena, &u->target.connect, &options, &made, err);
}

static bool run_archive(gw_upkeep *u, gw_upkeep_step *step, gw_err *err)
{
    keeping *k = step->arg;
    gw_detached *d = k->detached;
    /* It has its name, so it is whole, and its run was killed before it could say so. */
    bool found = d->intended && gw_file_exists(d->intended);
    if (!found && !make_archive(k, err))
        return false;
    if (!prove(k, d->intended, err)) {
        if (found)
            gw_err_hint(err, "a run that was killed has left it: remove %s, and the next run archives "
                             "the table anew",
                        d->intended);
        return false;
    }
    d->archive = d->intended;
    step->detail = gw_printf(u->arena, "%lld rows are in %s%s", (long long)k->rows.count, d->archive,
                             k->encrypted ? "" : ", not encrypted");
    return gw_upkeep_in_transaction(u, mark_as_it_is, k, err);
}

static bool drop_in_transaction(gw_upkeep *u, void *arg, gw_err *err)
{
    keeping *k = arg;
    if (gw_partition_drop(u->session, u->arena, k->detached, k->rule->archive ? &k->rows : NULL, err))
        return true;
    k->mismatch = err->kind == GW_ERR_STATE;
    return false;
}

/* An archive of an earlier run has lain about since: it is proven again. */
static bool prove_again(keeping *k, gw_err *err)
{
    const char *path = k->detached->archive;
    if (!k->rule->archive || k->proven == path || prove(k, path, err))
        return true;
    if (!err->hint && err->kind == GW_ERR_INPUT)
        gw_err_hint(err, "the table is still there: remove %s, and the next run archives it anew", path);
    return gw_err_context(err, "while the archive was proven before the drop");
}

static bool run_drop(gw_upkeep *u, gw_upkeep_step *step, gw_err *err)
{
    keeping *k = step->arg;
    gw_err ignored = {0};
    k->mismatch = false;
    if (!prove_again(k, err))
        return false;
    if (gw_upkeep_in_transaction(u, drop_in_transaction, k, err))
        return true;
    if (k->mismatch) { /* somebody wrote to it: once more from the archive on */
        k->detached->archive = k->detached->intended = NULL;
        gw_upkeep_in_transaction(u, mark_as_it_is, k, &ignored);
        gw_err_clear(&ignored);
    }
    return false;
}

static bool archive_and_drop(keeping *k, gw_err *err)
{
    gw_upkeep *u = k->u;
    gw_detached_list list = {0};
    gw_err problem = {0};
    if (!gw_partition_detached(&k->table, u->session, u->arena, &list, &problem))
        return gw_upkeep_failed(u, k->shown, "look for what is detached", &problem, err);
    for (size_t i = 0; i < list.len; i++) {
        gw_detached *d = k->detached = &list.items[i];
        gw_upkeep_step archive = {.name = k->shown, .run = run_archive, .arg = k,
                                  .beside = true,
                                  .what = gw_printf(u->arena, "archive %s", d->name)};
        gw_upkeep_step drop = {.name = k->shown, .run = run_drop, .arg = k,
                               .what = gw_printf(u->arena, "drop %s", d->name)};
        if (d->archive && !gw_file_exists(d->archive))
            d->archive = NULL;
        if (k->rule->archive && !d->archive && !gw_upkeep_do(u, &archive, err))
            return false;
        if ((d->archive || !k->rule->archive || u->wanted->dry_run) && !gw_upkeep_do(u, &drop, err))
            return false;
    }
    return true;
}

/* ---- one table after another --------------------------------------------------------------------------------- */

static bool keep_table(keeping *k, gw_err *err)
{
    gw_upkeep *u = k->u;
    gw_err problem = {0};
    k->shown = k->rule->table;
    if (!read_again(k, &problem)) {
        if (problem.kind == GW_ERR_STATE)
            gw_err_at(&problem, u->app->config.file, k->rule->line, k->rule->col);
        return gw_upkeep_failed(u, k->shown, "look at it", &problem, err);
    }
    if (!k->table.is_partitioned && k->rule->convert_by) {
        bool done = false;
        if (!gw_upkeep_convert(u, k->rule, &k->table, &done, err))
            return false;
        if (!done)
            return true;
        if (!read_again(k, &problem))
            return gw_upkeep_failed(u, k->shown, "look at it", &problem, err);
    }
    if (!k->table.is_partitioned) {
        gw_err_set(&problem, GW_ERR_STATE, "%s is a plain table, not a partitioned one", k->shown);
        gw_err_at(&problem, u->app->config.file, k->rule->line, k->rule->col);
        return gw_upkeep_failed(u, k->shown, "look at it", &problem, err);
    }
    k->shown = gw_display_name(u->arena, k->table.schema, k->table.name);
    /* The keys of a run that was killed first; then those that it took to move rows. */
    if (!gw_upkeep_convert_keys(u, &k->table, k->shown, err) || !resume(k, err) ||
        !read_missing_and_drain(k, err) || !gw_upkeep_convert_keys(u, &k->table, k->shown, err))
        return false;
    if (!read_again(k, &problem))
        return gw_upkeep_failed(u, k->shown, "look at it", &problem, err);
    return detach_over(k, err) && archive_and_drop(k, err);
}

bool gw_upkeep_partitions(gw_upkeep *u, gw_err *err)
{
    for (size_t i = 0; i < u->settings->partitions.len; i++) {
        keeping k = {.u = u, .rule = &u->settings->partitions.items[i]};
        if (!keep_table(&k, err))
            return false;
    }
    return true;
}
