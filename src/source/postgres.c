/* Describing a relation of PostgreSQL, or the columns of a query. */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/vec.h"
#include "source/source.h"
#include "sql_source.h"

bool gw_pg_identify(gw_session *session, gw_arena *arena, gw_source_identity *out, gw_err *err)
{
    static const gw_col cols[] = {
        {"version", GW_COL_INT, true, offsetof(gw_source_identity, version)},
        {"system_identifier", GW_COL_TEXT, true, offsetof(gw_source_identity, system_identifier)},
        {"database_oid", GW_COL_INT, true, offsetof(gw_source_identity, database_oid)},
        {"database", GW_COL_TEXT, true, offsetof(gw_source_identity, database)},
        {"role", GW_COL_TEXT, true, offsetof(gw_source_identity, role)},
        {"standby", GW_COL_BOOL, true, offsetof(gw_source_identity, standby)},
        {"superuser", GW_COL_BOOL, true, offsetof(gw_source_identity, superuser)},
    };
    gw_result result;
    *out = (gw_source_identity){.engine = "postgresql"};
    return gw_query(session, arena, &gw_sql_source_identity, NULL, 0, &result, err) &&
           gw_row(arena, &result, cols, sizeof cols / sizeof *cols, out, err);
}

/* '{1,2,3}' */
static const char *numbers(gw_arena *arena, const int64_t *items, size_t count)
{
    gw_buf text = GW_BUF(arena);
    gw_buf_addc(&text, '{');
    for (size_t i = 0; i < count; i++)
        gw_buf_addf(&text, "%s%lld", i ? "," : "", (long long)items[i]);
    gw_buf_addc(&text, '}');
    return gw_buf_str(&text);
}

/* A JSON array of texts, as the catalog statements give lists of names. */
static bool names_of(gw_arena *arena, const char *json, gw_source_names *out, gw_err *err)
{
    json_t *array = gw_json_parse(arena, "a list of names", json, strlen(json), err);
    if (!array)
        return false;
    *out = (gw_source_names){0};
    size_t i;
    json_t *item;
    json_array_foreach(array, i, item)
        *gw_vec_push(arena, out) = gw_strdup(arena, json_string_value(item));
    return true;
}

bool gw_pg_types(gw_session *session, gw_arena *arena, const int64_t *oids, const int64_t *typmods,
                 size_t count, gw_source_type *out, gw_err *err)
{
    static const gw_col cols[] = {
        {"type", GW_COL_TEXT, true, offsetof(gw_source_type, type)},
        {"base_oid", GW_COL_INT, true, offsetof(gw_source_type, base_oid)},
        {"base_type", GW_COL_TEXT, true, offsetof(gw_source_type, base_type)},
        {"base_typmod", GW_COL_INT, true, offsetof(gw_source_type, base_typmod)},
        {"base_kind", GW_COL_TEXT, true, offsetof(gw_source_type, base_kind)},
        {"category", GW_COL_TEXT, true, offsetof(gw_source_type, category)},
        {"element_oid", GW_COL_INT, true, offsetof(gw_source_type, element_oid)},
        {"element_kind", GW_COL_TEXT, true, offsetof(gw_source_type, element_kind)},
        {"element_type", GW_COL_TEXT, true, offsetof(gw_source_type, element_type)},
        {"domain", GW_COL_BOOL, true, offsetof(gw_source_type, domain)},
        {"domain_not_null", GW_COL_BOOL, true, offsetof(gw_source_type, domain_not_null)},
        {"domain_default", GW_COL_BOOL, true, offsetof(gw_source_type, domain_default)},
        {"large_object", GW_COL_BOOL, true, offsetof(gw_source_type, large_object)},
        {"labels", GW_COL_TEXT, false, offsetof(gw_source_type, labels)},
    };
    gw_param params[] = {gw_p_text(numbers(arena, oids, count)),
                         gw_p_text(numbers(arena, typmods, count))};
    gw_result result;
    void *rows;
    if (!gw_query(session, arena, &gw_sql_source_types, params, 2, &result, err) ||
        !gw_rows(arena, &result, cols, sizeof cols / sizeof *cols, sizeof *out, &rows, err))
        return false;
    if (result.rows != count)
        return gw_err_set(err, GW_ERR_STATE, "a type went away while it was looked at");
    memcpy(out, rows, count * sizeof *out);
    for (size_t i = 0; i < count; i++) {
        out[i].oid = oids[i];
        out[i].typmod = typmods[i];
    }
    return true;
}

/* Fill the types of columns that have their oid and typmod. */
static bool fill_types(gw_session *session, gw_arena *arena, gw_source_relation *relation,
                       gw_err *err)
{
    size_t count = relation->column_count;
    int64_t *oids = gw_alloc_array(arena, count, sizeof *oids);
    int64_t *typmods = gw_alloc_array(arena, count, sizeof *typmods);
    gw_source_type *types = gw_alloc_array(arena, count, sizeof *types);
    for (size_t i = 0; i < count; i++) {
        oids[i] = relation->columns[i].type.oid;
        typmods[i] = relation->columns[i].type.typmod;
    }
    if (!gw_pg_types(session, arena, oids, typmods, count, types, err))
        return false;
    for (size_t i = 0; i < count; i++) {
        relation->columns[i].type = types[i];
        relation->columns[i].not_null = relation->columns[i].not_null || types[i].domain_not_null;
    }
    return true;
}

static bool read_columns(gw_session *session, gw_arena *arena, gw_source_relation *out,
                         gw_err *err)
{
    static const gw_col cols[] = {
        {"name", GW_COL_TEXT, true, offsetof(gw_source_column, name)},
        {"type_oid", GW_COL_INT, true, offsetof(gw_source_column, type.oid)},
        {"typmod", GW_COL_INT, true, offsetof(gw_source_column, type.typmod)},
        {"not_null", GW_COL_BOOL, true, offsetof(gw_source_column, not_null)},
        {"default_text", GW_COL_TEXT, false, offsetof(gw_source_column, default_text)},
        {"identity", GW_COL_TEXT, true, offsetof(gw_source_column, identity)},
        {"generated", GW_COL_TEXT, true, offsetof(gw_source_column, generated)},
        {"collation", GW_COL_TEXT, false, offsetof(gw_source_column, collation)},
        {"deterministic", GW_COL_BOOL, true, offsetof(gw_source_column, deterministic)},
        {"may_select", GW_COL_BOOL, true, offsetof(gw_source_column, may_select)},
        {"leads", GW_COL_BOOL, true, offsetof(gw_source_column, leads)},
    };
    gw_param oid = gw_p_int(out->oid);
    gw_result result;
    void *rows;
    if (!gw_query(session, arena, &gw_sql_source_columns, &oid, 1, &result, err) ||
        !gw_rows(arena, &result, cols, sizeof cols / sizeof *cols, sizeof(gw_source_column), &rows,
                 err))
        return false;
    out->columns = rows;
    out->column_count = result.rows;
    return fill_types(session, arena, out, err);
}

static bool read_keys(gw_session *session, gw_arena *arena, gw_source_relation *out, gw_err *err)
{
    typedef struct key_row {
        gw_source_key key;
        const char *columns;
    } key_row;
    static const gw_col cols[] = {
        {"name", GW_COL_TEXT, true, offsetof(key_row, key.name)},
        {"primary_key", GW_COL_BOOL, true, offsetof(key_row, key.primary)},
        {"deferrable", GW_COL_BOOL, true, offsetof(key_row, key.deferrable)},
        {"nulls_equal", GW_COL_BOOL, true, offsetof(key_row, key.nulls_equal)},
        {"columns", GW_COL_TEXT, true, offsetof(key_row, columns)},
    };
    gw_param oid = gw_p_int(out->oid);
    gw_result result;
    void *data;
    if (!gw_query(session, arena, &gw_sql_source_keys, &oid, 1, &result, err) ||
        !gw_rows(arena, &result, cols, sizeof cols / sizeof *cols, sizeof(key_row), &data, err))
        return false;
    const key_row *rows = data;
    out->keys = gw_alloc_array(arena, result.rows, sizeof *out->keys);
    out->key_count = result.rows;
    for (size_t i = 0; i < result.rows; i++) {
        out->keys[i] = rows[i].key;
        if (!names_of(arena, rows[i].columns, &out->keys[i].columns, err))
            return false;
    }
    return true;
}

static bool read_foreign_keys(gw_session *session, gw_arena *arena, gw_source_relation *out,
                              gw_err *err)
{
    typedef struct key_row {
        gw_source_foreign_key key;
        const char *columns, *target_columns;
    } key_row;
    static const gw_col cols[] = {
        {"name", GW_COL_TEXT, true, offsetof(key_row, key.name)},
        {"deferrable", GW_COL_BOOL, true, offsetof(key_row, key.deferrable)},
        {"target_schema", GW_COL_TEXT, true, offsetof(key_row, key.target_schema)},
        {"target_name", GW_COL_TEXT, true, offsetof(key_row, key.target_name)},
        {"target_oid", GW_COL_INT, true, offsetof(key_row, key.target_oid)},
        {"columns", GW_COL_TEXT, true, offsetof(key_row, columns)},
        {"target_columns", GW_COL_TEXT, true, offsetof(key_row, target_columns)},
    };
    gw_param oid = gw_p_int(out->oid);
    gw_result result;
    void *data;
    if (!gw_query(session, arena, &gw_sql_source_foreign_keys, &oid, 1, &result, err) ||
        !gw_rows(arena, &result, cols, sizeof cols / sizeof *cols, sizeof(key_row), &data, err))
        return false;
    const key_row *rows = data;
    out->foreign_keys = gw_alloc_array(arena, result.rows, sizeof *out->foreign_keys);
    out->foreign_key_count = result.rows;
    for (size_t i = 0; i < result.rows; i++) {
        gw_source_foreign_key *key = &out->foreign_keys[i];
        *key = rows[i].key;
        if (!names_of(arena, rows[i].columns, &key->columns, err) ||
            !names_of(arena, rows[i].target_columns, &key->target_columns, err))
            return false;
    }
    return true;
}

static bool read_leaves(gw_session *session, gw_arena *arena, gw_source_relation *out, gw_err *err)
{
    static const gw_col cols[] = {
        {"oid", GW_COL_INT, true, offsetof(gw_source_leaf, oid)},
        {"schema", GW_COL_TEXT, true, offsetof(gw_source_leaf, schema)},
        {"name", GW_COL_TEXT, true, offsetof(gw_source_leaf, name)},
        {"kind", GW_COL_TEXT, true, offsetof(gw_source_leaf, kind)},
        {"file_node", GW_COL_INT, false, offsetof(gw_source_leaf, file_node)},
        {"unlogged", GW_COL_BOOL, true, offsetof(gw_source_leaf, unlogged)},
    };
    gw_param oid = gw_p_int(out->oid);
    gw_result result;
    void *rows;
    if (!gw_query(session, arena, &gw_sql_source_leaves, &oid, 1, &result, err) ||
        !gw_rows(arena, &result, cols, sizeof cols / sizeof *cols, sizeof(gw_source_leaf), &rows,
                 err))
        return false;
    out->leaves = rows;
    out->leaf_count = result.rows;
    return true;
}

bool gw_pg_describe(gw_session *session, gw_arena *arena, const char *schema, const char *name,
                    gw_source_relation *out, bool *found, gw_err *err)
{
    static const gw_col cols[] = {
        {"oid", GW_COL_INT, true, offsetof(gw_source_relation, oid)},
        {"kind", GW_COL_TEXT, true, offsetof(gw_source_relation, kind)},
        {"unlogged", GW_COL_BOOL, true, offsetof(gw_source_relation, unlogged)},
        {"row_security", GW_COL_BOOL, true, offsetof(gw_source_relation, row_security)},
        {"may_use", GW_COL_BOOL, true, offsetof(gw_source_relation, may_use)},
        {"may_select", GW_COL_BOOL, true, offsetof(gw_source_relation, may_select)},
        {"may_insert", GW_COL_BOOL, true, offsetof(gw_source_relation, may_insert)},
        {"may_update", GW_COL_BOOL, true, offsetof(gw_source_relation, may_update)},
        {"may_delete", GW_COL_BOOL, true, offsetof(gw_source_relation, may_delete)},
        {"owned", GW_COL_BOOL, true, offsetof(gw_source_relation, owned)},
        {"rows", GW_COL_INT, true, offsetof(gw_source_relation, rows)},
        {"triggers", GW_COL_INT, true, offsetof(gw_source_relation, triggers)},
    };
    gw_param params[] = {gw_p_text(schema), gw_p_text(name)};
    gw_result result;
    *out = (gw_source_relation){0};
    if (!gw_query(session, arena, &gw_sql_source_relation, params, 2, &result, err))
        return false;
    *found = result.rows > 0;
    if (!*found)
        return true;
    if (!gw_row(arena, &result, cols, sizeof cols / sizeof *cols, out, err))
        return false;
    out->schema = gw_strdup(arena, schema);
    out->name = gw_strdup(arena, name);
    return read_columns(session, arena, out, err) && read_keys(session, arena, out, err) &&
           read_foreign_keys(session, arena, out, err) && read_leaves(session, arena, out, err);
}

bool gw_pg_user_names(gw_session *session, bool on, gw_err *err)
{
    return gw_exec(session, on ? "SET LOCAL search_path TO DEFAULT"
                               : "SET LOCAL search_path TO pg_catalog", err);
}

static bool take_fields(gw_session *session, gw_arena *arena, const gw_result *result,
                        gw_source_relation *out, gw_err *err)
{
    int count = PQnfields(result->pg);
    out->column_count = (size_t)count;
    out->columns = gw_alloc_array(arena, out->column_count, sizeof *out->columns);
    for (int i = 0; i < count; i++) {
        gw_source_column *column = &out->columns[i];
        column->name = gw_strdup(arena, PQfname(result->pg, i));
        column->type.oid = (int64_t)PQftype(result->pg, i);
        column->type.typmod = PQfmod(result->pg, i);
        column->identity = column->generated = "";
        column->deterministic = column->may_select = true;
    }
    return fill_types(session, arena, out, err);
}

bool gw_pg_describe_query(gw_session *session, gw_arena *arena, const char *text,
                          gw_source_relation *out, gw_err *err)
{
    gw_result result;
    *out = (gw_source_relation){.kind = "q", .may_use = true, .may_select = true};
    bool own = !gw_session_in_transaction(session);
    if (own && !gw_session_begin(session, "repeatable read read only", err))
        return false;
    bool ok = gw_pg_user_names(session, true, err) &&
              gw_query_describe(session, arena, "a query of a mapping", text, &result, err) &&
              gw_pg_user_names(session, false, err) &&
              take_fields(session, arena, &result, out, err);
    if (own)
        gw_session_rollback(session);
    return ok;
}

bool gw_pg_defined(gw_session *session, gw_arena *arena, const char *text, const char **digest,
                   gw_err *err)
{
    static const gw_col cols[] = {{"digest", GW_COL_TEXT, false, 0}};
    gw_param param = gw_p_text(text);
    gw_result result;
    return gw_query(session, arena, &gw_sql_source_defined, &param, 1, &result, err) &&
           gw_row(arena, &result, cols, 1, digest, err);
}

bool gw_pg_tables(gw_session *session, gw_arena *arena, gw_source_table_name **out, size_t *count,
                  gw_err *err)
{
    static const gw_col cols[] = {
        {"schema", GW_COL_TEXT, true, offsetof(gw_source_table_name, schema)},
        {"name", GW_COL_TEXT, true, offsetof(gw_source_table_name, name)},
    };
    gw_result result;
    void *rows;
    if (!gw_query(session, arena, &gw_sql_source_names, NULL, 0, &result, err) ||
        !gw_rows(arena, &result, cols, 2, sizeof(gw_source_table_name), &rows, err))
        return false;
    *out = rows;
    *count = result.rows;
    return true;
}
