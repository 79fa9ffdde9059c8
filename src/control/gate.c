#include "control/gate.h"

#include <string.h>

#include "pg/query.h"

static bool refuse(const gw_shadow_facts *facts, const gw_reach_verdict *verdict, gw_err *err)
{
    gw_err_set(err, GW_ERR_UNSUPPORTED, "%s cannot be tried in a shadow database",
               verdict->statement);
    if (verdict->reason)
        gw_err_detail(err, "%s", verdict->reason);
    return gw_err_hint(err, facts->is_private
                                ? "move it into a file of its own, which is not tried"
                                : "a private server for shadow databases can run more: install "
                                  "PostgreSQL here and leave shadow: url: out");
}

static bool make_tablespace(gw_shadow *shadow, gw_arena *arena, const gw_reach_verdict *verdict,
                            gw_err *err)
{
    return !verdict->object ||
           gw_shadow_ensure_tablespaces(shadow, arena, &verdict->object, 1, NULL, err);
}

/* A role is one for all shadows: templates would show its new name. */
static bool run_role(gw_session *session, gw_arena *arena, const gw_shadow_facts *facts,
                     const gw_reach_verdict *verdict, const char *text, gw_err *err)
{
    bool needed = false;
    gw_reach_verdict shown = *verdict;
    if (verdict->renames_role && verdict->object &&
        !gw_shadow_role_needed(session, verdict->object, &needed, err))
        return false;
    if (!needed)
        return gw_shadow_exec_role(session, text, NULL, err);
    shown.reason = gw_printf(arena, "other shadow databases need the role \"%s\"",
                             verdict->object);
    return refuse(facts, &shown, err);
}

bool gw_gate_lacks(gw_shadow *shadow, gw_arena *arena, const char *text, size_t len,
                   gw_sql_extension *out, bool *lacks, gw_err *err)
{
    bool has = true;
    *lacks = false;
    if (!gw_sql_extension_read(arena, text, len, out))
        return true;
    if (!gw_shadow_has_extension(shadow, out->name, &has, err))
        return false;
    *lacks = !has;
    return true;
}

const char *gw_gate_why_lacking(const gw_shadow *shadow, gw_arena *arena)
{
    return gw_printf(arena, "PostgreSQL %s, where files are tried, lacks it",
                     gw_shadow_facts_of(shadow)->version);
}

/* What is not there (class 42 but for privileges, and schemas) may be a part of it. */
bool gw_gate_explain(const gw_shadow *shadow, gw_err *err)
{
    gw_arena *scratch = gw_arena_new();
    const char *lacking = gw_shadow_lacking(shadow, scratch);
    bool unknown = strncmp(err->sqlstate, "42", 2) == 0 || strcmp(err->sqlstate, "3F000") == 0;
    if (lacking && unknown && strcmp(err->sqlstate, "42501") != 0)
        gw_err_hint(err,
                    "left out before it, for PostgreSQL %s, where files are tried, lacks it: "
                    "extension %s. Install it here, or name a server that has it: shadow: "
                    "{ url: … } in godwit.yaml",
                    gw_shadow_facts_of(shadow)->version, lacking);
    if (strcmp(err->sqlstate, "22023") == 0 && strstr(err->message, "security label provider"))
        gw_err_hint(err, "a label can be tried only where its provider is loaded: name such a "
                         "server: shadow: { url: … } in godwit.yaml");
    gw_arena_free(scratch);
    return false;
}

bool gw_gate_pass(gw_shadow *shadow, gw_session *session, gw_arena *arena, const char *text,
                  size_t len, gw_gate_outcome *outcome, gw_reach_verdict *verdict, gw_err *err)
{
    const gw_shadow_facts *facts = gw_shadow_facts_of(shadow);
    gw_sql_extension extension;
    bool lacks = false;
    if (!gw_gate_lacks(shadow, arena, text, len, &extension, &lacks, err))
        return false;
    if (lacks) {
        *verdict = (gw_reach_verdict){
            .statement = gw_printf(arena, "%s %s", extension.statement, extension.name),
            .reason = gw_gate_why_lacking(shadow, arena)};
        *outcome = GW_GATE_LEFT_OUT;
        return true;
    }
    *verdict = gw_sql_reach(arena, text, len);
    gw_reach_action action = facts->is_private
                                 ? gw_reach_on_private(verdict, facts->fenced_network)
                                 : gw_reach_on_shared(verdict);
    *outcome = GW_GATE_DONE;
    switch (action) {
    case GW_REACH_RUN:
        *outcome = GW_GATE_RUN;
        return true;
    case GW_REACH_SKIP:
        *outcome = GW_GATE_LEFT_OUT;
        return true;
    case GW_REACH_RUN_ROLE:
        return run_role(session, arena, facts, verdict, gw_strndup(arena, text, len), err);
    case GW_REACH_RUN_TABLESPACE:
        return make_tablespace(shadow, arena, verdict, err);
    case GW_REACH_RUN_INSTEAD:
        return gw_exec(session, verdict->instead, err);
    case GW_REACH_REFUSE:
        break;
    }
    return refuse(facts, verdict, err);
}
