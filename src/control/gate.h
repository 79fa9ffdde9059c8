/*
 * The gate between a user's file and a shadow: each statement passes it before it is run there.
 * What reaches outside the shadow's database (sql/outside.h) is run in another way, left out or
 * refused, as the server allows (pg/shadow.h).
 */
#ifndef GW_CONTROL_GATE_H
#define GW_CONTROL_GATE_H

#include "pg/shadow.h"
#include "sql/outside.h"

typedef enum gw_gate_outcome {
    GW_GATE_RUN,      /* as it stands: by the caller */
    GW_GATE_DONE,     /* the gate ran it, in its own way */
    GW_GATE_LEFT_OUT, /* it was not run; the caller says so: verdict.statement, verdict.reason */
} gw_gate_outcome;

/*
 * One statement, without its semicolon, for a session on a database of this shadow. Kind
 * UNSUPPORTED where it can be neither run nor left out: then the file cannot be tried. What the
 * server refuses is an error as ever.
 */
bool gw_gate_pass(gw_shadow *shadow, gw_session *session, gw_arena *arena, const char *text,
                  size_t len, gw_gate_outcome *outcome, gw_reach_verdict *verdict, gw_err *err);

#endif
