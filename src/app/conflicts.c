#include "app/conflicts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "app/git.h"
#include "app/internal.h"
#include "base/buf.h"
#include "base/file.h"
#include "base/vec.h"

typedef struct comparing {
    gw_app *app;
    gw_arena *arena;
    const char *against;
    char *scratch; /* where the other side's files lie while they are read; or NULL */
    gw_conflict_list *out;
} comparing;

typedef struct side {
    const char *name;
    gw_migration_list migrations;
} side;

static int order(const void *a, const void *b)
{
    return gw_migration_compare(a, b);
}

/* The other side's files are shown as git names them. */
static const char *shown(const comparing *c, const char *path)
{
    size_t len = c->scratch ? strlen(c->scratch) : 0;
    if (!len || !path || strncmp(path, c->scratch, len) != 0)
        return path;
    const char *below = strchr(path + len + 1, '/'); /* behind the folder's number */
    return gw_printf(c->arena, "%s:%s", c->against, below ? below + 1 : path + len + 1);
}

static void same_version(comparing *c, const char *object, const char *message,
                         gw_conflict_place first, gw_conflict_place second)
{
    first.file = shown(c, first.file);
    second.file = shown(c, second.file);
    *gw_vec_push(c->arena, c->out) =
        (gw_conflict){.kind = "same_version",
                      .object = object,
                      .message = message,
                      .hint = "give one of them another version; godwit new takes the time of day",
                      .first = first,
                      .second = second};
}

/* One service's folder. A version that stands twice is a finding; the folder is left out then. */
static bool read_folder(comparing *c, const gw_config_folder *f, const char *path, side *s,
                        gw_err *err)
{
    gw_folder_options options = {.path = path,
                                 .shown = path,
                                 .service = f->service,
                                 .format =
                                     f->format ? gw_format_by_name(f->format) : GW_FORMAT_AUTO,
                                 .placeholders = gw_app_placeholders(c->app, c->arena)};
    gw_folder folder;
    gw_err problem = {0};
    if (!gw_folder_read(c->arena, &options, &folder, &problem)) {
        bool twice = problem.kind == GW_ERR_INPUT && problem.object && problem.file;
        if (!twice) {
            gw_err_move(err, &problem);
            return s->name && c->scratch && strncmp(path, c->scratch, strlen(c->scratch)) == 0
                       ? gw_err_context(err, "in the files of %s", c->against)
                       : false;
        }
        const char *party = s->name ? s->name : f->service;
        same_version(c, gw_printf(c->arena, "migrations of %s", *f->service ? f->service : path),
                     gw_strdup(c->arena, problem.message),
                     (gw_conflict_place){party, gw_strdup(c->arena, problem.object), 1, 1},
                     (gw_conflict_place){party, gw_strdup(c->arena, problem.file), 1, 1});
        gw_err_clear(&problem);
        return true;
    }
    for (size_t i = 0; i < folder.migrations.len; i++)
        *gw_vec_push(c->arena, &s->migrations) = folder.migrations.items[i];
    return true;
}

static bool add_scripts(comparing *c, const gw_migration *m, const char *party,
                        gw_party_script **list, size_t *count, size_t *cap, gw_err *err)
{
    for (size_t i = 0; m->up.present && i < m->up.section_count; i++) {
        gw_buf text = GW_BUF(c->arena);
        if (!gw_app_script_text(c->app, &m->up, i, &text, err))
            return false;
        *list = gw_vec_grow_(c->arena, *list, *count, cap, sizeof **list);
        (*list)[(*count)++] = (gw_party_script){
            .party = party,
            .script = {.file = shown(c, m->up.path),
                       .text = gw_buf_str(&text),
                       .len = text.len,
                       .first_line = m->up.sections[i].line,
                       .breakpoints = m->up.sections[i].breakpoints,
                       .transactional = !m->up.directives.no_transaction,
                       .lock_timeout_ms = -1}};
    }
    return true;
}

/* ---- between services ------------------------------------------------------------------------- */

static bool between_services(comparing *c, const side *here, gw_err *err)
{
    gw_party_script *scripts = NULL;
    size_t count = 0, cap = 0;
    for (size_t i = 0; i < here->migrations.len; i++) {
        const gw_migration *m = &here->migrations.items[i];
        if (!add_scripts(c, m, m->service, &scripts, &count, &cap, err))
            return false;
    }
    gw_conflicts_find(c->arena, scripts, count, c->out);
    return true;
}

/* ---- between branches -------------------------------------------------------------------------- */

static const gw_migration *counterpart(const side *other, const gw_migration *m)
{
    for (size_t i = 0; i < other->migrations.len; i++) {
        const gw_migration *o = &other->migrations.items[i];
        if (strcmp(o->service, m->service) == 0 && o->kind == m->kind &&
            strcmp(o->version, m->version) == 0)
            return o;
    }
    return NULL;
}

static bool both_have(const gw_migration *m, const gw_migration *other)
{
    return other && gw_migration_is_same(m, other->text_checksum ? other->text_checksum : other->checksum);
}

static void compare_versions(comparing *c, const side *here, const side *there)
{
    for (size_t i = 0; i < here->migrations.len; i++) {
        const gw_migration *m = &here->migrations.items[i], *o = counterpart(there, m);
        if (!o || both_have(m, o) || m->kind == GW_REPEATABLE)
            continue;
        bool edited = strcmp(m->name, o->name) == 0;
        same_version(c,
                     gw_printf(c->arena, "migration %s%s%s", m->version, *m->service ? " of " : "",
                               m->service),
                     edited ? "the file differs: whoever has run the one is told that it was modified "
                              "when the other comes"
                            : "two migrations have this version: whoever has run the one never runs "
                              "the other",
                     (gw_conflict_place){here->name, m->up.path, 1, 1},
                     (gw_conflict_place){there->name, o->up.path, 1, 1});
    }
}

/* What both have stands below them; what one alone has is a party's. */
static bool between_branches(comparing *c, const side *here, const side *there, gw_err *err)
{
    gw_party_script *scripts = NULL;
    size_t count = 0, cap = 0, i = 0, k = 0;
    compare_versions(c, here, there);
    while (i < here->migrations.len || k < there->migrations.len) {
        const gw_migration *m = i < here->migrations.len ? &here->migrations.items[i] : NULL;
        const gw_migration *o = k < there->migrations.len ? &there->migrations.items[k] : NULL;
        bool from_here = m && (!o || gw_migration_compare(m, o) <= 0);
        const gw_migration *next = from_here ? m : o;
        const gw_migration *other = counterpart(from_here ? there : here, next);
        bool common = both_have(next, other) || (other && next->kind == GW_REPEATABLE);
        i += from_here;
        k += !from_here;
        if (common && !from_here)
            continue; /* once is enough */
        const char *party = common ? NULL : from_here ? here->name : there->name;
        if (!add_scripts(c, next, party, &scripts, &count, &cap, err))
            return false;
    }
    gw_conflicts_find(c->arena, scripts, count, c->out);
    return true;
}

static bool read_other(comparing *c, side *there, gw_err *err)
{
    const gw_config *config = &c->app->config;
    const char *base = getenv("TMPDIR");
    gw_git git;
    if (!gw_git_open(c->arena, config->project_dir, c->against, c->app->options.cancel, &git, err))
        return false;
    char *scratch = gw_printf(c->arena, "%s/godwit-conflicts-XXXXXX", base && *base ? base : "/tmp");
    if (!mkdtemp(scratch))
        return gw_err_errno(err, errno, "cannot make a folder %s", scratch);
    c->scratch = scratch;
    for (size_t i = 0; i < config->folder_count; i++) {
        const gw_config_folder *f = &config->folders[i];
        /* Behind a number, for two may be in one another; then the path as it is shown. */
        char *to = gw_path_join(c->arena, gw_printf(c->arena, "%s/%zu", scratch, i),
                                *f->shown == '/' ? f->shown + 1 : f->shown);
        size_t count = 0;
        if (!gw_git_copy(c->arena, &git, gw_path_absolute(c->arena, f->path), to, &count, err) ||
            (count && !read_folder(c, f, to, there, err)))
            return false;
    }
    return true;
}

static void in_order(side *s)
{
    if (s->migrations.len)
        qsort(s->migrations.items, s->migrations.len, sizeof *s->migrations.items, order);
}

bool gw_app_conflicts(gw_app *app, gw_arena *arena, const char *against, gw_conflict_list *out,
                      gw_err *err)
{
    comparing c = {.app = app, .arena = arena, .against = against, .out = out};
    side here = {.name = against ? "the work tree" : NULL}, there = {.name = against};
    const gw_environment *env;
    gw_err ignored = {0};
    *out = (gw_conflict_list){0};
    if (!gw_app_environment(app, &env, &ignored)) /* only its placeholders are of use here */
        gw_err_clear(&ignored);
    for (size_t i = 0; i < app->config.folder_count; i++) {
        const gw_config_folder *f = &app->config.folders[i];
        if (!read_folder(&c, f, gw_path_from_here(f->path), &here, err))
            return false;
    }
    in_order(&here);
    bool ok = between_services(&c, &here, err);
    if (ok && against) {
        ok = read_other(&c, &there, err);
        in_order(&there);
        ok = ok && between_branches(&c, &here, &there, err);
    }
    gw_err cleaning = {0};
    if (c.scratch && !gw_file_remove_tree(c.scratch, ok ? err : &cleaning))
        ok = false;
    gw_err_clear(&cleaning);
    return ok;
}
