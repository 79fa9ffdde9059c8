/* What the servers say of the SQL in a mapping: expressions, constants, conditions. */
#include <string.h>

#include "sql/quote.h"
#include "sql/tree.h"
#include "sql_source.h"
#include "sync/checker.h"

/* ---- what an expression asks beside its row -------------------------------------------------- */

typedef struct calls {
    gw_arena *arena;
    GW_VEC(const char *) schemas;
    GW_VEC(const char *) names;
    const char *clock; /* CURRENT_DATE and its kin */
    bool tables;       /* another table, or a sub-query */
    GW_VEC(const char *) columns;
} calls;

static bool collect(void *self, const gw_node *node)
{
    calls *c = self;
    if (gw_node_is(node, "FuncCall")) {
        const char *schema = NULL, *name = NULL;
        gw_node_names(gw_node_get(node, "funcname"), &schema, &name);
        *gw_vec_push(c->arena, &c->schemas) = schema ? schema : "";
        *gw_vec_push(c->arena, &c->names) = name ? name : "";
    } else if (gw_node_is(node, "SQLValueFunction")) {
        c->clock = "the clock or the session";
    } else if (gw_node_is(node, "SubLink") || gw_node_is(node, "RangeVar")) {
        c->tables = true;
    } else if (gw_node_is(node, "ColumnRef")) {
        const char *table = NULL, *name = NULL;
        gw_node_names(gw_node_get(node, "fields"), &table, &name);
        if (name)
            *gw_vec_push(c->arena, &c->columns) = name;
    }
    return true;
}

static bool calls_of(gw_arena *arena, const char *expression, calls *out)
{
    gw_err ignored = {0};
    const char *text = gw_printf(arena, "SELECT (%s\n)", expression);
    const gw_node *tree = gw_tree_parse(arena, text, strlen(text), &ignored);
    *out = (calls){.arena = arena};
    gw_err_clear(&ignored);
    if (tree)
        gw_node_walk(tree, collect, out);
    return tree != NULL;
}

typedef struct function_row {
    int64_t place;
    const char *volatility, *least; /* of the functions of this name */
} function_row;

/* What the server says of the functions that are called. */
static bool functions_of(gw_session *session, gw_arena *arena, const calls *found,
                         function_row **rows, size_t *count, gw_err *err)
{
    static const gw_col cols[] = {
        {"place", GW_COL_INT, true, offsetof(function_row, place)},
        {"volatility", GW_COL_TEXT, true, offsetof(function_row, volatility)},
        {"least", GW_COL_TEXT, true, offsetof(function_row, least)},
    };
    gw_result result;
    void *data;
    gw_param params[] = {
        gw_p_text(gw_quote_array(arena, found->schemas.items, found->schemas.len)),
        gw_p_text(gw_quote_array(arena, found->names.items, found->names.len))};
    if (!gw_query(session, arena, &gw_sql_source_functions, params, 2, &result, err) ||
        !gw_rows(arena, &result, cols, 3, sizeof(function_row), &data, err))
        return false;
    *rows = data;
    *count = result.rows;
    return true;
}

/* The planner draws conclusions from immutable expressions alone: where it finds that this one
 * cannot be NULL and not NULL at once, it is one. OFFSET 0 keeps the condition on one relation
 * whatever `from` is. Nothing is run, and a role that may only read may ask. */
static bool planned_as_immutable(gw_session *session, gw_arena *arena, const char *from,
                                 const char *alias, const char *text, bool *out, gw_err *err)
{
    static const gw_col cols[] = {{"QUERY PLAN", GW_COL_TEXT, true, 0}};
    gw_result result;
    gw_err problem = {0};
    void *data = NULL;
    *out = false;
    if (!gw_session_begin(session, "repeatable read read only", err))
        return false;
    const char *query = gw_printf(arena,
                                  "EXPLAIN (COSTS OFF) SELECT FROM (SELECT * FROM %s OFFSET 0) %s "
                                  "WHERE (%s\n) IS NULL AND (%s\n) IS NOT NULL",
                                  from, alias, text, text);
    bool ok = gw_exec(session, "SET LOCAL constraint_exclusion = on", &problem) &&
              gw_pg_user_names(session, true, &problem) &&
              gw_query_text(session, arena, "the plan of an expression", query, NULL, 0, &result,
                            &problem) &&
              gw_rows(arena, &result, cols, 1, sizeof(char *), &data, &problem);
    gw_session_rollback(session);
    if (ok && result.rows >= 2) {
        const char **lines = data;
        *out = strcmp(lines[0], "Result") == 0 &&
               strcmp(lines[1] + strspn(lines[1], " "), "One-Time Filter: false") == 0;
    }
    if (ok || (problem.sqlstate[0] && !gw_session_lost(session) &&
               problem.kind != GW_ERR_CANCELED && problem.kind != GW_ERR_INTERRUPTED)) {
        gw_err_clear(&problem); /* a role that may not read every column: it stays unknown */
        return true;
    }
    gw_err_move(err, &problem);
    return false;
}

/* Those of the functions that are not immutable. Of a name that has both sorts the server says
 * whether the sort that is used is. */
static bool mutable_functions(gw_session *session, gw_arena *arena, const char *from,
                              const char *alias, const char *text, const calls *found,
                              function_row **rows, size_t *count, gw_err *err)
{
    size_t certain = 0, both = 0, all;
    bool immutable;
    if (!functions_of(session, arena, found, rows, &all, err))
        return false;
    for (size_t i = 0; i < all; i++) {
        certain += *(*rows)[i].least != 'i';
        both += *(*rows)[i].least == 'i' && *(*rows)[i].volatility != 'i';
    }
    *count = 0;
    if (certain + both == 0)
        return true;
    if (!certain) {
        if (!planned_as_immutable(session, arena, from, alias, text, &immutable, err))
            return false;
        if (immutable)
            return true;
    }
    for (size_t i = 0; i < all; i++)
        if (certain ? *(*rows)[i].least != 'i' : *(*rows)[i].volatility != 'i')
            (*rows)[(*count)++] = (*rows)[i];
    return true;
}

/* A function that is not immutable, other tables, the clock: a later run may see another value
 * though the row is the same, and no detection notices. */
static bool flag_mutable(gw_checker *c, gw_session *session, const char *from, const char *alias,
                         const gw_said *said, gw_err *err)
{
    calls found;
    function_row *rows;
    size_t count;
    if (!calls_of(c->arena, said->text, &found))
        return true;
    if (found.tables)
        gw_find(c, false, said->line, said->col,
                "this reads other tables: when they change, the rows that are here already do not");
    if (found.clock)
        gw_find(c, false, said->line, said->col,
                "this asks %s: it gives another value each time, which no detection sees",
                found.clock);
    if (!mutable_functions(session, c->arena, from, alias, said->text, &found, &rows, &count, err))
        return false;
    for (size_t i = 0; i < count; i++)
        gw_find(c, false, said->line, said->col,
                *rows[i].volatility == 'v' && *rows[i].least == 'v'
                    ? "%s() is volatile: it may give another value each time, which no "
                      "detection sees"
                    : "%s() is not immutable: what it gives may change though the row does not",
                found.names.items[rows[i].place - 1]);
    return true;
}

bool gw_sql_moves(gw_session *source, gw_arena *arena, const char *from, const char *text,
                  const char **why, gw_err *err)
{
    calls found;
    function_row *rows;
    size_t count;
    *why = NULL;
    if (!calls_of(arena, text, &found))
        *why = "it cannot be read by this Godwit";
    else if (found.tables)
        *why = "it reads other tables";
    else if (found.clock)
        *why = gw_printf(arena, "it asks %s", found.clock);
    if (*why)
        return true;
    if (!mutable_functions(source, arena, from, "s", text, &found, &rows, &count, err))
        return false;
    for (size_t i = 0; i < count; i++)
        *why = gw_printf(arena, "%s() is not immutable", found.names.items[rows[i].place - 1]);
    return true;
}

/* ---- expressions ----------------------------------------------------------------------------- */

/* The problem at its place in the mapping; `lead` characters stand before the text. */
static void place_problem(gw_checker *c, const gw_said *said, size_t lead, const char *what,
                          const gw_err *problem)
{
    unsigned line, col;
    size_t at = problem->position > lead + 1 ? problem->position - lead - 1 : 0;
    gw_mapping_place(c->mapping, said, at, &line, &col);
    gw_find(c, true, line, col, "%s: %s", what, problem->message);
    if (problem->hint)
        gw_finding_hint(c, "%s", problem->hint);
}

bool gw_check_expression(gw_checker *c, const gw_map_field *field, gw_source_type *type, bool *known,
                         gw_err *err)
{
    static const char lead[] = "SELECT (";
    gw_source_relation described;
    gw_err problem = {0};
    const char *text = gw_printf(c->arena, "%s%s\n) AS v FROM %s", lead, field->sql.text,
                                 gw_source_from(c));
    gw_tried how = gw_try_describe(c, c->source->session, text, &described, &problem, err);
    *known = how == GW_TRIED_OK;
    if (*known)
        *type = described.columns[0].type;
    if (how == GW_TRIED_WRONG)
        place_problem(c, &field->sql, strlen(lead),
                      gw_printf(c->arena, "the sql of \"%s\"", field->to.text), &problem);
    gw_err_clear(&problem);
    return how != GW_TRIED_FAILED &&
           (!*known ||
            flag_mutable(c, c->source->session, gw_source_from(c), "s", &field->sql, err));
}

/* ---- constants --------------------------------------------------------------------------------- */

/* Run on the destination: does its type take this text? */
static bool check_constant(gw_checker *c, const gw_said *said, const char *what,
                           const gw_source_column *to, gw_err *err)
{
    gw_result result;
    gw_err problem = {0};
    if (!said->text)
        return true;
    const char *text = gw_printf(c->arena, "SELECT %s::%s",
                                 gw_quote_literal(c->arena, said->text), to->type.type);
    gw_tried how = gw_try_query(c, c->destination, text, &result, &problem, err);
    if (how == GW_TRIED_WRONG)
        gw_find(c, true, said->line, said->col, "%s of \"%s\": %s", what, to->name,
                problem.message);
    gw_err_clear(&problem);
    return how != GW_TRIED_FAILED;
}

bool gw_check_constants(gw_checker *c, const gw_map_field *field, const gw_source_column *to,
                        gw_err *err)
{
    if (field->kind == GW_FIELD_VALUE && !field->value.text && to->not_null)
        gw_find(c, true, field->value.line, field->value.col, "\"%s\" is NOT NULL", to->name);
    return check_constant(c, &field->default_value, "the default", to, err) &&
           check_constant(c, &field->value, "the value", to, err);
}

/* ---- rules --------------------------------------------------------------------------------------- */

static bool check_pattern(gw_checker *c, const gw_rule_said *rule, gw_err *err)
{
    gw_result result;
    gw_err problem = {0};
    const char *text = gw_printf(c->arena, "SELECT '' ~ %s",
                                 gw_quote_literal(c->arena, rule->pattern.text));
    gw_tried how = gw_try_query(c, c->destination, text, &result, &problem, err);
    if (how == GW_TRIED_WRONG)
        gw_find(c, true, rule->pattern.line, rule->pattern.col, "the pattern: %s", problem.message);
    gw_err_clear(&problem);
    return how != GW_TRIED_FAILED;
}

/* The condition sees the fields of this mapping, under the destination's types. */
static bool check_condition(gw_checker *c, const gw_rule_said *rule, gw_err *err)
{
    static const char lead[] = "SELECT (";
    gw_source_relation described;
    gw_err problem = {0};
    const gw_mapping *m = c->mapping;
    const char *text =
        gw_printf(c->arena, "%s%s\n) AS v FROM %s d", lead, rule->sql.text,
                  gw_mapping_table_sql(c->arena, &m->destination.table));
    gw_tried how = gw_try_describe(c, c->destination, text, &described, &problem, err);
    if (how == GW_TRIED_WRONG)
        place_problem(c, &rule->sql, strlen(lead), "the condition of a rule", &problem);
    gw_err_clear(&problem);
    if (how != GW_TRIED_OK)
        return how != GW_TRIED_FAILED;
    if (strcmp(described.columns[0].type.base_type, "boolean") != 0)
        gw_find(c, true, rule->sql.line, rule->sql.col,
                "the condition of a rule gives %s, not true or false",
                described.columns[0].type.type);
    calls found;
    if (calls_of(c->arena, rule->sql.text, &found) && !found.tables)
        for (size_t i = 0; i < found.columns.len; i++)
            if (gw_source_column_of(&c->entity->destination, found.columns.items[i]) &&
                !gw_mapping_field(m, found.columns.items[i]))
                gw_find(c, true, rule->sql.line, rule->sql.col,
                        "no field of this mapping goes to \"%s\"", found.columns.items[i]);
    return flag_mutable(c, c->destination, gw_mapping_table_sql(c->arena, &m->destination.table),
                        "d", &rule->sql, err);
}

bool gw_check_rules(gw_checker *c, gw_err *err)
{
    const gw_mapping *m = c->mapping;
    for (size_t i = 0; i < m->rules.len && c->destination_there; i++) {
        const gw_rule_said *rule = &m->rules.items[i];
        const gw_source_column *column =
            rule->fields.len
                ? gw_source_column_of(&c->entity->destination, rule->fields.items[0].text)
                : NULL;
        bool ok = true;
        if (rule->kind == GW_RULE_FORMAT)
            ok = check_pattern(c, rule, err);
        else if (rule->kind == GW_RULE_SQL)
            ok = check_condition(c, rule, err);
        else if (rule->kind == GW_RULE_RANGE && column)
            ok = check_constant(c, &rule->min, "the least value", column, err) &&
                 check_constant(c, &rule->max, "the greatest value", column, err);
        if (!ok)
            return false;
    }
    return true;
}
