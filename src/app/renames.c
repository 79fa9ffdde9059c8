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
    "table",         "view",        "materialized view", "sequence",   "enum",      "domain",
    "composite type", "range type",  "base type",         "routine",    "aggregate", "column",
    "constraint",    "index",       "trigger",           "policy",     "schema",    "rule",
    "attribute",     "collation",   "statistics",        "conversion", "event trigger",
    "publication",   "server",      "text search configuration", "text search dictionary",
    "text search parser", "text search template", NULL};

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

static const gw_object_rename *rename_of(const gw_diff *d, const gw_object *x)
{
    for (size_t i = 0; i < d->renamed.len; i++)
        if (d->renamed.items[i].object == x)
            return &d->renamed.items[i];
    return NULL;
}

/* What a schema of x is called once schemas are renamed. */
static const char *schema_after(const gw_diff *d, const char *schema)
{
    for (size_t i = 0; schema && i < d->renamed.len; i++)
        if (strcmp(d->renamed.items[i].object->kind->name, "schema") == 0 &&
            same(d->renamed.items[i].object->name, schema))
            return d->renamed.items[i].to;
    return schema;
}

/* How y knows something in this schema: functions by their arguments, too. */
static const gw_object *find_in_y(const gw_diff *d, gw_arena *arena, const gw_object *x,
                                  const char *schema, const char *name)
{
    const char *key = gw_display_name(arena, schema, name);
    if (x->args)
        key = gw_printf(arena, "%s(%s)", key, x->args);
    return gw_schema_find(d->y, x->kind->name, key);
}

/* What x is called in y: its own new name, in its table's new name and place. */
static const gw_object *in_y(const gw_diff *d, gw_arena *arena, const gw_object *x,
                             const char *new_name)
{
    if (!x->parent)
        return find_in_y(d, arena, x, schema_after(d, x->schema), new_name);
    const gw_object_rename *table = rename_of(d, x->parent);
    const char *schema = table && table->to_schema ? table->to_schema
                                                   : schema_after(d, x->parent->schema);
    return gw_schema_find(d->y, x->kind->name,
                          gw_printf(arena, "%s.%s",
                                    gw_display_name(arena, schema,
                                                    table ? table->to : x->parent->name),
                                    gw_display_name(arena, NULL, new_name)));
}

static size_t rank(const gw_object *o)
{
    size_t i = 0;
    while (kinds[i] && strcmp(kinds[i], o->kind->name) != 0)
        i++;
    return i;
}

/* Where a new name with a schema in it puts an object; NULL: where it is. */
static const char *moves_to(const gw_diff *d, const gw_object *o, const spec *new)
{
    const char *schema = new->count == 2 ? new->parts[0] : NULL;
    return o->parent || !o->schema || !schema || same(schema_after(d, o->schema), schema) ? NULL
                                                                                         : schema;
}

/* Is o, as it is, gone in y, and there under its new name? */
static bool fits(const gw_diff *d, gw_arena *arena, const gw_object *o, const spec *new)
{
    const char *name = new->parts[new->count - 1], *to = moves_to(d, o, new);
    if (in_y(d, arena, o, o->name))
        return false;
    return to ? find_in_y(d, arena, o, to, name) != NULL : in_y(d, arena, o, name) != NULL;
}

/* The object of x that is called so, and that y has under its new name. */
static const gw_object *find(const gw_diff *d, gw_arena *arena, const spec *old, const spec *new)
{
    const gw_object *best = NULL;
    for (size_t i = 0; i < d->x->objects.len; i++) {
        const gw_object *o = d->x->objects.items[i];
        if (kinds[rank(o)] && is_named(o, old) && fits(d, arena, o, new) &&
            (!best || rank(o) < rank(best)))
            best = o;
    }
    return best;
}

static gw_object_rename *add(gw_diff *d, gw_arena *arena, const gw_object *object, const char *to,
                             const char *to_schema)
{
    if (rename_of(d, object))
        return NULL;
    gw_object_rename *r = gw_vec_push(arena, &d->renamed);
    *r = (gw_object_rename){object, gw_strdup(arena, to),
                            to_schema ? gw_strdup(arena, to_schema) : NULL, NULL};
    return r;
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

static void say(gw_diff *d, gw_arena *arena, const gw_object *object, const char *sql)
{
    *gw_vec_push(arena, &d->renames) =
        (gw_ddl_statement){.sql = sql, .object = object, .action = GW_DDL_RENAME};
}

/* A schema that something moves to has to be there; the plan makes it what it should be. */
static void make_schema(gw_diff *d, gw_arena *arena, const char *name)
{
    const char *ident = gw_quote_ident(arena, name);
    const char *sql = gw_printf(arena, "CREATE SCHEMA %s", ident);
    for (size_t i = 0; i < d->x->objects.len; i++)
        if (strcmp(d->x->objects.items[i]->kind->name, "schema") == 0 &&
            strcmp(d->x->objects.items[i]->name, name) == 0)
            return;
    for (size_t i = 0; i < d->renames.len; i++)
        if (strcmp(d->renames.items[i].sql, sql) == 0)
            return;
    say(d, arena, gw_schema_find(d->y, "schema", gw_display_name(arena, NULL, name)), sql);
}

static void say_rename(gw_diff *d, gw_arena *arena, const gw_object_rename *r)
{
    const gw_object *o = r->object;
    if (strcmp(r->to, o->name) != 0)
        say(d, arena, o, statement(arena, r));
    if (!r->to_schema)
        return;
    const char *ref = gw_quote_name(arena, o->schema, r->to);
    if (o->args)
        ref = gw_printf(arena, "%s(%s)", ref, o->args);
    make_schema(d, arena, r->to_schema);
    say(d, arena, o,
        gw_printf(arena, "ALTER %s %s SET SCHEMA %s", word_of(o), ref,
                  gw_quote_ident(arena, r->to_schema)));
}

/* Parts first, then what goes with a table, then the rest, schemas last: each may use the names as
 * they were. */
static int turn_of(const gw_object_rename *r)
{
    return r->object->parent                                    ? 0
           : r->with                                            ? 1
           : strcmp(r->object->kind->name, "schema") == 0       ? 3
                                                                : 2;
}

static void add_statements(gw_diff *d, gw_arena *arena)
{
    for (int turn = 0; turn < 4; turn++)
        for (size_t i = 0; i < d->renamed.len; i++)
            if (turn_of(&d->renamed.items[i]) == turn)
                say_rename(d, arena, &d->renamed.items[i]);
}

/* "old_pkey" → "new_pkey"; NULL: the name does not begin with the table's. */
static const char *followed(gw_arena *arena, const gw_object *o, const char *old, const char *new)
{
    size_t len = strlen(old);
    return strncmp(o->name, old, len) == 0 && o->name[len] == '_'
               ? gw_printf(arena, "%s%s", new, o->name + len)
               : NULL;
}

/* A sequence goes where its table goes. */
static const gw_object *follower_in_y(const gw_diff *d, gw_arena *arena, const gw_object *o,
                                      const gw_object_rename *table, const char *name)
{
    return o->parent || !table->to_schema ? in_y(d, arena, o, name)
                                          : find_in_y(d, arena, o, table->to_schema, name);
}

/* Constraints, indexes and sequences that carry their table's name and have the new one in y. */
static void add_followers(gw_diff *d, gw_arena *arena)
{
    size_t said = d->renamed.len;
    for (size_t i = 0; i < said; i++) {
        gw_object_rename table = d->renamed.items[i];
        for (size_t k = 0; strcmp(table.object->kind->name, "table") == 0 && k < d->x->objects.len;
             k++) {
            const gw_object *o = d->x->objects.items[k];
            bool part = o->parent == table.object && strcmp(o->kind->name, "column") != 0;
            bool sequence = strcmp(o->kind->name, "sequence") == 0 &&
                            same(o->schema, table.object->schema);
            const char *to = (part || sequence) && kinds[rank(o)]
                                 ? followed(arena, o, table.object->name, table.to)
                                 : NULL;
            if (!to || strcmp(to, o->name) == 0 || !follower_in_y(d, arena, o, &table, to) ||
                follower_in_y(d, arena, o, &table, o->name))
                continue;
            gw_object_rename *added = add(d, arena, o, to, NULL);
            if (added && sequence)
                added->with = table.object;
        }
    }
}

/* ---- what was said ------------------------------------------------------------------------------ */

/* Schemas first, then what is in them, then parts: each is looked for under what came before. */
enum { SCHEMAS, OBJECTS, PARTS, PASSES };

static int pass_of(const gw_object *o)
{
    return o->parent ? PARTS : strcmp(o->kind->name, "schema") == 0 ? SCHEMAS : OBJECTS;
}

/* Of a function all that are called so: those with the same arguments in y. */
static void add_all(gw_diff *d, gw_arena *arena, const gw_object *object, const spec *old,
                    const spec *new)
{
    for (size_t i = 0; i < d->x->objects.len; i++) {
        const gw_object *o = d->x->objects.items[i];
        if (o == object || (o->args && o->kind == object->kind && is_named(o, old) &&
                            fits(d, arena, o, new)))
            add(d, arena, o, new->parts[new->count - 1], moves_to(d, o, new));
    }
}

static bool take_option(gw_comparison *c, const char *text, int pass, gw_err *err)
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
    const gw_object *object = find(d, arena, &old, &new);
    if (object && pass_of(object) <= pass) {
        add_all(d, arena, object, &old, &new);
        return true;
    }
    if (object || pass < PASSES - 1)
        return true; /* in a later pass */
    gw_err_set(err, GW_ERR_USAGE, "--rename %s: nothing in %s is called so that %s has as %s", text,
               c->x.shown, c->y.shown, equals + 1);
    return gw_err_hint(err, "OLD has to be there in the first schema and not in the second, NEW in "
                            "the second");
}

/* Is the hint about this object of y? An index is known by its own name, not as a part. */
static bool is_hinted(const gw_object *o, const gw_rename_hint *h)
{
    bool alone = !o->parent || (o->kind->flags & GW_KIND_RELATION);
    const gw_object *top = h->child ? o->parent : o;
    if (!kinds[rank(o)] || !top || (h->child ? top->parent != NULL : !alone))
        return false;
    const char *schema = o->parent && !h->child ? o->parent->schema : top->schema;
    return strcmp(top->name, h->name) == 0 && (!h->schema || same(schema, h->schema)) &&
           (!h->child || strcmp(o->name, h->child) == 0);
}

/* y comes from o: in its own schema where the hint names none. */
static void take_hint_for(gw_diff *d, gw_arena *arena, const gw_object *y, const spec *old,
                          bool child)
{
    const char *schema = !child && old->count == 2 ? old->parts[0] : NULL;
    for (size_t i = 0; i < d->x->objects.len; i++) {
        const gw_object *o = d->x->objects.items[i];
        bool top = !o->parent && o->schema;
        if (o->kind != y->kind || strcmp(o->name, old->parts[old->count - 1]) != 0 ||
            (o->args && !same(o->args, y->args)) || in_y(d, arena, o, o->name))
            continue;
        if (top && schema && !same(o->schema, schema))
            continue;
        const char *to = top && schema && !same(schema_after(d, schema), y->schema) ? y->schema
                                                                                   : NULL;
        if (to || in_y(d, arena, o, y->name) == y)
            add(d, arena, o, y->name, to);
    }
}

/* A hint whose old name is gone has done its work: it may stay. */
static bool take_hint(gw_comparison *c, const gw_rename_hint *h, int pass, gw_err *err)
{
    gw_diff *d = &c->diff;
    spec old;
    if (!read_name(c->trial->arena, h->old, &old)) {
        gw_err_set(err, GW_ERR_INPUT, "\"renamed from %s\": that is no name", h->old);
        return gw_err_at(err, h->file, h->line, 1);
    }
    for (size_t i = 0; i < d->y->objects.len; i++) {
        const gw_object *y = d->y->objects.items[i];
        if (is_hinted(y, h) && pass_of(y) == pass)
            take_hint_for(d, c->trial->arena, y, &old, h->child != NULL);
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
    for (int pass = 0; pass < PASSES; pass++) {
        for (size_t i = 0; i < options->rename_count; i++)
            if (!take_option(c, options->renames[i], pass, err))
                return false;
        for (size_t i = 0; i < hints.len; i++)
            if (!take_hint(c, &hints.items[i], pass, err))
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

/* The schema as x called it before. */
static const char *schema_before(const gw_diff *d, const char *schema)
{
    for (size_t i = 0; schema && i < d->renamed.len; i++)
        if (strcmp(d->renamed.items[i].object->kind->name, "schema") == 0 &&
            strcmp(d->renamed.items[i].to, schema) == 0)
            return d->renamed.items[i].object->name;
    return schema;
}

const gw_object *gw_renames_original(void *self, const gw_object *object)
{
    const gw_diff *d = self;
    const gw_object *parent = object->parent ? gw_renames_original(self, object->parent) : NULL;
    if (!d->renamed.len)
        return object;
    for (size_t i = 0; i < d->renamed.len; i++) {
        const gw_object_rename *r = &d->renamed.items[i];
        const char *schema = r->to_schema ? r->to_schema : schema_after(d, r->object->schema);
        const gw_object_rename *with = r->with ? rename_of(d, r->with) : NULL;
        if (with && with->to_schema)
            schema = with->to_schema;
        if (r->object->kind == object->kind && strcmp(r->to, object->name) == 0 &&
            (!object->args || same(r->object->args, object->args)) &&
            (parent ? r->object->parent == parent
                    : same(schema, object->schema) || (!schema && !object->schema)))
            return r->object;
    }
    if (!parent) {
        const char *key = gw_display_name(d->before->arena, schema_before(d, object->schema),
                                          object->name);
        if (object->args)
            key = gw_printf(d->before->arena, "%s(%s)", key, object->args);
        const gw_object *found = gw_schema_find(d->before, object->kind->name, key);
        return found ? found : object;
    }
    for (size_t i = 0; i < parent->children.len; i++) {
        const gw_object *child = parent->children.items[i].object;
        if (child->kind == object->kind && strcmp(child->name, object->name) == 0)
            return child;
    }
    return object;
}
