/* The databases: made, copied from a template, kept as one, dropped. */
#include <inttypes.h>
#include <string.h>

#include "base/clock.h"
#include "base/digest.h"
#include "pg/shadow_internal.h"

enum { TEMPLATES_KEPT = 8, TEMPLATE_NAME = 32 };

static bool is_private(const gw_shadow *shadow)
{
    return !shadow->options.url;
}

/* ---- handles --------------------------------------------------------------------------- */

static void drop_db(void *arg)
{
    gw_shadow_drop(arg);
}

static char *next_name(gw_shadow *shadow, gw_arena *arena)
{
    return gw_printf(arena, GW_SHADOW_PREFIX "%016llx_%u", shadow->token, ++shadow->made);
}

static bool handle_for(gw_shadow *shadow, gw_arena *arena, const char *name, gw_shadow_db **out,
                       gw_err *err)
{
    gw_shadow_db *db = gw_alloc(arena, sizeof *db);
    char *url = NULL;
    *db = (gw_shadow_db){.shadow = shadow, .name = name, .next = shadow->dbs};
    shadow->dbs = db;
    gw_arena_defer(arena, drop_db, db);
    const char *base = is_private(shadow) ? shadow->server.url : shadow->options.url;
    if (!gw_conninfo_with_dbname(arena, base, name, &url, err) ||
        !gw_shadow_apply_settings(shadow, name, err)) {
        gw_shadow_drop(db);
        return false;
    }
    db->url = url;
    *out = db;
    return true;
}

void gw_shadow_drop(gw_shadow_db *db)
{
    gw_shadow *shadow = db ? db->shadow : NULL;
    gw_err ignored = {0};
    if (!shadow)
        return;
    db->shadow = NULL;
    gw_shadow_db **link = &shadow->dbs;
    while (*link && *link != db)
        link = &(*link)->next;
    if (*link)
        *link = db->next;
    if (gw_shadow_drop_named(shadow, db->name, &ignored))
        return;
    /* The next run finds it: nobody holds its token then. */
    gw_log_write(shadow->options.log, GW_LOG_WARNING, NULL, "a shadow database stays for now",
                 GW_FIELDS(GW_TEXT("database", db->name), GW_TEXT("reason", ignored.message)));
    gw_err_clear(&ignored);
}

const char *gw_shadow_db_name(const gw_shadow_db *db)
{
    return db->name;
}

const char *gw_shadow_db_url(const gw_shadow_db *db)
{
    return db->url;
}

/* Whole files are copied in half the time that writing every block to the log takes. */
static const char *strategy(const gw_shadow *shadow)
{
    return is_private(shadow) && gw_session_version(shadow->admin) >= 150000
               ? " STRATEGY file_copy"
               : "";
}

/* ---- empty ----------------------------------------------------------------------------- */

static bool create_empty(gw_shadow *shadow, const char *name, const char *clauses, gw_err *err)
{
    return gw_shadow_run(shadow, err, "CREATE DATABASE %s TEMPLATE template0%s%s", name, clauses,
                         strategy(shadow));
}

/* The locale is unknown to the server's system, or the server was built without ICU. */
static bool is_about_locale(const gw_err *err)
{
    static const char *const states[] = {"42809", "22023", "0A000", "42704", NULL};
    for (size_t i = 0; states[i]; i++)
        if (strcmp(err->sqlstate, states[i]) == 0)
            return true;
    return false;
}

static bool create_with_locale(gw_shadow *shadow, gw_arena *arena, const char *name, gw_err *err)
{
    char *clauses = gw_shadow_locale_clauses(shadow, arena);
    gw_err refused = {0};
    if (shadow->own_locale || !*clauses)
        return create_empty(shadow, name, "", err);
    if (create_empty(shadow, name, clauses, &refused))
        return true;
    if (!is_about_locale(&refused)) {
        gw_err_move(err, &refused);
        return false;
    }
    shadow->own_locale = true;
    shadow->facts.note_locale = gw_strdup(shadow->arena, refused.message);
    gw_err_clear(&refused);
    return create_empty(shadow, name, "", err);
}

bool gw_shadow_create(gw_shadow *shadow, gw_arena *arena, gw_shadow_db **out, gw_err *err)
{
    char *name = next_name(shadow, arena);
    return create_with_locale(shadow, arena, gw_shadow_ident(shadow, arena, name), err) &&
           handle_for(shadow, arena, name, out, err);
}

/* ---- templates ------------------------------------------------------------------------- */

/* The same files loaded under another locale are another content. */
static char *template_name(const gw_shadow *shadow, gw_arena *arena, const char *fingerprint)
{
    const char *locale = shadow->own_locale ? "" : gw_shadow_locale_clauses(shadow, arena);
    char *text = gw_printf(arena, "%s\n%s", locale, fingerprint);
    char *hex = gw_digest_hex(arena, GW_SHA256, text, strlen(text));
    if (is_private(shadow))
        return gw_printf(arena, GW_SHADOW_TEMPLATE "%.*s", TEMPLATE_NAME, hex);
    return gw_printf(arena, GW_SHADOW_PREFIX "%016llx_t%.16s", shadow->token, hex);
}

/* When it was used last. Two who say it at once are one. */
static void note_use(gw_shadow *shadow, const char *quoted)
{
    gw_err ignored = {0};
    if (is_private(shadow) &&
        !gw_shadow_run(shadow, &ignored, "COMMENT ON DATABASE %s IS '%016" PRIx64 "'", quoted,
                       (uint64_t)gw_now_us()))
        gw_err_clear(&ignored);
}

bool gw_shadow_copy(gw_shadow *shadow, gw_arena *arena, const char *fingerprint,
                    gw_shadow_db **out, gw_err *err)
{
    char *name = next_name(shadow, arena);
    char *quoted = gw_shadow_ident(shadow, arena, name);
    char *from = gw_shadow_ident(shadow, arena, template_name(shadow, arena, fingerprint));
    gw_err missing = {0};
    *out = NULL;
    if (!gw_shadow_run(shadow, &missing, "CREATE DATABASE %s TEMPLATE %s%s", quoted, from,
                       strategy(shadow))) {
        if (strcmp(missing.sqlstate, "3D000") != 0) {
            gw_err_move(err, &missing);
            return false;
        }
        gw_err_clear(&missing);
        return true;
    }
    note_use(shadow, from);
    return handle_for(shadow, arena, name, out, err);
}

/* Least recently used first; one that cannot be dropped now is dropped another time. */
static void drop_old_templates(gw_shadow *shadow, gw_arena *arena)
{
    gw_shadow_row *rows;
    size_t count, kept = 0;
    size_t most = shadow->options.templates ? shadow->options.templates : TEMPLATES_KEPT;
    gw_err ignored = {0};
    bool ok = gw_shadow_databases(shadow, arena, &rows, &count, &ignored);
    for (size_t i = 0; ok && i < count; i++)
        kept += rows[i].is_template;
    for (; ok && kept > most; kept--) {
        gw_shadow_row *oldest = NULL;
        for (size_t i = 0; i < count; i++)
            if (rows[i].is_template &&
                (!oldest || strcmp(rows[i].used_at ? rows[i].used_at : "",
                                   oldest->used_at ? oldest->used_at : "") < 0))
                oldest = &rows[i];
        if (!oldest)
            break;
        oldest->is_template = false;
        ok = gw_shadow_drop_named(shadow, oldest->name, &ignored);
    }
    gw_err_clear(&ignored);
}

bool gw_shadow_keep(gw_shadow_db *db, const char *fingerprint, bool *kept, gw_err *err)
{
    gw_shadow *shadow = db->shadow;
    bool subscribed = false;
    gw_err refused = {0};
    if (kept)
        *kept = false;
    if (!shadow)
        return gw_err_set(err, GW_ERR_INTERNAL, "a shadow database was used after its end");
    if (!gw_shadow_has_subscriptions(shadow, db->name, &subscribed, err))
        return false;
    if (subscribed)
        return true;
    if (!gw_shadow_end_sessions(shadow, db->name, err))
        return false;
    gw_arena *scratch = gw_arena_new();
    char *template = template_name(shadow, scratch, fingerprint);
    char *name = gw_shadow_ident(shadow, scratch, template);
    bool ok = gw_shadow_run(shadow, &refused, "CREATE DATABASE %s TEMPLATE %s%s%s", name,
                            gw_shadow_ident(shadow, scratch, db->name),
                            is_private(shadow) ? " ALLOW_CONNECTIONS false" : "",
                            strategy(shadow));
    /* Another run was faster: it has finished (42P04), or was at it as well (23505). */
    if (!ok && (strcmp(refused.sqlstate, "42P04") == 0 || strcmp(refused.sqlstate, "23505") == 0)) {
        gw_err_clear(&refused);
        ok = true;
    }
    if (ok) {
        note_use(shadow, name);
        if (is_private(shadow))
            drop_old_templates(shadow, scratch);
        else
            *gw_vec_push(shadow->arena, &shadow->templates) = gw_strdup(shadow->arena, template);
    } else {
        gw_err_move(err, &refused);
    }
    if (kept)
        *kept = ok;
    gw_arena_free(scratch);
    return ok;
}

bool gw_shadow_make(gw_shadow *shadow, gw_arena *arena, const char *fingerprint,
                    gw_shadow_load_fn *load, void *self, gw_shadow_db **out, gw_err *err)
{
    gw_shadow_db *db = NULL;
    if (fingerprint && !gw_shadow_copy(shadow, arena, fingerprint, &db, err))
        return false;
    *out = db;
    if (db)
        return true;
    if (!gw_shadow_create(shadow, arena, &db, err))
        return false;
    if (!load(self, db, err) || (fingerprint && !gw_shadow_keep(db, fingerprint, NULL, err))) {
        gw_shadow_drop(db);
        return false;
    }
    *out = db;
    return true;
}

bool gw_shadow_forget(gw_shadow *shadow, const char *fingerprint, gw_err *err)
{
    gw_arena *scratch = gw_arena_new();
    bool ok = gw_shadow_drop_named(shadow, template_name(shadow, scratch, fingerprint), err);
    gw_arena_free(scratch);
    return ok;
}

/* ---- sessions -------------------------------------------------------------------------- */

static bool role_for(gw_shadow *shadow, gw_arena *arena, const char *role, bool superuser,
                     gw_err *err)
{
    const char *const *lacking = NULL;
    if (!gw_shadow_ensure_roles(shadow, arena, &role, 1, &lacking, err))
        return false;
    if (*lacking)
        return gw_err_set(err, GW_ERR_STATE, "there is no role \"%s\" for a shadow session", role);
    return !is_private(shadow) ||
           gw_shadow_run(shadow, err, "ALTER ROLE %s LOGIN %s",
                         gw_shadow_ident(shadow, arena, role), superuser ? "SUPERUSER" : "");
}

bool gw_shadow_connect(gw_shadow_db *db, gw_arena *arena, const gw_shadow_session *how,
                       gw_session **out, gw_err *err)
{
    gw_shadow *shadow = db->shadow;
    if (!shadow)
        return gw_err_set(err, GW_ERR_INTERNAL, "a shadow database was used after its end");
    const char *role = how->role, *url = db->url;
    bool superuser = how->superuser;
    if (!role && is_private(shadow)) { /* so that what it makes belongs to whom it would there */
        role = shadow->options.target.user;
        superuser = true;
    }
    if (role && is_private(shadow)) {
        if (!role_for(shadow, arena, role, superuser, err))
            return false;
        url = gw_server_url(arena, db->name, shadow->server.socket_directory, role);
    }
    gw_connect connect = {.conninfo = url,
                          .application_name = how->application_name,
                          .pinned = how->pinned,
                          .pooler = is_private(shadow) ? GW_POOLER_NO : GW_POOLER_AUTO,
                          .cancel = shadow->options.cancel,
                          .log = shadow->options.log};
    if (!gw_session_open(arena, &connect, out, err))
        return false;
    return !role || is_private(shadow) ||
           gw_exec(*out, gw_printf(arena, "SET ROLE %s", gw_shadow_ident(shadow, arena, role)),
                   err);
}
