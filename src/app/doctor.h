/* The doctor over an environment's database: what it finds, and what of it may be put right at once. */
#ifndef GW_APP_DOCTOR_H
#define GW_APP_DOCTOR_H

#include "app/app.h"
#include "care/doctor.h"

typedef struct gw_doctor_wanted {
    const char *const *checks; /* ids; NULL or none: all */
    size_t check_count;
    const char *const *fixes;  /* ids whose findings are put right first */
    size_t fix_count;
    int64_t long_ms, timeout_ms;
} gw_doctor_wanted;

/* A statement that was run. */
typedef struct gw_fixed {
    const char *id, *object, *sql;
    int64_t duration_ms;
} gw_fixed;

typedef struct gw_doctor_result {
    gw_doctor_report report;   /* as it is after the fixes */
    gw_fixed *items;
    size_t len, cap;
} gw_doctor_result;

/*
 * Fixes run under the run lock, so beside no migration; each is an event. One that fails ends it, and
 * *out says what was done before. An id that is none, or whose fix is for a person, is kind USAGE.
 */
bool gw_app_doctor(gw_app *app, gw_arena *arena, const gw_doctor_wanted *wanted,
                   gw_doctor_result *out, gw_err *err);

#endif
