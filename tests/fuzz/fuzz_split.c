/*
 * The splitter. Whatever the text: its pieces are the same however it is read, follow each other,
 * leave out nothing but blanks and comments, stand where they say; and a statement split again is
 * that statement.
 */
#include <string.h>
#include <strings.h>

#include "base/vec.h"
#include "check.h"
#include "sql/lex.h"
#include "sql/split.h"

typedef struct source {
    const char *data;
    size_t len, at, step;
} source;

typedef GW_VEC(gw_piece) pieces;

typedef struct outcome {
    pieces list; /* copies; chunks of COPY data are joined */
    bool failed;
    gw_err err;
} outcome;

static long read_source(void *self, char *buf, size_t cap, gw_err *err)
{
    (void)err;
    source *s = self;
    size_t n = s->len - s->at;
    if (n > cap)
        n = cap;
    if (s->step && n > s->step)
        n = s->step;
    if (n)
        memcpy(buf, s->data + s->at, n);
    s->at += n;
    return (long)n;
}

static outcome split(gw_arena *arena, const char *data, size_t len, size_t step, bool standard)
{
    source src = {.data = data, .len = len, .step = step};
    gw_sql_input input = {.read = read_source, .self = &src};
    gw_splitter *splitter = gw_splitter_new(arena, &input);
    gw_splitter_standard_strings(splitter, standard);
    outcome out = {0};
    for (;;) {
        gw_piece p;
        if (!gw_splitter_next(splitter, &p, &out.err)) {
            out.failed = true;
            return out;
        }
        CHECK(out.err.kind == GW_OK);
        CHECK(p.offset <= len && p.len <= len - p.offset);
        CHECK(p.kind == GW_PIECE_END || p.kind == GW_PIECE_COPY_END || p.len > 0);
        CHECK(memcmp(p.text, data + p.offset, p.len) == 0);
        CHECK(p.text[p.len] == '\0');
        p.text = data + p.offset;
        gw_piece *last = out.list.len ? &out.list.items[out.list.len - 1] : NULL;
        if (p.kind == GW_PIECE_COPY_DATA && last && last->kind == p.kind) {
            CHECK(last->offset + last->len == p.offset);
            last->len += p.len;
        } else {
            *gw_vec_push(arena, &out.list) = p;
        }
        if (p.kind == GW_PIECE_END)
            return out;
    }
}

static bool same(const gw_piece *a, const gw_piece *b)
{
    return a->kind == b->kind && a->offset == b->offset && a->len == b->len && a->line == b->line &&
           a->col == b->col && a->number == b->number && a->copy_in == b->copy_in &&
           a->terminated == b->terminated;
}

static void check_same(const outcome *a, const outcome *b)
{
    CHECK(a->failed == b->failed);
    if (a->failed) {
        CHECK(strcmp(a->err.message, b->err.message) == 0);
        CHECK(a->err.line == b->err.line && a->err.col == b->err.col);
    }
    CHECK(a->list.len == b->list.len);
    for (size_t i = 0; i < a->list.len; i++)
        CHECK(same(&a->list.items[i], &b->list.items[i]));
}

static void check_place(const char *data, const gw_piece *p)
{
    unsigned line = 1, col = 1;
    size_t at = p->offset >= 3 && memcmp(data, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
    for (; at < p->offset; at++) {
        if (data[at] == '\n') {
            line++;
            col = 1;
        } else if (((unsigned char)data[at] & 0xc0) != 0x80) {
            col++;
        }
    }
    CHECK(p->line == line && p->col == col);
    unsigned end_line, end_col;
    gw_piece_place(p, p->len + 1, &end_line, &end_col);
    CHECK(end_line >= line && (end_line > line || end_col >= col));
}

/* Nothing that means anything was passed over. */
static void check_gap(const char *data, size_t from, size_t to)
{
    if (from == 0 && to >= 3 && memcmp(data, "\xef\xbb\xbf", 3) == 0)
        from = 3;
    gw_lexer lexer = gw_lexer_start(data + from, to - from);
    gw_token token;
    while ((token = gw_lexer_next(&lexer)).kind != GW_TOKEN_END) {
        CHECK(token.kind == GW_TOKEN_SYMBOL && (*token.text == ';' || *token.text == '\\'));
        if (*token.text != '\\')
            continue;
        const char *newline = memchr(token.text, '\n', (size_t)(lexer.end - token.text));
        lexer.at = newline ? newline : lexer.end;
    }
}

/* The lexer reads the same tokens as the splitter did: no semicolon stands open in a statement. */
static void check_tokens(const gw_piece *p)
{
    gw_lexer lexer = gw_lexer_start(p->text, p->len);
    gw_token token;
    size_t depth = 0;
    bool atomic = false;
    const char *end = p->text;
    while ((token = gw_lexer_next(&lexer)).kind != GW_TOKEN_END) {
        end = token.text + token.len;
        atomic |= gw_token_is(&token, "atomic");
        if (token.kind != GW_TOKEN_SYMBOL)
            continue;
        CHECK(*token.text != '\\');
        if (*token.text == '(')
            depth++;
        else if (*token.text == ')')
            depth -= depth > 0;
        else if (*token.text == ';')
            CHECK(depth > 0 || atomic);
    }
    CHECK(end == p->text + p->len);
}

static void check_alone(gw_arena *arena, const gw_piece *p, bool standard)
{
    /* Inside of a text these bytes are part of a word; at its start they would be passed over. */
    if (p->len >= 3 && memcmp(p->text, "\xef\xbb\xbf", 3) == 0)
        return;
    outcome again = split(arena, p->text, p->len, 0, standard);
    CHECK(!again.failed);
    CHECK(again.list.len == (p->copy_in ? 3u : 2u));
    const gw_piece *q = &again.list.items[0];
    CHECK(q->kind == GW_PIECE_STATEMENT && q->offset == 0 && q->len == p->len);
    CHECK(q->copy_in == p->copy_in && !q->terminated);
}

static void check_all(gw_arena *arena, const char *data, size_t len, bool standard)
{
    static const size_t steps[] = {1, 7};
    outcome whole = split(arena, data, len, 0, standard);
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        outcome stepped = split(arena, data, len, steps[i], standard);
        check_same(&whole, &stepped);
        gw_err_clear(&stepped.err);
    }
    size_t at = 0;
    unsigned number = 0;
    for (size_t i = 0; i < whole.list.len; i++) {
        const gw_piece *p = &whole.list.items[i];
        CHECK(p->offset >= at);
        check_place(data, p);
        if (standard && p->kind != GW_PIECE_COPY_DATA && p->kind != GW_PIECE_COPY_END)
            check_gap(data, at, p->offset);
        if (p->kind == GW_PIECE_STATEMENT) {
            CHECK(p->number == ++number);
            check_alone(arena, p, standard);
            if (standard)
                check_tokens(p);
        }
        at = p->offset + p->len;
    }
    if (whole.failed) {
        unsigned lines = 1;
        for (size_t i = 0; i < len; i++)
            lines += data[i] == '\n';
        CHECK(whole.err.line >= 1 && whole.err.line <= lines && whole.err.col >= 1);
        CHECK(whole.err.message && whole.err.hint);
    }
    gw_err_clear(&whole.err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    gw_arena *arena = gw_arena_new();
    check_all(arena, (const char *)data, size, true);
    check_all(arena, (const char *)data, size, false);
    gw_arena_free(arena);
    return 0;
}
