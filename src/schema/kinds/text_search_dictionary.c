#include <string.h>

#include "schema/kinds/kinds.h"

enum { TEMPLATE, OPTIONS };
static const gw_attr attrs[] = {{"template", 0}, {"options", 0}, {NULL, 0}};

static void create(gw_ddl *ddl, const gw_object *o)
{
    const char *options = o->values[OPTIONS];
    gw_ddl_add(ddl, 0, "CREATE TEXT SEARCH DICTIONARY %s (TEMPLATE = %s%s%s)", o->ref,
               o->values[TEMPLATE], options ? ", " : "", options ? options : "");
}

/* The end of one "name = 'value'", where ", " or the end stands. */
static const char *option_end(const char *p)
{
    for (char quote = 0; *p; p++) {
        if (quote)
            quote = *p == quote ? 0 : quote;
        else if (*p == '\'' || *p == '"')
            quote = *p;
        else if (*p == ',')
            break;
    }
    return p;
}

/* Options of x that y does not have, as ALTER takes them away: their names alone. */
static void taken_away(gw_buf *list, const char *x, const char *y)
{
    for (const char *p = x ? x : ""; *p;) {
        const char *end = option_end(p);
        size_t name = (size_t)(strstr(p, " = ") - p) + 3;
        bool stays = false;
        for (const char *q = y ? y : ""; *q && !stays;) {
            const char *q_end = option_end(q);
            stays = strncmp(p, q, name) == 0;
            q = *q_end ? q_end + 2 : q_end;
        }
        if (!stays)
            gw_buf_addf(list, "%s%.*s", list->len ? ", " : "", (int)name - 3, p);
        p = *end ? end + 2 : end;
    }
}

static bool can_alter(const gw_object *x, const gw_object *y, gw_changed changed)
{
    (void)x;
    (void)y;
    return !(changed & GW_BIT(TEMPLATE));
}

static void alter(gw_ddl *ddl, const gw_object *x, const gw_object *y, gw_changed changed)
{
    (void)changed;
    gw_buf list = GW_BUF(ddl->arena);
    if (y->values[OPTIONS])
        gw_buf_add(&list, y->values[OPTIONS]);
    taken_away(&list, x->values[OPTIONS], y->values[OPTIONS]);
    gw_ddl_add(ddl, 0, "ALTER TEXT SEARCH DICTIONARY %s (%s)", y->ref, gw_buf_str(&list));
}

const gw_kind gw_kind_text_search_dictionary = {
    .name = "text search dictionary",
    .keyword = "TEXT SEARCH DICTIONARY",
    .sql = &gw_sql_text_search_dictionaries,
    .classid = GW_CLASS_TS_DICT,
    .attrs = attrs,
    .create = create,
    .can_alter = can_alter,
    .alter = alter,
};
