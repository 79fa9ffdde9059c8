/*
 * What events add up to: counters by name, kept in the process until a batch is written. Amounts are
 * exact: many u128 do not fit 128 bits, and are carried further.
 *
 * A gw_sums lives on the arena that it was made with.
 */
#ifndef GW_TRACK_SUMS_H
#define GW_TRACK_SUMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"

__extension__ typedef unsigned __int128 gw_u128;

/* A sum of u128: low + high * 2^128. */
typedef struct gw_amount {
    gw_u128 low;
    uint64_t high;
} gw_amount;

void gw_amount_add(gw_amount *sum, gw_u128 value);
void gw_amount_add_sum(gw_amount *sum, const gw_amount *other);
/* Decimal digits. */
void gw_amount_text(gw_buf *buf, const gw_amount *amount);
/* Digits of at most u128; false where it is anything else ("", signs, spaces). */
bool gw_u128_parse(const char *text, size_t len, gw_u128 *out);

typedef enum { GW_SUM_STAGE, GW_SUM_PALLET, GW_SUM_XCM } gw_sum_kind;

/* Stage: a = its name, n[0] errors. Pallet: a = pallet, b = stage, n = processed, received, failed;
 * declared where it is not negative. XCM: a = source, b = destination, n = sent, processed, failed. */
typedef struct gw_sum {
    gw_sum_kind kind;
    const char *a, *b;
    int64_t n[3];
    int64_t declared;
    uint32_t hash;
} gw_sum;

typedef struct gw_balance_sums {
    bool any;
    int64_t accounts, failed;
    gw_amount migrated, kept;
} gw_balance_sums;

typedef struct gw_teleport_sums {
    bool any;
    int64_t mints, burns, failed;
    gw_amount minted, burned;
} gw_teleport_sums;

typedef struct gw_sums {
    gw_arena *arena;
    gw_sum *items;
    size_t len, cap;
    uint32_t *slots; /* open addressing: index + 1 */
    size_t slot_count;
    gw_balance_sums balance;
    gw_teleport_sums teleport;
} gw_sums;

gw_sums gw_sums_start(gw_arena *arena);
/* The counter of these names, made where it is new. Dead after the next call. b may be NULL. */
gw_sum *gw_sums_get(gw_sums *sums, gw_sum_kind kind, const char *a, size_t a_len, const char *b,
                    size_t b_len);
void gw_sums_merge(gw_sums *sums, const gw_sums *other);
bool gw_sums_empty(const gw_sums *sums);
/* As godwit.tracker_add takes it. */
void gw_sums_json(gw_buf *buf, const gw_sums *sums);

/* A JSON string, quoted. */
void gw_track_quote(gw_buf *buf, const char *text);

#endif
