/*
 * What Godwit and its worker (godwit-script) share: a piece of memory and a socket over which one
 * byte says "your turn". The only header that both programs include.
 *
 * The memory is a sealed memfd: a head, then the areas whose offsets the head names. Text crosses
 * as UTF-16 units, a field's length as an int32 (-1 = NULL). Godwit keeps the offsets to itself and
 * never reads them back: the worker runs other people's code and is not trusted.
 */
#ifndef GW_SCRIPT_WIRE_H
#define GW_SCRIPT_WIRE_H

#include <stdint.h>

#define GW_WIRE_VERSION 2u
enum { GW_WIRE_SOCKET = 3, GW_WIRE_MEMORY = 4 }; /* descriptors of the worker */

typedef enum gw_wire_op {
    GW_OP_READY = 1, /* is it there, and what can it do? */
    GW_OP_CHECK,     /* in: a request (JSON); out: diagnostics, JavaScript (JSON) */
    GW_OP_LOAD,      /* in: a compiled script (JSON) */
    GW_OP_RUN,       /* in: fields; out: values and messages */
} gw_wire_op;

typedef enum gw_wire_status {
    GW_WIRE_NONE = 0,
    GW_WIRE_OK,
    GW_WIRE_TIME,  /* a row took longer than its time */
    GW_WIRE_LARGE, /* the output does not fit */
    GW_WIRE_ERROR, /* out: a message */
    GW_WIRE_CHANGED, /* what all functions share is not what it was: nothing of this counts */
} gw_wire_status;

/* Of a rejected row: which function (from 1; 0 = the row is fine), the length of its message in the
 * output, where in the TypeScript (0 = not known; GW_WIRE_INPUT as function: no function ran). */
enum { GW_ROW_FUNCTION, GW_ROW_MESSAGE, GW_ROW_LINE, GW_ROW_COL, GW_ROW_CELLS };
enum { GW_WIRE_INPUT = -1 };

typedef struct gw_wire_head {
    uint32_t version;
    uint32_t op, rows, in_units;  /* of the request */
    uint32_t status, out_units;   /* of the answer */
    int32_t progress;             /* the row at work, from 0; -1 before the first */
    uint32_t row_ms;              /* time of a row, in milliseconds of processor */
    uint32_t columns, outputs;    /* a row */
    uint64_t memory;              /* bytes that may come on top of what an idle worker has */
    uint64_t in_at, in_cap;       /* areas: offset in bytes, capacity in units */
    uint64_t out_at, out_cap;
    uint64_t in_lens_at, in_lens_cap; /* capacity in int32 */
    uint64_t out_lens_at, out_lens_cap;
    uint64_t cells_at, cells_cap;
    uint64_t size;
} gw_wire_head;

#endif
