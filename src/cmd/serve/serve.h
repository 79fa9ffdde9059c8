/*
 * godwit serve: what its parts share. A request opens the project anew, on its own arena, and runs the command
 * that says the same on a terminal; what it prints with --json is the answer. So there is one writer of each
 * document, one reader of each parameter, and nothing here knows what they are about.
 */
#ifndef GW_CMD_SERVE_H
#define GW_CMD_SERVE_H

#include <pthread.h>
#include <stdatomic.h>

#include "cmd/commands.h"
#include "http/limit.h"
#include "http/server.h"
#include "pg/pool.h"
#include "sync/overview.h"

typedef struct gw_serve gw_serve;

/* What reads the database, by who waits for it. */
typedef enum {
    GW_READ_SOON,  /* a machine, which would rather hear that nobody answers: readiness, figures */
    GW_READ_USUAL, /* whoever asks */
    GW_READ_SLOW,  /* it takes long: the doctor, a comparison. On a session of its own, the others on the pool's */
} gw_read;

/* ---- the API as a table (api.c) ------------------------------------------------------------------------ */

typedef enum {
    GW_API_READ,   /* GET, answered when it is done */
    GW_API_ACT,    /* POST, answered when it is done */
    GW_API_JOB,    /* POST, answered at once: a job goes on */
    GW_API_OWN,    /* a handler of its own */
} gw_api_kind;

/* What a handler of the table does. Also what the OpenAPI document is made from. */
typedef struct gw_api {
    gw_api_kind kind;
    const char *summary;
    const gw_command *command;      /* not of GW_API_OWN */
    const char *name;               /* of the command: "sync run" */
    const char *const *options;     /* of the command, that may be given; NULL-terminated; NULL: none */
    const char *const *fixed;       /* of the command, flags that are always given; NULL */
    const char *argument;           /* what its argument is called here; NULL: none */
    bool id;                        /* the argument is a name made by Godwit: no path, no pattern */
    const char *action;             /* its first argument, always the same: "check"; NULL */
    const char *in_path;            /* what {…} of the path is: an option */
    bool shared;                    /* all who ask at the same time get one answer */
    const char *must;               /* an option without which nothing is done; NULL */
    const char *shape;              /* of the answer: see openapi.c */
    const char *result;             /* of GW_API_JOB: the shape of what the command answers */
    const char *const *query;       /* of GW_API_OWN: name, what it is, …; NULL-terminated; NULL: none */
    const char *type;               /* of an answer that is no JSON; NULL: text/plain */
} gw_api;

extern const gw_route gw_serve_routes[];
extern const size_t gw_serve_route_count;

/* ---- calls (call.c) ------------------------------------------------------------------------------------ */

typedef struct gw_call {
    const gw_api *api;
    gw_words words;
    const char *protected_name; /* the environment's, typed by whoever asks; NULL */
} gw_call;

/* What a request says, as the words of the command. Kind USAGE for anything that it does not know. */
bool gw_call_of_request(const gw_api *api, const gw_request *request, gw_call *out, gw_err *err);

typedef struct gw_call_run {
    const gw_call *call;
    gw_arena *arena;
    const char *who;            /* goes into history and audit */
    const gw_cancel *cancel;
    const gw_observer *observer; /* NULL: nobody watches */
    bool pooled;                /* it only reads */
    int64_t answer_ms;          /* as gw_app_options says */
} gw_call_run;

/* One JSON document into *out, also where it failed: then it is the error's. */
bool gw_call_do(gw_serve *serve, const gw_call_run *run, gw_buf *out, int *exit_code, gw_err *err);

/* The status that an error of this kind has over HTTP. */
unsigned gw_serve_status_of(gw_err_kind kind);
void gw_serve_error(gw_reply *reply, const gw_err *err);

/* ---- answers for many (cache.c) ------------------------------------------------------------------------ */

enum { GW_CACHE_SLOTS = 64 };
typedef struct gw_cached {
    char *key, *body; /* malloc'ed */
    const char *type; /* a literal */
    unsigned status;
    int64_t until;    /* of the monotonic clock */
    unsigned waiting;
    bool busy;
} gw_cached;
typedef struct gw_cache {
    pthread_mutex_t mutex;
    pthread_cond_t change;
    gw_cached slots[GW_CACHE_SLOTS];
} gw_cache;

void gw_cache_init(gw_cache *cache);
void gw_cache_free(gw_cache *cache);
/* Forget what was said: something has been done. */
void gw_cache_clear(gw_cache *cache);
/* One asks, all others that come meanwhile get its answer; it holds for lasts_ms, one that says what went wrong for
 * a second at most. */
void gw_cache_answer(gw_cache *cache, const char *key, int64_t lasts_ms, gw_reply *reply,
                     void (*make)(void *self, gw_reply *reply), void *self);

/* ---- who may (who.c) ----------------------------------------------------------------------------------- */

enum { GW_SERVE_SESSIONS = 256, GW_SERVE_KNOWN = 256 };

typedef struct gw_serve_who {
    pthread_mutex_t mutex;
    char secret[65];
    char link_token[80];    /* "" once it was used */
    struct {
        char digest[65];
        gw_role role;
        int64_t until;
    } sessions[GW_SERVE_SESSIONS];
    struct {
        char digest[65], name[128];
        gw_role role;
        int64_t until, expires_at; /* the latter of the clock; GW_NULL_INT: never */
    } known[GW_SERVE_KNOWN]; /* tokens that were looked up a moment ago */
    gw_limit limit;
    const char *proxy_header, *proxy_from; /* NULL */
    const char *const *proxy_operators;    /* NULL-terminated */
} gw_serve_who;

void gw_who_init(gw_serve *serve);
bool gw_who_guard(void *self, gw_request *request, gw_reply *reply);
void gw_who_refused(void *self, const gw_request *request, unsigned status, const char *why);
void gw_who_login(void *self, gw_request *request, gw_reply *reply);
void gw_who_logout(void *self, gw_request *request, gw_reply *reply);
/* What a page sends back with each action of this person: 64 digits. */
const char *gw_who_csrf(gw_serve *serve, const gw_request *request);
const char *gw_role_name(gw_role role);

/* ---- the audit (audit.c) ------------------------------------------------------------------------------- */

typedef struct gw_audit_row {
    struct gw_audit_row *next;
    char *action, *outcome, *who, *message;
    int64_t took_ms;
    unsigned count;
} gw_audit_row;

typedef struct gw_audit {
    pthread_mutex_t mutex;
    pthread_cond_t change;
    pthread_t thread;
    gw_audit_row *first, **last;
    size_t rows, lost;
    bool started, stopping;
} gw_audit;

void gw_audit_start(gw_serve *serve);
/* who NULL: the server itself. Returns at once; the row is written as soon as the database takes it. */
void gw_audit_add(gw_serve *serve, const char *action, const char *outcome, const char *who,
                  const char *message);
/* The same of what took its time. */
void gw_audit_took(gw_serve *serve, const char *action, const char *outcome, const char *who,
                   const char *message, int64_t took_ms);
void gw_audit_stop(gw_serve *serve);

/* ---- jobs (jobs.c) ------------------------------------------------------------------------------------- */

typedef struct gw_jobs {
    pthread_mutex_t mutex;
    struct gw_job *first; /* the newest */
    size_t count, running;
    int64_t next;
    bool stopping;
} gw_jobs;

void gw_jobs_init(gw_jobs *jobs);
/* The answer: the job, or why there is none. */
void gw_job_start(gw_serve *serve, const gw_api *api, gw_request *request, gw_reply *reply);
void gw_jobs_list(void *self, gw_request *request, gw_reply *reply);
void gw_jobs_one(void *self, gw_request *request, gw_reply *reply);
void gw_jobs_end_one(void *self, gw_request *request, gw_reply *reply);
/* All are asked to stop at their next safe point, and waited for as long as somebody is there who may bring them to it. */
void gw_jobs_stop(gw_serve *serve);

/* ---- metrics (metrics.c) ------------------------------------------------------------------------------- */

enum { GW_LATENCY_BUCKETS = 12, GW_MOST_ROUTES = 64 };
typedef struct gw_latency {
    atomic_ullong counts[GW_LATENCY_BUCKETS], all, us;
    atomic_ullong by_class[6]; /* [5]: 5xx */
} gw_latency;

void gw_metrics_answered(void *self, const gw_route *route, unsigned status, int64_t us);
void gw_metrics_handle(void *self, gw_request *request, gw_reply *reply);

/* ---- the doctor (doctor.c) ------------------------------------------------------------------------------- */

/* What it said is kept longer than other answers: it makes some forty queries, on a session of its own. */
typedef struct gw_doctor_seen {
    gw_cache cache;
    pthread_mutex_t mutex;
    int64_t at;                 /* of the monotonic clock; 0: it has not looked yet */
    unsigned errors, warnings, notes, unseen;
    atomic_bool wanted;         /* somebody reads the figures, and they are old */
} gw_doctor_seen;

void gw_doctor_init(gw_serve *serve);
void gw_doctor_handle(void *self, gw_request *request, gw_reply *reply);
/* For the thread that looks behind everybody's back: once, where somebody wants it. */
void gw_doctor_look_if_wanted(gw_serve *serve);
void gw_doctor_metrics(gw_serve *serve, gw_buf *out);
/* Something was put right: what was found is not so any more. */
void gw_doctor_forget(gw_serve *serve);
void gw_doctor_free(gw_serve *serve);

/* ---- the project's environments (environments.c) ---------------------------------------------------------- */

enum { GW_MOST_ENVIRONMENTS = 64 };
/* How each of them is, looked at by a thread of its own with sessions of its own, while somebody wants to know. */
typedef struct gw_environments {
    pthread_mutex_t mutex, drift_mutex; /* the latter: one shadow at a time */
    pthread_cond_t change;
    struct gw_environment_seen *items;
    size_t len;
    bool started;
    _Atomic int64_t wanted_at;          /* of the monotonic clock */
    atomic_bool stopping;
} gw_environments;

void gw_environments_init(gw_serve *serve);
void gw_environments_handle(void *self, gw_request *request, gw_reply *reply);
void gw_environments_stop(gw_serve *serve);

/* ---- waits and lag as they were (trend.c) ------------------------------------------------------------------ */

enum { GW_TREND_POINTS = 540 }; /* three hours */
typedef struct gw_trend_point {
    int64_t number, at;
    int64_t waiters, wait_ms, lag_ms, rows_left; /* GW_NULL_INT: not known, or there is none */
} gw_trend_point;
typedef struct gw_trend {
    pthread_mutex_t mutex;
    pthread_t thread;
    gw_trend_point points[GW_TREND_POINTS]; /* a ring */
    size_t first, len;
    int64_t began, looked; /* of the monotonic clock; the latter 0: it did not succeed */
    int64_t waiters, waited_us;
    bool started;
    atomic_bool stopping;
} gw_trend;

void gw_trend_start(gw_serve *serve);
void gw_trend_stop(gw_serve *serve);
void gw_trend_handle(void *self, gw_request *request, gw_reply *reply);
void gw_trend_metrics(gw_serve *serve, gw_buf *out);
/* Does it have something to do yet? */
bool gw_session_goes_on(const gw_session_view *view);
/* Since a session was brought to its end, and what those that go on have left; GW_NULL_INT: none was, or there is none. */
void gw_sync_behind(const gw_session_views *views, int64_t *lag_ms, int64_t *rows_left);

/* ---- what happens in the database, told to whoever listens (watch.c) ------------------------------------ */

typedef struct gw_watcher {
    pthread_t thread, slow_thread; /* the latter: what takes seconds, drift and the doctor */
    pthread_mutex_t mutex;
    bool started, slow_started;
    atomic_bool stopping;
    atomic_bool wanted, based; /* a reader comes; what there was before it is known */
    bool drift_known, drift_ok; /* of the last look */
    int64_t drift_at;
    char drift_reason[128];
} gw_watcher;

void gw_watch_start(gw_serve *serve);
/* Before a reader of the events is let in: what happens from now on will be told. Waits for a look. */
void gw_watch_wanted(gw_serve *serve);
void gw_watch_stop(gw_serve *serve);

/* ---- the end, in time (ending.c) --------------------------------------------------------------------------- */

/* A thread that ends what has not come to its end by itself: a server that stands still answers nobody. */
typedef struct gw_ending {
    pthread_t thread;
    bool started;
    atomic_bool over;
} gw_ending;

/* From here on nothing new is waited for; after seconds whatever still waits for the database is let go. */
void gw_ending_begin(gw_serve *serve);
void gw_ending_over(gw_serve *serve);

/* ---- all of it ----------------------------------------------------------------------------------------- */

struct gw_serve {
    gw_arena *arena;
    gw_invocation *invocation;
    gw_app_options app; /* how each request opens the project */
    gw_pool *pool;
    gw_httpd *httpd;
    gw_feed *feed;
    gw_cache cache;
    gw_serve_who who;
    gw_audit audit;
    gw_jobs jobs;
    gw_watcher watcher;
    gw_trend trend;
    gw_doctor_seen doctor;
    gw_environments environments;
    gw_ending ending;
    gw_cancel reads, last; /* what only looks; the audit, which is written after the last of it */
    gw_latency latency[GW_MOST_ROUTES];
    gw_health_options health;
    int64_t drift_every_ms; /* 0: never */
    int64_t answer_ms;      /* so long the database may say nothing to what only reads */
    int64_t picture_most_ms;
    int64_t started_at;
    bool tls;
    const char *environment, *protected_name; /* the latter NULL where it is not protected */
    atomic_bool stopping;
};

/* The project, opened for somebody; the arena is theirs. */
bool gw_serve_open(gw_serve *serve, gw_arena *arena, const char *command, const char *who,
                   gw_read sort, gw_app **out, gw_err *err);
/* How long the database may say nothing to it. */
int64_t gw_serve_answer_ms(const gw_serve *serve, gw_read sort);

/* openapi.c */
void gw_openapi_handle(void *self, gw_request *request, gw_reply *reply);

/* Does the query hold nothing but what the table names, each once, and of a sane length? Else *reply says so. */
bool gw_own_query(const gw_request *request, gw_reply *reply);
/* metrics.c: the lines that a figure begins with. */
void gw_metric_head(gw_buf *out, const char *name, const char *type, const char *help);
/* handlers.c: those of the table. */
void gw_api_handle(void *self, gw_request *request, gw_reply *reply);
void gw_live_handle(void *self, gw_request *request, gw_reply *reply);
void gw_ready_handle(void *self, gw_request *request, gw_reply *reply);
void gw_session_handle(void *self, gw_request *request, gw_reply *reply);
void gw_migration_handle(void *self, gw_request *request, gw_reply *reply);
void gw_picture_handle(void *self, gw_request *request, gw_reply *reply);
void gw_events_handle(void *self, gw_request *request, gw_reply *reply);
void gw_front_handle(void *self, gw_request *request, gw_reply *reply);

/* token.c: serve token create, list, revoke. */
bool gw_serve_token(gw_invocation *invocation, gw_err *err);

#endif
