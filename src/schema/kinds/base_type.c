#include <string.h>

#include "schema/kinds/kinds.h"

enum {
    SHELL,
    INPUT,
    OUTPUT,
    RECEIVE,
    SEND,
    TYPMOD_IN,
    TYPMOD_OUT,
    ANALYZE,
    SUBSCRIPT,
    LENGTH,
    BY_VALUE,
    ALIGNMENT,
    STORAGE,
    CATEGORY,
    PREFERRED,
    DEFAULT_VALUE,
    ELEMENT,
    DELIMITER,
    COLLATABLE,
};
static const gw_attr attrs[] = {{"shell", 0},
                                {"input", 0},
                                {"output", 0},
                                {"receive", 0},
                                {"send", 0},
                                {"typmod_in", 0},
                                {"typmod_out", 0},
                                {"analyze_function", 0},
                                {"subscript", 0},
                                {"length", 0},
                                {"by_value", 0},
                                {"alignment", 0},
                                {"storage", 0},
                                {"category", 0},
                                {"preferred", 0},
                                {"default_value", 0},
                                {"element", 0},
                                {"delimiter", 0},
                                {"collatable", 0},
                                {NULL, 0}};

/* What CREATE TYPE calls them. What ALTER TYPE can set stands first. */
static const struct {
    int attr;
    const char *name;
} options[] = {
    {RECEIVE, "RECEIVE"},       {SEND, "SEND"},           {TYPMOD_IN, "TYPMOD_IN"},
    {TYPMOD_OUT, "TYPMOD_OUT"}, {ANALYZE, "ANALYZE"},     {SUBSCRIPT, "SUBSCRIPT"},
    {STORAGE, "STORAGE"},       {INPUT, "INPUT"},         {OUTPUT, "OUTPUT"},
    {LENGTH, "INTERNALLENGTH"}, {ALIGNMENT, "ALIGNMENT"}, {ELEMENT, "ELEMENT"},
};
enum { OPTIONS = sizeof options / sizeof *options, SETTABLE = 7 };

static void literal(gw_ddl *ddl, gw_buf *buf, const char *name, const char *value)
{
    gw_buf_addf(buf, ", %s = %s", name, gw_quote_literal(ddl->arena, value));
}

static void create(gw_ddl *ddl, const gw_object *o)
{
    gw_buf buf = GW_BUF(ddl->arena);
    if (gw_yes(o, SHELL)) {
        gw_ddl_add(ddl, 0, "CREATE TYPE %s", o->ref);
        return;
    }
    for (size_t i = 0; i < OPTIONS; i++) {
        const char *value = o->values[options[i].attr];
        if (value && (options[i].attr != SUBSCRIPT || ddl->server_version >= 140000))
            gw_buf_addf(&buf, "%s%s = %s", buf.len ? ", " : "", options[i].name, value);
    }
    if (gw_yes(o, BY_VALUE))
        gw_buf_add(&buf, ", PASSEDBYVALUE");
    if (strcmp(o->values[CATEGORY], "U") != 0)
        literal(ddl, &buf, "CATEGORY", o->values[CATEGORY]);
    if (gw_yes(o, PREFERRED))
        gw_buf_add(&buf, ", PREFERRED = true");
    if (o->values[DEFAULT_VALUE])
        literal(ddl, &buf, "DEFAULT", o->values[DEFAULT_VALUE]);
    if (strcmp(o->values[DELIMITER], ",") != 0)
        literal(ddl, &buf, "DELIMITER", o->values[DELIMITER]);
    if (gw_yes(o, COLLATABLE))
        gw_buf_add(&buf, ", COLLATABLE = true");
    gw_ddl_add(ddl, 0, "CREATE TYPE %s (%s)", o->ref, buf.data);
}

static void placeholder(gw_ddl *ddl, const gw_object *o)
{
    gw_ddl_add(ddl, 0, "CREATE TYPE %s", o->ref);
}

/* CASCADE: its functions take the type, and the type needs its functions. */
static void drop(gw_ddl *ddl, const gw_object *o)
{
    gw_ddl_add(ddl, 0, "DROP TYPE %s%s", o->ref, gw_yes(o, SHELL) ? "" : " CASCADE");
}

static bool can_alter(const gw_object *x, const gw_object *y, gw_changed changed)
{
    gw_changed settable = 0;
    for (size_t i = 0; i < SETTABLE; i++)
        settable |= GW_BIT(options[i].attr);
    if ((changed & GW_BIT(SUBSCRIPT)) && x->server_version < 140000)
        return false;
    if ((changed & GW_BIT(STORAGE)) && strcmp(y->values[STORAGE], "plain") == 0)
        return false;
    return !(changed & ~settable) && x->server_version >= 130000;
}

static void alter(gw_ddl *ddl, const gw_object *x, const gw_object *y, gw_changed changed)
{
    (void)x;
    gw_buf buf = GW_BUF(ddl->arena);
    for (size_t i = 0; i < SETTABLE; i++)
        if (changed & GW_BIT(options[i].attr))
            gw_buf_addf(&buf, "%s%s = %s", buf.len ? ", " : "", options[i].name,
                        y->values[options[i].attr] ? y->values[options[i].attr] : "NONE");
    gw_ddl_add(ddl, 0, "ALTER TYPE %s SET (%s)", y->ref, gw_buf_str(&buf));
}

const gw_kind gw_kind_base_type = {
    .name = "base type",
    .keyword = "TYPE",
    .grant_word = "TYPE",
    .sql = &gw_sql_base_types,
    .classid = GW_CLASS_TYPE,
    .attrs = attrs,
    .flags = GW_KIND_RELATION | GW_KIND_SHELL,
    .create = create,
    .drop = drop,
    .placeholder = placeholder,
    .can_alter = can_alter,
    .alter = alter,
};
