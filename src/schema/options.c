/* Lists of options as the reader's SQL writes them: name='value', name='value' for storage
 * parameters, name 'value' for foreign objects. */
#include <string.h>

#include "schema/kinds/kinds.h"

typedef struct option {
    const char *name, *value; /* as SQL */
} option;

typedef GW_VEC(option) options;

/* The end of a quoted text that begins at p, or of a bare word. */
static const char *item_end(const char *p)
{
    if (*p == 'E' && p[1] == '\'')
        p++;
    char quote = *p == '"' || *p == '\'' ? *p++ : 0;
    if (!quote) {
        while (*p && *p != '=' && *p != ' ' && *p != ',')
            p++;
        return p;
    }
    while (*p) {
        if (*p == quote && p[1] == quote)
            p += 2;
        else if (*p == quote)
            return p + 1;
        else
            p++;
    }
    return p;
}

static options read_options(gw_arena *arena, const char *text)
{
    options list = {0};
    for (const char *p = text ? text : ""; *p;) {
        option *one = gw_vec_push(arena, &list);
        const char *end = item_end(p);
        one->name = gw_strndup(arena, p, (size_t)(end - p));
        p = *end ? end + 1 : end; /* '=' or ' ' */
        end = item_end(p);
        one->value = gw_strndup(arena, p, (size_t)(end - p));
        p = end;
        if (strncmp(p, ", ", 2) == 0)
            p += 2;
        else
            break;
    }
    return list;
}

static const option *find(const options *list, const char *name)
{
    for (size_t i = 0; i < list->len; i++)
        if (strcmp(list->items[i].name, name) == 0)
            return &list->items[i];
    return NULL;
}

static void comma(gw_buf *buf)
{
    if (buf->len)
        gw_buf_add(buf, ", ");
}

void gw_alter_options(gw_ddl *ddl, const char *before, const char *x, const char *y)
{
    options old = read_options(ddl->arena, x), new = read_options(ddl->arena, y);
    gw_buf set = GW_BUF(ddl->arena), reset = GW_BUF(ddl->arena);
    for (size_t i = 0; i < new.len; i++) {
        const option *was = find(&old, new.items[i].name);
        if (was && strcmp(was->value, new.items[i].value) == 0)
            continue;
        comma(&set);
        gw_buf_addf(&set, "%s=%s", new.items[i].name, new.items[i].value);
    }
    for (size_t i = 0; i < old.len; i++)
        if (!find(&new, old.items[i].name)) {
            comma(&reset);
            gw_buf_add(&reset, old.items[i].name);
        }
    if (reset.len)
        gw_ddl_add(ddl, 0, "%s RESET (%s)", before, reset.data);
    if (set.len)
        gw_ddl_add(ddl, 0, "%s SET (%s)", before, set.data);
}

void gw_alter_foreign_options(gw_ddl *ddl, const char *before, const char *x, const char *y)
{
    options old = read_options(ddl->arena, x), new = read_options(ddl->arena, y);
    gw_buf list = GW_BUF(ddl->arena);
    for (size_t i = 0; i < new.len; i++) {
        const option *was = find(&old, new.items[i].name);
        if (was && strcmp(was->value, new.items[i].value) == 0)
            continue;
        comma(&list);
        gw_buf_addf(&list, "%s %s %s", was ? "SET" : "ADD", new.items[i].name, new.items[i].value);
    }
    for (size_t i = 0; i < old.len; i++)
        if (!find(&new, old.items[i].name)) {
            comma(&list);
            gw_buf_addf(&list, "DROP %s", old.items[i].name);
        }
    if (list.len)
        gw_ddl_add(ddl, 0, "%s OPTIONS (%s)", before, list.data);
}
