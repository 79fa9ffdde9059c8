/*
 * What statements that have not run yet would lose in a database: their effects (sql/effects.h),
 * followed in order, so that a table which the run renames is still known as what it is, and one that
 * the run makes is nobody's loss; what a DROP takes along is asked of the database's own dependencies.
 * What rows set off that are written (triggers, rules, ON DELETE of foreign keys) is followed likewise.
 * Nothing is run. Counted afterwards by gw_losses_count.
 */
#ifndef GW_SCHEMA_FORESIGHT_H
#define GW_SCHEMA_FORESIGHT_H

#include "pg/session.h"
#include "schema/losses.h"
#include "sql/effects.h"

/* Where effects come from: gw_effect.file is an index. A new file has the session's search_path. */
typedef struct gw_effect_file {
    const char *path, *version;
    bool accepted; /* what it loses is meant */
} gw_effect_file;

/* What functions and rules do, for who knows the run's own. */
typedef struct gw_foresight_bodies {
    /* Of a function as it is when effect `before` happens, or of a rule (text). Adds to *out. */
    bool (*of)(void *self, const char *schema, const char *function, const char *text,
               size_t before, gw_effects *out, gw_err *err);
    void *self;
} gw_foresight_bodies;

typedef struct gw_foresight_waiting {
    bool rows;     /* a trigger, a rule or a foreign key that writing could set off */
    bool commands; /* an event trigger */
} gw_foresight_waiting;
bool gw_foresight_waits(gw_session *session, gw_arena *arena, gw_foresight_waiting *out, gw_err *err);

/* Does any of them lose something, or may set off what does? watched: commands could. */
bool gw_foresight_needed(const gw_effects *effects, bool watched);

/*
 * search_path: SQL value for SET search_path, or NULL: as the session has it. Adds to *out. Two
 * effects that lose the same (TRUNCATE, then DROP) are one loss.
 */
bool gw_foresee(gw_session *session, gw_arena *arena, const char *search_path,
                const gw_effect_file *files, const gw_effects *effects,
                const gw_foresight_bodies *bodies, gw_losses *out, gw_err *err);

#endif
