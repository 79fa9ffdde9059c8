/* A tool whose history was taken over and that ran files since: they would run a second time. */
#include <string.h>

#include "migrate/adopt/internal.h"
#include "migrate/foreign_lock.h"

static const gw_plan_item *item_of(const gw_selection *chosen, const gw_migration *file)
{
    for (size_t i = 0; file && i < chosen->len; i++) {
        const gw_migration *its = chosen->items[i]->file;
        if (its && strcmp(its->service, file->service) == 0 && strcmp(its->version, file->version) == 0)
            return chosen->items[i];
    }
    return NULL;
}

/* Does its table say that this file has run? golang-migrate's has one version, which says nothing of
 * a file that came late; and a repeatable one runs again whoever ran it before. */
static bool says_so(const gw_adoption *a, const gw_plan_item *item)
{
    return item && item->file->kind != GW_REPEATABLE && !item->file->up.directives.replaces_count &&
           !(item->late && a->adopter->format == GW_FORMAT_GOLANG_MIGRATE);
}

static bool read_rows(gw_adoption *a, const gw_selection *chosen, gw_gone_on *out, gw_err *err)
{
    gw_err unclear = {0};
    if (!a->adopter->read(a, err))
        return false;
    /* A version of several services: nobody knows whose, as when it was adopted. */
    bool matched = gw_adopt_match(a, &unclear);
    gw_err_clear(&unclear);
    for (size_t i = 0; matched && i < a->rows.len; i++) {
        const gw_plan_item *item = item_of(chosen, a->rows.items[i].file);
        if (says_so(a, item))
            *gw_vec_push(a->arena, out) = (gw_gone_on_item){item, gw_format_name(a->adopter->format), a->shown};
    }
    return true;
}

/* A table that is gone, or that this role may not read, says nothing. */
static bool look_at(gw_adoption *a, const char *schema, const gw_selection *chosen, gw_gone_on *out,
                    gw_err *err)
{
    gw_foreign_defaults defaults;
    const char *column = NULL;
    bool there = false;
    gw_err problem = {0};
    if (!gw_session_begin(a->session, "repeatable read read only", err))
        return false;
    bool ok = gw_adopt_defaults(a, &defaults, &problem) && gw_adopt_choose(a, &defaults, schema, &problem) &&
              (!gw_adopt_columns_fit(a, &column, &there) || read_rows(a, chosen, out, &problem));
    gw_session_rollback(a->session);
    if (!ok && strcmp(problem.sqlstate, "42501") != 0) {
        gw_err_move(err, &problem);
        return gw_err_context(err, "while looking whether %s, whose history was taken over, went on",
                              gw_format_name(a->adopter->format));
    }
    gw_err_clear(&problem);
    return true;
}

bool gw_adopt_gone_on(gw_arena *arena, gw_session *session, const gw_migration_list *files,
                      const gw_adopt_options *options, const gw_selection *chosen, gw_gone_on *out,
                      gw_err *err)
{
    gw_adopted_tools tools;
    *out = (gw_gone_on){0};
    if (!gw_adopted_tools_read(session, arena, &tools, err))
        return false;
    for (size_t i = 0; i < tools.len; i++) {
        const gw_adopted_tool *it = &tools.items[i];
        gw_adoption a = {.arena = arena,
                         .session = session,
                         .adopter = gw_adopter_of(it->tool),
                         .options = options,
                         .files = files,
                         .table = it->table};
        if (!a.adopter || !it->schema || !it->table ||
            (options->schema && strcmp(options->schema, it->schema) != 0) || !gw_adopt_fits(&a, NULL))
            continue;
        if (!look_at(&a, it->schema, chosen, out, err))
            return false;
    }
    return true;
}
