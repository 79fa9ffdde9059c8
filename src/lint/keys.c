#include "lint/keys.h"

#include <string.h>

#include "base/buf.h"

static bool is_tree(const gw_index *index)
{
    return !index->method || strcmp(index->method, "btree") == 0;
}

/* WHERE column IS NOT NULL leaves out nothing that a key looks for. */
static bool only_not_null(const gw_node *where, const char *const *columns, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (gw_expression_is_not_null(where, columns[i]))
            return true;
    return !where;
}

bool gw_relation_has_index(const gw_relation *r, const char *const *columns, size_t count)
{
    for (size_t i = 0; i < r->indexes.len; i++) {
        const gw_index *index = r->indexes.items[i];
        size_t found = 0;
        if ((!is_tree(index) && strcmp(index->method, "hash") != 0) || index->key_count < count ||
            !only_not_null(index->where, columns, count))
            continue;
        for (size_t k = 0; k < count; k++)
            for (size_t m = 0; m < count; m++)
                found += strcmp(index->columns[k], columns[m]) == 0;
        if (found == count)
            return true;
    }
    return false;
}

/* The same leading keys: names and, where there is one, how they are ordered. */
static bool begins_with(const gw_index *longer, const gw_index *shorter)
{
    const gw_node *a = gw_node_at(gw_node_get(longer->node, "indexParams"), 0);
    const gw_node *b = gw_node_at(gw_node_get(shorter->node, "indexParams"), 0);
    for (size_t i = 0; i < shorter->key_count; i++) {
        if (i >= longer->key_count || !*shorter->columns[i] ||
            strcmp(longer->columns[i], shorter->columns[i]) != 0)
            return false;
        if (a && b && !gw_same_tree(a, b))
            return false;
        a = a ? a->next : NULL;
        b = b ? b->next : NULL;
    }
    return true;
}

static bool same_method(const gw_index *a, const gw_index *b)
{
    return (is_tree(a) && is_tree(b)) ||
           (a->method && b->method && strcmp(a->method, b->method) == 0);
}

/* A key's index has no options: an index with them (DESC, an operator class) is another one. */
static bool plain(const gw_index *index)
{
    const gw_node *p = gw_node_at(gw_node_get(index->node, "indexParams"), 0);
    for (; p; p = p->next)
        if (gw_node_get(p, "opclass") || gw_node_get(p, "collation") ||
            gw_node_says(p, "ordering", "SORTBY_DESC"))
            return false;
    return true;
}

bool gw_index_covers(const gw_index *old, const gw_index *now)
{
    if (!same_method(old, now) || old->key_count != now->key_count ||
        old->column_count < now->column_count || !begins_with(old, now) ||
        (old->of_key && !plain(now)) || (now->unique && !old->unique))
        return false;
    for (size_t i = now->key_count; i < now->column_count; i++)
        if (strcmp(old->columns[i], now->columns[i]) != 0)
            return false;
    if (gw_same_tree(old->where, now->where))
        return true;
    return !old->where && only_not_null(now->where, now->columns, now->key_count);
}

bool gw_index_extends(const gw_index *other, const gw_index *index)
{
    bool included = index->column_count > index->key_count;
    return other != index && is_tree(other) && is_tree(index) && !included &&
           other->key_count > index->key_count && !other->where && !index->where &&
           begins_with(other, index) && (!other->of_key || plain(index));
}

const char *gw_joined(gw_lint *l, const char *const *names, size_t count)
{
    gw_buf text = GW_BUF(l->arena);
    for (size_t i = 0; i < count; i++)
        gw_buf_addf(&text, "%s%s", i ? ", " : "", names[i]);
    return gw_buf_str(&text);
}

typedef struct call_walk {
    const gw_lint *l;
    bool clock;
    const gw_node *found;
} call_walk;

/* Of what is called here the kind is known: an unknown function may be anybody's. */
static const char *call_kind(const gw_lint *l, const gw_node *call)
{
    const char *schema, *name;
    gw_call_name(call, &schema, &name);
    bool own = gw_model_function(l->model, schema, name) != NULL;
    if (!own && (schema || !name || !gw_builtin_function(name)))
        return "constant";
    /* STABLE or IMMUTABLE by the types of their arguments, which are not known here. */
    static const char *const arguments_matter[] = {"timezone", "to_char", "date_trunc", "date_part",
                                      "extract",  "to_timestamp", "age",     "to_jsonb",
                                      "to_json",  "concat",    "concat_ws",  "format",
                                      "row_to_json", "json_build_object", "jsonb_build_object",
                                      "to_tsvector", NULL};
    if (!own && gw_one_of(name, arguments_matter))
        return "constant";
    return gw_expression_kind(call, l->model);
}

static bool is_clock(const gw_node *call)
{
    const char *schema, *name;
    gw_call_name(call, &schema, &name);
    return gw_one_of(name, GW_ON("now", "clock_timestamp", "statement_timestamp",
                                 "transaction_timestamp", "timeofday"));
}

static bool is_clock_value(const gw_node *node)
{
    return gw_node_is(node, "SQLValueFunction") &&
           gw_one_of(gw_node_text(node, "op"),
                     GW_ON("SVFOP_CURRENT_DATE", "SVFOP_CURRENT_TIME", "SVFOP_CURRENT_TIMESTAMP",
                           "SVFOP_LOCALTIME", "SVFOP_LOCALTIMESTAMP", "SVFOP_CURRENT_TIMESTAMP_N",
                           "SVFOP_CURRENT_TIME_N", "SVFOP_LOCALTIME_N", "SVFOP_LOCALTIMESTAMP_N"));
}

static bool see_call(void *self, const gw_node *node)
{
    call_walk *w = self;
    if (w->found)
        return false;
    if (gw_node_is(node, "SQLValueFunction") && (!w->clock || is_clock_value(node)))
        w->found = node;
    if (gw_node_is(node, "FuncCall") &&
        (w->clock ? is_clock(node) : strcmp(call_kind(w->l, node), "constant") != 0))
        w->found = node;
    return true;
}

const gw_node *gw_find_mutable_call(gw_lint *l, const gw_node *expression)
{
    call_walk w = {.l = l};
    gw_node_walk(expression, see_call, &w);
    return w.found;
}

const gw_node *gw_find_clock_call(gw_lint *l, const gw_node *expression)
{
    call_walk w = {.l = l, .clock = true};
    gw_node_walk(expression, see_call, &w);
    return w.found;
}

const char *gw_call_text(gw_lint *l, const gw_node *call)
{
    const char *schema, *name;
    if (gw_node_is(call, "SQLValueFunction"))
        return gw_node_says(call, "op", "SVFOP_CURRENT_DATE") ? "CURRENT_DATE"
               : is_clock_value(call)                         ? "CURRENT_TIMESTAMP"
                                                              : "the session's user";
    gw_call_name(call, &schema, &name);
    return gw_printf(l->arena, "%s()", gw_shown(l, schema, name));
}
