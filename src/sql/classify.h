/*
 * What a statement is, from its tokens alone (no parser, no server): enough to decide how it has
 * to be run. Sound for statements that the built-in grammar does not know.
 */
#ifndef GW_SQL_CLASSIFY_H
#define GW_SQL_CLASSIFY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"

typedef enum gw_stmt_kind {
    GW_STMT_OTHER,
    GW_STMT_EMPTY, /* nothing but comments */
    /* transaction control */
    GW_STMT_BEGIN,         /* BEGIN, START TRANSACTION */
    GW_STMT_COMMIT,        /* COMMIT, END */
    GW_STMT_ROLLBACK,      /* ROLLBACK, ABORT; not ROLLBACK TO */
    GW_STMT_SAVEPOINT,     /* SAVEPOINT, RELEASE, ROLLBACK TO */
    GW_STMT_PREPARED_XACT, /* PREPARE TRANSACTION, COMMIT PREPARED, ROLLBACK PREPARED */
    /* settings of the session */
    GW_STMT_SET, /* SET x, SET SESSION x, RESET, set_config(…, false) alone */
    GW_STMT_SET_LOCAL,
    GW_STMT_SET_ROLE, /* SET ROLE, SET SESSION AUTHORIZATION */
    GW_STMT_SELECT,   /* SELECT, VALUES, TABLE, WITH … SELECT */
    GW_STMT_INSERT,
    GW_STMT_UPDATE,
    GW_STMT_DELETE,
    GW_STMT_MERGE,
    GW_STMT_COPY_IN,  /* COPY … FROM stdin */
    GW_STMT_COPY_OUT, /* COPY … TO stdout */
    GW_STMT_DO,
    GW_STMT_CALL, /* may commit: outcome cannot be known from outside */
    GW_STMT_CREATE_INDEX,
    GW_STMT_DROP_INDEX,
    GW_STMT_REINDEX,
    GW_STMT_VACUUM,
    GW_STMT_CLUSTER,
    GW_STMT_ALTER_SYSTEM,
    GW_STMT_CREATE_DATABASE,
    GW_STMT_DROP_DATABASE,
    GW_STMT_ALTER_DATABASE,
    GW_STMT_CREATE_TABLESPACE,
    GW_STMT_DROP_TABLESPACE,
    GW_STMT_ALTER_TYPE_ADD_VALUE,
    GW_STMT_DETACH_PARTITION, /* ALTER TABLE … DETACH PARTITION … [CONCURRENTLY|FINALIZE] */
    GW_STMT_SUBSCRIPTION,     /* CREATE, ALTER, DROP SUBSCRIPTION */
    GW_STMT_ALTER_TABLE,
    GW_STMT_DROP_TABLE,
    GW_STMT_CREATE_TABLE,
    GW_STMT_TRUNCATE,
    GW_STMT_LOCK_TABLE,
} gw_stmt_kind;

typedef struct gw_stmt_class {
    gw_stmt_kind kind;
    bool concurrently;
    bool if_exists; /* IF EXISTS or IF NOT EXISTS */

    /* PostgreSQL refuses it inside a transaction block (as far as tokens can tell). */
    bool never_in_transaction;
    /* COMMIT or ROLLBACK … AND CHAIN: a transaction begins with it. */
    bool chains;
    /* Not safe to use in the transaction that ran it (ALTER TYPE … ADD VALUE). */
    bool splits_transaction;

    /* NULL, or why the statement needs a session of its own beyond this transaction: temporary
     * table, LISTEN, PREPARE, plain SET, session advisory lock, WITH HOLD cursor, LOAD. */
    const char *needs_session;

    /* NULL, or why it reaches outside its database (roles, databases, tablespaces, ALTER SYSTEM,
     * subscriptions, replication slots, dblink, COPY … PROGRAM or file, untrusted languages). */
    const char *reaches_outside;

    /* NULL, or why a part of what it does stays when its transaction does not (a slot, dblink, a
     * program, a file). Then, where all of it is one slot with a literal name, that name. */
    const char *outlasts;
    const char *slot;
    bool drops_slot;

    /* Takes ACCESS EXCLUSIVE (or SHARE ROW EXCLUSIVE and above) on something that exists. */
    bool strong_lock;

    /* Names as the catalog has them (folded unless quoted); NULL where there is none.
     * For an index statement `name` is the index (NULL for CREATE INDEX ON t) and `table` the
     * table where it is said; for ADD VALUE `name` is the type and `value` the label; for
     * DETACH `table` is the parent and `name` the partition; REINDEX: `object` says INDEX,
     * TABLE, SCHEMA, DATABASE or SYSTEM. Otherwise the object where the tokens show it. */
    const char *object;
    const char *schema, *name;
    const char *table_schema, *table;
    const char *value; /* also of a SET with one value, whose parameter is `name`; of COMMIT and
                        * ROLLBACK PREPARED the transaction's name */

    const char *label; /* see gw_stmt_kind_name */
} gw_stmt_class;

/* Strings belong to the arena. */
gw_stmt_class gw_sql_classify(gw_arena *arena, const char *text, size_t len);

/* "CREATE INDEX CONCURRENTLY", for messages. */
const char *gw_stmt_kind_name(const gw_stmt_class *c);

#endif
