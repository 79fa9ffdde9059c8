/* Where migrations are tested: a shadow with the first of them applied, and rows. Private to app. */
#ifndef GW_APP_TEST_BENCH_H
#define GW_APP_TEST_BENCH_H

#include "app/replayed.h"
#include "app/rows.h"
#include "app/test.h"

typedef struct gw_bench {
    gw_trial *trial;
    gw_arena *arena;
    gw_replayed list;
    gw_shadow_db *db;
    gw_session *work, *look; /* the user's settings; ours, pinned */
    size_t at;               /* so many are applied */
    size_t bare_until;       /* no rows are brought in before so many are applied */
    size_t kept;             /* at which a template was kept last */
    gw_row_maker maker;
    gw_checked *seed;        /* the seed file; NULL: rows are made up */
    const char *seed_digest;
    bool seed_loaded;
    size_t seed_at;          /* so many were applied when it could be loaded; SIZE_MAX: not yet */
    gw_err seed_problem;     /* why it could not be */
} gw_bench;

/* What is in it at one moment. */
typedef struct gw_moment {
    gw_schema *schema;
    gw_rows_seen rows;
} gw_moment;

bool gw_bench_open(gw_trial *trial, gw_arena *arena, const char *seed, gw_bench *out, gw_err *err);
void gw_bench_close(gw_bench *bench);

/* A database with the first `count` migrations applied: a copy of a template and the rest replayed. */
bool gw_bench_go(gw_bench *bench, size_t count, gw_err *err);
/* Run a script there. *us may be NULL. */
bool gw_bench_run(gw_bench *bench, const gw_checked *checked, int64_t *us, gw_err *err);
/* The same, and nothing of it stays. */
bool gw_bench_verify(gw_bench *bench, const gw_checked *checked, gw_err *err);
/* One more is applied: rows for new tables, a template now and then. */
bool gw_bench_applied(gw_bench *bench, gw_err *err);
/* out->schema is not read where it is there. */
bool gw_bench_look(gw_bench *bench, gw_arena *arena, gw_moment *out, gw_err *err);

/* ---- test_judge.c: moments compared, findings written -------------------------------------- */

typedef struct gw_judge {
    gw_trial *trial;
    gw_arena *arena; /* of the result */
    const gw_migration *migration;
    const gw_checked *up, *down; /* down NULL: none */
    gw_test_migration *out;
} gw_judge;

/* A finding, or a note where the file ignores its kind. script NULL: about no place. */
gw_test_finding *gw_judge_find(gw_judge *judge, const char *kind, const gw_checked *script,
                               const char *format, ...) __attribute__((format(printf, 4, 5)));
gw_test_finding *gw_judge_note(gw_judge *judge, const char *kind, const gw_checked *script,
                               const char *format, ...) __attribute__((format(printf, 4, 5)));
/* What the server has against it, with its place. */
void gw_judge_refused(gw_judge *judge, const char *kind, const gw_checked *script, const char *what,
                      gw_err *problem);

/* Schemas equal? Where not, a finding with the DDL that is lacking. */
bool gw_judge_schema(gw_judge *judge, const char *kind, const gw_checked *script,
                     const gw_moment *is, const gw_moment *should, const char *what, bool *equal,
                     gw_err *err);
/* Rows before, after the up, after the down. *whole: nothing more and nothing less came back. */
void gw_judge_rows(gw_judge *judge, const gw_moment *before, const gw_moment *after,
                   const gw_moment *back, bool *whole);
/* The second up has the same rows as the first one. */
void gw_judge_again(gw_judge *judge, const gw_moment *before, const gw_moment *after,
                    const gw_moment *back, const gw_moment *again);
/* A missing down: a finding, or what its convention says. */
void gw_judge_no_down(gw_judge *judge);

#endif
