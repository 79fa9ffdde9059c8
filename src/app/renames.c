/*
 * Renames: what --rename and hints say, found in both schemas. Parts are renamed before the tables
 * that they are in, so that every statement may use the names as they were.
 */
#include "app/renames.h"

#include <string.h>

#include "app/comparison.h"
#include "base/buf.h"
#include "schema/kind.h"
#include "sql/lex.h"
#include "sql/quote.h"

/* Kinds that can be renamed, those that people mean first. */
static const char *const kinds[] = {
    "table",          "view",   "materialized view", "sequence", "enum",      "domain",
    "composite type", "column", "constraint",        "index",    "trigger",   "policy",
    "foreign table",  "range",  "schema",            "rule",     "attribute", NULL};

typedef struct spec {
    const char *parts[3];
    size_t count;
} spec;

/* "a"."b c".d → names as the catalog has them. */
static bool read_name(gw_arena *arena, const char *text, spec *out)
{
    gw_lexer lexer = gw_lexer_start(text, strlen(text));
    *out = (spec){0};
    for (;;) {
        gw_token t = gw_lexer_next(&lexer);
        if ((t.kind != GW_TOKEN_WORD && t.kind != GW_TOKEN_QUOTED) || out->count == 3)
            return false;
        out->parts[out->count++] = gw_token_name(arena, &t);
        t = gw_lexer_next(&lexer);
        if (t.kind == GW_TOKEN_END)
            return true;
        if (t.kind != GW_TOKEN_SYMBOL || *t.text != '.')
            return false;
    }
}

static bool same(const char *a, const char *b)
{
    return a && b && strcmp(a, b) == 0;
}

/* Is it what the words name? A part of a table by table.part, everything else by [schema.]name. */
static bool is_named(const gw_object *o, const spec *s)
{
    const char *last = s->parts[s->count - 1];
    const gw_object *table = o->parent;
    if (strcmp(o->name, last) != 0)
        return false;
    if (table && (o->kind->flags & GW_KIND_RELATION)) /* an index: by its own name */
        return s->count == 1 || (s->count == 2 && (same(table->schema, s->parts[0]) ||
                                                   same(table->name, s->parts[0])));
    if (table)
        return s->count == 3 ? same(table->schema, s->parts[0]) && same(table->name, s->parts[1])
                             : s->count == 2 && same(table->name, s->parts[0]);
    return s->count == 2 ? same(o->schema, s->parts[0]) : s->count == 1;
}

static const char *name_after(const gw_diff *d, const gw_object *x)
{
    for (size_t i = 0; i < d->renamed.len; i++)
        if (d->renamed.items[i].object == x)
            return d->renamed.items[i].to;
    return x->name;
}

/* What x is called in y: its own new name, in its table's new name. */
static const gw_object *in_y(const gw_diff *d, gw_arena *arena, const gw_object *x,
                             const char *new_name)
{
    if (!x->parent)
        return gw_schema_find(d->y, x->kind->name, gw_display_name(arena, x->schema, new_name));
    const char *table = name_after(d, x->parent);
    return gw_schema_find(d->y, x->kind->name,
                          gw_printf(arena, "%s.%s",
                                    gw_display_name(arena, x->parent->schema, table),
                                    gw_display_name(arena, NULL, new_name)));
}

static size_t rank(const gw_object *o)
{
    size_t i = 0;
    while (kinds[i] && strcmp(kinds[i], o->kind->name) != 0)
        i++;
    return i;
}

/* The object of x that is called so, and that y has under its new name. */
static const gw_object *find(const gw_diff *d, gw_arena *arena, const spec *old, const char *new)
{
    const gw_object *best = NULL;
    for (size_t i = 0; i < d->x->objects.len; i++) {
        const gw_object *o = d->x->objects.items[i];
        if (!kinds[rank(o)] || !is_named(o, old) || !in_y(d, arena, o, new) ||
            in_y(d, arena, o, o->name))
            continue;
        if (!best || rank(o) < rank(best))
            best = o;
    }
    return best;
}

static void add(gw_diff *d, gw_arena *arena, const gw_object *object, const char *to)
{
    for (size_t i = 0; i < d->renamed.len; i++)
        if (d->renamed.items[i].object == object)
            return;
    *gw_vec_push(arena, &d->renamed) = (gw_object_rename){object, gw_strdup(arena, to)};
}

static const char *word_of(const gw_object *o)
{
    return o->kind->word ? o->kind->word(o) : o->kind->keyword;
}

static const char *statement(gw_arena *arena, const gw_object_rename *r)
{
    const gw_object *o = r->object;
    const char *old = gw_display_name(arena, NULL, o->name);
    const char *new = gw_display_name(arena, NULL, r->to);
    if (!o->parent || (o->kind->flags & GW_KIND_RELATION))
        return gw_printf(arena, "ALTER %s %s RENAME TO %s", word_of(o), o->ref, new);
    const char *table = o->parent->ref, *kind = o->kind->name;
    if (strcmp(kind, "column") == 0 || strcmp(kind, "constraint") == 0)
        return gw_printf(arena, "ALTER %s %s RENAME %s %s TO %s", word_of(o->parent), table,
                         strcmp(kind, "column") == 0 ? "COLUMN" : "CONSTRAINT", old, new);
    if (strcmp(kind, "attribute") == 0)
        return gw_printf(arena, "ALTER TYPE %s RENAME ATTRIBUTE %s TO %s", table, old, new);
    return gw_printf(arena, "ALTER %s %s ON %s RENAME TO %s", word_of(o), old, table, new);
}

static void add_statements(gw_diff *d, gw_arena *arena)
{
    for (int pass = 0; pass < 2; pass++)
        for (size_t i = 0; i < d->renamed.len; i++) {
            const gw_object_rename *r = &d->renamed.items[i];
            if ((r->object->parent == NULL) != (pass == 1))
                continue;
            *gw_vec_push(arena, &d->renames) = (gw_ddl_statement){
                .sql = statement(arena, r), .object = r->object, .action = GW_DDL_RENAME};
        }
}

/* "old_pkey" → "new_pkey"; NULL: the name does not begin with the table's. */
static const char *followed(gw_arena *arena, const gw_object *o, const char *old, const char *new)
{
    size_t len = strlen(old);
    return strncmp(o->name, old, len) == 0 && o->name[len] == '_'
               ? gw_printf(arena, "%s%s", new, o->name + len)
               : NULL;
}

/* Constraints, indexes and sequences that carry their table's name and have the new one in y. */
static void add_followers(gw_diff *d, gw_arena *arena)
{
    size_t said = d->renamed.len;
    for (size_t i = 0; i < said; i++) {
        gw_object_rename table = d->renamed.items[i];
        for (size_t k = 0; !table.object->parent && k < d->x->objects.len; k++) {
            const gw_object *o = d->x->objects.items[k];
            bool part = o->parent == table.object && strcmp(o->kind->name, "column") != 0;
            bool sequence = strcmp(o->kind->name, "sequence") == 0 &&
                            same(o->schema, table.object->schema);
            const char *to = (part || sequence) && kinds[rank(o)]
                                 ? followed(arena, o, table.object->name, table.to)
                                 : NULL;
            if (to && in_y(d, arena, o, to) && !in_y(d, arena, o, o->name))
                add(d, arena, o, to);
        }
    }
}

/* ---- what was said ------------------------------------------------------------------------------ */

static bool take_option(gw_comparison *c, const char *text, bool tables, gw_err *err)
{
    gw_diff *d = &c->diff;
    gw_arena *arena = c->trial->arena;
    const char *equals = NULL;
    bool quoted = false;
    for (const char *p = text; *p && !equals; p++) {
        quoted ^= *p == '"';
        equals = *p == '=' && !quoted ? p : NULL;
    }
    spec old, new;
    if (!equals || !read_name(arena, gw_strndup(arena, text, (size_t)(equals - text)), &old) ||
        !read_name(arena, equals + 1, &new)) {
        gw_err_set(err, GW_ERR_USAGE, "--rename %s: that is not OLD=NEW", text);
        return gw_err_hint(err, "for example: --rename public.users.name=full_name");
    }
    const gw_object *object = find(d, arena, &old, new.parts[new.count - 1]);
    if (object && (object->parent != NULL) != tables) {
        add(d, arena, object, new.parts[new.count - 1]);
        return true;
    }
    if (object || tables)
        return true; /* in the other pass */
    gw_err_set(err, GW_ERR_USAGE, "--rename %s: nothing in %s is called so that %s has as %s", text,
               c->x.shown, c->y.shown, equals + 1);
    return gw_err_hint(err, "OLD has to be there in the first schema and not in the second, NEW in "
                            "the second");
}

/* The object of y that a hint is about. */
static const gw_object *hinted(const gw_diff *d, const gw_rename_hint *h)
{
    for (size_t i = 0; i < d->y->objects.len; i++) {
        const gw_object *o = d->y->objects.items[i], *top = h->child ? o->parent : o;
        if (!kinds[rank(o)] || !top || top->parent || (!h->child && o->parent) ||
            strcmp(top->name, h->name) != 0 || (h->schema && !same(top->schema, h->schema)))
            continue;
        if (!h->child || strcmp(o->name, h->child) == 0)
            return o;
    }
    return NULL;
}

/* A hint whose old name is gone has done its work: it may stay. */
static bool take_hint(gw_comparison *c, const gw_rename_hint *h, bool tables, gw_err *err)
{
    gw_diff *d = &c->diff;
    gw_arena *arena = c->trial->arena;
    const gw_object *y = hinted(d, h);
    spec old;
    if (!read_name(arena, h->old, &old)) {
        gw_err_set(err, GW_ERR_INPUT, "\"renamed from %s\": that is no name", h->old);
        return gw_err_at(err, h->file, h->line, 1);
    }
    if (!y || (h->child != NULL) == tables)
        return true;
    for (size_t i = 0; i < d->x->objects.len; i++) {
        const gw_object *o = d->x->objects.items[i];
        if (o->kind != y->kind || strcmp(o->name, old.parts[old.count - 1]) != 0 ||
            in_y(d, arena, o, o->name) || in_y(d, arena, o, y->name) != y)
            continue;
        if (h->child || old.count < 2 || same(o->schema, old.parts[old.count - 2]))
            add(d, arena, o, y->name);
    }
    return true;
}

static bool read_hints(gw_comparison *c, gw_rename_hints *out, gw_err *err)
{
    gw_paths paths = {0};
    *out = (gw_rename_hints){0};
    if (c->y.sort != GW_SIDE_FILES)
        return true;
    if (!gw_files_list(c->trial->arena, c->y.path, &paths, err))
        return false;
    for (size_t i = 0; i < paths.len; i++)
        if (!gw_hints_read(c->trial->arena, paths.items[i], out, err))
            return false;
    return true;
}

bool gw_renames_find(gw_comparison *c, const gw_diff_options *options, gw_err *err)
{
    gw_rename_hints hints;
    if (!read_hints(c, &hints, err))
        return false;
    /* Tables first: their parts are looked for under their new names. */
    for (int pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < options->rename_count; i++)
            if (!take_option(c, options->renames[i], pass == 0, err))
                return false;
        for (size_t i = 0; i < hints.len; i++)
            if (!take_hint(c, &hints.items[i], pass == 0, err))
                return false;
    }
    add_followers(&c->diff, c->trial->arena);
    add_statements(&c->diff, c->trial->arena);
    return true;
}

/* ---- what may be one ---------------------------------------------------------------------------- */

static bool looks_alike(const gw_object *x, const gw_object *y)
{
    if (x->kind != y->kind)
        return false;
    if (x->parent && (!y->parent || strcmp(x->parent->key, y->parent->key) != 0))
        return false;
    if (!x->parent && !same(x->schema, y->schema))
        return false;
    for (size_t i = 0; x->kind->attrs[i].name; i++)
        if (!(x->kind->attrs[i].flags & GW_ATTR_INFO) &&
            strcmp(x->values[i] ? x->values[i] : "", y->values[i] ? y->values[i] : "") != 0)
            return false;
    size_t columns = 0, met = 0;
    for (size_t i = 0; i < x->children.len; i++) {
        const gw_object *child = x->children.items[i].object;
        if (strcmp(child->kind->name, "column") != 0)
            continue;
        columns++;
        for (size_t k = 0; k < y->children.len; k++) {
            const gw_object *other = y->children.items[k].object;
            met += other->kind == child->kind && strcmp(other->name, child->name) == 0;
        }
    }
    return met * 2 >= columns; /* half of its columns at least */
}

void gw_renames_guess(gw_comparison *c)
{
    const gw_diff *d = &c->diff;
    for (size_t i = 0; i < d->plan->changes.len; i++) {
        const gw_change *gone = &d->plan->changes.items[i];
        const char *kind = gone->x ? gone->x->kind->name : "";
        if (gone->y || !gone->loses || (strcmp(kind, "table") != 0 && strcmp(kind, "column") != 0))
            continue;
        for (size_t k = 0; k < d->plan->changes.len; k++) {
            const gw_change *come = &d->plan->changes.items[k];
            if (come->x || !come->y || !looks_alike(gone->x, come->y))
                continue;
            gw_trial_warn(c->trial,
                          "%s %s goes and %s comes, which is like it: if it was renamed, say "
                          "--rename %s=%s",
                          kind, gone->x->key, come->y->key, gone->x->key,
                          gw_display_name(c->trial->arena, NULL, come->y->name));
        }
    }
}

/* ---- the way back ------------------------------------------------------------------------------- */

const gw_object *gw_renames_original(void *self, const gw_object *object)
{
    const gw_diff *d = self;
    const gw_object *parent = object->parent ? gw_renames_original(self, object->parent) : NULL;
    if (!d->renamed.len)
        return object;
    for (size_t i = 0; i < d->renamed.len; i++) {
        const gw_object_rename *r = &d->renamed.items[i];
        if (r->object->kind == object->kind && strcmp(r->to, object->name) == 0 &&
            (parent ? r->object->parent == parent : same(r->object->schema, object->schema)))
            return r->object;
    }
    if (!parent) {
        const gw_object *found = gw_schema_find(d->before, object->kind->name, object->key);
        return found ? found : object;
    }
    for (size_t i = 0; i < parent->children.len; i++) {
        const gw_object *child = parent->children.items[i].object;
        if (child->kind == object->kind && strcmp(child->name, object->name) == 0)
            return child;
    }
    return object;
}
