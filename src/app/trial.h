/*
 * Where schemas are tried: shadow databases that are like a target, opened when first needed, and
 * what has to be said about them. Private to the app layer.
 */
#ifndef GW_APP_TRIAL_H
#define GW_APP_TRIAL_H

#include "app/internal.h"
#include "pg/shadow.h"
#include "schema/apply.h"
#include "schema/plan.h"
#include "schema/value.h"

typedef GW_VEC(const char *) gw_warnings;

/* An extension that a file creates and the shadow's server lacks. */
typedef struct gw_left_extension {
    const char *name, *schema; /* schema NULL: not said */
} gw_left_extension;

typedef GW_VEC(gw_left_extension) gw_left_extensions;

typedef struct gw_trial {
    gw_app *app;
    gw_arena *arena;
    gw_shadow_target target;
    gw_shadow *shadow; /* NULL until gw_trial_shadow */
    const char *user;  /* who makes things there; known once one was read */
    bool unix_lines;   /* of texts in every schema that is read: see gw_schema_options */
    gw_warnings warnings;
    gw_left_extensions left; /* by the files of the side that is read */
    const char *tenant_path, *tenant_schema; /* gw_trial_search_path's; NULL: none */
    const char *const *schemas; /* of the target's database, NULL-terminated; NULL: nobody was asked */
    const gw_schema *base; /* what is there before files are loaded (scope.c); NULL: nothing */
} gw_trial;

/* `session` is on the target's database; NULL: there is none, and defaults have to do. */
bool gw_trial_open(gw_app *app, gw_arena *arena, gw_session *session, gw_trial **out, gw_err *err);

/* Who makes things where an event says that this login ran a file: its settings may change the role (ALTER ROLE … SET
 * role). The login itself where that cannot be asked. */
const char *gw_trial_acts_as(gw_session *session, gw_arena *arena, const char *login);

/* What sessions of a login that has run files begin with, a tenant's search_path among it → settings, default_schema. */
bool gw_trial_settings_of(gw_trial *trial, gw_session *session, const char *login, gw_shadow_target *out, gw_err *err);

/* elsewhere.c: the schemas of a database, NULL-terminated; NULL where they cannot be asked for. */
const char *const *gw_schemas_there(gw_session *session, gw_arena *arena);

/* Shadows get this search_path, a tenant's, with its schema first; NULL: the target's own. Before the
 * first is made. */
void gw_trial_search_path(gw_trial *trial, const char *path, const char *schema);

/* A session on the environment's database, where it answers. *embedded: there is only that one. */
bool gw_trial_ask_environment(gw_app *app, gw_arena *arena, gw_session **out, bool *embedded);
/* Like the environment's database, where that answers; what is not known of it is said. */
bool gw_trial_open_like_environment(gw_app *app, gw_arena *arena, gw_trial **out, gw_err *err);

/* A sentence for people, once. */
void gw_trial_warn(gw_trial *trial, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The server for shadows runs: trial->shadow. */
bool gw_trial_shadow(gw_trial *trial, gw_err *err);

/* The start of every template's fingerprint: the target's settings, the server's version. */
char *gw_trial_like(gw_trial *trial, gw_arena *arena);

/* What an administrator does before files run, and no file says: schema public gets the target's owner.
 * Then what is there before them. */
bool gw_trial_prepare(gw_trial *trial, gw_shadow_db *db, gw_err *err);

/* What is in a shadow database. */
bool gw_trial_read(gw_trial *trial, gw_shadow_db *db, const gw_schema_options *options,
                   gw_schema **out, gw_err *err);

/* Run statements of ours there: as a plan would run, or in small steps (a whole schema). *failed
 * (may be NULL): which one the error is about. */
bool gw_trial_apply(gw_trial *trial, gw_shadow_db *db, const gw_ddl_statement *statements,
                    size_t count, bool small_steps, size_t *failed, gw_err *err);

/* A shadow whose schema is equal to this one: from a template, or made by its own DDL, read back
 * and compared. Kind STATE where that does not come out equal. */
bool gw_trial_like_schema(gw_trial *trial, const gw_schema *schema, gw_shadow_db **out,
                          gw_err *err);

/*
 * extensions.c: what the shadow's server lacks. What was read from a shadow gets the lacking
 * extensions of the schema that the shadow was made like: it would have them.
 */
bool gw_trial_carry(gw_trial *trial, const gw_schema *from, gw_schema *to, gw_err *err);
/* Kind UNSUPPORTED where an object of the schema needs a lacking extension; those that are needed
 * by nothing are said. */
bool gw_trial_can_hold(gw_trial *trial, const gw_schema *schema, gw_err *err);
/* A statement of a user's file that is about a lacking one: true, and said. */
bool gw_trial_lacks(gw_trial *trial, const char *place, const char *text, size_t len);

/* "table public.t, column public.t.c" …: what differs, at most a dozen. */
char *gw_changes_named(gw_arena *arena, const gw_schema_plan *plan);

#endif
