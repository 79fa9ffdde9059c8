/* What a delete would set off in the destination. */
#include <string.h>

#include "sql/quote.h"
#include "sync/cascade.h"
#include "sync/checker.h"

/* Its own deletes come before those of the rows that it refers to. */
static bool deletes_itself(const gw_mapping_list *list, const gw_cascade *key)
{
    for (size_t i = 0; list && i < list->len; i++)
        if (list->items[i].deletes == GW_DELETES_DELETE &&
            strcmp(list->items[i].destination.table.schema, key->schema) == 0 &&
            strcmp(list->items[i].destination.table.name, key->relation) == 0)
            return true;
    return false;
}

static void find_one(gw_checker *c, const gw_cascade *key)
{
    const gw_mapping *m = c->mapping;
    const char *what = strcmp(key->action, "CASCADE") == 0 ? "deletes" : "empties";
    if (m->deletes_cascade) {
        gw_find(c, false, m->deletes_line, m->deletes_col,
                "a delete %s the rows of %s that refer to it as well (foreign key %s, ON DELETE %s)",
                what, key->shown, key->name, key->action);
        return;
    }
    if (!key->readable) {
        gw_find(c, false, m->deletes_line, m->deletes_col,
                "no row can be deleted: the role %s does not see which rows of %s refer to it (foreign "
                "key %s, ON DELETE %s)",
                c->out->destination.role, key->shown, key->name, key->action);
        gw_finding_hint(c, "GRANT SELECT ON %s TO %s (row security hides rows as well), or write "
                           "deletes: { delete: cascade }",
                        key->shown, gw_quote_ident(c->arena, c->out->destination.role));
        return;
    }
    gw_find(c, false, m->deletes_line, m->deletes_col,
            "a row is not deleted as long as rows of %s refer to it (foreign key %s, ON DELETE %s)",
            key->shown, key->name, key->action);
    gw_finding_hint(c, "deletes: { delete: cascade } %s those as well", what);
}

bool gw_check_deletes(gw_checker *c, gw_err *err)
{
    gw_cascade *keys;
    size_t count;
    if (c->mapping->deletes != GW_DELETES_DELETE || !c->destination_there)
        return true;
    if (!gw_cascades_read(c->destination, c->arena, c->entity->destination.oid, &keys, &count, err))
        return false;
    for (size_t i = 0; i < count; i++)
        if (!keys[i].readable ||
            (!deletes_itself(c->mappings, &keys[i]) && !deletes_itself(c->others, &keys[i])))
            find_one(c, &keys[i]);
    return true;
}
