/* Retention of Godwit's own tables. What goes from a log is in a file first, compressed and, where there is a
 * key, encrypted. Which file that is going to be is written down before, and taken off in the transaction that deletes
 * the lines: what is still there was killed before that, so that the next run removes the file and makes another. */
#include "app/keys_internal.h"
#include "app/maintain_internal.h"
#include "base/build.h"
#include "base/clock.h"
#include "base/file.h"
#include "control/control.h"
#include "control/upkeep.h"
#include "sync/retention.h"

#include <stdio.h>

typedef struct moving {
    gw_upkeep *u;
    const char *contents; /* of the manifest */
    int64_t before;
    gw_manifest manifest;
    gw_backup_writer *writer;
    const char *path;
    int64_t lines;
} moving;

/* The row is anybody's who may write Godwit's tables: only what such a file is called is removed, and only where it is made. */
static void remove_left(const moving *m, const char *path)
{
    gw_arena *arena = m->u->arena;
    const char *begin = gw_printf(arena, "%s-", m->contents), *base = gw_path_base(path);
    size_t len = strlen(base), end = strlen(GW_BACKUP_SUFFIX);
    if (strncmp(base, begin, strlen(begin)) == 0 && len > end &&
        strcmp(base + len - end, GW_BACKUP_SUFFIX) == 0 &&
        strcmp(path, gw_path_join(arena, m->u->settings->archive, base)) == 0)
        remove(path);
}

static bool write_down(gw_upkeep *u, void *arg, gw_err *err)
{
    moving *m = arg;
    const char *left;
    if (!gw_upkeep_file_begin(u->session, u->arena, m->contents, m->path, &left, err))
        return false;
    if (left)
        remove_left(m, left);
    return true;
}

static bool begin_file(moving *m, gw_err *err)
{
    gw_upkeep *u = m->u;
    gw_recipients to;
    int version = gw_session_version(u->session);
    m->lines = 0;
    m->manifest = (gw_manifest){
        .id = gw_printf(u->arena, "%s-%s", m->contents, gw_backup_new_id(u->arena)),
        .created_at = gw_now_us(),
        .project = u->app->config.project,
        .environment = u->app->environment.name,
        .database = gw_session_database(u->session),
        .godwit = GW_VERSION,
        .server_version = gw_printf(u->arena, "%d.%d", version / 10000, version % 10000),
        .pg_dump = "none",
        .contents = m->contents};
    m->path = gw_path_join(u->arena, u->settings->archive,
                           gw_printf(u->arena, "%s" GW_BACKUP_SUFFIX, m->manifest.id));
    return gw_file_make_dirs(u->settings->archive, 0700, err) &&
           gw_control_ensure_part(u->session, "upkeep", u->app->actor.user, err) &&
           gw_upkeep_in_transaction(u, write_down, m, err) &&
           gw_keys_recipients(u->app, u->arena, u->wanted->passphrase_file, &to, err) &&
           gw_backup_begin(u->arena, u->settings->archive, &m->manifest, to.items, to.len,
                           &m->writer, err);
}

static bool take_line(void *self, const char *line, gw_err *err)
{
    moving *m = self;
    m->lines++;
    return gw_backup_write(m->writer, line, strlen(line), err) &&
           gw_backup_write(m->writer, "\n", 1, err);
}

static bool finish_file(void *self, gw_err *err)
{
    moving *m = self;
    return gw_backup_finish(m->writer, &m->path, err);
}

static bool move_lines(moving *m, gw_err *err)
{
    const gw_retention_sink sink = {take_line, finish_file, m};
    if (strcmp(m->contents, "logs") == 0)
        return gw_sync_move_logs(m->u->session, m->before, &sink, err);
    return gw_upkeep_move_events(m->u->session, m->before, take_line, finish_file, m, err);
}

static bool run_move(gw_upkeep *u, gw_upkeep_step *step, gw_err *err)
{
    moving *m = step->arg;
    if (!begin_file(m, err))
        return false;
    bool ok = gw_session_begin(u->session, "REPEATABLE READ", err) &&
              gw_upkeep_file_end(u->session, u->arena, m->contents, m->path, err) && move_lines(m, err) &&
              gw_session_commit(u->session, err);
    gw_backup_abandon(m->writer);
    if (ok)
        step->detail = gw_printf(u->arena, "%lld entries are in %s now", (long long)m->lines, m->path);
    return ok;
}

static bool run_checkpoints(gw_upkeep *u, gw_upkeep_step *step, gw_err *err)
{
    int64_t rows = 0, *before = step->arg;
    bool ok = gw_sync_forget_checkpoints(u->session, u->arena, *before, &rows, err);
    step->detail = gw_printf(u->arena, "%lld removed", (long long)rows);
    return ok;
}

static bool run_analyses(gw_upkeep *u, gw_upkeep_step *step, gw_err *err)
{
    int64_t rows = 0, *before = step->arg;
    bool ok = gw_sync_forget_analyses(u->session, u->arena, *before, &rows, err);
    step->detail = gw_printf(u->arena, "%lld removed", (long long)rows);
    return ok;
}

static bool run_departed(gw_upkeep *u, gw_upkeep_step *step, gw_err *err)
{
    int64_t rows = 0, *before = step->arg;
    bool ok = gw_sync_forget_departed(u->session, u->arena, *before, &rows, err);
    step->detail = gw_printf(u->arena, "%lld removed", (long long)rows);
    return ok;
}

static bool do_logs(gw_upkeep *u, const char *contents, const char *of, int64_t before, int64_t rows,
                    gw_err *err)
{
    moving m = {.u = u, .contents = contents, .before = before};
    gw_upkeep_step step = {.name = contents,
                           .what = gw_printf(u->arena, "archive entries of %s older than %s", of,
                                             gw_period_text(u->arena, u->settings->retention.logs)),
                           .beside = true,
                           .run = run_move,
                           .arg = &m};
    return !rows || gw_upkeep_do(u, &step, err);
}

static bool do_tables_of_runs(gw_upkeep *u, const gw_sync_ages *before, gw_err *err)
{
    gw_sync_ages ages = *before;
    gw_sync_old old;
    gw_err problem = {0};
    int version = 0;
    if (!gw_control_part_version(u->session, "differential", &version, &problem) ||
        (version && !gw_sync_count_old(u->session, u->arena, version, before, &old, &problem)))
        return gw_upkeep_failed(u, "logs", "look at the tables of runs", &problem, err);
    if (!version)
        return true;
    gw_upkeep_step checkpoints = {
        .name = "checkpoints",
        .what = gw_printf(u->arena, "remove %s", gw_printf(u->arena, "%lld completed checkpoints",
                                                          (long long)old.checkpoints)),
        .beside = true, .run = run_checkpoints, .arg = &ages.checkpoints};
    gw_upkeep_step analyses = {
        .name = "analyses",
        .what = gw_printf(u->arena, "remove %lld analyses", (long long)old.analyses),
        .beside = true, .run = run_analyses, .arg = &ages.analyses};
    gw_upkeep_step departed = {
        .name = "departed",
        .what = gw_printf(u->arena, "forget %lld rows that are gone", (long long)old.departed),
        .beside = true, .run = run_departed, .arg = &ages.departed};
    if (!do_logs(u, "logs", "the log of runs", ages.logs, old.logs, err) ||
        (old.departed && !gw_upkeep_do(u, &departed, err)) ||
        (old.checkpoints && !gw_upkeep_do(u, &checkpoints, err)))
        return false;
    /* Those that only a checkpoint kept are seen now. */
    if (old.checkpoints && !u->wanted->dry_run &&
        !gw_sync_count_old(u->session, u->arena, version, before, &old, err))
        return false;
    analyses.what = gw_printf(u->arena, "remove %lld analyses", (long long)old.analyses);
    return !old.analyses || gw_upkeep_do(u, &analyses, err);
}

bool gw_upkeep_retention(gw_upkeep *u, gw_err *err)
{
    int64_t now = gw_now_us(), events = 0;
    gw_err problem = {0};
    gw_period logs = u->settings->retention.logs, points = u->settings->retention.checkpoints,
              analyses = u->settings->retention.analyses,
              departed = u->settings->retention.departed;
    const gw_sync_ages before = {gw_calendar_add(now, -logs.number, logs.unit),
                                 gw_calendar_add(now, -points.number, points.unit),
                                 gw_calendar_add(now, -analyses.number, analyses.unit),
                                 gw_calendar_add(now, -departed.number, departed.unit)};
    if (!u->has_tables)
        return true;
    if (!gw_upkeep_old_events(u->session, u->arena, before.logs, &events, &problem))
        return gw_upkeep_failed(u, "upkeep", "look at old entries of the audit", &problem, err);
    return do_logs(u, "upkeep", "upkeep", before.logs, events, err) &&
           do_tables_of_runs(u, &before, err);
}
