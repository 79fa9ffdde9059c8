#include "app/squash.h"

#include <string.h>
#include <unistd.h>

#include "app/squash_impl.h"
#include "base/buf.h"
#include "base/file.h"
#include "sql/outside.h"

typedef struct squashing {
    gw_app *app;
    gw_arena *arena;
    const gw_squash_options *options;
    gw_squash *out;
    gw_trial *trial;
    const gw_config_folder *folder;
    gw_replayed list;      /* all files, of all services */
    bool *replaced;        /* by place in the list */
    size_t last;           /* place of the newest that is replaced */
    gw_squash_place place;
} squashing;

/* ---- which ---------------------------------------------------------------------------------------- */

static bool find_folder(squashing *s, gw_err *err)
{
    const gw_config *config = &s->app->config;
    if (!s->options->service && config->folder_count == 1)
        s->folder = &config->folders[0];
    for (size_t i = 0; s->options->service && i < config->folder_count; i++)
        if (strcmp(config->folders[i].service, s->options->service) == 0)
            s->folder = &config->folders[i];
    if (s->folder)
        return true;
    gw_err_set(err, GW_ERR_USAGE, s->options->service ? "there is no service %s"
                                                      : "which service is to be squashed?",
               s->options->service);
    return gw_err_hint(err, "name one of those under migrations: in godwit.yaml: --service NAME");
}

static bool refuse(const gw_migration *m, gw_err *err, const char *why)
{
    gw_err_set(err, GW_ERR_UNSUPPORTED, "%s cannot be squashed: %s", m->version, why);
    gw_err_at(err, m->up.path, 1, 1);
    return gw_err_hint(err, "squash --to a version before it");
}

static const char *why_not(const gw_migration *m)
{
    if (m->format == GW_FORMAT_SQITCH)
        return "a change of Sqitch's plan is known by a hash over all changes before it";
    if (m->format == GW_FORMAT_GRAPHILE_MIGRATE)
        return "each file of graphile-migrate holds the hash of the one before it";
    if (m->format == GW_FORMAT_DRIZZLE && strcmp(gw_path_base(m->up.path), "migration.sql") == 0)
        return "each folder of drizzle 1.0 has a snapshot that names the one before it";
    if (m->kind != GW_VERSIONED)
        return "it is a baseline";
    if (m->up.directives.only_count)
        return "it is for some environments only (only=)";
    for (size_t i = 0; i < m->up.section_count; i++)
        if (m->up.sections[i].substitution == GW_SUBST_ENV ||
            m->up.sections[i].substitution == GW_SUBST_GOOSE_ON)
            return "its text depends on variables";
    return NULL;
}

/* What a script does outside of schema and rows is not seen when these are compared. */
static bool stays_inside(squashing *s, const gw_checked *checked, gw_err *err)
{
    gw_arena *scratch = gw_arena_new();
    gw_statements *statements = gw_statements_open(scratch, checked, &s->list.script);
    const gw_statement *one = NULL;
    bool ok;
    while ((ok = gw_statements_next(statements, true, &one, err)) && one) {
        gw_reach_verdict verdict = gw_sql_reach(scratch, one->text, one->len);
        if (verdict.reach != GW_REACH_NONE && verdict.reach != GW_REACH_UNREAD &&
            !verdict.defines) {
            ok = refuse(checked->migration, err,
                        gw_printf(scratch, "%s reaches outside its database", verdict.statement));
            gw_err_at(err, checked->script->path, one->line, one->col);
            break;
        }
        if (verdict.dynamic && one->kind.kind == GW_STMT_DO)
            gw_trial_warn(s->trial, "%s:%u: a DO block builds statements at run time: what they do "
                                    "outside of schema and rows is not in the squash",
                          gw_path_from_here(checked->script->path), one->line);
    }
    gw_arena_free(scratch);
    return ok;
}

static bool select_old(squashing *s, const gw_migration_list *files, gw_err *err)
{
    const gw_migration *last = NULL;
    for (size_t i = 0; i < files->len; i++)
        if (files->items[i].kind == GW_VERSIONED &&
            strcmp(files->items[i].service, s->folder->service) == 0 &&
            gw_version_is(files->items[i].version, s->options->to))
            last = &files->items[i];
    if (!last) {
        gw_err_set(err, GW_ERR_USAGE, "--to %s: there is no such migration", s->options->to);
        return gw_err_hint(err, "godwit status lists them");
    }
    s->place = (gw_squash_place){.folder = s->folder->path, .files = files, .last = last};
    for (size_t i = 0; i < files->len; i++) {
        const gw_migration *m = &files->items[i];
        const char *why = why_not(m);
        if (m->kind == GW_REPEATABLE || strcmp(m->service, s->folder->service) != 0 ||
            gw_version_compare(m->order, last->order) > 0)
            continue;
        if (why)
            return refuse(m, err, why);
        const gw_directives *d = &m->up.directives;
        for (size_t k = 0; k < d->replaces_count; k++)
            if (strcmp(d->replaces[k], m->version) != 0)
                *gw_vec_push(s->arena, &s->out->replaced) = d->replaces[k];
        *gw_vec_push(s->arena, &s->out->replaced) = m->version;
        *gw_vec_push(s->arena, &s->out->moved) = gw_path_base(m->up.path);
        if (m->down.present && strcmp(m->down.path, m->up.path) != 0)
            *gw_vec_push(s->arena, &s->out->moved) = gw_path_base(m->down.path);
        for (size_t k = 0; k < s->list.count; k++)
            if (strcmp(s->list.files[k]->version, m->version) == 0 &&
                strcmp(s->list.files[k]->service, m->service) == 0) {
                s->replaced[k] = true;
                s->last = k;
                if (!stays_inside(s, &s->list.checked[k], err))
                    return false;
            }
    }
    if (s->out->replaced.len > 1)
        return true;
    gw_err_set(err, GW_ERR_USAGE, "there is one migration up to %s: nothing to squash", last->version);
    return false;
}

/* ---- databases ------------------------------------------------------------------------------------ */

/* Which of the list run in a database. */
typedef enum { OTHERS_BEFORE, ALL_BEFORE, BEHIND } part;

static bool is_in(const squashing *s, size_t i, part what)
{
    switch (what) {
    case OTHERS_BEFORE:
        return i <= s->last && !s->replaced[i];
    case ALL_BEFORE:
        return i <= s->last;
    case BEHIND:
        return i > s->last;
    }
    return false;
}

static bool run_scripts(squashing *s, gw_shadow_db *db, part what, const gw_checked *then,
                        gw_err *err)
{
    gw_session *session = NULL;
    bool ok = gw_replayed_connect(&s->list, db, &session, err);
    gw_replay replay = gw_replayed_runner(&s->list, session);
    for (size_t i = 0; ok && i < s->list.count; i++) {
        gw_arena *scratch = gw_arena_new();
        ok = !is_in(s, i, what) || gw_replay_script(&replay, scratch, &s->list.checked[i], err);
        gw_arena_free(scratch);
    }
    ok = ok && (!then || gw_replay_script(&replay, s->arena, then, err));
    gw_session_close(session);
    return ok;
}

static bool read_db(squashing *s, gw_shadow_db *db, gw_content *out, gw_session **look, gw_err *err)
{
    gw_session *session = NULL;
    gw_shadow_session pinned = {.pinned = true};
    bool ok = gw_shadow_connect(db, s->arena, &pinned, &session, err) &&
              gw_content_read(session, s->arena, out, err);
    if (ok)
        s->trial->user = s->trial->target.user ? s->trial->target.user
                                               : gw_strdup(s->arena, gw_session_role(session));
    if (look && ok)
        *look = session;
    else
        gw_session_close(session);
    return ok;
}

static bool make(squashing *s, part what, const gw_checked *then, gw_shadow_db **db,
                 gw_content *out, gw_err *err)
{
    return gw_shadow_create(s->trial->shadow, s->arena, db, err) &&
           run_scripts(s, *db, what, then, err) && read_db(s, *db, out, NULL, err);
}

/* Rows that come out otherwise each time: times, random keys. */
static bool warn_of_chance(squashing *s, const gw_content *y, gw_err *err)
{
    gw_content again = {0};
    gw_shadow_db *db = NULL;
    if (!s->out->rows)
        return true;
    if (!make(s, ALL_BEFORE, NULL, &db, &again, err))
        return false;
    const char *what = gw_content_differs(s->arena, &again, y);
    if (what)
        gw_trial_warn(s->trial, "%s are others at each run of the old files (times, random keys): the "
                                "squash holds those of this run", what);
    gw_shadow_drop(db);
    return true;
}

/* ---- the proof ------------------------------------------------------------------------------------ */

/* The text as the reader of its convention sees it, in a folder of its own. */
static bool read_new(squashing *s, gw_checked *out, gw_err *err)
{
    const char *dir = gw_printf(s->arena, "%s/.godwit/squash-%ld", s->app->config.project_dir,
                                (long)getpid());
    const char *path = gw_path_join(s->arena, dir, s->place.name), *list, *list_text;
    gw_squash_place alone = s->place;
    gw_folder folder = {0};
    gw_folder_options options = {.path = dir,
                                 .shown = s->folder->shown,
                                 .service = s->folder->service,
                                 .format = s->list.files[s->last]->format,
                                 .placeholders = gw_app_placeholders(s->app, s->arena)};
    alone.alone = true;
    if (!gw_squash_beside(s->arena, &alone, &list, &list_text, err))
        return false;
    const char *beside = list ? gw_path_join(s->arena, dir, list) : path;
    return gw_file_make_dirs(gw_path_dir(s->arena, beside), 0700, err) &&
           (!list || gw_file_write(beside, list_text, strlen(list_text), 0600, err)) &&
           gw_file_write(path, s->out->text, strlen(s->out->text), 0600, err) &&
           gw_folder_read(s->arena, &options, &folder, err) &&
           gw_replayed_check(&s->list, &folder.migrations.items[0],
                             &folder.migrations.items[0].up, out, NULL, err);
}

static void forget_new(squashing *s)
{
    gw_err ignored = {0};
    gw_file_remove_tree(gw_printf(s->arena, "%s/.godwit/squash-%ld", s->app->config.project_dir,
                                  (long)getpid()),
                        &ignored);
    gw_err_clear(&ignored);
}

static bool equal(squashing *s, const gw_content *is, const gw_content *should, const char *when,
                  gw_err *err)
{
    gw_schema_plan *plan = NULL;
    gw_ddl_options options = {.runner = s->trial->user};
    if (!gw_schema_plan_make(s->arena, is->schema, should->schema, &options, &plan, err))
        return false;
    const char *what = plan->changes.len ? gw_changes_named(s->arena, plan)
                                         : gw_content_differs(s->arena, is, should);
    if (!what)
        return true;
    gw_err_set(err, GW_ERR_STATE, "the squash does not give what the migrations give");
    gw_err_detail(err, "%s these differ: %s", when, what);
    return gw_err_hint(err, "nothing was changed; squash --to an earlier version leaves the "
                            "migration out that makes them");
}

static bool prove(squashing *s, gw_shadow_db *old, const gw_content *y, gw_err *err)
{
    gw_checked checked;
    gw_shadow_db *fresh = NULL;
    gw_content z = {0}, old_end = {0}, new_end = {0};
    if (!read_new(s, &checked, err))
        return gw_err_context(err, "reading the squash");
    if (!make(s, OTHERS_BEFORE, &checked, &fresh, &z, err))
        return gw_err_context(err, "running the squash on a shadow database");
    if (!equal(s, &z, y, "after it", err))
        return false;
    /* What comes behind has to run on top of it, to the same end. */
    if (s->last + 1 == s->list.count)
        return true;
    if (!run_scripts(s, old, BEHIND, NULL, err) || !run_scripts(s, fresh, BEHIND, NULL, err) ||
        !read_db(s, old, &old_end, NULL, err) || !read_db(s, fresh, &new_end, NULL, err))
        return gw_err_context(err, "running the later migrations behind the squash");
    gw_schema_plan *plan = NULL;
    gw_ddl_options options = {.runner = s->trial->user};
    if (!gw_schema_plan_make(s->arena, new_end.schema, old_end.schema, &options, &plan, err))
        return false;
    if (!plan->changes.len)
        return true;
    gw_err_set(err, GW_ERR_STATE, "later migrations give something else behind the squash");
    return gw_err_detail(err, "these differ: %s", gw_changes_named(s->arena, plan));
}

static bool write_down(squashing *s, gw_err *err)
{
    gw_content x = {0}, y = {0};
    gw_shadow_db *others = NULL, *old = NULL;
    gw_session *look = NULL;
    gw_texts statements = {0};
    bool transactional = true;
    s->out->proven_on = gw_strdup(s->arena, gw_shadow_facts_of(s->trial->shadow)->version);
    if (!make(s, OTHERS_BEFORE, NULL, &others, &x, err)) {
        gw_err_context(err, "running what is not squashed and stands before %s: does it need what "
                            "is squashed?", s->list.files[s->last]->version);
        return false;
    }
    gw_shadow_drop(others);
    if (!gw_shadow_create(s->trial->shadow, s->arena, &old, err) ||
        !run_scripts(s, old, ALL_BEFORE, NULL, err) || !read_db(s, old, &y, &look, err))
        return false;
    bool ok = gw_squash_statements(s->trial, s->arena, look, &x, &y, &statements, &transactional,
                                   &s->out->rows, err);
    gw_session_close(look);
    ok = ok &&
         gw_squash_file(s->arena, s->list.files[s->last], s->out, &statements, transactional,
                        &s->place.name, &s->out->text, err);
    s->place.text = s->out->text;
    ok = ok && warn_of_chance(s, &y, err) && prove(s, old, &y, err);
    forget_new(s);
    return ok;
}

/* ---- all of it ------------------------------------------------------------------------------------ */

static bool move_files(squashing *s, gw_err *err)
{
    /* Flyway looks into folders below its own. */
    bool below = s->list.files[s->last]->format != GW_FORMAT_FLYWAY;
    const char *to = s->options->delete ? NULL : below ? "squashed" : "../squashed";
    s->out->path = gw_path_join(s->arena, gw_path_from_here(s->folder->path), s->place.name);
    s->out->moved_to = to ? gw_path_join(s->arena, gw_path_from_here(s->folder->path), to) : NULL;
    gw_squash_snapshots(s->arena, &s->place, &s->out->moved);
    return s->options->dry_run || gw_squash_move(s->arena, &s->place, &s->out->moved, to, err);
}

static bool squash(squashing *s, gw_err *err)
{
    gw_migration_list files;
    if (s->app->config.compat_sqlx) {
        gw_err_set(err, GW_ERR_UNSUPPORTED, "compat: sqlx and a squash exclude each other");
        return gw_err_hint(err, "sqlx itself looks for every file that its table names");
    }
    if (!gw_trial_open_like_environment(s->app, s->arena, &s->trial, err) ||
        !gw_replayed_read(s->trial, s->arena, false, &s->list, err) ||
        !gw_app_migrations(s->app, s->arena, &files, NULL, err))
        return false;
    s->replaced = gw_alloc_array(s->arena, s->list.count, sizeof *s->replaced);
    return select_old(s, &files, err) && write_down(s, err) && move_files(s, err);
}

bool gw_app_squash(gw_app *app, gw_arena *arena, const gw_squash_options *options, gw_squash *out,
                   gw_err *err)
{
    squashing s = {.app = app, .arena = arena, .options = options, .out = out};
    *out = (gw_squash){0};
    for (size_t i = 0; i < app->config.folder_count; i++) {
        bool done = false;
        if (!gw_squash_finish(arena, app->config.folders[i].path, &done, err))
            return false;
        out->finished |= done;
    }
    if (out->finished)
        return true;
    if (!options->to) {
        gw_err_set(err, GW_ERR_USAGE, "squash needs --to");
        return gw_err_hint(err, "for example: godwit squash --to 20260101120000");
    }
    bool ok = find_folder(&s, err) && squash(&s, err);
    if (s.trial) {
        gw_shadow_close(s.trial->shadow);
        for (size_t i = 0; i < s.trial->warnings.len; i++)
            *gw_vec_push(arena, &out->warnings) = s.trial->warnings.items[i];
    }
    return ok;
}
