/*
 * A request to stop, set by a signal handler or another thread and looked at at safe points.
 * Level 1 asks to stop at the next safe point, level 2 to stop at once (running statements are
 * cancelled). Setting it is async-signal-safe. Level 3 waits for no server any more: what was sent
 * is left to it, and connections are let go of. Nobody comes there by asking.
 */
#ifndef GW_BASE_CANCEL_H
#define GW_BASE_CANCEL_H

#include <stdatomic.h>
#include <stdbool.h>

typedef struct gw_cancel {
    atomic_int level;
    int wake_fd; /* eventfd readable once a stop is requested; -1 where none could be had */
} gw_cancel;

void gw_cancel_init(gw_cancel *cancel);
void gw_cancel_close(gw_cancel *cancel);

void gw_cancel_request(gw_cancel *cancel); /* a level more, up to 2 */
void gw_cancel_cut(gw_cancel *cancel);     /* level 3 */
int gw_cancel_level(const gw_cancel *cancel); /* 0 where cancel is NULL */

#endif
