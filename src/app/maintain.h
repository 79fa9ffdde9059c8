/*
 * Upkeep of an environment's database: what `maintain:` of godwit.yaml declares and what the doctor finds
 * that is safe to put right, done in small steps. Each step is an event ("maintain") in the audit, begins
 * only while no migration runs, and keeps to the action's time budget; what is left the next run does.
 */
#ifndef GW_APP_MAINTAIN_H
#define GW_APP_MAINTAIN_H

#include "app/app.h"

typedef struct gw_maintain_wanted {
    const char *const *only; /* actions by name; none: all */
    size_t only_count;
    bool dry_run;
    int64_t wait_ms;         /* for a migration that runs; 0: the step is skipped */
    int64_t budget_ms, lock_timeout_ms; /* GW_CONFIG_UNSAID: as godwit.yaml says */
    const char *passphrase_file; /* NULL */
} gw_maintain_wanted;

typedef struct gw_maintained {
    const char *action, *object;
    const char *what;    /* for people: "make shop.orders_y2026m01" */
    const char *outcome; /* done, would, skipped, left, failed */
    const char *detail;  /* what came of it, or why not; NULL */
    const char *sql;     /* NULL where it is not one statement */
    int64_t duration_ms; /* GW_NULL_INT where it was not begun */
} gw_maintained;

typedef struct gw_maintain_result {
    gw_maintained *items; /* in order */
    size_t len, cap;
    size_t done, skipped, left, failed;
} gw_maintain_result;

/* What there is to do, in order: names for `only`. */
typedef struct gw_maintain_action {
    const char *name, *summary;
} gw_maintain_action;
size_t gw_maintain_action_count(void);
gw_maintain_action gw_maintain_action_at(size_t index);

/*
 * A step that fails does not keep the others from theirs; in the end it is an error. *out says what was
 * done in any case. Kind BUSY where another one is at it.
 */
bool gw_app_maintain(gw_app *app, gw_arena *arena, const gw_maintain_wanted *wanted,
                     gw_maintain_result *out, gw_err *err);

#endif
