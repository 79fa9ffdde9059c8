#include <string.h>
#include <strings.h>

#include "sql/lex.h"
#include "lint/rule.h"

/* FROM or JOIN, and the name right behind it. */
static bool reads(const char *body, const char *table)
{
    for (const char *at = body; (at = gw_text_has_word(at, table)); at++) {
        const char *before = at;
        while (before > body && strchr(" \t\r\n\"", before[-1]))
            before--;
        if (before - body >= 5 && (strncasecmp(before - 5, " from", 5) == 0 ||
                                   strncasecmp(before - 5, "\nfrom", 5) == 0 ||
                                   strncasecmp(before - 5, " join", 5) == 0))
            return true;
    }
    return false;
}

static void run(gw_lint *l, const gw_statement_seen *s)
{
    const gw_function *f = gw_function_of(l->arena, s->tree);
    if (f->volatility != 'i' || !f->body)
        return;
    static const char *const clock[] = {"now", "current_timestamp", "current_date", "clock_timestamp",
                                        "random", "current_setting", "nextval", NULL};
    const char *body = gw_lexer_without_comments(l->arena, f->body, strlen(f->body));
    const char *name = gw_shown(l, f->object.schema, f->object.name);
    for (size_t i = 0; clock[i]; i++)
        if (gw_text_has_word(body, clock[i])) {
            gw_found(l, s, NULL, name, gw_printf(l->arena, "calls %s", clock[i]), NULL);
            return;
        }
    const gw_made_object_list *all = gw_model_objects(l->model);
    for (size_t i = 0; i < all->len; i++) {
        const gw_relation *r = (const gw_relation *)all->items[i];
        bool relation = r->object.kind == GW_OBJECT_RELATION && !r->index && !r->object.gone;
        if (relation && reads(body, r->object.name)) {
            gw_found(l, s, NULL, name, gw_printf(l->arena, "reads %s", r->object.name), NULL);
            return;
        }
    }
}

const gw_rule gw_rule_immutable_function_reads = {
    {"immutable_function_reads", GW_SEVERITY_WARNING, GW_RULES_CODE,
     "{} is marked IMMUTABLE and {}",
     "The planner computes an IMMUTABLE function once and keeps the value, and lets it into "
     "indexes: they go wrong without a word when what it looked at changes.",
     "STABLE where it reads tables, settings or the time; VOLATILE where it writes."},
    .on = GW_ON("CreateFunctionStmt"),
    .statement = run,
};
