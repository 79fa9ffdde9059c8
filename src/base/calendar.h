/*
 * Amounts of time as people say them ("3 months", "90d", "1 week") and the ranges that a calendar has,
 * all in UTC: months and years are not equally long, so they are no durations (base/clock.h).
 */
#ifndef GW_BASE_CALENDAR_H
#define GW_BASE_CALENDAR_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"

typedef enum gw_unit {
    GW_UNIT_NONE, /* a bare number: of whatever is counted */
    GW_UNIT_SECOND,
    GW_UNIT_MINUTE,
    GW_UNIT_HOUR,
    GW_UNIT_DAY,
    GW_UNIT_WEEK, /* from Monday */
    GW_UNIT_MONTH,
    GW_UNIT_QUARTER,
    GW_UNIT_YEAR,
} gw_unit;

typedef struct gw_period {
    int64_t number; /* 0: none was said */
    gw_unit unit;
} gw_period;

/* "3 months", "90d", "month" (one of them), "12"; from 1 to 999,999,999,999,999. false where it is none. */
bool gw_period_parse(const char *text, gw_period *out);
/* For people: "3 months", "1 day", "12". */
char *gw_period_text(gw_arena *arena, gw_period amount);

/* The beginning of the hour, day … that holds an instant (microseconds, UTC). */
int64_t gw_calendar_floor(int64_t at, gw_unit unit);
/* An instant moved on (back: a negative number). The last day of a month stays in its month. */
int64_t gw_calendar_add(int64_t at, int64_t number, gw_unit unit);

/* What begins then, for names: "y2026m01", "y2026m01d05", "y2026q1", "y2026", "y2026m01d05h13". */
char *gw_calendar_name(gw_arena *arena, int64_t at, gw_unit unit);

#endif
