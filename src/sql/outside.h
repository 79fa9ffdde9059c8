/*
 * Does a statement reach outside its database, and what is done about it where files are only tried
 * (pg/shadow.h)? Read from the parse tree; the bodies of DO and CREATE FUNCTION by their tokens.
 * It errs on the side of "it does": a statement that the built-in grammar cannot read is UNREAD.
 *
 * What a body builds at run time (EXECUTE format(…)) cannot be read: `dynamic` says so. That is
 * why the private server is fenced by the kernel as well.
 */
#ifndef GW_SQL_OUTSIDE_H
#define GW_SQL_OUTSIDE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"

typedef enum gw_reach {
    GW_REACH_NONE,
    GW_REACH_ROLE,         /* roles, memberships, REASSIGN and DROP OWNED */
    GW_REACH_DATABASE,     /* databases as a whole, their settings and privileges */
    GW_REACH_TABLESPACE,
    GW_REACH_SYSTEM,       /* ALTER SYSTEM, privileges on parameters, pg_reload_conf() */
    GW_REACH_SUBSCRIPTION,
    GW_REACH_SLOT,         /* replication slots and origins */
    GW_REACH_SERVER,       /* other sessions, WAL, backups, prepared transactions */
    GW_REACH_CONNECT,      /* dblink, IMPORT FOREIGN SCHEMA */
    GW_REACH_FOREIGN,      /* defines a foreign server, a mapping or a foreign table */
    GW_REACH_FILES,        /* COPY with a file, lo_export, pg_read_file … */
    GW_REACH_PROGRAM,      /* COPY … PROGRAM */
    GW_REACH_LANGUAGE,     /* a language or library that can do anything */
    GW_REACH_UNREAD,       /* the grammar does not know it */
} gw_reach;

/* "role", "copy program" …: for JSON and logs. */
const char *gw_reach_name(gw_reach reach);

typedef struct gw_reach_verdict {
    gw_reach reach;
    const char *reason;    /* for people: "roles belong to the whole server"; NULL where it
                              reaches nothing and is not dynamic */
    const char *statement; /* "CREATE ROLE" */
    const char *object;    /* name of the role, database, tablespace, subscription; else NULL */
    bool defines;          /* it only says what would be done (CREATE FUNCTION, VIEW …) */
    bool renames_role;
    bool in_body;          /* found in the body of a DO or of a function */
    bool dynamic;          /* a body builds statements at run time */
    const char *instead;   /* of a subscription: statements that have the same effect on the
                              schema and connect to nobody; NULL where there are none */
} gw_reach_verdict;

/* One statement, without its semicolon. Strings belong to the arena. */
gw_reach_verdict gw_sql_reach(gw_arena *arena, const char *text, size_t len);

typedef enum gw_reach_action {
    GW_REACH_RUN,
    GW_REACH_RUN_ROLE,       /* by gw_shadow_exec_role: roles are one set for all shadows */
    GW_REACH_RUN_TABLESPACE, /* by gw_shadow_ensure_tablespaces */
    GW_REACH_RUN_INSTEAD,    /* verdict.instead */
    GW_REACH_SKIP,           /* leave it out and say so; the schema is the same without it */
    GW_REACH_REFUSE,         /* what it does cannot be tried: the file cannot be, either */
} gw_reach_action;

const char *gw_reach_action_name(gw_reach_action action); /* "run", "skip" … */

/* On the private server of shadows; fenced: gw_shadow_facts.fenced_network. */
gw_reach_action gw_reach_on_private(const gw_reach_verdict *verdict, bool fenced);
/* On a server that others use: nothing that reaches outside is run. */
gw_reach_action gw_reach_on_shared(const gw_reach_verdict *verdict);

#endif
