/* ${NAME}, ${NAME:-default} and $$ in values. */
#include <ctype.h>
#include <string.h>

#include "base/buf.h"
#include "config/source.h"

enum { MAX_DEPTH = 8 };

typedef struct expansion {
    gw_arena *arena;
    const gw_config_source *source;
    gw_config_value value;
    gw_problems *problems; /* NULL: as dotenv has it, nothing is wrong */
    bool failed;
} expansion;

/* After "${": the '}' that closes it, nested ones passed over; NULL where there is none. */
static const char *closing_brace(const char *text)
{
    unsigned depth = 0;
    for (; *text; text++) {
        if (text[0] == '$' && text[1] == '{') {
            depth++;
            text++;
        } else if (*text == '}') {
            if (depth-- == 0)
                return text;
        }
    }
    return NULL;
}

static size_t name_length(const char *text)
{
    size_t n = 0;
    if (isdigit((unsigned char)*text))
        return 0;
    while (isalnum((unsigned char)text[n]) || text[n] == '_')
        n++;
    return n;
}

/* Only the first mistake in a value is told. */
static bool fails_first(expansion *e)
{
    bool first = e->problems && !e->failed;
    e->failed = true;
    return first;
}

static void not_a_variable(expansion *e, const char *body, size_t len)
{
    if (!fails_first(e))
        return;
    gw_problem_add(e->problems, e->value.line, e->value.col, "\"${%.*s}\" is not a variable",
                   (int)len, body);
    gw_problem_hint(e->problems, "write ${NAME} or ${NAME:-default}; a dollar sign itself is $$");
}

static void not_set(expansion *e, const char *name)
{
    if (!fails_first(e))
        return;
    gw_problem_add(e->problems, e->value.line, e->value.col, "the variable %s is not set", name);
    gw_problem_hint(e->problems, "set %s in the environment or in .env, or write ${%s:-default}",
                    name, name);
}

static void not_closed(expansion *e)
{
    if (!fails_first(e))
        return;
    gw_problem_add(e->problems, e->value.line, e->value.col,
                   "a value opens \"${\" and does not close it");
    gw_problem_hint(e->problems, "a dollar sign itself is written $$");
}

static void expand_into(expansion *e, const char *text, size_t len, unsigned depth, gw_buf *out);

/* body is what stands between the braces. */
static void expand_variable(expansion *e, const char *body, size_t len, unsigned depth,
                            gw_buf *out)
{
    size_t n = name_length(body);
    char *name = gw_strndup(e->arena, body, n);
    bool plain = n == len;
    bool with_default = n + 2 <= len && strncmp(body + n, ":-", 2) == 0;
    if (n == 0 || (!plain && !with_default)) {
        if (!e->problems) {
            gw_buf_addf(out, "${%.*s}", (int)len, body);
            return;
        }
        not_a_variable(e, body, len);
        return;
    }
    const char *value = gw_source_variable(e->source, name, NULL);
    if (value)
        gw_buf_add(out, value);
    else if (with_default)
        expand_into(e, body + n + 2, len - n - 2, depth + 1, out);
    else
        not_set(e, name);
}

static void expand_into(expansion *e, const char *text, size_t len, unsigned depth, gw_buf *out)
{
    const char *end = text + len;
    if (depth > MAX_DEPTH) {
        if (fails_first(e))
            gw_problem_add(e->problems, e->value.line, e->value.col,
                           "a value has too many variables inside variables");
        return;
    }
    while (text < end) {
        const char *dollar = memchr(text, '$', (size_t)(end - text));
        if (!dollar || dollar + 1 >= end) {
            gw_buf_addn(out, text, (size_t)(end - text));
            return;
        }
        gw_buf_addn(out, text, (size_t)(dollar - text));
        text = dollar + 2;
        if (dollar[1] == '$' && e->problems) {
            gw_buf_addc(out, '$');
        } else if (dollar[1] != '{') {
            gw_buf_addc(out, '$');
            text = dollar + 1;
        } else {
            const char *close = closing_brace(text);
            if (!close || close >= end) {
                not_closed(e);
                gw_buf_addn(out, dollar, (size_t)(end - dollar));
                return;
            }
            expand_variable(e, text, (size_t)(close - text), depth, out);
            text = close + 1;
        }
    }
}

bool gw_value_expand(gw_arena *arena, const gw_config_source *source, gw_config_value value,
                     gw_problems *problems, const char **out)
{
    expansion e = {.arena = arena, .source = source, .value = value, .problems = problems};
    if (!strchr(value.text, '$')) {
        *out = value.text;
        return true;
    }
    gw_buf text = GW_BUF(arena);
    expand_into(&e, value.text, strlen(value.text), 0, &text);
    *out = gw_buf_str(&text);
    return !e.failed;
}

const char *gw_dotenv_expand(gw_arena *arena, const gw_config_source *source, const char *text)
{
    expansion e = {.arena = arena, .source = source, .value = {.text = text}};
    if (!strchr(text, '$'))
        return text;
    gw_buf out = GW_BUF(arena);
    expand_into(&e, text, strlen(text), 0, &out);
    return gw_buf_str(&out);
}
