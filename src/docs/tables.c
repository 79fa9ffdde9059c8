#include "docs/tables.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

bool gw_docs_is(const gw_object *object, const char *kind)
{
    return strcmp(object->kind->name, kind) == 0;
}

static bool is_partition(const gw_object *object)
{
    for (size_t i = 0; i < object->children.len; i++)
        if (gw_docs_is(object->children.items[i].object, "partition"))
            return true;
    return false;
}

static bool is_table(const gw_object *object)
{
    return gw_docs_is(object, "table") || gw_docs_is(object, "view") ||
           gw_docs_is(object, "materialized view");
}

/* ---- file names ----------------------------------------------------------------------------- */

static char *slug_of(gw_arena *arena, const char *key)
{
    gw_buf slug = GW_BUF(arena);
    for (const char *p = key; *p && slug.len < 120; p++) {
        if (isalnum((unsigned char)*p) || strchr("_.-", *p))
            gw_buf_addc(&slug, *p);
        else if (*p != '"')
            gw_buf_addf(&slug, "~%02x", (unsigned char)*p);
    }
    return gw_strdup(arena, gw_buf_str(&slug));
}

/* Some file systems take upper and lower case for one. */
static const char *unique_slug(gw_arena *arena, const gw_docs_tables *tables, const char *wanted)
{
    const char *slug = wanted;
    for (int n = 2;; n++) {
        bool taken = false;
        for (size_t i = 0; i < tables->items.len && !taken; i++) {
            const char *other = tables->slugs.items[tables->items.items[i]->index];
            taken = other && strcasecmp(other, slug) == 0;
        }
        if (!taken)
            return slug;
        slug = gw_printf(arena, "%s~%d", wanted, n);
    }
}

const char *gw_docs_slug(const gw_docs_tables *tables, const gw_object *object)
{
    return object->index < tables->slugs.len ? tables->slugs.items[object->index] : NULL;
}

/* ---- keys ----------------------------------------------------------------------------------- */

gw_docs_names gw_docs_key_columns(gw_arena *arena, const gw_object *constraint)
{
    gw_docs_names names = {0};
    const char *p = gw_object_value(constraint, "definition");
    p = p ? strchr(p, '(') : NULL;
    while (p && *p && *p != ')') {
        gw_buf name = GW_BUF(arena);
        for (p++; *p == ' '; p++)
            ;
        if (*p == '"') {
            for (p++; *p && !(*p == '"' && p[1] != '"'); p++) {
                if (*p == '"')
                    p++;
                gw_buf_addc(&name, *p);
            }
            p += *p == '"';
        } else {
            for (; *p && *p != ',' && *p != ')' && *p != ' '; p++)
                gw_buf_addc(&name, *p);
        }
        *gw_vec_push(arena, &names) = gw_strdup(arena, gw_buf_str(&name));
        p += strcspn(p, ",)");
    }
    return names;
}

bool gw_docs_in_key(gw_arena *arena, const gw_object *column, char sort)
{
    for (size_t i = 0; i < column->parent->children.len; i++) {
        const gw_object *child = column->parent->children.items[i].object;
        if (!gw_docs_is(child, "constraint") || *gw_object_value(child, "sort") != sort)
            continue;
        gw_docs_names names = gw_docs_key_columns(arena, child);
        for (size_t n = 0; n < names.len; n++)
            if (strcmp(names.items[n], column->name) == 0)
                return true;
    }
    return false;
}

static const gw_object *column_named(const gw_object *table, const char *name)
{
    for (size_t i = 0; i < table->children.len; i++)
        if (gw_docs_is(table->children.items[i].object, "column") &&
            strcmp(table->children.items[i].object->name, name) == 0)
            return table->children.items[i].object;
    return NULL;
}

/* Whether a key or a unique constraint has just these columns. */
static bool is_unique(gw_arena *arena, const gw_object *table, const gw_docs_names *columns)
{
    for (size_t i = 0; i < table->children.len; i++) {
        const gw_object *child = table->children.items[i].object;
        if (!gw_docs_is(child, "constraint") || !strchr("pu", *gw_object_value(child, "sort")))
            continue;
        gw_docs_names names = gw_docs_key_columns(arena, child);
        size_t found = 0;
        for (size_t a = 0; a < names.len; a++)
            for (size_t b = 0; b < columns->len; b++)
                found += strcmp(names.items[a], columns->items[b]) == 0;
        if (names.len == columns->len && found == names.len)
            return true;
    }
    return false;
}

static void add_reference(gw_arena *arena, gw_docs_tables *out, const gw_object *constraint)
{
    const gw_object *from = constraint->parent, *to = from;
    for (size_t i = 0; i < constraint->needs.len; i++) {
        const gw_object *needed = constraint->needs.items[i].object;
        const gw_object *table = needed->parent ? needed->parent : needed;
        if (gw_docs_is(table, "table") && table != from)
            to = table;
    }
    if (is_partition(from) || is_partition(to))
        return;
    gw_docs_reference *reference = gw_vec_push(arena, &out->references);
    *reference = (gw_docs_reference){.constraint = constraint, .from = from, .to = to};
    gw_docs_names columns = gw_docs_key_columns(arena, constraint);
    for (size_t i = 0; i < columns.len; i++) {
        const gw_object *column = column_named(from, columns.items[i]);
        if (column && !gw_object_is(column, "not_null"))
            reference->optional = true;
    }
    reference->unique = is_unique(arena, from, &columns);
}

void gw_docs_tables_of(gw_arena *arena, const gw_schema *schema, gw_docs_tables *out)
{
    for (size_t i = 0; i < schema->objects.len; i++)
        *gw_vec_push(arena, &out->slugs) = NULL;
    for (size_t i = 0; i < schema->objects.len; i++) {
        const gw_object *o = schema->objects.items[i];
        if (gw_docs_is(o, "constraint") && *gw_object_value(o, "sort") == 'f')
            add_reference(arena, out, o);
        if (!is_table(o) || is_partition(o))
            continue;
        out->slugs.items[i] = unique_slug(arena, out, slug_of(arena, o->key));
        *gw_vec_push(arena, &out->items) = o;
        bool known = false;
        for (size_t s = 0; s < out->schemas.len && !known; s++)
            known = strcmp(out->schemas.items[s], o->schema) == 0;
        if (!known)
            *gw_vec_push(arena, &out->schemas) = o->schema;
    }
}

/* ---- text ----------------------------------------------------------------------------------- */

void gw_html(gw_buf *buf, const char *text)
{
    for (const char *p = text ? text : ""; *p; p++) {
        if (*p == '&')
            gw_buf_add(buf, "&amp;");
        else if (*p == '<')
            gw_buf_add(buf, "&lt;");
        else if (*p == '>')
            gw_buf_add(buf, "&gt;");
        else if (*p == '"')
            gw_buf_add(buf, "&quot;");
        else
            gw_buf_addc(buf, *p);
    }
}

char *gw_docs_bytes(gw_arena *arena, int64_t bytes)
{
    static const char *const units[] = {"bytes", "kB", "MB", "GB", "TB"};
    double value = (double)bytes;
    size_t unit = 0;
    for (; value >= 1024 && unit < 4; unit++)
        value /= 1024;
    if (unit && value < 10)
        return gw_printf(arena, "%.1f %s", value, units[unit]);
    return gw_printf(arena, "%.0f %s", value, units[unit]);
}

const gw_docs_size *gw_docs_size_of(const gw_docs_input *input, const gw_object *table)
{
    for (size_t i = 0; i < input->sizes.len; i++)
        if (strcmp(input->sizes.items[i].name, table->name) == 0 &&
            strcmp(input->sizes.items[i].schema, table->schema) == 0)
            return &input->sizes.items[i];
    return NULL;
}
