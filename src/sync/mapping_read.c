/* A mapping's keys, each with the function that takes it. */
#include <string.h>

#include "base/buf.h"
#include "base/digest.h"
#include "base/file.h"
#include "sync/reader.h"

enum { MAX_NAME = 63, MAX_MAPPING = 1024 * 1024 };

static gw_mapping_reader *reader_of(gw_yaml_decoder *d)
{
    return (gw_mapping_reader *)(void *)d;
}

/* ---- names ------------------------------------------------------------------------------ */

/* One part of a table's name, up to a dot; *p moves behind it. NULL: it is not one. */
static const char *name_part(gw_arena *arena, const char **p)
{
    gw_buf part = GW_BUF(arena);
    if (**p != '"') {
        size_t len = strcspn(*p, ".\"");
        gw_buf_addn(&part, *p, len);
        *p += len;
        return len && (**p == '.' || !**p) ? gw_buf_str(&part) : NULL;
    }
    for ((*p)++; **p; (*p)++) {
        if (**p == '"' && (*p)[1] == '"')
            (*p)++;
        else if (**p == '"')
            break;
        gw_buf_addc(&part, **p);
    }
    if (**p != '"' || !part.len)
        return NULL;
    (*p)++;
    return **p == '.' || !**p ? gw_buf_str(&part) : NULL;
}

bool gw_mapping_table_parse(gw_mapping_reader *r, const char *key, gw_said said,
                            gw_mapping_table *out)
{
    const char *p = said.text, *first = name_part(r->d.arena, &p), *second = NULL;
    if (first && *p == '.') {
        p++;
        second = name_part(r->d.arena, &p);
    }
    bool whole = first && !*p && (second || !strchr(said.text, '.') || *said.text == '"');
    if (!whole) {
        gw_problem_add(r->d.problems, said.line, said.col,
                       "\"%s\" takes a table (NAME or SCHEMA.NAME), not \"%s\"", key, said.text);
        return gw_problem_hint(r->d.problems,
                               "a part with a dot in it is put in double quotes; in YAML: "
                               "'\"a.b\".c'");
    }
    *out = (gw_mapping_table){.schema = second ? first : "public",
                              .name = second ? second : first,
                              .line = said.line,
                              .col = said.col};
    if (strlen(out->schema) <= MAX_NAME && strlen(out->name) <= MAX_NAME)
        return true;
    return gw_problem_add(r->d.problems, said.line, said.col,
                          "\"%s\": a name has at most 63 bytes", key);
}

bool gw_mapping_column_ok(gw_mapping_reader *r, const char *key, const gw_said *said)
{
    if (!*said->text)
        return gw_problem_add(r->d.problems, said->line, said->col, "\"%s\" is empty", key);
    if (strlen(said->text) > MAX_NAME)
        return gw_problem_add(r->d.problems, said->line, said->col,
                              "\"%s\": a name has at most 63 bytes", key);
    return true;
}

/* ---- single values ---------------------------------------------------------------------- */

static void take_said(gw_yaml_decoder *d, const gw_yaml_key *key, const gw_yaml_entry *entry,
                      void *target)
{
    gw_said said;
    if (!gw_yaml_single(d, entry, &said))
        return;
    if (!*said.text)
        gw_problem_add(d->problems, said.line, said.col, "\"%s\" is empty", entry->key);
    else
        *(gw_said *)(void *)((char *)target + key->offset) = said;
}

static void take_column(gw_yaml_decoder *d, const gw_yaml_key *key, const gw_yaml_entry *entry,
                        void *target)
{
    gw_said said;
    if (gw_yaml_single(d, entry, &said) && gw_mapping_column_ok(reader_of(d), entry->key, &said))
        *(gw_said *)(void *)((char *)target + key->offset) = said;
}

static void take_columns(gw_yaml_decoder *d, const gw_yaml_key *key, const gw_yaml_entry *entry,
                         void *target)
{
    gw_said_list *list = (void *)((char *)target + key->offset);
    gw_said_list found = {0};
    if (!gw_yaml_some(d, entry, "a column, or a list of columns", &found))
        return;
    for (size_t i = 0; i < found.len; i++) {
        const gw_said *said = &found.items[i];
        bool twice = false;
        for (size_t j = 0; j < list->len; j++)
            twice = twice || strcmp(list->items[j].text, said->text) == 0;
        if (twice)
            gw_problem_add(d->problems, said->line, said->col, "\"%s\" is given twice", said->text);
        else if (gw_mapping_column_ok(reader_of(d), entry->key, said))
            *gw_vec_push(d->arena, list) = *said;
    }
}

static void take_table(gw_yaml_decoder *d, const gw_yaml_key *key, const gw_yaml_entry *entry,
                       void *target)
{
    gw_said said;
    if (gw_yaml_single(d, entry, &said))
        gw_mapping_table_parse(reader_of(d), entry->key, said,
                               (void *)((char *)target + key->offset));
}

/* What `sync run NAME` takes and what names nothing twice. */
static bool entity_ok(gw_yaml_decoder *d, const gw_said *said)
{
    for (const char *p = said->text; *p; p++)
        if ((unsigned char)*p < ' ' || *p == 0x7f)
            return gw_problem_add(d->problems, said->line, said->col,
                                  "an entity's name has no control characters");
    if (*said->text == '-' || *said->text == ' ' || strlen(said->text) > MAX_NAME) {
        gw_problem_add(d->problems, said->line, said->col, "\"%s\" is no name for an entity",
                       said->text);
        return gw_problem_hint(d->problems, "a name of at most 63 bytes, with no hyphen or blank "
                                            "in front");
    }
    return true;
}

static void take_entity(gw_yaml_decoder *d, const gw_yaml_key *key, const gw_yaml_entry *entry,
                        void *target)
{
    gw_mapping *m = target;
    take_said(d, key, entry, target);
    if (m->entity.text && !entity_ok(d, &m->entity))
        m->entity.text = NULL;
}

/* MAJOR.MINOR.PATCH, then -PRE and +BUILD (semver.org). */
static bool is_version(const char *p)
{
    for (int i = 0; i < 3; i++) {
        size_t digits = strspn(p, "0123456789");
        if (!digits || digits > 9 || (digits > 1 && *p == '0'))
            return false;
        p += digits;
        if (i < 2 && *p++ != '.')
            return false;
    }
    for (const char *signs = "-+"; *signs; signs++) {
        if (*p != *signs)
            continue;
        size_t len = strspn(++p, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-");
        if (!len)
            return false;
        p += len;
    }
    return !*p;
}

static void take_version(gw_yaml_decoder *d, const gw_yaml_key *key, const gw_yaml_entry *entry,
                         void *target)
{
    gw_mapping *m = target;
    take_said(d, key, entry, target);
    if (!m->version.text || is_version(m->version.text))
        return;
    gw_problem_add(d->problems, m->version.line, m->version.col,
                   "\"version\" takes a semantic version, not \"%s\"", m->version.text);
    gw_problem_hint(d->problems, "three numbers: 1.0.0, then 1.0.1 or 1.1.0 or 2.0.0");
    m->version.text = NULL;
}

/* ---- source and destination ------------------------------------------------------------- */

static void take_changed_at(gw_yaml_decoder *d, const gw_yaml_key *key, const gw_yaml_entry *entry,
                            void *target)
{
    static const char *const words[] = {"application", "server", NULL};
    gw_mapping *m = target;
    if (entry->value.kind != GW_YAML_MAP) {
        take_column(d, key, entry, target);
        return;
    }
    for (size_t i = 0; i < entry->value.count; i++) {
        const gw_yaml_entry *each = &entry->value.entries[i];
        int by = 0;
        if (strcmp(each->key, "column") == 0)
            take_column(d, key, each, target);
        else if (strcmp(each->key, "set_by") == 0 && gw_yaml_choice(d, each, words, &by))
            m->source.changed_at_sound = by == 1;
        else if (strcmp(each->key, "set_by") != 0)
            gw_problem_add(d->problems, each->line, each->col,
                           "unknown key \"%s\": changed_at takes column and set_by", each->key);
    }
    if (!m->source.changed_at.text)
        gw_problem_add(d->problems, entry->line, entry->col, "\"changed_at\" has no column");
}

static void take_source(gw_yaml_decoder *d, const gw_yaml_key *key, const gw_yaml_entry *entry,
                        void *target)
{
    static const gw_yaml_key keys[] = {
        {"table", take_table, offsetof(gw_mapping, source.table), 0},
        {"query", take_said, offsetof(gw_mapping, source.query), 0},
        {"key", take_columns, offsetof(gw_mapping, source.key), 0},
        {"changed_at", take_changed_at, offsetof(gw_mapping, source.changed_at), 0},
    };
    gw_mapping *m = target;
    (void)key;
    if (entry->value.kind != GW_YAML_MAP) {
        gw_yaml_wrong_kind(d, entry, "a mapping");
        return;
    }
    size_t before = d->problems->list.len;
    gw_yaml_take_keys(d, &entry->value, GW_YAML_KEYS(keys), target);
    if (d->problems->list.len != before)
        return;
    if ((m->source.table.name != NULL) == (m->source.query.text != NULL))
        gw_problem_add(d->problems, entry->line, entry->col,
                       "\"source\" takes a table or a query, %s",
                       m->source.table.name ? "not both" : "and has neither");
    if (!m->source.key.len) {
        gw_problem_add(d->problems, entry->line, entry->col, "\"source\" has no key");
        gw_problem_hint(d->problems, "name the column, or the columns, that no two rows have in "
                                     "common: every row is known by them");
    }
}

static void take_metadata(gw_yaml_decoder *d, const gw_yaml_key *key, const gw_yaml_entry *entry,
                          void *target)
{
    static const gw_yaml_key keys[] = {
        {"legacy_id", take_column, offsetof(gw_mapping, destination.legacy_id), 0},
        {"migrated_at", take_column, offsetof(gw_mapping, destination.migrated_at), 0},
        {"source_hash", take_column, offsetof(gw_mapping, destination.source_hash), 0},
    };
    (void)key;
    if (gw_yaml_is_map(d, entry))
        gw_yaml_take_keys(d, &entry->value, GW_YAML_KEYS(keys), target);
}

static void take_destination(gw_yaml_decoder *d, const gw_yaml_key *key,
                             const gw_yaml_entry *entry, void *target)
{
    static const gw_yaml_key keys[] = {
        {"table", take_table, offsetof(gw_mapping, destination.table), 0},
        {"key", take_columns, offsetof(gw_mapping, destination.key), 0},
        {"metadata", take_metadata, 0, 0},
    };
    gw_mapping *m = target;
    (void)key;
    if (entry->value.kind != GW_YAML_MAP) {
        gw_yaml_wrong_kind(d, entry, "a mapping");
        return;
    }
    size_t before = d->problems->list.len;
    gw_yaml_take_keys(d, &entry->value, GW_YAML_KEYS(keys), target);
    if (d->problems->list.len != before)
        return;
    if (!m->destination.table.name)
        gw_problem_add(d->problems, entry->line, entry->col, "\"destination\" has no table");
    if (!m->destination.key.len)
        gw_problem_add(d->problems, entry->line, entry->col, "\"destination\" has no key");
}

/* ---- choices ---------------------------------------------------------------------------- */

static void take_depends(gw_yaml_decoder *d, const gw_yaml_key *key, const gw_yaml_entry *entry,
                         void *target)
{
    gw_mapping *m = target;
    bool none = entry->value.kind == GW_YAML_LIST && entry->value.count == 0;
    (void)key;
    if (!none)
        gw_yaml_some(d, entry, "an entity, or a list of entities", &m->depends_on);
}

/* A namespace by its name in RFC 9562, or as it is. */
static const char *uuid_namespace(gw_arena *arena, const char *text)
{
    static const struct {
        const char *name, *uuid;
    } known[] = {{"dns", "6ba7b810-9dad-11d1-80b4-00c04fd430c8"},
                 {"url", "6ba7b811-9dad-11d1-80b4-00c04fd430c8"},
                 {"oid", "6ba7b812-9dad-11d1-80b4-00c04fd430c8"},
                 {"x500", "6ba7b814-9dad-11d1-80b4-00c04fd430c8"}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strcmp(known[i].name, text) == 0)
            return known[i].uuid;
    if (strlen(text) != 36)
        return NULL;
    char *uuid = gw_strdup(arena, text);
    for (int i = 0; i < 36; i++) {
        bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (dash ? uuid[i] != '-' : !strchr("0123456789abcdefABCDEF", uuid[i]))
            return NULL;
        if (uuid[i] >= 'A' && uuid[i] <= 'F')
            uuid[i] = (char)(uuid[i] - 'A' + 'a');
    }
    return uuid;
}

static void take_identity(gw_yaml_decoder *d, const gw_yaml_key *key, const gw_yaml_entry *entry,
                          void *target)
{
    static const char *const words[] = {"keep", "uuid-v5", "uuid-v7", "generated", NULL};
    gw_mapping *m = target;
    const gw_yaml *value = &entry->value;
    int which = 0;
    (void)key;
    m->identity_line = value->line;
    m->identity_col = value->col;
    if (value->kind == GW_YAML_MAP && value->count == 1 &&
        strcmp(value->entries[0].key, "uuid-v5") == 0) {
        gw_said said;
        if (!gw_yaml_single(d, &value->entries[0], &said))
            return;
        m->identity = GW_IDENTITY_UUID_V5;
        m->identity_namespace = uuid_namespace(d->arena, said.text);
        if (!m->identity_namespace)
            gw_problem_add(d->problems, said.line, said.col,
                           "\"uuid-v5\" takes a namespace: a UUID, or dns, url, oid, x500");
        return;
    }
    if (value->kind == GW_YAML_MAP) {
        gw_problem_add(d->problems, value->line, value->col,
                       "\"identity\" takes keep, uuid-v7, generated or {uuid-v5: NAMESPACE}");
        return;
    }
    if (!gw_yaml_choice(d, entry, words, &which))
        return;
    m->identity = (gw_identity)which;
    if (m->identity == GW_IDENTITY_UUID_V5) {
        gw_problem_add(d->problems, value->line, value->col, "uuid-v5 needs a namespace");
        gw_problem_hint(d->problems, "write {uuid-v5: UUID}: the same key gives the same id only "
                                     "within one namespace, so give each entity its own");
    }
}

static void take_deletes(gw_yaml_decoder *d, const gw_yaml_key *key, const gw_yaml_entry *entry,
                         void *target)
{
    static const char *const words[] = {"ignore", "delete", NULL};
    gw_mapping *m = target;
    const gw_yaml *value = &entry->value;
    const gw_yaml_entry *only =
        value->kind == GW_YAML_MAP && value->count == 1 ? &value->entries[0] : NULL;
    int which = 0;
    (void)key;
    m->deletes_line = entry->line;
    m->deletes_col = entry->col;
    if (only && strcmp(only->key, "delete") == 0) {
        static const char *const how[] = {"cascade", NULL};
        m->deletes = GW_DELETES_DELETE;
        m->deletes_cascade = gw_yaml_choice(d, only, how, &which);
    } else if (only && strcmp(only->key, "soft") == 0) {
        m->deletes = GW_DELETES_SOFT;
        take_column(d, &(gw_yaml_key){.offset = offsetof(gw_mapping, deletes_column)},
                    only, target);
    } else if (value->kind == GW_YAML_MAP) {
        gw_problem_add(d->problems, value->line, value->col,
                       "\"deletes\" takes ignore, delete, {delete: cascade} or {soft: COLUMN}");
    } else if (gw_yaml_choice(d, entry, words, &which)) {
        m->deletes = (gw_deletes)which;
    }
}

static void take_on_reject(gw_yaml_decoder *d, const gw_yaml_key *key, const gw_yaml_entry *entry,
                           void *target)
{
    static const char *const words[] = {"quarantine", "skip", "fail", NULL};
    int which = 0;
    (void)key;
    if (gw_yaml_choice(d, entry, words, &which))
        ((gw_mapping *)target)->on_reject = (gw_on_reject)which;
}

static void take_on_change(gw_yaml_decoder *d, const gw_yaml_key *key, const gw_yaml_entry *entry,
                           void *target)
{
    static const char *const words[] = {"quarantine", "overwrite", "keep", NULL};
    int which = 0;
    (void)key;
    if (gw_yaml_choice(d, entry, words, &which))
        ((gw_mapping *)target)->on_destination_change = (gw_on_change)which;
}

static void take_sensitive(gw_yaml_decoder *d, const gw_yaml_key *key, const gw_yaml_entry *entry,
                           void *target)
{
    gw_mapping *m = target;
    (void)key;
    gw_yaml_some(d, entry, "a column, or a list of columns", &m->sensitive);
}

static void take_fields(gw_yaml_decoder *d, const gw_yaml_key *key, const gw_yaml_entry *entry,
                        void *target)
{
    (void)key;
    (void)target;
    gw_mapping_take_fields(reader_of(d), entry);
}

static void take_rules(gw_yaml_decoder *d, const gw_yaml_key *key, const gw_yaml_entry *entry,
                       void *target)
{
    (void)key;
    (void)target;
    gw_mapping_take_rules(reader_of(d), entry);
}

static void take_functions(gw_yaml_decoder *d, const gw_yaml_key *key, const gw_yaml_entry *entry,
                           void *target)
{
    (void)key;
    (void)target;
    gw_mapping_take_functions(reader_of(d), entry);
}

/* ---- the whole -------------------------------------------------------------------------- */

static void hash_body(gw_arena *arena, gw_mapping *m, size_t len)
{
    gw_digest *digest = gw_digest_start(arena, GW_SHA256);
    unsigned char out[GW_DIGEST_MAX];
    gw_digest_add(digest, m->body, len);
    if (m->functions.text) {
        gw_digest_add(digest, "", 1);
        gw_digest_add(digest, m->functions.text, strlen(m->functions.text));
    }
    m->body_hash = gw_hex(arena, out, gw_digest_finish(digest, out));
}

static void take_all(gw_mapping_reader *r, const gw_yaml *root)
{
    static const gw_yaml_key keys[] = {
        {"entity", take_entity, offsetof(gw_mapping, entity), 0},
        {"version", take_version, offsetof(gw_mapping, version), 0},
        {"source", take_source, 0, 0},
        {"destination", take_destination, 0, 0},
        {"depends_on", take_depends, 0, 0},
        {"identity", take_identity, 0, 0},
        {"deletes", take_deletes, 0, 0},
        {"on_reject", take_on_reject, 0, 0},
        {"on_destination_change", take_on_change, 0, 0},
        {"sensitive", take_sensitive, 0, 0},
        {"fields", take_fields, 0, 0},
        {"rules", take_rules, 0, 0},
        {"functions", take_functions, 0, 0},
    };
    static const char *const needed[] = {"entity", "version", "source", "destination", "fields"};
    if (root->kind != GW_YAML_MAP) {
        gw_problem_add(r->d.problems, root->line, root->col,
                       "a mapping's file has keys and values, not %s",
                       gw_yaml_kind_name(root->kind));
        return;
    }
    gw_yaml_take_keys(&r->d, root, GW_YAML_KEYS(keys), r->mapping);
    for (size_t i = 0; i < sizeof needed / sizeof *needed; i++) {
        bool there = false;
        for (size_t k = 0; k < root->count; k++)
            there = there || strcmp(root->entries[k].key, needed[i]) == 0;
        if (!there)
            gw_problem_add(r->d.problems, 1, 1, "there is no \"%s\"", needed[i]);
    }
}

bool gw_mapping_read(gw_arena *arena, const char *file, const char *path, const char *text,
                     size_t len, const char *script, gw_problems *problems, gw_mapping *out)
{
    gw_yaml root;
    const char *outer = problems->file;
    size_t before = problems->list.len;
    gw_mapping_reader r = {.d = {.arena = arena, .problems = problems},
                           .mapping = out,
                           .path = path,
                           .script = script};
    *out = (gw_mapping){.file = gw_strdup(arena, file)};
    problems->file = out->file;
    if (len > MAX_MAPPING) {
        gw_problem_add(problems, 1, 1, "a mapping has at most 1 MiB");
    } else if (gw_yaml_read(arena, text, len, problems, &root)) {
        out->body = gw_strndup(arena, text, len);
        take_all(&r, &root);
        if (problems->list.len == before)
            gw_mapping_whole(&r);
        hash_body(arena, out, strlen(out->body));
    }
    problems->file = outer;
    return problems->list.len == before;
}
