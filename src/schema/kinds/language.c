#include "schema/kinds/kinds.h"

enum { TRUSTED, HANDLER, INLINE, VALIDATOR };
static const gw_attr attrs[] = {
    {"trusted", 0}, {"handler", 0}, {"inline", 0}, {"validator", 0}, {NULL, 0}};

static void create(gw_ddl *ddl, const gw_object *o)
{
    gw_buf buf = GW_BUF(ddl->arena);
    gw_buf_addf(&buf, "CREATE OR REPLACE %sLANGUAGE %s", gw_yes(o, TRUSTED) ? "TRUSTED " : "",
                o->ref);
    if (o->values[HANDLER])
        gw_buf_addf(&buf, " HANDLER %s", o->values[HANDLER]);
    if (o->values[INLINE])
        gw_buf_addf(&buf, " INLINE %s", o->values[INLINE]);
    if (o->values[VALIDATOR])
        gw_buf_addf(&buf, " VALIDATOR %s", o->values[VALIDATOR]);
    gw_ddl_add(ddl, 0, "%s", buf.data);
}

static bool can_alter(const gw_object *x, const gw_object *y, gw_changed changed)
{
    (void)x;
    (void)y;
    return !(changed & GW_BIT(TRUSTED)); /* its privileges hang on it */
}

static void alter(gw_ddl *ddl, const gw_object *x, const gw_object *y, gw_changed changed)
{
    (void)x;
    (void)changed;
    create(ddl, y);
}

const gw_kind gw_kind_language = {
    .name = "language",
    .keyword = "LANGUAGE",
    .grant_word = "LANGUAGE",
    .sql = &gw_sql_languages,
    .classid = GW_CLASS_LANGUAGE,
    .attrs = attrs,
    .create = create,
    .can_alter = can_alter,
    .alter = alter,
};
