#include "migrate/lasting.h"

#include "migrate/recover.h"

static const char *tenant_of(const gw_runner *r)
{
    return r->tenant ? r->tenant : "";
}

static bool write_row(gw_runner *r, const gw_checked *checked, const char *intent, gw_err *err)
{
    const gw_migration *m = checked->migration;
    int64_t total = (int64_t)checked->statements;
    if (checked->revert)
        return gw_history_progress(r->work, tenant_of(r), m->service, m->version, "reverting", 0,
                                   total, intent, 0, err);
    gw_applied row = gw_row_of_migration(m, r->tenant);
    row.backup_id = r->backup_id;
    row.state = "running";
    row.duration_ms = 0;
    row.transactional = true;
    row.statements_total = total;
    row.intent = intent;
    return gw_history_put(r->work, &row, &r->actor, err);
}

char *gw_lasting_intent(gw_arena *arena, const gw_checked *checked, json_t *statement)
{
    json_t *intent = gw_json_own(arena, json_object());
    json_object_set_new(statement, "asks", json_true());
    json_object_set(intent, "statement", statement);
    json_object_set_new(intent, "line", json_integer(checked->lasts->line));
    json_object_set_new(intent, "why", gw_json_text(checked->lasts->kind.outlasts));
    return gw_json_dump(arena, intent);
}

bool gw_lasting_note(gw_runner *r, gw_arena *arena, const gw_checked *checked, gw_err *err)
{
    json_t *statement = NULL;
    if (!checked->lasts)
        return true;
    if (!gw_intent_make(r, arena, checked->lasts, checked, &statement, err))
        return false;
    bool ok = gw_own_begin(r, err) &&
              write_row(r, checked, gw_lasting_intent(arena, checked, statement), err) &&
              gw_session_commit(r->work, err);
    if (!ok)
        gw_session_rollback(r->work);
    return ok;
}

bool gw_put_back_row(gw_runner *r, const gw_checked *checked, const gw_applied *before,
                     gw_err *err)
{
    const gw_migration *m = checked->migration;
    if (before)
        return gw_history_put(r->work, before, &r->actor, err);
    if (checked->revert)
        return gw_history_progress(r->work, tenant_of(r), m->service, m->version, "applied", 0,
                                   (int64_t)checked->statements, NULL, 0, err);
    return gw_history_delete(r->work, tenant_of(r), m->service, m->version, err);
}

void gw_lasting_take_back(gw_runner *r, const gw_checked *checked, const gw_applied *before)
{
    gw_err ignored = {0};
    if (!checked->lasts || gw_session_lost(r->work))
        return;
    if (!gw_own_begin(r, &ignored) || !gw_put_back_row(r, checked, before, &ignored) || !gw_session_commit(r->work, &ignored))
        gw_session_rollback(r->work);
    gw_err_clear(&ignored);
}

void gw_lasting_start(gw_runner *r)
{
    r->lasted.why = NULL;
}

void gw_lasting_see(gw_runner *r, const gw_checked *checked, const gw_statement *statement)
{
    if (!statement->kind.outlasts || r->lasted.why)
        return;
    r->lasted.why = statement->kind.outlasts;
    r->lasted.file = checked->script->path;
    r->lasted.line = statement->line;
}

void gw_lasting_explain(gw_runner *r, gw_err *err)
{
    if (r->lasted.why && !gw_session_lost(r->work))
        gw_err_context(err, "all is rolled back, but what line %u of %s did may stay (%s): so it is "
                            "not tried again by itself; the next run does it again: undo it first, "
                            "or take it out of the file", r->lasted.line, r->lasted.file,
                       r->lasted.why);
}

unsigned gw_lasting_line(const json_t *intent)
{
    return (unsigned)json_integer_value(json_object_get(intent, "line"));
}

bool gw_lasting_ask(const gw_checked *checked, const json_t *intent, gw_err *err)
{
    const char *version = checked->migration->version;
    unsigned line = gw_lasting_line(intent);
    gw_err_set(err, GW_ERR_STATE, "migration %s stopped inside its transaction, and nobody can know "
                                  "whether line %u had its effect", version, line);
    gw_err_detail(err, "the transaction is rolled back, but not what that line does: %s",
                  json_string_value(json_object_get(intent, "why")));
    gw_err_at(err, checked->script->path, line, 1);
    return gw_err_hint(err, "look there; undo it, or take the statement out of the file, then: godwit "
                            "repair %s --forget (the next run starts it anew); where all of the file "
                            "was done by hand: godwit repair %s --done --yes", version, version);
}
