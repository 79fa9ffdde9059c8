/* Owner, comment, privileges, security labels: what every kind of object may have. */
#include <string.h>

#include "base/buf.h"
#include "schema/internal.h"
#include "schema/kinds/kinds.h"
#include "sql/quote.h"

/* What of a sorted list is not in the other. */
static gw_texts only_in(gw_arena *arena, const char *const *items, size_t count,
                        const char *const *other, size_t other_count)
{
    gw_texts list = {0};
    for (size_t i = 0; i < count; i++) {
        bool found = false;
        for (size_t j = 0; j < other_count && !found; j++)
            found = strcmp(items[i], other[j]) == 0;
        if (!found)
            *gw_vec_push(arena, &list) = items[i];
    }
    return list;
}

/* Schema public is there from the start; without an owner it has the one that it was made with. */
static bool owner_of_public_differs(const gw_object *x, const gw_object *y)
{
    return x && x->kind == &gw_kind_schema && strcmp(y->name, "public") == 0 &&
           !gw_same_text(x->owner, y->owner);
}

static bool owner_differs(const gw_object *x, const gw_object *y, const gw_ddl_options *options)
{
    if (!options->no_owner && owner_of_public_differs(x, y))
        return true;
    if (options->no_owner || !y->owner || (y->kind->flags & GW_KIND_NO_OWNER_CLAUSE))
        return false;
    /* the owner of a column's sequence is that of the table, whose ALTER takes it along */
    if (x && x->kind == &gw_kind_sequence && gw_object_value(y, "owned_by") &&
        gw_same_text(gw_object_value(x, "owned_by"), gw_object_value(y, "owned_by")))
        return false;
    if (x)
        return x->owner && strcmp(x->owner, y->owner) != 0;
    return !options->runner || strcmp(options->runner, y->owner) != 0;
}

static bool privileges_differ(const gw_object *x, const gw_object *y, const gw_ddl_options *options)
{
    if (options->no_privileges || !y->kind->grant_word)
        return false;
    size_t count = x ? x->privileges.len : 0;
    if (count != y->privileges.len)
        return true;
    for (size_t i = 0; i < count; i++)
        if (strcmp(x->privileges.items[i], y->privileges.items[i]) != 0)
            return true;
    return false;
}

static bool labels_differ(const gw_object *x, const gw_object *y)
{
    size_t count = x ? x->labels.len : 0;
    if (count != y->labels.len)
        return true;
    for (size_t i = 0; i < count; i++)
        if (strcmp(x->labels.items[i], y->labels.items[i]) != 0)
            return true;
    return false;
}

bool gw_aspects_differ(gw_arena *arena, const gw_object *x, const gw_object *y,
                       const gw_ddl_options *options, gw_change *change)
{
    size_t before = change->details.len;
    if (owner_differs(x, y, options))
        *gw_vec_push(arena, &change->details) = "owner";
    if (!gw_same_text(x ? x->comment : NULL, y->comment))
        *gw_vec_push(arena, &change->details) = "comment";
    if (privileges_differ(x, y, options))
        *gw_vec_push(arena, &change->details) = "privileges";
    if (labels_differ(x, y))
        *gw_vec_push(arena, &change->details) = "security labels";
    return change->details.len > before;
}

static const char *target(gw_ddl *ddl, const gw_object *o)
{
    const gw_kind *kind = o->kind;
    if (kind->comment_target)
        return kind->comment_target(ddl->arena, o);
    return gw_printf(ddl->arena, "%s %s", kind->word ? kind->word(o) : kind->keyword, o->ref);
}

/* "+role=SELECT*": sign, grantee, privilege, grant option. */
typedef struct privilege {
    bool granted, option;
    const char *grantee, *what;
} privilege;

static const char *owner_of(const gw_object *o)
{
    return o->kind == &gw_kind_column ? o->parent->owner : o->owner;
}

/* Who owns what has no owner said: schema public as it was made. Below 14 that is the superuser who
 * made the cluster: as good as whoever runs this. */
static const char *first_owner(const gw_ddl *ddl, const gw_object *o)
{
    return o->kind == &gw_kind_schema && ddl->server_version >= 140000 ? "pg_database_owner"
                                                                       : "CURRENT_USER";
}

static privilege read_privilege(gw_ddl *ddl, const gw_object *o, const char *text)
{
    gw_arena *arena = ddl->arena;
    privilege p = {.granted = *text == '+'};
    const char *equals = strrchr(text, '=');
    p.grantee = gw_strndup(arena, text + 1, (size_t)(equals - text - 1));
    const char *owner = owner_of(o);
    if (strcmp(p.grantee, "~") == 0)
        p.grantee = owner ? gw_ddl_name(arena, owner) : first_owner(ddl, o);
    size_t len = strlen(equals + 1);
    p.option = len && equals[len] == '*';
    p.what = gw_strndup(arena, equals + 1, p.option ? len - 1 : len);
    return p;
}

static const char *grant_object(gw_ddl *ddl, const gw_object *o)
{
    const gw_object *on = o->kind == &gw_kind_column ? o->parent : o;
    const char *word = o->kind->grant_word;
    if (o->kind == &gw_kind_routine)
        word = o->kind->word(o);
    if (o->kind == &gw_kind_aggregate) /* a list of types, without ORDER BY */
        return gw_printf(ddl->arena, "%s %s(%s)", word,
                         gw_display_name(ddl->arena, o->schema, o->name), o->args);
    return gw_printf(ddl->arena, "%s %s", word, on->ref);
}

static void say(gw_ddl *ddl, const gw_object *o, const privilege *p, bool grant, const char *list)
{
    const char *object = grant_object(ddl, o);
    if (grant)
        gw_ddl_add(ddl, 0, "GRANT %s ON %s TO %s%s", list, object, p->grantee,
                   p->option ? " WITH GRANT OPTION" : "");
    else
        gw_ddl_add(ddl, 0, "REVOKE %s ON %s FROM %s", list, object, p->grantee);
}

/* One statement for neighbours that go the same way to the same role. `reverse`: what was granted
 * is revoked, and the other way round. */
static void apply(gw_ddl *ddl, const gw_object *o, const gw_texts *items, bool reverse, bool grants)
{
    gw_buf list = GW_BUF(ddl->arena);
    privilege last = {0};
    for (size_t i = 0; i < items->len; i++) {
        privilege p = read_privilege(ddl, o, items->items[i]);
        if ((p.granted != reverse) != grants)
            continue;
        bool joins = list.len && p.option == last.option && strcmp(p.grantee, last.grantee) == 0;
        if (list.len && !joins) {
            say(ddl, o, &last, grants, gw_strdup(ddl->arena, list.data));
            gw_buf_clear(&list);
        }
        gw_buf_addf(&list, "%s%s", list.len ? ", " : "", p.what);
        if (o->kind == &gw_kind_column)
            gw_buf_addf(&list, " (%s)", o->ref);
        last = p;
    }
    if (list.len)
        say(ddl, o, &last, grants, list.data);
}

/* Which default privileges meet a new object of this kind; 0: none do. */
static char default_sort(const gw_object *o)
{
    static const struct {
        const char *word;
        char sort;
    } sorts[] = {{"TABLE", 'r'}, {"SEQUENCE", 'S'}, {"ROUTINE", 'f'}, {"FUNCTION", 'f'},
                 {"TYPE", 'T'},  {"DOMAIN", 'T'},   {"SCHEMA", 'n'}};
    for (size_t i = 0; i < sizeof sorts / sizeof *sorts && o->kind->grant_word; i++)
        if (strcmp(o->kind->grant_word, sorts[i].word) == 0)
            return o->kind == &gw_kind_column ? 0 : sorts[i].sort;
    return 0;
}

static void remove_text(gw_texts *list, size_t at)
{
    memmove(&list->items[at], &list->items[at + 1], (list->len - at - 1) * sizeof *list->items);
    list->len--;
}

/* A schema's default privileges are added to those of everywhere, which may have revoked some. */
static void give(gw_arena *arena, gw_texts *given, const char *text, const char *owner, char sort)
{
    const char *grantee = text + 1, *equals = strrchr(text, '=');
    size_t len = (size_t)(equals - grantee);
    if (*text == '+' && owner && strlen(owner) == len && strncmp(grantee, owner, len) == 0)
        return; /* has them all as the owner */
    for (size_t i = 0; i < given->len; i++) {
        if (strcmp(given->items[i] + 1, text + 1) != 0)
            continue;
        if (*given->items[i] != *text)
            remove_text(given, i);
        return;
    }
    /* PostgreSQL itself gives everybody EXECUTE on routines and USAGE on types. */
    const char *born = sort == 'f' ? "+PUBLIC=EXECUTE" : sort == 'T' ? "+PUBLIC=USAGE" : "";
    if (strcmp(text, born) != 0)
        *gw_vec_push(arena, given) = text;
}

/* What the runner's default privileges, as they are in force while the plan runs, give to a new
 * object. */
static gw_texts given_by_default(gw_ddl *ddl, const gw_object *y)
{
    gw_texts given = {0};
    char sort = default_sort(y);
    const char *owner = y->owner ? gw_ddl_name(ddl->arena, y->owner) : NULL;
    const char *schema = y->schema ? gw_ddl_name(ddl->arena, y->schema) : NULL;
    for (int pass = 0; pass < 2 && sort && ddl->options.runner; pass++)
        for (size_t i = 0; i < ddl->from->objects.len; i++) {
            const gw_object *o = ddl->from->objects.items[i];
            if (o->kind != &gw_kind_default_privileges ||
                strcmp(o->name, ddl->options.runner) != 0 || *gw_object_value(o, "sort") != sort)
                continue;
            const char *in_schema = gw_object_value(o, "in_schema");
            if (pass ? !in_schema || !schema || strcmp(in_schema, schema) != 0 : in_schema != NULL)
                continue;
            gw_texts grants = gw_default_grants(ddl->arena, o);
            for (size_t g = 0; g < grants.len; g++)
                if (!pass || strncmp(grants.items[g], "+~=", 3) != 0)
                    give(ddl->arena, &given, grants.items[g], owner, sort);
        }
    return given;
}

/* What x has when its owner has become y's: what the new owner was granted is the owner's now. */
static gw_texts handed_over(gw_ddl *ddl, const gw_object *x, const gw_object *y)
{
    gw_texts list = {0};
    const char *old = owner_of(x), *new = owner_of(y);
    bool moved = new && (old ? strcmp(old, new) != 0 : owner_of_public_differs(x, y)) &&
                 !ddl->options.no_owner;
    const char *grantee = moved ? gw_ddl_name(ddl->arena, new) : "";
    size_t len = strlen(grantee);
    for (size_t i = 0; i < x->privileges.len; i++) {
        const char *text = x->privileges.items[i];
        bool of_owner =
            moved && *text == '+' && strncmp(text + 1, grantee, len) == 0 && text[len + 1] == '=';
        if (of_owner && y->kind == &gw_kind_column)
            *gw_vec_push(ddl->arena, &list) = gw_printf(ddl->arena, "+~%s", text + len + 1);
        else if (!of_owner)
            *gw_vec_push(ddl->arena, &list) = text;
    }
    return list;
}

static void privileges(gw_ddl *ddl, const gw_object *x, const gw_object *y)
{
    gw_texts had = x ? handed_over(ddl, x, y) : given_by_default(ddl, y);
    gw_texts gone = only_in(ddl->arena, had.items, had.len, y->privileges.items, y->privileges.len);
    gw_texts come = only_in(ddl->arena, y->privileges.items, y->privileges.len, had.items, had.len);
    apply(ddl, y, &gone, true, false);
    apply(ddl, y, &come, false, false);
    apply(ddl, y, &gone, true, true);
    apply(ddl, y, &come, false, true);
}

static void labels(gw_ddl *ddl, const gw_object *x, const gw_object *y)
{
    gw_texts gone = only_in(ddl->arena, x ? x->labels.items : NULL, x ? x->labels.len : 0,
                            y->labels.items, y->labels.len);
    for (size_t pass = 0; pass < 2; pass++) {
        size_t count = pass ? y->labels.len : gone.len;
        for (size_t i = 0; i < count; i++) {
            const char *text = pass ? y->labels.items[i] : gone.items[i];
            int provider = (int)strcspn(text, "=");
            gw_ddl_add(ddl, 0, "SECURITY LABEL FOR %.*s ON %s IS %s", provider, text,
                       target(ddl, y),
                       pass ? gw_quote_literal(ddl->arena, text + provider + 1) : "NULL");
        }
    }
}

void gw_aspects_render(gw_ddl *ddl, const gw_object *x, const gw_object *y)
{
    const gw_kind *kind = y->kind;
    if (owner_differs(x, y, &ddl->options))
        gw_ddl_add(ddl, 0, "ALTER %s %s OWNER TO %s", kind->word ? kind->word(y) : kind->keyword,
                   y->ref, y->owner ? gw_ddl_name(ddl->arena, y->owner) : first_owner(ddl, y));
    if (!gw_same_text(x ? x->comment : NULL, y->comment) && target(ddl, y))
        gw_ddl_add(ddl, 0, "COMMENT ON %s IS %s", target(ddl, y),
                   y->comment ? gw_quote_literal(ddl->arena, y->comment) : "NULL");
    if (!ddl->options.no_privileges && kind->grant_word &&
        (!x || privileges_differ(x, y, &ddl->options)))
        privileges(ddl, x, y);
    if (labels_differ(x, y))
        labels(ddl, x, y);
}
