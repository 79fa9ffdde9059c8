#include "schema/losses.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "pg/query.h"
#include "schema/kinds/kinds.h"
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
    static const char *const names[] = {"dropped_table",  "dropped_column", "changed_type",
                                        "shortened_enum", "not_null",       "removed_default"};
    return names[kind];
}

/* ---- what does not fit ---------------------------------------------------------------------- */

static bool starts(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

static bool one_of(const char *type, const char *const *types)
{
    for (; *types; types++)
        if (strcmp(type, *types) == 0)
            return true;
    return false;
}

static const char *const integers[] = {"smallint", "integer", "bigint", NULL};

static bool is_number(const char *type)
{
    static const char *const others[] = {"real", "double precision", NULL};
    return one_of(type, integers) || one_of(type, others) || starts(type, "numeric");
}

static bool is_text(const char *type)
{
    return strcmp(type, "text") == 0 || starts(type, "character varying") ||
           starts(type, "character(");
}

static long in_parentheses(const char *type, long otherwise)
{
    const char *open = strchr(type, '(');
    return open ? strtol(open + 1, NULL, 10) : otherwise;
}

static long scale_of(const char *type)
{
    const char *comma = strchr(type, ',');
    return comma ? strtol(comma + 1, NULL, 10) : 0;
}

/* Every value of x is one of y, and reads the same. */
static bool widens(const char *x, const char *y)
{
    if (strcmp(x, y) == 0 || strcmp(y, "text") == 0)
        return true;
    if (strcmp(y, "character varying") == 0)
        return is_text(x) || is_number(x);
    if (starts(x, "character varying(") && starts(y, "character varying("))
        return in_parentheses(x, 0) <= in_parentheses(y, 0);
    if (starts(x, "numeric(") && starts(y, "numeric("))
        return scale_of(x) <= scale_of(y) &&
               in_parentheses(x, 0) - scale_of(x) <= in_parentheses(y, 0) - scale_of(y);
    for (size_t i = 0; integers[i]; i++)
        for (size_t k = i + 1; strcmp(x, integers[i]) == 0 && integers[k]; k++)
            if (strcmp(y, integers[k]) == 0)
                return true;
    return (one_of(x, integers) && strcmp(y, "numeric") == 0) ||
           (starts(x, "numeric(") && strcmp(y, "numeric") == 0) ||
           (strcmp(x, "real") == 0 && strcmp(y, "double precision") == 0) ||
           (strcmp(x, "date") == 0 && starts(y, "timestamp")) ||
           (starts(x, "timestamp") && starts(y, "timestamp") && !strchr(y, '('));
}

static const char *integer_misfit(gw_arena *arena, const char *x, const char *y, const char *c)
{
    static const char *const least[] = {"-32768", "-2147483648", "-9223372036854775808"};
    static const char *const most[] = {"32767", "2147483647", "9223372036854775807"};
    size_t i = 0;
    while (strcmp(integers[i], y) != 0)
        i++;
    if (is_number(x))
        return gw_printf(arena,
                         "%s::pg_catalog.numeric NOT BETWEEN %s AND %s OR %s::pg_catalog.numeric"
                         " <> pg_catalog.trunc(%s::pg_catalog.numeric)",
                         c, least[i], most[i], c, c);
    if (is_text(x))
        return gw_printf(arena,
                         "CASE WHEN %s::pg_catalog.text ~ '^\\s*[-+]?[0-9]{1,20}\\s*$'"
                         " THEN %s::pg_catalog.text::pg_catalog.numeric NOT BETWEEN %s AND %s"
                         " ELSE true END",
                         c, c, least[i], most[i]);
    return NULL;
}

/* A condition on column c that holds where its value does not fit; NULL: not known. */
static const char *misfit(gw_arena *arena, const char *x, const char *y, const char *c,
                          const gw_object *y_enum, int version)
{
    if (y_enum && gw_object_value(y_enum, "labels"))
        return gw_printf(arena, "%s::pg_catalog.text NOT IN (%s)", c,
                         gw_object_value(y_enum, "labels"));
    if (starts(y, "character varying(") || starts(y, "character("))
        return gw_printf(arena, "pg_catalog.length(%s::pg_catalog.text) > %ld", c,
                         in_parentheses(y, 0));
    if (one_of(y, integers) && (is_number(x) || is_text(x)))
        return integer_misfit(arena, x, y, c);
    if (starts(y, "numeric(") && is_number(x))
        return gw_printf(arena,
                         "pg_catalog.abs(pg_catalog.round(%s::pg_catalog.numeric, %ld)) >= 10::"
                         "pg_catalog.numeric ^ %ld OR pg_catalog.round(%s::pg_catalog.numeric, %ld)"
                         " <> %s::pg_catalog.numeric",
                         c, scale_of(y), in_parentheses(y, 0) - scale_of(y), c, scale_of(y), c);
    if (strcmp(y, "date") == 0 && starts(x, "timestamp"))
        return gw_printf(arena,
                         "%s::pg_catalog.timestamp <> %s::pg_catalog.timestamp::pg_catalog.date", c,
                         c);
    if (version >= 160000 && is_text(x))
        return gw_printf(arena, "NOT pg_catalog.pg_input_is_valid(%s::pg_catalog.text, %s)", c,
                         gw_quote_literal(arena, y));
    return NULL;
}

/* ---- what a plan does ------------------------------------------------------------------------- */

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
                      .object = object,
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
    return gw_printf(f->arena, "%s IS NOT NULL", column_sql(f, x));
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
    const gw_object *y_enum = NULL;
    if (widens(x, y))
        return; /* the same name: a type that is made anew, see shortened_enum */
    for (size_t i = 0; i < change->y->needs.len; i++) {
        const gw_object *needed = change->y->needs.items[i].object;
        if (needed->kind == &gw_kind_enum && !strchr(y, '['))
            y_enum = needed;
    }
    const char *c = column_sql(f, change->x);
    const char *condition = misfit(f->arena, x, y, c, y_enum, f->plan->x->server_version);
    gw_loss *loss = add(f, GW_LOSS_TYPE, change->x,
                        condition ? condition : not_null(f, change->x));
    loss->to = y;
    loss->unsure = !condition;
}

/* A label that is a literal in one list and not in the other; the lists are as SQL has them. */
static bool lacks_label(const char *y, const char *x)
{
    for (const char *p = x ? x : ""; *p;) {
        const char *end = p + 1;
        bool escapes = *p == 'E';
        if (escapes)
            end++;
        while (*end && !(*end == '\'' && end[1] != '\''))
            end += *end == '\'' || (escapes && *end == '\\') ? 2 : 1;
        size_t len = (size_t)(end - p) + (*end ? 1 : 0);
        const char *found = y ? memmem(y, strlen(y), p, len) : NULL;
        if (!found)
            return true;
        p += len;
        p += strspn(p, ", ");
    }
    return false;
}

static void shortened_enum(finding *f, const gw_change *change)
{
    const char *x = gw_object_value(change->x, "labels"), *y = gw_object_value(change->y, "labels");
    if (!lacks_label(y, x))
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
            if (has_detail(change, "not_null") && gw_object_is(y, "not_null"))
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

static bool count_one(gw_session *session, gw_arena *scratch, gw_loss *loss, int64_t left_ms,
                      gw_err *err)
{
    gw_result result;
    number row;
    if (!gw_session_begin(session, "repeatable read read only", err))
        return false;
    bool ok = gw_exec(session,
                      gw_printf(scratch, "SET LOCAL statement_timeout = %" PRId64
                                         "; SET LOCAL lock_timeout = %" PRId64,
                                left_ms, left_ms),
                      err) &&
              gw_query_text(session, scratch, "schema/losses", loss->count_sql, NULL, 0, &result,
                            err) &&
              gw_row(scratch, &result, number_cols, 1, &row, err);
    if (ok)
        loss->rows = row.n;
    gw_session_rollback(session);
    return ok;
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
    loss->rows = row.n == GW_NULL_INT ? -1 : row.n;
    return true;
}

bool gw_losses_count(gw_session *session, gw_arena *arena, gw_losses *losses, int64_t limit_ms,
                     gw_err *err)
{
    int64_t began = gw_monotonic_us();
    bool ok = true;
    (void)arena;
    for (size_t i = 0; ok && i < losses->len; i++) {
        gw_loss *loss = &losses->items[i];
        gw_arena *scratch = gw_arena_new();
        int64_t left = limit_ms - (gw_monotonic_us() - began) / 1000;
        gw_err problem = {0};
        if (loss->count_sql &&
            (left <= 0 || !count_one(session, scratch, loss, left, &problem))) {
            bool slow = problem.kind == GW_OK || problem.kind == GW_ERR_CANCELED ||
                        problem.kind == GW_ERR_LOCK || problem.kind == GW_ERR_PRIVILEGE;
            ok = slow ? estimate(session, scratch, loss, err) : false;
            if (!slow)
                gw_err_move(err, &problem);
        }
        gw_err_clear(&problem);
        gw_arena_free(scratch);
    }
    return ok || gw_err_context(err, "counting what would be lost");
}

/* ---- what is said ------------------------------------------------------------------------------ */

bool gw_loss_loses(const gw_loss *loss)
{
    return loss->kind != GW_LOSS_NOT_NULL && loss->kind != GW_LOSS_DEFAULT &&
           (loss->rows != 0 || loss->estimated);
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

char *gw_loss_text(gw_arena *arena, const gw_loss *loss)
{
    const char *key = loss->object->key;
    const char *by = loss->estimated ? " (an estimate: counting took too long or was not allowed)"
                                     : "";
    switch (loss->kind) {
    case GW_LOSS_TABLE:
        return gw_printf(arena, "table %s is dropped: %s%s", key, amount(arena, loss, "row"), by);
    case GW_LOSS_COLUMN:
        return gw_printf(arena, "column %s is dropped: %s%s", key, amount(arena, loss, "value"),
                         by);
    case GW_LOSS_TYPE:
        return gw_printf(arena, "column %s becomes %s: %s%s%s", key, loss->to,
                         amount(arena, loss, "value"),
                         loss->unsure ? " may come out changed, or fail" : " would not fit", by);
    case GW_LOSS_ENUM:
        return gw_printf(arena, "column %s loses labels of its type: %s%s", key,
                         amount(arena, loss, "value"), by);
    case GW_LOSS_NOT_NULL:
        return gw_printf(arena, "column %s becomes NOT NULL: %s%s", key,
                         amount(arena, loss, "null"), by);
    case GW_LOSS_DEFAULT:
        return gw_printf(arena, "column %s loses its default", key);
    }
    return gw_strdup(arena, key);
}
