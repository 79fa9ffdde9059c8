/* Which tools have migrated this database? Asked where Godwit has no history of its own in it. */
#include <string.h>

#include "migrate/adopt/internal.h"
#include "migrate/foreign_lock.h"
#include "sql_migrate.h"

typedef struct found_table {
    const char *schema_name, *table_name;
} found_table;

typedef struct search {
    gw_arena *arena;
    gw_session *session;
    const gw_migration_list *files;
    const gw_adopt_options *options;
    gw_foreign_defaults defaults;
    const found_table *tables; /* that this role may read */
    size_t table_count;
    gw_adopted_tools adopted; /* with only_ours */
    gw_foreign_histories *out;
} search;

/* '{a,b}': names of ours, without anything that would have to be quoted. */
static const char *table_names(gw_arena *arena)
{
    gw_buf names = GW_BUF(arena);
    for (size_t i = 0; i < GW_ADOPTERS; i++)
        gw_buf_addf(&names, "%s%s", i ? "," : "{", gw_adopters[i]->table);
    gw_buf_addc(&names, '}');
    return gw_buf_str(&names);
}

static bool list_tables(search *s, gw_err *err)
{
    static const gw_col cols[] = {
        {"schema_name", GW_COL_TEXT, true, offsetof(found_table, schema_name)},
        {"table_name", GW_COL_TEXT, true, offsetof(found_table, table_name)},
    };
    gw_param params[] = {gw_p_text(table_names(s->arena)), gw_p_text(s->options->schema)};
    gw_result result;
    void *rows = NULL;
    if (!gw_query(s->session, s->arena, &gw_sql_foreign_tables, params, 2, &result, err) ||
        !gw_rows(s->arena, &result, cols, 2, sizeof(found_table), &rows, err))
        return false;
    s->tables = rows;
    s->table_count = result.rows;
    return true;
}

static bool readable(const search *s, const char *schema, const char *table)
{
    for (size_t i = 0; i < s->table_count; i++)
        if (strcmp(s->tables[i].table_name, table) == 0 &&
            (!schema || strcmp(s->tables[i].schema_name, schema) == 0))
            return true;
    return false;
}

static bool count_rows(gw_adoption *a, int64_t *rows, gw_err *err)
{
    static const gw_col cols[] = {{"rows", GW_COL_INT, true, 0}};
    void *counted = NULL;
    size_t one = 0;
    if (!gw_adopt_select(a, "pg_catalog.count(*) AS rows",
                         a->adopter->counts ? a->adopter->counts : "", cols, 1, sizeof *rows,
                         &counted, &one, err))
        return false;
    *rows = *(const int64_t *)counted;
    return true;
}

/* Does a row of the table belong to one of the files? A history that is half-done cannot be read,
 * and is one all the same. */
static bool has_our_rows(gw_adoption *a, bool *ours, gw_err *err)
{
    gw_err problem = {0};
    *ours = false;
    if (!gw_adopt_fits(a, NULL))
        return true;
    if (!gw_exec(a->session, "SAVEPOINT godwit_look", err))
        return false;
    bool read = a->adopter->read(a, &problem) && gw_adopt_match(a, &problem);
    for (size_t i = 0; read && i < a->rows.len; i++)
        *ours |= a->rows.items[i].file || a->rows.items[i].needs_no_file;
    *ours |= !read && problem.kind == GW_ERR_STATE;
    gw_err_clear(&problem);
    return gw_exec(a->session, "ROLLBACK TO SAVEPOINT godwit_look", err);
}

static bool is_adopted(const search *s, const gw_adoption *a, const char *schema)
{
    for (size_t i = 0; i < s->adopted.len; i++) {
        const gw_adopted_tool *it = &s->adopted.items[i];
        if (it->tool == a->adopter->format && (!it->schema || strcmp(it->schema, schema) == 0))
            return true;
    }
    return false;
}

static bool look_at(search *s, gw_adoption *a, const gw_foreign_place *place, gw_err *err)
{
    const char *column = NULL;
    bool there = false, ours = true;
    int64_t rows = 0;
    if (!readable(s, place->schema_name, a->table) || is_adopted(s, a, place->schema_name))
        return true;
    if (!gw_adopt_choose(a, &s->defaults, place->schema_name, err))
        return false;
    if (!gw_adopt_columns_fit(a, &column, &there))
        return true;
    if (!count_rows(a, &rows, err))
        return false;
    if (!rows)
        return true;
    bool home = s->options->schema || place->rank != GW_NULL_INT ||
                (a->adopter->schema && strcmp(a->adopter->schema, a->schema) == 0);
    bool ask = !home || s->options->only_ours || (a->adopter->shared && gw_adopt_fits(a, NULL));
    if (ask && !has_our_rows(a, &ours, err))
        return false;
    if (ours)
        *gw_vec_push(s->arena, s->out) =
            (gw_foreign_history){gw_format_name(a->adopter->format), a->shown, rows};
    return true;
}

static bool look_for(search *s, const gw_adopter *adopter, gw_err *err)
{
    gw_foreign_place *places = NULL;
    size_t count = 0;
    gw_adoption a = {.arena = s->arena,
                     .session = s->session,
                     .adopter = adopter,
                     .options = s->options,
                     .files = s->files,
                     .table = adopter->table};
    if (!readable(s, NULL, a.table))
        return true;
    if (!gw_adopt_places(&a, &s->defaults, s->options->schema, &places, &count, err))
        return false;
    for (size_t i = 0; i < count; i++) {
        a.rows.len = 0;
        if (!look_at(s, &a, &places[i], err))
            return false;
    }
    return true;
}

bool gw_adopt_recognise(gw_arena *arena, gw_session *session, const gw_migration_list *files,
                        const gw_adopt_options *options, gw_foreign_histories *out, gw_err *err)
{
    search s = {.arena = arena, .session = session, .files = files, .options = options, .out = out};
    gw_adoption any = {.arena = arena, .session = session};
    *out = (gw_foreign_histories){0};
    if (!list_tables(&s, err))
        return false;
    if (!s.table_count)
        return true;
    if (options->only_ours && !gw_adopted_tools_read(session, arena, &s.adopted, err))
        return false;
    bool ok = gw_session_begin(session, "repeatable read read only", err) &&
              gw_adopt_defaults(&any, &s.defaults, err);
    for (size_t i = 0; ok && i < GW_ADOPTERS; i++)
        ok = look_for(&s, gw_adopters[i], err);
    gw_session_rollback(session);
    return ok || gw_err_context(err, "while looking for other tools' histories");
}

bool gw_adopt_is_history(const char *schema, const char *table)
{
    for (size_t i = 0; i < GW_ADOPTERS; i++) {
        const gw_adopter *a = gw_adopters[i];
        if (a->schema ? strcmp(a->schema, schema) == 0 : table && strcmp(a->table, table) == 0)
            return true;
    }
    return false;
}
