/* Two sides, read, planned and proven: what diff, push and verify stand on. Private to app. */
#ifndef GW_APP_COMPARISON_H
#define GW_APP_COMPARISON_H

#include "app/schema.h"
#include "app/side.h"

typedef struct gw_comparison {
    gw_trial *trial;
    gw_side x, y;
    gw_ddl_options ddl;
    bool applied_only; /* of migrations: those that the history has as applied */
    gw_diff diff;
} gw_comparison;

/* Parse, connect, read. */
bool gw_comparison_read(gw_app *app, gw_arena *arena, const gw_diff_options *options,
                        gw_comparison *out, gw_err *err);
/* The same two the other way round; Only one of them is closed. */
void gw_comparison_turn(const gw_comparison *from, gw_comparison *to);
/* Renames, plan, proof → diff. */
bool gw_comparison_plan(gw_comparison *c, const gw_diff_options *options, gw_err *err);
void gw_comparison_close(gw_comparison *c);

/* elsewhere.c: what the database has in another schema than the files make it in is said, once a pair of schemas. */
void gw_comparison_say_elsewhere(gw_comparison *c);

/*
 * rows_proof.c: rows are made on another shadow of x, all statements of the plan run there, and
 * what is left of them is compared → diff.rows. Kind STATE where some are lost or changed that the
 * plan does not declare lost.
 */
bool gw_comparison_prove_rows(gw_comparison *c, gw_err *err);

/*
 * renames.c: what --rename and the hints of a declared schema say, as statements for x. Kind USAGE
 * where something said is neither in x nor in y.
 */
bool gw_renames_find(gw_comparison *c, const gw_diff_options *options, gw_err *err);
/* What may be a rename and was not said to be one: warnings. */
void gw_renames_guess(gw_comparison *c);

/* The object of x as it was read, before the renames: gw_losses_options.original on a gw_diff. */
const gw_object *gw_renames_original(void *diff, const gw_object *object);

#endif
