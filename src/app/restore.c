/* The way back: a backup proven by restoring it, taken out of its file, put in a database's place. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "app/keys_internal.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/json.h"
#include "control/control.h"
#include "control/lock.h"
#include "schema/value.h"
#include "sql/quote.h"
#include "vault/place.h"

enum { SHOWN = 10 };

typedef struct restoring {
    gw_app *app;
    gw_app *owner; /* whose backups and keys these are: `into` is another database, not another project */
    gw_arena *arena;
    gw_target target;
    gw_backup_reader *reader;
    const gw_manifest *manifest;
    gw_client client;
    gw_session *session; /* on the target */
    gw_run_lock *lock;   /* of that session */
    bool keys_left;      /* godwit.keys of the target has some that the restored database may lack */
    bool into;           /* a database that the user has named, whatever the environment's tenants are */
    int64_t duration_ms;
} restoring;

static bool open_session(restoring *r, const char *database, gw_session **out, gw_err *err)
{
    gw_connect connect = r->target.connect;
    char *conninfo = NULL;
    connect.pinned = true;
    if (database) {
        if (!gw_conninfo_with_dbname(r->arena, connect.conninfo, database, &conninfo, err))
            return false;
        connect.conninfo = conninfo;
    }
    return gw_session_open(r->arena, &connect, out, err);
}

/* A dump of some tables does not bring the schemas that they are in. */
static bool make_schemas(restoring *r, const char *database, gw_err *err)
{
    gw_session *session;
    if (strcmp(r->manifest->contents, "tables") != 0)
        return true;
    bool ok = open_session(r, database, &session, err);
    for (size_t i = 0; ok && i < r->manifest->tables.len; i++)
        ok = gw_exec(session,
                     gw_printf(r->arena, "CREATE SCHEMA IF NOT EXISTS %s",
                               gw_quote_ident(r->arena, r->manifest->tables.items[i].schema)),
                     err);
    if (ok)
        gw_session_close(session);
    return ok;
}

static bool restore_into(restoring *r, const char *database, const char *doing, gw_err *err)
{
    gw_byte_progress progress;
    const char *conninfo = r->target.connect.conninfo;
    char *other = NULL;
    int64_t started = gw_monotonic_us();
    if (database && !gw_conninfo_with_dbname(r->arena, conninfo, database, &other, err))
        return false;
    gw_bytes_begin(&progress, r->app, doing, r->manifest->id);
    gw_dump_progress seen = gw_bytes_seen(&progress);
    /* A database of its own is dropped where this fails: only there may it come piece by piece. */
    gw_restore_run run = {.client = &r->client,
                          .conninfo = other ? other : conninfo,
                          .reader = r->reader,
                          .jobs = database ? r->app->environment.connections : 0,
                          .directory = r->app->config.backup.directory,
                          .cancel = r->app->options.cancel,
                          .progress = &seen};
    bool ok = make_schemas(r, database, err) &&
              gw_dump_restore(r->arena, &run, err);
    gw_bytes_end(&progress, ok);
    r->duration_ms = (gw_monotonic_us() - started) / 1000;
    return ok;
}

/* A backup is of a whole database. Where tenants are schemas it may have none, being empty. */
static bool take_target(restoring *r, gw_err *err)
{
    const gw_environment *env;
    if (!gw_app_environment(r->app, &env, err))
        return false;
    if (!r->into && env->for_each.database_count)
        return gw_app_whole_database(r->app, r->arena, true, &r->target, err);
    r->target = (gw_target){.tenant = "", .row_tenant = ""};
    return gw_app_connect_options(r->app, true, &r->target.connect, err);
}

static bool begin(restoring *r, const char *id, const char *passphrase_file, const char **path,
                  gw_err *err)
{
    if (!take_target(r, err) ||
        !gw_backup_found(r->owner, r->arena, id, passphrase_file, &r->reader, path, err))
        return false;
    r->manifest = gw_backup_manifest(r->reader);
    return open_session(r, NULL, &r->session, err) &&
           gw_client_find(r->arena, "pg_restore", gw_session_version(r->session), &r->client, err);
}

/* ---- proving one ------------------------------------------------------------------------------------ */

static bool compare_rows(restoring *r, gw_session *session, gw_buf *different, int64_t *all,
                         gw_err *err)
{
    int64_t *rows;
    size_t wrong = 0;
    if (!gw_dump_count(session, r->arena, r->manifest, &rows, err))
        return false;
    for (size_t i = 0; i < r->manifest->tables.len; i++) {
        const gw_backup_table *table = &r->manifest->tables.items[i];
        if (table->rows < 0)
            continue;
        *all += table->rows;
        if (rows[i] == table->rows || ++wrong > SHOWN)
            continue;
        gw_buf_addf(different, "%s%s: ", different->len ? "; " : "",
                    gw_display_name(r->arena, table->schema, table->name));
        if (rows[i] < 0)
            gw_buf_add(different, "the table is not there");
        else
            gw_buf_addf(different, "%lld rows in place of %lld", (long long)rows[i],
                        (long long)table->rows);
    }
    if (wrong > SHOWN)
        gw_buf_addf(different, "; and %zu more tables", wrong - SHOWN);
    return true;
}

static bool compare(restoring *r, const char *database, gw_verified *out, gw_err *err)
{
    gw_session *session;
    gw_buf different = GW_BUF(r->arena);
    if (!open_session(r, database, &session, err))
        return false;
    gw_arena *scratch = gw_arena_new();
    gw_schema *schema;
    bool ok = true;
    if (r->manifest->fingerprint) {
        ok = gw_schema_read(session, scratch, NULL, &schema, err);
        if (ok && strcmp(gw_schema_fingerprint(scratch, schema), r->manifest->fingerprint) != 0)
            gw_buf_add(&different, "the schema came back otherwise than it was");
    }
    ok = ok && compare_rows(r, session, &different, &out->rows, err);
    gw_arena_free(scratch);
    gw_session_close(session);
    out->tables = r->manifest->tables.len;
    out->different = different.len ? gw_buf_str(&different) : NULL;
    return ok;
}

static void remember(restoring *r, const char *path)
{
    json_t *all = gw_json_own(r->arena, json_object());
    gw_err ignored = {0};
    json_object_set_new(all, "verified_us", json_integer(gw_now_us()));
    json_object_set_new(all, "restore_ms", json_integer(r->duration_ms));
    json_object_set_new(all, "stored_sha256", gw_json_text(r->manifest->stored_sha256));
    const char *text = gw_json_dump(r->arena, all);
    if (!gw_file_write(gw_printf(r->arena, "%s.verified", path), text, strlen(text), 0600, &ignored))
        gw_log_write(r->app->options.log, GW_LOG_WARNING, NULL,
                     "that it was verified could not be written down",
                     GW_FIELDS(GW_TEXT("why", ignored.message)));
    gw_err_clear(&ignored);
}

bool gw_app_backup_verify(gw_app *app, gw_arena *arena, const char *id,
                          const char *passphrase_file, gw_verified *out, gw_err *err)
{
    restoring r = {.app = app, .owner = app, .arena = arena};
    const char *path = NULL, *database = NULL;
    *out = (gw_verified){0};
    if (!begin(&r, id, passphrase_file, &path, err) ||
        !gw_place_make(r.session, arena, &database, err))
        return false;
    bool ok = restore_into(&r, database, "verifying", err) && compare(&r, database, out, err);
    gw_err ignored = {0};
    if (!gw_place_drop(r.session, database, ok ? err : &ignored))
        ok = false;
    gw_err_clear(&ignored);
    out->id = r.manifest->id;
    out->restore_ms = r.duration_ms;
    if (ok && !out->different)
        remember(&r, path);
    gw_event event = {.action = "verify_backup",
                      .outcome = ok && !out->different ? "ok" : "failed",
                      .name = out->id,
                      .duration_ms = r.duration_ms,
                      .message = out->different};
    if (!ok)
        gw_event_of_err(arena, &event, err);
    gw_backup_record(app, r.session, &event);
    gw_session_close(r.session);
    return ok;
}

/* ---- what pg_dump wrote ------------------------------------------------------------------------------- */

static bool write_out(gw_backup_reader *reader, int fd, const char *path, gw_err *err)
{
    const unsigned char *data;
    size_t len;
    while (gw_backup_read(reader, &data, &len, err)) {
        if (!len)
            return true;
        while (len) {
            ssize_t n = write(fd, data, len);
            if (n < 0 && errno == EINTR)
                continue;
            if (n <= 0)
                return gw_err_errno(err, errno, "cannot write %s", path);
            data += n;
            len -= (size_t)n;
        }
    }
    return false;
}

static bool extract_folder(gw_app *app, gw_arena *arena, gw_backup_reader *reader,
                           const char *path, gw_err *err)
{
    gw_err ignored = {0};
    if (strcmp(path, "-") == 0) {
        gw_err_set(err, GW_ERR_USAGE, "this backup is a folder, and needs the name of one");
        return gw_err_hint(err, "-o FOLDER");
    }
    if (gw_dump_unpack(arena, reader, path, app->options.cancel, NULL, err))
        return true;
    if (err->kind != GW_ERR_USAGE) /* that one is somebody else's */
        gw_file_remove_tree(path, &ignored);
    gw_err_clear(&ignored);
    return false;
}

bool gw_app_backup_extract(gw_app *app, gw_arena *arena, const char *id, const char *path,
                           const char *passphrase_file, gw_err *err)
{
    gw_backup_reader *reader;
    const char *from = NULL;
    if (!gw_backup_found(app, arena, id, passphrase_file, &reader, &from, err))
        return false;
    if (gw_dump_is_directory(gw_backup_manifest(reader)))
        return extract_folder(app, arena, reader, path, err);
    if (strcmp(path, "-") == 0)
        return write_out(reader, STDOUT_FILENO, "standard output", err);
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0) {
        bool exists = errno == EEXIST;
        gw_err_errno(err, errno, "cannot write %s", path);
        if (exists)
            err->kind = GW_ERR_USAGE;
        return false;
    }
    bool ok = write_out(reader, fd, path, err) &&
              (fsync(fd) == 0 || gw_err_errno(err, errno, "cannot write %s", path));
    close(fd);
    if (!ok)
        unlink(path);
    return ok;
}

/* ---- restoring ------------------------------------------------------------------------------------------ */

static bool may_restore(restoring *r, const gw_restore_options *options, bool *beside, gw_err *err)
{
    bool empty = false;
    if (strcmp(r->manifest->contents, "tables") == 0 && (options->replace || options->to_new)) {
        gw_err_set(err, GW_ERR_REFUSED, "the backup has some tables only");
        return gw_err_hint(err, "restore it --into an empty database and copy from there");
    }
    if (!gw_dump_is_empty(r->session, r->arena, &empty, err))
        return false;
    *beside = options->to_new || !empty;
    if (empty || options->replace || options->to_new)
        return true;
    gw_err_set(err, GW_ERR_REFUSED, "the database %s is not empty",
               gw_session_database(r->session));
    return gw_err_hint(err, "--replace puts the backup in its place; --to-new keeps what is there "
                            "under another name");
}

/* A session on another database of the server: nobody may be on one whose name changes. */
static bool open_elsewhere(restoring *r, gw_session **out, gw_err *err)
{
    static const char *const names[] = {"postgres", "template1"};
    for (size_t i = 0; i < 2; i++) {
        gw_err_clear(err);
        if (strcmp(names[i], gw_session_database(r->session)) != 0 &&
            open_session(r, names[i], out, err))
            return true;
    }
    return err->kind != GW_OK ||
           gw_err_set(err, GW_ERR_STATE, "the database of maintenance cannot be replaced");
}

/* Two restores at once, or one beside a run, would each undo the other. Tables of Godwit's that cannot be read are a
 * reason to restore, and none against it. */
static bool take_lock(restoring *r, gw_err *err)
{
    int version = 0;
    gw_err unread = {0};
    gw_run_lock_options options = gw_app_lock_options(r->app, &r->target.connect, -1);
    options.key_alone = !gw_control_version(r->session, &version, &unread) ||
                        version != gw_control_current();
    gw_err_clear(&unread);
    return gw_run_lock_take(r->arena, r->session, &r->app->actor, &options, &r->lock, err);
}

/* The backup's keys are of its time; those made since open other backups. Where they cannot be taken along the
 * database that has them stays. */
static void carry_keys(restoring *r, gw_session *from, const char *database)
{
    gw_session *to = NULL;
    gw_err problem = {0};
    if (!from || !open_session(r, database, &to, &problem) ||
        !gw_keys_carry(r->app, r->arena, from, to, &problem)) {
        r->keys_left = true;
        gw_log_write(r->app->options.log, GW_LOG_WARNING, NULL,
                     "the keys in godwit.keys could not be taken along: what was there is kept",
                     GW_FIELDS(GW_TEXT("why", problem.message)));
    }
    gw_err_clear(&problem);
    gw_session_close(to);
}

/* Those too that were made between the first look and the swap: behind it nobody makes any there. */
static void carry_last_keys(restoring *r, const char *old, const char *database)
{
    gw_session *from = NULL;
    gw_err ignored = {0};
    if (r->keys_left)
        return;
    if (!open_session(r, old, &from, &ignored))
        from = NULL;
    gw_err_clear(&ignored);
    carry_keys(r, from, database);
    gw_session_close(from);
}

static bool put_in_place(restoring *r, const gw_restore_options *options, gw_restored *out,
                         gw_err *err)
{
    gw_session *elsewhere = NULL;
    const char *fresh = NULL, *name = gw_strdup(r->arena, out->database);
    const char *old = gw_printf(r->arena, "%s%s", gw_place_kept_prefix(r->arena, name),
                                gw_time_version(r->arena, gw_now_us()));
    if (!open_elsewhere(r, &elsewhere, err) ||
        !gw_place_make(r->session, r->arena, &fresh, err))
        return false;
    gw_verified found = {0};
    bool ok = restore_into(r, fresh, "restoring", err) && compare(r, fresh, &found, err) &&
              gw_place_settle(r->session, r->arena, fresh, err);
    out->different = found.different;
    if (!ok) {
        gw_err ignored = {0};
        gw_place_drop(r->session, fresh, &ignored);
        gw_err_clear(&ignored);
        return false;
    }
    carry_keys(r, r->session, fresh);
    /* This session, and the lock with it, is ended by the swap, not before. */
    if (!gw_place_swap(elsewhere, r->arena, name, fresh, old, err)) {
        gw_err ignored = {0};
        gw_place_drop(elsewhere, fresh, &ignored);
        gw_err_clear(&ignored);
        return false;
    }
    /* What did not come back as it was may be missed: then nothing is dropped for it. */
    carry_last_keys(r, old, name);
    bool drops = !options->to_new && !out->different && !r->keys_left;
    out->kept = old;
    ok = !drops || gw_place_drop(elsewhere, old, err);
    if (!ok)
        gw_err_context(err, "the backup is restored; what was there before is still called %s", old);
    else if (drops)
        out->kept = NULL;
    gw_session_close(elsewhere);
    return ok;
}

/* The history that came with the backup, beside the files that are here. */
static void look_at_history(restoring *r, gw_restored *out)
{
    gw_status_list list;
    gw_err ignored = {0};
    /* Tenants that are databases: the status is theirs, and this is none of them. */
    if (r->into && r->app->environment.for_each.database_count)
        return;
    if (gw_app_status(r->app, r->arena, &list, &ignored) && list.len)
        out->status = &list.items[0];
    gw_err_clear(&ignored);
}

static bool restore(gw_app *app, gw_app *owner, gw_arena *arena, const gw_restore_options *options,
                    gw_restored *out, gw_err *err)
{
    restoring r = {.app = app, .owner = owner, .arena = arena, .into = app != owner};
    const char *path = NULL;
    bool beside = false;
    *out = (gw_restored){0};
    if (!gw_app_may_write(app, err) ||
        !begin(&r, options->id, options->passphrase_file, &path, err) || !take_lock(&r, err) ||
        !may_restore(&r, options, &beside, err))
        return false;
    out->id = r.manifest->id;
    out->database = gw_strdup(arena, gw_session_database(r.session));
    bool ok = beside ? put_in_place(&r, options, out, err)
                     : restore_into(&r, NULL, "restoring", err);
    out->duration_ms = r.duration_ms;
    gw_run_lock_release(r.lock);
    gw_session_close(r.session);
    if (!ok)
        return false;
    if (open_session(&r, NULL, &r.session, err)) {
        gw_event event = {.action = "restore", .outcome = "ok", .name = out->id,
                          .duration_ms = r.duration_ms};
        gw_backup_record(app, r.session, &event);
        gw_place_kept(r.session, arena, out->database, &out->before, &out->before_count, err);
        gw_err_clear(err);
        gw_session_close(r.session);
    } else {
        gw_err_clear(err);
    }
    look_at_history(&r, out);
    return true;
}

/* Another URL is another opened project: with it comes whether that database is protected. */
bool gw_app_restore(gw_app *app, gw_arena *arena, const char *into,
                    const gw_restore_options *options, gw_restored *out, gw_err *err)
{
    gw_app_options other = app->options;
    gw_app *opened = app;
    other.config.url = into;
    if (into && !gw_app_open(arena, &other, &opened, err))
        return false;
    return restore(opened, app, arena, options, out, err);
}
