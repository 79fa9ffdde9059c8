#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/file.h"
#include "migrate/convention/convention.h"
#include "sql/lex.h"

/* One line of directives on its way. */
typedef struct reader {
    gw_arena *arena;
    const gw_source *source;
    const gw_mark *mark;
    const char *at;
    gw_directives *out;
} reader;

typedef struct directive {
    const char *word;
    enum { FLAG, VALUE, LIST, REST, BATCH } shape;
    bool (*read)(reader *r, const char *value, gw_err *err);
} directive;

void gw_directives_init(gw_directives *directives)
{
    *directives = (gw_directives){.lock_timeout_ms = -1, .statement_timeout_ms = -1};
}

static bool fail(reader *r, const char *at, gw_err *err, const char *format, const char *word)
{
    char *text = gw_printf(r->arena, "directive `%s` ", word);
    gw_source_error(err, r->source, r->mark->line, "%s%s", text, format);
    unsigned col = r->mark->col + (unsigned)(at - r->mark->text);
    return gw_err_at(err, r->source->shown, r->mark->line, col);
}

static bool twice(reader *r, bool said, const char *word, gw_err *err)
{
    if (!said)
        return true;
    fail(r, r->at, err, "is said twice", word);
    return gw_err_hint(err, "keep one of them");
}

static bool read_no_transaction(reader *r, const char *value, gw_err *err)
{
    (void)value;
    (void)err;
    r->out->no_transaction = r->out->transaction_said = true;
    return true;
}

static bool read_repeatable(reader *r, const char *value, gw_err *err)
{
    (void)value;
    (void)err;
    r->out->repeatable = true;
    return true;
}

static bool read_env(reader *r, const char *value, gw_err *err)
{
    (void)value;
    (void)err;
    r->out->env = true;
    return true;
}

static bool read_allow_data_loss(reader *r, const char *value, gw_err *err)
{
    (void)value;
    (void)err;
    r->out->allow_data_loss = true;
    return true;
}

static bool read_duration(reader *r, const char *value, const char *word, int64_t *out, gw_err *err)
{
    if (!twice(r, *out >= 0, word, err))
        return false;
    if (gw_duration_parse(value, out))
        return true;
    *out = -1;
    fail(r, r->at, err, "needs a duration", word);
    gw_err_detail(err, "\"%s\" is none", value);
    return gw_err_hint(err, "write it as 500ms, 2s, 15min or 1h; 0 means no limit");
}

static bool read_lock_timeout(reader *r, const char *value, gw_err *err)
{
    return read_duration(r, value, "lock_timeout", &r->out->lock_timeout_ms, err);
}

static bool read_statement_timeout(reader *r, const char *value, gw_err *err)
{
    return read_duration(r, value, "statement_timeout", &r->out->statement_timeout_ms, err);
}

static bool empty_item(reader *r, const char *word, gw_err *err)
{
    fail(r, r->at, err, "has an empty item", word);
    return gw_err_hint(err, "write it as: %s=ONE,OTHER", word);
}

/* Comma-separated; adds to what earlier lines said. */
static bool read_list(reader *r, const char *value, const char *word, const char ***items,
                      size_t *count, gw_err *err)
{
    while (*value) {
        size_t len = strcspn(value, ",");
        if (!len)
            return empty_item(r, word, err);
        *items =
            gw_realloc(r->arena, *items, *count * sizeof **items, (*count + 1) * sizeof **items);
        (*items)[(*count)++] = gw_strndup(r->arena, value, len);
        value += len;
        if (*value == ',' && !*++value)
            return empty_item(r, word, err);
    }
    return true;
}

static bool read_requires(reader *r, const char *value, gw_err *err)
{
    size_t before = r->out->requires_count;
    if (!read_list(r, value, "requires", &r->out->requires, &r->out->requires_count, err))
        return false;
    size_t count = r->out->requires_count;
    r->out->requires_lines = gw_realloc(r->arena, r->out->requires_lines,
                                        before * sizeof *r->out->requires_lines,
                                        count * sizeof *r->out->requires_lines);
    for (size_t i = before; i < count; i++)
        r->out->requires_lines[i] = r->mark->line;
    return true;
}

static bool read_replaces(reader *r, const char *value, gw_err *err)
{
    return read_list(r, value, "replaces", &r->out->replaces, &r->out->replaces_count, err);
}

static bool read_only(reader *r, const char *value, gw_err *err)
{
    return read_list(r, value, "only", &r->out->only, &r->out->only_count, err);
}

static bool batch_error(reader *r, const char *at, gw_err *err)
{
    fail(r, at, err, "needs a table with its key and a size", "batch");
    return gw_err_hint(err, "write it as: -- godwit: batch TABLE.KEY SIZE, for example "
                            "batch orders.id 10000");
}

static bool read_batch(reader *r, const char *value, gw_err *err)
{
    (void)value;
    const char *start = r->at;
    if (!twice(r, r->out->batch.table != NULL, "batch", err))
        return false;
    const char *parts[3];
    size_t count = 0;
    gw_lexer lexer = gw_lexer_start(start, strlen(start));
    gw_token token;
    for (;;) {
        token = gw_lexer_next(&lexer);
        if (count == 3 || (token.kind != GW_TOKEN_WORD && token.kind != GW_TOKEN_QUOTED))
            return batch_error(r, start, err);
        parts[count++] = gw_token_name(r->arena, &token);
        gw_lexer ahead = lexer;
        token = gw_lexer_next(&ahead);
        if (token.kind != GW_TOKEN_SYMBOL || token.len != 1 || *token.text != '.')
            break;
        lexer = ahead;
    }
    token = gw_lexer_next(&lexer);
    size_t digits = token.kind == GW_TOKEN_NUMBER ? gw_digits(token.text) : 0;
    if (count < 2 || digits == 0 || digits != token.len || digits > 18)
        return batch_error(r, start, err);
    int64_t size = strtoll(token.text, NULL, 10);
    if (size < 1)
        return batch_error(r, start, err);
    r->out->batch = (gw_batch_directive){.schema = count == 3 ? parts[0] : NULL,
                                         .table = parts[count - 2],
                                         .key = parts[count - 1],
                                         .size = size,
                                         .line = r->mark->line};
    r->at = token.text + token.len;
    return true;
}

static bool read_ignore(reader *r, const char *value, gw_err *err)
{
    if (*value)
        return true;
    fail(r, r->at, err, "needs the rule and the reason", "ignore");
    return gw_err_hint(err, "write it as: -- godwit: ignore RULE REASON");
}

static const directive directives[] = {
    {"no-transaction", FLAG, read_no_transaction},
    {"repeatable", FLAG, read_repeatable},
    {"env", FLAG, read_env},
    {"allow-data-loss", FLAG, read_allow_data_loss},
    {"lock_timeout", VALUE, read_lock_timeout},
    {"statement_timeout", VALUE, read_statement_timeout},
    {"requires", LIST, read_requires},
    {"replaces", LIST, read_replaces},
    {"only", LIST, read_only},
    {"batch", BATCH, read_batch},
    {"ignore", REST, read_ignore},
};
enum { DIRECTIVES = sizeof directives / sizeof *directives };

static const directive *find(const char *word, size_t len)
{
    for (size_t i = 0; i < DIRECTIVES; i++)
        if (strlen(directives[i].word) == len && memcmp(directives[i].word, word, len) == 0)
            return &directives[i];
    return NULL;
}

static const char own[] = "godwit:";

/* Whether the word could not be of an ordinary sentence: with its value, or alone. */
static bool stands_as_directive(const directive *d, const char *after, const char *end, bool colon)
{
    while (after < end && (*after == ' ' || *after == '\t'))
        after++;
    bool value = d->shape == VALUE || d->shape == LIST;
    if (value || after == end || *after == '*')
        return value ? after < end && *after == '=' : true;
    return colon || *after == ',';
}

bool gw_directive_meant(const char *text, size_t len)
{
    enum { NAME = sizeof own - 2 };
    const char *at = text + NAME, *end = text + len;
    if (len < NAME || strncasecmp(text, own, NAME) != 0)
        return false;
    bool colon = false;
    for (; at < end && (*at == ' ' || *at == '\t' || *at == ':'); at++)
        colon |= *at == ':';
    for (size_t i = 0; i < DIRECTIVES && at > text + NAME; i++) {
        size_t n = strlen(directives[i].word);
        if ((size_t)(end - at) >= n && strncasecmp(at, directives[i].word, n) == 0 &&
            (at + n == end || !isalnum((unsigned char)at[n])))
            return stands_as_directive(&directives[i], at + n, end, colon);
    }
    return false;
}

static bool unknown(reader *r, const char *word, size_t len, gw_err *err)
{
    const char *nearest = NULL;
    size_t best = 4;
    for (size_t i = 0; i < DIRECTIVES; i++) {
        const char *known = directives[i].word;
        size_t d = gw_text_distance(word, len, known, strlen(known));
        if (d < best) {
            best = d;
            nearest = known;
        }
    }
    fail(r, word, err, "is not known", gw_strndup(r->arena, word, len));
    if (nearest)
        return gw_err_hint(err, "did you mean `%s`?", nearest);
    return gw_err_hint(err, "known are no-transaction, repeatable, env, allow-data-loss, "
                            "lock_timeout=, statement_timeout=, requires=, replaces=, only=, batch "
                            "and ignore");
}

static size_t word_length(const char *at)
{
    return strcspn(at, " \t\r,=");
}

static const char *skip_blanks(const char *at)
{
    return at + strspn(at, " \t\r");
}

/* Where a comma goes on with the list instead of beginning a new directive. */
static bool list_goes_on(const char *after_comma)
{
    const char *word = skip_blanks(after_comma);
    size_t len = word_length(word);
    if (!len || *skip_blanks(word + len) == '=')
        return false;
    return word == after_comma || !find(word, len);
}

/* A value up to a blank or a comma; a list up to the comma that ends it, without its blanks. */
static const char *take_value(reader *r, bool list)
{
    gw_buf value = GW_BUF(r->arena);
    for (;;) {
        size_t len = strcspn(r->at, " \t\r,");
        gw_buf_addn(&value, r->at, len);
        r->at += len;
        const char *comma = skip_blanks(r->at);
        if (!list || *comma != ',' || !list_goes_on(comma + 1))
            return gw_buf_str(&value);
        gw_buf_addc(&value, ',');
        r->at = skip_blanks(comma + 1);
    }
}

static bool read_one(reader *r, bool late, gw_err *err)
{
    const char *word = r->at;
    size_t len = word_length(word);
    const directive *d = find(word, len);
    if (!d)
        return unknown(r, word, len, err);
    if (late && d->shape != REST) {
        fail(r, word, err, "stands after the first statement", d->word);
        gw_err_detail(err, "there it would not have any effect");
        return gw_err_hint(err, "move it to the comments at the top");
    }
    const char *after = skip_blanks(word + len);
    bool equals = *after == '=';
    bool value = d->shape == VALUE || d->shape == LIST;
    if (value && (!equals || !*skip_blanks(after + 1))) {
        fail(r, word, err, "needs a value", d->word);
        return gw_err_hint(err, "write it as %s=…", d->word);
    }
    if (!value && equals) {
        fail(r, word, err, "takes no value", d->word);
        return gw_err_hint(err, "write it as: -- godwit: %s", d->word);
    }
    r->at = value ? skip_blanks(after + 1) : after;
    if (value)
        return d->read(r, take_value(r, d->shape == LIST), err);
    if (d->shape == REST) {
        const char *rest = r->at;
        r->at += strlen(r->at);
        return d->read(r, rest, err);
    }
    return d->read(r, "", err);
}

bool gw_directives_read(gw_arena *arena, const gw_source *source, const gw_mark *mark, bool late,
                        gw_directives *out, gw_err *err)
{
    reader r = {.arena = arena, .source = source, .mark = mark, .out = out};
    if (mark->block || strncmp(mark->text, own, sizeof own - 1) != 0) {
        if (late) /* a remark: it could not be one there */
            return true;
        gw_err_set(err, GW_ERR_INPUT, "a directive is not spelled like this");
        gw_err_at(err, source->shown, mark->line, mark->col);
        return gw_err_hint(err,
                           "write it as: -- godwit: no-transaction (in small letters, behind two "
                           "dashes, with a colon); a remark begins with another word");
    }
    r.at = mark->text + sizeof own - 1;
    bool any = false;
    for (;;) {
        r.at += strspn(r.at, " \t\r,");
        if (!*r.at)
            break;
        any = true;
        if (!read_one(&r, late, err))
            return false;
    }
    return any || unknown(&r, r.at, 0, err);
}
