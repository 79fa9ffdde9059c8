#include "sync/scaffold.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/vec.h"

enum { NAME = 64 };

/* Small letters and digits alone, without the s of a plural. */
static void plain(const char *name, char out[NAME])
{
    size_t len = 0;
    for (; *name && len < NAME - 1; name++)
        if ((unsigned char)*name >= 0x80 || isalnum((unsigned char)*name))
            out[len++] = (char)tolower((unsigned char)*name);
    if (len > 3 && out[len - 1] == 's')
        len--;
    out[len] = '\0';
}

/* 0: the same name; larger is less alike; NAME: not alike. */
static size_t unlike(const char *a, const char *b)
{
    char x[NAME], y[NAME];
    if (strcmp(a, b) == 0)
        return 0;
    if (strcasecmp(a, b) == 0)
        return 1;
    plain(a, x);
    plain(b, y);
    if (strcmp(x, y) == 0)
        return 2;
    size_t lx = strlen(x), ly = strlen(y);
    if (ly >= 4 && lx > ly && strcmp(x + lx - ly, y) == 0)
        return 3; /* dispatch_patient, patients */
    if (lx >= 4 && ly > lx && strcmp(y + ly - lx, x) == 0)
        return 4;
    size_t distance = gw_text_distance(x, lx, y, ly);
    return lx >= 5 && ly >= 5 && distance <= 2 ? 4 + distance : NAME;
}

const gw_source_relation *gw_scaffold_match(const gw_source_relation *source,
                                            const gw_source_relation *destinations, size_t count)
{
    const gw_source_relation *best = NULL;
    size_t least = NAME * 2;
    for (size_t i = 0; i < count; i++) {
        size_t score = unlike(source->name, destinations[i].name) * 2;
        score += strcmp(source->schema, destinations[i].schema) != 0;
        if (score < least) {
            least = score;
            best = &destinations[i];
        }
    }
    return best;
}

/* ---- YAML --------------------------------------------------------------------------------- */

static void add_word(gw_buf *buf, const char *word)
{
    static const char *const reserved[] = {"true", "false", "yes", "no", "on", "off", "null",
                                           "y", "n", NULL};
    bool simple = isalpha((unsigned char)*word) || *word == '_';
    for (const char *p = word; *p; p++)
        simple = simple && (isalnum((unsigned char)*p) || *p == '_');
    for (size_t i = 0; reserved[i]; i++)
        simple = simple && strcasecmp(reserved[i], word) != 0;
    if (simple) {
        gw_buf_add(buf, word);
        return;
    }
    gw_buf_addc(buf, '\'');
    for (; *word; word++) {
        if (*word == '\'')
            gw_buf_addc(buf, '\'');
        gw_buf_addc(buf, *word);
    }
    gw_buf_addc(buf, '\'');
}

/* A part of a table's name as the mapping's reader takes it. */
static void add_part(gw_buf *buf, const char *part)
{
    if (!strpbrk(part, ".\"")) {
        gw_buf_add(buf, part);
        return;
    }
    gw_buf_addc(buf, '"');
    for (; *part; part++) {
        if (*part == '"')
            gw_buf_addc(buf, '"');
        gw_buf_addc(buf, *part);
    }
    gw_buf_addc(buf, '"');
}

static void add_table(gw_buf *buf, const gw_source_relation *relation)
{
    gw_buf name = GW_BUF(buf->arena);
    add_part(&name, relation->schema);
    gw_buf_addc(&name, '.');
    add_part(&name, relation->name);
    bool simple = true;
    for (const char *p = gw_buf_str(&name); *p; p++)
        simple = simple && (isalnum((unsigned char)*p) || *p == '_' || *p == '.');
    if (simple && !isdigit((unsigned char)*name.data))
        gw_buf_add(buf, name.data);
    else
        add_word(buf, name.data);
}

static void add_names(gw_buf *buf, const gw_source_names *names)
{
    if (names->len == 1) {
        add_word(buf, names->items[0]);
        return;
    }
    for (size_t i = 0; i < names->len; i++) {
        gw_buf_add(buf, i ? ", " : "[");
        add_word(buf, names->items[i]);
    }
    gw_buf_addc(buf, ']');
}

/* ---- one mapping ---------------------------------------------------------------------------- */

typedef struct draft {
    gw_arena *arena;
    gw_scaffold_pair *pairs, *pair;
    size_t count;
    const gw_source_key *from, *to;
    bool new_ids;
} draft;

/* A key without NULLs, the primary one before others; NULL: there is none. */
static const gw_source_key *key_of(const gw_source_relation *relation)
{
    for (size_t i = 0; i < relation->key_count; i++)
        if (gw_source_unique(relation, &relation->keys[i].columns) == &relation->keys[i] &&
            !relation->keys[i].deferrable)
            return &relation->keys[i];
    return NULL;
}

static bool is_uuid(const gw_source_relation *relation, const gw_source_key *key)
{
    const gw_source_column *column = gw_source_column_of(relation, key->columns.items[0]);
    return key->columns.len == 1 && strcmp(column->type.base_type, "uuid") == 0;
}

static bool ids_change(const gw_scaffold_pair *pair)
{
    const gw_source_key *from = key_of(pair->source), *to = key_of(pair->destination);
    return from && to && is_uuid(pair->destination, to) && !is_uuid(pair->source, from);
}

static bool in_key(const gw_source_key *key, const char *name)
{
    for (size_t i = 0; i < key->columns.len; i++)
        if (strcmp(key->columns.items[i], name) == 0)
            return true;
    return false;
}

static const gw_source_column *column_like(const gw_source_relation *relation, const char *name)
{
    const gw_source_column *best = NULL;
    size_t least = 3; /* only names that differ in case, signs or a plural */
    for (size_t i = 0; i < relation->column_count; i++) {
        size_t score = unlike(relation->columns[i].name, name);
        if (score < least && !relation->columns[i].type.large_object) {
            least = score;
            best = &relation->columns[i];
        }
    }
    return best;
}

/* The entity that a column of the destination points to, where its ids change; NULL. */
static const char *entity_of(const draft *d, const char *column)
{
    const gw_source_relation *relation = d->pair->destination;
    for (size_t i = 0; i < relation->foreign_key_count; i++) {
        const gw_source_foreign_key *key = &relation->foreign_keys[i];
        if (key->columns.len != 1 || strcmp(key->columns.items[0], column) != 0)
            continue;
        for (size_t k = 0; k < d->count; k++)
            if (d->pairs[k].destination && d->pairs[k].destination->oid == key->target_oid &&
                ids_change(&d->pairs[k]))
                return d->pairs[k].entity;
    }
    return NULL;
}

static void add_field(draft *d, gw_buf *buf, const gw_source_column *to)
{
    const gw_source_column *from = column_like(d->pair->source, to->name);
    const char *entity = entity_of(d, to->name);
    if (!from && d->new_ids && strncasecmp(to->name, "legacy", 6) == 0 && d->from->columns.len == 1)
        from = gw_source_column_of(d->pair->source, d->from->columns.items[0]);
    if (!from) {
        bool needed = to->not_null && !to->default_text && !*to->identity;
        gw_buf_addf(buf, "  # %s (%s)%s: no column of the source is called like this\n", to->name,
                    to->type.type, needed ? ", NOT NULL" : "");
        return;
    }
    gw_buf_add(buf, "  - { from: ");
    add_word(buf, from->name);
    gw_buf_add(buf, ", to: ");
    add_word(buf, to->name);
    if (entity) {
        gw_buf_add(buf, ", reference: ");
        add_word(buf, entity);
    }
    gw_buf_add(buf, " }\n");
}

static const char *changed_at(const gw_source_relation *source)
{
    static const char *const names[] = {"updated_at", "modified_at", "changed_at", "last_modified",
                                        "last_updated", "update_time", "modified", "updated"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        for (size_t k = 0; k < source->column_count; k++)
            if (strcasecmp(source->columns[k].name, names[i]) == 0 &&
                strncmp(source->columns[k].type.base_type, "timestamp", 9) == 0)
                return source->columns[k].name;
    return NULL;
}

/* A column that Godwit can fill by itself; the source has none that is called like it. */
static bool is_metadata(const draft *d, const gw_source_column *column)
{
    const char *type = column->type.base_type;
    bool time = strcmp(column->name, "migrated_at") == 0 && strncmp(type, "timestamp", 9) == 0;
    bool hash = strcmp(column->name, "source_hash") == 0 &&
                (strcmp(type, "bigint") == 0 || strcmp(type, "text") == 0);
    return (time || hash) && !column_like(d->pair->source, column->name);
}

static void write_metadata(draft *d, gw_buf *buf)
{
    const gw_source_relation *destination = d->pair->destination;
    size_t found = 0;
    for (size_t i = 0; i < destination->column_count; i++) {
        const gw_source_column *column = &destination->columns[i];
        if (is_metadata(d, column))
            gw_buf_addf(buf, "%s%s: %s", found++ ? ", " : ", metadata: { ", column->name,
                        column->name);
    }
    gw_buf_add(buf, found ? " }" : "");
}

static void write_head(draft *d, gw_buf *buf)
{
    const char *touched = changed_at(d->pair->source);
    gw_buf_add(buf, "entity: ");
    add_word(buf, d->pair->entity);
    gw_buf_add(buf, "\nversion: 1.0.0\nsource: { table: ");
    add_table(buf, d->pair->source);
    gw_buf_add(buf, ", key: ");
    add_names(buf, &d->from->columns);
    if (touched) {
        gw_buf_add(buf, ", changed_at: ");
        add_word(buf, touched);
    }
    gw_buf_add(buf, " }\ndestination: { table: ");
    add_table(buf, d->pair->destination);
    gw_buf_add(buf, ", key: ");
    add_names(buf, &d->to->columns);
    write_metadata(d, buf);
    gw_buf_addf(buf, " }\nidentity: %s\nfields:\n", d->new_ids ? "uuid-v7" : "keep");
}

static void write_one(draft *d)
{
    const gw_source_relation *source = d->pair->source, *destination = d->pair->destination;
    gw_buf buf = GW_BUF(d->arena);
    d->from = key_of(source);
    d->to = key_of(destination);
    if (!d->from || !d->to) {
        d->pair->reason = gw_printf(
            d->arena, "%s.%s has no key: give it a primary key, or name in a mapping of your own "
                      "the columns that no two rows share", d->from ? destination->schema
                                                                    : source->schema,
            d->from ? destination->name : source->name);
        return;
    }
    d->new_ids = ids_change(d->pair);
    write_head(d, &buf);
    size_t before = buf.len;
    for (size_t i = 0; i < destination->column_count; i++) {
        const gw_source_column *to = &destination->columns[i];
        bool key = in_key(d->to, to->name);
        bool always = *to->identity == 'a' && !key;
        if (*to->generated || always || (d->new_ids && key) || is_metadata(d, to))
            continue;
        /* With other names on both sides the key goes by position, which needs no field. */
        if (key && !column_like(source, to->name) && d->from->columns.len == d->to->columns.len)
            continue;
        add_field(d, &buf, to);
    }
    bool any = strstr(buf.data + before, "  - {") != NULL;
    if (!any && d->new_ids)
        d->pair->reason = "no columns of the two tables are called alike";
    else
        d->pair->text = any ? gw_buf_str(&buf)
                            : gw_printf(d->arena, "%.*s []\n%s", (int)before - 1, buf.data,
                                        buf.data + before);
}

void gw_scaffold(gw_arena *arena, gw_scaffold_pair *pairs, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        draft d = {.arena = arena, .pairs = pairs, .pair = &pairs[i], .count = count};
        if (pairs[i].destination)
            write_one(&d);
        else
            pairs[i].reason = "no table of the destination is called like this";
    }
}
