/* The proof with rows: rows that are made up on a shadow of x come through the plan. */
#include <string.h>

#include "app/comparison.h"
#include "app/rows.h"
#include "base/buf.h"
#include "migrate/replay.h"
#include "schema/kind.h"
#include "sql/quote.h"

enum { NAMED = 12 };

/* A table that has rows of its own, before and after: partitions are seen one by one. */
typedef struct watched {
    const gw_object *x, *y;  /* x once the renames are done; y NULL: gone */
    const gw_object *before; /* as it was read first */
    bool excused;            /* the plan declares it lost */
    bool emptied;            /* its rows cannot be tried */
    gw_row_table *was, *is;
} watched;

typedef struct proof {
    gw_comparison *c;
    gw_arena *arena;
    const gw_change **changes; /* by index in x */
    gw_losses losses;
    GW_VEC(watched) tables;
    gw_rows_seen was, is; /* in the order of tables; those that are excused have no columns */
} proof;

/* ---- what is declared ------------------------------------------------------------------------ */

static bool declared(const proof *p, const gw_object *x)
{
    const gw_object *before = gw_renames_original(&p->c->diff, x);
    for (size_t i = 0; i < p->losses.len; i++) {
        gw_loss_kind kind = p->losses.items[i].kind;
        if (p->losses.items[i].of == before && kind != GW_LOSS_DEFAULT &&
            kind != GW_LOSS_NOT_NULL)
            return true;
    }
    const gw_change *change = p->changes[x->index];
    return change && (change->loses || !change->y);
}

static const gw_object *column_in(const gw_object *table, const char *name)
{
    for (size_t i = 0; i < table->children.len; i++) {
        const gw_object *child = table->children.items[i].object;
        if (strcmp(child->kind->name, "column") == 0 && strcmp(child->name, name) == 0)
            return child;
    }
    return NULL;
}

/* A wider type writes the same value otherwise (1.50 and 1.500): it is read back as the old one. Of
 * PostgreSQL's own types only, which are there on both sides. */
static const char *cast_of(const gw_object *x, const gw_object *y)
{
    const char *old = gw_object_value(x, "type"), *new = gw_object_value(y, "type");
    bool text = strcmp(new, "text") == 0 || strncmp(new, "character varying", 17) == 0;
    return strcmp(old, new) == 0 || text || strpbrk(old, ".\"") || strpbrk(new, ".\"") ? NULL : old;
}

static void watch_columns(proof *p, watched *w, gw_row_table *was, gw_row_table *is)
{
    const gw_object *parent = w->before;
    was->columns = gw_alloc_array(p->arena, w->x->children.len + 1, sizeof *was->columns);
    is->columns = gw_alloc_array(p->arena, w->x->children.len + 1, sizeof *is->columns);
    for (size_t i = 0; i < w->x->children.len && w->y; i++) {
        const gw_object *x = w->x->children.items[i].object;
        if (strcmp(x->kind->name, "column") != 0 || gw_object_value(x, "generated") ||
            declared(p, x))
            continue;
        const gw_object *y = column_in(w->y, x->name);
        if (!y || gw_object_value(y, "generated"))
            continue;
        const gw_object *before = gw_renames_original(&p->c->diff, x);
        was->columns[was->column_count++].name = before->parent == parent ? before->name : x->name;
        is->columns[is->column_count++] =
            (gw_row_column){.name = x->name, .cast = cast_of(x, y)};
    }
}

static const char *only(proof *p, const gw_object *table)
{
    return gw_printf(p->arena, "ONLY %s", table->ref);
}

static bool has_rows(const gw_object *o)
{
    return strcmp(o->kind->name, "table") == 0 && *gw_object_value(o, "sort") == 'r';
}

static void watch(proof *p)
{
    const gw_diff *d = &p->c->diff;
    p->changes = gw_alloc_array(p->arena, d->x->objects.len + 1, sizeof *p->changes);
    for (size_t i = 0; i < d->plan->changes.len; i++)
        if (d->plan->changes.items[i].x)
            p->changes[d->plan->changes.items[i].x->index] = &d->plan->changes.items[i];
    gw_diff_losses(p->arena, d, &p->losses);
    for (size_t i = 0; i < d->x->objects.len; i++) {
        const gw_object *x = d->x->objects.items[i];
        if (!has_rows(x))
            continue;
        watched *w = gw_vec_push(p->arena, &p->tables);
        *w = (watched){.x = x,
                       .y = gw_schema_find(d->y, "table", x->key),
                       .before = gw_renames_original(&p->c->diff, x),
                       .excused = declared(p, x)};
        *gw_vec_push(p->arena, &p->was) = (gw_row_table){.ref = only(p, w->before)};
        *gw_vec_push(p->arena, &p->is) =
            (gw_row_table){.ref = w->y && !w->excused ? only(p, w->y)
                                                      : "(SELECT WHERE false)"};
        if (!w->excused)
            watch_columns(p, w, &p->was.items[p->was.len - 1], &p->is.items[p->is.len - 1]);
    }
    for (size_t i = 0; i < p->tables.len; i++) {
        p->tables.items[i].was = &p->was.items[i];
        p->tables.items[i].is = &p->is.items[i];
    }
}

/* ---- rows that do not fit -------------------------------------------------------------------- */

static void note_untried(proof *p, const char *table, const char *reason)
{
    gw_rows_proof *out = p->c->diff.rows;
    gw_arena *arena = p->c->trial->arena;
    for (size_t i = 0; i < out->len; i++)
        if (strcmp(out->items[i].table, table) == 0)
            return;
    *gw_vec_push(arena, out) =
        (gw_untried_rows){gw_strdup(arena, table), gw_strdup(arena, reason)};
    gw_trial_warn(p->c->trial, "the plan was not tried with rows in %s: %s", table, reason);
}

/* "schema.table." is how the server begins the name of a constraint or column. */
static bool begins_with(proof *p, const char *object, const gw_object *table)
{
    const char *start = table ? gw_printf(p->arena, "%s.%s.", table->schema, table->name) : NULL;
    return start && strncmp(object, start, strlen(start)) == 0;
}

static watched *table_of(proof *p, const gw_err *problem, const gw_ddl_statement *statement)
{
    const gw_object *o = statement->object;
    while (o && o->parent)
        o = o->parent;
    for (size_t i = 0; i < p->tables.len; i++) {
        watched *w = &p->tables.items[i];
        if (problem->object &&
            (begins_with(p, problem->object, w->x) || begins_with(p, problem->object, w->y)))
            return w;
    }
    for (size_t i = 0; o && i < p->tables.len; i++) {
        watched *w = &p->tables.items[i];
        if (strcmp(o->kind->name, "table") == 0 &&
            (strcmp(w->x->key, o->key) == 0 || strcmp(w->before->key, o->key) == 0))
            return w;
    }
    return NULL;
}

/* Made-up values need not satisfy what y asks of them: that is the plan refusing, not losing. True:
 * tried again with that table empty. */
static bool set_apart(proof *p, const gw_err *problem, size_t failed)
{
    const gw_diff *d = &p->c->diff;
    bool values = strncmp(problem->sqlstate, "22", 2) == 0 ||
                  strncmp(problem->sqlstate, "23", 2) == 0;
    if (!values || failed >= d->statements.len)
        return false;
    watched *w = table_of(p, problem, &d->statements.items[failed]);
    if (!w || w->emptied)
        return false;
    w->emptied = true;
    note_untried(p, w->before->key, problem->message);
    return true;
}

static bool empty(proof *p, gw_session *session, gw_err *err)
{
    bool ok = true;
    for (size_t i = 0; ok && i < p->tables.len; i++)
        if (p->tables.items[i].emptied)
            ok = gw_exec(session,
                         gw_printf(p->arena, "TRUNCATE ONLY %s CASCADE",
                                   p->tables.items[i].before->ref),
                         err);
    return ok;
}

/* ---- before, the plan, after ----------------------------------------------------------------- */

static bool seed(proof *p, gw_shadow_db *db, gw_err *err)
{
    gw_trial *trial = p->c->trial;
    gw_shadow_session plain = {.role = trial->target.user, .superuser = true};
    gw_shadow_session pinned = {.pinned = true};
    gw_row_maker maker = {.arena = p->arena};
    gw_session *work = NULL, *look = NULL;
    bool ok = gw_shadow_connect(db, p->arena, &plain, &work, err) &&
              gw_replay_prepare(trial->shadow, work, err) &&
              gw_shadow_connect(db, p->arena, &pinned, &look, err) &&
              gw_rows_make(&maker, work, look, err) && empty(p, look, err) &&
              gw_rows_digest(look, p->arena, &p->was, err);
    gw_session_close(work);
    gw_session_close(look);
    for (size_t i = 0; ok && i < maker.left.len; i++)
        note_untried(p, maker.left.items[i].table, maker.left.items[i].reason);
    return ok;
}

static bool look_again(proof *p, gw_shadow_db *db, gw_err *err)
{
    gw_shadow_session pinned = {.pinned = true};
    gw_session *look = NULL;
    bool ok = gw_shadow_connect(db, p->arena, &pinned, &look, err) &&
              gw_rows_digest(look, p->arena, &p->is, err);
    gw_session_close(look);
    return ok;
}

/* *again: a table was set apart. */
static bool try_once(proof *p, bool *again, gw_err *err)
{
    const gw_statements_of_plan *all = &p->c->diff.statements;
    gw_shadow_db *db = NULL;
    gw_err problem = {0};
    size_t failed = SIZE_MAX;
    *again = false;
    if (!gw_side_copy(p->c->trial, &p->c->x, &db, err))
        return false;
    bool ok = seed(p, db, err);
    if (ok && !gw_trial_apply(p->c->trial, db, all->items, all->len, false, &failed, &problem)) {
        ok = *again = set_apart(p, &problem, failed);
        if (!ok) {
            gw_err_move(err, &problem);
            gw_err_context(err, "trying the plan on a shadow of %s that has rows",
                           p->c->diff.from);
        }
        gw_err_clear(&problem);
    } else if (ok) {
        ok = look_again(p, db, err);
    }
    gw_shadow_drop(db);
    return ok;
}

/* ---- the verdict ----------------------------------------------------------------------------- */

/* "public.t (a, b)": the columns whose values are others; NULL: none. */
static const char *changed(proof *p, const watched *w)
{
    gw_buf list = GW_BUF(p->arena);
    for (size_t i = 0; i < w->was->column_count; i++)
        if (strcmp(w->was->columns[i].digest, w->is->columns[i].digest) != 0)
            gw_buf_addf(&list, "%s%s", list.len ? ", " : "",
                        gw_display_name(p->arena, NULL, w->was->columns[i].name));
    return list.len ? gw_printf(p->arena, "values of %s (%s), where %lld row%s", w->before->key,
                                gw_buf_str(&list), (long long)w->was->rows,
                                w->was->rows == 1 ? " is" : "s are")
                    : NULL;
}

static const char *verdict(proof *p, const watched *w)
{
    if (w->excused || !w->was->rows)
        return NULL;
    if (w->is->rows != w->was->rows)
        return gw_printf(p->arena, "rows of %s: %lld before, %lld after", w->before->key,
                         (long long)w->was->rows, (long long)w->is->rows);
    return changed(p, w);
}

static bool judge(proof *p, gw_err *err)
{
    gw_rows_proof *out = p->c->diff.rows;
    gw_buf others = GW_BUF(p->arena);
    const char *first = NULL;
    size_t count = 0;
    for (size_t i = 0; i < p->tables.len; i++) {
        const watched *w = &p->tables.items[i];
        const char *lost = verdict(p, w);
        if (!w->excused && w->was->rows) {
            out->tables++;
            out->rows += (size_t)w->was->rows;
        }
        if (lost && !first)
            first = lost;
        else if (lost && ++count <= NAMED)
            gw_buf_addf(&others, "%s%s", others.len ? "\n" : "", lost);
    }
    if (!first)
        return true;
    gw_err_set(err, GW_ERR_STATE, "the plan from %s to %s changes %s", p->c->diff.from,
               p->c->diff.to, first);
    if (count > NAMED)
        gw_buf_addf(&others, "\nand %zu more", count - NAMED);
    if (others.len)
        gw_err_detail(err, "also %s", gw_buf_str(&others));
    return gw_err_hint(err, "the rows were made up on a shadow database; look at event triggers "
                            "and at functions that the plan calls. Without --prove-rows the plan "
                            "is printed");
}

bool gw_comparison_prove_rows(gw_comparison *c, gw_err *err)
{
    proof p = {.c = c, .arena = gw_arena_new()};
    bool again = true, ok = true;
    c->diff.rows = gw_alloc(c->trial->arena, sizeof *c->diff.rows);
    *c->diff.rows = (gw_rows_proof){0};
    watch(&p);
    while (ok && again)
        ok = try_once(&p, &again, err);
    ok = ok && judge(&p, err);
    gw_arena_free(p.arena);
    return ok;
}
