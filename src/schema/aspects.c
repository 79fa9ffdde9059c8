/* Owner, comment, privileges, security labels: what every kind of object may have. */
#include <string.h>

#include "base/buf.h"
#include "schema/internal.h"
#include "schema/kinds/kinds.h"
#include "sql/quote.h"

typedef GW_VEC(const char *) texts;

/* What of a sorted list is not in the other. */
static texts only_in(gw_arena *arena, const char *const *items, size_t count,
                     const char *const *other, size_t other_count)
{
    texts list = {0};
    for (size_t i = 0; i < count; i++) {
        bool found = false;
        for (size_t j = 0; j < other_count && !found; j++)
            found = strcmp(items[i], other[j]) == 0;
        if (!found)
            *gw_vec_push(arena, &list) = items[i];
    }
    return list;
}

static bool owner_differs(const gw_object *x, const gw_object *y, const gw_ddl_options *options)
{
    if (options->no_owner || !y->owner || (y->kind->flags & GW_KIND_NO_OWNER_CLAUSE))
        return false;
    if (x)
        return x->owner && strcmp(x->owner, y->owner) != 0;
    return !options->runner || strcmp(options->runner, y->owner) != 0;
}

static bool privileges_differ(const gw_object *x, const gw_object *y,
                              const gw_ddl_options *options)
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

static privilege read_privilege(gw_arena *arena, const gw_object *o, const char *text)
{
    privilege p = {.granted = *text == '+'};
    const char *equals = strrchr(text, '=');
    p.grantee = gw_strndup(arena, text + 1, (size_t)(equals - text - 1));
    if (strcmp(p.grantee, "~") == 0)
        p.grantee = o->owner ? gw_ddl_name(arena, o->owner) : "CURRENT_USER";
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
static void apply(gw_ddl *ddl, const gw_object *o, const texts *items, bool reverse, bool grants)
{
    gw_buf list = GW_BUF(ddl->arena);
    privilege last = {0};
    for (size_t i = 0; i < items->len; i++) {
        privilege p = read_privilege(ddl->arena, o, items->items[i]);
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

static void privileges(gw_ddl *ddl, const gw_object *x, const gw_object *y)
{
    size_t count = x ? x->privileges.len : 0;
    const char *const *had = x ? x->privileges.items : NULL;
    texts gone = only_in(ddl->arena, had, count, y->privileges.items, y->privileges.len);
    texts come = only_in(ddl->arena, y->privileges.items, y->privileges.len, had, count);
    apply(ddl, y, &gone, true, false);
    apply(ddl, y, &come, false, false);
    apply(ddl, y, &gone, true, true);
    apply(ddl, y, &come, false, true);
}

static void labels(gw_ddl *ddl, const gw_object *x, const gw_object *y)
{
    texts gone = only_in(ddl->arena, x ? x->labels.items : NULL, x ? x->labels.len : 0,
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
                   y->ref, gw_ddl_name(ddl->arena, y->owner));
    if (!gw_same_text(x ? x->comment : NULL, y->comment) && target(ddl, y))
        gw_ddl_add(ddl, 0, "COMMENT ON %s IS %s", target(ddl, y),
                   y->comment ? gw_quote_literal(ddl->arena, y->comment) : "NULL");
    if (privileges_differ(x, y, &ddl->options))
        privileges(ddl, x, y);
    if (labels_differ(x, y))
        labels(ddl, x, y);
}
