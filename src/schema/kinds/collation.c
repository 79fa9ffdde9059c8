#include "schema/kinds/kinds.h"

enum { PROVIDER, LOCALE, LC_COLLATE, LC_CTYPE, RULES, DETERMINISTIC, VERSION };
/* The version is that of the operating system's or ICU's tables: shown. */
static const gw_attr attrs[] = {{"provider", 0},      {"locale", 0},
                                {"lc_collate", 0},    {"lc_ctype", 0},
                                {"rules", 0},         {"deterministic", 0},
                                {"version", GW_ATTR_INFO}, {NULL, 0}};

static void option(gw_ddl *ddl, gw_buf *buf, const char *name, const char *value)
{
    if (value)
        gw_buf_addf(buf, ", %s = %s", name, gw_quote_literal(ddl->arena, value));
}

static void create(gw_ddl *ddl, const gw_object *o)
{
    gw_buf buf = GW_BUF(ddl->arena);
    gw_buf_addf(&buf, "provider = %s", o->values[PROVIDER]);
    option(ddl, &buf, "locale", o->values[LOCALE]);
    option(ddl, &buf, "lc_collate", o->values[LC_COLLATE]);
    option(ddl, &buf, "lc_ctype", o->values[LC_CTYPE]);
    option(ddl, &buf, "rules", o->values[RULES]);
    if (!gw_yes(o, DETERMINISTIC))
        gw_buf_add(&buf, ", deterministic = false");
    gw_ddl_add(ddl, 0, "CREATE COLLATION %s (%s)", o->ref, buf.data);
}

const gw_kind gw_kind_collation = {
    .name = "collation",
    .keyword = "COLLATION",
    .sql = &gw_sql_collations,
    .classid = GW_CLASS_COLLATION,
    .attrs = attrs,
    .create = create,
    .set_aside = gw_set_aside,
    .drop_aside = gw_drop_aside,
};
