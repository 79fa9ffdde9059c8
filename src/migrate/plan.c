#include "migrate/plan.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/vec.h"

const char *gw_state_name(gw_state state)
{
    static const char *const names[] = {
        [GW_STATE_APPLIED] = "applied",       [GW_STATE_PENDING] = "pending",
        [GW_STATE_MODIFIED] = "modified",     [GW_STATE_MISSING] = "missing",
        [GW_STATE_FAILED] = "failed",         [GW_STATE_OUT_OF_ORDER] = "out_of_order",
        [GW_STATE_SKIPPED] = "skipped",
    };
    return names[state];
}

/* Rows and failures are found by (service, version) in a sorted array of pointers. */
typedef struct keyed {
    const char *service, *version;
    const void *value;
} keyed;

typedef struct index_of {
    keyed *items;
    size_t len;
} index_of;

static int by_key(const void *a, const void *b)
{
    const keyed *x = a, *y = b;
    int c = strcmp(x->service, y->service);
    return c ? c : strcmp(x->version, y->version);
}

static const void *find(const index_of *index, const char *service, const char *version)
{
    const keyed wanted = {service, version, NULL};
    if (!index->len)
        return NULL;
    const keyed *found = bsearch(&wanted, index->items, index->len, sizeof wanted, by_key);
    return found ? found->value : NULL;
}

static index_of index_rows(gw_arena *arena, const gw_applied_list *rows)
{
    index_of index = {gw_alloc_array(arena, rows->len, sizeof(keyed)), rows->len};
    for (size_t i = 0; i < rows->len; i++)
        index.items[i] = (keyed){rows->items[i].service, rows->items[i].version, &rows->items[i]};
    if (index.len)
        qsort(index.items, index.len, sizeof(keyed), by_key);
    return index;
}

static index_of index_failures(gw_arena *arena, const gw_event_list *failures)
{
    index_of index = {gw_alloc_array(arena, failures->len, sizeof(keyed)), failures->len};
    for (size_t i = 0; i < failures->len; i++)
        index.items[i] =
            (keyed){failures->items[i].service, failures->items[i].version, &failures->items[i]};
    if (index.len)
        qsort(index.items, index.len, sizeof(keyed), by_key);
    return index;
}

static index_of index_files(gw_arena *arena, const gw_migration_list *files)
{
    index_of index = {gw_alloc_array(arena, files->len, sizeof(keyed)), files->len};
    for (size_t i = 0; i < files->len; i++)
        index.items[i] =
            (keyed){files->items[i].service, files->items[i].version, &files->items[i]};
    if (index.len)
        qsort(index.items, index.len, sizeof(keyed), by_key);
    return index;
}

static bool is_repeatable(const gw_plan_item *item)
{
    return item->file ? item->file->kind == GW_REPEATABLE
                      : strcmp(item->row->kind, "repeatable") == 0;
}

const char *gw_item_service(const gw_plan_item *item)
{
    return item->file ? item->file->service : item->row->service;
}

const char *gw_item_version(const gw_plan_item *item)
{
    return item->file ? item->file->version : item->row->version;
}

static int by_order(const void *a, const void *b)
{
    const gw_plan_item *x = a, *y = b;
    bool rx = is_repeatable(x), ry = is_repeatable(y);
    if (rx != ry)
        return rx ? 1 : -1;
    int c = rx ? strcmp(gw_item_version(x), gw_item_version(y))
               : gw_version_compare(x->order, y->order);
    if (!c)
        c = strcmp(gw_item_service(x), gw_item_service(y));
    return c ? c : strcmp(gw_item_version(x), gw_item_version(y));
}

/* For each service: the highest order applied, and the highest baseline. */
typedef struct high_mark {
    const char *service, *order;
    const char *baseline, *baseline_done; /* begun; and through */
} high_mark;
typedef GW_VEC(high_mark) high_marks;

static high_mark *mark_of(gw_arena *arena, high_marks *marks, const char *service)
{
    for (size_t i = 0; i < marks->len; i++)
        if (strcmp(marks->items[i].service, service) == 0)
            return &marks->items[i];
    high_mark *mark = gw_vec_push(arena, marks);
    mark->service = service;
    return mark;
}

static void raise_to(const char **mark, const char *order)
{
    if (!*mark || gw_version_compare(order, *mark) > 0)
        *mark = order;
}

static bool is_ours(const char *const *services, const char *service)
{
    if (!services)
        return true;
    for (; *services; services++)
        if (strcmp(*services, service) == 0)
            return true;
    return false;
}

/* `orders`: of each row (row_orders). */
static high_marks find_marks(gw_arena *arena, const gw_applied_list *rows, const char *const *orders,
                             const char *const *services, const char **current)
{
    high_marks marks = {0};
    const char *highest = NULL;
    for (size_t i = 0; i < rows->len; i++) {
        const gw_applied *row = &rows->items[i];
        if (strcmp(row->kind, "repeatable") == 0 || strcmp(row->kind, "declared") == 0 ||
            !is_ours(services, row->service))
            continue;
        high_mark *mark = mark_of(arena, &marks, row->service);
        if (strcmp(row->kind, "baseline") == 0)
            raise_to(&mark->baseline, orders[i]);
        if (strcmp(row->state, "applied") != 0)
            continue;
        raise_to(&mark->order, orders[i]);
        if (strcmp(row->kind, "baseline") == 0)
            raise_to(&mark->baseline_done, orders[i]);
        if (!highest || gw_version_compare(orders[i], highest) > 0) {
            highest = orders[i];
            *current = row->version;
        }
    }
    return marks;
}

static bool for_environment(const gw_migration *file, const char *environment)
{
    const gw_directives *d = &file->up.directives;
    if (!d->only_count)
        return true;
    for (size_t i = 0; i < d->only_count; i++)
        if (environment && strcmp(d->only[i], environment) == 0)
            return true;
    return false;
}

/* The order of the file that a version names; NULL: there is none. */
static const char *order_named(const gw_migration_list *files, const char *version)
{
    bool digits = version && *version && strspn(version, "0123456789.") == strlen(version);
    for (size_t i = 0; version && !digits && i < files->len; i++)
        if (strcmp(files->items[i].version, version) == 0)
            return files->items[i].order;
    return digits ? version : NULL;
}

/* Flyway's B files: one stands for all before it, on a database without history. */
static const gw_migration *baseline_to_run(const gw_migration_list *files, const char *service,
                                           const high_marks *marks, const char *most)
{
    const gw_migration *best = NULL;
    for (size_t i = 0; i < marks->len; i++)
        if (strcmp(marks->items[i].service, service) == 0 &&
            (marks->items[i].order || marks->items[i].baseline))
            return NULL;
    for (size_t i = 0; i < files->len; i++) {
        const gw_migration *file = &files->items[i];
        if (file->kind == GW_BASELINE && strcmp(file->service, service) == 0 &&
            (!most || gw_version_compare(file->order, most) <= 0) &&
            (!best || gw_version_compare(file->order, best->order) > 0))
            best = file;
    }
    return best;
}

/* V3 beside B3: the other of the two. They stand beside each other, being of one order. */
static const gw_migration *twin_of(const gw_migration_list *files, const gw_migration *file)
{
    const gw_migration *first = files->items, *end = files->items + files->len;
    for (const gw_migration *at = file; at > first && gw_version_compare(at[-1].order, file->order) == 0; at--)
        if (at[-1].kind != file->kind && at[-1].kind != GW_REPEATABLE &&
            strcmp(at[-1].service, file->service) == 0)
            return &at[-1];
    for (const gw_migration *at = file + 1; at < end && gw_version_compare(at->order, file->order) == 0; at++)
        if (at->kind != file->kind && at->kind != GW_REPEATABLE &&
            strcmp(at->service, file->service) == 0)
            return at;
    return NULL;
}

/* Is this row of its version about this file? Flyway has one version for V3 and B3, and only one of them
 * runs. What `baseline` marked as applied is the V file. */
static bool is_about(const gw_migration_list *files, const gw_migration *file, const gw_applied *row)
{
    if (file->format != GW_FORMAT_FLYWAY || file->kind == GW_REPEATABLE)
        return true;
    bool baseline = strcmp(row->kind, "baseline") == 0;
    if (!baseline)
        return file->kind == GW_VERSIONED;
    const gw_migration *twin = twin_of(files, file);
    const gw_migration *versioned = file->kind == GW_VERSIONED ? file : twin;
    bool marked = versioned && (!row->checksum || strcmp(row->checksum, versioned->checksum) == 0);
    if (!twin)
        return true;
    return marked ? file == versioned : file->kind == GW_BASELINE;
}

/* The file that a row is about, or NULL. */
static const gw_migration *file_of(const gw_migration_list *files, const index_of *index,
                                   const gw_applied *row)
{
    const gw_migration *file = find(index, row->service, row->version);
    if (!file || is_about(files, file, row))
        return file;
    const gw_migration *twin = twin_of(files, file);
    return twin && is_about(files, twin, row) ? twin : NULL;
}

/* As names of files that begin with them: "20240101_y" stands before "2024_x". */
static int compare_as_names(const char *a, const char *b)
{
    while (*a && *a == *b)
        a++, b++;
    return (*a ? (unsigned char)*a : '_') - (*b ? (unsigned char)*b : '_');
}

/* Behind those files of its service whose names are less. */
static const char *place_of(const gw_migration_list *files, const gw_applied *row)
{
    const char *place = "0";
    for (size_t i = 0; i < files->len; i++) {
        const gw_migration *file = &files->items[i];
        if (file->kind != GW_REPEATABLE && strcmp(file->service, row->service) == 0 &&
            compare_as_names(file->version, row->version) < 0 &&
            gw_version_compare(file->order, place) > 0)
            place = file->order;
    }
    return place;
}

static const gw_migration *versioned_of(const gw_migration_list *files, const char *service)
{
    for (size_t i = 0; i < files->len; i++)
        if (files->items[i].kind == GW_VERSIONED && strcmp(files->items[i].service, service) == 0)
            return &files->items[i];
    return NULL;
}

/*
 * Where each row stands among the files of today. What the history has kept is what that was when
 * the row was written: since then the folder may have begun, or ceased, to be ordered by place, and
 * a file put in has moved those behind it.
 */
static const char **row_orders(gw_arena *arena, const gw_migration_list *files, const index_of *index,
                               const gw_applied_list *rows)
{
    const char **orders = gw_alloc_array(arena, rows->len, sizeof *orders), *service = NULL;
    const gw_migration *beside = NULL; /* a file of that service */
    for (size_t i = 0; i < rows->len; i++) {
        const gw_applied *row = &rows->items[i];
        const gw_migration *file = find(index, row->service, row->version);
        orders[i] = file ? file->order : row->sort_key;
        if (!service || strcmp(service, row->service) != 0) {
            service = row->service;
            beside = versioned_of(files, service);
        }
        if (file || !beside)
            continue;
        bool number = strspn(row->version, "0123456789.") == strlen(row->version);
        if (beside->by_place)
            orders[i] = place_of(files, row);
        else if (beside->order == beside->version && number && strcmp(row->kind, "versioned") == 0)
            orders[i] = row->version;
    }
    return orders;
}

bool gw_replaces(const gw_migration *file, const char *version)
{
    const gw_directives *d = &file->up.directives;
    for (size_t i = 0; i < d->replaces_count; i++)
        if (strcmp(d->replaces[i], version) == 0)
            return true;
    return false;
}

/*
 * A squash: where all that it replaces is applied, it is; where nothing is, it runs; between the
 * two nothing can be done with it. Its own row, with its own checksum, says that it has run.
 */
static void decide_squash(gw_plan_item *item, const index_of *rows)
{
    const gw_migration *file = item->file;
    const gw_directives *d = &file->up.directives;
    const gw_applied *own = item->row;
    size_t applied = 0;
    if (own && (strcmp(own->state, "applied") != 0 || !own->checksum ||
                strcmp(own->checksum, file->checksum) == 0))
        return;
    for (size_t i = 0; i < d->replaces_count; i++) {
        const gw_applied *row = find(rows, file->service, d->replaces[i]);
        applied += row && strcmp(row->state, "applied") == 0;
    }
    if (applied == d->replaces_count && own) {
        item->state = GW_STATE_APPLIED;
        item->takes_over = true;
        item->runs = item->late = false;
    } else if (applied) {
        item->lacks = d->replaces_count - applied;
        item->state = GW_STATE_PENDING;
        item->runs = true;
    }
}

/* Is a row without a file one of those that a squash stands for? */
static bool is_replaced(const gw_plan_item *items, size_t count, const gw_applied *row)
{
    for (size_t i = 0; i < count; i++) {
        const gw_migration *file = items[i].file;
        if (file && file->up.directives.replaces_count && !items[i].lacks &&
            strcmp(file->service, row->service) == 0 && gw_replaces(file, row->version))
            return true;
    }
    return false;
}

/* By service and checksum. What `baseline` marked needs no file, but its text must not run either. */
static index_of index_texts(gw_arena *arena, const gw_plan_item *items, size_t count)
{
    index_of index = {gw_alloc_array(arena, count, sizeof(keyed)), 0};
    for (size_t i = 0; i < count; i++)
        if (gw_plan_has_new_text(&items[i]))
            index.items[index.len++] =
                (keyed){items[i].file->service, items[i].file->checksum, &items[i]};
    if (index.len)
        qsort(index.items, index.len, sizeof(keyed), by_key);
    return index;
}

/* Who stopped it on purpose has not made it fail. */
static bool has_failed(const gw_plan_item *item)
{
    const gw_event *last = item->failure;
    return last && !(last->outcome && strcmp(last->outcome, "interrupted") == 0);
}

static bool is_below(const gw_migration *file, const char *baseline)
{
    return baseline && file->kind == GW_VERSIONED && file->format == GW_FORMAT_FLYWAY &&
           gw_version_compare(file->order, baseline) <= 0;
}

static void decide(gw_plan_item *item, const high_mark *mark, const gw_migration *baseline,
                   const char *environment)
{
    const gw_migration *file = item->file;
    const gw_applied *row = item->row;
    if (!file) {
        item->state = GW_STATE_MISSING;
    } else if (row && strcmp(row->state, "applied") != 0) {
        item->state = GW_STATE_FAILED;
        item->runs = true;
    } else if (row) {
        bool same = gw_migration_is_same(file, row->checksum);
        bool again = file->kind == GW_REPEATABLE && !same;
        item->runs = again && for_environment(file, environment);
        item->state = same ? GW_STATE_APPLIED : again ? GW_STATE_PENDING : GW_STATE_MODIFIED;
    } else if (!for_environment(file, environment)) {
        item->state = GW_STATE_SKIPPED;
    } else if (is_below(file, mark ? mark->baseline_done : NULL)) {
        item->state = GW_STATE_APPLIED; /* the baseline stands for it */
    } else if (is_below(file, mark ? mark->baseline : NULL) ||
               is_below(file, baseline ? baseline->order : NULL)) {
        item->state = GW_STATE_SKIPPED; /* it will */
        item->baseline = baseline;
    } else {
        item->runs = true;
        item->late = file->kind != GW_REPEATABLE && mark && mark->order &&
                     gw_version_compare(file->order, mark->order) < 0;
        item->state = has_failed(item) ? GW_STATE_FAILED
                      : item->late     ? GW_STATE_OUT_OF_ORDER
                                       : GW_STATE_PENDING;
    }
    if (item->runs && has_failed(item))
        item->state = GW_STATE_FAILED;
}

void gw_plan_make(gw_arena *arena, const gw_migration_list *files, const gw_applied_list *rows,
                  const gw_event_list *failures, const char *environment,
                  const char *const *services, const char *to, gw_plan *out)
{
    GW_VEC(gw_plan_item) items = {0};
    index_of row_index = index_rows(arena, rows);
    index_of failure_index = index_failures(arena, failures);
    index_of file_index = index_files(arena, files);
    *out = (gw_plan){.rows = rows->items,
                     .row_count = rows->len,
                     .folders = files->folders,
                     .folder_count = files->folder_count};
    const char **orders = row_orders(arena, files, &file_index, rows);
    high_marks marks = find_marks(arena, rows, orders, services, &out->current);
    const char *most = order_named(files, to);
    bool any_baseline = false;
    for (size_t i = 0; i < files->len; i++)
        any_baseline |= files->items[i].kind == GW_BASELINE;

    for (size_t i = 0; i < files->len; i++) {
        const gw_migration *file = &files->items[i];
        const gw_applied *row = find(&row_index, file->service, file->version);
        const gw_migration *baseline =
            any_baseline ? baseline_to_run(files, file->service, &marks, most) : NULL;
        if (any_baseline && row && !is_about(files, file, row))
            row = NULL;
        /* A baseline file that is not the one to run has no part in anything. */
        if (file->kind == GW_BASELINE && !row && file != baseline)
            continue;
        gw_plan_item *item = gw_vec_push(arena, &items);
        item->file = file;
        item->row = row;
        item->order = file->order;
        item->failure = find(&failure_index, file->service, file->version);
        decide(item, mark_of(arena, &marks, file->service), baseline, environment);
        if (file->up.directives.replaces_count)
            decide_squash(item, &row_index);
    }
    size_t with_files = items.len;
    const index_of texts = index_texts(arena, items.items, rows->len ? with_files : 0);
    for (size_t i = 0; i < rows->len; i++) {
        const gw_applied *row = &rows->items[i];
        bool needs_file = strcmp(row->kind, "versioned") == 0 || strcmp(row->kind, "repeatable") == 0 ||
                          (strcmp(row->kind, "baseline") == 0 && row->checksum &&
                           find(&texts, row->service, row->checksum));
        if (!needs_file || !is_ours(services, row->service) ||
            file_of(files, &file_index, row) ||
            is_replaced(items.items, with_files, row))
            continue;
        gw_plan_item *item = gw_vec_push(arena, &items);
        item->row = row;
        item->order = orders[i];
        decide(item, NULL, NULL, environment);
    }
    if (items.len)
        qsort(items.items, items.len, sizeof *items.items, by_order);
    gw_plan_find_renumbered(arena, items.items, items.len);
    for (size_t i = 0; i < items.len; i++) {
        out->pending += items.items[i].runs;
        out->taken_over += items.items[i].takes_over;
    }
    out->items = items.items;
    out->len = items.len;
}

bool gw_plan_knows_any(const gw_plan *plan)
{
    for (size_t i = 0; i < plan->len; i++)
        if (plan->items[i].file && plan->items[i].row)
            return true;
    return false;
}

const char *gw_plan_folder(gw_arena *arena, const gw_plan *plan, const char *service)
{
    gw_buf text = GW_BUF(arena);
    for (size_t i = 0; i < plan->folder_count; i++)
        if (strcmp(plan->folders[i].service, service) == 0)
            gw_buf_addf(&text, "%s%s", text.len ? ", " : "", plan->folders[i].path);
    return text.len ? gw_buf_str(&text) : NULL;
}

const char *gw_plan_missing(gw_arena *arena, const gw_plan *plan, const gw_plan_item *item)
{
    const gw_applied *row = item->row;
    const char *folder = gw_plan_folder(arena, plan, row->service);
    if (item->moved_to)
        return gw_plan_renumbered_text(arena, plan, item);
    return gw_printf(arena, "%s%s%s%s%s: no file of it in %s", row->service, *row->service ? "/" : "",
                     row->version, row->name && *row->name ? " " : "", row->name ? row->name : "",
                     folder ? folder : "the folder of migrations");
}

const char *gw_half_gone_advice(gw_arena *arena, const char *version, bool reverting)
{
    return gw_printf(arena,
                     "bring the file back, and godwit %s goes on from there; where it is gone for good: "
                     "undo, or finish, by hand what it has begun, then godwit repair %s --forget takes "
                     "it out of the history",
                     reverting ? "down" : "up", version);
}
