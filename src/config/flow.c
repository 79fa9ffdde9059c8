#include "config/flow.h"

#include <string.h>

enum { DEEPEST = 64 };

typedef struct scan {
    const char *text;
    size_t len, at;
    size_t open[DEEPEST]; /* offsets of the brackets that are open */
    size_t depth;
} scan;

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static bool ends_line(const scan *s, size_t at)
{
    return at >= s->len || s->text[at] == '\n' || s->text[at] == '\r';
}

/* Outside brackets a value begins behind "- " or ": ", or on a line of its own; what is inside a
 * plain text means nothing. */
static bool begins_value(const scan *s)
{
    size_t at = s->at;
    if (s->depth)
        return true;
    while (at > 0 && is_blank(s->text[at - 1]))
        at--;
    if (at == 0 || s->text[at - 1] == '\n')
        return true;
    return at < s->at && strchr(":-?", s->text[at - 1]);
}

static void skip_quoted(scan *s)
{
    char quote = s->text[s->at++];
    for (; s->at < s->len && s->text[s->at] != quote; s->at++)
        if (quote == '"' && s->text[s->at] == '\\')
            s->at++;
}

static size_t indent_at(const scan *s, size_t line)
{
    size_t at = line;
    while (at < s->len && s->text[at] == ' ')
        at++;
    return at - line;
}

/* "key: |": the lines below that are deeper are text. */
static void skip_block(scan *s)
{
    size_t line = s->at;
    while (line > 0 && s->text[line - 1] != '\n')
        line--;
    size_t own = indent_at(s, line), at = s->at + 1;
    while (!ends_line(s, at) && strchr("+-0123456789 \t", s->text[at]))
        at++;
    if (!ends_line(s, at) && s->text[at] != '#')
        return;
    for (;;) {
        while (at < s->len && s->text[at] != '\n')
            at++;
        if (at >= s->len)
            break;
        size_t deep = indent_at(s, at + 1);
        if (deep <= own && !ends_line(s, at + 1 + deep))
            break;
        at++;
    }
    s->at = at;
}

/* false: it closes another kind of bracket than the one that is open. */
static bool close_bracket(scan *s, char c)
{
    if (!s->depth)
        return true;
    if (s->text[s->open[s->depth - 1]] != (c == ']' ? '[' : '{'))
        return false;
    s->depth--;
    return true;
}

bool gw_yaml_unclosed(const char *text, size_t len, size_t *offset)
{
    scan s = {.text = text, .len = len};
    for (; s.at < len; s.at++) {
        char c = text[s.at];
        if (c == '#' && (s.at == 0 || strchr(" \t\n", text[s.at - 1]))) {
            while (!ends_line(&s, s.at + 1))
                s.at++;
        } else if (c == ']' || c == '}') {
            if (!close_bracket(&s, c))
                break;
        } else if (!begins_value(&s)) {
            continue;
        } else if (c == '"' || c == '\'') {
            /* Inside brackets an apostrophe may be in a word. */
            if (!s.depth || strchr(" \t\n[{,:", text[s.at - 1]))
                skip_quoted(&s);
        } else if ((c == '|' || c == '>') && !s.depth) {
            skip_block(&s);
        } else if (c == '[' || c == '{') {
            if (s.depth == DEEPEST)
                return false;
            s.open[s.depth++] = s.at;
        }
    }
    if (s.depth)
        *offset = s.open[s.depth - 1];
    return s.depth > 0;
}
