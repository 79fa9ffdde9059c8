/*
 * sqitch.plan as values: the changes in their order, with the ids that Sqitch computes for them.
 * Knows nothing of files other than the plan's text.
 */
#ifndef GW_MIGRATE_SQITCH_PLAN_H
#define GW_MIGRATE_SQITCH_PLAN_H

#include "base/arena.h"
#include "base/err.h"
#include "base/vec.h"

typedef struct gw_sqitch_tag {
    const char *name;
    size_t change; /* index of the change that it stands on */
} gw_sqitch_tag;

typedef struct gw_sqitch_change {
    const char *name;
    const char *id;   /* SHA-1, hex */
    const char *date; /* YYYYMMDDHHMMSS */
    const char *note;
    size_t instance;       /* 1, or which rework of the name it is */
    size_t next_instance;  /* index of the change that reworks it; SIZE_MAX: none */
    const char **requires; /* as written in the plan, without the brackets */
    size_t requires_count;
    const char **conflicts;
    size_t conflicts_count;
    unsigned line;
} gw_sqitch_change;

typedef struct gw_sqitch_plan {
    const char *project, *uri;
    GW_VEC(gw_sqitch_change) changes;
    GW_VEC(gw_sqitch_tag) tags;
} gw_sqitch_plan;

/* `text` is NUL-terminated and is taken apart in place. `shown` names the plan in errors. */
bool gw_sqitch_plan_parse(gw_arena *arena, const char *shown, char *text, gw_sqitch_plan *out,
                          gw_err *err);

/*
 * The change that a dependency of change `from` means: NAME, NAME@TAG, @TAG or an id. SIZE_MAX
 * where it is none of this plan (PROJECT:NAME is of another one).
 */
size_t gw_sqitch_find(const gw_sqitch_plan *plan, size_t from, const char *dependency);

#endif
