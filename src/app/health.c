#include "app/health.h"

#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "app/backup.h"
#include "app/internal.h"
#include "app/schema.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/vec.h"
#include "sql_app.h"
#include "sql_migrate.h"

enum { ROOM_LEAST = 256 * 1024 }; /* bytes that a backup needs at least */

void gw_health_add(gw_arena *arena, gw_health *health, const char *name, const char *reason)
{
    *gw_vec_push(arena, health) = (gw_health_check){.name = name, .ok = !reason, .reason = reason};
    health->healthy = health->healthy && !reason;
}

static const char *counted(gw_arena *arena, size_t count, const char *one, const char *many)
{
    return count ? gw_printf(arena, "%zu %s", count, count == 1 ? one : many) : NULL;
}

/* At that version: it is applied. Past it: nobody knows it any more (a squash has it), and a later one is applied. */
static bool is_at_or_past(const gw_status *s, const char *version)
{
    bool known = false, past = false;
    for (size_t k = 0; k < s->len; k++) {
        const gw_status_item *item = &s->items[k];
        bool applied = item->applied_at != GW_NULL_INT;
        if (gw_version_is(item->version, version)) {
            if (applied)
                return true;
            known = true;
        }
        past = past || (applied && !item->repeatable && gw_version_is_past(item->version, version));
    }
    return past && !known;
}

/* Everything of the folders, or one version by name. */
static const char *lacking(gw_arena *arena, const gw_status_list *list, const char *version)
{
    size_t pending = 0;
    for (size_t i = 0; i < list->len; i++) {
        const gw_status *s = &list->items[i];
        pending += s->pending + s->out_of_order;
        if (version && !is_at_or_past(s, version))
            return gw_printf(arena, "version %s is not applied%s%s", version, *s->tenant ? " in tenant " : "",
                             s->tenant);
    }
    return version ? NULL : counted(arena, pending, "migration is pending", "migrations are pending");
}

static void check_status(gw_arena *arena, const gw_status_list *list, const char *version,
                         gw_health *out)
{
    size_t failed = 0, changed = 0;
    for (size_t i = 0; i < list->len; i++) {
        failed += list->items[i].failed;
        changed += list->items[i].modified + list->items[i].missing;
    }
    const char *reason = counted(arena, failed, "migration has failed", "migrations have failed");
    if (!reason)
        reason = counted(arena, changed, "applied migration is not as it was",
                         "applied migrations are not as they were");
    gw_health_add(arena, out, "migrations", reason);
    gw_health_add(arena, out, "version", lacking(arena, list, version));
}

static bool check_replicas(gw_app *app, gw_arena *arena, int64_t most_ms, gw_health *out,
                           gw_err *err)
{
    struct {
        int64_t lag_ms;
    } row;
    static const gw_col cols[] = {{"lag_ms", GW_COL_INT, false, 0}};
    gw_connect connect;
    gw_session *session;
    gw_result result;
    if (!gw_app_connect_options(app, false, &connect, err))
        return false;
    connect.pinned = true;
    if (!gw_session_open(arena, &connect, &session, err) ||
        !gw_query(session, arena, &gw_sql_replica_lag, NULL, 0, &result, err) ||
        !gw_row(arena, &result, cols, 1, &row, err))
        return false;
    bool behind = row.lag_ms != GW_NULL_INT && row.lag_ms > most_ms;
    gw_health_add(arena, out, "replicas",
                  behind ? gw_printf(arena, "a replica is %lld ms behind", (long long)row.lag_ms)
                         : NULL);
    return true;
}

/* Where backups are made, there has to be room for one more like the newest. Not asked for where nobody has
 * made any and no run does. */
static void check_backups(gw_app *app, gw_arena *arena, gw_health *out)
{
    const char *dir = app->config.backup.directory, *reason = NULL, *place = dir;
    gw_backup_files files;
    gw_err problem = {0};
    struct statvfs room;
    int64_t needed = 0;
    bool there = gw_file_exists(dir);
    if (!there && !app->environment.backup_before_up)
        return;
    if (!gw_app_backups(app, arena, &files, &problem))
        reason = "the folder of backups cannot be read";
    for (size_t i = 0; !reason && i < files.len && !needed; i++)
        needed = files.items[i].trouble ? 0 : files.items[i].bytes;
    /* The folder is made with the first one. */
    while (!gw_file_exists(place) && strcmp(place, "/") != 0)
        place = gw_path_dir(arena, place);
    if (!reason && (!gw_file_is_dir(place) || access(place, W_OK) != 0))
        reason = "the folder of backups cannot be written to";
    else if (!reason && statvfs(place, &room) == 0 &&
             (int64_t)room.f_bavail < (needed + ROOM_LEAST) / (int64_t)room.f_frsize)
        reason = "the disk has no room for another backup";
    gw_err_clear(&problem);
    gw_health_add(arena, out, "backups", reason);
}

/* Which errors are findings: those of the server or of the way to it. */
static bool is_finding(const gw_err *err)
{
    switch (err->kind) {
    case GW_ERR_USAGE:
    case GW_ERR_CONFIG:
    case GW_ERR_INTERNAL:
    case GW_ERR_INTERRUPTED:
        return false;
    default:
        return true;
    }
}

/* It stands still, it is not there, or it has said something else. */
static const char *why_not(const gw_app *app, gw_arena *arena, const gw_err *problem, int64_t waited_ms)
{
    bool away = problem->kind == GW_ERR_CONNECT || problem->kind == GW_ERR_LOST;
    bool silent = app->options.answer_ms && waited_ms >= app->options.answer_ms;
    return silent && (away || problem->kind == GW_ERR_BUSY)
               ? gw_printf(arena, "the database has not answered for %lld ms", (long long)waited_ms)
           : away ? "the database cannot be reached"
                  : "the database does not answer as it should";
}

bool gw_app_health(gw_app *app, gw_arena *arena, const gw_health_options *options, gw_health *out,
                   gw_err *err)
{
    gw_status_list list = {0};
    gw_err problem = {0};
    int64_t began = gw_monotonic_us();
    *out = (gw_health){.healthy = true};
    bool ok = gw_app_status(app, arena, &list, &problem);
    out->answers = ok;
    if (ok) {
        gw_health_add(arena, out, "database", NULL);
        check_status(arena, &list, options->require, out);
        ok = !options->max_replica_lag_ms ||
             check_replicas(app, arena, options->max_replica_lag_ms, out, &problem);
    }
    if (!ok && !is_finding(&problem)) {
        gw_err_move(err, &problem);
        return false;
    }
    check_backups(app, arena, out);
    if (ok)
        return true;
    gw_health_add(arena, out, "database", why_not(app, arena, &problem, (gw_monotonic_us() - began) / 1000));
    gw_err_clear(&problem);
    return true;
}

void gw_app_health_drift(gw_app *app, gw_arena *arena, gw_health *out)
{
    gw_drift drift = {0};
    gw_err problem = {0};
    const char *reason = NULL;
    if (!gw_app_drift(app, arena, &drift, &problem))
        reason = "drift could not be looked for";
    else if (!drift.not_compared && !drift.equal)
        reason = counted(arena, drift.to_files.plan->changes.len,
                         "object is not as the migrations make it",
                         "objects are not as the migrations make them");
    gw_err_clear(&problem);
    gw_health_add(arena, out, "drift", reason);
}

bool gw_app_lock_waits(gw_session *session, gw_arena *arena, int64_t *waiting, int64_t *longest_ms,
                       gw_err *err)
{
    struct waits {
        int64_t waiting, longest_ms;
    } row;
    static const gw_col cols[] = {
        {"waiting", GW_COL_INT, true, offsetof(struct waits, waiting)},
        {"longest_ms", GW_COL_INT, true, offsetof(struct waits, longest_ms)},
    };
    gw_result result;
    if (!gw_query(session, arena, &gw_sql_lock_waits, NULL, 0, &result, err) ||
        !gw_row(arena, &result, cols, 2, &row, err))
        return false;
    *waiting = row.waiting;
    *longest_ms = row.longest_ms;
    return true;
}
