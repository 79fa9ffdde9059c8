/*
 * A file outside a transaction, between the files that run it: steps.c goes through its statements,
 * steps_alone.c has those that cannot be in a transaction. Private to this folder.
 */
#ifndef GW_MIGRATE_STEPS_H
#define GW_MIGRATE_STEPS_H

#include "base/digest.h"
#include "base/json.h"
#include "migrate/internal.h"
#include "migrate/session_state.h"

/* As whom the session acts. */
typedef struct gw_acting {
    const char *session_user, *role;
    bool read_only; /* its transaction */
} gw_acting;

/* The BEGIN … COMMIT of the file that is under way. */
typedef struct gw_block {
    gw_statement_mark begin;
    int64_t number; /* of its BEGIN */
    unsigned attempt;
    bool read_only;
    const gw_lasting_block *lasting; /* NULL: all of it goes with its rollback */
    bool lasted;                     /* such a statement has run */
} gw_block;

typedef struct gw_steps {
    gw_runner *r;
    gw_arena *arena;
    gw_arena *scratch; /* of the statement at hand: a file may have millions */
    const gw_checked *checked;
    const gw_applied *before; /* the row before this file was begun; NULL: none, or begun earlier */
    const char *tenant, *state; /* running or reverting */
    int64_t done, total;
    gw_digest *prefix;                     /* of the statements seen so far */
    int64_t hashed;                        /* the last of them */
    char committed[2 * GW_DIGEST_MAX + 1]; /* the same, hex, of those whose progress is committed */
    bool rewind;                           /* write down `committed`: what came behind it failed */
    bool in_block;                         /* inside a BEGIN of the file */
    gw_block block;
    gw_session_state self; /* before the file changed it; NULL: not known */
    const char *now;   /* what it has changed by the progress that is being written; NULL: not known */
    const char *noted; /* the same, of the progress that is committed */
    bool fenced;  /* the transaction at hand is */
    bool late;    /* it is at its end only: was_fenced_too_soon() */
    bool resumed; /* an earlier run began this file */
    int64_t began;
    int64_t spent_ms; /* by the runs before this one */
    json_t *resume; /* intent of the earlier run's last statement, or NULL */
    bool unknown;   /* the failure left something that nobody can take back */
    bool asks;      /* and a person has to say what is true */
} gw_steps;

/* steps.c: what is done, committed as the row's progress; `statement` is under way, NULL: none is. */
bool gw_steps_commit(gw_steps *s, json_t *statement, gw_err *err);
/* It counts among those that are done, in their digest. */
void gw_steps_hash(gw_steps *s, const gw_statement *statement);
/* A SET of the file: sent again where a run goes on behind it. */
bool gw_steps_is_setting(const gw_statement *statement);
/* The block that this BEGIN opens, where it does what its rollback does not take back; else NULL. */
const gw_lasting_block *gw_steps_lasting_block(const gw_checked *checked, const gw_statement *begin);

/* steps_alone.c: it cannot run in a transaction, or does what none takes back. */
bool gw_steps_alone(const gw_statement *statement);
/* Of those, one that waits no longer for a lock than others do: readers would queue up behind it. */
bool gw_steps_limited(const gw_statement *statement);
bool gw_steps_run_alone(gw_steps *s, gw_statements *statements, const gw_statement *statement,
                        gw_err *err);
/* What an earlier run began: done, to be run, or for a person to say. */
bool gw_steps_resume(gw_steps *s, const gw_statement *statement, bool *done, gw_err *err);
/* Has it still the text that an earlier run began? */
bool gw_steps_is_what_was_begun(const gw_steps *s, const gw_statement *statement);
/* Then its outcome would be judged by a text that never ran. False. */
bool gw_steps_doubt_was_edited(gw_steps *s, const gw_statement *statement, gw_err *err);

#endif
