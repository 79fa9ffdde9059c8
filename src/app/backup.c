/* Making a backup: one snapshot for the counts and for pg_dump, one file. */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "app/keys_internal.h"
#include "base/build.h"
#include "base/clock.h"
#include "control/control.h"
#include "control/history.h"
#include "migrate/plan.h"
#include "schema/value.h"

/* ---- what opens them ----------------------------------------------------------------------------- */

void gw_wipe_text(const char *text)
{
    union {
        const char *in;
        char *out;
    } both = {.in = text};
    gw_secret_wipe(both.out, strlen(text));
}

bool gw_backup_keys(gw_app *app, gw_arena *arena, const char *passphrase_file, gw_unlock *out,
                    gw_err *err)
{
    const char *text = NULL;
    gw_master of_file;
    *out = (gw_unlock){0};
    if (passphrase_file) {
        bool read = gw_keys_passphrase_of(arena, passphrase_file, &of_file, err);
        if (read)
            out->passphrase = of_file.secret;
        return read;
    }
    gw_secret_no_dumps();
    gw_arena *scratch = gw_arena_new();
    bool ok = gw_config_passphrase(scratch, &app->config, &text, err);
    if (ok && text) {
        out->passphrase = gw_secret_copy(arena, text, strlen(text));
        if (text != gw_config_variable(&app->config, "GODWIT_PASSPHRASE"))
            gw_wipe_text(text);
    }
    gw_arena_free(scratch);
    return ok;
}

/* ---- progress -------------------------------------------------------------------------------------- */

void gw_bytes_begin(gw_byte_progress *self, gw_app *app, const char *doing, const char *label)
{
    *self = (gw_byte_progress){.observer = gw_app_observer(app),
                               .now = {.kind = GW_PROGRESS_START, .tenant = "", .name = label,
                                       .text = doing}};
    if (self->observer.see)
        self->observer.see(self->observer.self, &self->now);
}

static void see_bytes(void *arg, int64_t done, int64_t total)
{
    gw_byte_progress *self = arg;
    self->now.kind = GW_PROGRESS_COPY;
    self->now.done = done;
    self->now.total = total;
    if (self->observer.see)
        self->observer.see(self->observer.self, &self->now);
}

gw_dump_progress gw_bytes_seen(gw_byte_progress *self)
{
    return (gw_dump_progress){see_bytes, self};
}

void gw_bytes_end(gw_byte_progress *self, bool ok)
{
    self->now.kind = ok ? GW_PROGRESS_DONE : GW_PROGRESS_FAILED;
    if (self->observer.see)
        self->observer.see(self->observer.self, &self->now);
}

/* ---- the audit ------------------------------------------------------------------------------------- */

bool gw_backup_record(gw_app *app, gw_session *session, const gw_event *event)
{
    gw_err problem = {0};
    int version = 0;
    bool ok = gw_control_version(session, &version, &problem);
    bool may = ok && version == gw_control_current() && !gw_session_read_only(session);
    if (may)
        ok = gw_event_write(session, event, &app->actor, &problem);
    if (!ok)
        gw_log_write(app->options.log, GW_LOG_WARNING, NULL, "the audit could not be written",
                     GW_FIELDS(GW_TEXT("why", problem.message)));
    gw_err_clear(&problem);
    return may && ok;
}

/* ---- making one ------------------------------------------------------------------------------------ */

typedef struct making {
    gw_app *app;
    gw_arena *arena;
    const gw_connect *connect;
    const gw_backup_options *options;
    gw_session *session;
    gw_client client;
    gw_dump_view view;
    const char *fingerprint;
    gw_backup_made *out;
} making;

const char *gw_backup_new_id(gw_arena *arena)
{
    unsigned char random[4];
    gw_random_bytes(random, sizeof random);
    return gw_printf(arena, "%s-%02x%02x%02x%02x", gw_time_version(arena, gw_now_us()), random[0],
                     random[1], random[2], random[3]);
}

static bool read_fingerprint(making *m, const char **out, gw_err *err)
{
    gw_arena *scratch = gw_arena_new();
    gw_schema *schema;
    bool ok = gw_schema_read(m->session, scratch, NULL, &schema, err);
    if (ok)
        *out = gw_strdup(m->arena, gw_schema_fingerprint(scratch, schema));
    gw_arena_free(scratch);
    return ok;
}

/* The newest version applied of any service, in the order of the files where they can be read; NULL
 * where there is no history. */
static bool newest_version(making *m, const char **out, gw_err *err)
{
    gw_applied_list rows;
    gw_migration_list files;
    gw_plan plan;
    gw_err unread = {0};
    int version = 0;
    *out = NULL;
    if (!gw_history_read(m->session, m->arena, "", &rows, &version, err))
        return false;
    if (!gw_app_migrations(m->app, m->arena, &files, NULL, &unread)) {
        gw_err_clear(&unread);
        files = (gw_migration_list){0};
    }
    gw_plan_make(m->arena, &files, &rows, &(gw_event_list){0}, NULL, NULL, NULL, &plan);
    *out = plan.current;
    return true;
}

static bool fill_manifest(making *m, gw_err *err)
{
    gw_manifest *out = &m->out->manifest;
    int version = gw_session_version(m->session);
    *out = (gw_manifest){
        .id = m->options->id ? m->options->id : gw_backup_new_id(m->arena),
        .created_at = m->view.taken_at,
        .project = m->app->config.project,
        .environment = m->app->environment.name,
        .database = gw_session_database(m->session),
        .godwit = GW_VERSION,
        .server_version = gw_printf(m->arena, "%d.%d", version / 10000, version % 10000),
        .pg_dump = m->client.version,
        .contents = m->options->tables ? "tables" : m->options->schema_only ? "schema" : "all",
        .format = m->options->directory ? "directory" : "custom",
        .fingerprint = m->options->tables ? NULL : m->fingerprint};
    for (size_t i = 0; i < m->view.tables.len; i++)
        *gw_vec_push(m->arena, &out->tables) = m->view.tables.items[i];
    (void)err;
    return true;
}

/* Others may change the schema meanwhile, where no lock of pg_dump's forbids it. */
static bool schema_stood_still(making *m, gw_err *err)
{
    const char *after = NULL;
    if (m->options->tables)
        return true;
    if (!read_fingerprint(m, &after, err))
        return false;
    if (strcmp(after, m->fingerprint) == 0)
        return true;
    gw_err_set(err, GW_ERR_RETRYABLE, "the schema was changed while it was backed up");
    return gw_err_hint(err, "run the command again");
}

static bool write_file(making *m, const gw_recipients *to, gw_err *err)
{
    gw_backup_writer *writer;
    gw_byte_progress progress;
    gw_backup_made *out = m->out;
    const char *version = out->manifest.migration_version;
    if (!fill_manifest(m, err))
        return false;
    out->manifest.migration_version = version;
    const char *folder = m->options->folder ? m->options->folder : m->app->config.backup.directory;
    if (!gw_backup_begin(m->arena, folder, &out->manifest, to->items, to->len, &writer, err))
        return false;
    gw_bytes_begin(&progress, m->app, "backing up", out->manifest.database);
    gw_dump_run run = {.client = &m->client,
                       .conninfo = m->connect->conninfo,
                       .view = &m->view,
                       .schema_only = m->options->schema_only,
                       .jobs = m->options->directory ? m->app->environment.connections : 0,
                       .directory = m->app->config.backup.directory,
                       .cancel = m->app->options.cancel,
                       .progress = gw_bytes_seen(&progress)};
    bool ok = gw_dump_write(m->arena, &run, writer, err);
    gw_session_rollback(m->session);
    ok = ok && schema_stood_still(m, err) && gw_backup_finish(writer, &out->path, err);
    gw_bytes_end(&progress, ok);
    if (!ok)
        gw_backup_abandon(writer);
    return ok;
}

static bool fill_made(making *m, bool encrypted, gw_err *err)
{
    gw_backup_made *out = m->out;
    struct stat info;
    if (stat(out->path, &info) != 0)
        return gw_err_errno(err, errno, "cannot read %s", out->path);
    out->id = out->manifest.id;
    out->encrypted = encrypted;
    out->sha256 = out->manifest.stored_sha256;
    out->bytes = info.st_size;
    return true;
}

static bool make(making *m, gw_err *err)
{
    gw_recipients to;
    const char *version = NULL;
    if (!gw_keys_recipients(m->app, m->arena, m->options->passphrase_file, &to, err) ||
        !gw_client_find(m->arena, "pg_dump", gw_session_version(m->session), &m->client, err) ||
        !newest_version(m, &version, err) || !read_fingerprint(m, &m->fingerprint, err) ||
        !gw_dump_look(m->session, m->arena, m->options->tables, !m->options->schema_only, &m->view,
                      err))
        return false;
    m->out->manifest.migration_version = version;
    return write_file(m, &to, err) && fill_made(m, to.len > 0, err);
}

bool gw_backup_database(gw_app *app, gw_arena *arena, const gw_connect *connect,
                        const gw_backup_options *options, gw_backup_made *out, gw_err *err)
{
    making m = {.app = app, .arena = arena, .connect = connect, .options = options, .out = out};
    gw_connect own = *connect;
    int64_t started = gw_monotonic_us();
    own.pinned = true;
    *out = (gw_backup_made){0};
    if (!gw_session_open(arena, &own, &m.session, err))
        return gw_err_context(err, "while a backup was made");
    bool ok = make(&m, err);
    gw_session_rollback(m.session);
    gw_event event = {.action = "backup",
                      .outcome = "ok",
                      .name = out->id,
                      .duration_ms = (gw_monotonic_us() - started) / 1000};
    if (!ok)
        gw_event_of_err(arena, &event, err);
    out->recorded = gw_backup_record(app, m.session, &event);
    out->duration_ms = event.duration_ms;
    gw_session_close(m.session);
    return ok || gw_err_context(err, "while a backup was made");
}

bool gw_app_backup(gw_app *app, gw_arena *arena, const gw_backup_options *options,
                   gw_backup_made *out, gw_err *err)
{
    gw_target one;
    if (!gw_app_whole_database(app, arena, true, &one, err))
        return false;
    return gw_backup_database(app, arena, &one.connect, options, out, err);
}
