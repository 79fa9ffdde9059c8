#include "app/comparison.h"

#include <pthread.h>
#include <string.h>

#include "base/buf.h"
#include "control/control.h"
#include "schema/kind.h"
#include "sql_migrate.h"

/* ---- reading ----------------------------------------------------------------------------------- */

/* Who ran the migrations there: what they made belongs to that role, and is where its settings say, whoever
 * asks now. */
static void ask_for_runner(gw_session *session, gw_arena *arena, gw_trial *trial)
{
    enum { LATEST = 200 };
    gw_err ignored = {0};
    gw_event_list events = {0};
    int version = 0;
    bool ok = gw_control_version(session, &version, &ignored) && version &&
              gw_events_read(session, arena, NULL, NULL, NULL, LATEST, &events, &ignored);
    for (size_t i = 0; ok && i < events.len; i++) {
        const gw_event *event = &events.items[i];
        if (strcmp(event->action, "apply") != 0 || strcmp(event->outcome, "ok") != 0)
            continue;
        trial->target.user = gw_trial_acts_as(session, arena, event->db_user);
        /* Names without a schema were made where that login's search_path says. */
        gw_shadow_target of_login;
        if (event->db_user && gw_trial_settings_of(trial, session, event->db_user, &of_login, &ignored)) {
            of_login.user = trial->target.user;
            trial->target = of_login;
        }
        break;
    }
    gw_err_clear(&ignored);
}

static bool open_trial(gw_app *app, gw_arena *arena, gw_comparison *c, gw_err *err)
{
    gw_session *target = NULL;
    if ((gw_side_is_live(&c->x) && !gw_side_connect(app, arena, &c->x, err)) ||
        (gw_side_is_live(&c->y) && !gw_side_connect(app, arena, &c->y, err)))
        return false;
    bool asked = false, embedded = false;
    if (c->x.session || c->y.session)
        target = c->x.session ? c->x.session : c->y.session;
    else
        asked = gw_trial_ask_environment(app, arena, &target, &embedded);
    bool ok = gw_trial_open(app, arena, target, &c->trial, err);
    bool replays = c->x.sort == GW_SIDE_MIGRATIONS || c->y.sort == GW_SIDE_MIGRATIONS;
    if (ok)
        c->trial->unix_lines = replays;
    if (ok && target && replays) {
        ask_for_runner(target, arena, c->trial);
        c->trial->schemas = gw_schemas_there(target, c->trial->arena);
    }
    const gw_side *tenant = c->x.scope ? &c->x : &c->y;
    if (ok && tenant->scope && !(gw_side_is_live(&c->x) && gw_side_is_live(&c->y)))
        ok = gw_trial_stand_on_shared(c->trial, tenant->scope, tenant->session, err);
    if (asked)
        gw_session_close(target);
    if (ok && !target && !embedded)
        gw_trial_warn(c->trial, "no database was asked: the files were tried with PostgreSQL's own "
                                "settings");
    return ok;
}

/* The second of two databases, read beside the first: most of the time is the servers'. */
typedef struct reading {
    gw_session *session;
    gw_arena *arena; /* of the thread alone until it has ended */
    gw_schema *schema;
    gw_err err;
    bool ok;
} reading;

static void *read_beside(void *arg)
{
    reading *r = arg;
    r->ok = gw_schema_read(r->session, r->arena, NULL, &r->schema, &r->err);
    return NULL;
}

static void free_arena(void *arena)
{
    gw_arena_free(arena);
}

static bool read_both_live(gw_comparison *c, gw_err *err)
{
    reading r = {.session = c->y.session, .arena = gw_arena_new()};
    pthread_t thread;
    gw_arena_defer(c->trial->arena, free_arena, r.arena);
    bool beside = pthread_create(&thread, NULL, read_beside, &r) == 0;
    bool ok = gw_side_read(c->trial, &c->x, NULL, err);
    if (beside)
        pthread_join(thread, NULL);
    else
        read_beside(&r);
    c->y.schema = r.schema;
    if (ok && !r.ok) {
        gw_err_move(err, &r.err);
        ok = gw_err_context(err, "reading %s", c->y.shown);
    }
    gw_err_clear(&r.err);
    return ok;
}

/* What a file says about an extension that shadows cannot have: it is there, and as the other side
 * has it where the file says no more. */
static void add_left_out(const gw_side *side, const gw_side *other)
{
    for (size_t i = 0; i < side->left.len; i++) {
        const gw_left_extension *left = &side->left.items[i];
        const gw_object *like = NULL;
        for (size_t k = 0; k < other->schema->objects.len && !like; k++) {
            const gw_object *o = other->schema->objects.items[k];
            like = strcmp(o->kind->name, "extension") == 0 && strcmp(o->name, left->name) == 0
                       ? o
                       : NULL;
        }
        gw_schema_add_extension(side->schema, left->name, left->schema, like);
    }
}

static bool read_sides(gw_comparison *c, gw_err *err)
{
    if (gw_side_is_live(&c->x) && gw_side_is_live(&c->y))
        return read_both_live(c, err);
    /* The files first: what they make is compared in the database, too. */
    bool x_first = !gw_side_is_live(&c->x);
    gw_side *first = x_first ? &c->x : &c->y, *second = x_first ? &c->y : &c->x;
    if (!gw_side_read(c->trial, first, NULL, err) || !gw_side_read(c->trial, second, first, err))
        return false;
    add_left_out(&c->x, &c->y);
    add_left_out(&c->y, &c->x);
    return true;
}

bool gw_comparison_read(gw_app *app, gw_arena *arena, const gw_diff_options *options,
                        gw_comparison *c, gw_err *err)
{
    bool applied_only = c->applied_only;
    *c = (gw_comparison){0};
    if (!gw_side_parse(app, arena, options->from, &c->x, err) ||
        !gw_side_parse(app, arena, options->to, &c->y, err))
        return false;
    /* another database that stands beside a tenant is looked at in the same way */
    if (c->x.sort == GW_SIDE_URL)
        c->x.scope = c->y.scope;
    if (c->y.sort == GW_SIDE_URL)
        c->y.scope = c->x.scope;
    if (!open_trial(app, arena, c, err))
        return false;
    c->x.applied_only = c->y.applied_only = applied_only;
    if (!read_sides(c, err))
        return false;
    c->ddl = (gw_ddl_options){.concurrently = options->concurrently,
                              .no_owner = options->no_owner,
                              .no_privileges = options->no_privileges,
                              .runner = c->x.session ? gw_session_role(c->x.session)
                                                     : c->trial->user};
    return true;
}

void gw_comparison_turn(const gw_comparison *from, gw_comparison *to)
{
    *to = *from;
    to->x = from->y;
    to->y = from->x;
    to->diff = (gw_diff){0};
    to->ddl.runner = to->x.session ? gw_session_role(to->x.session) : to->trial->user;
}

void gw_comparison_close(gw_comparison *c)
{
    gw_side_close(&c->x);
    gw_side_close(&c->y);
    if (c->trial)
        gw_shadow_close(c->trial->shadow);
}

/* ---- the proof --------------------------------------------------------------------------------- */

static bool like_x(gw_comparison *c, gw_err *err)
{
    return c->x.db || gw_trial_like_schema(c->trial, c->x.schema, &c->x.db, err);
}

/* Of the database as it was read: what is on a shadow is like it, and has other oids. */
static bool rename_first(gw_comparison *c, gw_err *err)
{
    gw_diff *d = &c->diff;
    gw_schema *renamed = NULL;
    if (!d->renames.len)
        return true;
    if (!like_x(c, err) ||
        !gw_trial_apply(c->trial, c->x.db, d->renames.items, d->renames.len, false, NULL,
                        err) ||
        !gw_trial_read(c->trial, c->x.db, NULL, &renamed, err) ||
        !gw_trial_carry(c->trial, c->x.schema, renamed, err))
        return gw_err_context(err, "trying the renames on a shadow database");
    d->x = renamed;
    return true;
}

static bool prove(gw_comparison *c, gw_err *err)
{
    gw_diff *d = &c->diff;
    gw_schema *back = NULL;
    gw_schema_plan *rest = NULL;
    const gw_statements_of_plan *all = &d->statements;
    if (!like_x(c, err) || !gw_trial_can_hold(c->trial, c->y.schema, err))
        return false;
    size_t done = d->renames.len; /* they have been run there already */
    if (!gw_trial_apply(c->trial, c->x.db, all->items + done, all->len - done, false, NULL, err))
        return gw_err_context(err, "trying the plan on a shadow of %s", d->from);
    if (!gw_trial_read(c->trial, c->x.db, NULL, &back, err) ||
        !gw_trial_carry(c->trial, c->y.schema, back, err) ||
        !gw_schema_plan_make(c->trial->arena, back, c->y.schema, &c->ddl, &rest, err))
        return false;
    if (rest->changes.len) {
        gw_err_set(err, GW_ERR_STATE, "no plan was found that turns %s into %s", d->from, d->to);
        gw_err_detail(err, "after the plan these would still differ: %s",
                      gw_changes_named(c->trial->arena, rest));
        return gw_err_hint(err, "this is a defect of Godwit: the two schemas show it");
    }
    d->proven_on = gw_strdup(c->trial->arena, gw_shadow_facts_of(c->trial->shadow)->version);
    return true;
}

/* ---- the plan ---------------------------------------------------------------------------------- */

static void gather(gw_comparison *c)
{
    gw_diff *d = &c->diff;
    gw_arena *arena = c->trial->arena;
    for (size_t i = 0; i < d->renames.len; i++)
        *gw_vec_push(arena, &d->statements) = d->renames.items[i];
    for (size_t i = 0; i < d->plan->statements.len; i++)
        *gw_vec_push(arena, &d->statements) = d->plan->statements.items[i];
    for (size_t i = 0; i < d->plan->notes.len; i++)
        gw_trial_warn(c->trial, "%s", d->plan->notes.items[i]);
}

static void hand_warnings_over(gw_comparison *c)
{
    for (size_t i = 0; i < c->trial->warnings.len; i++)
        *gw_vec_push(c->trial->arena, &c->diff.warnings) = c->trial->warnings.items[i];
}

bool gw_comparison_plan(gw_comparison *c, const gw_diff_options *options, gw_err *err)
{
    gw_diff *d = &c->diff;
    gw_arena *arena = c->trial->arena;
    gw_schema_plan *plan = NULL;
    *d = (gw_diff){.from = c->x.shown, .to = c->y.shown, .x = c->x.schema, .y = c->y.schema,
                   .before = c->x.schema};
    d->fingerprint = gw_schema_fingerprint(arena, c->x.schema);
    if (!gw_renames_find(c, options, err) || !rename_first(c, err) ||
        !gw_schema_plan_make(arena, d->x, d->y, &c->ddl, &plan, err))
        return false;
    d->plan = plan;
    d->equal = plan->equal && !d->renames.len;
    gw_renames_guess(c);
    gw_comparison_say_elsewhere(c);
    gather(c);
    bool ok = !d->statements.len || options->unproven ||
              (prove(c, err) && (!options->prove_rows || gw_comparison_prove_rows(c, err)));
    hand_warnings_over(c);
    return ok;
}

/* ---- diff -------------------------------------------------------------------------------------- */

bool gw_app_diff(gw_app *app, gw_arena *arena, const gw_diff_options *options, gw_diff *out,
                 gw_err *err)
{
    gw_comparison c = {0};
    bool ok = gw_comparison_read(app, arena, options, &c, err) &&
              gw_comparison_plan(&c, options, err);
    *out = c.diff;
    gw_comparison_close(&c);
    return ok;
}

const char *gw_diff_settings(const gw_diff *diff)
{
    for (size_t i = 0; i < diff->statements.len; i++) {
        const gw_object *object = diff->statements.items[i].object;
        if (object && strcmp(object->kind->name, "routine") == 0)
            return "SET check_function_bodies = off";
    }
    return "";
}

void gw_diff_losses(gw_arena *arena, const gw_diff *diff, gw_losses *out)
{
    gw_losses_options options = {gw_renames_original, (void *)(uintptr_t)diff};
    gw_losses_find(arena, diff->plan, &options, out);
}

char *gw_diff_text(gw_arena *arena, const gw_diff *diff)
{
    gw_buf text = GW_BUF(arena);
    gw_plan_blocks blocks;
    gw_plan_blocks_of(arena, diff->statements.items, diff->statements.len, &blocks);
    if (!diff->statements.len)
        return gw_strdup(arena, "");
    bool whole = blocks.len == 1 && blocks.items[0].transaction;
    if (!whole)
        gw_buf_add(&text, "-- godwit: no-transaction\n");
    gw_buf_addf(&text, "-- From %s to %s.\n-- Only for a schema with the fingerprint %s.\n",
                diff->from, diff->to, diff->fingerprint);
    if (diff->proven_on)
        gw_buf_addf(&text, "-- Proven on a shadow database, PostgreSQL %s.\n", diff->proven_on);
    if (diff->rows)
        gw_buf_addf(&text, "-- Proven with rows: %zu row%s in %zu table%s came through it.\n",
                    diff->rows->rows, diff->rows->rows == 1 ? "" : "s", diff->rows->tables,
                    diff->rows->tables == 1 ? "" : "s");
    if (!diff->proven_on)
        gw_buf_add(&text, "-- NOT PROVEN.\n");
    gw_buf_add(&text, whole ? "-- One transaction.\n"
                            : "-- BEGIN and COMMIT stand around what goes together.\n");
    if (*gw_diff_settings(diff))
        gw_buf_addf(&text, "%s;\n", gw_diff_settings(diff));
    gw_buf_add(&text, gw_ddl_text(arena, diff->statements.items, diff->statements.len));
    return gw_strdup(arena, gw_buf_str(&text));
}
