#include <string.h>

#include "lint/rule.h"

/* The name behind the next NEW. of a body. */
static const char *next_field(gw_arena *arena, const char **at)
{
    while ((*at = gw_text_has_word(*at, "new"))) {
        *at += strlen("new");
        if (**at != '.')
            continue;
        size_t len = strspn(*at + 1, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                     "0123456789_");
        char *name = gw_strndup(arena, *at + 1, len);
        for (char *c = name; *c; c++)
            *c = (char)(*c >= 'A' && *c <= 'Z' ? *c + 'a' - 'A' : *c);
        return name;
    }
    return NULL;
}

static void run(gw_lint *l, const gw_statement_seen *s)
{
    const char *schema, *name;
    const gw_node *range = gw_node_get(s->tree, "relation");
    const gw_relation *r = gw_model_relation_of(l->model, range);
    gw_node_names(gw_node_get(s->tree, "funcname"), &schema, &name);
    const gw_function *f = gw_model_function(l->model, schema, name);
    /* A body that asks where it runs serves several tables. */
    if (!r || !r->complete || r->kind != GW_REL_TABLE || !f || !f->body ||
        gw_text_has_word(f->body, "tg_table_name") || gw_text_has_word(f->body, "tg_relid") ||
        gw_text_has_word(f->body, "exception") || gw_text_has_word(f->body, "tg_argv"))
        return;
    const char *at = f->body, *field;
    while ((field = next_field(l->arena, &at)))
        if (*field && !gw_relation_column(r, field)) {
            gw_found(l, s, NULL, gw_node_text(s->tree, "trigname"), gw_shown_range(l, range), field,
                     NULL);
            return;
        }
}

const gw_rule gw_rule_trigger_column_missing = {
    {"trigger_column_missing", GW_SEVERITY_ERROR, GW_RULES_CODE,
     "trigger {} on {} uses NEW.{}, and the table has no such column",
     "A trigger function is compiled when it first fires: until then nobody notices that it was "
     "put on a table without the column that it sets.",
     "Add the column, or take the trigger off this table."},
    .on = GW_ON("CreateTrigStmt"),
    .statement = run,
    .after = true,
};
