/* Backups on a schedule: made, the newest proven by restoring it, old ones pruned. */
#include <string.h>

#include "app/backup_internal.h"
#include "app/maintain_internal.h"

static bool run_backup(gw_upkeep *u, gw_upkeep_step *step, gw_err *err)
{
    const gw_backup_options options = {.passphrase_file = u->wanted->passphrase_file};
    gw_backup_made made;
    if (!gw_backup_database(u->app, u->arena, &u->target.connect, &options, &made, err))
        return false;
    step->detail = gw_printf(u->arena, "%s, %lld bytes%s", made.id, (long long)made.bytes,
                             made.encrypted ? "" : ", not encrypted");
    return true;
}

bool gw_upkeep_backup(gw_upkeep *u, gw_err *err)
{
    gw_period every = u->settings->backups.every;
    const char *database = gw_strdup(u->arena, gw_session_database(u->session));
    gw_upkeep_step step = {.name = database, .beside = true, .run = run_backup,
                           .what = gw_printf(u->arena, "back up %s", database)};
    bool due = false;
    return !every.number || (gw_upkeep_due(u, database, every, &due, err) &&
                             (!due || gw_upkeep_do(u, &step, err)));
}

static bool run_verify(gw_upkeep *u, gw_upkeep_step *step, gw_err *err)
{
    gw_verified verified;
    if (!gw_app_backup_verify(u->app, u->arena, step->arg, u->wanted->passphrase_file, &verified,
                              err))
        return false;
    if (verified.different) {
        gw_err_set(err, GW_ERR_CHECK, "backup %s came back otherwise than it was", verified.id);
        return gw_err_detail(err, "%s", verified.different);
    }
    step->detail = gw_printf(u->arena, "%s: %zu tables, %lld rows, restored in %lld ms", verified.id,
                             verified.tables, (long long)verified.rows,
                             (long long)verified.restore_ms);
    return true;
}

static bool same(const char *said, const char *own)
{
    return said && own && strcmp(said, own) == 0;
}

/* The newest whole backup of this project's database; NULL: there is none, or it is verified already. */
static bool newest_unproven(gw_upkeep *u, const gw_backup_file **out, gw_err *err)
{
    gw_backup_files files;
    *out = NULL;
    if (!gw_app_backups(u->app, u->arena, &files, err))
        return false;
    for (size_t i = 0; i < files.len && !*out; i++) {
        const gw_manifest *m = &files.items[i].manifest;
        if (!files.items[i].trouble && strcmp(m->contents, "all") == 0 &&
            same(m->project, u->app->config.project) && same(m->environment, u->app->environment.name) &&
            same(m->database, gw_session_database(u->session)))
            *out = &files.items[i];
    }
    if (*out && (*out)->verified_at != GW_NULL_INT)
        *out = NULL;
    return true;
}

bool gw_upkeep_verify(gw_upkeep *u, gw_err *err)
{
    gw_period every = u->settings->backups.verify;
    const char *database = gw_strdup(u->arena, gw_session_database(u->session));
    const gw_backup_file *file;
    bool due = false;
    gw_err problem = {0};
    if (!every.number)
        return true;
    if (!newest_unproven(u, &file, &problem))
        return gw_upkeep_failed(u, database, "look at the backups", &problem, err);
    if (!file)
        return true;
    union {
        const char *in;
        void *out;
    } path = {.in = file->path};
    gw_upkeep_step step = {.name = database, .beside = true, .run = run_verify, .arg = path.out,
                           .what = gw_printf(u->arena, "restore and compare %s", file->manifest.id)};
    return gw_upkeep_due(u, database, every, &due, err) && (!due || gw_upkeep_do(u, &step, err));
}

static bool run_prune(gw_upkeep *u, gw_upkeep_step *step, gw_err *err)
{
    const gw_prune_options options = {0};
    gw_backup_files gone;
    if (!gw_app_backup_prune(u->app, u->arena, &options, &gone, err))
        return false;
    gw_buf names = GW_BUF(u->arena);
    for (size_t i = 0; i < gone.len; i++)
        gw_buf_addf(&names, "%s%s", i ? ", " : "", gone.items[i].manifest.id);
    step->detail = gw_buf_str(&names);
    return true;
}

bool gw_upkeep_prune(gw_upkeep *u, gw_err *err)
{
    const gw_prune_options look = {.dry_run = true};
    gw_backup_files gone;
    gw_err problem = {0};
    if (!u->settings->backups.prune)
        return true;
    if (!gw_app_backup_prune(u->app, u->arena, &look, &gone, &problem))
        return gw_upkeep_failed(u, "backups", "look for old backups", &problem, err);
    gw_upkeep_step step = {.name = "backups", .beside = true, .run = run_prune,
                           .what = gw_printf(u->arena, "remove %zu old backups", gone.len)};
    return !gone.len || gw_upkeep_do(u, &step, err);
}
