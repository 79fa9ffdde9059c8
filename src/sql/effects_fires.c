/* What a statement sets off: rows that are written, and the triggers and rules that wait for it. */
#include <string.h>

#include "sql/effects_impl.h"
#include "sql/lex.h"

bool gw_sql_may_fire(const char *text, size_t len)
{
    static const char *const writes[] = {"insert", "update",  "delete", "merge",   "copy",
                                         "with",   "explain", "do",     "prepare", NULL};
    gw_lexer lexer = gw_lexer_start(text, len);
    gw_token first = gw_lexer_next(&lexer);
    return gw_token_is_any(&first, writes);
}

bool gw_sql_may_arm(const char *text, size_t len)
{
    static const char *const before[] = {"or", "replace", "constraint", "event", NULL};
    static const char *const armed[] = {"trigger", "rule", NULL};
    gw_lexer lexer = gw_lexer_start(text, len);
    gw_token t = gw_lexer_next(&lexer);
    if (!gw_token_is(&t, "create"))
        return false;
    do
        t = gw_lexer_next(&lexer);
    while (gw_token_is_any(&t, before));
    return gw_token_is_any(&t, armed);
}

/* ---- rows ----------------------------------------------------------------------------------- */

static bool see_simple(void *self, const gw_node *node)
{
    static const char *const never[] = {"FuncCall",         "SubLink",    "ParamRef",
                                        "SQLValueFunction", "CaseExpr",   "CurrentOfExpr",
                                        "CoalesceExpr",     "MinMaxExpr", "A_Indirection",
                                        "RowExpr",          "XmlExpr",    "CollateClause",
                                        "GroupingFunc",     NULL};
    bool *simple = self;
    for (size_t i = 0; never[i]; i++)
        if (gw_node_is(node, never[i]))
            *simple = false;
    if (gw_node_is(node, "ColumnRef") && gw_node_count(gw_node_get(node, "fields")) != 1)
        *simple = false;
    return *simple;
}

/* What stands behind WHERE, where it asks of nothing but the row itself. */
static const char *simple_condition(gw_reading_effects *r, const gw_node *where)
{
    bool simple = true;
    gw_lexer lexer = gw_lexer_start(r->text, r->len);
    gw_token t = gw_lexer_next(&lexer);
    gw_node_walk(where, see_simple, &simple);
    if (!simple || !gw_token_is(&t, "delete"))
        return NULL;
    while (t.kind != GW_TOKEN_END && !gw_token_is(&t, "where"))
        t = gw_lexer_next(&lexer);
    const char *start = t.text + t.len, *end = start;
    for (t = gw_lexer_next(&lexer); t.kind != GW_TOKEN_END && !gw_token_is(&t, "returning") &&
                                    !(t.kind == GW_TOKEN_SYMBOL && *t.text == ';');
         t = gw_lexer_next(&lexer))
        end = t.text + t.len;
    return gw_strndup(r->arena, start, (size_t)(end - start));
}

void gw_effects_of_delete(gw_reading_effects *r, const gw_node *node, bool all)
{
    const gw_node *where = gw_node_get(node, "whereClause");
    gw_effect *effect = gw_effect_of_range(r, all ? GW_EFFECT_DELETES : GW_EFFECT_DELETES_SOME,
                                           gw_node_get(node, "relation"));
    effect->events = GW_ON_DELETE;
    if (!all && where && !gw_node_get(node, "usingClause"))
        effect->to = simple_condition(r, where);
}

const char **gw_effects_set_by(gw_arena *arena, const gw_node *targets)
{
    size_t count = 0;
    for (const gw_node *t = targets ? targets->child : NULL; t; t = t->next)
        count++;
    const char **sets = gw_alloc_array(arena, count + 1, sizeof *sets);
    count = 0;
    for (const gw_node *t = targets ? targets->child : NULL; t; t = t->next)
        if (gw_node_text(t, "name"))
            sets[count++] = gw_node_text(t, "name");
    return sets;
}

static void see_merge(gw_reading_effects *r, const gw_node *merge)
{
    static const struct {
        const char *command;
        unsigned event;
    } commands[] = {{"CMD_INSERT", GW_ON_INSERT}, {"CMD_UPDATE", GW_ON_UPDATE}};
    const gw_node *range = gw_node_get(merge, "relation");
    const gw_node *clauses = gw_node_get(merge, "mergeWhenClauses");
    unsigned events = 0;
    bool deletes = false;
    for (const gw_node *c = clauses ? clauses->child : NULL; c; c = c->next) {
        for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
            if (gw_node_says(c, "commandType", commands[i].command))
                events |= commands[i].event;
        deletes |= gw_node_says(c, "commandType", "CMD_DELETE");
    }
    if (events)
        gw_effect_of_range(r, GW_EFFECT_WRITES, range)->events = events;
    if (deletes)
        gw_effect_of_range(r, GW_EFFECT_DELETES_SOME, range)->events = GW_ON_DELETE;
}

static void see_insert(gw_reading_effects *r, const gw_node *insert)
{
    const gw_node *conflict = gw_node_get(insert, "onConflictClause");
    bool updates = gw_node_says(conflict, "action", "ONCONFLICT_UPDATE");
    gw_effect *effect = gw_effect_of_range(r, GW_EFFECT_WRITES, gw_node_get(insert, "relation"));
    effect->events = GW_ON_INSERT | (updates ? GW_ON_UPDATE : 0u);
    if (updates)
        effect->sets = gw_effects_set_by(r->arena, gw_node_get(conflict, "targetList"));
}

/* A statement too long or too new for the parser: whom it writes to stands in front. */
void gw_effects_of_unread(gw_reading_effects *r, const char *text, size_t len)
{
    static const struct {
        const char *word;
        gw_effect_kind kind;
        unsigned events;
    } verbs[] = {{"insert", GW_EFFECT_WRITES, GW_ON_INSERT | GW_ON_UPDATE},
                 {"update", GW_EFFECT_WRITES, GW_ON_UPDATE},
                 {"delete", GW_EFFECT_DELETES_SOME, GW_ON_DELETE},
                 {"copy", GW_EFFECT_WRITES, GW_ON_INSERT},
                 {"merge", GW_EFFECT_DELETES_SOME, GW_ON_INSERT | GW_ON_UPDATE | GW_ON_DELETE}};
    static const char *const between[] = {"into", "from", "only", NULL};
    gw_lexer lexer = gw_lexer_start(text, len);
    gw_token first = gw_lexer_next(&lexer), name;
    do
        name = gw_lexer_next(&lexer);
    while (gw_token_is_any(&name, between));
    gw_token dot = gw_lexer_next(&lexer), last = gw_lexer_next(&lexer);
    bool dotted = gw_token_symbol(&dot, ".");
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++) {
        if (!gw_token_is(&first, verbs[i].word) ||
            (name.kind != GW_TOKEN_WORD && name.kind != GW_TOKEN_QUOTED))
            continue;
        gw_effect_add(r, verbs[i].kind, dotted ? gw_token_name(r->arena, &name) : NULL,
                      gw_token_name(r->arena, dotted ? &last : &name))
            ->events = verbs[i].events;
    }
}

/* ---- what waits for it ------------------------------------------------------------------------
 */

static void see_trigger(gw_reading_effects *r, const gw_node *create)
{
    gw_effect *effect =
        gw_effect_of_range(r, GW_EFFECT_MAKES_TRIGGER, gw_node_get(create, "relation"));
    effect->column = gw_node_text(create, "trigname");
    effect->events = (unsigned)gw_node_number(create, "events", 0);
    gw_node_names(gw_node_get(create, "funcname"), &effect->to_schema, &effect->to);
}

static void see_rule(gw_reading_effects *r, const gw_node *rule)
{
    static const struct {
        const char *event;
        unsigned mask;
    } events[] = {
        {"CMD_INSERT", GW_ON_INSERT}, {"CMD_UPDATE", GW_ON_UPDATE}, {"CMD_DELETE", GW_ON_DELETE}};
    gw_effect *effect = gw_effect_of_range(r, GW_EFFECT_MAKES_RULE, gw_node_get(rule, "relation"));
    effect->column = gw_node_text(rule, "rulename");
    effect->expression = gw_node_true(rule, "instead") && !gw_node_get(rule, "whereClause");
    effect->to = gw_strndup(r->arena, r->text, r->len);
    for (size_t i = 0; i < sizeof events / sizeof *events; i++)
        if (gw_node_says(rule, "event", events[i].event))
            effect->events = events[i].mask;
}

/* DROP TRIGGER name ON table: the table's names, and then its own. */
static void see_drop(gw_reading_effects *r, const gw_node *drop)
{
    const gw_node *objects = gw_node_get(drop, "objects");
    if (!gw_node_says(drop, "removeType", "OBJECT_TRIGGER") &&
        !gw_node_says(drop, "removeType", "OBJECT_RULE"))
        return;
    for (const gw_node *o = objects ? objects->child : NULL; o; o = o->next) {
        const gw_node *names = gw_node_get(o, "items");
        size_t n = gw_node_count(names);
        if (n < 2)
            continue;
        gw_effect *effect = gw_effect_add(r, GW_EFFECT_STOPS_TRIGGER,
                                          n > 2 ? gw_node_string(gw_node_at(names, n - 3)) : NULL,
                                          gw_node_string(gw_node_at(names, n - 2)));
        effect->column = gw_node_string(gw_node_at(names, n - 1));
    }
}

static void see_alter(gw_reading_effects *r, const gw_node *alter)
{
    static const struct {
        const char *subtype;
        gw_effect_kind kind;
    } kinds[] = {
        {"AT_DisableTrig", GW_EFFECT_STOPS_TRIGGER},
        {"AT_DisableTrigAll", GW_EFFECT_STOPS_TRIGGER},
        {"AT_DisableTrigUser", GW_EFFECT_STOPS_TRIGGER},
        {"AT_DisableRule", GW_EFFECT_STOPS_TRIGGER},
        {"AT_EnableReplicaTrig", GW_EFFECT_STOPS_TRIGGER},
        {"AT_EnableReplicaRule", GW_EFFECT_STOPS_TRIGGER},
        {"AT_EnableTrig", GW_EFFECT_STARTS_TRIGGER},
        {"AT_EnableTrigAll", GW_EFFECT_STARTS_TRIGGER},
        {"AT_EnableTrigUser", GW_EFFECT_STARTS_TRIGGER},
        {"AT_EnableAlwaysTrig", GW_EFFECT_STARTS_TRIGGER},
        {"AT_EnableRule", GW_EFFECT_STARTS_TRIGGER},
        {"AT_EnableAlwaysRule", GW_EFFECT_STARTS_TRIGGER},
    };
    const gw_node *commands = gw_node_get(alter, "cmds");
    for (const gw_node *c = commands ? commands->child : NULL; c; c = c->next)
        for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++)
            if (gw_node_says(c, "subtype", kinds[k].subtype)) {
                gw_effect *effect =
                    gw_effect_of_range(r, kinds[k].kind, gw_node_get(alter, "relation"));
                effect->column = gw_node_text(c, "name");
                effect->cascade = gw_node_says(c, "subtype", "AT_DisableTrigAll") ||
                                  gw_node_says(c, "subtype", "AT_EnableTrigAll");
            }
}

void gw_effects_of_firing(gw_reading_effects *r, const gw_node *node)
{
    if (gw_node_is(node, "InsertStmt"))
        see_insert(r, node);
    else if (gw_node_is(node, "CopyStmt") && gw_node_true(node, "is_from"))
        gw_effect_of_range(r, GW_EFFECT_WRITES, gw_node_get(node, "relation"))->events =
            GW_ON_INSERT;
    else if (gw_node_is(node, "MergeStmt"))
        see_merge(r, node);
    else if (gw_node_is(node, "CreateTrigStmt"))
        see_trigger(r, node);
    else if (gw_node_is(node, "RuleStmt"))
        see_rule(r, node);
    else if (gw_node_is(node, "DropStmt"))
        see_drop(r, node);
    else if (gw_node_is(node, "AlterTableStmt"))
        see_alter(r, node);
}

void gw_sql_rule_effects(gw_arena *arena, const char *text, gw_effects *out)
{
    gw_reading_effects r = {.arena = arena, .out = out, .text = ""};
    gw_err problem = {0};
    const gw_node *rule = gw_tree_parse(arena, text, strlen(text), &problem);
    const gw_node *actions = gw_node_get(rule, "actions");
    for (const gw_node *a = actions ? actions->child : NULL; a; a = a->next)
        gw_effects_of_node(&r, a);
    if (!rule)
        gw_effect_add(&r, GW_EFFECT_UNKNOWN, NULL, NULL)->to =
            "a rule that the built-in grammar does not read";
    gw_err_clear(&problem);
}
