#include "vault/dump.h"

#include <string.h>

#include "base/clock.h"
#include "sql/quote.h"
#include "sql_vault.h"
#include "vault/members.h"
#include "vault/spill.h"

/* ---- the snapshot ------------------------------------------------------------------------------- */

typedef struct table_row {
    int64_t oid;
    const char *schema, *name;
    bool has_rows;
    int64_t bytes;
} table_row;

static const gw_col table_cols[] = {
    {"oid", GW_COL_INT, true, offsetof(table_row, oid)},
    {"schema", GW_COL_TEXT, true, offsetof(table_row, schema)},
    {"name", GW_COL_TEXT, true, offsetof(table_row, name)},
    {"has_rows", GW_COL_BOOL, true, offsetof(table_row, has_rows)},
    {"bytes", GW_COL_INT, true, offsetof(table_row, bytes)},
};
#define TABLE_COLS table_cols, sizeof table_cols / sizeof *table_cols

static bool count_rows(gw_session *session, gw_arena *arena, const char *schema, const char *name,
                       int64_t *rows, gw_err *err)
{
    static const gw_col cols[] = {{"rows", GW_COL_INT, true, 0}};
    gw_result result;
    gw_arena *scratch = gw_arena_new();
    (void)arena;
    const char *text = gw_printf(scratch, "SELECT pg_catalog.count(*) AS rows FROM ONLY %s",
                                 gw_quote_name(scratch, schema, name));
    bool ok = gw_query_text(session, scratch, "vault/count", text, NULL, 0, &result, err) &&
              gw_row(scratch, &result, cols, 1, rows, err);
    gw_arena_free(scratch);
    return ok;
}

static bool begin(gw_session *session, gw_err *err)
{
    return gw_session_begin(session, "repeatable read read only", err) &&
           gw_exec(session,
                   "SET LOCAL statement_timeout = 0; SET LOCAL row_security = off; "
                   "SET LOCAL idle_in_transaction_session_timeout = 0",
                   err);
}

static bool add_tables(gw_session *session, gw_arena *arena, const char *name, bool rows,
                       gw_dump_view *out, gw_err *err)
{
    gw_result result;
    table_row *found = NULL;
    gw_param param = gw_p_text(name);
    if (!gw_query(session, arena, &gw_sql_dump_tables, &param, 1, &result, err) ||
        !gw_rows(arena, &result, TABLE_COLS, sizeof *found, (void **)&found, err))
        return false;
    if (name && !result.rows) {
        gw_err_set(err, GW_ERR_USAGE, "there is no table \"%s\"", name);
        return gw_err_hint(err, "name it as schema.table");
    }
    for (size_t i = 0; i < result.rows; i++) {
        bool known = false;
        for (size_t k = 0; name && k < out->tables.len && !known; k++)
            known = strcmp(out->tables.items[k].schema, found[i].schema) == 0 &&
                    strcmp(out->tables.items[k].name, found[i].name) == 0;
        out->bytes += found[i].bytes;
        if (known || (!found[i].has_rows && !name))
            continue;
        *gw_vec_push(arena, &out->tables) = (gw_backup_table){
            found[i].schema, found[i].name, rows && found[i].has_rows ? 0 : -1};
    }
    return true;
}

/* "schema"."table" is taken by pg_dump as it is: within quotes nothing is a pattern. */
static void name_wanted(gw_arena *arena, gw_dump_view *out)
{
    out->wanted = gw_alloc_array(arena, out->tables.len + 1, sizeof *out->wanted);
    for (size_t i = 0; i < out->tables.len; i++)
        out->wanted[i] = gw_printf(arena, "--table=%s",
                                   gw_quote_name(arena, out->tables.items[i].schema,
                                                 out->tables.items[i].name));
}

bool gw_dump_look(gw_session *session, gw_arena *arena, const char *const *names, bool rows,
                  gw_dump_view *out, gw_err *err)
{
    struct {
        const char *name;
        int64_t at;
    } shared;
    static const gw_col cols[] = {{"name", GW_COL_TEXT, true, 0},
                                  {"taken_at", GW_COL_TIME, true, sizeof(const char *)}};
    gw_result result;
    *out = (gw_dump_view){0};
    if (!begin(session, err) ||
        !gw_query(session, arena, &gw_sql_dump_snapshot, NULL, 0, &result, err) ||
        !gw_row(arena, &result, cols, 2, &shared, err))
        return false;
    out->snapshot = shared.name;
    out->taken_at = shared.at;
    if (!names && !add_tables(session, arena, NULL, rows, out, err))
        return false;
    for (size_t i = 0; names && names[i]; i++)
        if (!add_tables(session, arena, names[i], rows, out, err))
            return false;
    if (names)
        name_wanted(arena, out);
    for (size_t i = 0; i < out->tables.len; i++) {
        gw_backup_table *table = &out->tables.items[i];
        if (table->rows >= 0 &&
            !count_rows(session, arena, table->schema, table->name, &table->rows, err))
            return gw_err_context(err, "while the rows of %s were counted",
                                  gw_display_name(arena, table->schema, table->name));
    }
    return true;
}

/* ---- pg_dump -------------------------------------------------------------------------------------- */

typedef struct flow {
    gw_backup_writer *writer;
    gw_backup_reader *reader;
    const gw_dump_progress *progress;
    const gw_cancel *cancel;
    int64_t done, total;
    gw_err *err;
    bool failed;
} flow;

static void tell(flow *f, size_t len)
{
    f->done += (int64_t)len;
    if (f->progress && f->progress->see)
        f->progress->see(f->progress->self, f->done, f->total > f->done ? f->total : -1);
}

/* Any request to stop ends it: nothing is half-done. */
static bool stopped(flow *f)
{
    if (!gw_cancel_level(f->cancel))
        return false;
    gw_err_set(f->err, GW_ERR_INTERRUPTED, "stopped");
    return f->failed = true;
}

static bool take(void *self, const void *data, size_t len)
{
    flow *f = self;
    if (stopped(f))
        return false;
    f->failed = !gw_backup_write(f->writer, data, len, f->err);
    tell(f, len);
    return !f->failed;
}

static bool put_member(void *self, const void *data, size_t len, gw_err *err)
{
    (void)err; /* the flow's own */
    return take(self, data, len);
}

bool gw_dump_write(gw_arena *arena, const gw_dump_run *run, gw_backup_writer *writer, gw_err *err)
{
    gw_client_target target;
    gw_proc_result result;
    GW_VEC(const char *) argv = {0};
    const char *folder = NULL;
    flow f = {.writer = writer, .progress = &run->progress, .cancel = run->cancel, .err = err,
              .total = run->schema_only ? -1 : run->view->bytes};
    if (!gw_client_target_of(arena, run->conninfo, &target, err) ||
        (run->jobs && !gw_spill_open(arena, run->directory, &folder, err)))
        return false;
    const char *words[] = {run->client->path,
                           run->jobs ? "--format=directory" : "--format=custom", "--compress=0",
                           "--no-password", "--lock-wait-timeout=10s",
                           gw_printf(arena, "--snapshot=%s", run->view->snapshot),
                           gw_printf(arena, "--dbname=%s", target.dbname)};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        *gw_vec_push(arena, &argv) = words[i];
    if (run->schema_only)
        *gw_vec_push(arena, &argv) = "--schema-only";
    if (run->jobs) {
        *gw_vec_push(arena, &argv) = gw_printf(arena, "--jobs=%u", run->jobs);
        *gw_vec_push(arena, &argv) = gw_printf(arena, "--file=%s", folder);
    }
    for (size_t i = 0; run->view->wanted && run->view->wanted[i]; i++)
        *gw_vec_push(arena, &argv) = run->view->wanted[i];
    *gw_vec_push(arena, &argv) = NULL;
    gw_proc proc = {.argv = argv.items, .env = target.env, .unset = gw_client_secrets, .keep_output = true,
                    .take = run->jobs ? NULL : take, .self = &f, .cancel = run->cancel};
    if (!gw_proc_run(arena, &proc, &result, err) || f.failed)
        return false;
    if (gw_cancel_level(run->cancel) >= 2)
        return gw_err_set(err, GW_ERR_INTERRUPTED, "stopped");
    if (result.exit_code)
        return gw_client_failed(arena, "pg_dump", &result, err);
    return !run->jobs || (!stopped(&f) &&
                          gw_members_pack(arena, folder, (gw_members_sink){put_member, &f}, err));
}

/* ---- comparing and restoring ---------------------------------------------------------------------- */

bool gw_dump_count(gw_session *session, gw_arena *arena, const gw_manifest *manifest,
                   int64_t **rows, gw_err *err)
{
    int64_t *out = gw_alloc_array(arena, manifest->tables.len + 1, sizeof *out);
    bool ok = begin(session, err);
    for (size_t i = 0; ok && i < manifest->tables.len; i++) {
        const gw_backup_table *table = &manifest->tables.items[i];
        gw_err problem = {0};
        if (table->rows < 0)
            continue;
        ok = gw_exec(session, "SAVEPOINT godwit", err);
        if (!ok || count_rows(session, arena, table->schema, table->name, &out[i], &problem))
            continue;
        out[i] = -1;
        ok = strcmp(problem.sqlstate, "42P01") == 0 || strcmp(problem.sqlstate, "3F000") == 0;
        if (!ok)
            gw_err_move(err, &problem);
        gw_err_clear(&problem);
        ok = ok && gw_exec(session, "ROLLBACK TO SAVEPOINT godwit", err);
    }
    gw_session_rollback(session);
    *rows = out;
    return ok;
}

bool gw_dump_is_empty(gw_session *session, gw_arena *arena, bool *empty, gw_err *err)
{
    static const gw_col cols[] = {{"empty", GW_COL_BOOL, true, 0}};
    gw_result result;
    return gw_query(session, arena, &gw_sql_dump_is_empty, NULL, 0, &result, err) &&
           gw_row(arena, &result, cols, 1, empty, err);
}

static bool give(void *self, const unsigned char **data, size_t *len)
{
    flow *f = self;
    if (stopped(f))
        return false;
    f->failed = !gw_backup_read(f->reader, data, len, f->err);
    tell(f, *len);
    return !f->failed;
}

bool gw_dump_is_directory(const gw_manifest *manifest)
{
    return strcmp(manifest->format, "directory") == 0;
}

bool gw_dump_unpack(gw_arena *arena, gw_backup_reader *reader, const char *folder,
                    const gw_cancel *cancel, const gw_dump_progress *progress, gw_err *err)
{
    gw_unpack *unpack;
    const unsigned char *data;
    size_t len;
    flow f = {.reader = reader, .progress = progress, .cancel = cancel, .err = err,
              .total = gw_backup_manifest(reader)->plain_bytes};
    if (!gw_unpack_open(arena, folder, &unpack, err))
        return false;
    do {
        if (!give(&f, &data, &len) || !gw_unpack_take(unpack, data, len, err))
            return false;
    } while (len);
    return gw_unpack_end(unpack, err);
}

bool gw_dump_restore(gw_arena *arena, const gw_restore_run *run, gw_err *err)
{
    gw_client_target target;
    gw_proc_result result;
    const char *folder = NULL;
    const gw_manifest *manifest = gw_backup_manifest(run->reader);
    bool files = gw_dump_is_directory(manifest);
    flow f = {.reader = run->reader, .progress = run->progress, .cancel = run->cancel, .err = err,
              .total = manifest->plain_bytes};
    if (!gw_client_target_of(arena, run->conninfo, &target, err) ||
        (files && (!gw_spill_open(arena, run->directory, &folder, err) ||
                   !gw_dump_unpack(arena, run->reader, folder, run->cancel, run->progress, err))))
        return false;
    GW_VEC(const char *) argv = {0};
    const char *words[] = {run->client->path,
                           files && run->jobs ? gw_printf(arena, "--jobs=%u", run->jobs)
                                              : "--single-transaction",
                           "--exit-on-error", "--no-password",
                           gw_printf(arena, "--dbname=%s", target.dbname)};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        *gw_vec_push(arena, &argv) = words[i];
    if (strcmp(manifest->contents, "tables") == 0) {
        *gw_vec_push(arena, &argv) = "--section=pre-data";
        *gw_vec_push(arena, &argv) = "--section=data";
    }
    if (files) {
        *gw_vec_push(arena, &argv) = "--format=directory";
        *gw_vec_push(arena, &argv) = folder;
    }
    *gw_vec_push(arena, &argv) = NULL;
    gw_proc proc = {.argv = argv.items, .env = target.env, .unset = gw_client_secrets, .keep_output = true,
                    .give = files ? NULL : give, .self = &f, .cancel = run->cancel};
    if (!gw_proc_run(arena, &proc, &result, err) || f.failed)
        return false;
    if (gw_cancel_level(run->cancel) >= 2)
        return gw_err_set(err, GW_ERR_INTERRUPTED, "stopped");
    return !result.exit_code || gw_client_failed(arena, "pg_restore", &result, err);
}

/* ---- read to the end ------------------------------------------------------------------------------------ */

/* What pg_restore prints: statements, and rows between "COPY … FROM stdin;" and "\\.". */
typedef struct counting {
    flow flow;
    gw_buf line; /* of a statement: its beginning; of a row: no more than tells the end */
    size_t length;
    bool in_rows;
    gw_lines rows;
} counting;

enum { LINE_MOST = 64 * 1024 };

static void end_line(counting *c)
{
    static const char BEGINS[] = "COPY ", ENDS[] = " FROM stdin;";
    const char *line = gw_buf_str(&c->line);
    size_t len = c->line.len, end = sizeof ENDS - 1;
    if (c->in_rows && c->length == 2 && strcmp(line, "\\.") == 0) {
        c->in_rows = false;
        gw_lines_forget(&c->rows);
    } else if (c->in_rows) {
        gw_lines_end(&c->rows);
    } else {
        c->in_rows = strncmp(line, BEGINS, sizeof BEGINS - 1) == 0 && len > end &&
                     strcmp(line + len - end, ENDS) == 0;
    }
    gw_buf_clear(&c->line);
    c->length = 0;
}

static bool take_text(void *self, const void *data, size_t len)
{
    counting *c = self;
    const char *text = data;
    while (len) {
        const char *end = memchr(text, '\n', len);
        size_t part = end ? (size_t)(end - text) : len;
        size_t most = c->in_rows ? 4 : LINE_MOST, room = most > c->line.len ? most - c->line.len : 0;
        gw_buf_addn(&c->line, text, part < room ? part : room);
        c->length += part;
        if (c->in_rows)
            gw_lines_add(&c->rows, text, part);
        if (end)
            end_line(c);
        text += part + (end ? 1 : 0);
        len -= part + (end ? 1 : 0);
    }
    return true;
}

static bool give_bytes(void *self, const unsigned char **data, size_t *len)
{
    return give(&((counting *)self)->flow, data, len);
}

bool gw_dump_read_through(gw_arena *arena, const gw_client *client, gw_backup_reader *reader,
                          const gw_cancel *cancel, gw_lines_sum *rows, gw_err *err)
{
    static const gw_dump_progress nobody = {0};
    counting c = {.flow = {.reader = reader, .progress = &nobody, .cancel = cancel, .err = err},
                  .line = GW_BUF(arena)};
    const char *argv[] = {client->path, "--section=data", "--file=-", NULL};
    gw_proc_result result;
    gw_lines_start(&c.rows, arena);
    gw_proc proc = {.argv = argv, .unset = gw_client_secrets, .keep_output = true, .take = take_text,
                    .give = give_bytes, .self = &c, .cancel = cancel};
    if (!gw_proc_run(arena, &proc, &result, err) || c.flow.failed)
        return false;
    if (gw_cancel_level(cancel))
        return gw_err_set(err, GW_ERR_INTERRUPTED, "stopped");
    *rows = c.rows.sum;
    return !result.exit_code || gw_client_failed(arena, "pg_restore", &result, err);
}
