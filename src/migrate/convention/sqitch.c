#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "migrate/convention/convention.h"
#include "migrate/convention/sqitch_conf.h"
#include "migrate/convention/sqitch_plan.h"

enum { PLAN_LIMIT = 64 << 20 };

static const char *shape(gw_dir *dir)
{
    if (gw_dir_file(dir, "sqitch.plan"))
        return "sqitch.plan";
    return gw_dir_file(dir, "sqitch.conf") ? "sqitch.conf" : NULL;
}

/* NAME.sql, or NAME@TAG.sql where the change was reworked: the tag is the first one between the two
 * whose deploy file is there. */
static const char *file_name(gw_dir *dir, const gw_sqitch_settings *s, const gw_sqitch_plan *plan,
                             size_t index)
{
    const gw_sqitch_change *change = &plan->changes.items[index];
    const char *first = NULL;
    for (size_t i = 0; i < plan->tags.len && change->next_instance != SIZE_MAX; i++) {
        const gw_sqitch_tag *tag = &plan->tags.items[i];
        if (tag->change < index || tag->change >= change->next_instance)
            continue;
        const char *name = gw_printf(dir->arena, "%s@%s.%s", change->name, tag->name, s->extension);
        if (gw_dir_source(dir, gw_path_join(dir->arena, s->reworked_deploy, name)))
            return name;
        first = first ? first : name;
    }
    return first ? first : gw_printf(dir->arena, "%s.%s", change->name, s->extension);
}

/* The name is fixed for ever, whatever is reworked later: '#' cannot be in a name of Sqitch's. */
static const char *version_of(gw_arena *arena, const gw_sqitch_change *change)
{
    if (change->instance == 1)
        return change->name;
    return gw_printf(arena, "%s#%zu", change->name, change->instance);
}

static const char **versions_of(gw_arena *arena, const gw_sqitch_plan *plan, size_t from,
                                const char **names, size_t count)
{
    const char **versions = gw_alloc_array(arena, count, sizeof *versions);
    for (size_t i = 0; i < count; i++) {
        size_t found = gw_sqitch_find(plan, from, names[i]);
        versions[i] = found == SIZE_MAX ? names[i] : version_of(arena, &plan->changes.items[found]);
    }
    return versions;
}

/* psql fills variables in: those of sqitch.conf, and above them `placeholders:`, which says what --set does. */
static void fill_in(const gw_dir *dir, gw_script *script, const char *const *variables)
{
    const char *const *own = dir->options->placeholders;
    script->variables = variables;
    for (size_t i = 0; i < script->section_count && !script->directives.env; i++)
        if (variables || (own && own[0]))
            script->sections[i].substitution = GW_SUBST_PSQL;
}

static bool read_script(gw_dir *dir, const char *folder, const char *name,
                        const char *const *variables, gw_script *out, const char **checksum,
                        gw_err *err)
{
    gw_source *source = gw_dir_source(dir, gw_path_join(dir->arena, folder, name));
    if (!source)
        return true;
    if (!gw_source_whole(dir, source, out, err))
        return false;
    fill_in(dir, out, variables);
    if (checksum)
        *checksum = source->checksum;
    return true;
}

static bool read_change(gw_dir *dir, const gw_sqitch_settings *s, const gw_source *plan_file,
                        const gw_sqitch_plan *plan, size_t index, gw_err *err)
{
    const gw_sqitch_change *change = &plan->changes.items[index];
    bool reworked = change->next_instance != SIZE_MAX;
    const char *file = file_name(dir, s, plan, index);
    gw_migration *m = gw_dir_add(dir, GW_FORMAT_SQITCH, version_of(dir->arena, change),
                                 gw_printf(dir->arena, "%s.%zu", change->date, index + 1),
                                 gw_strndup(dir->arena, change->note, strcspn(change->note, "\n")));
    m->foreign_id = change->id;
    const char *deploy = reworked ? s->reworked_deploy : s->deploy;
    const char *revert = reworked ? s->reworked_revert : s->revert;
    const char *verify = reworked ? s->reworked_verify : s->verify;
    if (!read_script(dir, deploy, file, s->for_deploy, &m->up, &m->checksum, err) ||
        !read_script(dir, revert, file, s->for_revert, &m->down, NULL, err) ||
        !read_script(dir, verify, file, s->for_verify, &m->verify, NULL, err))
        return false;
    if (!m->up.present) {
        gw_source_error(err, plan_file, change->line, "change %s has no file %s/%s", change->name,
                        deploy, file);
        return gw_err_hint(err, "add it, or take the change out of the plan");
    }
    gw_directives *d = &m->up.directives;
    size_t own = d->requires_count, more = change->requires_count;
    const char **requires = gw_alloc_array(dir->arena, own + more, sizeof *requires);
    if (own)
        memcpy(requires, d->requires, own * sizeof *requires);
    if (more)
        memcpy(requires + own, versions_of(dir->arena, plan, index, change->requires, more),
               more * sizeof *requires);
    d->requires = requires;
    d->requires_count = own + more;
    d->conflicts = versions_of(dir->arena, plan, index, change->conflicts, change->conflicts_count);
    d->conflicts_count = change->conflicts_count;
    return true;
}

static bool read_plan(gw_dir *dir, gw_sqitch_settings *s, gw_source **file, gw_sqitch_plan *plan, gw_err *err)
{
    if (!gw_sqitch_settings_read(dir, s, err))
        return false;
    *file = gw_dir_source(dir, s->plan);
    if (!*file) {
        gw_err_set(err, GW_ERR_INPUT, "plan %s does not exist", s->plan);
        gw_err_hint(err, "make it with `sqitch init`, or see `plan_file` and `top_dir` in "
                         "sqitch.conf");
        return gw_err_at(err, gw_path_join(dir->arena, dir->shown, s->plan), 0, 0);
    }
    gw_file_text text;
    return gw_file_read(dir->arena, (*file)->path, PLAN_LIMIT, &text, err) &&
           gw_sqitch_plan_parse(dir->arena, (*file)->shown, text.data, plan, err);
}

/*
 * The order is that of the plan: dates of changes may go back (two branches merged), so a date is
 * raised to the one before it.
 */
static void keep_plan_order(gw_sqitch_plan *plan)
{
    for (size_t i = 1; i < plan->changes.len; i++)
        if (strcmp(plan->changes.items[i].date, plan->changes.items[i - 1].date) < 0)
            plan->changes.items[i].date = plan->changes.items[i - 1].date;
}

static bool read_folder(gw_dir *dir, gw_err *err)
{
    gw_sqitch_settings s;
    gw_source *file;
    gw_sqitch_plan plan;
    if (!read_plan(dir, &s, &file, &plan, err))
        return false;
    keep_plan_order(&plan);
    for (size_t i = 0; i < plan.changes.len; i++)
        if (!read_change(dir, &s, file, &plan, i, err))
            return false;
    return true;
}

static bool create_script(gw_dir *dir, gw_new_files *files, const char *folder, const char *name,
                          const char *text, gw_err *err)
{
    return gw_file_make_dirs(gw_path_join(dir->arena, dir->path, folder), 0777, err) &&
           gw_new_file(dir, files, gw_path_join(dir->arena, folder, name), text, err);
}

/* A planner that says who it was: git's and Sqitch's own variables, as far as they are set. */
static const char *planner(gw_dir *dir)
{
    const char *user = getenv("SQITCH_FULLNAME"), *mail = getenv("SQITCH_EMAIL");
    user = user && *user ? user : getenv("USER");
    user = user && *user ? user : "godwit";
    mail = mail && *mail ? mail : gw_printf(dir->arena, "%s@localhost", user);
    return gw_printf(dir->arena, "%s <%s>", user, mail);
}

static bool create(gw_dir *dir, const gw_new *wanted, gw_new_files *files, gw_err *err)
{
    gw_sqitch_settings s;
    gw_source *file;
    gw_sqitch_plan plan;
    if (!read_plan(dir, &s, &file, &plan, err))
        return false;
    for (size_t i = 0; i < plan.changes.len; i++)
        if (strcmp(plan.changes.items[i].name, wanted->name) == 0) {
            gw_source_error(err, file, plan.changes.items[i].line,
                            "change %s is in the plan "
                            "already",
                            wanted->name);
            return gw_err_hint(err, "choose another name, or rework it with: sqitch rework %s",
                               wanted->name);
        }
    const char *script = gw_printf(dir->arena, "%s.%s", wanted->name, s.extension);
    const char *to = gw_printf(dir->arena, "%s:%s", plan.project, wanted->name);
    if (!create_script(dir, files, s.deploy, script,
                       gw_printf(dir->arena, "-- Deploy %s to pg\n\nBEGIN;\n\n\nCOMMIT;\n", to),
                       err) ||
        !create_script(dir, files, s.revert, script,
                       gw_printf(dir->arena, "-- Revert %s from pg\n\nBEGIN;\n\n\nCOMMIT;\n", to),
                       err) ||
        !create_script(dir, files, s.verify, script,
                       gw_printf(dir->arena, "-- Verify %s on pg\n\nBEGIN;\n\n\nROLLBACK;\n", to),
                       err))
        return false;
    gw_file_text text;
    if (!gw_file_read(dir->arena, file->path, PLAN_LIMIT, &text, err))
        return false;
    gw_buf out = GW_BUF(dir->arena);
    gw_buf_addn(&out, text.data, text.len);
    if (text.len && text.data[text.len - 1] != '\n')
        gw_buf_addc(&out, '\n');
    if (!plan.changes.len && text.len > 1 && text.data[text.len - 2] != '\n')
        gw_buf_addc(&out, '\n'); /* a blank line ends the pragmas */
    const char *now = gw_time_rfc3339(dir->arena, wanted->now_us / 1000000 * 1000000);
    gw_buf_addf(&out, "%s %s %s # \n", wanted->name, now, planner(dir));
    *gw_vec_push(dir->arena, &files->paths) = file->path;
    return gw_file_write(file->path, out.data, out.len, 0666, err);
}

const gw_convention gw_convention_sqitch = {
    .format = GW_FORMAT_SQITCH,
    .pattern = "deploy/NAME.sql as in sqitch.plan",
    .shape = shape,
    .read = read_folder,
    .create = create,
};
