/*
 * Migrations tested on a shadow: up, down, up, the schema compared at each step, rows that have to
 * survive. Results live on the arena that is passed in.
 */
#ifndef GW_APP_TEST_H
#define GW_APP_TEST_H

#include "app/schema.h"

typedef struct gw_test_finding {
    const char *kind;    /* "wrong-down": what `-- godwit: ignore KIND REASON` names */
    const char *message;
    const char *detail;  /* what the server said, why it is no finding; NULL */
    const char *file;    /* NULL: about none */
    unsigned line;       /* 0: about none */
    gw_texts sql;        /* the difference as DDL */
    bool note;           /* said beside the findings: it is nothing against the migration */
} gw_test_finding;

typedef struct gw_test_findings {
    gw_test_finding *items;
    size_t len, cap;
} gw_test_findings;

typedef struct gw_test_migration {
    const char *version, *name, *service;
    int64_t up_us, down_us;    /* -1: it did not run */
    bool passed;               /* no finding among these */
    gw_test_findings findings; /* and notes */
} gw_test_migration;

typedef struct gw_test_result {
    gw_test_migration *items;
    size_t len, cap;
    size_t failed;         /* migrations with findings */
    const char *stopped_at;/* the version that could not be applied: no later one was tested */
    size_t untested;       /* those behind it */
    gw_texts warnings;
} gw_test_result;

typedef struct gw_test_options {
    const char *const *versions; /* none: all */
    size_t version_count;
    const char *seed;            /* a file of SQL; NULL: rows are made up */
    void (*done)(void *self, const gw_test_migration *migration, size_t number, size_t total);
    void *self;                  /* of done, which may be NULL */
} gw_test_options;

bool gw_app_test(gw_app *app, gw_arena *arena, const gw_test_options *options, gw_test_result *out,
                 gw_err *err);

#endif
