/* What a run would lose, before it runs. Private to the app layer. */
#ifndef GW_APP_LOSSES_H
#define GW_APP_LOSSES_H

#include "app/internal.h"
#include "migrate/check.h"
#include "schema/losses.h"

/* The scripts of a run, in order. rows: what an earlier run left of each, or NULL; NULL: of none. */
typedef struct gw_scripts_to_run {
    const gw_checked *items;
    const gw_applied *const *rows;
    size_t count;
} gw_scripts_to_run;

/* From the text alone: is there anything to ask the database about? */
bool gw_scripts_may_lose(const gw_scripts_to_run *scripts);

/*
 * Read again with `context`, looked up and counted on `session`, which has the user's settings
 * (search_path NULL: its own) and is not in a transaction. Adds to *out. Nothing is changed.
 */
bool gw_scripts_losses(gw_app *app, gw_arena *arena, gw_session *session, const char *search_path,
                       const gw_scripts_to_run *scripts, const gw_script_context *context,
                       gw_losses *out, gw_err *err);

/* Kind REFUSED where one loses something; the hint names the ways on. */
bool gw_losses_allowed(gw_arena *arena, const gw_losses *losses, gw_err *err);

/* [{"kind","object","rows","by"}] for the audit. */
const char *gw_losses_json(gw_arena *arena, const gw_losses *losses);

#endif
