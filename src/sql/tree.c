/* libpg_query's JSON into nodes: a reader of its own, for only this one writer has to be read and
 * thousands of statements go through it. */
#include "sql/tree.h"

#include <pg_query.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "sql/lex.h"

/* libpg_query has its own bound on nesting; this one keeps our stack in bounds whatever it is. */
enum { DEEPEST = 2000 };

typedef struct reader {
    gw_arena *arena;
    const char *text; /* of the statement */
    size_t len;
    const char *at;
    unsigned depth;
    bool too_deep;
} reader;

static gw_node *read_value(reader *r, const char *key, const gw_node *parent);

static void add_utf8(gw_buf *buf, unsigned c)
{
    if (c < 0x80) {
        gw_buf_addc(buf, (char)c);
    } else if (c < 0x800) {
        gw_buf_addc(buf, (char)(0xc0 | c >> 6));
        gw_buf_addc(buf, (char)(0x80 | (c & 0x3f)));
    } else {
        gw_buf_addc(buf, (char)(0xe0 | c >> 12));
        gw_buf_addc(buf, (char)(0x80 | (c >> 6 & 0x3f)));
        gw_buf_addc(buf, (char)(0x80 | (c & 0x3f)));
    }
}

static char escaped(char c)
{
    static const char from[] = "bfnrt", to[] = "\b\f\n\r\t";
    const char *found = strchr(from, c);
    return found && c ? to[found - from] : c;
}

/* At the opening quote. */
static const char *read_string(reader *r)
{
    const char *start = ++r->at;
    size_t plain = strcspn(start, "\"\\");
    r->at += plain;
    if (*r->at == '"') {
        r->at++;
        return gw_strndup(r->arena, start, plain);
    }
    gw_buf text = GW_BUF(r->arena);
    gw_buf_addn(&text, start, plain);
    while (*r->at && *r->at != '"') {
        if (*r->at != '\\') {
            gw_buf_addc(&text, *r->at++);
            continue;
        }
        r->at++;
        if (*r->at == 'u' && strnlen(r->at, 5) == 5) {
            char hex[5] = {r->at[1], r->at[2], r->at[3], r->at[4], 0};
            add_utf8(&text, (unsigned)strtoul(hex, NULL, 16));
            r->at += 5;
        } else if (*r->at) {
            gw_buf_addc(&text, escaped(*r->at++));
        }
    }
    if (*r->at)
        r->at++;
    return gw_buf_str(&text);
}

static void name_of_field(gw_node *node)
{
    if (node->type || !node->key)
        return;
    if (gw_node_get(node, "relname"))
        node->type = "RangeVar";
    else if (gw_node_get(node, "names") && gw_node_get(node, "typemod"))
        node->type = "TypeName";
}

static void note_location(gw_node *node, const gw_node *child)
{
    if (child->kind == GW_NODE_NUMBER && strcmp(child->key, "location") == 0 && child->number >= 0)
        node->location = (int)child->number;
}

/* {"ColumnDef": {…}} is one node of that type. */
static bool is_wrapper(const gw_node *node)
{
    const gw_node *only = node->child;
    return only && !only->next && only->kind == GW_NODE_OBJECT && *only->key >= 'A' &&
           *only->key <= 'Z';
}

static void unwrap(gw_node *node)
{
    const gw_node *inner = node->child;
    node->type = inner->key;
    node->child = inner->child;
    node->location = inner->location;
    for (const gw_node *c = node->child; c; c = c->next) {
        gw_node *mine = (void *)(uintptr_t)c;
        mine->parent = node;
    }
}

/* The library keeps nothing of an integer that is not above 0: it stands in the text. */
static void mend_integer(reader *r, gw_node *constant)
{
    gw_node *value = (void *)(uintptr_t)gw_node_get(constant, "ival");
    if (!value || value->kind != GW_NODE_OBJECT || value->child || constant->location < 0 ||
        (size_t)constant->location >= r->len)
        return;
    const char *p = r->text + constant->location;
    bool minus = *p == '-';
    p += minus;
    p += strspn(p, " \t\r\n\f\v");
    if (!strspn(p, "0123456789"))
        return;
    gw_node *number = gw_alloc(r->arena, sizeof *number);
    *number = (gw_node){.kind = GW_NODE_NUMBER, .key = "ival", .location = -1, .parent = value};
    number->number = strtoll(p, NULL, 10) * (minus ? -1 : 1);
    value->child = number;
}

static void read_members(reader *r, gw_node *node, bool keys)
{
    char close = keys ? '}' : ']';
    gw_node *last = NULL;
    r->at++;
    while (*r->at && *r->at != close) {
        const char *key = keys ? read_string(r) : NULL;
        if (*r->at == ':')
            r->at++;
        gw_node *child = read_value(r, key, node);
        if (!child)
            return;
        if (keys)
            note_location(node, child);
        if (last)
            last->next = child;
        else
            node->child = child;
        last = child;
        if (*r->at == ',')
            r->at++;
    }
    if (*r->at)
        r->at++;
}

static gw_node *read_value(reader *r, const char *key, const gw_node *parent)
{
    gw_node *node = gw_alloc(r->arena, sizeof *node);
    *node = (gw_node){.key = key, .location = -1, .parent = parent};
    if (r->depth >= DEEPEST) {
        r->at = ""; /* nothing more is read: the tree would not be whole */
        r->too_deep = true;
        return NULL;
    }
    r->depth++;
    if (*r->at == '{') {
        node->kind = GW_NODE_OBJECT;
        read_members(r, node, true);
        if (is_wrapper(node))
            unwrap(node);
        if (gw_node_is(node, "A_Const"))
            mend_integer(r, node);
        name_of_field(node);
    } else if (*r->at == '[') {
        node->kind = GW_NODE_LIST;
        read_members(r, node, false);
    } else if (*r->at == '"') {
        node->kind = GW_NODE_TEXT;
        node->text = read_string(r);
    } else if (*r->at == 't' || *r->at == 'f' || *r->at == 'n') {
        node->kind = GW_NODE_BOOL;
        node->number = *r->at == 't';
        r->at += strcspn(r->at, ",}]");
    } else {
        char *end;
        node->kind = GW_NODE_NUMBER;
        node->number = strtoll(r->at, &end, 10);
        r->at = end + strcspn(end, ",}]");
    }
    r->depth--;
    return node;
}

static PgQueryParseResult parse(const char *text, gw_err *err)
{
    PgQueryParseResult result = pg_query_parse(text);
    if (result.error) {
        gw_err_set(err, GW_ERR_INPUT, "%s", result.error->message);
        memcpy(err->sqlstate, "42601", sizeof "42601");
        err->position = result.error->cursorpos > 0 ? (size_t)result.error->cursorpos : 0;
    }
    return result;
}

const gw_node *gw_tree_parse(gw_arena *arena, const char *text, size_t len, gw_err *err)
{
    if (len > GW_TREE_LONGEST) {
        gw_err_set(err, GW_ERR_INPUT, "the statement has %zu bytes", len);
        return NULL;
    }
    gw_err first = {0}, second = {0};
    const char *parsed = gw_strndup(arena, text, len);
    PgQueryParseResult result = parse(parsed, &first);
    if (result.error) {
        /* The library's scanner ends a string at a comment behind which PostgreSQL's goes on. */
        pg_query_free_parse_result(result);
        parsed = gw_lexer_without_comments(arena, text, len);
        result = parse(parsed, &second);
        gw_err_clear(&second);
    }
    const gw_node *statement = NULL;
    if (result.error) {
        gw_err_move(err, &first);
    } else {
        reader r = {.arena = arena, .text = parsed, .len = strlen(parsed),
                    .at = result.parse_tree};
        const gw_node *stmts = gw_node_get(read_value(&r, NULL, NULL), "stmts");
        statement = gw_node_get(gw_node_at(stmts, 0), "stmt");
        gw_err_clear(&first);
        if (r.too_deep)
            statement = NULL;
        if (!statement)
            gw_err_set(err, GW_ERR_INPUT,
                       r.too_deep ? "the statement is nested too deeply" : "there is no statement");
    }
    pg_query_free_parse_result(result);
    return statement;
}

const gw_node *gw_node_get(const gw_node *node, const char *key)
{
    if (!node || node->kind != GW_NODE_OBJECT)
        return NULL;
    for (const gw_node *c = node->child; c; c = c->next)
        if (strcmp(c->key, key) == 0)
            return c;
    return NULL;
}

const gw_node *gw_node_at(const gw_node *list, size_t index)
{
    const gw_node *c = list && list->kind == GW_NODE_LIST ? list->child : NULL;
    while (c && index--)
        c = c->next;
    return c;
}

size_t gw_node_count(const gw_node *list)
{
    size_t count = 0;
    for (const gw_node *c = gw_node_at(list, 0); c; c = c->next)
        count++;
    return count;
}

bool gw_node_is(const gw_node *node, const char *type)
{
    return node && node->type && strcmp(node->type, type) == 0;
}

const char *gw_node_text(const gw_node *node, const char *key)
{
    const gw_node *field = gw_node_get(node, key);
    return field && field->kind == GW_NODE_TEXT ? field->text : NULL;
}

bool gw_node_true(const gw_node *node, const char *key)
{
    const gw_node *field = gw_node_get(node, key);
    return field && field->kind == GW_NODE_BOOL && field->number;
}

int64_t gw_node_number(const gw_node *node, const char *key, int64_t otherwise)
{
    const gw_node *field = gw_node_get(node, key);
    return field && field->kind == GW_NODE_NUMBER ? field->number : otherwise;
}

bool gw_node_says(const gw_node *node, const char *key, const char *text)
{
    const char *said = gw_node_text(node, key);
    return said && strcmp(said, text) == 0;
}

const char *gw_node_string(const gw_node *node)
{
    if (!node)
        return NULL;
    if (node->kind == GW_NODE_TEXT)
        return node->text;
    const gw_node *value = gw_node_get(node, "sval");
    if (gw_node_is(node, "A_Const"))
        return value ? (gw_node_text(value, "sval") ? gw_node_text(value, "sval") : "") : NULL;
    if (!gw_node_is(node, "String"))
        return NULL;
    return value && value->kind == GW_NODE_TEXT ? value->text : "";
}

void gw_node_names(const gw_node *list, const char **schema, const char **name)
{
    *schema = *name = NULL;
    for (const gw_node *c = gw_node_at(list, 0); c; c = c->next) {
        if (!gw_node_string(c))
            continue;
        *schema = *name;
        *name = gw_node_string(c);
    }
}

void gw_node_walk(const gw_node *node, bool (*fn)(void *self, const gw_node *node), void *self)
{
    if (!node || !fn(self, node))
        return;
    for (const gw_node *c = node->child; c; c = c->next)
        gw_node_walk(c, fn, self);
}
