/* Types whose values have to be moved over to a new one of the same name: the old one is renamed
 * away meanwhile. So is one of a ring of indexes or constraints that get each other's names. */
#include <string.h>

#include "base/file.h"
#include "schema/kinds/kinds.h"

enum { NAME_MAX = 63 };

const char *gw_clip_name(gw_arena *arena, const char *name, const char *suffix)
{
    size_t len = gw_utf8_clip(name, NAME_MAX - strlen(suffix));
    return gw_printf(arena, "%.*s%s", (int)len, name, suffix);
}

const char *gw_aside_name(gw_arena *arena, const char *name)
{
    return gw_clip_name(arena, name, "__replaced");
}

static bool is_taken(const gw_schema *schema, const char *name)
{
    for (size_t i = 0; i < schema->objects.len; i++)
        if (strcmp(schema->objects.items[i]->name, name) == 0)
            return true;
    return false;
}

const char *gw_name_meanwhile(const gw_ddl *ddl, const gw_object *o)
{
    if (!ddl->unnamed(ddl, o))
        return o->name;
    const char *name = gw_aside_name(ddl->arena, o->name);
    bool cut = strncmp(name, o->name, strlen(o->name)) != 0; /* may be the same for another one */
    for (size_t n = o->index; cut || is_taken(ddl->from, name) || is_taken(ddl->to, name);
         n += ddl->from->objects.len) {
        name = gw_clip_name(ddl->arena, o->name, gw_printf(ddl->arena, "__replaced%zu", n));
        cut = false;
    }
    return name;
}

static const char *word(const gw_object *o)
{
    return o->kind->word ? o->kind->word(o) : o->kind->keyword;
}

void gw_set_aside(gw_ddl *ddl, const gw_object *o)
{
    gw_ddl_add(ddl, 0, "ALTER %s %s RENAME TO %s", word(o), o->ref,
               gw_ddl_name(ddl->arena, gw_aside_name(ddl->arena, o->name)));
}

void gw_drop_aside(gw_ddl *ddl, const gw_object *o)
{
    gw_ddl_add(ddl, 0, "DROP %s %s", word(o),
               gw_display_name(ddl->arena, o->schema, gw_aside_name(ddl->arena, o->name)));
}

bool gw_is_stored(const gw_object *type, bool materialized_views)
{
    for (size_t i = 0; i < type->needed_by.len; i++) {
        const gw_object *user = type->needed_by.items[i].object;
        if (user->kind == &gw_kind_column &&
            (user->parent->kind == &gw_kind_table ||
             (materialized_views && user->parent->kind == &gw_kind_materialized_view)))
            return true;
        bool part = (user->kind->flags & GW_KIND_PART) && user->parent != type;
        if ((part || user->kind->set_aside) &&
            gw_is_stored(part ? user->parent : user, materialized_views))
            return true;
    }
    return false;
}
