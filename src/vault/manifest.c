#include "vault/manifest.h"

#include <string.h>

#include "base/clock.h"
#include "base/json.h"

static void set_text(json_t *object, const char *key, const char *text)
{
    json_object_set_new(object, key, gw_json_text(text));
}

static json_t *stream_json(int64_t bytes, const char *sha256)
{
    json_t *out = json_object();
    json_object_set_new(out, "bytes", json_integer(bytes));
    set_text(out, "sha256", sha256);
    return out;
}

char *gw_manifest_write(gw_arena *arena, const gw_manifest *m)
{
    json_t *all = gw_json_own(arena, json_object()), *keys = json_array(), *tables = json_array();
    set_text(all, "id", m->id);
    set_text(all, "created_at", gw_time_rfc3339(arena, m->created_at));
    json_object_set_new(all, "created_us", json_integer(m->created_at));
    json_object_set_new(all, "duration_ms", json_integer(m->duration_ms));
    set_text(all, "project", m->project);
    set_text(all, "environment", m->environment);
    set_text(all, "database", m->database);
    set_text(all, "godwit", m->godwit);
    set_text(all, "server_version", m->server_version);
    set_text(all, "pg_dump", m->pg_dump);
    set_text(all, "contents", m->contents);
    set_text(all, "format", m->format ? m->format : "custom");
    set_text(all, "schema_fingerprint", m->fingerprint);
    set_text(all, "migration_version", m->migration_version);
    set_text(all, "encryption", m->encryption);
    for (size_t i = 0; i < m->keys.len; i++)
        json_array_append_new(keys, gw_json_text(m->keys.items[i]));
    json_object_set_new(all, "keys", keys);
    for (size_t i = 0; i < m->tables.len; i++) {
        const gw_backup_table *table = &m->tables.items[i];
        json_t *one = json_object();
        set_text(one, "schema", table->schema);
        set_text(one, "name", table->name);
        if (table->rows >= 0)
            json_object_set_new(one, "rows", json_integer(table->rows));
        json_array_append_new(tables, one);
    }
    json_object_set_new(all, "tables", tables);
    json_object_set_new(all, "plain", stream_json(m->plain_bytes, m->plain_sha256));
    json_object_set_new(all, "stored", stream_json(m->stored_bytes, m->stored_sha256));
    return gw_json_dump(arena, all);
}

typedef struct reading {
    gw_arena *arena;
    const char *missing; /* the first that should be there and is not */
} reading;

static const char *text_of(reading *r, const json_t *object, const char *key, bool needed)
{
    const char *text = json_string_value(json_object_get(object, key));
    if (!text && needed && !r->missing)
        r->missing = key;
    return gw_strdup(r->arena, text);
}

static int64_t number_of(reading *r, const json_t *object, const char *key)
{
    const json_t *number = json_object_get(object, key);
    if (json_is_integer(number) && json_integer_value(number) >= 0)
        return json_integer_value(number);
    r->missing = r->missing ? r->missing : key;
    return 0;
}

static void read_tables(reading *r, const json_t *all, gw_manifest *out)
{
    size_t i;
    const json_t *one;
    json_array_foreach(json_object_get(all, "keys"), i, one)
        if (json_is_string(one))
            *gw_vec_push(r->arena, &out->keys) = gw_strdup(r->arena, json_string_value(one));
    json_array_foreach(json_object_get(all, "tables"), i, one) {
        gw_backup_table *table = gw_vec_push(r->arena, &out->tables);
        table->schema = text_of(r, one, "schema", true);
        table->name = text_of(r, one, "name", true);
        table->rows = json_object_get(one, "rows") ? number_of(r, one, "rows") : -1;
    }
}

bool gw_manifest_read(gw_arena *arena, const char *text, size_t len, gw_manifest *out, gw_err *err)
{
    reading r = {.arena = arena};
    gw_err problem = {0};
    json_t *all = gw_json_parse(arena, "the manifest", text, len, &problem);
    if (!all) {
        gw_err_set(err, GW_ERR_INPUT, "the backup is damaged");
        gw_err_detail(err, "its manifest cannot be read: %s", problem.message);
        gw_err_clear(&problem);
        return false;
    }
    const json_t *plain = json_object_get(all, "plain"), *stored = json_object_get(all, "stored");
    *out = (gw_manifest){.id = text_of(&r, all, "id", true),
                         .created_at = number_of(&r, all, "created_us"),
                         .duration_ms = number_of(&r, all, "duration_ms"),
                         .project = text_of(&r, all, "project", false),
                         .environment = text_of(&r, all, "environment", false),
                         .database = text_of(&r, all, "database", false),
                         .godwit = text_of(&r, all, "godwit", true),
                         .server_version = text_of(&r, all, "server_version", true),
                         .pg_dump = text_of(&r, all, "pg_dump", true),
                         .contents = text_of(&r, all, "contents", true),
                         .fingerprint = text_of(&r, all, "schema_fingerprint", false),
                         .migration_version = text_of(&r, all, "migration_version", false),
                         .encryption = text_of(&r, all, "encryption", true),
                         .plain_bytes = number_of(&r, plain, "bytes"),
                         .stored_bytes = number_of(&r, stored, "bytes"),
                         .plain_sha256 = text_of(&r, plain, "sha256", true),
                         .stored_sha256 = text_of(&r, stored, "sha256", true)};
    read_tables(&r, all, out);
    out->format = text_of(&r, all, "format", false);
    if (!out->format) /* older than the member */
        out->format = "custom";
    if (!r.missing && strcmp(out->format, "custom") != 0 && strcmp(out->format, "directory") != 0) {
        gw_err_set(err, GW_ERR_UNSUPPORTED, "the backup is in a format that is not known here");
        return gw_err_detail(err, "its manifest says \"%s\"", out->format);
    }
    if (!r.missing)
        return true;
    gw_err_set(err, GW_ERR_INPUT, "the backup is damaged");
    return gw_err_detail(err, "its manifest says nothing, or nonsense, about \"%s\"", r.missing);
}
