/* Rows for tables that have none: tried until the server takes them. */
#include <stdlib.h>
#include <string.h>

#include "app/rows.h"
#include "base/buf.h"
#include "sql/quote.h"
#include "sql_app.h"

enum { ROWS = 3, TRIES = 400, BLIND_TRIES = 12 };

typedef struct rule {
    int64_t oid;
    const char *object, *sort;
    int64_t attnum, ref;
    const char *ref_schema, *ref_table, *ref_column;
} rule;

typedef struct rules {
    rule *items;
    size_t len;
    gw_row_value *values;
    size_t value_count;
} rules;

/* A column of the row that is tried. */
typedef struct cell {
    const gw_row_column *column;
    const rule *reference; /* of a foreign key, or NULL */
    gw_candidates candidates;
    size_t at;             /* which candidate */
    size_t from, to;       /* characters of the statement */
    bool left_out;
} cell;

typedef struct making {
    gw_row_maker *maker;
    gw_arena *arena; /* of one table */
    gw_session *work;
    const gw_rows_seen *seen;
    const rules *rules;
    const gw_row_table *table;
    cell *cells;
} making;

/* What is given: everything, what has no default, what has to be. */
typedef enum { GIVE_ALL, TAKE_DEFAULTS, GIVE_NEEDED, MODES } mode;

static bool read_rules(gw_session *look, gw_arena *arena, rules *out, gw_err *err)
{
    static const gw_col rule_cols[] = {
        {"oid", GW_COL_INT, true, offsetof(rule, oid)},
        {"object", GW_COL_TEXT, true, offsetof(rule, object)},
        {"sort", GW_COL_TEXT, true, offsetof(rule, sort)},
        {"attnum", GW_COL_INT, true, offsetof(rule, attnum)},
        {"ref", GW_COL_INT, false, offsetof(rule, ref)},
        {"ref_schema", GW_COL_TEXT, false, offsetof(rule, ref_schema)},
        {"ref_table", GW_COL_TEXT, false, offsetof(rule, ref_table)},
        {"ref_column", GW_COL_TEXT, false, offsetof(rule, ref_column)},
    };
    static const gw_col value_cols[] = {
        {"oid", GW_COL_INT, true, offsetof(gw_row_value, oid)},
        {"attnum", GW_COL_INT, true, offsetof(gw_row_value, attnum)},
        {"sort", GW_COL_TEXT, true, offsetof(gw_row_value, sort)},
        {"value", GW_COL_TEXT, true, offsetof(gw_row_value, value)},
    };
    gw_result result;
    if (!gw_query(look, arena, &gw_sql_row_rules, NULL, 0, &result, err) ||
        !gw_rows(arena, &result, rule_cols, 8, sizeof(rule), (void **)&out->items, err))
        return false;
    out->len = result.rows;
    if (!gw_query(look, arena, &gw_sql_row_values, NULL, 0, &result, err) ||
        !gw_rows(arena, &result, value_cols, 4, sizeof(gw_row_value), (void **)&out->values, err))
        return false;
    out->value_count = result.rows;
    return true;
}

static const rule *reference_of(const making *m, const gw_row_column *column)
{
    for (size_t i = 0; i < m->rules->len; i++) {
        const rule *r = &m->rules->items[i];
        if (r->oid == column->oid && r->attnum == column->attnum && *r->sort == 'f')
            return r;
    }
    return NULL;
}

static int64_t rows_of(const making *m, const rule *reference)
{
    const gw_row_table *table =
        gw_rows_find(m->seen, reference->ref_schema, reference->ref_table);
    return table ? table->rows : 1; /* a partition: it may have some */
}

/* ---- one row ----------------------------------------------------------------------------- */

/* Rows of the table that is referred to, all columns of a key from the same one. */
static void refer(making *m, cell *c, unsigned k)
{
    const rule *r = c->reference;
    const char *table = gw_quote_name(m->arena, r->ref_schema, r->ref_table);
    const char *column = gw_quote_ident(m->arena, r->ref_column);
    for (unsigned i = 0; i < ROWS; i++)
        *gw_vec_push(m->arena, &c->candidates) =
            gw_printf(m->arena,
                      "(SELECT r.%s FROM %s r ORDER BY r.tableoid, r.ctid OFFSET %u %% "
                      "(SELECT greatest(pg_catalog.count(*), 1) FROM %s) LIMIT 1)",
                      column, table, k - 1 + i, table);
}

static void fill_cell(making *m, cell *c, unsigned k)
{
    const gw_row_column *column = c->column;
    const rule *r = c->reference;
    size_t first = 0, count = 0;
    while (first < m->rules->value_count &&
           (m->rules->values[first].oid != column->oid ||
            m->rules->values[first].attnum != column->attnum))
        first++;
    while (first + count < m->rules->value_count &&
           m->rules->values[first + count].oid == column->oid &&
           m->rules->values[first + count].attnum == column->attnum)
        count++;
    c->candidates.len = 0;
    c->at = 0;
    bool itself = r && r->ref == column->oid;
    if (itself && k == 1 && !column->not_null)
        *gw_vec_push(m->arena, &c->candidates) = "NULL";
    if (r && !(itself && k == 1))
        refer(m, c, k);
    else if (!r || column->not_null)
        gw_candidates_of(m->arena, column, m->rules->values + first, count, k, &c->candidates);
    if (!column->not_null)
        *gw_vec_push(m->arena, &c->candidates) = "NULL";
}

static void choose_columns(making *m, mode how)
{
    for (size_t i = 0; i < m->table->column_count; i++) {
        const gw_row_column *c = m->cells[i].column;
        bool optional = c->has_default || !c->not_null;
        m->cells[i].left_out = c->identity || c->generated || (c->has_default && c->calls) ||
                               (how == TAKE_DEFAULTS && c->has_default) ||
                               (how == GIVE_NEEDED && optional);
    }
}

static size_t characters(const char *text, size_t len)
{
    size_t count = 0;
    for (size_t i = 0; i < len; i++)
        count += ((unsigned char)text[i] & 0xC0) != 0x80;
    return count;
}

static const char *insert_of(making *m, gw_arena *scratch)
{
    gw_buf sql = GW_BUF(scratch), values = GW_BUF(scratch);
    size_t given = 0;
    gw_buf_addf(&sql, "INSERT INTO %s (", m->table->ref);
    for (size_t i = 0; i < m->table->column_count; i++) {
        if (m->cells[i].left_out)
            continue;
        gw_buf_add(&sql, given++ ? ", " : "");
        gw_buf_add_ident(&sql, m->cells[i].column->name);
    }
    if (!given)
        return gw_printf(scratch, "INSERT INTO %s DEFAULT VALUES; SET CONSTRAINTS ALL IMMEDIATE",
                         m->table->ref);
    gw_buf_add(&sql, ") VALUES (");
    size_t before = characters(gw_buf_str(&sql), sql.len);
    for (size_t i = 0, n = 0; i < m->table->column_count; i++) {
        cell *c = &m->cells[i];
        if (c->left_out)
            continue;
        gw_buf_add(&values, n++ ? ", " : "");
        c->from = before + characters(gw_buf_str(&values), values.len);
        gw_buf_add(&values, c->candidates.items[c->at]);
        c->to = before + characters(gw_buf_str(&values), values.len);
    }
    return gw_printf(scratch, "%s%s); SET CONSTRAINTS ALL IMMEDIATE", gw_buf_str(&sql),
                     gw_buf_str(&values));
}

/* ---- what the server says, and what is tried next ------------------------------------------------ */

static bool step(cell *c)
{
    if (c->left_out)
        return false;
    if (++c->at < c->candidates.len)
        return true;
    c->at = 0;
    return false;
}

/* Checks have the same name on partitions, where the server may name them. */
static bool is_about(const making *m, const rule *r, const char *object, bool by_name)
{
    const char *x = strrchr(r->object, '.'), *y = strrchr(object, '.');
    if (r->oid != m->table->columns[0].oid)
        return false;
    return strcmp(r->object, object) == 0 || (by_name && x && y && strcmp(x, y) == 0);
}

/* The next combination of the columns that a rule looks at; false when all were tried. *known:
 * there is such a rule. */
static bool step_rule(making *m, const char *object, bool by_name, bool *known)
{
    for (size_t i = 0; i < m->rules->len; i++) {
        const rule *r = &m->rules->items[i];
        if (!is_about(m, r, object, by_name))
            continue;
        *known = true;
        for (size_t c = 0; c < m->table->column_count; c++)
            if (m->cells[c].column->attnum == r->attnum && step(&m->cells[c]))
                return true;
    }
    return false;
}

/* Before 13 the server says in its message alone which table has no partition for the row: without
 * its schema. */
static bool step_bound(making *m, const char *message)
{
    static const char begin[] = "no partition of relation \"", end[] = "\" found for row";
    size_t len = strlen(message), around = sizeof begin + sizeof end - 2;
    if (len < around || strncmp(message, begin, sizeof begin - 1) != 0 ||
        strcmp(message + len - (sizeof end - 1), end) != 0)
        return false;
    const char *name = message + sizeof begin - 1;
    for (size_t i = 0; i < m->rules->len; i++) {
        const rule *r = &m->rules->items[i];
        size_t before = strlen(r->object) - (len - around);
        if (*r->sort != 'p' || r->oid != m->table->columns[0].oid ||
            strlen(r->object) <= len - around || r->object[before - 1] != '.' ||
            strncmp(r->object + before, name, len - around) != 0)
            continue;
        for (size_t c = 0; c < m->table->column_count; c++)
            if (m->cells[c].column->attnum == r->attnum && step(&m->cells[c]))
                return true;
    }
    return false;
}

static bool step_place(making *m, size_t position)
{
    for (size_t c = 0; c < m->table->column_count; c++)
        if (!m->cells[c].left_out && position > m->cells[c].from && position <= m->cells[c].to)
            return step(&m->cells[c]);
    return false;
}

/* A NOT NULL names its column: "schema.table.column". */
static bool give_column(making *m, const char *object)
{
    const char *name = strrchr(object, '.');
    for (size_t c = 0; name && c < m->table->column_count; c++)
        if (strcmp(m->cells[c].column->name, name + 1) == 0) {
            if (!m->cells[c].left_out)
                return step(&m->cells[c]);
            m->cells[c].left_out = m->cells[c].column->generated || m->cells[c].column->identity;
            return !m->cells[c].left_out;
        }
    return false;
}

static bool react(making *m, const gw_err *problem, unsigned *blind)
{
    if (problem->object && strcmp(problem->sqlstate, "23502") == 0)
        return give_column(m, problem->object);
    if (problem->object && strncmp(problem->sqlstate, "23", 2) == 0) {
        bool known = false;
        if (step_rule(m, problem->object, false, &known) ||
            (!known && step_rule(m, problem->object, true, &known)))
            return true;
        if (known)
            return false;
    }
    if (!problem->object && problem->message && strcmp(problem->sqlstate, "23514") == 0 &&
        step_bound(m, problem->message))
        return true;
    if (problem->position && step_place(m, problem->position))
        return true;
    if (++*blind > BLIND_TRIES)
        return false;
    /* A trigger's objection: another value here, then there. */
    return step(&m->cells[*blind % m->table->column_count]) || *blind < BLIND_TRIES;
}

static bool try_row(making *m, unsigned k, mode how, gw_err *problem)
{
    unsigned blind = 0;
    choose_columns(m, how);
    for (size_t i = 0; i < m->table->column_count; i++)
        fill_cell(m, &m->cells[i], k);
    for (unsigned n = 0; n < TRIES; n++) {
        gw_err refused = {0};
        gw_arena *scratch = gw_arena_new();
        bool ok = gw_exec(m->work, "SAVEPOINT godwit_row", &refused) &&
                  gw_exec(m->work, insert_of(m, scratch), &refused) &&
                  gw_exec(m->work, "RELEASE SAVEPOINT godwit_row", &refused);
        gw_arena_free(scratch);
        if (ok)
            return true;
        gw_err_move(problem, &refused);
        gw_err_clear(&refused);
        if (gw_session_lost(m->work) || problem->kind == GW_ERR_INTERRUPTED ||
            !gw_exec(m->work, "ROLLBACK TO SAVEPOINT godwit_row", &refused)) {
            gw_err_clear(&refused);
            return false;
        }
        if (!react(m, problem, &blind))
            return false;
    }
    return false;
}

/* ---- tables ------------------------------------------------------------------------------------ */

/* Does it wait for rows of another table? */
static const char *waits_for(const making *m)
{
    for (size_t i = 0; i < m->table->column_count; i++) {
        const cell *c = &m->cells[i];
        if (c->reference && c->column->not_null && c->reference->ref != c->column->oid &&
            rows_of(m, c->reference) == 0)
            return gw_display_name(m->arena, c->reference->ref_schema, c->reference->ref_table);
    }
    return NULL;
}

static void prepare_cells(making *m)
{
    m->cells = gw_alloc_array(m->arena, m->table->column_count, sizeof *m->cells);
    for (size_t i = 0; i < m->table->column_count; i++)
        m->cells[i] = (cell){.column = &m->table->columns[i],
                             .reference = reference_of(m, &m->table->columns[i])};
}

/* *made: at least one row. Otherwise *reason says why there is none. */
static bool make_table(making *m, int64_t *made, const char **reason, gw_err *err)
{
    gw_err problem = {0};
    *made = 0;
    if (!gw_session_begin(m->work, NULL, err))
        return false;
    for (unsigned k = 1; k <= ROWS; k++) {
        bool ok = false;
        for (mode how = 0; how < MODES && !ok; how++)
            ok = try_row(m, k, k == 1 && how < GIVE_NEEDED ? !how : how, &problem);
        *made += ok;
        if (!ok && (problem.kind == GW_ERR_INTERRUPTED || gw_session_lost(m->work))) {
            gw_err_move(err, &problem);
            return false;
        }
    }
    if (problem.message)
        *reason = gw_strdup(m->maker->arena, problem.message);
    gw_err_clear(&problem);
    return gw_session_commit(m->work, err);
}

static bool failed_before(const gw_row_maker *maker, const gw_row_table *table)
{
    for (size_t i = 0; i < maker->left.len; i++)
        if (strcmp(maker->left.items[i].table, table->shown) == 0 &&
            strcmp(maker->left.items[i].fingerprint, table->columns[0].fingerprint) == 0)
            return true;
    return false;
}

static void note_left(gw_row_maker *maker, const gw_row_table *table, const char *reason)
{
    *gw_vec_push(maker->arena, &maker->left) =
        (gw_unseeded){.table = gw_strdup(maker->arena, table->shown),
                      .fingerprint = gw_strdup(maker->arena, table->columns[0].fingerprint),
                      .reason = reason};
}

/* It may be tried again as soon as the other table has rows. */
static void note_waiting(gw_row_maker *maker, const gw_row_table *table, const char *other)
{
    const char *reason = gw_printf(maker->arena, "%s has no rows", other);
    for (size_t i = 0; i < maker->left.len; i++)
        if (strcmp(maker->left.items[i].table, table->shown) == 0 &&
            strcmp(maker->left.items[i].reason, reason) == 0)
            return;
    note_left(maker, table, reason);
    maker->left.items[maker->left.len - 1].fingerprint = "";
}

/* Those whose turn it is; true in *any where rows were made. */
static bool one_round(gw_row_maker *maker, gw_session *work, gw_arena *arena, gw_rows_seen *seen,
                      const rules *known, bool *any, bool last, gw_err *err)
{
    for (size_t i = 0; i < seen->len; i++) {
        gw_row_table *table = &seen->items[i];
        if (table->rows || !table->column_count || failed_before(maker, table))
            continue;
        making m = {.maker = maker, .arena = arena, .work = work, .seen = seen, .rules = known,
                    .table = table};
        const char *reason = NULL, *waits;
        prepare_cells(&m);
        waits = waits_for(&m);
        if (waits && last)
            note_waiting(maker, table, waits);
        if (waits)
            continue;
        if (!make_table(&m, &table->rows, &reason, err))
            return false;
        if (table->rows) {
            *gw_vec_push(maker->arena, &maker->made) = gw_strdup(maker->arena, table->shown);
            *any = true;
        } else {
            note_left(maker, table, reason);
        }
    }
    return true;
}

bool gw_rows_make(gw_row_maker *maker, gw_session *work, gw_session *look, gw_err *err)
{
    gw_arena *arena = gw_arena_new();
    gw_rows_seen seen;
    rules known = {0};
    bool ok = gw_rows_look(look, arena, &seen, err), empty = false, any = true;
    for (size_t i = 0; ok && i < seen.len; i++)
        empty |= !seen.items[i].rows && !failed_before(maker, &seen.items[i]);
    ok = ok && (!empty || read_rules(look, arena, &known, err));
    while (ok && empty && any) {
        any = false;
        ok = one_round(maker, work, arena, &seen, &known, &any, false, err);
    }
    ok = ok && (!empty || one_round(maker, work, arena, &seen, &known, &any, true, err));
    gw_arena_free(arena);
    return ok || gw_err_context(err, "making rows on a shadow database");
}
