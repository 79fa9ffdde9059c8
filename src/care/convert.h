/*
 * A plain table becomes one that is partitioned by ranges of a column, while people work with it: a new table is
 * made beside it, a trigger carries every change over, the rows are copied in batches by the old key, and at
 * the end the two change their names in one short transaction. What of the table cannot be carried is named
 * before anything is made. Killed anywhere, the next call goes on: the catalog says how far it was.
 */
#ifndef GW_CARE_CONVERT_H
#define GW_CARE_CONVERT_H

#include "care/copying.h"
#include "care/partition.h"
#include "care/steps.h"

typedef struct gw_convert {
    gw_partitioned old;         /* the plain one */
    gw_config_partition rule;   /* for the new one */
    const char *fresh, *rest, *aside; /* names: the new one, its DEFAULT partition, the old one afterwards */
    bool prepared;              /* the new one is there, and changes are captured */
    gw_copying copying;
    gw_care_steps steps;        /* prepare, capture, swap; columns, key, type */
} gw_convert;

/* Kind STATE where something of it cannot be carried: all of it is the detail. */
bool gw_convert_look(gw_session *session, gw_arena *arena, const gw_config_partition *rule,
                     const gw_partitioned *table, gw_convert *out, gw_err *err);

/* Each in a transaction of the caller; between them the rows are copied. */
bool gw_convert_prepare(const gw_convert *c, gw_session *session, gw_arena *arena, gw_err *err);
bool gw_convert_swap(const gw_convert *c, gw_session *session, gw_arena *arena, gw_err *err);

/* Foreign keys that refer to a table which was swapped hold for every change from then on; that they hold for all rows
 * as before is read afterwards, when nobody waits: `sql` of each, in a transaction. */
typedef struct gw_convert_key {
    const char *name, *sql;
} gw_convert_key;
typedef struct gw_convert_key_list {
    gw_convert_key *items;
    size_t len;
} gw_convert_key_list;
bool gw_convert_keys(gw_session *session, gw_arena *arena, int64_t table, gw_convert_key_list *out,
                     gw_err *err);

#endif
