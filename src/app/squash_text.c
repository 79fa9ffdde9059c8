/* What stands in a squash: DDL, then rows, then what would get in the way of rows. */
#include <stdlib.h>
#include <string.h>

#include "app/squash_impl.h"
#include "base/buf.h"
#include "base/file.h"
#include "schema/kind.h"
#include "sql/quote.h"
#include "sql_app.h"

enum { MOST_ROWS = 10000, PER_LINE = 10 };

bool gw_content_read(gw_session *look, gw_arena *arena, gw_content *out, gw_err *err)
{
    static const gw_col cols[] = {
        {"schema", GW_COL_TEXT, true, offsetof(gw_sequence_seen, schema)},
        {"name", GW_COL_TEXT, true, offsetof(gw_sequence_seen, name)},
        {"value", GW_COL_TEXT, false, offsetof(gw_sequence_seen, value)},
    };
    gw_result result;
    if (!gw_schema_read(look, arena, NULL, &out->schema, err) ||
        !gw_rows_look(look, arena, &out->rows, err) ||
        !gw_query(look, arena, &gw_sql_row_sequences, NULL, 0, &result, err) ||
        !gw_rows(arena, &result, cols, 3, sizeof *out->sequences, (void **)&out->sequences, err))
        return false;
    out->sequence_count = result.rows;
    return true;
}

static const char *value_of(const gw_content *content, const gw_sequence_seen *sequence)
{
    for (size_t i = 0; i < content->sequence_count; i++)
        if (strcmp(content->sequences[i].name, sequence->name) == 0 &&
            strcmp(content->sequences[i].schema, sequence->schema) == 0)
            return content->sequences[i].value;
    return NULL;
}

static bool same_text(const char *x, const char *y)
{
    return x && y ? strcmp(x, y) == 0 : x == y;
}

static bool same_rows(const gw_row_table *x, const gw_row_table *y)
{
    if (!x || x->rows != y->rows)
        return y->rows == 0 && (!x || !x->rows);
    for (size_t c = 0; c < y->column_count; c++) {
        const gw_row_column *column = gw_row_column_find(x, y->columns[c].name);
        if (!column || strcmp(column->digest, y->columns[c].digest) != 0)
            return y->rows == 0;
    }
    return true;
}

const char *gw_content_differs(gw_arena *arena, const gw_content *x, const gw_content *y)
{
    for (size_t i = 0; i < y->rows.len; i++) {
        const gw_row_table *table = &y->rows.items[i];
        if (!same_rows(gw_rows_find(&x->rows, table->schema, table->name), table))
            return gw_printf(arena, "rows of %s", table->shown);
    }
    for (size_t i = 0; i < y->sequence_count; i++)
        if (!same_text(value_of(x, &y->sequences[i]), y->sequences[i].value))
            return gw_printf(arena, "the value of sequence %s",
                             gw_display_name(arena, y->sequences[i].schema, y->sequences[i].name));
    return NULL;
}

/* ---- rows ---------------------------------------------------------------------------------------- */

typedef struct edge {
    int64_t from, to;
    const char *sort;
} edge;

/* Tables behind those that they refer to; what goes round is left in order of name. */
static bool order_tables(gw_session *look, gw_arena *arena, const gw_rows_seen *seen,
                         const gw_row_table **out, gw_err *err)
{
    static const gw_col cols[] = {{"oid", GW_COL_INT, true, offsetof(edge, from)},
                                  {"sort", GW_COL_TEXT, true, offsetof(edge, sort)},
                                  {"ref", GW_COL_INT, false, offsetof(edge, to)}};
    gw_result result;
    edge *edges = NULL;
    if (!gw_query(look, arena, &gw_sql_row_rules, NULL, 0, &result, err) ||
        !gw_rows(arena, &result, cols, 3, sizeof *edges, (void **)&edges, err))
        return false;
    bool *done = gw_alloc_array(arena, seen->len, sizeof *done);
    for (size_t count = 0; count < seen->len;) {
        size_t chosen = seen->len;
        for (size_t i = 0; i < seen->len; i++) {
            bool free = !done[i];
            for (size_t e = 0; e < result.rows && free && seen->items[i].column_count; e++)
                for (size_t k = 0; k < seen->len && free; k++)
                    free = *edges[e].sort != 'f' || done[k] || k == i ||
                           edges[e].from != seen->items[i].columns[0].oid ||
                           edges[e].to != seen->items[k].columns[0].oid;
            if (free) {
                chosen = i;
                break;
            }
        }
        for (size_t i = 0; chosen == seen->len; i++)
            if (!done[i])
                chosen = i;
        done[chosen] = true;
        out[count++] = &seen->items[chosen];
    }
    return true;
}

static bool insert_of(gw_session *look, gw_arena *arena, const gw_row_table *table, gw_texts *out,
                      gw_err *err)
{
    gw_buf names = GW_BUF(arena), query = GW_BUF(arena), sql = GW_BUF(arena), key = GW_BUF(arena);
    gw_result result;
    size_t columns = 0;
    for (size_t c = 0; c < table->column_count; c++) {
        if (table->columns[c].generated)
            continue;
        gw_buf_add(&names, columns ? ", " : "");
        gw_buf_add(&query, columns ? ", t." : "SELECT t.");
        gw_buf_add(&key, columns ? ", t." : "t.");
        gw_buf_add_ident(&names, table->columns[c].name);
        gw_buf_add_ident(&query, table->columns[c].name);
        gw_buf_add_ident(&key, table->columns[c].name);
        gw_buf_add(&query, "::pg_catalog.text");
        gw_buf_add(&key, "::pg_catalog.text COLLATE pg_catalog.\"C\"");
        columns++;
    }
    /* Small numbers in their order, everything else by its text. */
    gw_buf_addf(&query, " FROM %s t ORDER BY pg_catalog.length(t.%s::pg_catalog.text), %s", table->ref,
                gw_quote_ident(arena, table->columns[0].name), gw_buf_str(&key));
    if (!gw_query_text(look, arena, "rows of a table", gw_buf_str(&query), NULL, 0, &result, err))
        return false;
    gw_buf_addf(&sql, "INSERT INTO %s (%s)\nOVERRIDING SYSTEM VALUE VALUES", table->ref,
                gw_buf_str(&names));
    for (size_t r = 0; r < result.rows; r++) {
        gw_buf_add(&sql, r ? ",\n    (" : "\n    (");
        for (size_t c = 0; c < columns; c++) {
            bool null = PQgetisnull(result.pg, (int)r, (int)c);
            gw_buf_add(&sql, c ? ", " : "");
            gw_buf_add_literal(&sql, null ? NULL : PQgetvalue(result.pg, (int)r, (int)c));
        }
        gw_buf_addc(&sql, ')');
    }
    *gw_vec_push(arena, out) = gw_buf_str(&sql);
    return true;
}

static bool add_rows(gw_session *look, gw_arena *arena, const gw_content *x, const gw_content *y,
                     gw_texts *out, int64_t *count, gw_err *err)
{
    const gw_row_table **order = gw_alloc_array(arena, y->rows.len, sizeof *order);
    *count = 0;
    if (!order_tables(look, arena, &y->rows, order, err))
        return false;
    for (size_t i = 0; i < y->rows.len; i++) {
        const gw_row_table *before = gw_rows_find(&x->rows, order[i]->schema, order[i]->name);
        if (same_rows(before, order[i]))
            continue;
        if (before && before->rows) {
            gw_err_set(err, GW_ERR_UNSUPPORTED, "rows of %s, which others have made, are changed",
                       order[i]->shown);
            return gw_err_hint(err, "squash the service that makes that table first, or leave the "
                                    "migration that changes its rows out: --to an earlier version");
        }
        *count += order[i]->rows;
        if (*count > MOST_ROWS) {
            gw_err_set(err, GW_ERR_UNSUPPORTED, "the migrations bring more than %d rows (%s)",
                       MOST_ROWS, order[i]->shown);
            return gw_err_hint(err, "a squash is for schemas and reference rows: --to the version "
                                    "before the one that brings them");
        }
        if (!insert_of(look, arena, order[i], out, err))
            return false;
    }
    return true;
}

static void add_sequences(gw_arena *arena, const gw_content *x, const gw_content *y, gw_texts *out)
{
    for (size_t i = 0; i < y->sequence_count; i++) {
        const gw_sequence_seen *s = &y->sequences[i];
        if (!s->value || same_text(value_of(x, s), s->value))
            continue;
        const char *name = gw_quote_literal(arena, gw_quote_name(arena, s->schema, s->name));
        *gw_vec_push(arena, out) =
            gw_printf(arena, "SELECT pg_catalog.setval(%s, %s)", name, s->value);
    }
}

/* ---- DDL ----------------------------------------------------------------------------------------- */

/* What fires or refuses when rows come in. */
static bool is_behind_rows(const gw_ddl_statement *statement)
{
    const gw_object *o = statement->object;
    if (!o)
        return false;
    const char *kind = o->kind->name;
    const char *sort = strcmp(kind, "constraint") == 0 ? gw_object_value(o, "sort") : NULL;
    return strcmp(kind, "trigger") == 0 || strcmp(kind, "event trigger") == 0 ||
           strcmp(kind, "rule") == 0 || strcmp(kind, "policy") == 0 || (sort && *sort == 'f');
}

static void add_refreshes(gw_arena *arena, const gw_schema_plan *plan, gw_texts *out)
{
    for (size_t i = 0; i < plan->statements.len; i++) {
        const gw_ddl_statement *s = &plan->statements.items[i];
        if (s->object && strcmp(s->object->kind->name, "materialized view") == 0 &&
            s->action == GW_DDL_CREATE && strncmp(s->sql, "CREATE MATERIALIZED", 19) == 0 &&
            gw_object_is(s->object, "populated"))
            *gw_vec_push(arena, out) =
                gw_printf(arena, "REFRESH MATERIALIZED VIEW %s", s->object->ref);
    }
}

static bool can_be_written(gw_arena *arena, const gw_content *y, const gw_schema_plan *plan,
                           gw_err *err)
{
    gw_buf list = GW_BUF(arena);
    for (size_t i = 0; i < y->schema->unrendered.len; i++)
        if (!y->schema->unrendered.items[i].quiet)
            gw_buf_addf(&list, "%s%s", list.len ? "\n" : "", y->schema->unrendered.items[i].what);
    for (size_t i = 0; i < plan->notes.len; i++)
        gw_buf_addf(&list, "%s%s", list.len ? "\n" : "", plan->notes.items[i]);
    if (!list.len)
        return true;
    gw_err_set(err, GW_ERR_UNSUPPORTED, "the migrations make something that cannot be rendered");
    return gw_err_detail(err, "%s", gw_buf_str(&list));
}

bool gw_squash_statements(gw_trial *trial, gw_arena *arena, gw_session *look, const gw_content *x,
                          const gw_content *y, gw_texts *out, bool *transactional, int64_t *rows,
                          gw_err *err)
{
    gw_schema_plan *plan = NULL;
    gw_ddl_options options = {.runner = trial->user};
    *transactional = true;
    if (!gw_schema_plan_make(arena, x->schema, y->schema, &options, &plan, err) ||
        !can_be_written(arena, y, plan, err))
        return false;
    for (size_t i = 0; i < plan->statements.len; i++)
        *transactional &= !(plan->statements.items[i].flags & (GW_DDL_OWN_TX | GW_DDL_NO_TX));
    *gw_vec_push(arena, out) = "SET check_function_bodies = off";
    for (size_t i = 0; i < plan->statements.len; i++)
        if (!is_behind_rows(&plan->statements.items[i]))
            *gw_vec_push(arena, out) = plan->statements.items[i].sql;
    if (!add_rows(look, arena, x, y, out, rows, err))
        return false;
    add_sequences(arena, x, y, out);
    for (size_t i = 0; i < plan->statements.len; i++)
        if (is_behind_rows(&plan->statements.items[i]))
            *gw_vec_push(arena, out) = plan->statements.items[i].sql;
    if (*rows)
        add_refreshes(arena, plan, out);
    return true;
}

/* ---- the file ------------------------------------------------------------------------------------ */

/* The name of the newest one that is replaced, with "squashed" for its own words; whole where the
 * tool's table holds it. */
static const char *file_name(gw_arena *arena, const gw_migration *last)
{
    const char *base = gw_path_base(last->up.path);
    if (last->format == GW_FORMAT_NODE_PG_MIGRATE)
        return base;
    const char *name = strchr(base, '_');
    if (last->format == GW_FORMAT_FLYWAY && name && name[1] == '_')
        name++;
    size_t len = strlen(base);
    const char *end = len > 7 && strcmp(base + len - 7, ".up.sql") == 0 ? ".up.sql" : ".sql";
    return name ? gw_printf(arena, "%.*ssquashed%s", (int)(name + 1 - base), base, end) : NULL;
}

bool gw_squash_file(gw_arena *arena, const gw_migration *last, const gw_squash *squash,
                    const gw_texts *statements, bool transactional, const char **name,
                    const char **text, gw_err *err)
{
    gw_buf out = GW_BUF(arena);
    bool goose = last->format == GW_FORMAT_GOOSE;
    *name = file_name(arena, last);
    if (!*name)
        return gw_err_set(err, GW_ERR_UNSUPPORTED, "%s has no name to take over", last->up.path);
    for (size_t i = 0; i < squash->replaced.len; i++)
        gw_buf_addf(&out, "%s%s", i % PER_LINE ? "," : i ? "\n-- godwit: replaces=" : "-- godwit: replaces=",
                    squash->replaced.items[i]);
    gw_buf_addf(&out, "\n%s-- A squash of %zu migrations. On a shadow database, PostgreSQL %s, it gave "
                      "what they gave.\n",
                transactional ? "" : "-- godwit: no-transaction\n", squash->replaced.len,
                squash->proven_on);
    if (goose)
        gw_buf_addf(&out, "%s-- +goose Up\n", transactional ? "" : "-- +goose NO TRANSACTION\n");
    if (last->format == GW_FORMAT_DBMATE)
        gw_buf_addf(&out, "-- migrate:up%s\n", transactional ? "" : " transaction:false");
    if (last->format == GW_FORMAT_NODE_PG_MIGRATE)
        gw_buf_add(&out, "-- Up Migration\n");
    if (last->format == GW_FORMAT_ATLAS && !transactional)
        gw_buf_add(&out, "-- atlas:txmode none\n");
    for (size_t i = 0; i < statements->len; i++) {
        if (i && last->format == GW_FORMAT_DRIZZLE)
            gw_buf_add(&out, "--> statement-breakpoint");
        gw_buf_addf(&out, goose ? "\n-- +goose StatementBegin\n%s;\n-- +goose StatementEnd\n" : "\n%s;\n",
                    statements->items[i]);
    }
    /* They want one; an empty one would do nothing in silence. */
    const char *down = last->format == GW_FORMAT_DBMATE            ? "-- migrate:down"
                       : last->format == GW_FORMAT_NODE_PG_MIGRATE ? "-- Down Migration"
                                                                   : NULL;
    if (down)
        gw_buf_addf(&out, "\n%s\nDO $$ BEGIN RAISE EXCEPTION 'a squash has no way back'; END $$;\n",
                    down);
    *text = gw_buf_str(&out);
    if (last->format != GW_FORMAT_FLYWAY || !strstr(*text, "${"))
        return true;
    return gw_err_set(err, GW_ERR_UNSUPPORTED,
                      "the squash would hold \"${\", which Flyway takes for a placeholder");
}
