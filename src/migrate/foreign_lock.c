#include "migrate/foreign_lock.h"

#include <string.h>

#include "base/buf.h"
#include "base/digest.h"
#include "base/vec.h"
#include "control/control.h"
#include "sql/quote.h"
#include "sql_migrate.h"

#define SQLX_FACTOR INT64_C(0x3d32ad9e)
#define GOLANG_MIGRATE_FACTOR UINT32_C(1486364155)
#define FLYWAY_BASE INT64_C(77431708279161)

static uint32_t golang_migrate(gw_arena *arena, const char *schema, const char *table,
                               const char *database)
{
    gw_buf name = GW_BUF(arena);
    gw_buf_add(&name, schema);
    gw_buf_addc(&name, '\0');
    gw_buf_add(&name, table);
    gw_buf_addc(&name, '\0');
    gw_buf_add(&name, database);
    return gw_crc32(0, name.data, name.len) * GOLANG_MIGRATE_FACTOR;
}

static uint32_t java_hash_add(uint32_t hash, uint32_t unit)
{
    return hash * 31 + unit;
}

/* Java's String.hashCode: over UTF-16 code units, in 32 bits. The text is valid UTF-8. */
static int32_t java_hash(uint32_t hash, const char *text)
{
    for (const unsigned char *at = (const unsigned char *)text; *at;) {
        unsigned more = *at >= 0xF0 ? 3 : *at >= 0xE0 ? 2 : *at >= 0xC0 ? 1 : 0;
        uint32_t point = more ? *at & (0x3Fu >> more) : *at;
        at++;
        for (; more && *at; more--)
            point = point << 6 | (*at++ & 0x3F);
        if (point > 0xFFFF) {
            hash = java_hash_add(hash, 0xD800 + ((point - 0x10000) >> 10));
            point = 0xDC00 + ((point - 0x10000) & 0x3FF);
        }
        hash = java_hash_add(hash, point);
    }
    return (int32_t)hash;
}

/* Of "schema"."table", as Flyway quotes it. */
static int32_t flyway_hash(gw_arena *arena, const char *schema, const char *table)
{
    return java_hash(0, gw_quote_name(arena, schema, table));
}

gw_foreign_keys gw_foreign_lock_keys(gw_format tool, const char *database, const char *schema,
                                     const char *table)
{
    gw_foreign_keys out = {{0}, 1};
    gw_arena *arena = gw_arena_new();
    switch (tool) {
    case GW_FORMAT_SQLX:
        out.keys[0] = SQLX_FACTOR * (int64_t)gw_crc32(0, database, strlen(database));
        break;
    case GW_FORMAT_GOLANG_MIGRATE:
        /* Its program takes the name from the URL, slash included; its library asks the server. */
        schema = schema ? schema : "public";
        table = table ? table : "schema_migrations";
        out.keys[0] = golang_migrate(arena, schema, table, gw_printf(arena, "/%s", database));
        out.keys[1] = golang_migrate(arena, schema, table, database);
        out.count = 2;
        break;
    case GW_FORMAT_GOOSE: out.keys[0] = INT64_C(4097083626); break;
    case GW_FORMAT_FLYWAY:
        out.keys[0] = FLYWAY_BASE + flyway_hash(arena, schema ? schema : "public",
                                                table ? table : "flyway_schema_history");
        break;
    case GW_FORMAT_SQITCH: out.keys[0] = INT64_C(75474063); break;
    case GW_FORMAT_NODE_PG_MIGRATE: out.keys[0] = INT64_C(7241865325823964); break;
    case GW_FORMAT_GRAPHILE_MIGRATE: out.keys[0] = INT64_C(4727445306447283); break;
    case GW_FORMAT_ATLAS: out.keys[0] = INT64_C(2686470616); break;
    default: out.count = 0; break;
    }
    gw_arena_free(arena);
    return out;
}

bool gw_foreign_locks_take(gw_run_lock *lock, gw_format tool, const char *database,
                           const char *schema, const char *table, int64_t wait_ms, gw_err *err)
{
    gw_foreign_keys keys = gw_foreign_lock_keys(tool, database, schema, table);
    for (size_t i = 0; i < keys.count; i++)
        if (!gw_run_lock_take_key(lock, keys.keys[i], gw_format_name(tool), wait_ms, err))
            return false;
    return true;
}

bool gw_adopted_tools_read(gw_session *session, gw_arena *arena, gw_adopted_tools *out,
                           gw_err *err)
{
    typedef struct row {
        const char *tool, *schema_name, *table_name;
    } row;
    static const gw_col cols[] = {
        {"tool", GW_COL_TEXT, true, offsetof(row, tool)},
        {"schema_name", GW_COL_TEXT, false, offsetof(row, schema_name)},
        {"table_name", GW_COL_TEXT, false, offsetof(row, table_name)},
    };
    gw_result result;
    void *rows = NULL;
    *out = (gw_adopted_tools){0};
    if (!gw_query(session, arena, &gw_sql_adopted_tools, NULL, 0, &result, err) ||
        !gw_rows(arena, &result, cols, 3, sizeof(row), &rows, err))
        return gw_control_explain(session, err);
    for (size_t i = 0; i < result.rows; i++) {
        const row *from = &((const row *)rows)[i];
        gw_format tool = gw_format_by_name(from->tool);
        if (tool != GW_FORMAT_COUNT)
            *gw_vec_push(arena, out) = (gw_adopted_tool){tool, from->schema_name, from->table_name};
    }
    return true;
}
