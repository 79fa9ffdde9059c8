/* Foreign keys that delete or empty the rows which refer to a deleted one. Of this folder only. */
#ifndef GW_SYNC_CASCADE_H
#define GW_SYNC_CASCADE_H

#include "source/source.h"

typedef struct gw_cascade {
    const char *name, *action; /* "CASCADE", "SET NULL", "SET DEFAULT" */
    const char *schema, *relation; /* the table of the rows that refer */
    const char *shown;         /* … quoted */
    const char *referring;     /* … as an item of FROM, for f */
    const char *target;        /* the table that it leads to, for t: a partition may have keys of its own */
    const char *same;          /* f refers to t */
    bool own;                  /* rows of the table itself refer */
    bool readable;             /* this role sees all of them */
} gw_cascade;

/* Those that lead to a table, and take effect in this session. */
bool gw_cascades_read(gw_session *session, gw_arena *arena, int64_t table, gw_cascade **out,
                      size_t *count, gw_err *err);

#endif
