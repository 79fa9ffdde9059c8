/* What a shadow has in common with the target: locale, settings, roles, tablespaces. */
#include <string.h>

#include "base/buf.h"
#include "pg/shadow_internal.h"
#include "sql_pg.h"

/* ---- reading the target ---------------------------------------------------------------- */

typedef struct target_row {
    int64_t version;
    const char *encoding, *collate, *ctype, *provider, *locale, *icu_rules, *user, *database, *public_owner;
    const char *default_schema;
} target_row;

static const gw_col target_cols[] = {
    {"version", GW_COL_INT, true, offsetof(target_row, version)},
    {"encoding", GW_COL_TEXT, true, offsetof(target_row, encoding)},
    {"collate", GW_COL_TEXT, true, offsetof(target_row, collate)},
    {"ctype", GW_COL_TEXT, true, offsetof(target_row, ctype)},
    {"provider", GW_COL_TEXT, true, offsetof(target_row, provider)},
    {"locale", GW_COL_TEXT, false, offsetof(target_row, locale)},
    {"icu_rules", GW_COL_TEXT, false, offsetof(target_row, icu_rules)},
    {"username", GW_COL_TEXT, true, offsetof(target_row, user)},
    {"database", GW_COL_TEXT, true, offsetof(target_row, database)},
    {"public_owner", GW_COL_TEXT, false, offsetof(target_row, public_owner)},
    {"default_schema", GW_COL_TEXT, false, offsetof(target_row, default_schema)},
};

bool gw_shadow_settings_read(gw_session *session, gw_arena *arena, const char *login,
                             gw_shadow_target *out, gw_err *err)
{
    static const gw_col cols[] = {
        {"name", GW_COL_TEXT, true, offsetof(gw_shadow_setting, name)},
        {"value", GW_COL_TEXT, true, offsetof(gw_shadow_setting, value)},
    };
    gw_result result;
    void *rows = NULL;
    gw_param param = gw_p_text(login);
    bool ok = gw_query(session, arena, &gw_sql_shadow_settings, &param, 1, &result, err) &&
              gw_rows(arena, &result, cols, 2, sizeof(gw_shadow_setting), &rows, err);
    out->settings = rows;
    out->setting_count = ok ? result.rows : 0;
    return ok;
}

bool gw_shadow_target_read(gw_session *session, gw_arena *arena, gw_shadow_target *out,
                           gw_err *err)
{
    target_row row = {0};
    gw_result result;
    *out = (gw_shadow_target){0};
    if (!gw_query(session, arena, &gw_sql_shadow_target, NULL, 0, &result, err) ||
        !gw_row(arena, &result, target_cols, sizeof target_cols / sizeof *target_cols, &row, err))
        return gw_err_context(err, "asking what a shadow has to look like");
    *out = (gw_shadow_target){.major = (int)(row.version / 10000),
                              .encoding = row.encoding,
                              .collate = row.collate,
                              .ctype = row.ctype,
                              .provider = row.provider,
                              .locale = row.locale,
                              .icu_rules = row.icu_rules,
                              .user = row.user,
                              .database = row.database,
                              .public_owner = row.public_owner,
                              .default_schema = row.default_schema};
    return gw_shadow_settings_read(session, arena, NULL, out, err);
}

/* ---- locale ---------------------------------------------------------------------------- */

static void add_clause(const gw_shadow *shadow, gw_buf *buf, const char *keyword,
                       const char *value)
{
    if (value && *value)
        gw_buf_addf(buf, " %s %s", keyword, gw_shadow_literal(shadow, buf->arena, value));
}

char *gw_shadow_locale_clauses(const gw_shadow *shadow, gw_arena *arena)
{
    const gw_shadow_target *target = &shadow->options.target;
    int version = gw_session_version(shadow->admin);
    bool icu = target->provider && strcmp(target->provider, "icu") == 0;
    bool builtin = target->provider && strcmp(target->provider, "builtin") == 0;
    gw_buf buf = GW_BUF(arena);
    add_clause(shadow, &buf, "ENCODING", target->encoding);
    add_clause(shadow, &buf, "LC_COLLATE", target->collate);
    add_clause(shadow, &buf, "LC_CTYPE", target->ctype);
    /* An older server takes the words as they are and says that it does not know them. */
    if (icu && version >= 150000) {
        gw_buf_add(&buf, " LOCALE_PROVIDER icu");
        add_clause(shadow, &buf, "ICU_LOCALE", target->locale);
        add_clause(shadow, &buf, "ICU_RULES", target->icu_rules);
    } else if (builtin) {
        gw_buf_add(&buf, " LOCALE_PROVIDER builtin");
        add_clause(shadow, &buf, "BUILTIN_LOCALE", target->locale);
    } else if (version >= 150000 && target->collate) {
        gw_buf_add(&buf, " LOCALE_PROVIDER libc");
    }
    return gw_strdup(arena, gw_buf_str(&buf));
}

/* ---- settings -------------------------------------------------------------------------- */

/* "app.user" is two names. */
static char *setting_name(const gw_shadow *shadow, gw_arena *arena, const char *name)
{
    gw_buf buf = GW_BUF(arena);
    for (const char *part = name;; part++) {
        size_t len = strcspn(part, ".");
        gw_buf_add(&buf, gw_shadow_ident(shadow, arena, gw_strndup(arena, part, len)));
        part += len;
        if (!*part)
            break;
        gw_buf_addc(&buf, '.');
    }
    return gw_strdup(arena, gw_buf_str(&buf));
}

/* These load libraries or change who a session is. */
static bool is_unwanted(const char *name)
{
    static const char *const names[] = {"session_preload_libraries", "local_preload_libraries",
                                        "role", "session_authorization", NULL};
    for (size_t i = 0; names[i]; i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

/* FROM CURRENT takes a list (search_path) as it is: nothing has to be cut up and quoted again. */
static void add_setting(const gw_shadow *shadow, gw_buf *buf, const char *database,
                        const gw_shadow_setting *setting)
{
    gw_arena *arena = buf->arena;
    gw_buf_addf(buf,
                "SELECT pg_catalog.set_config(%s, %s, true); "
                "ALTER DATABASE %s SET %s FROM CURRENT; ",
                gw_shadow_literal(shadow, arena, setting->name),
                gw_shadow_literal(shadow, arena, setting->value), database,
                setting_name(shadow, arena, setting->name));
}

/* Some of them in one transaction, in one round trip. */
static bool apply(gw_shadow *shadow, gw_arena *arena, const char *database,
                  const gw_shadow_setting *settings, size_t count, gw_err *err)
{
    gw_buf buf = GW_BUF(arena);
    const char *quoted = gw_shadow_ident(shadow, arena, database);
    gw_buf_add(&buf, "BEGIN; ");
    for (size_t i = 0; i < count; i++)
        if (!is_unwanted(settings[i].name))
            add_setting(shadow, &buf, quoted, &settings[i]);
    gw_buf_add(&buf, "COMMIT");
    bool ok = gw_exec(shadow->admin, gw_buf_str(&buf), err);
    if (!ok)
        gw_session_rollback(shadow->admin);
    return ok;
}

static void note_left(gw_shadow *shadow, const char *name, const char *why)
{
    if (shadow->left.len)
        shadow->left.len--; /* the NULL at the end */
    *gw_vec_push(shadow->arena, &shadow->left) = gw_printf(shadow->arena, "%s: %s", name, why);
    *gw_vec_push(shadow->arena, &shadow->left) = NULL;
    shadow->facts.settings_left = shadow->left.items;
}

static bool apply_one_by_one(gw_shadow *shadow, gw_arena *arena, const char *database,
                             const gw_shadow_setting *settings, size_t count, gw_err *err)
{
    for (size_t i = 0; i < count; i++) {
        gw_err refused = {0};
        if (apply(shadow, arena, database, &settings[i], 1, &refused))
            continue;
        if (gw_session_lost(shadow->admin)) {
            gw_err_move(err, &refused);
            return false;
        }
        if (!shadow->settings_noted)
            note_left(shadow, settings[i].name, refused.message);
        gw_err_clear(&refused);
    }
    return true;
}

bool gw_shadow_apply_settings(gw_shadow *shadow, const char *database, gw_err *err)
{
    const gw_shadow_target *target = &shadow->options.target;
    if (target->setting_count == 0)
        return true;
    gw_arena *scratch = gw_arena_new();
    gw_err refused = {0};
    for (size_t i = 0; !shadow->settings_noted && i < target->setting_count; i++)
        if (is_unwanted(target->settings[i].name))
            note_left(shadow, target->settings[i].name, "it is not for a shadow");
    bool ok = apply(shadow, scratch, database, target->settings, target->setting_count,
                    &refused) ||
              apply_one_by_one(shadow, scratch, database, target->settings, target->setting_count, err);
    gw_err_clear(&refused);
    shadow->settings_noted = true;
    gw_arena_free(scratch);
    return ok;
}

bool gw_shadow_set(gw_shadow_db *db, const gw_shadow_setting *settings, size_t count, gw_err *err)
{
    gw_shadow *shadow = db->shadow;
    gw_arena *scratch = gw_arena_new();
    gw_err refused = {0};
    bool ok = gw_shadow_run(shadow, err, "ALTER DATABASE %s RESET ALL", gw_shadow_ident(shadow, scratch, db->name)) &&
              (apply(shadow, scratch, db->name, settings, count, &refused) ||
               apply_one_by_one(shadow, scratch, db->name, settings, count, err));
    gw_err_clear(&refused);
    gw_arena_free(scratch);
    return ok;
}

/* ---- what a schema refers to ----------------------------------------------------------- */

static bool is_among(const char *const *names, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

typedef struct wanted {
    const gw_sql *list;
    const char *before, *after; /* of its name in the statement that makes one */
} wanted;

/* Names that are there are nothing to do; one that cannot be made goes to `lacking`. */
static bool ensure(gw_shadow *shadow, gw_arena *arena, const wanted *what,
                   const char *const *names, size_t count, const char *const **lacking,
                   gw_err *err)
{
    GW_VEC(const char *) missing = {0};
    const char **there;
    size_t have;
    bool ok = gw_shadow_names(shadow, arena, what->list, NULL, &there, &have, err);
    for (size_t i = 0; ok && i < count; i++) {
        gw_err refused = {0};
        if (is_among(there, have, names[i]) || is_among(names, i, names[i]))
            continue;
        if (shadow->options.url || strncmp(names[i], "pg_", 3) == 0) {
            *gw_vec_push(arena, &missing) = gw_strdup(arena, names[i]);
            continue;
        }
        ok = gw_shadow_run(shadow, &refused, "%s%s%s", what->before,
                           gw_shadow_ident(shadow, arena, names[i]), what->after) ||
             strcmp(refused.sqlstate, "42710") == 0; /* another run was faster */
        if (ok)
            gw_err_clear(&refused);
        else
            gw_err_move(err, &refused);
    }
    *gw_vec_push(arena, &missing) = NULL;
    if (lacking)
        *lacking = missing.items;
    return ok;
}

bool gw_shadow_ensure_roles(gw_shadow *shadow, gw_arena *arena, const char *const *names,
                            size_t count, const char *const **lacking, gw_err *err)
{
    static const wanted roles = {&gw_sql_shadow_roles, "CREATE ROLE ", " NOLOGIN"};
    return ensure(shadow, arena, &roles, names, count, lacking, err);
}

bool gw_shadow_ensure_tablespaces(gw_shadow *shadow, gw_arena *arena, const char *const *names,
                                  size_t count, const char *const **lacking, gw_err *err)
{
    static const wanted spaces = {&gw_sql_shadow_tablespaces, "CREATE TABLESPACE ",
                                  " LOCATION ''"};
    /* Where the server is too old for it, CREATE TABLESPACE says so. */
    gw_err unknown = {0};
    if (!shadow->options.url &&
        !gw_shadow_run(shadow, &unknown, "SET allow_in_place_tablespaces = on"))
        gw_err_clear(&unknown);
    return ensure(shadow, arena, &spaces, names, count, lacking, err);
}

/* "2 objects in database x", and nothing of this database. */
static bool needed_elsewhere(const gw_err *err)
{
    const char *line = err->detail;
    if (strcmp(err->sqlstate, "2BP01") != 0 || !line)
        return false;
    while (*line) {
        size_t digits = strspn(line, "0123456789"), len = strcspn(line, "\n");
        if (!digits || !memmem(line, len, " in database ", strlen(" in database ")))
            return false;
        line += len + (line[len] == '\n');
    }
    return true;
}

static bool end_savepoint(gw_session *session, bool keep, gw_err *err)
{
    return gw_exec(session, keep ? "RELEASE SAVEPOINT godwit_role"
                                 : "ROLLBACK TO SAVEPOINT godwit_role; "
                                   "RELEASE SAVEPOINT godwit_role",
                   err);
}

bool gw_shadow_exec_role(gw_session *session, const char *text, bool *satisfied, gw_err *err)
{
    bool inside = gw_session_in_transaction(session);
    gw_err refused = {0};
    if (satisfied)
        *satisfied = false;
    if (inside && !gw_exec(session, "SAVEPOINT godwit_role", err))
        return false;
    if (gw_exec_user(session, text, NULL, &refused))
        return !inside || end_savepoint(session, true, err);
    bool done = strcmp(refused.sqlstate, "42710") == 0 || needed_elsewhere(&refused);
    if (!done) {
        gw_err_move(err, &refused); /* the transaction is the caller's to end */
        return false;
    }
    gw_err_clear(&refused);
    if (satisfied)
        *satisfied = true;
    return !inside || end_savepoint(session, false, err);
}

bool gw_shadow_role_needed(gw_session *session, const char *role, bool *needed, gw_err *err)
{
    static const gw_col cols[] = {{"needed", GW_COL_BOOL, true, 0}};
    gw_arena *scratch = gw_arena_new();
    gw_param name = gw_p_text(role);
    gw_result result;
    bool ok = gw_query(session, scratch, &gw_sql_shadow_role_needed, &name, 1, &result, err) &&
              gw_row(scratch, &result, cols, 1, needed, err);
    gw_arena_free(scratch);
    return ok;
}

/* ---- extensions ------------------------------------------------------------------------ */

bool gw_shadow_available(gw_shadow *shadow, gw_arena *arena, gw_shadow_extensions *out,
                         gw_err *err)
{
    static const gw_col cols[] = {
        {"name", GW_COL_TEXT, true, offsetof(gw_shadow_extension, name)},
        {"version", GW_COL_TEXT, false, offsetof(gw_shadow_extension, version)},
    };
    gw_result result;
    void *rows = NULL;
    bool ok = gw_query(shadow->admin, arena, &gw_sql_shadow_extensions, NULL, 0, &result, err) &&
              gw_rows(arena, &result, cols, 2, sizeof *out->items, &rows, err);
    *out = (gw_shadow_extensions){.items = rows, .len = ok ? result.rows : 0};
    return ok;
}

bool gw_shadow_has_extension(gw_shadow *shadow, const char *name, bool *has, gw_err *err)
{
    gw_shadow_extensions *list = &shadow->available;
    *has = true;
    if (!list->items && !gw_shadow_available(shadow, shadow->arena, list, err))
        return false;
    for (size_t i = 0; i < list->len; i++)
        if (strcmp(list->items[i].name, name) == 0)
            return true;
    *has = false;
    for (size_t i = 0; i < shadow->lacking.len; i++)
        if (strcmp(shadow->lacking.items[i], name) == 0)
            return true;
    *gw_vec_push(shadow->arena, &shadow->lacking) = gw_strdup(shadow->arena, name);
    return true;
}

const char *gw_shadow_lacking(const gw_shadow *shadow, gw_arena *arena)
{
    gw_buf list = GW_BUF(arena);
    for (size_t i = 0; i < shadow->lacking.len; i++)
        gw_buf_addf(&list, "%s%s", i ? ", " : "", shadow->lacking.items[i]);
    return list.len ? gw_buf_str(&list) : NULL;
}
