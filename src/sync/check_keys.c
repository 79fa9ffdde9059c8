/* The keys of both sides: are they there, is no row without one, do no two rows share one? */
#include <string.h>

#include "base/buf.h"
#include "sql/quote.h"
#include "sync/checker.h"

static gw_source_names names_of(gw_arena *arena, const gw_said_list *list)
{
    gw_source_names names = {0};
    for (size_t i = 0; i < list->len; i++)
        *gw_vec_push(arena, &names) = list->items[i].text;
    return names;
}

/* Every column is there; false where one is not. */
static bool columns_there(gw_checker *c, const gw_said_list *list,
                          const gw_source_relation *relation, const char *side)
{
    bool all = true;
    for (size_t i = 0; i < list->len; i++) {
        const gw_said *said = &list->items[i];
        const gw_source_column *column = gw_source_column_of(relation, said->text);
        if (column && column->may_select)
            continue;
        all = false;
        gw_find(c, true, said->line, said->col,
                column ? "the column \"%s\" of the %s may not be read by this role"
                       : "there is no column \"%s\" in the %s", said->text, side);
        const char *meant = column ? NULL : gw_column_meant(c, relation, said->text);
        if (meant)
            gw_finding_hint(c, "did you mean \"%s\"?", meant);
    }
    return all;
}

/* '"a", "b"' of the source. */
static const char *key_list(gw_checker *c)
{
    gw_buf text = GW_BUF(c->arena);
    const gw_said_list *key = &c->mapping->source.key;
    for (size_t i = 0; i < key->len; i++)
        gw_buf_addf(&text, "%ss.%s", i ? ", " : "", gw_quote_ident(c->arena, key->items[i].text));
    return gw_buf_str(&text);
}

/* One value of a result for people, or NULL where there is no row. */
static const char *first_of(const gw_result *result)
{
    return result->rows ? PQgetvalue(result->pg, 0, 0) : NULL;
}

static bool look_for_nulls(gw_checker *c, gw_err *err)
{
    const gw_said_list *key = &c->mapping->source.key;
    gw_err problem = {0};
    for (size_t i = 0; i < key->len; i++) {
        const gw_source_column *column =
            gw_source_column_of(&c->entity->source, key->items[i].text);
        gw_result result;
        if (!column || column->not_null)
            continue;
        const char *text = gw_printf(c->arena, "SELECT 1 FROM %s WHERE s.%s IS NULL LIMIT 1",
                                     gw_source_from(c), gw_quote_ident(c->arena, column->name));
        gw_tried how = gw_try_query(c, c->source->session, text, &result, &problem, err);
        if (how == GW_TRIED_FAILED)
            return false;
        if (how == GW_TRIED_WRONG || result.rows)
            gw_find(c, true, key->items[i].line, key->items[i].col, "%s",
                    how == GW_TRIED_OK
                        ? gw_printf(c->arena, "\"%s\" is NULL in some rows of the source: they have "
                                              "no key", column->name)
                        : problem.message);
        gw_err_clear(&problem);
    }
    return true;
}

/* Where no index promises it, the rows themselves are asked: one scan. */
static bool look_for_twins(gw_checker *c, gw_err *err)
{
    const gw_said *first = &c->mapping->source.key.items[0];
    const char *list = key_list(c);
    gw_result result;
    gw_err problem = {0};
    const char *text =
        gw_printf(c->arena, "SELECT ROW(%s)::text || ' (' || count(*) || ' rows)' FROM %s GROUP BY "
                            "%s HAVING count(*) > 1 LIMIT 1", list, gw_source_from(c), list);
    gw_tried how = gw_try_query(c, c->source->session, text, &result, &problem, err);
    if (how == GW_TRIED_FAILED)
        return false;
    if (how == GW_TRIED_WRONG) {
        gw_find(c, true, first->line, first->col, "the key of the source: %s", problem.message);
    } else if (first_of(&result)) {
        gw_find(c, true, first->line, first->col, "the key of the source is not unique: %s",
                first_of(&result));
        gw_finding_hint(c, "add the columns that tell such rows apart, or make the source a query "
                           "that gives each row once (SELECT DISTINCT ON …)");
    } else {
        gw_find(c, false, first->line, first->col,
                "nothing in the source promises that its key stays unique");
        if (!c->mapping->source.query.text)
            gw_finding_hint(c, "a primary key or a unique index on NOT NULL columns would");
    }
    gw_err_clear(&problem);
    return true;
}

static bool check_source_key(gw_checker *c, gw_err *err)
{
    const gw_mapping *m = c->mapping;
    const gw_source_relation *source = &c->entity->source;
    if (!columns_there(c, &m->source.key, source, "source"))
        return true;
    gw_source_names names = names_of(c->arena, &m->source.key);
    for (size_t i = 0; i < m->source.key.len; i++) {
        const gw_source_column *column = gw_source_column_of(source, names.items[i]);
        if (!column->deterministic)
            gw_find(c, true, m->source.key.items[i].line, m->source.key.items[i].col,
                    "\"%s\" has a collation that takes different texts for equal: no key can be "
                    "known by it", column->name);
        if (strcmp(column->type.base_type, "json") == 0 || strcmp(column->type.base_type, "xml") == 0)
            gw_find(c, true, m->source.key.items[i].line, m->source.key.items[i].col,
                    "\"%s\" is %s, which cannot be compared", column->name, column->type.base_type);
    }
    return (gw_source_unique(source, &names) && *source->kind != 'q') ||
           (look_for_nulls(c, err) && look_for_twins(c, err));
}

/* The destination's key has to be unique at once: a row that another has written meanwhile is refused. */
static void check_destination_key(gw_checker *c)
{
    const gw_mapping *m = c->mapping;
    const gw_source_relation *d = &c->entity->destination;
    const gw_said *first = &m->destination.key.items[0];
    if (!columns_there(c, &m->destination.key, d, "destination"))
        return;
    gw_source_names names = names_of(c->arena, &m->destination.key);
    bool deferrable = false;
    for (size_t i = 0; i < d->key_count; i++) {
        const gw_source_key *key = &d->keys[i];
        bool same = key->columns.len == names.len;
        for (size_t k = 0; same && k < names.len; k++) {
            same = false;
            for (size_t j = 0; j < names.len; j++)
                same = same || strcmp(key->columns.items[k], names.items[j]) == 0;
        }
        if (same && !key->deferrable)
            return;
        deferrable = deferrable || same;
    }
    gw_find(c, true, first->line, first->col,
            deferrable ? "the destination's key is only a deferrable constraint: a row cannot be "
                         "found by it while it is written"
                       : "no primary key and no unique index of the destination is just its key");
    gw_finding_hint(c, "make the key a primary key, or add a unique index on its columns");
}

bool gw_check_keys(gw_checker *c, gw_err *err)
{
    if (c->source_there && c->entity->ok && !check_source_key(c, err))
        return false;
    if (c->destination_there)
        check_destination_key(c);
    return true;
}
