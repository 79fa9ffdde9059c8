/* Values that a column may take, guessed from its type, its checks and its name. */
#include <stdlib.h>
#include <string.h>

#include "app/rows.h"
#include "base/buf.h"
#include "sql/quote.h"

/* A type, and a value of it in which each # is the row's number. */
static const struct by_type {
    const char *base, *likely, *others[7];
} by_type[] = {
    {"bool", "true", {"false"}},
    {"int2", "#", {"0", "-1", "10", "100", "1000"}},
    {"int4", "#", {"0", "-1", "10", "100", "1000"}},
    {"int8", "#", {"0", "-1", "10", "100", "1000"}},
    {"numeric", "#", {"0", "0.5", "-1", "10", "100", "1000"}},
    {"float4", "#", {"0", "0.5", "-1", "10", "100"}},
    {"float8", "#", {"0", "0.5", "-1", "10", "100"}},
    {"money", "#", {"0"}},
    {"date", "2024-01-0#", {"2100-01-01", "2000-01-01"}},
    {"timestamp", "2024-01-0# 10:00:00", {"2100-01-01", "2000-01-01"}},
    {"timestamptz", "2024-01-0# 10:00:00+00", {"2100-01-01 00:00:00+00", "2000-01-01 00:00:00+00"}},
    {"time", "10:00:0#", {"00:00"}},
    {"timetz", "10:00:0#+00", {"00:00+00"}},
    {"interval", "# days", {"1 month", "0", "1 second"}},
    {"uuid", "00000000-0000-4000-8000-00000000000#", {NULL}},
    {"json", "{\"k\": #}", {"[]", "[#]", "\"x\"", "#", "{}"}},
    {"jsonb", "{\"k\": #}", {"[]", "[#]", "\"x\"", "#", "{}"}},
    {"bytea", "\\x0#", {"\\x"}},
    {"inet", "10.0.0.#", {"10.0.0.0/24", "::1"}},
    {"cidr", "10.0.#.0/24", {NULL}},
    {"macaddr", "08:00:2b:01:02:0#", {NULL}},
    {"macaddr8", "08:00:2b:01:02:03:04:0#", {NULL}},
    {"xml", "<a>#</a>", {NULL}},
    {"tsvector", "word#", {NULL}},
    {"tsquery", "word#", {NULL}},
    {"point", "(#,#)", {NULL}},
    {"line", "{1,1,#}", {NULL}},
    {"lseg", "[(0,0),(1,#)]", {NULL}},
    {"box", "((0,0),(1,#))", {NULL}},
    {"path", "[(0,0),(1,#)]", {NULL}},
    {"polygon", "((0,0),(1,#),(2,0))", {NULL}},
    {"circle", "<(0,0),#>", {NULL}},
    {"pg_lsn", "0/#", {NULL}},
    {"oid", "#", {NULL}},
    {"xid", "#", {NULL}},
    {"regclass", "pg_class", {NULL}},
    {"regtype", "int4", {NULL}},
    {"hstore", "k=>#", {NULL}},
    {"ltree", "a.b#", {NULL}},
    {"int4range", "[#0,#5)", {"empty"}},
    {"int8range", "[#0,#5)", {"empty"}},
    {"numrange", "[#0,#5)", {"empty"}},
    {"daterange", "[2024-0#-01,2024-0#-15)", {"empty"}},
    {"tsrange", "[2024-0#-01,2024-0#-15)", {"empty"}},
    {"tstzrange", "[2024-0#-01 00:00+00,2024-0#-15 00:00+00)", {"empty"}},
    {"char", "#", {NULL}},
};

static const char *const other_texts[] = {
    "a#@example.org", "https://example.org/#", "ABC", "abc", "USD", "US", "A#", "a-#", "#", "+1555000000#",
    "2024-01-0#",     "#.0.0",                 "{}",  "00",  "en_US", "",
};

typedef struct guess {
    gw_arena *arena;
    const gw_row_column *column;
    unsigned k;
    gw_candidates *out;
} guess;

static bool is_text(const char *base)
{
    static const char *const bases[] = {"text", "varchar", "bpchar", "citext", "name"};
    for (size_t i = 0; i < sizeof bases / sizeof *bases; i++)
        if (strcmp(base, bases[i]) == 0)
            return true;
    return false;
}

static const char *numbered(const guess *g, const char *pattern)
{
    gw_buf out = GW_BUF(g->arena);
    for (; *pattern; pattern++) {
        if (*pattern == '#')
            gw_buf_addf(&out, "%u", g->k);
        else
            gw_buf_addc(&out, *pattern);
    }
    return gw_buf_str(&out);
}

/* {"…"} around an element. */
static const char *as_array(const guess *g, const char *value)
{
    gw_buf out = GW_BUF(g->arena);
    gw_buf_add(&out, "{\"");
    for (; *value; value++) {
        if (*value == '"' || *value == '\\')
            gw_buf_addc(&out, '\\');
        gw_buf_addc(&out, *value);
    }
    gw_buf_add(&out, "\"}");
    return gw_buf_str(&out);
}

/* As the value of the column: cut to its length, in an array where it is one. */
static void add(const guess *g, const char *value)
{
    enum { HEADER = 4 };
    const gw_row_column *c = g->column;
    bool array = *c->category == 'A';
    bool limited = c->typmod >= HEADER &&
                   (strcmp(c->base, "varchar") == 0 || strcmp(c->base, "bpchar") == 0);
    if (limited && strlen(value) > (size_t)(c->typmod - HEADER)) {
        /* What tells the rows apart stands at the end. */
        size_t most = (size_t)(c->typmod - HEADER), len = strlen(value);
        value = gw_printf(g->arena, "%.*s%c", (int)(most - 1), value, value[len - 1]);
    }
    const char *sql = gw_quote_literal(g->arena, array ? as_array(g, value) : value);
    for (size_t i = 0; i < g->out->len; i++)
        if (strcmp(g->out->items[i], sql) == 0)
            return;
    *gw_vec_push(g->arena, g->out) = sql;
}

static void add_sql(const guess *g, const char *sql)
{
    *gw_vec_push(g->arena, g->out) = sql;
}

/* A number in a check about a text or bytes is a length, most of the time. */
static void add_length(const guess *g, long n)
{
    enum { MOST = 1000000 };
    const char *base = g->column->base;
    if (n < 1 || n > MOST || *g->column->category == 'A')
        return;
    char digit = (char)('a' + (g->k - 1) % 6);
    if (strcmp(base, "bytea") == 0) {
        add_sql(g, gw_printf(g->arena, "pg_catalog.decode(pg_catalog.repeat('0%c', %ld), 'hex')",
                             digit, n));
    } else if (is_text(base)) {
        add_sql(g, gw_printf(g->arena, "pg_catalog.repeat('%c', %ld)", digit, n));
        add_sql(g, gw_printf(g->arena, "'0x' || pg_catalog.repeat('%c', %ld)", digit, n));
        add_sql(g, gw_printf(g->arena, "pg_catalog.repeat('%c', %ld)", digit - 'a' + 'A', n));
        add_sql(g, gw_printf(g->arena, "pg_catalog.repeat('%u', %ld)", g->k, n));
    }
}

static void add_known(const guess *g, const gw_row_value *values, size_t count, bool labels)
{
    /* Each row begins with another one. */
    for (size_t i = 0; i < count; i++) {
        const gw_row_value *v = &values[(i + g->k - 1) % count];
        bool label = strcmp(v->sort, "label") == 0;
        bool number = strcmp(v->sort, "number") == 0;
        if (label != labels)
            continue;
        if (!number || !is_text(g->column->base))
            add(g, v->value);
        if (number) {
            add(g, gw_printf(g->arena, "%ld", atol(v->value) + (long)g->k));
            add_length(g, atol(v->value));
            if (atol(v->value) > 1)
                add_length(g, atol(v->value) - 1);
        }
    }
}

static void add_by_type(const guess *g)
{
    const gw_row_column *c = g->column;
    for (size_t i = 0; i < sizeof by_type / sizeof *by_type; i++) {
        if (strcmp(by_type[i].base, c->base) != 0)
            continue;
        add(g, strcmp(c->base, "bool") == 0 && g->k % 2 == 0 ? "false" : numbered(g, by_type[i].likely));
        for (size_t o = 0; by_type[i].others[o]; o++)
            add(g, numbered(g, by_type[i].others[o]));
        return;
    }
}

static void add_texts(const guess *g)
{
    for (size_t i = 0; i < sizeof other_texts / sizeof *other_texts; i++)
        add(g, numbered(g, other_texts[i]));
}

static void add_bits(const guess *g)
{
    gw_buf bits = GW_BUF(g->arena);
    int64_t len = g->column->typmod > 0 ? g->column->typmod : 4;
    for (int64_t i = 0; i < len; i++)
        gw_buf_addc(&bits, i % (int64_t)(g->k + 1) ? '0' : '1');
    add(g, gw_buf_str(&bits));
}

static void add_composite(const guess *g)
{
    gw_buf row = GW_BUF(g->arena);
    gw_buf_addc(&row, '(');
    for (int64_t i = 1; i < g->column->fields; i++)
        gw_buf_addc(&row, ',');
    gw_buf_addc(&row, ')');
    add(g, gw_buf_str(&row));
}

void gw_candidates_of(gw_arena *arena, const gw_row_column *column, const gw_row_value *values,
                      size_t count, unsigned k, gw_candidates *out)
{
    guess g = {arena, column, k, out};
    const char *base = column->base;
    size_t begun = out->len;
    if (count)
        add_known(&g, values, count, true);
    if (is_text(base))
        add(&g, gw_printf(arena, "%s %u", column->name, k));
    else if (strcmp(base, "bit") == 0 || strcmp(base, "varbit") == 0)
        add_bits(&g);
    add_by_type(&g);
    if (count)
        add_known(&g, values, count, false);
    if (is_text(base))
        add_texts(&g);
    if (*column->sort == 'c')
        add_composite(&g);
    if (*column->category == 'A')
        add_sql(&g, "'{}'");
    else if (out->len == begun)
        for (const char *const *any = (const char *const[]){"0", "1", "empty", "{}", "", NULL}; *any;
             any++)
            add(&g, *any);
}
