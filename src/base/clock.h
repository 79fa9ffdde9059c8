/*
 * Time. Instants are microseconds since 1970-01-01 UTC; durations come from the monotonic clock.
 */
#ifndef GW_BASE_CLOCK_H
#define GW_BASE_CLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/cancel.h"

int64_t gw_now_us(void);       /* UTC */
int64_t gw_monotonic_us(void); /* for durations only */

/* RFC 3339, UTC, microseconds only where they are not 0: "2026-11-21T01:43:28.000120Z". */
char *gw_time_rfc3339(gw_arena *arena, int64_t us);

/* "YYYYMMDDHHMMSS", the version of a new migration. */
char *gw_time_version(gw_arena *arena, int64_t us);

/* "850ms", "30s", "15min", "2h", "1d", a bare number = milliseconds (as PostgreSQL reads
 * lock_timeout). false where it is none of these, negative, or over 24 days. */
bool gw_duration_parse(const char *text, int64_t *ms);

/* For people: "12 ms", "3.4 s", "2 min 10 s". */
char *gw_duration_human(gw_arena *arena, int64_t ms);

/* Sleep; wakes at once and returns false where cancel is requested. cancel may be NULL. */
bool gw_sleep_ms(int64_t ms, const gw_cancel *cancel);

/* Random bytes from the system's generator. */
void gw_random_bytes(void *out, size_t len);

/* A random number in [0, bound), from the system's generator; for jitter. */
uint32_t gw_random(uint32_t bound);

/* base * 2^attempt, at most `cap`, of which a random part between a half and the whole. */
int64_t gw_backoff_ms(int64_t base, unsigned attempt, int64_t cap);

#endif
