#include "migrate/attempt.h"

#include <string.h>

#include "sql/quote.h"

typedef struct key_range {
    const char *first, *last;
} key_range;

static bool read_range(gw_attempt *a, gw_arena *arena, key_range *out, gw_err *err)
{
    static const gw_col cols[] = {
        {"first", GW_COL_TEXT, false, offsetof(key_range, first)},
        {"last", GW_COL_TEXT, false, offsetof(key_range, last)},
    };
    const gw_batch_directive *said = &a->checked->script->directives.batch;
    const char *table = gw_quote_name(arena, said->schema, said->table);
    const char *key = gw_quote_ident(arena, said->key);
    gw_result result;
    char *sql = gw_printf(arena,
                          "SELECT (SELECT %s FROM %s WHERE %s IS NOT NULL ORDER BY 1 LIMIT 1)"
                          "::pg_catalog.text AS first,"
                          " (SELECT %s FROM %s WHERE %s IS NOT NULL ORDER BY 1 DESC LIMIT 1)"
                          "::pg_catalog.text AS last",
                          key, table, key, key, table, key);
    return (gw_query_text(a->runner.work, arena, "batch range", sql, NULL, 0, &result, err) &&
            gw_row(arena, &result, cols, 2, out, err)) ||
           gw_err_at(err, a->checked->script->path, said->line, 1);
}

/* A batch's statement has the bounds of a range as parameters. */
static bool run_batch(gw_attempt *a, gw_arena *arena, const gw_statement *s, gw_err *err)
{
    key_range range = {0};
    gw_result result;
    if (!read_range(a, arena, &range, err))
        return false;
    if (!range.first && !a->without_rows)
        return true;
    gw_param bounds[] = {gw_p_text(range.first), gw_p_text(range.last)};
    char *text = gw_strndup(arena, s->text, s->len);
    if (gw_query_text(a->runner.work, arena, "migrate/batch", text, bounds, 2, &result, err))
        return true;
    gw_statement_place(s, a->checked->script->path, err);
    return false;
}

bool gw_attempt_statement(gw_attempt *a, gw_arena *arena, gw_statements *statements,
                          const gw_statement *s, const char **left_out, gw_err *err)
{
    gw_gate_outcome outcome;
    gw_reach_verdict verdict;
    if (!gw_gate_pass(a->shadow, a->runner.work, arena, s->text, s->len, &outcome, &verdict, err)) {
        if (!err->file)
            gw_statement_place(s, a->checked->script->path, err);
        return false;
    }
    if (outcome == GW_GATE_LEFT_OUT && left_out)
        *left_out = gw_printf(arena, "%s: %s", verdict.statement, verdict.reason);
    if (outcome != GW_GATE_RUN)
        return true;
    return a->checked->script->directives.batch.table
               ? run_batch(a, arena, s, err)
               : gw_run_statement(&a->runner, statements, s, a->checked, err);
}

static char *missing(gw_arena *arena, const gw_err *problem, const char *before)
{
    static const char after[] = "\" does not exist";
    const char *from = problem->message, *to;
    if (!from || strncmp(from, before, strlen(before)) != 0)
        return NULL;
    from += strlen(before);
    to = strstr(from, after);
    return to && !to[strlen(after)] ? gw_strndup(arena, from, (size_t)(to - from)) : NULL;
}

char *gw_attempt_missing_role(gw_arena *arena, const gw_err *problem)
{
    return missing(arena, problem, "role \"");
}

char *gw_attempt_missing_tablespace(gw_arena *arena, const gw_err *problem)
{
    return missing(arena, problem, "tablespace \"");
}
