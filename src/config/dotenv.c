/*
 * .env: KEY=value, `export` before it, single quotes (as written) and double quotes (\n, \t, \",
 * \\, \$, ${NAME}), both over several lines, comments from # at the start or after a space.
 */
#include <ctype.h>
#include <string.h>

#include "base/buf.h"
#include "config/source.h"

typedef struct scanner {
    gw_arena *arena;
    gw_config_source *source;
    gw_problems *problems;
    const char *at;
    unsigned line;
} scanner;

static void skip_blanks(scanner *s)
{
    while (*s->at == ' ' || *s->at == '\t' || *s->at == '\r')
        s->at++;
}

static void skip_line(scanner *s)
{
    while (*s->at && *s->at != '\n')
        s->at++;
}

static void put(scanner *s, const char *name, const char *value)
{
    for (size_t i = 0; i < s->source->dotenv.list.len; i++) {
        gw_variable *v = &s->source->dotenv.list.items[i];
        if (strcmp(v->name, name) == 0) {
            v->value = value;
            return;
        }
    }
    *gw_vec_push(s->arena, &s->source->dotenv.list) = (gw_variable){.name = name, .value = value};
}

static char *read_name(scanner *s)
{
    const char *start = s->at;
    while (isalnum((unsigned char)*s->at) || (*s->at && strchr("_.-", *s->at)))
        s->at++;
    if (s->at == start || isdigit((unsigned char)*start))
        return NULL;
    return gw_strndup(s->arena, start, (size_t)(s->at - start));
}

static const char *read_plain(scanner *s)
{
    const char *start = s->at, *end = s->at;
    for (; *s->at && *s->at != '\n'; s->at++) {
        bool blank = s->at == start || isspace((unsigned char)s->at[-1]);
        if (*s->at == '#' && blank)
            break;
        if (!isspace((unsigned char)*s->at))
            end = s->at + 1;
    }
    skip_line(s);
    return gw_dotenv_expand(s->arena, s->source,
                            gw_strndup(s->arena, start, (size_t)(end - start)));
}

/* One character after a backslash inside double quotes. */
static void add_escape(gw_buf *text, char c)
{
    switch (c) {
    case 'n':
        gw_buf_addc(text, '\n');
        break;
    case 'r':
        gw_buf_addc(text, '\r');
        break;
    case 't':
        gw_buf_addc(text, '\t');
        break;
    case '"':
    case '\\':
    case '$':
        gw_buf_addc(text, c);
        break;
    default:
        gw_buf_addc(text, '\\');
        gw_buf_addc(text, c);
    }
}

/* The text so far goes through ${NAME}; what was escaped does not. */
static void flush(scanner *s, gw_buf *piece, gw_buf *out)
{
    gw_buf_add(out, gw_dotenv_expand(s->arena, s->source,
                                     gw_strdup(s->arena, gw_buf_str(piece))));
    gw_buf_clear(piece);
}

/* NULL: the quote is never closed. */
static const char *read_quoted(scanner *s)
{
    char quote = *s->at++;
    gw_buf out = GW_BUF(s->arena), piece = GW_BUF(s->arena);
    for (; *s->at && *s->at != quote; s->at++) {
        if (*s->at == '\n')
            s->line++;
        if (*s->at == '\r' && s->at[1] == '\n')
            continue;
        if (quote == '"' && *s->at == '\\' && s->at[1]) {
            flush(s, &piece, &out);
            add_escape(&out, *++s->at);
            if (*s->at == '\n')
                s->line++;
        } else {
            gw_buf_addc(quote == '"' ? &piece : &out, *s->at);
        }
    }
    if (*s->at != quote)
        return NULL;
    s->at++;
    flush(s, &piece, &out);
    return gw_buf_str(&out);
}

static void read_assignment(scanner *s)
{
    unsigned line = s->line;
    if (strncmp(s->at, "export", 6) == 0 && (s->at[6] == ' ' || s->at[6] == '\t')) {
        s->at += 6;
        skip_blanks(s);
    }
    const char *name = read_name(s);
    skip_blanks(s);
    if (!name || *s->at != '=') {
        gw_problem_add(s->problems, line, 1, "this line is not KEY=value");
        gw_problem_hint(s->problems, "a comment starts with #; a value of several lines needs "
                                     "quotes");
        skip_line(s);
        return;
    }
    s->at++;
    skip_blanks(s);
    if (*s->at != '"' && *s->at != '\'') {
        put(s, name, read_plain(s));
        return;
    }
    const char *value = read_quoted(s);
    skip_blanks(s);
    if (!value)
        gw_problem_add(s->problems, line, 1, "the quote of %s is never closed", name);
    else if (*s->at && *s->at != '\n' && *s->at != '#')
        gw_problem_add(s->problems, s->line, 1, "there is text after the quoted value of %s",
                       name);
    else
        put(s, name, value);
    skip_line(s);
}

void gw_dotenv_read(gw_arena *arena, gw_config_source *source, char *text, size_t len,
                    gw_problems *problems)
{
    scanner s = {
        .arena = arena, .source = source, .problems = problems, .at = text, .line = 1};
    const char *nul = memchr(text, '\0', len);
    if (nul)
        gw_problem_add(problems, 1, 1, "there is a NUL character in this file");
    if (strncmp(text, "\xEF\xBB\xBF", 3) == 0)
        s.at += 3;
    while (*s.at) {
        skip_blanks(&s);
        if (*s.at == '#')
            skip_line(&s);
        else if (*s.at && *s.at != '\n')
            read_assignment(&s);
        if (*s.at == '\n') {
            s.line++;
            s.at++;
        }
    }
}
