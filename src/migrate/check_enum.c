#include "migrate/check_enum.h"

#include <string.h>

#include "base/vec.h"
#include "pg/query.h"
#include "sql/lex.h"
#include "sql/tree.h"
#include "sql_migrate.h"

/* What a constant meets: a column by its name or its place (from 1), of one table or of any in the statement. */
typedef struct meeting {
    const gw_node *relation; /* NULL: any */
    const char *column;      /* NULL: by place */
    int64_t place;
} meeting;

typedef struct search {
    gw_arena *arena; /* scratch */
    const gw_check_options *options;
    const gw_statement *made;
    size_t made_count;
    const gw_node *tree;
    const gw_enum_value *value;
    const meeting *meeting; /* looked for in any relation */
    bool found;
} search;

static bool creates_type(const gw_statement *s)
{
    gw_lexer lexer = gw_lexer_start(s->text, s->len);
    gw_token create = gw_lexer_next(&lexer), type = gw_lexer_next(&lexer);
    return gw_token_is(&create, "create") && gw_token_is(&type, "type") && s->kind.name;
}

static bool is_of_type(const gw_node *type_name, const char *type)
{
    const char *schema = NULL, *name = NULL;
    gw_node_names(gw_node_get(type_name, "names"), &schema, &name);
    return name && strcmp(name, type) == 0;
}

/* ---- which column is it? -------------------------------------------------------------------- */

static bool is_column(const gw_node *definition, const meeting *m, int64_t place)
{
    return m->column ? gw_node_says(definition, "colname", m->column) : m->place == place;
}

/* 1: of the type, 0: of another, -1: this statement does not make the column. */
static int made_here(const gw_node *tree, const char *table, const meeting *m, const char *type)
{
    bool create = gw_node_is(tree, "CreateStmt");
    if ((!create && !gw_node_is(tree, "AlterTableStmt")) ||
        !gw_node_says(gw_node_get(tree, "relation"), "relname", table))
        return -1;
    const gw_node *list = gw_node_get(tree, create ? "tableElts" : "cmds");
    int64_t place = 0;
    for (size_t i = 0; i < gw_node_count(list); i++) {
        const gw_node *item = gw_node_at(list, i), *definition = create ? item : gw_node_get(item, "def");
        if (!gw_node_is(definition, "ColumnDef") || (!create && !gw_node_says(item, "subtype", "AT_AddColumn")))
            continue;
        if (is_column(definition, m, create ? ++place : -1))
            return is_of_type(gw_node_get(definition, "typeName"), type);
    }
    return -1;
}

/* Nobody to ask: what looks like a use is taken for one. */
static bool on_server(const search *s, const gw_node *relation, const meeting *m)
{
    struct {
        bool there;
    } row = {false};
    static const gw_col cols[] = {{"is_there", GW_COL_BOOL, true, 0}};
    gw_param params[] = {gw_p_text(gw_node_text(relation, "schemaname")), gw_p_text(gw_node_text(relation, "relname")),
                         gw_p_text(m->column), gw_p_int(m->place), gw_p_text(s->value->type),
                         gw_p_text(s->options->search_path)};
    gw_err ignored = {0};
    gw_result result;
    if (!s->options->server)
        return true;
    bool ok = gw_query(s->options->server, s->arena, &gw_sql_column_of_type, params, 6, &result, &ignored) &&
              gw_row(s->arena, &result, cols, 1, &row, &ignored);
    gw_err_clear(&ignored);
    return ok && row.there;
}

static bool is_enum_column(const search *s, const gw_node *relation, const meeting *m)
{
    const char *table = gw_node_text(relation, "relname");
    for (size_t i = s->made_count; table && i-- > 0;) {
        const gw_statement *made = &s->made[i];
        const char *named = made->kind.table ? made->kind.table : made->kind.name;
        gw_err ignored = {0};
        if (!named || strcmp(named, table) != 0)
            continue;
        int here = made_here(gw_tree_parse(s->arena, made->text, made->len, &ignored), table, m, s->value->type);
        gw_err_clear(&ignored);
        if (here >= 0)
            return here;
    }
    return table && on_server(s, relation, m);
}

static bool see_relation(void *self, const gw_node *node)
{
    search *s = self;
    if (!s->found && gw_node_is(node, "RangeVar"))
        s->found = is_enum_column(s, node, s->meeting);
    return !s->found;
}

/* ---- what does the constant meet? ----------------------------------------------------------- */

static int64_t place_in(const gw_node *list, const gw_node *item)
{
    for (size_t i = 0; i < gw_node_count(list); i++)
        if (gw_node_at(list, i) == item)
            return (int64_t)i + 1;
    return 0;
}

/* The nth value of an INSERT: its nth column. */
static bool inserted(const gw_node *insert, int64_t place, meeting *out)
{
    const gw_node *columns = gw_node_get(insert, "cols");
    *out = (meeting){.relation = gw_node_get(insert, "relation"), .place = place};
    if (gw_node_count(columns))
        out->column = gw_node_text(gw_node_at(columns, (size_t)place - 1), "name");
    return place && (out->column || !gw_node_count(columns));
}

/* The insert whose rows this node is a part of: VALUES, or what a SELECT gives. */
static const gw_node *insert_of(const gw_node *select)
{
    const gw_node *above = gw_node_is(select, "SelectStmt") ? select->parent : NULL;
    return gw_node_is(above, "InsertStmt") ? above : NULL;
}

static bool of_target(const gw_node *target, meeting *out)
{
    const gw_node *list = target->parent, *above = list ? list->parent : NULL;
    if (insert_of(above) && gw_node_get(above, "targetList") == list)
        return inserted(insert_of(above), place_in(list, target), out);
    while (above && !gw_node_is(above, "UpdateStmt") && !gw_node_is(above, "InsertStmt"))
        above = gw_node_is(above, "SelectStmt") ? NULL : above->parent;
    *out = (meeting){.relation = gw_node_get(above, "relation"), .column = gw_node_text(target, "name")};
    return above && out->column;
}

static bool of_comparison(const gw_node *expression, meeting *out)
{
    static const char *const sides[] = {"lexpr", "rexpr"};
    const char *schema = NULL, *name = NULL;
    for (size_t i = 0; i < 2 && !name; i++) {
        const gw_node *side = gw_node_get(expression, sides[i]);
        if (gw_node_is(side, "ColumnRef"))
            gw_node_names(gw_node_get(side, "fields"), &schema, &name);
    }
    *out = (meeting){.column = name};
    return name != NULL;
}

static const gw_node *above_lists(const gw_node *node)
{
    const gw_node *above = node->parent;
    while (above && (above->kind == GW_NODE_LIST || gw_node_is(above, "List")))
        above = above->parent;
    return above;
}

/* Rows of VALUES: the list that the constant stands in has its place. */
static bool of_values(const gw_node *constant, const gw_node *select, meeting *out)
{
    const gw_node *insert = insert_of(select);
    return insert && constant->parent && inserted(insert, place_in(constant->parent, constant), out);
}

/* Is this constant certain to be read as the new value? */
static bool is_use(search *s, const gw_node *constant)
{
    const gw_node *above = above_lists(constant);
    meeting m;
    bool known;
    if (gw_node_is(above, "TypeCast"))
        return is_of_type(gw_node_get(above, "typeName"), s->value->type);
    if (gw_node_is(above, "Constraint") && gw_node_says(above, "contype", "CONSTR_DEFAULT"))
        return is_of_type(gw_node_get(above_lists(above), "typeName"), s->value->type);
    if (gw_node_is(above, "AlterTableCmd")) {
        m = (meeting){.relation = gw_node_get(s->tree, "relation"), .column = gw_node_text(above, "name")};
        known = m.column && gw_node_says(above, "subtype", "AT_ColumnDefault");
    } else if (gw_node_is(above, "ResTarget")) {
        known = of_target(above, &m);
    } else if (gw_node_is(above, "A_Expr")) {
        known = of_comparison(above, &m);
    } else {
        known = gw_node_is(above, "SelectStmt") && of_values(constant, above, &m);
    }
    if (!known)
        return false;
    if (m.relation)
        return is_enum_column(s, m.relation, &m);
    s->meeting = &m;
    gw_node_walk(s->tree, see_relation, s);
    s->meeting = NULL;
    return s->found;
}

static bool see_constant(void *self, const gw_node *node)
{
    search *s = self;
    const char *text = gw_node_is(node, "A_Const") ? gw_node_string(node) : NULL;
    if (!s->found && text && strcmp(text, s->value->value) == 0)
        s->found = is_use(s, node);
    return !s->found;
}

/* Most statements hold no such constant: then there is no tree to make. */
static bool holds(gw_arena *scratch, const gw_statement *statement, const char *value)
{
    gw_lexer lexer = gw_lexer_start(statement->text, statement->len);
    for (gw_token t = gw_lexer_next(&lexer); t.kind != GW_TOKEN_END; t = gw_lexer_next(&lexer)) {
        const char *text = t.kind == GW_TOKEN_STRING ? gw_token_string(scratch, &t) : NULL;
        if (text && strcmp(text, value) == 0)
            return true;
    }
    return false;
}

static bool uses(search *s, const gw_statement *statement)
{
    gw_err ignored = {0};
    if (!holds(s->arena, statement, s->value->value))
        return false;
    s->tree = gw_tree_parse(s->arena, statement->text, statement->len, &ignored);
    gw_err_clear(&ignored);
    if (s->tree)
        gw_node_walk(s->tree, see_constant, s);
    return s->found;
}

static bool is_made_here(const gw_enum_watch *watch, const char *type)
{
    for (size_t i = 0; type && i < watch->types.len; i++)
        if (strcmp(watch->types.items[i], type) == 0)
            return true;
    return false;
}

void gw_enum_see(gw_arena *arena, gw_enum_watch *watch, const gw_check_options *options,
                 const gw_statement *statement, const gw_statement *made, size_t made_count)
{
    enum { SAME_TRANSACTION = 170000, SHOWN = 60 };
    const gw_stmt_class *kind = &statement->kind;
    /* From 17 on a type that the same transaction has made is no matter. */
    if (options->server_version >= SAME_TRANSACTION && creates_type(statement))
        *gw_vec_push(arena, &watch->types) = gw_strdup(arena, kind->name);
    if (kind->kind == GW_STMT_ALTER_TYPE_ADD_VALUE) {
        if (kind->value && kind->name && !is_made_here(watch, kind->name))
            *gw_vec_push(arena, &watch->added) =
                (gw_enum_value){gw_strdup(arena, kind->name), gw_strdup(arena, kind->value)};
        return;
    }
    for (size_t i = 0; i < watch->added.len && !watch->use.line; i++) {
        gw_arena *scratch = gw_arena_new();
        search s = {.arena = scratch, .options = options, .made = made, .made_count = made_count,
                    .value = &watch->added.items[i]};
        if (uses(&s, statement)) {
            watch->use = *statement;
            watch->use.text = gw_strndup(arena, statement->text, statement->len < SHOWN ? statement->len : SHOWN);
            watch->use.len = strlen(watch->use.text);
            watch->value = watch->added.items[i].value;
        }
        gw_arena_free(scratch);
    }
}
