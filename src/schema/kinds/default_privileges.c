/*
 * ALTER DEFAULT PRIVILEGES. Every change of them comes at the end of a plan: while it runs, those of
 * the first schema are in force, and aspects.c takes what they gave to new objects into account.
 */
#include <string.h>

#include "schema/kinds/kinds.h"

enum { ROLE, IN_SCHEMA, SORT, WORD, GRANTS };
static const gw_attr attrs[] = {{"role", 0}, {"in_schema", 0}, {"sort", 0},
                                {"word", 0}, {"grants", 0},    {NULL, 0}};

gw_texts gw_default_grants(gw_arena *arena, const gw_object *o)
{
    gw_texts list = {0};
    bool quoted = false;
    const char *start = o->values[GRANTS] ? o->values[GRANTS] : "";
    for (const char *p = start; *start; p++) {
        quoted ^= *p == '"'; /* a role's name may hold a line's end */
        if (*p != '\0' && (*p != '\n' || quoted))
            continue;
        *gw_vec_push(arena, &list) = gw_strndup(arena, start, (size_t)(p - start));
        start = *p ? p + 1 : p;
    }
    return list;
}

static bool among(const gw_texts *list, const char *text)
{
    for (size_t i = 0; i < list->len; i++)
        if (strcmp(list->items[i], text) == 0)
            return true;
    return false;
}

/* "+role=SELECT*" said, or taken back. */
static void say(gw_ddl *ddl, const gw_object *o, const char *text, bool back)
{
    bool grants = (*text == '+') != back;
    const char *equals = strrchr(text, '=');
    size_t len = strlen(equals + 1);
    bool option = len && equals[len] == '*';
    const char *grantee = gw_strndup(ddl->arena, text + 1, (size_t)(equals - text - 1));
    if (strcmp(grantee, "~") == 0)
        grantee = o->values[ROLE];
    gw_ddl_late(ddl, 0, "ALTER DEFAULT PRIVILEGES FOR ROLE %s%s%s %s %.*s ON %s %s %s%s",
                o->values[ROLE], o->values[IN_SCHEMA] ? " IN SCHEMA " : "",
                o->values[IN_SCHEMA] ? o->values[IN_SCHEMA] : "", grants ? "GRANT" : "REVOKE",
                (int)(option ? len - 1 : len), equals + 1, o->values[WORD],
                grants ? "TO" : "FROM", grantee, grants && option ? " WITH GRANT OPTION" : "");
}

static void change(gw_ddl *ddl, const gw_object *o, const gw_texts *gone, const gw_texts *come)
{
    for (int pass = 0; pass < 2; pass++) { /* what is revoked first */
        for (size_t i = 0; i < gone->len; i++)
            if (!among(come, gone->items[i]) && (*gone->items[i] == '-') == (pass == 1))
                say(ddl, o, gone->items[i], true);
        for (size_t i = 0; i < come->len; i++)
            if (!among(gone, come->items[i]) && (*come->items[i] == '+') == (pass == 1))
                say(ddl, o, come->items[i], false);
    }
}

static void create(gw_ddl *ddl, const gw_object *o)
{
    gw_texts none = {0}, come = gw_default_grants(ddl->arena, o);
    change(ddl, o, &none, &come);
}

static void drop(gw_ddl *ddl, const gw_object *o)
{
    gw_texts none = {0}, gone = gw_default_grants(ddl->arena, o);
    change(ddl, o, &gone, &none);
}

static bool can_alter(const gw_object *x, const gw_object *y, gw_changed changed)
{
    (void)x;
    (void)y;
    (void)changed;
    return true;
}

static void alter(gw_ddl *ddl, const gw_object *x, const gw_object *y, gw_changed changed)
{
    (void)changed;
    gw_texts gone = gw_default_grants(ddl->arena, x), come = gw_default_grants(ddl->arena, y);
    change(ddl, y, &gone, &come);
}

const gw_kind gw_kind_default_privileges = {
    .name = "default privileges",
    .keyword = "DEFAULT PRIVILEGES",
    .sql = &gw_sql_default_privileges,
    .classid = GW_CLASS_DEFAULT_ACL,
    .attrs = attrs,
    .comment_target = gw_no_comment,
    .create = create,
    .drop = drop,
    .can_alter = can_alter,
    .alter = alter,
};
