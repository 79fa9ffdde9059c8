/*
 * The gate between a user's file and a shadow: each statement passes it before it is run there.
 * What reaches outside the shadow's database (sql/outside.h) is run in another way, left out or
 * refused, as the server allows (pg/shadow.h).
 */
#ifndef GW_CONTROL_GATE_H
#define GW_CONTROL_GATE_H

#include "pg/shadow.h"
#include "sql/extension.h"
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

/*
 * Is it about an extension that the shadow's server lacks (CREATE, ALTER, DROP, COMMENT ON)? Then
 * the gate leaves it out: *lacks, and *out says which.
 */
bool gw_gate_lacks(gw_shadow *shadow, gw_arena *arena, const char *text, size_t len,
                   gw_sql_extension *out, bool *lacks, gw_err *err);
/* "PostgreSQL 15.4, where files are tried, lacks it". */
const char *gw_gate_why_lacking(const gw_shadow *shadow, gw_arena *arena);
/* Where an error may come of an extension that was left out, or of a label without its provider: its
 * hint says so. Returns false. */
bool gw_gate_explain(const gw_shadow *shadow, gw_err *err);

#endif
