/*
 * One level of a statement (its target and its FROM) is bounded where a condition on the batch's
 * key holds for each of its rows. What is read is bounded with one of its sources: ranges add up.
 * What is written is bounded itself, or by an equation with something that is.
 */
#include "migrate/batch_range.h"

#include <string.h>

#include "base/vec.h"
#include "sql/lex.h"
#include "sql/tree.h"

enum { LOWER = 1, UPPER = 2, BOTH = LOWER | UPPER };

/* A name that WITH gives. */
typedef struct named {
    const char *name;
    bool bounded;
} named;

typedef struct search {
    gw_arena *arena;
    const gw_batch_directive *batch;
    GW_VEC(named) with;
    const gw_node *open, *cast; /* comparisons with the key that leave rows out */
    bool loose;                 /* a WITH that writes, and is not bounded */
} search;

/* Of one level: the table that is written, or what FROM names. */
typedef struct origin {
    const char *name; /* as columns are qualified */
    size_t item;      /* those of one join are bounded together; 0: the target */
    bool batch;       /* it is the batch's table */
    bool weak;        /* the side of an outer join that may be missing */
    bool bounded;
} origin;

typedef struct level {
    search *s;
    GW_VEC(origin) origins;
    GW_VEC(const gw_node *) conditions; /* all of them hold */
} level;

static bool keeps(search *s, const gw_node *statement);

static const char *said(const gw_node *node, const char *key)
{
    const char *text = gw_node_text(node, key);
    return text && *text ? text : NULL;
}

/* ---- columns and comparisons ----------------------------------------------------------------- */

/* Whose column a ColumnRef is: an index into the origins; of a bare name `otherwise`. SIZE_MAX: of
 * none. */
static size_t owner(const level *l, const gw_node *column, size_t otherwise)
{
    const gw_node *fields = gw_node_get(column, "fields");
    size_t count = gw_node_count(fields);
    if (count < 2)
        return otherwise;
    const char *qualifier = gw_node_string(gw_node_at(fields, count - 2));
    for (size_t i = 0; qualifier && i < l->origins.len; i++)
        if (strcmp(l->origins.items[i].name, qualifier) == 0)
            return i;
    return SIZE_MAX;
}

static size_t batch_origin(const level *l)
{
    for (size_t i = 0; i < l->origins.len; i++)
        if (l->origins.items[i].batch)
            return i;
    return SIZE_MAX;
}

/* The batch's key, of which origin? SIZE_MAX: it is something else. */
static size_t key_of(const level *l, const gw_node *node)
{
    const gw_node *fields = gw_node_get(node, "fields");
    size_t count = gw_node_count(fields);
    const char *name = count ? gw_node_string(gw_node_at(fields, count - 1)) : NULL;
    if (!gw_node_is(node, "ColumnRef") || !name || strcmp(name, l->s->batch->key) != 0)
        return SIZE_MAX;
    size_t whose = owner(l, node, batch_origin(l));
    return whose != SIZE_MAX && l->origins.items[whose].batch ? whose : SIZE_MAX;
}

/* A cast to one of these fails or keeps the value; a date or a number of digits would round it. */
static bool is_exact(const gw_node *type)
{
    static const char *const names[] = {"int2", "int4", "int8", "numeric", "uuid"};
    const char *schema, *name;
    gw_node_names(gw_node_get(type, "names"), &schema, &name);
    if (!name || gw_node_count(gw_node_get(type, "typmods")))
        return false;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(name, names[i]) == 0)
            return true;
    return false;
}

/* 1 or 2 of a parameter, 0 of anything else. */
static int64_t parameter(const gw_node *node, bool *rounds)
{
    *rounds = false;
    for (; gw_node_is(node, "TypeCast"); node = gw_node_get(node, "arg"))
        *rounds |= !is_exact(gw_node_get(node, "typeName"));
    return gw_node_is(node, "ParamRef") ? gw_node_number(node, "number", 0) : 0;
}

/* PostgreSQL's own operator; NULL: another schema's. */
static const char *operator_of(const gw_node *expression)
{
    const char *schema, *name;
    gw_node_names(gw_node_get(expression, "name"), &schema, &name);
    return !schema || strcmp(schema, "pg_catalog") == 0 ? name : NULL;
}

/* `key op $n`: what it bounds. What leaves the range's own end out is kept for the message. */
static unsigned compare(level *l, const gw_node *at, const char *op, int64_t n, bool rounds)
{
    bool lower = *op == '>', upper = *op == '<', closed = strcmp(op + 1, "=") == 0;
    if (!(lower && n == 1) && !(upper && n == 2))
        return 0;
    if (!closed && !op[1])
        l->s->open = at;
    else if (closed && rounds)
        l->s->cast = at;
    else if (closed)
        return lower ? LOWER : UPPER;
    return 0;
}

static unsigned bounds(level *l, const gw_node *node, size_t whose)
{
    const gw_node *left = gw_node_get(node, "lexpr"), *right = gw_node_get(node, "rexpr");
    const char *op = gw_node_is(node, "A_Expr") ? operator_of(node) : NULL;
    bool rounds, too;
    if (gw_node_says(node, "kind", "AEXPR_BETWEEN") ||
        gw_node_says(node, "kind", "AEXPR_BETWEEN_SYM")) {
        const gw_node *ends = gw_node_get(right, "items");
        int64_t first = parameter(gw_node_at(ends, 0), &rounds);
        int64_t last = parameter(gw_node_at(ends, 1), &too);
        if (key_of(l, left) != whose)
            return 0;
        return compare(l, node, ">=", first, rounds) | compare(l, node, "<=", last, too);
    }
    if (!op || !gw_node_says(node, "kind", "AEXPR_OP"))
        return 0;
    if (key_of(l, left) == whose) {
        int64_t bound = parameter(right, &rounds);
        return compare(l, node, op, bound, rounds);
    }
    static const char *const turned[][2] = {{"<", ">"}, {"<=", ">="}, {">", "<"}, {">=", "<="}};
    int64_t n = parameter(left, &rounds);
    for (size_t i = 0; n && key_of(l, right) == whose && i < sizeof turned / sizeof *turned; i++)
        if (strcmp(op, turned[i][0]) == 0)
            return compare(l, node, turned[i][1], n, rounds);
    return 0;
}

/* `column IN (SELECT …)`, `column = ANY (ARRAY(SELECT …))`: whose column, where the query is
 * bounded. */
static size_t chosen(level *l, const gw_node *node)
{
    const gw_node *column = gw_node_get(node, "testexpr"), *query = node;
    const char *type = "ANY_SUBLINK", *op = "=";
    if (gw_node_is(node, "A_Expr")) {
        column = gw_node_get(node, "lexpr");
        query = gw_node_get(node, "rexpr");
        type = "ARRAY_SUBLINK";
        op = gw_node_says(node, "kind", "AEXPR_OP_ANY") ? operator_of(node) : NULL;
    } else if (gw_node_get(node, "operName")) {
        const char *schema;
        gw_node_names(gw_node_get(node, "operName"), &schema, &op);
    }
    if (!gw_node_is(query, "SubLink") || !gw_node_says(query, "subLinkType", type) || !op ||
        strcmp(op, "=") != 0 || !gw_node_is(column, "ColumnRef") ||
        !keeps(l->s, gw_node_get(query, "subselect")))
        return SIZE_MAX;
    return owner(l, column, l->origins.len ? 0 : SIZE_MAX);
}

/* ---- what a level is made of ----------------------------------------------------------------- */

static void add_conditions(level *l, const gw_node *node)
{
    if (!gw_node_is(node, "BoolExpr") || !gw_node_says(node, "boolop", "AND_EXPR")) {
        if (node)
            *gw_vec_push(l->s->arena, &l->conditions) = node;
        return;
    }
    const gw_node *args = gw_node_get(node, "args");
    for (size_t i = 0; i < gw_node_count(args); i++)
        add_conditions(l, gw_node_at(args, i));
}

/* Where only one of two names has a schema, they may mean one table: the server says at the run. */
static bool is_batch_table(const search *s, const gw_node *relation)
{
    const char *schema = said(relation, "schemaname"), *name = said(relation, "relname");
    return name && strcmp(name, s->batch->table) == 0 &&
           (!schema || !s->batch->schema || strcmp(schema, s->batch->schema) == 0);
}

static const named *find_with(const search *s, const gw_node *relation)
{
    const char *name = said(relation, "relname");
    for (size_t i = s->with.len; name && !said(relation, "schemaname") && i-- > 0;)
        if (strcmp(s->with.items[i].name, name) == 0)
            return &s->with.items[i];
    return NULL;
}

static void add_origin(level *l, const gw_node *node, size_t item, bool weak, bool target)
{
    const char *alias = said(gw_node_get(node, "alias"), "aliasname");
    const char *name = said(node, "relname");
    const named *with = target ? NULL : find_with(l->s, node);
    bool query = gw_node_is(node, "RangeSubselect");
    *gw_vec_push(l->s->arena, &l->origins) =
        (origin){.name = alias  ? alias
                         : name ? name
                                : "",
                 .item = item,
                 .batch = !with && !query && is_batch_table(l->s, node),
                 .weak = weak,
                 .bounded = !weak && ((with && with->bounded) ||
                                      (query && keeps(l->s, gw_node_get(node, "subquery"))))};
}

static void add_source(level *l, const gw_node *node, size_t item, bool weak)
{
    if (!gw_node_is(node, "JoinExpr")) {
        add_origin(l, node, item, weak, false);
        return;
    }
    bool left = gw_node_says(node, "jointype", "JOIN_LEFT");
    bool right = gw_node_says(node, "jointype", "JOIN_RIGHT");
    bool full = gw_node_says(node, "jointype", "JOIN_FULL");
    add_source(l, gw_node_get(node, "larg"), item, weak || right || full);
    add_source(l, gw_node_get(node, "rarg"), item, weak || left || full);
    if (!weak && !left && !right && !full)
        add_conditions(l, gw_node_get(node, "quals"));
}

static level enter(search *s, const gw_node *target, const gw_node *sources, const gw_node *where)
{
    level l = {.s = s};
    if (target)
        add_origin(&l, target, 0, false, true);
    for (size_t i = 0; i < gw_node_count(sources); i++)
        add_source(&l, gw_node_at(sources, i), i + 1, false);
    add_conditions(&l, where);
    return l;
}

/* ---- what is bounded ------------------------------------------------------------------------- */

/* Which of these two has columns in it: bit 1: of `item`, bit 2: of another. */
typedef struct mention {
    const level *l;
    size_t item;
    unsigned seen;
} mention;

static bool look(void *self, const gw_node *node)
{
    mention *m = self;
    if (gw_node_is(node, "SubLink"))
        return false;
    if (gw_node_is(node, "ColumnRef")) {
        size_t count = gw_node_count(gw_node_get(node, "fields"));
        size_t whose = owner(m->l, node, SIZE_MAX);
        if (count < 2)
            m->seen |= BOTH; /* whose it is the server knows */
        else if (whose != SIZE_MAX)
            m->seen |= m->l->origins.items[whose].item == m->item ? LOWER : UPPER;
    }
    return true;
}

static unsigned mentions(const level *l, const gw_node *node, size_t item)
{
    mention m = {.l = l, .item = item};
    gw_node_walk(node, look, &m);
    return m.seen;
}

/* An equation between something of `a` and something of `b`. */
static bool linked(const level *l, size_t a, size_t b)
{
    for (size_t i = 0; i < l->conditions.len; i++) {
        const gw_node *node = l->conditions.items[i];
        const char *op = gw_node_is(node, "A_Expr") ? operator_of(node) : NULL;
        const gw_node *left = gw_node_get(node, "lexpr"), *right = gw_node_get(node, "rexpr");
        if (!op || strcmp(op, "=") != 0)
            continue;
        if (((mentions(l, left, a) & LOWER) && (mentions(l, right, b) & LOWER)) ||
            ((mentions(l, left, b) & LOWER) && (mentions(l, right, a) & LOWER)))
            return true;
    }
    return false;
}

/* ---- EXISTS ---------------------------------------------------------------------------------- */

/* Of which origin of the level around it a column is that an inner level names; SIZE_MAX: of none, or
 * nobody says. */
static size_t outer_owner(const level *outer, const level *inner, const gw_node *column)
{
    if (!gw_node_is(column, "ColumnRef") || owner(inner, column, 0) != SIZE_MAX)
        return SIZE_MAX;
    return owner(outer, column, SIZE_MAX);
}

/* An inner level, seen from the one around it. */
typedef struct view {
    const level *outer, *inner;
    bool apart; /* every column is the outer one's */
} view;

static bool look_out(void *self, const gw_node *node)
{
    view *v = self;
    if (gw_node_is(node, "SubLink"))
        v->apart = false;
    if (gw_node_is(node, "ColumnRef"))
        v->apart = v->apart && outer_owner(v->outer, v->inner, node) != SIZE_MAX;
    return v->apart;
}

static bool first_call(void *self, const gw_node *node)
{
    bool *calls = self;
    *calls = *calls || gw_node_is(node, "FuncCall");
    return !*calls;
}

/* Has it a row only where its WHERE holds for one? An aggregate has one of none, and any call may be one. */
static bool is_filter(const gw_node *query)
{
    bool calls = false;
    gw_node_walk(gw_node_get(query, "targetList"), first_call, &calls);
    return gw_node_is(query, "SelectStmt") && !calls && !gw_node_get(query, "larg") &&
           !gw_node_get(query, "withClause") && !gw_node_get(query, "groupClause") &&
           !gw_node_get(query, "havingClause") && gw_node_count(gw_node_get(query, "fromClause"));
}

/* `inner.column = outer.column`, and the inner one is bounded: so is the outer one. */
static void tie(level *outer, const level *inner, const gw_node *node)
{
    const gw_node *sides[] = {gw_node_get(node, "lexpr"), gw_node_get(node, "rexpr")};
    const char *op = gw_node_is(node, "A_Expr") ? operator_of(node) : NULL;
    if (!op || strcmp(op, "=") != 0 || !gw_node_says(node, "kind", "AEXPR_OP"))
        return;
    for (size_t i = 0; i < 2; i++) {
        size_t out = outer_owner(outer, inner, sides[i]);
        size_t in = gw_node_is(sides[1 - i], "ColumnRef") ? owner(inner, sides[1 - i], SIZE_MAX) : SIZE_MAX;
        if (out != SIZE_MAX && in != SIZE_MAX && inner->origins.items[in].bounded)
            outer->origins.items[out].bounded = true;
    }
}

static void bound_by_conditions(level *l);
static void spread(level *l);

/* EXISTS (SELECT … WHERE …): it holds for a row where all of its conditions hold for one of what it reads. */
static void bound_by_exists(level *l, const gw_node *node)
{
    const gw_node *query = gw_node_get(node, "subselect");
    if (!gw_node_is(node, "SubLink") || !gw_node_says(node, "subLinkType", "EXISTS_SUBLINK") ||
        !is_filter(query))
        return;
    level inner = enter(l->s, NULL, gw_node_get(query, "fromClause"), gw_node_get(query, "whereClause"));
    bound_by_conditions(&inner);
    spread(&inner);
    for (size_t i = 0; i < l->origins.len; i++) {
        unsigned seen = 0;
        for (size_t c = 0; l->origins.items[i].batch && c < inner.conditions.len; c++) {
            view v = {l, &inner, true};
            gw_node_walk(inner.conditions.items[c], look_out, &v);
            seen |= v.apart ? bounds(l, inner.conditions.items[c], i) : 0;
        }
        l->origins.items[i].bounded |= seen == BOTH;
    }
    for (size_t c = 0; c < inner.conditions.len; c++)
        tie(l, &inner, inner.conditions.items[c]);
}

/* By conditions of their own. */
static void bound_by_conditions(level *l)
{
    for (size_t i = 0; i < l->origins.len; i++) {
        unsigned seen = 0;
        for (size_t c = 0; l->origins.items[i].batch && c < l->conditions.len; c++)
            seen |= bounds(l, l->conditions.items[c], i);
        l->origins.items[i].bounded |= seen == BOTH;
    }
    for (size_t c = 0; c < l->conditions.len; c++) {
        size_t whose = chosen(l, l->conditions.items[c]);
        if (whose != SIZE_MAX)
            l->origins.items[whose].bounded = true;
        bound_by_exists(l, l->conditions.items[c]);
    }
}

/* All of one join are bounded together, and what an equation ties to them. */
static void spread(level *l)
{
    for (bool more = true; more;) {
        more = false;
        for (size_t a = 0; a < l->origins.len; a++)
            for (size_t b = 0; l->origins.items[a].bounded && b < l->origins.len; b++) {
                origin *to = &l->origins.items[b];
                size_t from = l->origins.items[a].item;
                if (to->bounded || (from != to->item && !linked(l, from, to->item)))
                    continue;
                to->bounded = more = true;
            }
    }
}

static void note_with(search *s, const gw_node *statement)
{
    const gw_node *all = gw_node_get(gw_node_get(statement, "withClause"), "ctes");
    for (size_t i = 0; i < gw_node_count(all); i++) {
        const gw_node *query = gw_node_get(gw_node_at(all, i), "ctequery");
        bool bounded = keeps(s, query), writes = query && !gw_node_is(query, "SelectStmt");
        s->loose = s->loose || (writes && !bounded);
        *gw_vec_push(s->arena, &s->with) =
            (named){gw_node_text(gw_node_at(all, i), "ctename"), bounded};
    }
}

static bool select_keeps(search *s, const gw_node *query)
{
    const gw_node *left = gw_node_get(query, "larg"), *right = gw_node_get(query, "rarg");
    if (left && right) {
        bool one = keeps(s, left), two = keeps(s, right);
        return gw_node_says(query, "op", "SETOP_UNION")       ? one && two
               : gw_node_says(query, "op", "SETOP_INTERSECT") ? one || two
                                                              : one;
    }
    level l = enter(s, NULL, gw_node_get(query, "fromClause"), gw_node_get(query, "whereClause"));
    bound_by_conditions(&l);
    for (size_t i = 0; i < l.origins.len; i++)
        if (l.origins.items[i].bounded)
            return true;
    return false;
}

static bool keeps(search *s, const gw_node *statement)
{
    size_t outside = s->with.len;
    const gw_node *target = gw_node_get(statement, "relation");
    const gw_node *where = gw_node_get(statement, "whereClause");
    bool updates = gw_node_is(statement, "UpdateStmt"), bounded = false;
    if (!statement)
        return false;
    note_with(s, statement);
    if (updates || gw_node_is(statement, "DeleteStmt")) {
        level l =
            enter(s, target, gw_node_get(statement, updates ? "fromClause" : "usingClause"), where);
        bound_by_conditions(&l);
        spread(&l);
        bounded = l.origins.items[0].bounded;
    } else if (gw_node_is(statement, "InsertStmt")) {
        bounded = keeps(s, gw_node_get(statement, "selectStmt"));
    } else if (gw_node_is(statement, "SelectStmt") || !statement->type) {
        bounded = select_keeps(s, statement);
    }
    s->with.len = outside;
    return bounded;
}

/* ---- what the grammar does not know ------------------------------------------------------------
 */

static bool is_parameter(const gw_token *token, char number)
{
    return token->kind == GW_TOKEN_PARAM && token->len == 2 && token->text[1] == number;
}

/* … WHERE [table.]key BETWEEN $1 AND $2, and no more. */
static bool ends_with_range(gw_arena *arena, const gw_batch_directive *batch, const char *text,
                            size_t len)
{
    enum { LAST = 8 };
    gw_token last[LAST] = {{0}};
    size_t depth = 0, wheres = 0, count = 0;
    gw_lexer lexer = gw_lexer_start(text, len);
    for (gw_token t = gw_lexer_next(&lexer); t.kind != GW_TOKEN_END; t = gw_lexer_next(&lexer)) {
        if (gw_token_symbol(&t, ";"))
            continue;
        depth += gw_token_symbol(&t, "(");
        depth -= depth && gw_token_symbol(&t, ")");
        wheres += !depth && gw_token_is(&t, "where");
        memmove(last, last + 1, (LAST - 1) * sizeof *last);
        last[LAST - 1] = t;
        count++;
    }
    const gw_token *key = &last[LAST - 5], *before = key - 1;
    if (count >= LAST && gw_token_symbol(before, "."))
        before -= 2;
    const char *name = gw_token_is_name(key)
                           ? gw_token_name(arena, key)
                           : NULL;
    return count >= LAST && wheres == 1 && gw_token_is(before, "where") && name &&
           strcmp(name, batch->key) == 0 && gw_token_is(key + 1, "between") &&
           is_parameter(key + 2, '1') && gw_token_is(key + 3, "and") && is_parameter(key + 4, '2');
}

/* ---- the verdict ------------------------------------------------------------------------------
 */

static bool first_parameter(void *self, const gw_node *node)
{
    const gw_node **found = self;
    if (gw_node_is(node, "ParamRef") && !*found)
        *found = node;
    return true;
}

static bool refuse(const search *s, const gw_node *tree, const char *text, gw_err *err)
{
    const char *key = s->batch->key, *table = s->batch->table;
    const gw_node *at = s->open ? s->open : s->cast;
    if (!at && tree)
        gw_node_walk(tree, first_parameter, &at);
    if (s->open) {
        gw_err_set(err, GW_ERR_INPUT, "a batch without the first or the last row of each range");
        gw_err_detail(
            err, "$1 and $2 are the first and the last %s of the range: both belong to it", key);
    } else if (s->cast) {
        gw_err_set(err, GW_ERR_INPUT, "a cast of $1 or $2 may move the end of the range");
        gw_err_detail(err,
                      "rows between the key and what the cast makes of it would be left out; "
                      "without a cast both have the type of %s",
                      key);
    } else {
        gw_err_set(err, GW_ERR_INPUT, "this batch does not keep to its range: %s",
                   tree ? "$1 and $2 do not bound what it writes"
                        : "how it uses $1 and $2 cannot be read");
        gw_err_detail(err,
                      "%s BETWEEN $1 AND $2, a condition on %s's own column, has to hold for "
                      "every row: joined by AND, not below OR or NOT; another table is tied to "
                      "it by an equation",
                      key, table);
    }
    for (int i = 0; at && i <= at->location; i++)
        err->position += ((unsigned char)text[i] & 0xC0) != 0x80;
    return gw_err_hint(err,
                       "write: … WHERE %s BETWEEN $1 AND $2 (and the rest: AND (…)); for ranges of "
                       "another table's column: -- godwit: batch TABLE.COLUMN SIZE",
                       key);
}

bool gw_batch_keeps_range(gw_arena *arena, const gw_batch_directive *batch, const char *text,
                          size_t len, gw_err *err)
{
    gw_err unread = {0};
    search s = {.arena = arena, .batch = batch};
    const gw_node *tree = gw_tree_parse(arena, text, len, &unread);
    gw_err_clear(&unread);
    bool kept = tree ? keeps(&s, tree) && !s.loose : ends_with_range(arena, batch, text, len);
    if (kept && !s.open && !s.cast)
        return true;
    return refuse(&s, tree, text, err);
}
