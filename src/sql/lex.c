#include "sql/lex.h"

#include <stdint.h>
#include <string.h>

#include "base/buf.h"
#include "sql/chars.h"

/* PostgreSQL cuts longer names (NAMEDATALEN - 1). */
enum { NAME_BYTES = 63 };

gw_lexer gw_lexer_start(const char *text, size_t len)
{
    return (gw_lexer){.at = text, .end = text + len};
}

static int byte_at(const gw_lexer *lexer, const char *p, size_t ahead)
{
    return (size_t)(lexer->end - p) > ahead ? (unsigned char)p[ahead] : -1;
}

static const char *line_end(const char *p, const char *end)
{
    while (p < end && !gw_ch_newline(*p))
        p++;
    return p;
}

static const char *block_comment_end(const char *p, const char *end)
{
    size_t depth = 1;
    p += 2;
    while (end - p >= 2) {
        if (p[0] == '/' && p[1] == '*') {
            depth++;
            p += 2;
        } else if (p[0] == '*' && p[1] == '/') {
            p += 2;
            if (--depth == 0)
                return p;
        } else {
            p++;
        }
    }
    return end;
}

/* Behind the comment that begins at p; p where none does. */
static const char *comment_end(const char *p, const char *end)
{
    if (end - p < 2)
        return p;
    if (p[0] == '-' && p[1] == '-')
        return line_end(p, end);
    if (p[0] == '/' && p[1] == '*')
        return block_comment_end(p, end);
    return p;
}

static const char *skip_blank(const char *p, const char *end)
{
    for (;;) {
        const char *from = p;
        while (p < end && gw_ch_space(*p))
            p++;
        p = comment_end(p, end);
        if (p == from)
            return p;
    }
}

static const char *quoted_end(const char *p, const char *end, char quote)
{
    for (p++; p < end; p++) {
        if (*p != quote)
            continue;
        if (p + 1 == end || p[1] != quote)
            return p + 1;
        p++;
    }
    return end;
}

static const char *escaped_end(const char *p, const char *end)
{
    for (p++; p < end; p++) {
        if (*p == '\\') {
            if (++p == end)
                return end;
        } else if (*p == '\'') {
            if (p + 1 == end || p[1] != '\'')
                return p + 1;
            p++;
        }
    }
    return end;
}

/* The quote of a string's next part: white space with a newline in it, then '. NULL: none. */
static const char *next_part(const char *p, const char *end)
{
    bool newline = false;
    while (p < end) {
        if (gw_ch_space(*p))
            newline |= gw_ch_newline(*p++);
        else if (end - p >= 2 && p[0] == '-' && p[1] == '-')
            p = line_end(p, end);
        else
            break;
    }
    return p < end && newline && *p == '\'' ? p : NULL;
}

static const char *string_end(const char *quote, const char *end, bool escapes)
{
    const char *p = quote;
    do
        quote = p = escapes ? escaped_end(p, end) : quoted_end(p, end, '\'');
    while ((p = next_part(quote, end)));
    return quote;
}

/* Behind $tag$…$tag$ at p, or NULL where no tag begins. */
static const char *dollar_end(const char *p, const char *end)
{
    const char *tag = p + 1;
    if (tag < end && gw_ch_name_start((unsigned char)*tag))
        while (tag < end && gw_ch_tag((unsigned char)*tag))
            tag++;
    if (tag == end || *tag != '$')
        return NULL;
    size_t len = (size_t)(++tag - p);
    const char *close = memmem(tag, (size_t)(end - tag), p, len);
    return close ? close + len : end;
}

static const char *number_end(const gw_lexer *lexer, const char *p)
{
    bool decimal = !(p[0] == '0' && (byte_at(lexer, p, 1) | 0x20) >= 'a');
    while (p < lexer->end) {
        int c = (unsigned char)*p, next = byte_at(lexer, p, 1);
        if (decimal && (c | 0x20) == 'e' && (next == '+' || next == '-') &&
            gw_ch_digit(byte_at(lexer, p, 2)))
            p += 2;
        else if (!(gw_ch_digit(c) || (gw_ch_name_start(c) && c < 0x80) ||
                   (c == '.' && next != '.')))
            break;
        else
            p++;
    }
    return p;
}

static gw_token take(gw_lexer *lexer, gw_token_kind kind, const char *to)
{
    gw_token token = {.kind = kind, .text = lexer->at, .len = (size_t)(to - lexer->at)};
    lexer->at = to;
    return token;
}

/* U&"…" UESCAPE '!' is one token. */
static gw_token take_unicode(gw_lexer *lexer, gw_token_kind kind, const char *to)
{
    gw_token token = take(lexer, kind, to);
    gw_lexer ahead = {.at = skip_blank(to, lexer->end), .end = lexer->end};
    if (ahead.end - ahead.at < 7 || strncasecmp(ahead.at, "uescape", 7) != 0)
        return token;
    gw_token word = gw_lexer_next(&ahead);
    if (word.len != 7)
        return token;
    gw_token escape = gw_lexer_next(&ahead);
    if (escape.kind != GW_TOKEN_STRING || escape.len != 3)
        return token;
    lexer->at = ahead.at;
    token.len = (size_t)(ahead.at - token.text);
    return token;
}

static gw_token next_word(gw_lexer *lexer)
{
    const char *p = lexer->at, *end = lexer->end;
    int c = *p | 0x20, next = byte_at(lexer, p, 1);
    if (next == '\'' && (c == 'e' || c == 'b' || c == 'x' || c == 'n'))
        return take(lexer, GW_TOKEN_STRING, string_end(p + 1, end, c == 'e' || (c == 'n' && lexer->escapes)));
    if (next == '&' && c == 'u') {
        next = byte_at(lexer, p, 2);
        if (next == '"')
            return take_unicode(lexer, GW_TOKEN_QUOTED, quoted_end(p + 2, end, '"'));
        if (next == '\'')
            return take_unicode(lexer, GW_TOKEN_STRING, string_end(p + 2, end, false));
    }
    while (p < end && gw_ch_name((unsigned char)*p))
        p++;
    return take(lexer, GW_TOKEN_WORD, p);
}

static gw_token next_symbol(gw_lexer *lexer)
{
    const char *p = lexer->at;
    int c = (unsigned char)*p, next = byte_at(lexer, p, 1);
    if ((c == ':' && (next == ':' || next == '=')) || (c == '.' && next == '.'))
        return take(lexer, GW_TOKEN_SYMBOL, p + 2);
    if (!gw_ch_operator(c))
        return take(lexer, GW_TOKEN_SYMBOL, p + 1);
    do
        p++;
    while (p < lexer->end && gw_ch_operator((unsigned char)*p) && comment_end(p, lexer->end) == p);
    return take(lexer, GW_TOKEN_SYMBOL, p);
}

gw_token gw_lexer_next(gw_lexer *lexer)
{
    const char *behind;
    for (;;) {
        while (lexer->at < lexer->end && gw_ch_space(*lexer->at))
            lexer->at++;
        behind = comment_end(lexer->at, lexer->end);
        if (behind == lexer->at)
            break;
        if (lexer->want_comments)
            return take(lexer, GW_TOKEN_COMMENT, behind);
        lexer->at = behind;
    }
    const char *p = lexer->at, *end = lexer->end;
    if (p == end)
        return take(lexer, GW_TOKEN_END, p);
    int c = (unsigned char)*p, next = byte_at(lexer, p, 1);
    if (gw_ch_name_start(c))
        return next_word(lexer);
    if (gw_ch_digit(c) || (c == '.' && gw_ch_digit(next)))
        return take(lexer, GW_TOKEN_NUMBER, number_end(lexer, p));
    if (c == '\'')
        return take(lexer, GW_TOKEN_STRING, string_end(p, end, lexer->escapes));
    if (c == '"')
        return take(lexer, GW_TOKEN_QUOTED, quoted_end(p, end, '"'));
    if (c == '$' && gw_ch_digit(next)) {
        do
            p++;
        while (p < end && gw_ch_digit(*p));
        return take(lexer, GW_TOKEN_PARAM, p);
    }
    if (c == '$' && (behind = dollar_end(p, end)))
        return take(lexer, GW_TOKEN_STRING, behind);
    return next_symbol(lexer);
}

/* One blank for each character, so that positions stay; the line ends between strings stay too. */
static void add_blanks(gw_buf *out, const char *p, const char *end, bool keep_lines)
{
    for (; p < end; p++)
        if (((unsigned char)*p & 0xc0) != 0x80)
            gw_buf_addc(out, keep_lines && gw_ch_newline(*p) ? *p : ' ');
}

/* A string of several parts may have comments between them. */
static void add_string(gw_buf *out, const gw_token *token)
{
    const char *p = token->text, *end = p + token->len;
    bool escapes = (*p | 0x20) == 'e';
    const char *quote = *p == '$' ? NULL : memchr(p, '\'', token->len);
    while (quote) {
        const char *close = escapes ? escaped_end(quote, end) : quoted_end(quote, end, '\'');
        gw_buf_addn(out, p, (size_t)(close - p));
        p = close;
        quote = next_part(close, end);
        if (quote) {
            add_blanks(out, close, quote, true);
            p = quote;
        }
    }
    gw_buf_addn(out, p, (size_t)(end - p));
}

char *gw_lexer_without_comments(gw_arena *arena, const char *text, size_t len)
{
    gw_buf out = GW_BUF(arena);
    gw_buf_reserve(&out, len);
    gw_lexer lexer = gw_lexer_start(text, len);
    lexer.want_comments = true;
    const char *at = text;
    gw_token token;
    do {
        token = gw_lexer_next(&lexer);
        gw_buf_addn(&out, at, (size_t)(token.text - at));
        if (token.kind == GW_TOKEN_COMMENT)
            add_blanks(&out, token.text, token.text + token.len, false);
        else if (token.kind == GW_TOKEN_STRING)
            add_string(&out, &token);
        else
            gw_buf_addn(&out, token.text, token.len);
        at = token.text + token.len;
    } while (token.kind != GW_TOKEN_END);
    return out.data;
}

const char *gw_lexer_standard(gw_arena *arena, const char *text, size_t len, size_t *out_len)
{
    *out_len = len;
    if (!memchr(text, '\\', len))
        return text;
    gw_buf out = GW_BUF(arena);
    gw_buf_reserve(&out, len);
    gw_lexer lexer = gw_lexer_start(text, len);
    lexer.escapes = true;
    const char *at = text;
    gw_token token;
    do {
        token = gw_lexer_next(&lexer);
        gw_buf_addn(&out, at, (size_t)(token.text - at));
        at = token.text;
        bool national = token.kind == GW_TOKEN_STRING && (*at | 0x20) == 'n';
        bool plain = token.kind == GW_TOKEN_STRING && *at == '\'';
        if ((national || plain) && memchr(at, '\\', token.len)) {
            /* SELECT a'b': not a name that ends in E. */
            bool glued = out.len && gw_ch_name((unsigned char)out.data[out.len - 1]);
            gw_buf_add(&out, glued ? " E" : "E");
            at += national;
        }
        gw_buf_addn(&out, at, (size_t)(token.text + token.len - at));
        at = token.text + token.len;
    } while (token.kind != GW_TOKEN_END);
    *out_len = out.len;
    return gw_buf_str(&out);
}

size_t gw_lexer_standard_position(const char *text, size_t len, const char *standard,
                                  size_t position)
{
    const char *end = text + len;
    size_t place = 1;
    if (text == standard || position == 0)
        return position;
    for (size_t n = 1; n < position && text < end; n++) {
        bool national = (*text | 0x20) == 'n' && end - text > 1 && text[1] == '\'';
        bool added = *text != *standard && !(national && *standard == 'E');
        do
            standard++;
        while (((unsigned char)*standard & 0xc0) == 0x80);
        if (added)
            continue;
        place++;
        do
            text++;
        while (text < end && ((unsigned char)*text & 0xc0) == 0x80);
    }
    return place;
}

bool gw_token_is(const gw_token *token, const char *word)
{
    if (token->kind != GW_TOKEN_WORD)
        return false;
    for (size_t i = 0; i < token->len; i++)
        if (gw_ch_lower(token->text[i]) != word[i])
            return false;
    return word[token->len] == '\0';
}

bool gw_token_is_any(const gw_token *token, const char *const *words)
{
    for (; *words; words++)
        if (gw_token_is(token, *words))
            return true;
    return false;
}

bool gw_token_symbol(const gw_token *token, const char *symbol)
{
    return token->kind == GW_TOKEN_SYMBOL && strlen(symbol) == token->len &&
           memcmp(token->text, symbol, token->len) == 0;
}

bool gw_token_is_name(const gw_token *token)
{
    return token->kind == GW_TOKEN_WORD || token->kind == GW_TOKEN_QUOTED;
}

static void add_character(gw_buf *out, uint32_t c)
{
    if (c < 0x80) {
        gw_buf_addc(out, (char)c);
    } else if (c < 0x800) {
        gw_buf_addc(out, (char)(0xc0 | c >> 6));
        gw_buf_addc(out, (char)(0x80 | (c & 0x3f)));
    } else if (c < 0x10000) {
        gw_buf_addc(out, (char)(0xe0 | c >> 12));
        gw_buf_addc(out, (char)(0x80 | (c >> 6 & 0x3f)));
        gw_buf_addc(out, (char)(0x80 | (c & 0x3f)));
    } else if (c < 0x110000) {
        gw_buf_addc(out, (char)(0xf0 | c >> 18));
        gw_buf_addc(out, (char)(0x80 | (c >> 12 & 0x3f)));
        gw_buf_addc(out, (char)(0x80 | (c >> 6 & 0x3f)));
        gw_buf_addc(out, (char)(0x80 | (c & 0x3f)));
    }
}

/* Up to `max` digits of a base of 8 or 16; the number of them. */
static size_t read_digits(const char *p, const char *end, size_t max, unsigned base,
                          uint32_t *value)
{
    size_t n = 0;
    for (*value = 0; n < max && p + n < end; n++) {
        char c = gw_ch_lower(p[n]);
        unsigned digit = gw_ch_digit(c)         ? (unsigned)(c - '0')
                         : c >= 'a' && c <= 'f' ? (unsigned)(c - 'a') + 10
                                                : 16;
        if (digit >= base)
            break;
        *value = *value * base + digit;
    }
    return n;
}

/* A pair of UTF-16 surrogates is one character. */
static void add_unit(gw_buf *out, uint32_t unit, uint32_t *high)
{
    if (unit >= 0xd800 && unit < 0xdc00) {
        *high = unit;
        return;
    }
    if (*high && unit >= 0xdc00 && unit < 0xe000)
        unit = 0x10000 + ((*high & 0x3ff) << 10) + (unit & 0x3ff);
    *high = 0;
    add_character(out, unit);
}

/* The escape at p (behind its backslash) of an E'' string; returns what follows it. */
static const char *add_escape(gw_buf *out, const char *p, const char *end, uint32_t *high)
{
    static const char from[] = "bfnrtv", to[] = "\b\f\n\r\t\v";
    uint32_t value;
    size_t n = 0;
    if (*p == 'x' && (n = read_digits(p + 1, end, 2, 16, &value)) > 0) {
        gw_buf_addc(out, (char)value);
        return p + 1 + n;
    }
    if ((*p == 'u' && read_digits(p + 1, end, 4, 16, &value) == 4) ||
        (*p == 'U' && read_digits(p + 1, end, 8, 16, &value) == 8)) {
        add_unit(out, value, high);
        return p + (*p == 'u' ? 5 : 9);
    }
    if ((n = read_digits(p, end, 3, 8, &value)) > 0) {
        gw_buf_addc(out, (char)value);
        return p + n;
    }
    const char *letter = memchr(from, *p, sizeof from - 1);
    gw_buf_addc(out, letter ? to[letter - from] : *p);
    return p + 1;
}

/* The text between quotes, doubled ones made single; escape (0: none) is that of U&. */
static void add_quoted(gw_buf *out, const char *p, const char *end, char quote, char escape,
                       bool backslashes)
{
    uint32_t high = 0, value;
    while (p < end) {
        char c = *p++;
        if (c == quote) {
            if (p == end || *p != quote)
                return;
            gw_buf_addc(out, *p++);
        } else if (backslashes && c == '\\' && p < end) {
            p = add_escape(out, p, end, &high);
        } else if (escape && c == escape && p < end) {
            size_t plus = *p == '+';
            size_t digits = plus ? 6 : 4;
            if (*p == escape) {
                gw_buf_addc(out, *p++);
            } else if (read_digits(p + plus, end, digits, 16, &value) == digits) {
                add_unit(out, value, &high);
                p += plus + digits;
            } else {
                gw_buf_addc(out, c);
            }
        } else {
            gw_buf_addc(out, c);
        }
    }
}

static char unicode_escape(const gw_token *token)
{
    const char *end = token->text + token->len;
    /* take_unicode has put UESCAPE 'x' into the token: it ends in 'x' and the word is before. */
    const char *close = token->text[2] == '"' ? quoted_end(token->text + 2, end, '"')
                                              : string_end(token->text + 2, end, false);
    return close < end ? end[-2] : '\\';
}

static void clip_name(gw_buf *name)
{
    if (name->len <= NAME_BYTES)
        return;
    size_t len = NAME_BYTES;
    while (len > 0 && ((unsigned char)name->data[len] & 0xc0) == 0x80)
        len--;
    name->data[len] = '\0';
    name->len = len;
}

char *gw_token_name(gw_arena *arena, const gw_token *token)
{
    gw_buf name = GW_BUF(arena);
    gw_buf_reserve(&name, token->len);
    gw_buf_addn(&name, "", 0);
    const char *end = token->text + token->len;
    if (token->kind != GW_TOKEN_QUOTED) {
        for (size_t i = 0; i < token->len; i++)
            gw_buf_addc(&name, gw_ch_lower(token->text[i]));
    } else if (token->text[0] == '"') {
        add_quoted(&name, token->text + 1, end, '"', 0, false);
    } else {
        add_quoted(&name, token->text + 3, end, '"', unicode_escape(token), false);
    }
    clip_name(&name);
    return name.data;
}

char *gw_token_string(gw_arena *arena, const gw_token *token)
{
    gw_buf value = GW_BUF(arena);
    gw_buf_reserve(&value, token->len);
    gw_buf_addn(&value, "", 0);
    const char *p = token->text, *end = p + token->len;
    if (token->kind != GW_TOKEN_STRING || token->len == 0) {
        gw_buf_addn(&value, p, token->len);
        return value.data;
    }
    if (*p == '$') {
        const char *tag = memchr(p + 1, '$', token->len - 1);
        size_t len = (size_t)(tag + 1 - p);
        /* Unterminated: it has no second tag. */
        bool closed = token->len >= 2 * len && memcmp(end - len, p, len) == 0;
        gw_buf_addn(&value, p + len, token->len - len - (closed ? len : 0));
        return value.data;
    }
    bool backslashes = (*p | 0x20) == 'e';
    char escape = (*p | 0x20) == 'u' ? unicode_escape(token) : 0;
    p = memchr(p, '\'', token->len);
    while (p) {
        const char *close = backslashes ? escaped_end(p, end) : quoted_end(p, end, '\'');
        add_quoted(&value, p + 1, close, '\'', escape, backslashes);
        p = next_part(close, end);
    }
    return value.data;
}
