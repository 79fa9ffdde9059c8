/* Event triggers: what a statement is to them, and those that it makes. */
#include <string.h>

#include "sql/classify.h"
#include "sql/effects_impl.h"
#include "sql/lex.h"

bool gw_sql_may_command(const char *text, size_t len)
{
    static const char *const words[] = {"create", "alter",    "drop",    "comment", "grant", "revoke",
                                        "do",     "security", "refresh", "reindex", "import", NULL};
    gw_lexer lexer = gw_lexer_start(text, len);
    gw_token first = gw_lexer_next(&lexer);
    return gw_token_is_any(&first, words);
}

/* ---- a command ------------------------------------------------------------------------------ */

typedef struct said {
    bool drops;   /* an object goes */
    bool anew;    /* a table may be written anew */
    bool selects; /* CREATE TABLE … AS */
    bool on;      /* GRANT … ON: of no role */
} said;

/* What stands on the outermost level of the statement, and in parentheses where it matters. */
static said words_of(const char *text, size_t len)
{
    static const char *const rewriting[] = {"type", "logged", "unlogged", "method", "stored", NULL};
    static const char *const stays[] = {"not", "identity", "expression", NULL};
    gw_lexer lexer = gw_lexer_start(text, len);
    said found = {0};
    bool drop = false;
    int depth = 0;
    for (gw_token t = gw_lexer_next(&lexer); t.kind != GW_TOKEN_END; t = gw_lexer_next(&lexer)) {
        bool symbol = t.kind == GW_TOKEN_SYMBOL && t.len == 1;
        found.drops |= drop && !gw_token_is_any(&t, stays);
        found.anew |= gw_token_is_any(&t, rewriting);
        found.selects |= depth == 0 && gw_token_is(&t, "as");
        found.on |= gw_token_is(&t, "on");
        drop = gw_token_is(&t, "drop");
        depth += symbol && *t.text == '(' ? 1 : symbol && *t.text == ')' ? -1 : 0;
    }
    return found;
}

/* Of objects that all databases share, and of event triggers themselves, none goes off. */
static bool is_watched(const char *object)
{
    static const char *const never[] = {"DATABASE", "ROLE",          "TABLESPACE", "SYSTEM",
                                        "PARAMETER", "EVENT TRIGGER", NULL};
    for (size_t i = 0; object && never[i]; i++)
        if (strcmp(never[i], object) == 0)
            return false;
    return object != NULL;
}

void gw_effects_of_command(gw_reading_effects *r, const char *text, size_t len)
{
    static const struct {
        const char *word, *tag;
        bool whole; /* the tag says nothing of the object */
    } verbs[] = {{"create", "CREATE", false},
                 {"alter", "ALTER", false},
                 {"drop", "DROP", false},
                 {"comment", "COMMENT", true},
                 {"grant", "GRANT", true},
                 {"revoke", "REVOKE", true},
                 {"security", "SECURITY LABEL", true},
                 {"refresh", "REFRESH MATERIALIZED VIEW", true},
                 {"reindex", "REINDEX", true},
                 {"import", "IMPORT FOREIGN SCHEMA", true}};
    gw_lexer lexer = gw_lexer_start(text, len);
    gw_token first = gw_lexer_next(&lexer);
    size_t v = 0;
    while (v < sizeof verbs / sizeof *verbs && !gw_token_is(&first, verbs[v].word))
        v++;
    if (v == sizeof verbs / sizeof *verbs)
        return;
    const char *tag = verbs[v].tag, *object = NULL;
    said found = words_of(text, len);
    if ((*tag == 'G' || strcmp(tag, "REVOKE") == 0) && !found.on)
        return;
    if (!verbs[v].whole) {
        object = gw_sql_classify(r->arena, text, len).object;
        if (!is_watched(object))
            return;
        bool as = found.selects && strcmp(tag, "CREATE") == 0 && strcmp(object, "TABLE") == 0;
        tag = gw_printf(r->arena, "%s %s%s", tag, object, as ? " AS" : "");
    }
    gw_effect *effect = gw_effect_add(r, GW_EFFECT_COMMANDS, NULL, NULL);
    effect->to = tag;
    effect->events = GW_ON_COMMAND;
    if (*tag == 'D' || (*tag == 'A' && found.drops))
        effect->events |= GW_ON_DROP;
    if (found.anew && (strcmp(tag, "ALTER TABLE") == 0 || strcmp(tag, "ALTER TYPE") == 0))
        effect->events |= GW_ON_REWRITE;
}

/* ---- what waits for it ---------------------------------------------------------------------- */

static void see_create(gw_reading_effects *r, const gw_node *create)
{
    static const struct {
        const char *name;
        unsigned event;
    } events[] = {{"ddl_command_start", GW_ON_COMMAND},
                  {"ddl_command_end", GW_ON_COMMAND},
                  {"sql_drop", GW_ON_DROP},
                  {"table_rewrite", GW_ON_REWRITE}};
    const gw_node *when = gw_node_get(create, "whenclause");
    gw_effect *effect = gw_effect_add(r, GW_EFFECT_MAKES_WATCH, NULL, NULL);
    effect->column = gw_node_text(create, "trigname");
    gw_node_names(gw_node_get(create, "funcname"), &effect->to_schema, &effect->to);
    for (size_t i = 0; i < sizeof events / sizeof *events; i++)
        if (gw_node_says(create, "eventname", events[i].name))
            effect->events = events[i].event;
    for (const gw_node *w = when ? when->child : NULL; w; w = w->next) {
        const gw_node *tags = gw_node_get(gw_node_get(w, "arg"), "items");
        size_t count = gw_node_count(tags);
        effect->sets = gw_alloc_array(r->arena, count + 1, sizeof *effect->sets);
        for (size_t i = 0; i < count; i++)
            effect->sets[i] = gw_node_string(gw_node_at(tags, i));
        effect->sets[count] = NULL;
    }
}

void gw_effects_of_watching(gw_reading_effects *r, const gw_node *node)
{
    if (gw_node_is(node, "CreateEventTrigStmt")) {
        see_create(r, node);
    } else if (gw_node_is(node, "AlterEventTrigStmt")) {
        bool off = gw_node_says(node, "tgenabled", "D") || gw_node_says(node, "tgenabled", "R");
        gw_effect_add(r, off ? GW_EFFECT_STOPS_WATCH : GW_EFFECT_STARTS_WATCH, NULL, NULL)->column =
            gw_node_text(node, "trigname");
    } else if (gw_node_is(node, "DropStmt") &&
               gw_node_says(node, "removeType", "OBJECT_EVENT_TRIGGER")) {
        const gw_node *objects = gw_node_get(node, "objects");
        for (const gw_node *o = objects ? objects->child : NULL; o; o = o->next)
            gw_effect_add(r, GW_EFFECT_STOPS_WATCH, NULL, NULL)->column = gw_node_string(o);
    }
}
