#include "schema/losses.h"

#include <inttypes.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "pg/query.h"
#include "schema/kinds/kinds.h"
#include "schema/misfit.h"
#include "sql/quote.h"
#include "sql_schema.h"

typedef struct finding {
    gw_arena *arena;
    const gw_schema_plan *plan;
    const gw_losses_options *options;
    gw_losses *out;
} finding;

const char *gw_loss_kind_name(gw_loss_kind kind)
{
    static const char *const names[] = {"dropped_table",    "dropped_column", "changed_type",
                                        "shortened_enum",   "not_null",       "removed_default",
                                        "truncated_table",  "deleted_rows",   "overwritten_column",
                                        "dropped_database", "unknown"};
    return names[kind];
}

/* ---- what a plan does -------------------------------------------------------------------------
 */

static const gw_object *original(const finding *f, const gw_object *object)
{
    return f->options && f->options->original ? f->options->original(f->options->self, object)
                                              : object;
}

static gw_loss *add(finding *f, gw_loss_kind kind, const gw_object *x, const char *condition)
{
    gw_loss *loss = gw_vec_push(f->arena, f->out);
    const gw_object *object = original(f, x);
    const gw_object *table = object->parent ? object->parent : object;
    *loss = (gw_loss){.kind = kind,
                      .object = object->key,
                      .of = object,
                      .table = table->ref,
                      .column = object->parent ? object->name : NULL,
                      .rows = -1};
    if (kind != GW_LOSS_DEFAULT)
        loss->count_sql =
            gw_printf(f->arena, "SELECT pg_catalog.count(*) AS n FROM %s%s%s", table->ref,
                      condition ? " WHERE " : "", condition ? condition : "");
    return loss;
}

static const char *column_sql(const finding *f, const gw_object *x)
{
    return gw_quote_ident(f->arena, original(f, x)->name);
}

static const char *not_null(const finding *f, const gw_object *x)
{
    return gw_printf(f->arena, "%s IS DISTINCT FROM NULL", column_sql(f, x));
}

static bool has_detail(const gw_change *change, const char *name)
{
    for (size_t i = 0; i < change->details.len; i++)
        if (strcmp(change->details.items[i], name) == 0)
            return true;
    return false;
}

static bool goes(const finding *f, const gw_object *x)
{
    for (size_t i = 0; i < f->plan->changes.len; i++)
        if (f->plan->changes.items[i].x == x)
            return f->plan->changes.items[i].loses;
    return false;
}

/* Rows and values of their own: not a foreign table's, not a partitioned one's (its partitions
 * have them), not what is computed or handed down. */
static bool has_rows(const gw_object *table)
{
    const char *sort = table->kind == &gw_kind_table ? gw_object_value(table, "sort") : NULL;
    return sort && *sort != 'f';
}

static void changed_type(finding *f, const gw_change *change)
{
    const char *x = gw_object_value(change->x, "type"), *y = gw_object_value(change->y, "type");
    const char *labels = NULL;
    if (gw_type_widens(x, y))
        return; /* the same name: a type that is made anew, see shortened_enum */
    for (size_t i = 0; i < change->y->needs.len; i++) {
        const gw_object *needed = change->y->needs.items[i].object;
        if (needed->kind == &gw_kind_enum && !strchr(y, '['))
            labels = gw_object_value(needed, "labels");
    }
    const char *c = column_sql(f, change->x);
    const char *condition = gw_type_misfit(f->arena, x, y, c, labels, f->plan->x->server_version);
    gw_loss *loss = add(f, GW_LOSS_TYPE, change->x, condition ? condition : not_null(f, change->x));
    loss->to = y;
    loss->unsure = !condition;
}

static void shortened_enum(finding *f, const gw_change *change)
{
    const char *x = gw_object_value(change->x, "labels"), *y = gw_object_value(change->y, "labels");
    if (!gw_labels_lack(y, x))
        return;
    for (size_t i = 0; i < change->x->needed_by.len; i++) {
        const gw_object *user = change->x->needed_by.items[i].object;
        if (user->kind != &gw_kind_column || !has_rows(user->parent))
            continue;
        const char *type = gw_object_value(user, "type"), *c = column_sql(f, user);
        const char *labels = y ? y : "NULL";
        add(f, GW_LOSS_ENUM, user,
            strchr(type, '[')
                ? gw_printf(f->arena, "NOT (%s::pg_catalog.text[] <@ ARRAY[%s]::pg_catalog.text[])",
                            c, labels)
                : gw_printf(f->arena, "%s::pg_catalog.text NOT IN (%s)", c, labels));
    }
}

static void find_in(finding *f, const gw_change *change)
{
    const gw_object *x = change->x, *y = change->y;
    if (!x)
        return;
    if (x->kind == &gw_kind_table) {
        if (change->loses && has_rows(x) && *gw_object_value(x, "sort") != 'p')
            add(f, GW_LOSS_TABLE, x, NULL);
    } else if (x->kind == &gw_kind_enum && y) {
        if (has_detail(change, "labels"))
            shortened_enum(f, change);
    } else if (x->kind == &gw_kind_column && has_rows(x->parent) && !goes(f, x->parent)) {
        if (change->loses) {
            if (!gw_object_value(x, "generated"))
                add(f, GW_LOSS_COLUMN, x, not_null(f, x));
        } else if (y) {
            if (has_detail(change, "type"))
                changed_type(f, change);
            bool now = has_detail(change, "not_null") || has_detail(change, "not_null_not_valid");
            if (now && gw_object_is(y, "not_null") && !gw_object_is(y, "not_null_not_valid"))
                add(f, GW_LOSS_NOT_NULL, x, gw_printf(f->arena, "%s IS NULL", column_sql(f, x)));
        }
    } else if (x->kind == &gw_kind_default && !y && !goes(f, x->parent)) {
        const gw_object *parent = gw_schema_find(f->plan->y, "table", x->parent->key);
        if (parent && gw_schema_find(f->plan->y, "column", x->key))
            add(f, GW_LOSS_DEFAULT, x, NULL);
    }
}

void gw_losses_find(gw_arena *arena, const gw_schema_plan *plan, const gw_losses_options *options,
                    gw_losses *out)
{
    finding f = {arena, plan, options, out};
    *out = (gw_losses){0};
    for (size_t i = 0; i < plan->changes.len; i++)
        find_in(&f, &plan->changes.items[i]);
}

/* ---- counting ------------------------------------------------------------------------------- */

typedef struct number {
    int64_t n;
} number;

static const gw_col number_cols[] = {{"n", GW_COL_INT, false, 0}};

/* Nothing that the session has of its own counts, and no row is kept from us unseen. */
static bool begin_counting(gw_session *session, gw_arena *scratch, int64_t left_ms, gw_err *err)
{
    return gw_session_begin(session, "repeatable read read only", err) &&
           gw_exec(session,
                   gw_printf(scratch,
                             "SET LOCAL search_path = pg_catalog; SET LOCAL row_security = off;"
                             " SET LOCAL statement_timeout = %" PRId64
                             "; SET LOCAL lock_timeout = %" PRId64,
                             left_ms, left_ms),
                   err);
}

static bool ask(gw_session *session, gw_arena *scratch, gw_loss *loss, const char *sql,
                int64_t left_ms, gw_err *err)
{
    gw_result result;
    number row;
    bool ok = begin_counting(session, scratch, left_ms, err) &&
              gw_query_text(session, scratch, "schema/losses", sql, NULL, 0, &result, err) &&
              gw_row(scratch, &result, number_cols, 1, &row, err);
    if (ok)
        loss->rows = row.n;
    gw_session_rollback(session);
    return ok;
}

/* A value that cannot be cast, or a type that is not there yet. */
static bool is_no_cast(const gw_err *err)
{
    return strncmp(err->sqlstate, "22", 2) == 0 || strncmp(err->sqlstate, "23", 2) == 0 ||
           strncmp(err->sqlstate, "42", 2) == 0;
}

static const char *why_estimated(const gw_err *problem)
{
    switch (problem->kind) {
    case GW_OK:
    case GW_ERR_CANCELED:
        return "counting took too long";
    case GW_ERR_LOCK:
        return "others hold a lock on it";
    case GW_ERR_PRIVILEGE:
        return "this role may not read all of its rows";
    default:
        return NULL;
    }
}

static bool estimate(gw_session *session, gw_arena *scratch, gw_loss *loss, gw_err *err)
{
    gw_param params[] = {gw_p_text(loss->table), gw_p_text(loss->column)};
    gw_result result;
    number row;
    loss->estimated = true;
    if (!gw_query(session, scratch, &gw_sql_loss_estimate, params, 2, &result, err) ||
        !gw_row(scratch, &result, number_cols, 1, &row, err))
        return false;
    /* 0 is what a table has that was never looked at. */
    loss->rows = row.n > 0 ? row.n : -1;
    return true;
}

static bool count_one(gw_session *session, gw_loss *loss, int64_t left_ms, gw_err *err)
{
    gw_arena *scratch = gw_arena_new();
    gw_err problem = {0};
    bool ok = left_ms > 0 && ask(session, scratch, loss, loss->count_sql, left_ms, &problem);
    if (!ok && loss->else_sql && is_no_cast(&problem) && problem.kind != GW_ERR_PRIVILEGE) {
        gw_err_clear(&problem);
        loss->unsure = true;
        ok = ask(session, scratch, loss, loss->else_sql, left_ms, &problem);
    }
    if (!ok) {
        loss->why_estimated = why_estimated(&problem);
        if (loss->why_estimated)
            ok = estimate(session, scratch, loss, err);
        else
            gw_err_move(err, &problem);
    }
    gw_err_clear(&problem);
    gw_arena_free(scratch);
    return ok;
}

typedef struct together {
    int64_t i, n;
} together;

/* Many at once, one round trip for all; where that fails (one is long, or locked) each is counted
 * by itself. *counted: those that are. */
static void count_together(gw_session *session, gw_losses *losses, size_t from, size_t to,
                           int64_t left_ms, bool *counted)
{
    static const gw_col cols[] = {{"i", GW_COL_INT, true, offsetof(together, i)},
                                  {"n", GW_COL_INT, true, offsetof(together, n)}};
    gw_arena *scratch = gw_arena_new();
    gw_buf sql = GW_BUF(scratch);
    gw_err problem = {0};
    gw_result result;
    together *rows;
    for (size_t i = from; i < to; i++)
        if (losses->items[i].count_sql && !losses->items[i].else_sql)
            gw_buf_addf(&sql, "%sSELECT %zu::pg_catalog.int8 AS i, (%s) AS n",
                        sql.len ? " UNION ALL " : "", i, losses->items[i].count_sql);
    if (sql.len && begin_counting(session, scratch, left_ms, &problem) &&
        gw_query_text(session, scratch, "schema/losses", gw_buf_str(&sql), NULL, 0, &result,
                      &problem) &&
        gw_rows(scratch, &result, cols, 2, sizeof *rows, (void **)&rows, &problem))
        for (size_t i = 0; i < result.rows; i++) {
            losses->items[rows[i].i].rows = rows[i].n;
            counted[rows[i].i] = true;
        }
    gw_session_rollback(session);
    gw_err_clear(&problem);
    gw_arena_free(scratch);
}

bool gw_losses_count(gw_session *session, gw_losses *losses, int64_t limit_ms, gw_err *err)
{
    enum { FEW = 3, AT_ONCE = 100, SHARE = 4 };
    int64_t began = gw_monotonic_us();
    gw_arena *scratch = gw_arena_new();
    bool *counted = gw_alloc_array(scratch, losses->len + 1, sizeof *counted);
    bool ok = true;
    memset(counted, 0, (losses->len + 1) * sizeof *counted);
    for (size_t i = 0; losses->len > FEW && i < losses->len; i += AT_ONCE) {
        int64_t left = limit_ms / SHARE - (gw_monotonic_us() - began) / 1000;
        size_t end = i + AT_ONCE < losses->len ? i + AT_ONCE : losses->len;
        if (left > 0)
            count_together(session, losses, i, end, left, counted);
    }
    for (size_t i = 0; ok && i < losses->len; i++) {
        gw_loss *loss = &losses->items[i];
        int64_t left = limit_ms - (gw_monotonic_us() - began) / 1000;
        ok = counted[i] || !loss->count_sql || count_one(session, loss, left, err);
    }
    gw_arena_free(scratch);
    return ok || gw_err_context(err, "counting what would be lost");
}

/* ---- what is said ------------------------------------------------------------------------------
 */

bool gw_loss_loses(const gw_loss *loss)
{
    switch (loss->kind) {
    case GW_LOSS_NOT_NULL:
    case GW_LOSS_DEFAULT:
    case GW_LOSS_OVERWRITTEN:
        return false;
    default:
        return !loss->accepted && (loss->rows != 0 || loss->estimated);
    }
}

bool gw_loss_fails(const gw_loss *loss)
{
    return loss->kind == GW_LOSS_NOT_NULL && loss->rows > 0 && !loss->estimated;
}

static const char *amount(gw_arena *arena, const gw_loss *loss, const char *what)
{
    if (loss->rows < 0)
        return gw_printf(arena, loss->estimated ? "nobody knows how many %ss" : "its %ss", what);
    return gw_printf(arena, "%s%" PRId64 " %s%s", loss->estimated ? "about " : "", loss->rows, what,
                     loss->rows == 1 ? "" : "s");
}

static const char *happens(gw_arena *arena, const gw_loss *loss)
{
    const char *key = loss->object;
    switch (loss->kind) {
    case GW_LOSS_TABLE:
        return gw_printf(arena, "table %s is dropped: %s", key, amount(arena, loss, "row"));
    case GW_LOSS_COLUMN:
        return gw_printf(arena, "column %s is dropped: %s", key, amount(arena, loss, "value"));
    case GW_LOSS_TYPE:
        return gw_printf(arena, "column %s becomes %s: %s%s", key, loss->to,
                         amount(arena, loss, "value"),
                         loss->unsure ? " may come out changed, or fail" : " would not fit");
    case GW_LOSS_ENUM:
        return gw_printf(arena, "column %s loses labels of its type: %s", key,
                         amount(arena, loss, "value"));
    case GW_LOSS_NOT_NULL:
        return gw_printf(arena, "column %s becomes NOT NULL: %s%s", key,
                         amount(arena, loss, "null"),
                         loss->unsure ? " now, unless the run fills them first" : "");
    case GW_LOSS_DEFAULT:
        return gw_printf(arena, "column %s loses its default", key);
    case GW_LOSS_TRUNCATED:
        return gw_printf(arena, "table %s is truncated: %s", key, amount(arena, loss, "row"));
    case GW_LOSS_DELETED:
        return gw_printf(arena, "%s of %s are deleted: %s%s", loss->some ? "rows" : "all rows", key,
                         loss->unsure ? "which ones is not known beforehand, at most " : "",
                         amount(arena, loss, "row"));
    case GW_LOSS_OVERWRITTEN:
        return gw_printf(arena, "column %s is overwritten%s: %s%s", key,
                         loss->by ? "" : " in every row", loss->unsure ? "at most " : "",
                         amount(arena, loss, "value"));
    case GW_LOSS_DATABASE:
        return gw_printf(arena, "database %s is dropped, with all that is in it", key);
    case GW_LOSS_UNKNOWN:
        return gw_printf(arena, "%s: what it drops or deletes cannot be known beforehand", key);
    }
    return key;
}

char *gw_loss_text(gw_arena *arena, const gw_loss *loss)
{
    return gw_printf(arena, "%s%s%s%s%s%s%s%s", happens(arena, loss), loss->by ? " (by " : "",
                     loss->by ? loss->by : "", loss->by ? ")" : "",
                     loss->why_estimated ? " (an estimate: " : "",
                     loss->why_estimated ? loss->why_estimated : "", loss->why_estimated ? ")" : "",
                     loss->only_observed ? " (seen in the shadow only: a function or a block does "
                                           "it, and up will not notice)"
                                         : "");
}
