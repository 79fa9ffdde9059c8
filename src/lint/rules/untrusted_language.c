#include "lint/rule.h"

static void run(gw_lint *l, const gw_statement_seen *s)
{
    static const char *const untrusted[] = {"c",        "plpythonu", "plpython2u", "plpython3u",
                                            "plperlu",  "pltclu",    "plluau",     "plsh",
                                            "plrustu",  NULL};
    const gw_function *f = gw_function_of(l->arena, s->tree);
    if (gw_one_of(f->language, untrusted))
        gw_found(l, s, NULL, gw_shown(l, f->object.schema, f->object.name), f->language, NULL);
}

const gw_rule gw_rule_untrusted_language = {
    {"untrusted_language", GW_SEVERITY_WARNING, GW_RULES_SECURITY,
     "{} is written in {}, which can do whatever the server's user can",
     "Untrusted languages read and write files and start programs. Only superusers make such "
     "functions, and whoever may call one has that power as far as the function lends it.",
     "SQL, plpgsql or another trusted language; work on files belongs into a program."},
    .on = GW_ON("CreateFunctionStmt"),
    .statement = run,
};
