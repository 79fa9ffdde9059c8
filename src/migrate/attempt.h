/*
 * One statement of a migration on a shadow: what replaying and tracing share. It passes the gate
 * (control/gate.h), and a batch's statement too; a batch goes over all keys at once. Of this
 * folder only.
 */
#ifndef GW_MIGRATE_ATTEMPT_H
#define GW_MIGRATE_ATTEMPT_H

#include "control/gate.h"
#include "migrate/internal.h"

typedef struct gw_attempt {
    gw_shadow *shadow;
    gw_runner runner;    /* what gw_run_statement needs of one; work: on the shadow */
    const gw_checked *checked;
    bool without_rows;   /* a batch whose table is empty runs all the same, with NULLs */
} gw_attempt;

/* *left_out (may be NULL) says what was not run and why, or is NULL. Errors carry the place. */
bool gw_attempt_statement(gw_attempt *attempt, gw_arena *arena, gw_statements *statements,
                          const gw_statement *statement, const char **left_out, gw_err *err);

/* `role "x" does not exist`: the name, or NULL. Messages have to come in English. */
char *gw_attempt_missing_role(gw_arena *arena, const gw_err *problem);
char *gw_attempt_missing_tablespace(gw_arena *arena, const gw_err *problem);

#endif
