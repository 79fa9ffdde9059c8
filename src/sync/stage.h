/*
 * A batch on its way: rows as the source's COPY sends them, in a temporary table of a session with
 * the destination, under the source's types.
 *
 * The table is pg_temp.gw_stage: "gw_n" (the row's number in the batch, from 1), "gw_key",
 * "gw_hash" (its fingerprint), "gw_id" (its new id, where Godwit makes it), "gw_1" … (the
 * projection's columns, in order), "gw_f1" … (what the mapping's functions made of it, as text). It
 * is empty at the end of each transaction. Where the row lay in the source stays here, in memory.
 */
#ifndef GW_SYNC_STAGE_H
#define GW_SYNC_STAGE_H

#include "script/script.h"
#include "sync/project.h"

typedef struct gw_staged {
    const char *key; /* NUL-terminated */
    uint32_t leaf, block;
    uint64_t fingerprint;
} gw_staged;

typedef struct gw_stage {
    gw_session *session; /* with the destination; pinned */
    const gw_projection *projection;
    gw_script *script; /* NULL where the mapping has no functions */
    gw_arena *arena;   /* of the batch */
    struct {
        gw_staged *items;
        size_t len, cap;
    } rows; /* number 1 is items[0] */
    struct {
        gw_script_rejection *items;
        size_t len, cap;
    } rejections;  /* of functions; row is the number */
    int64_t bytes; /* that came from the source */
} gw_stage;

/* Makes the table, outside a transaction, and starts the worker where there are functions. Lives as
 * long as the arena. */
bool gw_stage_open(gw_session *destination, gw_arena *arena, const gw_projection *projection,
                   gw_log *log, gw_stage **out, gw_err *err);

/*
 * Runs the query (gw_project_blocks, gw_project_keys) in the source's transaction and fills the
 * table in the destination's. The batch before it is forgotten.
 */
bool gw_stage_fill(gw_stage *stage, gw_session *source, const char *query, gw_err *err);

/* UUID version 5 (RFC 9562) of a namespace, as 36 characters, and a name. */
gw_err_kind gw_uuid_v5(const char *space, const char *name, char out[37]);

#endif
