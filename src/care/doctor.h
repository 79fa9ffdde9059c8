/*
 * The doctor: what an expert would look at in a database and its server, each look one statement
 * (sql/care/NAME.sql) and one entry of a table. A check reads catalogs and counters; it changes nothing.
 *
 * A check that takes too long, or that the role may not make, is no error: it is said, by check. What a
 * finding's statement does is for a person to decide, but where the entry says that it is safe: it then
 * makes nothing that a migration would have to know of, loses nothing and blocks neither readers nor writers.
 */
#ifndef GW_CARE_DOCTOR_H
#define GW_CARE_DOCTOR_H

#include "pg/query.h"

/* What a check has to see. */
enum {
    GW_CARE_STATS = 1,      /* what sessions of other roles do: pg_monitor, or pg_read_all_stats */
    GW_CARE_PASSWORDS = 2,  /* pg_authid: a superuser */
    GW_CARE_ACCESS = 4,     /* pg_hba.conf: a superuser, or EXECUTE on pg_hba_file_rules */
    GW_CARE_ROWS = 8,       /* the planner's figures of columns: SELECT on all tables */
    GW_CARE_SEQUENCES = 16, /* the values of sequences: USAGE or SELECT on all of them */
    GW_CARE_STATEMENTS = 32,/* pg_stat_statements, made in this database and loaded by the server */
    GW_CARE_MACHINE = 64,   /* the machine that the server runs on: this one */
};

/* What a statement wants as $1. */
typedef enum { GW_CARE_NOTHING, GW_CARE_LONG, GW_CARE_MEMORY } gw_care_param;

typedef struct gw_care_check {
    const char *id;
    const char *severity; /* error, warning, note; a row may say another one */
    const char *title;    /* what the findings have in common */
    const char *advice;   /* what to do about them */
    const gw_sql *sql;
    const gw_sql *newer;  /* the same from its min_version on; NULL */
    gw_care_param param;
    unsigned needs;       /* GW_CARE_…: it is not made without */
    unsigned sees;        /* GW_CARE_…: without it some is not seen */
    bool safe;            /* the statements of its findings may be run without asking anybody */
} gw_care_check;

extern const gw_care_check gw_care_checks[];
extern const size_t gw_care_check_count;

/* NULL where there is none of that id. */
const gw_care_check *gw_care_find(const char *id);

typedef struct gw_finding {
    const gw_care_check *check;
    const char *severity;
    const char *object;   /* a name as SQL has it, "pid 42", a setting */
    const char *evidence;
    const char *sql;      /* NULL where no statement puts it right */
} gw_finding;

typedef struct gw_unseen {
    const gw_care_check *check;
    const char *why;
    bool partly;          /* it was made, and saw some */
} gw_unseen;

typedef struct gw_doctor_options {
    const gw_care_check *const *checks; /* NULL: all */
    size_t count;
    int64_t long_ms;      /* from when on a session, statement or replica is late */
    int64_t timeout_ms;   /* of each check */
    int64_t memory;       /* bytes that the server's machine has; 0: not known */
} gw_doctor_options;

typedef struct gw_doctor_report {
    gw_finding *items;    /* errors first, then in the order of the checks */
    size_t len, cap;
    struct {
        gw_unseen *items;
        size_t len, cap;
    } unseen;
    size_t checks;        /* that were made */
    size_t errors, warnings, notes;
} gw_doctor_report;

/* `session` is pinned and outside a transaction. */
bool gw_doctor_look(gw_session *session, gw_arena *arena, const gw_doctor_options *options,
                    gw_doctor_report *out, gw_err *err);

#endif
