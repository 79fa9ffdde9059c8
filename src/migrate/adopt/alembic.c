/*
 * Alembic keeps its heads only, one row each: what is applied is every revision from which a head
 * descends. They become rows that need no file: what follows is written in SQL.
 */
#include <string.h>

#include "migrate/adopt/internal.h"

typedef struct alembic_row {
    const char *version_num;
} alembic_row;

static const char *const columns[] = {"version_num", NULL};

static bool has_label(const gw_alembic_revision *revision, const char *label)
{
    for (const char *const *at = revision->labels; *at; at++)
        if (strcmp(*at, label) == 0)
            return true;
    return false;
}

/* By id, by the start of one, or (of depends_on) by the label of a branch. */
static gw_alembic_revision *find(gw_alembic_list *list, const char *id)
{
    gw_alembic_revision *found = NULL;
    for (size_t i = 0; i < list->len; i++)
        if (strcmp(list->items[i].id, id) == 0)
            return &list->items[i];
    for (size_t i = 0; i < list->len; i++)
        if (has_label(&list->items[i], id))
            return &list->items[i];
    for (size_t i = 0; i < list->len; i++)
        if (strlen(id) >= 4 && strncmp(list->items[i].id, id, strlen(id)) == 0)
            found = &list->items[i];
    return found;
}

static void add_row(gw_adoption *a, gw_alembic_revision *revision)
{
    gw_foreign_row *row = gw_adopt_row(a, revision->id);
    row->name = revision->title;
    row->kind = "baseline";
    row->needs_no_file = true;
    /* After what it descends from, and before every file. */
    row->sort_key = gw_printf(a->arena, "0.%zu", a->rows.len);
    revision->done = true;
}

typedef GW_VEC(gw_alembic_revision *) stack;

/* The next revision that has to come before this one; NULL: none is left. */
static gw_alembic_revision *missing_parent(gw_alembic_list *list,
                                           const gw_alembic_revision *revision,
                                           const char **unknown)
{
    const char *const *parents[] = {revision->down, revision->depends};
    for (size_t k = 0; k < 2; k++)
        for (const char *const *at = parents[k]; *at; at++) {
            gw_alembic_revision *parent = find(list, *at);
            if (!parent)
                *unknown = *at;
            else if (!parent->done)
                return parent;
        }
    return NULL;
}

static bool broken(gw_err *err, const gw_alembic_revision *revision, const char *what,
                   const char *detail)
{
    gw_err_set(err, GW_ERR_INPUT, "revision %s of alembic %s", revision->id, what);
    gw_err_detail(err, "%s", detail);
    gw_err_hint(err, "`alembic history` shows what alembic makes of it");
    return gw_err_at(err, revision->file, 0, 0);
}

/* Parents first, without recursion: histories are long. */
static bool walk(gw_adoption *a, gw_alembic_list *list, gw_alembic_revision *head, gw_err *err)
{
    stack open = {0};
    *gw_vec_push(a->arena, &open) = head;
    while (open.len) {
        gw_alembic_revision *top = open.items[open.len - 1];
        const char *unknown = NULL;
        gw_alembic_revision *parent = top->done ? NULL : missing_parent(list, top, &unknown);
        if (unknown)
            return broken(err, top, "follows one that has no file", unknown);
        if (open.len > list->len)
            return broken(err, top, "descends from itself", "its chain of down_revision is a loop");
        if (parent) {
            *gw_vec_push(a->arena, &open) = parent;
            continue;
        }
        if (!top->done)
            add_row(a, top);
        open.len--;
    }
    return true;
}

static bool read_rows(gw_adoption *a, gw_err *err)
{
    static const gw_col cols[] = {
        {"version_num", GW_COL_TEXT, true, offsetof(alembic_row, version_num)},
    };
    gw_alembic_list list;
    void *rows = NULL;
    size_t count = 0;
    if (!gw_alembic_read(a->arena, a->options->project_dir, &list, err) ||
        !gw_adopt_select(a, "version_num::text AS version_num", "ORDER BY 1", cols, 1,
                         sizeof(alembic_row), &rows, &count, err))
        return false;
    for (size_t i = 0; i < count; i++) {
        const char *id = ((const alembic_row *)rows)[i].version_num;
        gw_alembic_revision *head = NULL;
        for (size_t k = 0; k < list.len; k++)
            if (strcmp(list.items[k].id, id) == 0)
                head = &list.items[k];
        if (head ? !walk(a, &list, head, err) : !gw_adopt_row(a, id))
            return false;
    }
    return true;
}

const gw_adopter gw_adopter_alembic = {
    .format = GW_FORMAT_ALEMBIC,
    .table = "alembic_version",
    .columns = columns,
    .read = read_rows,
};
