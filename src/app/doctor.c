#include "app/doctor.h"

#include <string.h>
#include <unistd.h>

#include "app/internal.h"
#include "base/clock.h"
#include "base/vec.h"

typedef struct visit {
    gw_app *app;
    gw_arena *arena;
    const gw_doctor_wanted *wanted;
    gw_target target;
    gw_doctor_result *out;
} visit;

static bool find_checks(gw_arena *arena, const char *const *ids, size_t count,
                        const gw_care_check ***out, gw_err *err)
{
    *out = gw_alloc_array(arena, count + 1, sizeof **out);
    for (size_t i = 0; i < count; i++) {
        (*out)[i] = gw_care_find(ids[i]);
        if (!(*out)[i]) {
            gw_err_set(err, GW_ERR_USAGE, "there is no check called %s", ids[i]);
            return gw_err_hint(err, "godwit doctor --list names them");
        }
    }
    return true;
}

static bool find_fixes(visit *v, const gw_care_check ***out, gw_err *err)
{
    if (!find_checks(v->arena, v->wanted->fixes, v->wanted->fix_count, out, err))
        return false;
    for (size_t i = 0; i < v->wanted->fix_count; i++)
        if (!(*out)[i]->safe) {
            gw_err_set(err, GW_ERR_USAGE, "what %s finds is not put right by itself",
                       (*out)[i]->id);
            return gw_err_hint(err, "godwit doctor --check %s shows what to do", (*out)[i]->id);
        }
    return true;
}

/* The memory of the server's machine, where that is this one; else 0. */
static int64_t memory_of(const gw_session *session)
{
    const char *host = gw_session_host(session);
    bool here = !*host || *host == '/' || strcmp(host, "localhost") == 0 ||
                strcmp(host, "127.0.0.1") == 0 || strcmp(host, "::1") == 0;
    long pages = sysconf(_SC_PHYS_PAGES), size = sysconf(_SC_PAGESIZE);
    return here && pages > 0 && size > 0 ? (int64_t)pages * size : 0;
}

static bool look(visit *v, gw_session *session, const gw_care_check *const *checks, size_t count,
                 gw_doctor_report *report, gw_err *err)
{
    gw_doctor_options options = {.checks = count ? checks : NULL,
                                 .count = count,
                                 .long_ms = v->wanted->long_ms,
                                 .timeout_ms = v->wanted->timeout_ms,
                                 .memory = memory_of(session)};
    return gw_doctor_look(session, v->arena, &options, report, err);
}

static bool open_session(visit *v, gw_session **out, gw_err *err)
{
    gw_connect connect = v->target.connect;
    connect.pinned = true;
    return gw_session_open(v->arena, &connect, out, err);
}

/* One statement, outside a transaction, and its event. */
static bool fix_one(visit *v, const gw_held *held, gw_session *session, const gw_finding *finding,
                    gw_err *err)
{
    int64_t started = gw_monotonic_us();
    bool ok = gw_exec(session, finding->sql, err);
    gw_fixed done = {.id = finding->check->id,
                     .object = finding->object,
                     .sql = finding->sql,
                     .duration_ms = (gw_monotonic_us() - started) / 1000};
    gw_event event = {.action = "doctor",
                      .outcome = "ok",
                      .name = gw_printf(v->arena, "%s %s", done.id, done.object),
                      .duration_ms = done.duration_ms};
    gw_err problem = {0};
    if (ok)
        *gw_vec_push(v->arena, v->out) = done;
    else
        gw_event_of_err(v->arena, &event, err);
    if (!gw_event_write(held->control, &event, &v->app->actor, ok ? err : &problem))
        ok = false;
    gw_err_clear(&problem);
    return ok || gw_err_context(err, "while %s of %s was put right: %s", done.id, done.object,
                                finding->sql);
}

static bool fix_all(visit *v, const gw_held *held, const gw_care_check *const *fixes, gw_err *err)
{
    gw_session *session = NULL;
    gw_doctor_report found;
    bool ok = open_session(v, &session, err) &&
              look(v, session, fixes, v->wanted->fix_count, &found, err);
    for (size_t i = 0; ok && i < found.len; i++)
        ok = !found.items[i].sql || fix_one(v, held, session, &found.items[i], err);
    gw_session_close(session);
    return ok;
}

static bool fix(visit *v, const gw_care_check *const *fixes, gw_err *err)
{
    gw_held held = {0};
    if (!gw_app_may_write(v->app, err))
        return false;
    bool ok = gw_app_hold(v->app, v->arena, &v->target, -1, &held, err) &&
              fix_all(v, &held, fixes, err);
    gw_run_lock_release(held.lock);
    gw_session_close(held.control);
    return ok;
}

bool gw_app_doctor(gw_app *app, gw_arena *arena, const gw_doctor_wanted *wanted,
                   gw_doctor_result *out, gw_err *err)
{
    visit v = {.app = app, .arena = arena, .wanted = wanted, .out = out};
    const gw_care_check **checks, **fixes;
    gw_session *session = NULL;
    *out = (gw_doctor_result){0};
    if (!find_checks(arena, wanted->checks, wanted->check_count, &checks, err) ||
        !find_fixes(&v, &fixes, err) ||
        !gw_app_whole_database(app, arena, true, &v.target, err) ||
        (wanted->fix_count && !fix(&v, fixes, err)))
        return false;
    bool ok = open_session(&v, &session, err) &&
              look(&v, session, checks, wanted->check_count, &out->report, err);
    gw_session_close(session);
    return ok;
}
