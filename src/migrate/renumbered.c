/* Applied files that were given other versions: their texts would run a second time. */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "migrate/plan.h"

bool gw_plan_has_new_text(const gw_plan_item *item)
{
    const gw_migration *file = item->file;
    return file && file->kind == GW_VERSIONED && file->checksum && !file->up.directives.replaces_count &&
           ((!item->row && item->runs) || item->state == GW_STATE_MODIFIED);
}

/* It was applied, and its text is not (or no longer) that of its file. */
static bool has_lost_text(const gw_plan_item *item)
{
    return item->row && item->row->checksum && strcmp(item->row->kind, "repeatable") != 0 &&
           (!item->file || item->state == GW_STATE_MODIFIED);
}

/* One side of an item: its file, or what was applied. */
typedef struct side {
    const char *service, *checksum, *name;
    gw_plan_item *item;
    bool file;
} side;

static int by_text(const void *a, const void *b)
{
    const side *x = a, *y = b;
    int c = strcmp(x->service, y->service);
    c = c ? c : strcmp(x->checksum, y->checksum);
    return c ? c : (x->item > y->item) - (x->item < y->item);
}

static bool same_text(const side *a, const side *b)
{
    return strcmp(a->service, b->service) == 0 && strcmp(a->checksum, b->checksum) == 0;
}

static bool same_name(const side *a, const side *b)
{
    return strcmp(a->name, b->name) == 0;
}

/* The first file of the group that is nobody's; named: with the name of `row`. */
static const side *free_file(const side *group, size_t count, const side *row, bool named)
{
    for (size_t i = 0; i < count; i++)
        if (group[i].file && !group[i].item->moved_from && (!named || same_name(&group[i], row)))
            return &group[i];
    return NULL;
}

static void pair(const side *group, size_t count)
{
    /* A new version leaves the name, as a rule; where it did not, the order has to do. */
    for (int pass = 0; pass < 2; pass++)
        for (size_t i = 0; i < count; i++) {
            gw_plan_item *row = group[i].item;
            const side *file =
                group[i].file || row->moved_to ? NULL : free_file(group, count, &group[i], !pass);
            if (!file)
                continue;
            row->moved_to = file->item;
            file->item->moved_from = row;
        }
    /* A file that is left over may be the one that is meant: nobody knows. */
    for (size_t i = 0; i < count; i++) {
        gw_plan_item *row = group[i].item;
        if (group[i].file || !row->moved_to)
            continue;
        bool named = strcmp(row->moved_to->file->name, group[i].name) == 0;
        for (const side *file; (file = free_file(group, count, &group[i], named));) {
            file->item->moved_from = row;
            row->unsure = true;
        }
    }
}

/* The file is not the one of that row. */
static void take_apart(gw_plan_item *items, size_t len, gw_plan_item *file)
{
    gw_plan_item *row = file->moved_from;
    size_t left = 0;
    file->moved_from = NULL;
    if (row->moved_to == file)
        row->moved_to = NULL;
    for (size_t i = 0; i < len; i++)
        if (items[i].moved_from == row) {
            row->moved_to = row->moved_to ? row->moved_to : &items[i];
            left++;
        }
    row->unsure = left > 1;
}

/* Where a file has another text now, it has that of another row only if its own has gone on. */
static void drop_overwritten(gw_plan_item *items, size_t len)
{
    for (bool changed = true; changed;) {
        changed = false;
        for (size_t i = 0; i < len; i++)
            if (items[i].moved_from && items[i].row && !items[i].moved_to) {
                take_apart(items, len, &items[i]);
                changed = true;
            }
    }
}

void gw_plan_find_renumbered(gw_arena *arena, gw_plan_item *items, size_t len)
{
    size_t count = 0, rows = 0;
    for (size_t i = 0; i < len; i++)
        rows += has_lost_text(&items[i]);
    if (!rows)
        return;
    side *sides = gw_alloc_array(arena, len * 2, sizeof *sides);
    for (size_t i = 0; i < len; i++) {
        const gw_migration *file = items[i].file;
        const gw_applied *row = items[i].row;
        if (has_lost_text(&items[i]))
            sides[count++] =
                (side){row->service, row->checksum, row->name ? row->name : "", &items[i], false};
        if (gw_plan_has_new_text(&items[i]))
            sides[count++] = (side){file->service, file->checksum, file->name, &items[i], true};
    }
    qsort(sides, count, sizeof *sides, by_text);
    for (size_t i = 0, next; i < count; i = next) {
        next = i + 1;
        while (next < count && same_text(&sides[i], &sides[next]))
            next++;
        pair(&sides[i], next - i);
    }
    drop_overwritten(items, len);
}

bool gw_plan_is_renumbered(const gw_plan_item *item)
{
    return item->moved_to && strcmp(item->row->state, "applied") == 0;
}

const char *gw_plan_renumbered_text(gw_arena *arena, const gw_plan *plan, const gw_plan_item *item)
{
    const gw_applied *row = item->row;
    const char *name = row->name ? row->name : "";
    gw_buf text = GW_BUF(arena);
    size_t files = 0;
    gw_buf_addf(&text, "%s%s%s%s%s: ", row->service, *row->service ? "/" : "", row->version,
                *name ? " " : "", name);
    for (size_t i = 0; i < plan->len; i++)
        if (plan->items[i].moved_from == item)
            gw_buf_addf(&text, "%s%s", files++ ? ", " : "what was applied is now ",
                        plan->items[i].file->up.path);
    gw_buf_add(&text, item->unsure ? " (which of them cannot be told)" : " (the same text, another version)");
    return gw_buf_str(&text);
}

const char *gw_plan_renumbered_advice(gw_arena *arena, const gw_plan *plan, const gw_plan_item *item)
{
    const char *before = item->row->version;
    gw_buf which = GW_BUF(arena);
    if (!item->unsure && item->file)
        return "give the files their old versions back, or let `godwit repair` take the new ones into the "
               "history";
    if (!item->unsure)
        return gw_printf(arena,
                         "rename it back to %s, or let `godwit repair` take the new version into the "
                         "history; where its text is meant to run once more: godwit repair %s --forget",
                         before, before);
    for (size_t i = 0; i < plan->len; i++)
        if (plan->items[i].moved_from == item)
            gw_buf_addf(&which, "%sgodwit repair %s", which.len ? " or " : "",
                        plan->items[i].file->version);
    if (!item->file)
        gw_buf_addf(&which, "; or, where all of them are meant to run: godwit repair %s --forget", before);
    return gw_printf(arena, "say which of them it is: %s", gw_buf_str(&which));
}
