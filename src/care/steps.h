/* What is done to a table in phases, as the catalog says it: statements in order, behind the locks that they need. */
#ifndef GW_CARE_STEPS_H
#define GW_CARE_STEPS_H

#include "pg/query.h"

typedef struct gw_care_line {
    const char *phase, *sql;
    int64_t step; /* 0 and below: takes a lock */
} gw_care_line;

typedef struct gw_care_steps {
    gw_care_line *lines;
    size_t count;
} gw_care_steps;

/* The columns phase, step, sql of that query. */
bool gw_care_steps_read(gw_session *session, gw_arena *arena, const gw_sql *sql,
                        const gw_param *params, size_t count, gw_care_steps *out, gw_err *err);

/* The texts of a phase in their order, NULL-terminated. */
const char **gw_care_steps_of(const gw_care_steps *steps, gw_arena *arena, const char *phase, size_t *count);

/* In a transaction: the locks of a phase, then its statements. What waits for others comes first, so that nothing
 * has to be waited for while they wait. */
bool gw_care_steps_locks(const gw_care_steps *steps, gw_session *session, gw_arena *arena,
                         const char *phase, gw_err *err);
bool gw_care_steps_run(const gw_care_steps *steps, gw_session *session, const char *phase, gw_err *err);

#endif
