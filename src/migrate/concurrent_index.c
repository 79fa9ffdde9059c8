#include "migrate/concurrent_index.h"

#include <string.h>

#include "base/clock.h"
#include "pg/blockers.h"
#include "sql/quote.h"
#include "sql/tree.h"
#include "sql_migrate.h"

/* A build that ends between two samples of one look is seen by the next. */
enum { POLL_MS = 200, LOOKS = 3 };

static const gw_col index_cols[] = {
    {"id", GW_COL_INT, true, offsetof(gw_found_index, id)},
    {"schema", GW_COL_TEXT, true, offsetof(gw_found_index, schema)},
    {"name", GW_COL_TEXT, true, offsetof(gw_found_index, name)},
    {"valid", GW_COL_BOOL, true, offsetof(gw_found_index, valid)},
    {"on_table", GW_COL_TEXT, true, offsetof(gw_found_index, on_table)},
    {"same_table", GW_COL_BOOL, true, offsetof(gw_found_index, same_table)},
    {"definition", GW_COL_TEXT, false, offsetof(gw_found_index, definition)}, /* dropped meanwhile */
};

static bool find(gw_runner *r, gw_arena *arena, const gw_sql *sql, const gw_param *params,
                 size_t count, size_t cols, gw_found_indexes *out, gw_err *err)
{
    gw_result result;
    void *items = NULL;
    if (!gw_query(r->work, arena, sql, params, count, &result, err) ||
        !gw_rows(arena, &result, index_cols, cols, sizeof *out->items, &items, err))
        return false;
    *out = (gw_found_indexes){items, result.rows};
    return true;
}

/* Quoted "schema"."table" of the statement, or NULL. */
static char *table_name(gw_arena *arena, const gw_stmt_class *c)
{
    return c->table ? gw_quote_name(arena, c->table_schema, c->table) : NULL;
}

static char *own_name(gw_arena *arena, const gw_stmt_class *c)
{
    return c->name ? gw_quote_name(arena, c->schema, c->name) : NULL;
}

bool gw_index_find(gw_runner *r, gw_arena *arena, const gw_stmt_class *c, const char *before,
                   gw_found_indexes *out, gw_err *err)
{
    const size_t all = sizeof index_cols / sizeof *index_cols;
    bool create = c->kind == GW_STMT_CREATE_INDEX;
    if (create && !c->name) {
        gw_param params[] = {gw_p_text(table_name(arena, c)), gw_p_text(before ? before : "")};
        return find(r, arena, &gw_sql_index_new, params, 2, all, out, err);
    }
    gw_param params[] = {gw_p_text(create ? table_name(arena, c) : NULL),
                         gw_p_text(create ? c->name : NULL),
                         gw_p_text(create ? NULL : own_name(arena, c))};
    return find(r, arena, &gw_sql_index_state, params, 3, all, out, err);
}

/* Of an index or a table, or of all that a REINDEX SCHEMA or DATABASE went through. */
bool gw_index_find_leftovers(gw_runner *r, gw_arena *arena, const gw_stmt_class *c,
                             gw_found_indexes *out, gw_err *err)
{
    const char *object = c->object ? c->object : "INDEX";
    bool index = strcmp(object, "INDEX") == 0, table = strcmp(object, "TABLE") == 0;
    bool schema = strcmp(object, "SCHEMA") == 0;
    gw_param params[] = {
        gw_p_text(table ? own_name(arena, c) : NULL), gw_p_text(index ? own_name(arena, c) : NULL),
        gw_p_text(schema ? c->name : NULL), gw_p_bool(!index && !table && !schema)};
    return find(r, arena, &gw_sql_index_leftovers, params, 4, 3, out, err);
}

bool gw_index_list(gw_runner *r, gw_arena *arena, const gw_stmt_class *c, const char **out,
                   gw_err *err)
{
    struct {
        const char *oids;
    } row = {NULL};
    static const gw_col cols[] = {{"oids", GW_COL_TEXT, false, 0}};
    gw_result result;
    gw_param param = gw_p_text(table_name(arena, c));
    if (!gw_query(r->work, arena, &gw_sql_index_list, &param, 1, &result, err) ||
        !gw_row(arena, &result, cols, 1, &row, err))
        return false;
    *out = row.oids;
    return true;
}

/* ---- what it says ------------------------------------------------------------------------- */

static bool same_text(const char *a, const char *b)
{
    return strcmp(a ? a : "", b ? b : "") == 0;
}

/* Wherever it stands in its text. */
static bool same_tree(const gw_node *a, const gw_node *b)
{
    if (!a || !b)
        return a == b;
    if (a->kind != b->kind || !same_text(a->key, b->key) || !same_text(a->type, b->type) ||
        !same_text(a->text, b->text) ||
        (a->number != b->number && !same_text(a->key, "location")))
        return false;
    for (a = a->child, b = b->child; a && b; a = a->next, b = b->next)
        if (!same_tree(a, b))
            return false;
    return a == b;
}

static bool same_field(const gw_node *a, const gw_node *b, const char *key)
{
    return same_tree(gw_node_get(a, key), gw_node_get(b, key));
}

static bool descends(const gw_node *key)
{
    return gw_node_says(key, "ordering", "SORTBY_DESC");
}

static bool nulls_first(const gw_node *key)
{
    return gw_node_says(key, "nulls_ordering", "SORTBY_NULLS_FIRST") ||
           (descends(key) && !gw_node_says(key, "nulls_ordering", "SORTBY_NULLS_LAST"));
}

static gw_likeness compare_keys(const gw_node *a, const gw_node *b)
{
    gw_likeness likeness = GW_LIKENESS_SAME;
    if (gw_node_count(a) != gw_node_count(b))
        return GW_LIKENESS_OTHER;
    for (size_t i = 0; i < gw_node_count(a); i++) {
        const gw_node *x = gw_node_at(a, i), *y = gw_node_at(b, i);
        const char *one = gw_node_text(x, "name"), *two = gw_node_text(y, "name");
        if ((one && two && strcmp(one, two) != 0) || descends(x) != descends(y) ||
            nulls_first(x) != nulls_first(y))
            return GW_LIKENESS_OTHER;
        if (!one != !two || !same_field(x, y, "expr") || !same_field(x, y, "collation") ||
            !same_field(x, y, "opclass") || !same_field(x, y, "opclassopts"))
            likeness = GW_LIKENESS_DOUBT;
    }
    return likeness;
}

static const char *method(const gw_node *index)
{
    const char *said = gw_node_text(index, "accessMethod");
    return said ? said : "btree";
}

static gw_likeness compare(const gw_node *a, const gw_node *b)
{
    gw_likeness keys =
        compare_keys(gw_node_get(a, "indexParams"), gw_node_get(b, "indexParams"));
    gw_likeness more = compare_keys(gw_node_get(a, "indexIncludingParams"),
                                    gw_node_get(b, "indexIncludingParams"));
    if (keys == GW_LIKENESS_OTHER || more == GW_LIKENESS_OTHER ||
        gw_node_true(a, "unique") != gw_node_true(b, "unique") ||
        gw_node_true(a, "nulls_not_distinct") != gw_node_true(b, "nulls_not_distinct") ||
        strcmp(method(a), method(b)) != 0 ||
        !gw_node_get(a, "whereClause") != !gw_node_get(b, "whereClause"))
        return GW_LIKENESS_OTHER;
    bool same = keys == GW_LIKENESS_SAME && more == GW_LIKENESS_SAME &&
                same_field(a, b, "whereClause") && same_field(a, b, "options") &&
                same_field(a, b, "tableSpace");
    return same ? GW_LIKENESS_SAME : GW_LIKENESS_DOUBT;
}

gw_likeness gw_index_likeness(gw_arena *arena, const gw_statement *statement,
                              const gw_found_index *index)
{
    gw_err ignored = {0};
    const gw_node *a = NULL, *b = NULL;
    if (!index->same_table)
        return GW_LIKENESS_OTHER;
    if (index->definition)
        a = gw_tree_parse(arena, statement->text, statement->len, &ignored);
    if (a)
        b = gw_tree_parse(arena, index->definition, strlen(index->definition), &ignored);
    gw_err_clear(&ignored);
    return gw_node_is(a, "IndexStmt") && gw_node_is(b, "IndexStmt") ? compare(a, b)
                                                                   : GW_LIKENESS_DOUBT;
}

/* ---- who is at it -------------------------------------------------------------------------- */

typedef struct index_look {
    bool there, valid;
    int64_t pid;        /* GW_NULL_INT: nobody */
    const char *query;  /* NULL where this role may not see it, as the next */
    int64_t running_ms;
} index_look;

static bool look_at(gw_runner *r, gw_arena *arena, const gw_found_index *index, index_look *out,
                    gw_err *err)
{
    static const gw_col cols[] = {
        {"valid", GW_COL_BOOL, true, offsetof(index_look, valid)},
        {"pid", GW_COL_INT, false, offsetof(index_look, pid)},
        {"query", GW_COL_TEXT, false, offsetof(index_look, query)},
        {"running_ms", GW_COL_INT, false, offsetof(index_look, running_ms)},
    };
    gw_result result = {0};
    gw_param param = gw_p_int(index->id);
    *out = (index_look){.pid = GW_NULL_INT, .running_ms = GW_NULL_INT};
    if (!gw_query(r->work, arena, &gw_sql_index_worker, &param, 1, &result, err))
        return false;
    out->there = result.rows > 0;
    return !out->there || gw_row(arena, &result, cols, 4, out, err);
}

static const char *worker_text(gw_arena *arena, const index_look *look)
{
    const char *since = "", *query = "";
    if (look->running_ms != GW_NULL_INT)
        since = gw_printf(arena, ", for %s", gw_duration_human(arena, look->running_ms));
    if (look->query)
        query = gw_printf(arena, ": %s", gw_query_start(arena, look->query));
    return gw_printf(arena, "pid %lld%s%s", (long long)look->pid, since, query);
}

static bool held(gw_arena *arena, const gw_found_index *index, const index_look *look,
                 int64_t waited_ms, gw_err *err)
{
    gw_err_set(err, GW_ERR_BUSY, "another session is still at work on index %s",
               gw_display_name(arena, index->schema, index->name));
    gw_err_detail(err, "%s; waited %s", worker_text(arena, look),
                  gw_duration_human(arena, waited_ms));
    return gw_err_hint(err,
                       "wait for it (--wait 5min), or end it: SELECT pg_terminate_backend(%lld)",
                       (long long)look->pid);
}

static void say_waiting(gw_runner *r, gw_arena *arena, const gw_checked *checked,
                        const gw_found_index *index, const index_look *look)
{
    gw_see(r, GW_PROGRESS_WARNING, checked, 0, 0,
           gw_printf(arena, "another session is still at work on index %s: waiting for it (%s)",
                     gw_display_name(arena, index->schema, index->name),
                     worker_text(arena, look)));
}

/* *pause: it is held, and may be looked at again. */
static bool judge(gw_runner *r, gw_arena *scratch, const gw_checked *checked,
                  const gw_found_index *index, int64_t waited_ms, unsigned *looks, bool *said,
                  gw_fate *out, bool *pause, gw_err *err)
{
    index_look look;
    *pause = false;
    if (!look_at(r, scratch, index, &look, err))
        return false;
    *out = !look.there ? GW_FATE_GONE : look.valid ? GW_FATE_VALID : GW_FATE_LEFT;
    if (*out != GW_FATE_LEFT)
        return true;
    if (look.pid == GW_NULL_INT) {
        ++*looks;
        return true;
    }
    *looks = 0;
    *out = GW_FATE_HELD;
    if (!checked)
        return true;
    if (waited_ms >= r->wait_ms)
        return held(scratch, index, &look, waited_ms, err);
    if (!*said)
        say_waiting(r, scratch, checked, index, &look);
    return *said = *pause = true;
}

bool gw_index_fate(gw_runner *r, const gw_checked *checked, const gw_found_index *index,
                   gw_fate *out, gw_err *err)
{
    int64_t began = gw_monotonic_us();
    gw_arena *scratch = gw_arena_new();
    bool ok = true, said = false, pause = false;
    unsigned looks = 0;
    do {
        int64_t waited = (gw_monotonic_us() - began) / 1000, left = r->wait_ms - waited;
        gw_arena_reset(scratch);
        ok = judge(r, scratch, checked, index, waited, &looks, &said, out, &pause, err);
        if (ok && pause && !gw_sleep_ms(left < POLL_MS ? left : POLL_MS, r->cancel))
            ok = gw_err_set(err, GW_ERR_INTERRUPTED,
                            "stopped while waiting for another session's work on an index");
    } while (ok && (pause || (*out == GW_FATE_LEFT && looks < LOOKS)));
    gw_arena_free(scratch);
    return ok;
}

/* ---- what is done about it ------------------------------------------------------------------ */

bool gw_index_drop(gw_runner *r, gw_arena *arena, const gw_found_index *index, gw_err *err)
{
    char *sql = gw_printf(arena, "DROP INDEX CONCURRENTLY IF EXISTS %s",
                          gw_quote_name(arena, index->schema, index->name));
    gw_lock_watch_begin(r->watch, gw_session_backend_pid(r->work));
    bool ok = gw_exec(r->work, sql, err);
    gw_lock_watch_end(r->watch);
    if (!ok)
        return gw_err_context(err, "while dropping index %s, which a build left INVALID",
                              gw_display_name(arena, index->schema, index->name));
    gw_log_write(r->log, GW_LOG_WARNING, r->span,
                 "the index that a build left INVALID when it ended is dropped",
                 GW_FIELDS(GW_TEXT("schema", index->schema), GW_TEXT("index", index->name)));
    return true;
}

static bool refuse(gw_arena *arena, const gw_statement *statement, const gw_checked *checked,
                   const gw_found_index *index, gw_likeness likeness, gw_err *err)
{
    const char *name = gw_quote_name(arena, index->schema, index->name);
    const char *why = !index->same_table ? "it is on another table than the statement's"
                      : likeness == GW_LIKENESS_OTHER
                          ? "it is not what the statement makes"
                          : "whether it is what the statement makes cannot be told";
    gw_err_set(err, GW_ERR_STATE, "an INVALID index %s is in the way, on table %s",
               gw_display_name(arena, index->schema, index->name), index->on_table);
    gw_err_detail(err, "a build left it when it ended; %s: %s", why,
                  index->definition ? index->definition : name);
    gw_statement_place(statement, checked->script->path, err);
    return gw_err_hint(err,
                       "where nobody needs it: DROP INDEX CONCURRENTLY %s; else build it anew "
                       "(REINDEX INDEX CONCURRENTLY) and give this one another name",
                       name);
}

bool gw_index_clear_way(gw_runner *r, gw_arena *arena, const gw_statement *statement,
                        const gw_checked *checked, gw_err *err)
{
    gw_found_indexes found;
    gw_fate fate;
    if (!statement->kind.name)
        return true;
    if (!gw_index_find(r, arena, &statement->kind, NULL, &found, err))
        return false;
    if (!found.len || found.items[0].valid)
        return true;
    const gw_found_index *index = &found.items[0];
    if (!gw_index_fate(r, checked, index, &fate, err))
        return false;
    if (fate != GW_FATE_LEFT)
        return true; /* the server has its say about a valid one */
    gw_likeness likeness = gw_index_likeness(arena, statement, index);
    if (likeness != GW_LIKENESS_SAME)
        return refuse(arena, statement, checked, index, likeness, err);
    return gw_index_drop(r, arena, index, err);
}

void gw_index_say_taken(gw_runner *r, gw_arena *arena, const gw_statement *statement, gw_err *err)
{
    gw_found_indexes found = {0};
    gw_err ignored = {0};
    if (gw_index_find(r, arena, &statement->kind, NULL, &found, &ignored) && found.len) {
        const gw_found_index *index = &found.items[0];
        gw_err_detail(err, "index %s is on %stable %s%s: %s",
                      gw_display_name(arena, index->schema, index->name),
                      index->same_table ? "" : "another ", index->on_table,
                      index->valid ? "" : " and INVALID", index->definition ? index->definition : "");
        if (index->same_table)
            gw_err_hint(err, "where it is the one that is meant: CREATE INDEX %sIF NOT EXISTS; else "
                             "drop it or choose another name",
                        statement->kind.concurrently ? "CONCURRENTLY " : "");
        else
            gw_err_hint(err, "an index's name is its schema's: choose another one");
    }
    gw_err_clear(&ignored);
}
