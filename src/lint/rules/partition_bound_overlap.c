#include <ctype.h>
#include <string.h>

#include "lint/rule.h"

/* ---- values: only what is certain from the text --------------------------------------------- */

enum { UNKNOWN = 2 }; /* beside -1, 0, 1 */

/* MINVALUE -1, MAXVALUE 1, a value 0. */
static int end_of(const gw_node *value)
{
    const gw_node *fields = gw_node_get(value, "fields");
    const char *word = gw_node_string(gw_node_at(fields, 0));
    if (!gw_node_is(value, "ColumnRef") || gw_node_count(fields) != 1 || !word)
        return 0;
    return strcmp(word, "minvalue") == 0 ? -1 : strcmp(word, "maxvalue") == 0 ? 1 : 0;
}

static bool number_of(const gw_node *value, int64_t *number)
{
    const gw_node *integer = gw_node_get(gw_node_get(value, "ival"), "ival");
    *number = integer ? integer->number : 0;
    return gw_node_is(value, "A_Const") && integer;
}

/* "2024-01-31 12:00:00" of an ISO text; *rest is what stands behind (a zone), NULL: it is none. */
static bool moment_of(const char *text, char out[20], const char **rest)
{
    static const char form[] = "dddd-dd-dd dd:dd:dd";
    memcpy(out, "0000-00-00 00:00:00", 20);
    size_t len = 0;
    for (; len < sizeof form - 1 && text[len]; len++) {
        char c = text[len] == 'T' && len == 10 ? ' ' : text[len];
        if (form[len] == 'd' ? !isdigit((unsigned char)c) : c != form[len])
            break;
        out[len] = c;
    }
    *rest = text + len;
    return len == 10 || len == 16 || len == 19;
}

static int sign(int64_t a, int64_t b)
{
    return a < b ? -1 : a > b;
}

static int compare_texts(const gw_column *column, const char *a, const char *b)
{
    static const char *const moments[] = {"date", "timestamp", "timestamptz", NULL};
    char x[20], y[20];
    const char *rest_x, *rest_y;
    if (strcmp(a, b) == 0)
        return 0;
    if (!column || !gw_one_of(column->type.name, moments) || !moment_of(a, x, &rest_x) ||
        !moment_of(b, y, &rest_y) || strcmp(rest_x, rest_y) != 0 ||
        (*rest_x && strcmp(column->type.name, "timestamptz") != 0))
        return UNKNOWN; /* the order of texts is the collation's */
    return sign(strcmp(x, y), 0);
}

static int compare(const gw_column *column, const gw_node *a, const gw_node *b)
{
    int64_t x, y;
    const char *s = gw_node_is(a, "A_Const") ? gw_node_string(a) : NULL;
    const char *t = gw_node_is(b, "A_Const") ? gw_node_string(b) : NULL;
    if (end_of(a) || end_of(b))
        return sign(end_of(a), end_of(b));
    if (number_of(a, &x) && number_of(b, &y))
        return sign(x, y);
    return s && t ? compare_texts(column, s, t) : UNKNOWN;
}

/* ---- bounds ---------------------------------------------------------------------------------- */

static bool surely_below(const gw_relation *parent, const gw_node *a, const gw_node *b)
{
    for (size_t i = 0; i < gw_node_count(a) && i < parent->key_count; i++) {
        const gw_column *column = gw_relation_column(parent, parent->key_columns[i]);
        int order = compare(column, gw_node_at(a, i), gw_node_at(b, i));
        if (order)
            return order == -1;
        if (end_of(gw_node_at(a, i)))
            return false; /* what stands behind MINVALUE counts for nothing */
    }
    return false;
}

static bool is_null(const gw_node *value)
{
    return gw_node_is(value, "A_Const") && gw_node_true(value, "isnull");
}

static bool share_a_value(const gw_relation *parent, const gw_node *a, const gw_node *b)
{
    const gw_column *column =
        parent->key_count ? gw_relation_column(parent, parent->key_columns[0]) : NULL;
    for (const gw_node *x = gw_node_at(a, 0); x; x = x->next)
        for (const gw_node *y = gw_node_at(b, 0); y; y = y->next)
            if (is_null(x) || is_null(y) ? is_null(x) && is_null(y) : compare(column, x, y) == 0)
                return true;
    return false;
}

static bool share_a_remainder(const gw_node *a, const gw_node *b)
{
    int64_t m = gw_node_number(a, "modulus", 0), n = gw_node_number(b, "modulus", 0);
    int64_t distance = gw_node_number(a, "remainder", 0) - gw_node_number(b, "remainder", 0);
    while (n) { /* the greatest that divides both */
        int64_t rest = m % n;
        m = n;
        n = rest;
    }
    return m > 0 && distance % m == 0;
}

static bool overlap(const gw_relation *parent, const gw_node *a, const gw_node *b)
{
    if (gw_node_true(a, "is_default") || gw_node_true(b, "is_default"))
        return gw_node_true(a, "is_default") && gw_node_true(b, "is_default");
    if (parent->strategy == 'l')
        return share_a_value(parent, gw_node_get(a, "listdatums"), gw_node_get(b, "listdatums"));
    if (parent->strategy == 'h')
        return share_a_remainder(a, b);
    return surely_below(parent, gw_node_get(a, "lowerdatums"), gw_node_get(b, "upperdatums")) &&
           surely_below(parent, gw_node_get(b, "lowerdatums"), gw_node_get(a, "upperdatums"));
}

/* ---- the rule --------------------------------------------------------------------------------- */

static void check(gw_lint *l, const gw_statement_seen *s, const gw_relation *parent,
                  const gw_node *child, const gw_node *bound)
{
    if (!parent || !parent->strategy || !bound)
        return;
    const gw_made_object_list *all = gw_model_objects(l->model);
    const gw_relation *self = gw_model_relation_of(l->model, child);
    for (size_t i = 0; i < all->len; i++) {
        const gw_relation *other = (const gw_relation *)all->items[i];
        if (all->items[i]->kind != GW_OBJECT_RELATION || all->items[i]->gone || other == self ||
            other->parent != parent || !other->bound || !overlap(parent, bound, other->bound))
            continue;
        gw_found(l, s, bound, gw_shown_range(l, child),
                 gw_shown(l, other->object.schema, other->object.name), NULL);
        return;
    }
}

static void run(gw_lint *l, const gw_statement_seen *s)
{
    if (gw_node_is(s->tree, "CreateStmt"))
        check(l, s,
              gw_model_relation_of(l->model, gw_node_at(gw_node_get(s->tree, "inhRelations"), 0)),
              gw_node_get(s->tree, "relation"), gw_node_get(s->tree, "partbound"));
    for (size_t i = 0; i < s->commands.len; i++) {
        const gw_command_seen *c = &s->commands.items[i];
        if (strcmp(c->subtype, "AT_AttachPartition") == 0)
            check(l, s, c->relation, gw_node_get(c->def, "name"), gw_node_get(c->def, "bound"));
    }
}

const gw_rule gw_rule_partition_bound_overlap = {
    {"partition_bound_overlap", GW_SEVERITY_ERROR, GW_RULES_ORDER,
     "the bounds of {} overlap those of partition {}",
     "A row belongs to one partition. PostgreSQL refuses a partition whose bounds share a value with "
     "another one's; the upper bound of a range is not in it. Numbers, dates and times are compared, "
     "other texts only for being the same, for their order is the collation's.",
     "Begin where the other one ends."},
    .statement = run,
};
