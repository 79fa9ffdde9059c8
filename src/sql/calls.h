/*
 * Functions and procedures that a statement names as if it called them, and those that a file makes:
 * by their tokens alone. Who is meant, and what it does, others look up (effects.h reads a body). Not
 * seen: what operators, casts, defaults and views call (triggers and rules: schema/foresight.h).
 */
#ifndef GW_SQL_CALLS_H
#define GW_SQL_CALLS_H

#include "sql/effects.h"

typedef struct gw_call {
    const char *schema, *name; /* schema NULL: by the search_path */
} gw_call;
typedef GW_VEC(gw_call) gw_calls;

/* May it call a function that somebody made? Quick; of PostgreSQL's own the usual ones are known. */
bool gw_sql_may_call(const char *text, size_t len);
/* Adds to *out. A statement that runs (SELECT, CALL, DO, INSERT …); of any other none. */
void gw_sql_calls(gw_arena *arena, const char *text, size_t len, gw_calls *out);
/* The same of a function's body, whatever stands in it. */
void gw_sql_body_calls(gw_arena *arena, const char *body, gw_calls *out);

typedef struct gw_routine_body {
    const char *schema, *name;
    const char *language, *body; /* a body of standard SQL: from its BEGIN ATOMIC on */
} gw_routine_body;

/* CREATE FUNCTION, CREATE PROCEDURE: false where the statement is none. */
bool gw_sql_routine_body(gw_arena *arena, const char *text, size_t len, gw_routine_body *out);

#endif
