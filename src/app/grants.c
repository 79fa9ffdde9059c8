#include "app/grants.h"

#include "app/internal.h"
#include "base/json.h"

static json_t *names(const gw_grant_names *list)
{
    json_t *out = json_array();
    for (size_t i = 0; i < list->len; i++)
        json_array_append_new(out, gw_json_text(list->items[i]));
    return out;
}

static json_t *tables(const gw_grant_role *role)
{
    json_t *out = json_array();
    for (size_t i = 0; i < role->tables.len; i++) {
        const gw_grant_table *table = &role->tables.items[i];
        json_t *rights = json_array(), *one = json_object();
        for (size_t k = 0; k < table->rights.len; k++) {
            json_t *right = json_object();
            json_object_set_new(right, "privilege", gw_json_text(table->rights.items[k].privilege));
            json_object_set_new(right, "columns", names(&table->rights.items[k].columns));
            json_array_append_new(rights, right);
        }
        json_object_set_new(one, "table", gw_json_text(table->table));
        json_object_set_new(one, "rights", rights);
        json_array_append_new(out, one);
    }
    return out;
}

static void add_setting(json_t *list, const char *name, const char *value)
{
    json_t *one = json_object();
    json_object_set_new(one, "name", gw_json_text(name));
    json_object_set_new(one, "value", gw_json_text(value));
    json_array_append_new(list, one);
}

static json_t *role_of(gw_arena *arena, const gw_grant_role *role)
{
    json_t *out = json_object(), *settings = json_array();
    for (size_t i = 0; i < role->settings.len; i++)
        add_setting(settings, role->settings.items[i].name,
                    gw_printf(arena, "%lld", (long long)role->settings.items[i].ms));
    if (role->kind == GW_ROLE_READ_ONLY)
        add_setting(settings, "default_transaction_read_only", "on");
    json_object_set_new(out, "name", gw_json_text(role->name));
    json_object_set_new(out, "is", gw_json_text(gw_role_kind_name(role->kind)));
    json_object_set_new(out, "login", json_boolean(role->login));
    json_object_set_new(out, "limit", role->connection_limit < 0
                                          ? json_null()
                                          : json_integer(role->connection_limit));
    json_object_set_new(out, "settings", settings);
    json_object_set_new(out, "schemas", names(&role->schemas));
    json_object_set_new(out, "tables", tables(role));
    return out;
}

/* As care/grants.h has it. */
static bool declared(gw_app *app, gw_arena *arena, const char **out, gw_err *err)
{
    const gw_grants *grants = &app->config.grants;
    if (!grants->roles.len) {
        gw_err_set(err, GW_ERR_CONFIG, "%s declares no roles",
                   app->config.file ? app->config.file : "the project");
        return gw_err_hint(err, "write grants: { roles: { NAME: { is: application } } }");
    }
    json_t *all = gw_json_own(arena, json_object()), *roles = json_array();
    for (size_t i = 0; i < grants->roles.len; i++)
        json_array_append_new(roles, role_of(arena, &grants->roles.items[i]));
    json_object_set_new(all, "roles", roles);
    json_object_set_new(all, "closed", names(&grants->closed));
    *out = gw_json_dump(arena, all);
    return true;
}

static bool open_session(gw_arena *arena, const gw_target *target, gw_session **out, gw_err *err)
{
    gw_connect connect = target->connect;
    connect.pinned = true;
    return gw_session_open(arena, &connect, out, err);
}

bool gw_app_grants(gw_app *app, gw_arena *arena, gw_grants_result *out, gw_err *err)
{
    const char *wanted = NULL;
    gw_target target;
    gw_session *session = NULL;
    *out = (gw_grants_result){0};
    if (!declared(app, arena, &wanted, err) ||
        !gw_app_whole_database(app, arena, true, &target, err) ||
        !open_session(arena, &target, &session, err))
        return false;
    out->database = gw_strdup(arena, gw_session_database(session));
    bool ok = gw_grants_compare(session, arena, wanted, &out->diff, err);
    gw_session_close(session);
    return ok;
}

typedef struct applying {
    gw_app *app;
    gw_arena *arena;
    gw_target target;
    const char *declared;
    gw_held held;
    bool locked;
} applying;

/* The owner's tables may be closed to who only makes roles: such a one works without lock and audit. */
static bool hold(applying *a, int64_t wait_ms, gw_err *err)
{
    a->locked = gw_app_hold(a->app, a->arena, &a->target, wait_ms, &a->held, err);
    if (a->locked || err->kind != GW_ERR_PRIVILEGE)
        return a->locked;
    gw_log_write(a->app->options.log, GW_LOG_WARNING, NULL,
                 "schema godwit is not open to this role: no run lock is taken, no event written",
                 GW_FIELDS(GW_TEXT("why", err->message)));
    gw_err_clear(err);
    return true;
}

static bool record(void *self, gw_session *session, gw_err *err)
{
    applying *a = self;
    gw_event event = {.action = "grants", .outcome = "ok", .duration_ms = GW_NULL_INT};
    return !a->locked || gw_event_write(session, &event, &a->app->actor, err);
}

static void record_failure(applying *a, const gw_err *err)
{
    gw_event event = {.action = "grants", .duration_ms = GW_NULL_INT};
    gw_err ignored = {0};
    gw_event_of_err(a->arena, &event, err);
    if (a->locked)
        gw_event_write(a->held.control, &event, &a->app->actor, &ignored);
    gw_err_clear(&ignored);
}

bool gw_app_grants_apply(gw_app *app, gw_arena *arena, int64_t wait_ms, gw_grants_result *out,
                         gw_err *err)
{
    applying a = {.app = app, .arena = arena};
    gw_session *session = NULL;
    *out = (gw_grants_result){0};
    if (!gw_app_may_write(app, err) || !declared(app, arena, &a.declared, err) ||
        !gw_app_whole_database(app, arena, true, &a.target, err))
        return false;
    bool ok = hold(&a, wait_ms, err) && open_session(arena, &a.target, &session, err);
    if (ok) {
        out->database = gw_strdup(arena, gw_session_database(session));
        ok = gw_grants_apply(session, arena, a.declared, (gw_grants_begun){record, &a}, &out->diff,
                             err);
        if (!ok)
            record_failure(&a, err);
    }
    gw_session_close(session);
    gw_run_lock_release(a.held.lock);
    gw_session_close(a.held.control);
    return ok;
}
