#include "sync/crew.h"

#include <pthread.h>

#include "base/clock.h"

enum { IDLE_MS = 50 };

typedef struct member {
    gw_crew *crew;
    gw_mover_id id;
    pthread_t thread;
    bool running;
} member;

struct gw_crew {
    gw_sync_work *work;
    gw_connect source, destination;
    member *members;
    size_t count;
    bool replica;
    atomic_bool stop;
    atomic_uint alive;
    pthread_mutex_t lock; /* over what follows */
    bool failed;
    const char *entity;
    gw_err problem;
};

/* The first one stays until it is taken. */
static void report(gw_crew *crew, const char *entity, gw_err *problem)
{
    pthread_mutex_lock(&crew->lock);
    if (!crew->failed) {
        crew->failed = true;
        crew->entity = entity;
        gw_err_move(&crew->problem, problem);
    }
    pthread_mutex_unlock(&crew->lock);
    gw_err_clear(problem);
}

static bool ends(const gw_crew *crew)
{
    return atomic_load(&crew->stop) || atomic_load(&crew->work->stop) ||
           gw_cancel_level(crew->work->cancel) > 0;
}

static void work(gw_crew *crew, gw_mover *mover, gw_session *source, gw_session *destination)
{
    while (!ends(crew)) {
        gw_err problem = {0};
        const char *entity;
        bool did = false;
        if (!gw_mover_step(mover, &did, &entity, &problem)) {
            report(crew, entity, &problem);
            if (gw_session_lost(source) || gw_session_lost(destination) ||
                !gw_session_in_transaction(source))
                return;
        }
        if (!did)
            gw_sleep_ms(IDLE_MS, crew->work->cancel);
    }
}

static void *live(void *arg)
{
    member *self = arg;
    gw_crew *crew = self->crew;
    gw_arena *arena = gw_arena_new();
    gw_session *source, *destination;
    gw_err err = {0};
    if (gw_session_open(arena, &crew->source, &source, &err) &&
        gw_session_open(arena, &crew->destination, &destination, &err) &&
        (!crew->replica ||
         gw_exec(destination, "SET session_replication_role = replica", &err)) &&
        gw_snapshot_join(source, arena, crew->work->snapshot, 0, &err)) {
        work(crew, gw_mover_new(arena, crew->work, source, destination, &self->id), source,
             destination);
        gw_session_rollback(source);
    } else {
        gw_log_write(crew->work->log, GW_LOG_WARNING, NULL, "a worker could not begin",
                     GW_FIELDS(GW_TEXT("why", err.message)));
        gw_err_clear(&err);
    }
    gw_arena_free(arena);
    atomic_fetch_sub(&crew->alive, 1);
    return NULL;
}

static void stop_at_cleanup(void *arg)
{
    gw_crew *crew = arg;
    gw_crew_stop(crew);
    gw_err_clear(&crew->problem);
    pthread_mutex_destroy(&crew->lock);
}

bool gw_crew_start(gw_arena *arena, gw_sync_work *work, const gw_connect *source,
                   const gw_connect *destination, const gw_mover_id *ids, size_t count,
                   bool replica, gw_crew **out, gw_err *err)
{
    gw_crew *crew = gw_alloc(arena, sizeof *crew);
    *crew = (gw_crew){.work = work,
                      .source = *source,
                      .destination = *destination,
                      .members = gw_alloc_array(arena, count + 1, sizeof *crew->members),
                      .count = count,
                      .replica = replica};
    pthread_mutex_init(&crew->lock, NULL);
    gw_arena_defer(arena, stop_at_cleanup, crew);
    *out = crew;
    for (size_t i = 0; i < count; i++) {
        crew->members[i] = (member){.crew = crew, .id = ids[i]};
        if (pthread_create(&crew->members[i].thread, NULL, live, &crew->members[i]) != 0)
            return gw_err_set(err, GW_ERR_INTERNAL, "no thread could be started for a worker");
        atomic_fetch_add(&crew->alive, 1);
        crew->members[i].running = true;
    }
    return true;
}

bool gw_crew_problem(gw_crew *crew, const char **entity, gw_err *problem)
{
    if (!crew)
        return false;
    pthread_mutex_lock(&crew->lock);
    bool failed = crew->failed;
    if (failed) {
        *entity = crew->entity;
        gw_err_move(problem, &crew->problem);
        crew->failed = false;
    }
    pthread_mutex_unlock(&crew->lock);
    return failed;
}

bool gw_crew_works(gw_crew *crew)
{
    return (int)atomic_load(&crew->alive) > 0;
}

void gw_crew_stop(gw_crew *crew)
{
    if (!crew)
        return;
    atomic_store(&crew->stop, true);
    for (size_t i = 0; i < crew->count; i++) {
        if (crew->members[i].running)
            pthread_join(crew->members[i].thread, NULL);
        crew->members[i].running = false;
    }
}
