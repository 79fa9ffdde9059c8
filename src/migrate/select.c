#include <string.h>

#include "base/buf.h"
#include "base/vec.h"
#include "migrate/plan.h"

static bool is_repeatable(const gw_plan_item *item)
{
    return item->file ? item->file->kind == GW_REPEATABLE
                      : strcmp(item->row->kind, "repeatable") == 0;
}

static bool in_service(const gw_plan_item *item, const char *service)
{
    return !service || strcmp(gw_item_service(item), service) == 0;
}

static bool check_service(const gw_plan *plan, const char *service, gw_err *err)
{
    if (!service)
        return true;
    for (size_t i = 0; i < plan->len; i++)
        if (strcmp(gw_item_service(&plan->items[i]), service) == 0)
            return true;
    gw_err_set(err, GW_ERR_USAGE, "there is no migration of a service named %s", service);
    return gw_err_hint(err, "the services are those listed under migrations: in godwit.yaml");
}

static bool names(const gw_plan_item *item, const char *version)
{
    return gw_version_is(gw_item_version(item), version);
}

static const gw_plan_item *find_version(const gw_plan *plan, const char *version,
                                        const char *service)
{
    for (size_t i = 0; i < plan->len; i++)
        if (in_service(&plan->items[i], service) && names(&plan->items[i], version))
            return &plan->items[i];
    return NULL;
}

static bool unknown_version(const char *option, const char *version, gw_err *err)
{
    gw_err_set(err, GW_ERR_USAGE, "%s %s: there is no such migration", option, version);
    return gw_err_hint(err, "godwit status lists them");
}

/* One line for each item that `match` picks; false and the error where there is any. */
static size_t list_items(gw_buf *out, const gw_plan *plan, const char *service, gw_state state,
                         bool late)
{
    size_t count = 0;
    for (size_t i = 0; i < plan->len; i++) {
        const gw_plan_item *item = &plan->items[i];
        if (!in_service(item, service) ||
            (late ? !(item->late && item->runs) : item->state != state))
            continue;
        if (count++)
            gw_buf_addc(out, '\n');
        if (!item->file) {
            gw_buf_add(out, gw_plan_missing(out->arena, plan, item));
            continue;
        }
        const char *name = item->file->name;
        gw_buf_addf(out, "%s%s%s %s", gw_item_service(item), *gw_item_service(item) ? "/" : "",
                    gw_item_version(item), name);
        gw_buf_addf(out, " (%s)", item->file->up.path);
    }
    return count;
}

/* The first of them that has a file. */
static void place_at_first(const gw_plan *plan, const char *service, gw_state state, gw_err *err)
{
    for (size_t i = 0; i < plan->len; i++) {
        const gw_plan_item *item = &plan->items[i];
        if (item->state == state && item->file && in_service(item, service)) {
            gw_err_at(err, item->file->up.path, 0, 0);
            return;
        }
    }
}

/* Where its file would be. */
static void place_at_folder(gw_arena *arena, const gw_plan *plan, const gw_plan_item *item, gw_err *err)
{
    const char *folder = gw_plan_folder(arena, plan, item->row->service);
    if (folder)
        gw_err_at(err, folder, 0, 0);
}

/* A project whose folder has no service's name takes all rows without one for its own. */
static const char *missing_hint(gw_arena *arena, const gw_plan *plan)
{
    bool unnamed = false;
    for (size_t i = 0; i < plan->len; i++)
        unnamed |= plan->items[i].state == GW_STATE_MISSING && !*plan->items[i].row->service;
    const char *again = "is this checkout older than the database? Bring the file back";
    const char *named = "in its godwit.yaml (migrations: [{ service: NAME, path: DIR }])";
    if (!unnamed)
        return gw_printf(arena, "%s, or let `godwit repair` forget that it was there", again);
    if (!gw_plan_knows_any(plan))
        return gw_printf(arena,
                         "%s. Or is this another project's database as well? None of these files "
                         "is applied here: name this project's service %s, and neither sees the "
                         "other's rows. (`godwit repair --forget` would forget them.)",
                         again, named);
    return gw_printf(arena,
                     "%s. Does another project keep its history in this database? Name that one's "
                     "service %s, and neither sees the other's rows. Where the file was deleted on "
                     "purpose, `godwit repair` forgets that it was there",
                     again, named);
}

/* One that stopped half-way has another way on than one that is applied. */
static bool check_half_gone(gw_arena *arena, const gw_plan *plan, const char *service, gw_err *err)
{
    for (size_t i = 0; i < plan->len; i++) {
        const gw_plan_item *item = &plan->items[i];
        if (item->file || !in_service(item, service) || strcmp(item->row->state, "applied") == 0)
            continue;
        bool reverting = strcmp(item->row->state, "reverting") == 0;
        gw_err_set(err, GW_ERR_STATE, "%s %s stopped half-way, and its file is gone",
                   reverting ? "the down file of migration" : "migration", item->row->version);
        gw_err_detail(err, "%s", gw_plan_missing(arena, plan, item));
        place_at_folder(arena, plan, item, err);
        return gw_err_hint(err, "%s", gw_half_gone_advice(arena, item->row->version, reverting));
    }
    return true;
}

static void place_at_first_missing(gw_arena *arena, const gw_plan *plan, const char *service, gw_err *err)
{
    for (size_t i = 0; i < plan->len; i++)
        if (!plan->items[i].file && in_service(&plan->items[i], service)) {
            place_at_folder(arena, plan, &plan->items[i], err);
            return;
        }
}

/* What is applied has its text under another version, and would run again. */
static bool check_renumbered(gw_arena *arena, const gw_plan *plan, const char *service, gw_err *err)
{
    const gw_plan_item *first = NULL;
    gw_buf list = GW_BUF(arena);
    size_t count = 0;
    for (size_t i = 0; i < plan->len; i++) {
        const gw_plan_item *item = &plan->items[i];
        if (!gw_plan_is_renumbered(item) || !in_service(item, service))
            continue;
        if (!first || item->unsure)
            first = item;
        gw_buf_addf(&list, "%s%s", count++ ? "\n" : "", gw_plan_renumbered_text(arena, plan, item));
    }
    if (!count)
        return true;
    gw_err_set(err, GW_ERR_STATE,
               count == 1 ? "what is applied has another version now"
                          : "%zu migrations that are applied have other versions now",
               count);
    gw_err_detail(err, "%s", gw_buf_str(&list));
    gw_err_at(err, first->moved_to->file->up.path, 0, 0);
    if (count > 1 && !first->unsure)
        return gw_err_hint(err, "give the files their old versions back, or let `godwit repair` take the new "
                                "ones into the history; nothing was run");
    return gw_err_hint(err, "%s; nothing was run", gw_plan_renumbered_advice(arena, plan, first));
}

/* How one that is late comes behind those that are applied. */
static const char *newer(const gw_plan *plan, const char *service)
{
    for (size_t i = 0; i < plan->len; i++) {
        const gw_plan_item *item = &plan->items[i];
        if (item->late && item->runs && in_service(item, service))
            return item->file->format == GW_FORMAT_SQITCH    ? "move it to the end of sqitch.plan"
                   : item->file->format == GW_FORMAT_DRIZZLE ? "make it anew with drizzle-kit"
                                                             : "give it a newer version";
    }
    return "give it a newer version";
}

/* The history has to agree with the files before anything new goes on top of it. */
static bool check_history(gw_arena *arena, const gw_plan *plan, const gw_selection_options *options,
                          gw_err *err)
{
    gw_buf list = GW_BUF(arena);
    if (!check_renumbered(arena, plan, options->service, err))
        return false;
    size_t count = list_items(&list, plan, options->service, GW_STATE_MODIFIED, false);
    if (count) {
        gw_err_set(err, GW_ERR_STATE,
                   count == 1 ? "a migration that is applied was edited since"
                              : "%zu migrations that are applied were edited since",
                   count);
        gw_err_detail(err, "%s", gw_buf_str(&list));
        place_at_first(plan, options->service, GW_STATE_MODIFIED, err);
        return gw_err_hint(err, "put the file back and write a new migration; where the change is "
                                "meant (a comment, say), `godwit repair` takes the new checksum");
    }
    if (!check_half_gone(arena, plan, options->service, err))
        return false;
    count = list_items(&list, plan, options->service, GW_STATE_MISSING, false);
    if (count) {
        gw_err_set(err, GW_ERR_STATE,
                   count == 1 ? "a migration that is applied has no file any more"
                              : "%zu migrations that are applied have no file any more",
                   count);
        gw_err_detail(err, "%s", gw_buf_str(&list));
        place_at_first_missing(arena, plan, options->service, err);
        return gw_err_hint(err, "%s", missing_hint(arena, plan));
    }
    count = list_items(&list, plan, options->service, GW_STATE_OUT_OF_ORDER, true);
    if (count && !options->out_of_order) {
        gw_err_set(err, GW_ERR_STATE,
                   count == 1 ? "a new migration is older than one that is applied"
                              : "%zu new migrations are older than one that is applied",
                   count);
        gw_err_detail(err, "%s", gw_buf_str(&list));
        place_at_first(plan, options->service, GW_STATE_OUT_OF_ORDER, err);
        return gw_err_hint(err, "%s, or run it late: --out-of-order", newer(plan, options->service));
    }
    return true;
}

bool gw_plan_refuse_partial(gw_arena *arena, const gw_plan *plan, const char *service, gw_err *err)
{
    for (size_t i = 0; i < plan->len; i++) {
        const gw_plan_item *item = &plan->items[i];
        if (!item->lacks || !in_service(item, service))
            continue;
        const gw_directives *d = &item->file->up.directives;
        gw_buf list = GW_BUF(arena);
        for (size_t k = 0; k < d->replaces_count; k++) {
            bool applied = false;
            for (size_t r = 0; r < plan->row_count && !applied; r++)
                applied = strcmp(plan->rows[r].service, item->file->service) == 0 &&
                          strcmp(plan->rows[r].version, d->replaces[k]) == 0 &&
                          strcmp(plan->rows[r].state, "applied") == 0;
            if (!applied)
                gw_buf_addf(&list, "%s%s", list.len ? ", " : "", d->replaces[k]);
        }
        gw_err_set(err, GW_ERR_STATE,
                   "migration %s is a squash of %zu migrations, of which %zu are applied here",
                   item->file->version, d->replaces_count, d->replaces_count - item->lacks);
        gw_err_detail(err, "not applied: %s", gw_buf_str(&list));
        gw_err_at(err, item->file->up.path, 1, 1);
        return gw_err_hint(err, "apply these first, with the files as they were before the squash "
                                "(squashed/, or the commit before it); nothing was run");
    }
    return true;
}

/* Is `wanted` applied, or in front of `item` among what runs? */
static bool is_met(const gw_plan *plan, const gw_selection *chosen, const gw_plan_item *item,
                   const char *wanted)
{
    for (size_t i = 0; i < plan->len; i++) {
        const gw_plan_item *other = &plan->items[i];
        bool match =
            names(other, wanted) || (other->file && (strcmp(other->file->name, wanted) == 0 ||
                                                     gw_replaces(other->file, wanted)));
        if (!match || other == item)
            continue;
        if (other->row && strcmp(other->row->state, "applied") == 0)
            return true;
        for (size_t k = 0; k < chosen->len && chosen->items[k] != item; k++)
            if (chosen->items[k] == other)
                return true;
    }
    /* A service of another repository may have made it. */
    for (size_t i = 0; i < plan->row_count; i++)
        if (strcmp(plan->rows[i].state, "applied") == 0 &&
            gw_version_is(plan->rows[i].version, wanted))
            return true;
    return false;
}

/* The migration that is meant, whether it has run or not; NULL: there is no such file. */
static const gw_plan_item *meant_by(const gw_plan *plan, const char *wanted)
{
    for (size_t i = 0; i < plan->len; i++) {
        const gw_plan_item *item = &plan->items[i];
        if (item->file && (names(item, wanted) || strcmp(item->file->name, wanted) == 0 ||
                           gw_replaces(item->file, wanted)))
            return item;
    }
    return NULL;
}

/* What is asked for is not there, and where it could never be, that is said. */
static bool not_met(const gw_plan *plan, const gw_plan_item *item, size_t which, gw_err *err)
{
    const gw_migration *file = item->file;
    const gw_directives *d = &file->up.directives;
    const char *wanted = d->requires[which];
    const gw_plan_item *other = meant_by(plan, wanted);
    unsigned line = d->requires_lines ? d->requires_lines[which] : 1;
    if (other == item) {
        gw_err_set(err, GW_ERR_STATE, "migration %s requires itself", file->version);
        gw_err_at(err, file->up.path, line, 1);
        return gw_err_hint(err, "name the migration that has to be there before it, or take the "
                                "line away; nothing was run");
    }
    if (other && other->state == GW_STATE_SKIPPED) {
        gw_err_set(err, GW_ERR_STATE,
                   "migration %s requires %s, which is for another environment and never runs here",
                   file->version, wanted);
        gw_err_at(err, file->up.path, line, 1);
        gw_err_detail(err, "%s has only=%s%s", other->file->up.path, other->file->up.directives.only[0],
                      other->file->up.directives.only_count > 1 ? ",…" : "");
        return gw_err_hint(err, "give both the same -- godwit: only=…, or take requires=%s away; "
                                "nothing was run", wanted);
    }
    gw_err_set(err, GW_ERR_STATE, "migration %s requires %s, which is not applied", file->version,
               wanted);
    gw_err_at(err, file->up.path, line, 1);
    if (other > item)
        return gw_err_hint(err, "%s comes after it: rename one of the two, so that %s runs first; "
                                "nothing was run", wanted, wanted);
    if (!other)
        return gw_err_hint(err, "no file here is %s: apply it first from where it is, or mend the "
                                "name; nothing was run", wanted);
    return gw_err_hint(err, "apply %s first; nothing was run", wanted);
}

static bool check_requirements(const gw_plan *plan, const gw_selection *chosen, gw_err *err)
{
    for (size_t i = 0; i < chosen->len; i++) {
        const gw_migration *file = chosen->items[i]->file;
        const gw_directives *d = &file->up.directives;
        for (size_t k = 0; k < d->requires_count; k++) {
            if (!is_met(plan, chosen, chosen->items[i], d->requires[k]))
                return not_met(plan, chosen->items[i], k, err);
        }
        for (size_t k = 0; k < d->conflicts_count; k++) {
            if (!is_met(plan, chosen, chosen->items[i], d->conflicts[k]))
                continue;
            gw_err_set(err, GW_ERR_STATE, "migration %s conflicts with %s, which is applied", file->version,
                       d->conflicts[k]);
            return gw_err_at(err, file->up.path, 1, 1);
        }
    }
    return true;
}

static bool is_among(const char *const *only, const gw_plan_item *item)
{
    for (; only && *only; only += 2)
        if (strcmp(only[0], gw_item_service(item)) == 0 && strcmp(only[1], gw_item_version(item)) == 0)
            return true;
    return !only;
}

bool gw_plan_select_up(gw_arena *arena, const gw_plan *plan, const gw_selection_options *options,
                       gw_selection *out, gw_err *err)
{
    GW_VEC(const gw_plan_item *) chosen = {0};
    const gw_plan_item *last = NULL;
    *out = (gw_selection){0};
    if (!check_service(plan, options->service, err) ||
        !gw_plan_refuse_partial(arena, plan, options->service, err) ||
        !check_history(arena, plan, options, err))
        return false;
    if (options->to && !(last = find_version(plan, options->to, options->service)))
        return unknown_version("--to", options->to, err);
    for (size_t i = 0; i < plan->len; i++) {
        const gw_plan_item *item = &plan->items[i];
        if (!item->runs || !in_service(item, options->service) || !is_among(options->only, item))
            continue;
        if (options->steps && (int64_t)chosen.len >= options->steps)
            break;
        /* Up to a version: what runs whenever it changes is not part of that. */
        if (last && (is_repeatable(item) || gw_version_compare(item->order, last->order) > 0))
            continue;
        *gw_vec_push(arena, &chosen) = item;
    }
    *out = (gw_selection){chosen.items, chosen.len, chosen.cap};
    return check_requirements(plan, out, err);
}

static void missing_from(gw_buf *out, const gw_plan *plan, const gw_plan_item *item)
{
    const char *folder = gw_plan_folder(out->arena, plan, gw_item_service(item));
    if (item->moved_to) {
        gw_buf_addf(out, ": its file has another version now (%s)", item->moved_to->file->up.path);
        return;
    }
    gw_buf_add(out, ": its file is missing");
    if (folder)
        gw_buf_addf(out, " (looked for in %s)", folder);
}

static bool check_downs(gw_arena *arena, const gw_plan *plan, const gw_selection *chosen, gw_err *err)
{
    gw_buf list = GW_BUF(arena);
    size_t count = 0, missing = 0;
    for (size_t i = 0; i < chosen->len; i++) {
        const gw_plan_item *item = chosen->items[i];
        missing += !item->file;
        if (item->file && item->file->down.present && !item->file->up.directives.replaces_count)
            continue;
        gw_buf_addf(&list, "%s%s", count++ ? "\n" : "", gw_item_version(item));
        if (item->file && item->file->up.directives.replaces_count)
            gw_buf_addf(&list, " (%s): a squash of %zu migrations has no way back",
                        item->file->up.path, item->file->up.directives.replaces_count);
        else if (item->file)
            gw_buf_addf(&list, " (%s): no down script", item->file->up.path);
        else
            missing_from(&list, plan, item);
    }
    if (!count)
        return true;
    gw_err_set(err, GW_ERR_STATE, "what it would take to roll back is not written down");
    gw_err_detail(err, "%s", gw_buf_str(&list));
    static const char back[] = "bring the missing file back with its down script (in git: git log "
                               "--diff-filter=D --name-only shows what was deleted)";
    if (missing == count)
        return gw_err_hint(err, "%s; nothing was run", back);
    return gw_err_hint(err, "write the down script (Godwit never guesses one)%s%s; nothing was run",
                       missing ? ", and " : "", missing ? back : "");
}

bool gw_plan_select_down(gw_arena *arena, const gw_plan *plan, const gw_selection_options *options,
                         gw_selection *out, gw_err *err)
{
    GW_VEC(const gw_plan_item *) chosen = {0};
    const gw_plan_item *stop = NULL;
    bool all = options->to && strcmp(options->to, "0") == 0;
    *out = (gw_selection){0};
    if (!check_service(plan, options->service, err))
        return false;
    if (options->to && !all && !(stop = find_version(plan, options->to, options->service)))
        return unknown_version("--to", options->to, err);
    int64_t limit = options->steps ? options->steps : options->to ? INT64_MAX : 1;
    for (size_t i = plan->len; i-- > 0 && (int64_t)chosen.len < limit;) {
        const gw_plan_item *item = &plan->items[i];
        if (!item->row || is_repeatable(item) || !in_service(item, options->service))
            continue;
        if (stop && gw_version_compare(item->order, stop->order) <= 0)
            break;
        *gw_vec_push(arena, &chosen) = item;
    }
    *out = (gw_selection){chosen.items, chosen.len, chosen.cap};
    return check_downs(arena, plan, out, err);
}
