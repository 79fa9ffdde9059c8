/* A service whose name was changed: its history stands under the old one. */
#include <stdlib.h>
#include <string.h>

#include "base/vec.h"
#include "migrate/plan.h"

static bool knows_service(const gw_plan *plan, const char *service, bool with_row)
{
    for (size_t i = 0; i < plan->len; i++)
        if ((!with_row || plan->items[i].row) && strcmp(gw_item_service(&plan->items[i]), service) == 0)
            return true;
    return false;
}

static int by_version(const void *a, const void *b)
{
    const gw_applied *x = *(const gw_applied *const *)a, *y = *(const gw_applied *const *)b;
    return strcmp(x->version, y->version);
}

/* Are most rows of service `before` files of service `now` that would run? */
static bool is_the_same(gw_arena *arena, const gw_plan *plan, const char *now, const char *before,
                        gw_renamed *out)
{
    const gw_applied **rows = gw_alloc_array(arena, plan->row_count, sizeof *rows);
    size_t count = 0;
    for (size_t i = 0; i < plan->row_count; i++)
        if (strcmp(plan->rows[i].service, before) == 0)
            rows[count++] = &plan->rows[i];
    qsort(rows, count, sizeof *rows, by_version);
    *out = (gw_renamed){.now = now, .before = before};
    for (size_t i = 0; i < plan->len; i++) {
        const gw_plan_item *item = &plan->items[i];
        if (!item->runs || item->file->kind == GW_REPEATABLE ||
            strcmp(item->file->service, now) != 0)
            continue;
        gw_applied wanted = {.version = item->file->version}, *key = &wanted;
        const gw_applied **row = bsearch(&key, rows, count, sizeof *rows, by_version);
        if (!row || !(*row)->checksum || strcmp((*row)->checksum, item->file->checksum) != 0)
            continue;
        out->count++;
        out->version = item->file->version;
    }
    return out->count * 2 > count;
}

typedef GW_VEC(const char *) names;

static bool is_new(gw_arena *arena, names *seen, const char *name)
{
    for (size_t i = 0; i < seen->len; i++)
        if (strcmp(seen->items[i], name) == 0)
            return false;
    *gw_vec_push(arena, seen) = name;
    return true;
}

bool gw_plan_renamed(gw_arena *arena, const gw_plan *plan, const gw_selection *chosen,
                     gw_renamed *out)
{
    names ours = {0};
    for (size_t i = 0; i < chosen->len && plan->row_count; i++) {
        const char *now = gw_item_service(chosen->items[i]);
        names others = {0};
        if (!is_new(arena, &ours, now) || knows_service(plan, now, true))
            continue;
        for (size_t k = 0; k < plan->row_count; k++) {
            const char *before = plan->rows[k].service;
            if (is_new(arena, &others, before) && !knows_service(plan, before, false) &&
                is_the_same(arena, plan, now, before, out))
                return true;
        }
    }
    return false;
}
