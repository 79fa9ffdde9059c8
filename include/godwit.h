/*
 * libgodwit: migrate a PostgreSQL database, or wait until it has been migrated, from inside a
 * program: a service at start-up, a test suite, a tool.
 *
 *     godwit_project *project;
 *     godwit_options options = GODWIT_OPTIONS_INIT;
 *     options.directory = "/srv/shop";             // where godwit.yaml is
 *     if (godwit_open(&options, &project) != GODWIT_OK ||
 *         godwit_up(project, NULL, NULL) != GODWIT_OK)
 *         fprintf(stderr, "%s\n", godwit_error(project)->message);
 *     godwit_close(project);
 *
 * A handle belongs to one thread at a time; any number of handles may be used side by side, in as
 * many threads. The library has no global state, prints nothing, installs no signal handlers and
 * never ends the process (but for one case: no memory left). Only godwit_cancel may be called on a
 * handle that another thread is using, and it may be called from a signal handler.
 *
 * Everything that a call returns belongs to the handle and lives until the next call on it, or its
 * close. Text is UTF-8. Times are microseconds since 1970-01-01 UTC, durations milliseconds.
 *
 * Structs that the caller fills begin with their size, and structs that the library hands out are
 * only ever seen through pointers: both may grow at their end without breaking a program that was
 * built before.
 */
#ifndef GODWIT_H
#define GODWIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__)
#define GODWIT_API __attribute__((visibility("default")))
#else
#define GODWIT_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* "0.1.0", of the library that is linked. */
GODWIT_API const char *godwit_version(void);

/* ---- how a call ended ------------------------------------------------------------------ */

typedef enum godwit_code {
    GODWIT_OK = 0,
    GODWIT_INTERNAL,    /* a bug in Godwit */
    GODWIT_USAGE,       /* an argument makes no sense */
    GODWIT_CONFIG,      /* godwit.yaml, a variable, the folder of migrations */
    GODWIT_INPUT,       /* a migration file */
    GODWIT_IO,          /* a file cannot be read or written */
    GODWIT_CONNECT,     /* no connection could be had */
    GODWIT_LOST,        /* the connection went away */
    GODWIT_SQL,         /* the server refused a statement: see sqlstate */
    GODWIT_RETRYABLE,   /* serialization failure, deadlock */
    GODWIT_LOCK,        /* lock_timeout ran out, retries included */
    GODWIT_CANCELED,    /* the server ended a statement: statement_timeout */
    GODWIT_PRIVILEGE,   /* the role may not, or the server is read-only */
    GODWIT_STATE,       /* the database is not in the state that the call needs */
    GODWIT_CHECK,       /* godwit_wait_for: the time ran out */
    GODWIT_REFUSED,     /* refused for safety: a protected environment, loss of data, a database
                           that another tool has migrated */
    GODWIT_UNSUPPORTED, /* needs something that is not here */
    GODWIT_INTERRUPTED, /* godwit_cancel */
    GODWIT_BUSY,        /* another run holds the lock */
} godwit_code;

/* Texts that are not known are NULL, numbers 0. */
typedef struct godwit_failure {
    godwit_code code;
    const char *kind;     /* "sql", "connect" … : the same names as in the program's JSON */
    const char *sqlstate; /* five characters */
    const char *message;  /* what failed */
    const char *detail;   /* why */
    const char *hint;     /* what to do */
    const char *file;     /* where */
    unsigned line, column;
} godwit_failure;

/* ---- a handle -------------------------------------------------------------------------- */

typedef struct godwit_project godwit_project;

typedef enum godwit_step {
    GODWIT_STEP_WAITING,    /* for another run, or another tool: text says what for */
    GODWIT_STEP_PLAN,       /* total migrations will run */
    GODWIT_STEP_START,      /* a migration begins */
    GODWIT_STEP_STATEMENT,  /* outside a transaction: statement done of total */
    GODWIT_STEP_COPY,       /* done bytes of total */
    GODWIT_STEP_BATCH,      /* done rows of total (-1: not known) */
    GODWIT_STEP_LOCK_RETRY, /* text: who is in the way */
    GODWIT_STEP_DONE,       /* a migration is committed */
    GODWIT_STEP_FAILED,
    GODWIT_STEP_WARNING, /* text */
    GODWIT_STEP_SQL,     /* of a dry run: text is one statement */
    GODWIT_STEP_NOTICE,  /* text: what the server says while a file runs */
} godwit_step;

typedef struct godwit_progress {
    godwit_step step;
    const char *tenant, *service, *version, *name; /* NULL where it is about no migration */
    bool revert;                                   /* it is being rolled back */
    int64_t done, total, duration_ms;
    const char *text;
} godwit_progress;

typedef struct godwit_options {
    size_t size;                /* sizeof(godwit_options) */
    const char *directory;      /* NULL: the current folder */
    const char *config_file;    /* NULL: godwit.yaml in directory or above it */
    const char *environment;    /* NULL: GODWIT_ENV, else the file's default */
    const char *url;            /* a libpq URL or keyword string in place of the environment's */
    const char *protected_name; /* yes, change the protected environment of this name */
    /* Called during up and down, from whichever thread works, one call at a time. */
    void (*progress)(void *data, const godwit_progress *progress);
    void *data;
} godwit_options;
#define GODWIT_OPTIONS_INIT                                                                        \
    {                                                                                              \
        sizeof(godwit_options), NULL, NULL, NULL, NULL, NULL, NULL, NULL                           \
    }

/*
 * Read the configuration; connects to nothing yet. *project is a handle even where this fails
 * (its error can be read), and is closed in either case. options NULL: all defaults.
 */
GODWIT_API godwit_code godwit_open(const godwit_options *options, godwit_project **project);

/* NULL is allowed. */
GODWIT_API void godwit_close(godwit_project *project);

/* Why the last call on this handle failed; never NULL (code is GODWIT_OK where it did not). */
GODWIT_API const godwit_failure *godwit_error(const godwit_project *project);

/*
 * Ask the call that runs on this handle to stop at the next safe point; asked twice, at once. It
 * stays asked: later calls fail with GODWIT_INTERRUPTED. Open another handle to go on.
 */
GODWIT_API void godwit_cancel(godwit_project *project);

/* ---- status ---------------------------------------------------------------------------- */

typedef struct godwit_migration {
    const char *version, *name;
    const char *service; /* "" where there are no services */
    const char *state;   /* applied pending modified missing failed out_of_order skipped */
    const char *checksum;
    const char *file; /* NULL where state is missing */
    bool transactional;
    bool applied; /* the next two count only then */
    int64_t applied_at_us;
    int64_t duration_ms;
} godwit_migration;

/* A run under way, or a statement that the server goes on with after its runner was killed. */
typedef struct godwit_work {
    const char *actor, *host, *command; /* whose, from where, doing what; "": it has not said */
    int64_t since_us;                   /* 0: not known */
    int64_t backend_pid; /* of its lock session; behind a pooler of no meaning */
    const char *lock;    /* session or lease */
    bool runner_gone;
    int64_t statement_pid; /* of the statement that goes on without its runner; 0: none */
    int64_t statement_ms;  /* how long it has run; 0: not known */
    const char *statement; /* NULL where this role may not see it */
} godwit_work;

/* Another tool has migrated this database, and these files may all have run. */
typedef struct godwit_other_tool {
    const char *tool, *table; /* "dbmate", "public.schema_migrations" */
    int64_t rows;
} godwit_other_tool;

typedef struct godwit_state {
    const char *environment, *database;
    const char *tenant;  /* "" where there are none */
    const char *current; /* newest applied version, or NULL */
    size_t pending, failed, modified, missing, out_of_order;
    size_t count;
    const godwit_migration *const *migrations; /* count of them */
    const struct godwit_state *next;           /* of the next tenant, or NULL */
    const godwit_work *run;                    /* at work just now; NULL: nobody, as far as this role may see */
    size_t other_tool_count;                   /* while there are any, godwit_up is GODWIT_REFUSED */
    const godwit_other_tool *const *other_tools;
} godwit_state;

GODWIT_API godwit_code godwit_status(godwit_project *project, const godwit_state **state);

/* Until this version is applied and nothing has failed. GODWIT_CHECK when the time ran out. */
GODWIT_API godwit_code godwit_wait_for(godwit_project *project, const char *version,
                                       int64_t timeout_ms);

/* ---- apply and roll back --------------------------------------------------------------- */

typedef struct godwit_run {
    size_t size;         /* sizeof(godwit_run) */
    const char *to;      /* stop at this version; NULL: no end */
    int64_t steps;       /* at most so many; 0: all (up), one (down) */
    const char *service; /* NULL: all */
    int64_t wait_ms;     /* for another run; -1: as configured */
    bool out_of_order;
    bool atomic;
    bool dry_run; /* statements come as GODWIT_STEP_SQL, and nothing is changed */
    bool allow_data_loss;
} godwit_run;
#define GODWIT_RUN_INIT                                                                            \
    {                                                                                              \
        sizeof(godwit_run), NULL, 0, NULL, -1, false, false, false, false                          \
    }

typedef struct godwit_done {
    const char *tenant, *service, *version, *name;
    int64_t duration_ms;
} godwit_done;

typedef struct godwit_result {
    size_t count;                   /* migrations applied, or rolled back */
    const godwit_done *const *done; /* count of them, in order */
    size_t pending;                 /* what is left to apply */
    size_t tenants, failed_tenants;
} godwit_result;

/* run NULL: all defaults. result may be NULL; on failure it says what was done before. */
GODWIT_API godwit_code godwit_up(godwit_project *project, const godwit_run *run,
                                 const godwit_result **result);
GODWIT_API godwit_code godwit_down(godwit_project *project, const godwit_run *run,
                                   const godwit_result **result);

#ifdef __cplusplus
}
#endif

#endif
