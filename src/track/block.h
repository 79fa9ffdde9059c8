/*
 * What is counted together, once: a block of a chain, or what stands in a stream outside any block. And
 * the two readers that fill it: Godwit's own events, and blocks as Substrate API Sidecar gives them.
 */
#ifndef GW_TRACK_BLOCK_H
#define GW_TRACK_BLOCK_H

#include <jansson.h>

#include "base/err.h"
#include "track/sums.h"

typedef enum {
    GW_STEP_START,
    GW_STEP_COMPLETE,
    GW_STEP_FAIL,
    GW_STEP_PAUSE,
    GW_STEP_RESUME,
    GW_STEPS
} gw_step_kind;
extern const char *const gw_step_names[GW_STEPS + 1]; /* NULL at the end */

typedef struct gw_track_step {
    const char *stage; /* NULL: the one that its chain is at */
    gw_step_kind kind;
    const char *why;   /* NULL */
    int64_t line;
    const char *text;  /* of its line, for a reject; NULL in a block */
    size_t counted;    /* so many of the block's sums stand before it */
} gw_track_step;

typedef struct gw_track_steps {
    gw_track_step *items;
    size_t len, cap;
} gw_track_steps;

typedef struct gw_track_block {
    const char *chain;  /* NULL: not known yet */
    int64_t number;     /* -1: this is no block */
    const char *hash, *parent; /* parent: NULL where it is not said */
    int64_t line;
    size_t events;
    gw_sums sums;
    gw_track_steps steps;
    bool totals;        /* migrated and kept are said as totals */
    gw_u128 migrated, kept;
} gw_track_block;

/* Sums of one event may not be larger: what is added up in a batch stays within 64 bits. */
#define GW_TRACK_MOST ((int64_t)1 << 40)

enum { GW_LONGEST_NAME = 200 };

/* Of an event: where it stands. Texts are the JSON value's. */
typedef struct gw_event_place {
    const char *chain, *hash, *parent;
    int64_t number; /* -1: in no block */
} gw_event_place;

/* Which block an event of Godwit's own form belongs to. NULL: fine; else what is wrong with it. */
const char *gw_event_place_of(gw_arena *arena, const json_t *event, gw_event_place *out);
bool gw_event_is_step(const json_t *event);
/*
 * Add it to a block. arena: for texts that the block keeps and for the answer, which is NULL or what is
 * wrong with the event; then nothing was added. `line` and `text` go with a step.
 */
const char *gw_event_add(gw_arena *arena, const json_t *event, int64_t line, const char *text,
                         size_t len, gw_track_block *block);

/* A block as Sidecar gives it. chain: as said by the user, or NULL: then the block may say it. All that
 * the block keeps is on the arena. NULL, or what is wrong with it. */
const char *gw_sidecar_read(gw_arena *arena, const json_t *json, const char *chain,
                            gw_track_block *out);

/* The chain that a block of Sidecar says it is of, by the pallets that speak in it; NULL: it does not. */
const char *gw_sidecar_chain(const json_t *json);

#define GW_CHAIN_RELAY "relay-chain"
#define GW_CHAIN_HUB "asset-hub"

#endif
