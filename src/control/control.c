#include "control/control.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "sql/quote.h"
#include "sql_control.h"

/* Any constant will do, as long as nothing else uses it: "godwit" and a 1, in ASCII. */
static const int64_t UPGRADE_LOCK_KEY = 0x676f6477697431;
enum { ENSURE_TRIES = 200, ENSURE_PAUSE_MS = 50 };

int gw_control_current(void)
{
    int newest = 0;
    for (size_t i = 0; i < GW_SQL_CONTROL_UPGRADES; i++)
        newest = gw_sql_control_upgrades[i].version;
    return newest;
}

static bool no_tables(const gw_err *err)
{
    return strcmp(err->sqlstate, "42P01") == 0 || strcmp(err->sqlstate, "3F000") == 0;
}

static bool has_word(const char *text, const char *word)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz_";
    size_t len = strlen(word);
    for (const char *at = text; (at = strstr(at, word)); at += len)
        if ((at == text || !strchr(letters, at[-1])) && (!at[len] || !strchr(letters, at[len])))
            return true;
    return false;
}

/* Every run needs these; moving rows and counting need more. The names are in any language. */
static bool is_about_migrations(const gw_err *err)
{
    static const char *const names[] = {"godwit", "control", "migrations", "events", "run_lock"};
    for (size_t i = 0; err->message && i < sizeof names / sizeof *names; i++)
        if (has_word(err->message, names[i]))
            return true;
    return false;
}

/* Where Godwit's own statements fail for what is there: is it Godwit's at all? */
static bool is_about_shape(const gw_err *err)
{
    static const char *const classes[] = {"42", "HV", "22", "0A", "55", "23"};
    if (strcmp(err->sqlstate, "42501") == 0 || strcmp(err->sqlstate, "25006") == 0)
        return false;
    for (size_t i = 0; i < sizeof classes / sizeof *classes; i++)
        if (strncmp(err->sqlstate, classes[i], 2) == 0)
            return true;
    return !*err->sqlstate && err->kind == GW_ERR_INTERNAL; /* a column of another type */
}

static bool name_stranger(gw_session *session, gw_err *err)
{
    typedef struct stranger {
        const char *name, *what, *owner, *lacks;
        bool ours;
    } stranger;
    static const char *const tables[] = {"control", "migrations", "events", "run_lock"};
    static const gw_col cols[] = {{"name", GW_COL_TEXT, true, offsetof(stranger, name)},
                                  {"what", GW_COL_TEXT, true, offsetof(stranger, what)},
                                  {"owner", GW_COL_TEXT, true, offsetof(stranger, owner)},
                                  {"lacks", GW_COL_TEXT, false, offsetof(stranger, lacks)},
                                  {"is_ours", GW_COL_BOOL, true, offsetof(stranger, ours)}};
    gw_arena *scratch = gw_arena_new();
    gw_result result;
    gw_err ignored = {0};
    void *rows = NULL;
    bool found = !gw_session_lost(session) && !gw_session_in_transaction(session) &&
                 gw_query(session, scratch, &gw_sql_strangers, NULL, 0, &result, &ignored) &&
                 gw_rows(scratch, &result, cols, 5, sizeof(stranger), &rows, &ignored) && result.rows;
    const stranger *first = found ? rows : NULL;
    const char *absent = NULL;
    for (size_t k = 0; found && !absent && k < sizeof tables / sizeof *tables; k++) {
        absent = tables[k];
        for (size_t i = 0; absent && i < result.rows; i++)
            if (strcmp(first[i].name, absent) == 0)
                absent = NULL;
    }
    gw_err_clear(&ignored);
    if (found && !first->ours) {
        gw_err_clear(err);
        gw_err_set(err, GW_ERR_STATE, "godwit.%s is not Godwit's table", first->name);
        gw_err_detail(err, "it is a %s of %s%s%s", first->what, first->owner,
                      first->lacks ? ", without the columns " : "", first->lacks ? first->lacks : "");
        gw_err_hint(err, "schema godwit is where Godwit keeps its history: move what is there out of "
                         "it, or rename it, then run this again");
    } else if (found && absent &&
               (strcmp(err->sqlstate, "42P07") == 0 || strcmp(err->sqlstate, "42P01") == 0)) {
        gw_err_clear(err);
        gw_err_set(err, GW_ERR_STATE, "schema godwit is not whole: godwit.%s is there, and "
                                      "godwit.%s is not", first->name, absent);
        gw_err_detail(err, "godwit.%s is a %s of %s, made as Godwit makes it", first->name,
                      first->what, first->owner);
        gw_err_hint(err, "restore schema godwit as a whole from a backup; only where its history can "
                         "go: DROP SCHEMA godwit CASCADE, then godwit baseline V. Where Godwit has never "
                         "run here it is somebody else's: move it out of the schema, or rename it");
    } else {
        found = false;
    }
    gw_arena_free(scratch);
    return found;
}

bool gw_control_explain(gw_session *session, gw_err *err)
{
    if (is_about_shape(err) && name_stranger(session, err))
        return false;
    if (err->hint)
        return false;
    if (strcmp(err->sqlstate, "42501") == 0 && !is_about_migrations(err)) {
        gw_arena *arena = gw_arena_new();
        gw_err_hint(err,
                    "let this role use Godwit's tables: GRANT SELECT, INSERT, UPDATE, DELETE ON ALL "
                    "TABLES IN SCHEMA godwit TO %s (to read them, SELECT is enough)",
                    gw_quote_ident(arena, gw_session_role(session)));
        gw_arena_free(arena);
        return false;
    }
    if (strcmp(err->sqlstate, "42501") == 0) {
        gw_arena *arena = gw_arena_new();
        const char *user = gw_quote_ident(arena, gw_session_role(session));
        gw_err_hint(err,
                    "let this role use Godwit's tables: GRANT USAGE ON SCHEMA godwit TO %s; "
                    "GRANT SELECT ON godwit.control, godwit.migrations, godwit.events, "
                    "godwit.run_lock TO %s; and, to change what they hold: GRANT INSERT, UPDATE, "
                    "DELETE ON godwit.migrations TO %s; GRANT INSERT ON godwit.events TO %s; "
                    "GRANT UPDATE ON godwit.run_lock TO %s",
                    user, user, user, user, user);
        gw_arena_free(arena);
        return false;
    }
    if (strcmp(err->sqlstate, "25006") == 0)
        return gw_err_hint(err, "this server is read-only (a replica?): connect to the primary");
    return false;
}

bool gw_control_absent(gw_session *session, gw_err *err)
{
    gw_err missing = {0};
    gw_err_set(&missing, GW_ERR_STATE, "godwit.control is not there");
    memcpy(missing.sqlstate, "42P01", sizeof "42P01");
    bool strange = name_stranger(session, &missing);
    if (strange)
        gw_err_move(err, &missing);
    gw_err_clear(&missing);
    return !strange;
}

bool gw_control_hollow(gw_session *session, gw_err *err)
{
    struct {
        const char *kept;
    } row = {NULL};
    static const gw_col cols[] = {{"kept", GW_COL_TEXT, false, 0}};
    /* Somebody else's of that name may be empty as well. */
    if (!gw_control_absent(session, err))
        return false;
    gw_arena *scratch = gw_arena_new();
    gw_result result;
    if (gw_query(session, scratch, &gw_sql_control_kept, NULL, 0, &result, err) &&
        gw_row(scratch, &result, cols, 1, &row, err)) {
        if (row.kept) {
            gw_err_set(err, GW_ERR_STATE, "godwit.control has lost its row, which says of which version "
                                          "Godwit's tables are");
            gw_err_detail(err, "there are rows in others of them: %s", row.kept);
            gw_err_hint(err, "restore schema godwit from a backup; only where this Godwit made all of it: "
                             "INSERT INTO godwit.control (version, upgraded_by) VALUES (%d, 'by hand')",
                        gw_control_current());
        } else {
            gw_err_set(err, GW_ERR_STATE, "Godwit's tables are here, and none of them has a row: what is "
                                          "applied here is not known");
            gw_err_detail(err, "this looks like a copy of a database's schema without its rows (pg_dump "
                               "--schema-only)");
            gw_err_hint(err, "with psql: DROP SCHEMA godwit CASCADE (it is empty); then godwit baseline V "
                             "marks the files up to version V as applied, as far as this copy has what "
                             "they make");
        }
    }
    gw_arena_free(scratch);
    return false;
}

/* A DBA has enabled it for all tables, or ours: what is applied would look as if it were not. */
static bool refuse_hidden(const gw_session *session, const char *hidden, gw_err *err)
{
    if (!hidden)
        return true;
    gw_arena *arena = gw_arena_new();
    const char *role = gw_quote_ident(arena, gw_session_role(session));
    gw_err_set(err, GW_ERR_STATE, "row-level security may hide rows of Godwit's tables from role %s", role);
    gw_err_detail(err, "it is enabled on %s in schema godwit: what is applied would look as if it were not", hidden);
    gw_err_hint(err, "as the tables' owner, of each: ALTER TABLE godwit.… DISABLE ROW LEVEL SECURITY; or, as a "
                     "superuser: ALTER ROLE %s BYPASSRLS", role);
    gw_arena_free(arena);
    return false;
}

typedef struct version_row {
    int64_t version;
    const char *hidden;
} version_row;

bool gw_control_version_of(gw_session *session, gw_arena *arena, const gw_result *result,
                           int *version, gw_err *err)
{
    static const gw_col cols[] = {{"version", GW_COL_INT, true, offsetof(version_row, version)},
                                  {"hidden", GW_COL_TEXT, false, offsetof(version_row, hidden)}};
    version_row row = {0};
    if (!gw_row(arena, result, cols, 2, &row, err) || !refuse_hidden(session, row.hidden, err))
        return false;
    *version = (int)row.version;
    return true;
}

/* A number that a statement reads; 0 where its table is not there. */
static bool read_version(gw_session *session, const gw_sql *sql, const gw_param *params,
                         size_t count, int *version, gw_err *err)
{
    gw_arena *scratch = gw_arena_new();
    gw_result result;
    gw_err problem = {0};
    bool ok = gw_query(session, scratch, sql, params, count, &result, &problem);
    if (!ok && no_tables(&problem)) {
        *version = 0;
        ok = true;
    } else if (ok && !result.rows) {
        ok = gw_control_hollow(session, &problem);
    } else if (ok) {
        ok = gw_control_version_of(session, scratch, &result, version, &problem);
    }
    if (!ok) {
        gw_err_move(err, &problem);
        gw_control_explain(session, err);
        gw_err_context(err, "while reading the version of Godwit's tables");
    }
    gw_err_clear(&problem);
    gw_arena_free(scratch);
    return ok;
}

bool gw_control_version(gw_session *session, int *version, gw_err *err)
{
    return read_version(session, &gw_sql_control_version, NULL, 0, version, err);
}

bool gw_control_check(int version, gw_err *err)
{
    if (version <= gw_control_current())
        return true;
    gw_err_set(err, GW_ERR_STATE,
               "the schema godwit in this database was written by a newer Godwit");
    gw_err_detail(err, "its tables are of version %d; this program knows up to version %d", version,
                  gw_control_current());
    return gw_err_hint(err, "use the newer Godwit here; nothing was read or changed");
}

/* An event trigger of the user's runs for Godwit's own statements as well, and finds nothing that it names
 * without a schema. */
static bool blame_event_trigger(gw_session *session, gw_arena *arena, gw_err *err)
{
    typedef struct event_trigger {
        const char *name, *function, *bare;
    } event_trigger;
    static const gw_col cols[] = {{"name", GW_COL_TEXT, true, offsetof(event_trigger, name)},
                                  {"function", GW_COL_TEXT, true, offsetof(event_trigger, function)},
                                  {"bare", GW_COL_TEXT, true, offsetof(event_trigger, bare)}};
    gw_result result;
    gw_err ignored = {0};
    void *rows = NULL;
    bool found = false;
    size_t count = 0;
    if (err->context_count && !err->hint && !gw_session_lost(session) && !gw_session_in_transaction(session) &&
        gw_query(session, arena, &gw_sql_ddl_watchers, NULL, 0, &result, &ignored) &&
        gw_rows(arena, &result, cols, 3, sizeof(event_trigger), &rows, &ignored))
        count = result.rows;
    gw_err_clear(&ignored);
    for (size_t i = 0; i < count && !found; i++) {
        const event_trigger *it = &((const event_trigger *)rows)[i];
        for (size_t k = 0; k < err->context_count && !found; k++)
            found = has_word(err->contexts[k], it->bare);
        if (found)
            gw_err_hint(err, "event trigger %s of this database runs %s for Godwit's own statements too, "
                             "where only pg_catalog is searched: name what it uses with its schema, or "
                             "let it have its own: ALTER FUNCTION %s SET search_path = public",
                        it->name, it->function, it->function);
    }
    return found;
}

static bool explain(gw_session *session, gw_err *err)
{
    gw_arena *arena = gw_arena_new();
    if (is_about_shape(err) && name_stranger(session, err))
        ;
    else if (blame_event_trigger(session, arena, err))
        ;
    else if (strcmp(err->sqlstate, "42501") == 0)
        gw_err_hint(err, "let this role make Godwit's schema: GRANT CREATE ON DATABASE %s TO %s",
                    gw_quote_ident(arena, gw_session_database(session)),
                    gw_quote_ident(arena, gw_session_role(session)));
    else if (strcmp(err->sqlstate, "25006") == 0)
        gw_err_hint(err, "this server is read-only (a replica?): connect to the primary");
    gw_arena_free(arena);
    return gw_err_context(err, "while making Godwit's tables (schema godwit)");
}

/* Brings the tables up to date, in a transaction that holds the lock. */
typedef bool step_fn(gw_session *session, const char *by, const void *self, gw_err *err);

const char *const *gw_control_upgrade_texts(gw_arena *arena, int from)
{
    const char **texts = gw_alloc_array(arena, GW_SQL_CONTROL_UPGRADES + 1, sizeof *texts);
    size_t count = 0;
    for (size_t i = 0; i < GW_SQL_CONTROL_UPGRADES; i++)
        if (gw_sql_control_upgrades[i].version > from)
            texts[count++] = gw_sql_control_upgrades[i].text;
    texts[count] = NULL;
    return texts;
}

const gw_sql *gw_control_upgraded_sql(void)
{
    return &gw_sql_control_upgraded;
}

void gw_control_upgraded_params(const char *by, gw_param params[2])
{
    params[0] = gw_p_int(gw_control_current());
    params[1] = gw_p_text(by);
}

static bool upgrade(gw_session *session, int from, const char *by, gw_err *err)
{
    for (size_t i = 0; i < GW_SQL_CONTROL_UPGRADES; i++) {
        if (gw_sql_control_upgrades[i].version <= from)
            continue;
        const gw_sql_upgrade *step = &gw_sql_control_upgrades[i];
        if (!gw_exec(session, step->text, err)) {
            gw_err_statement(err, "control/upgrade", strlen("control/upgrade"));
            return gw_err_context(err, "in upgrade %d (%s)", step->version, step->name);
        }
    }
    gw_param params[2];
    gw_control_upgraded_params(by, params);
    return gw_exec_sql(session, &gw_sql_control_upgraded, params, 2, err);
}

/* A missing table would end the transaction: ask inside a savepoint. */
static bool ask_safely(gw_session *session, const char *part, int *version, gw_err *err)
{
    return gw_exec(session, "SAVEPOINT godwit_version", err) &&
           (part ? gw_control_part_version(session, part, version, err)
                 : gw_control_version(session, version, err)) &&
           gw_exec(session, "ROLLBACK TO SAVEPOINT godwit_version", err);
}

static bool step_control(gw_session *session, const char *by, const void *self, gw_err *err)
{
    int version = 0;
    (void)self;
    return ask_safely(session, NULL, &version, err) && gw_control_check(version, err) &&
           (version == gw_control_current() || upgrade(session, version, by, err));
}

/* One try inside a transaction: *done is false where another run has the lock just now. */
static bool try_once(gw_session *session, const char *by, step_fn *step, const void *self,
                     bool *done, gw_err *err)
{
    struct {
        bool locked;
    } row = {false};
    static const gw_col cols[] = {{"locked", GW_COL_BOOL, true, 0}};
    gw_arena *scratch = gw_arena_new();
    gw_result result;
    gw_param key = gw_p_int(UPGRADE_LOCK_KEY);
    bool ok = gw_session_begin(session, "read committed", err) &&
              gw_query(session, scratch, &gw_sql_control_try_lock, &key, 1, &result, err) &&
              gw_row(scratch, &result, cols, 1, &row, err);
    if (ok && row.locked) {
        ok = step(session, by, self, err) && gw_session_commit(session, err);
        *done = ok;
    } else if (ok) {
        gw_session_rollback(session);
    }
    if (!ok)
        gw_session_rollback(session);
    gw_arena_free(scratch);
    return ok;
}

static bool take_step(gw_session *session, const char *by, step_fn *step, const void *self,
                      gw_err *err)
{
    for (int i = 0; i < ENSURE_TRIES; i++) {
        bool done = false;
        if (!try_once(session, by, step, self, &done, err))
            return explain(session, err);
        if (done)
            return true;
        gw_sleep_ms(ENSURE_PAUSE_MS, NULL);
    }
    return gw_err_set(err, GW_ERR_BUSY, "another run is making Godwit's tables and does not end");
}

bool gw_control_ensure(gw_session *session, const char *by, gw_err *err)
{
    int version = 0;
    if (!gw_control_version(session, &version, err) || !gw_control_check(version, err))
        return false;
    if (gw_session_read_only(session)) {
        gw_err_set(err, GW_ERR_PRIVILEGE, "this server is read-only: nothing can be changed");
        return gw_err_hint(err, "connect to the primary: this one is a replica, or "
                                "default_transaction_read_only is on");
    }
    return version == gw_control_current() || take_step(session, by, step_control, NULL, err);
}

typedef struct control_part {
    const char *name;
    const gw_sql_upgrade *upgrades;
    int count;
} control_part;

static const control_part *part_named(const char *name)
{
    static const control_part parts[] = {
        {"differential", gw_sql_control_part_differential, GW_SQL_CONTROL_PART_DIFFERENTIAL},
        {"tracker", gw_sql_control_part_tracker, GW_SQL_CONTROL_PART_TRACKER},
        {"serve", gw_sql_control_part_serve, GW_SQL_CONTROL_PART_SERVE},
        {"keys", gw_sql_control_part_keys, GW_SQL_CONTROL_PART_KEYS},
        {"upkeep", gw_sql_control_part_upkeep, GW_SQL_CONTROL_PART_UPKEEP},
    };
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (strcmp(parts[i].name, name) == 0)
            return &parts[i];
    return NULL;
}

bool gw_control_part_version(gw_session *session, const char *name, int *version, gw_err *err)
{
    const control_part *part = part_named(name);
    if (!part)
        return gw_err_set(err, GW_ERR_INTERNAL, "there is no part \"%s\"", name);
    gw_param param = gw_p_text(name);
    if (!read_version(session, &gw_sql_part_version, &param, 1, version, err))
        return false;
    if (*version <= part->count)
        return true;
    gw_err_set(err, GW_ERR_STATE,
               "the tables for \"%s\" in this database were written by a newer Godwit", name);
    gw_err_detail(err, "they are of version %d; this program knows up to version %d", *version,
                  part->count);
    return gw_err_hint(err, "use the newer Godwit here; nothing was read or changed");
}

static bool step_part(gw_session *session, const char *by, const void *self, gw_err *err)
{
    const control_part *part = self;
    int version = 0;
    if (!ask_safely(session, part->name, &version, err))
        return false;
    if (version < part->count && !gw_exec_sql(session, &gw_sql_part_make, NULL, 0, err))
        return false;
    for (int i = version; i < part->count; i++) {
        const gw_sql_upgrade *step = &part->upgrades[i];
        gw_param params[] = {gw_p_text(part->name), gw_p_int(step->version), gw_p_text(step->name),
                             gw_p_text(by)};
        if (!gw_exec(session, step->text, err) ||
            !gw_exec_sql(session, &gw_sql_part_note, params, 4, err))
            return gw_err_context(err, "in %s/%03d_%s", part->name, step->version, step->name);
    }
    return true;
}

bool gw_control_ensure_part(gw_session *session, const char *name, const char *by, gw_err *err)
{
    int version = 0;
    const control_part *part = part_named(name);
    if (!gw_control_ensure(session, by, err) ||
        !gw_control_part_version(session, name, &version, err))
        return false;
    return (part && version == part->count) || take_step(session, by, step_part, part, err);
}
