/*
 * PostgreSQL does not always read its own text of an expression as it has written it. What it makes
 * of that text when it is asked again stays, and is what is compared. It does so in three places:
 *
 *   (ARRAY[a, b])::t[]   the cast goes to the elements: ARRAY[(a)::t, (b)::t]. Written for an
 *                        implicit cast of the whole, as `v IN ('x', 'y')` with a varchar has it.
 *   ((a AND b) AND c)    what stands at the left is taken in: (a AND b AND c). OR likewise.
 *                        Written for BETWEEN and for IN over columns or rows.
 *   (- 5)                the sign becomes the number's: '-5'::integer. Written for -(5::int).
 *
 * Literals, quoted names and the bodies of functions are passed over as a whole.
 */
#include <ctype.h>
#include <string.h>

#include "base/buf.h"
#include "schema/internal.h"

static const char ARRAY[] = "ARRAY[";
enum { ARRAY_LEN = sizeof ARRAY - 1 };

static bool in_word(char c)
{
    return isalnum((unsigned char)c) || c == '_' || (unsigned char)c >= 0x80;
}

/* The end of a text that quotes surround, doubled ones being part of it. */
static const char *end_of_quoted(const char *p, bool escapes)
{
    char quote = *p++;
    for (; *p; p++) {
        if (escapes && *p == '\\' && p[1])
            p++;
        else if (*p == quote && p[1] == quote)
            p++;
        else if (*p == quote)
            return p + 1;
    }
    return p;
}

/* The end of $tag$ … $tag$; one further than p where it is no such thing. */
static const char *end_of_dollars(const char *p)
{
    size_t tag = 1;
    while (in_word(p[tag]))
        tag++;
    if (p[tag++] != '$')
        return p + 1;
    for (const char *end = p + tag; (end = strchr(end, '$')) != NULL; end++)
        if (strncmp(end, p, tag) == 0)
            return end + tag;
    return p + strlen(p);
}

/* One further: a word, a literal, a quoted name and a body count as one. */
static const char *next(const char *p)
{
    if (*p == '\'' || *p == '"')
        return end_of_quoted(p, false);
    if (*p == 'E' && p[1] == '\'')
        return end_of_quoted(p + 1, true);
    if (*p == '$')
        return end_of_dollars(p);
    if (!in_word(*p))
        return *p ? p + 1 : p;
    while (in_word(*p) || *p == '$')
        p++;
    return p;
}

/* The bracket that closes the one at p; NULL: none does. */
static const char *closing(const char *p)
{
    int depth = 0;
    for (; *p; p = next(p)) {
        depth += *p == '(' || *p == '[';
        depth -= *p == ')' || *p == ']';
        if (depth == 0)
            return p;
    }
    return NULL;
}

/* The [] that ends a name of a type: "character varying(5)[]", s."T"[]. */
static const char *end_of_type(const char *p)
{
    for (; *p; p = next(p)) {
        if (*p == '[')
            return p[1] == ']' ? p : NULL;
        if (*p == '(') {
            p = closing(p);
            if (!p)
                return NULL;
        } else if (!in_word(*p) && *p != '"' && *p != '.' && *p != ' ') {
            return NULL;
        }
    }
    return NULL;
}

/* The elements of ARRAY[…] at p, each cast; an array in it is taken apart likewise. */
static void cast_elements(gw_buf *buf, const char *p, const char *close, const char *type,
                          int type_len)
{
    gw_buf_add(buf, ARRAY);
    for (p += ARRAY_LEN; p < close;) {
        const char *end = p;
        while (end < close && *end != ',')
            end = *end == '(' || *end == '[' ? closing(end) + 1 : next(end);
        const char *inner = strncmp(p, ARRAY, ARRAY_LEN) == 0 ? closing(p + ARRAY_LEN - 1) : NULL;
        if (inner && inner + 1 == end)
            cast_elements(buf, p, inner, type, type_len);
        else
            gw_buf_addf(buf, "(%.*s)::%.*s", (int)(end - p), p, type_len, type);
        if (end < close)
            gw_buf_add(buf, ", ");
        p = end + strspn(end, ", ");
    }
    gw_buf_addc(buf, ']');
}

/* (ARRAY[…])::type[] at p. Each rule gives the end of what it wrote anew; NULL: not here. */
static const char *push_cast(gw_buf *buf, const char *p)
{
    if (strncmp(p + 1, ARRAY, ARRAY_LEN) != 0)
        return NULL;
    const char *close = closing(p + ARRAY_LEN);
    if (!close || close == p + 1 + ARRAY_LEN || strncmp(close, "])::", 4) != 0)
        return NULL;
    const char *type = close + 4, *end = end_of_type(type);
    if (!end)
        return NULL;
    cast_elements(buf, p + 1, close, type, (int)(end - type));
    return end + 2;
}

/* Does `word`, " AND " or " OR ", join what stands between p and end? */
static bool joined_by(const char *p, const char *end, const char *word)
{
    while (p < end) {
        if (strncmp(p, word, strlen(word)) == 0)
            return true;
        p = *p == '(' || *p == '[' ? closing(p) + 1 : next(p);
    }
    return false;
}

static const char *take_in(gw_buf *buf, const char *p)
{
    static const char *const words[] = {" AND ", " OR "};
    const char *end = p[1] == '(' ? closing(p + 1) : NULL;
    for (size_t i = 0; end && i < sizeof words / sizeof *words; i++)
        if (strncmp(end + 1, words[i], strlen(words[i])) == 0 &&
            joined_by(p + 2, end, words[i])) {
            gw_buf_addf(buf, "(%.*s", (int)(end - p - 2), p + 2);
            return end + 1;
        }
    return NULL;
}

static const char *sign_number(gw_buf *buf, const char *p)
{
    if (strncmp(p, "(- ", 3) != 0)
        return NULL;
    size_t len = strspn(p + 3, "0123456789.");
    if (len == 0 || p[3 + len] != ')')
        return NULL;
    bool whole = !memchr(p + 3, '.', len);
    if (strspn(p + 3, "0.") == len)
        gw_buf_addf(buf, "%.*s", (int)len, p + 3);
    else
        gw_buf_addf(buf, "'-%.*s'::%s", (int)len, p + 3, whole ? "integer" : "numeric");
    return p + 3 + len + 1;
}

/* One time through the text: true where something was written anew. */
static bool pass(gw_buf *buf, const char *text)
{
    bool changed = false;
    for (const char *p = text; *p;) {
        const char *end = NULL;
        if (*p == '(') {
            end = push_cast(buf, p);
            end = end ? end : take_in(buf, p);
            end = end ? end : sign_number(buf, p);
            changed |= end != NULL;
        }
        if (!end) {
            end = next(p);
            gw_buf_addf(buf, "%.*s", (int)(end - p), p);
        }
        p = end;
    }
    return changed;
}

const char *gw_stable_text(gw_arena *arena, const char *text)
{
    if (!text || !(strstr(text, "(ARRAY[") || strstr(text, "((") || strstr(text, "(- ")))
        return text;
    gw_arena *scratch = gw_arena_new();
    const char *now = text;
    bool changed = false;
    for (bool again = true; again;) {
        gw_buf buf = GW_BUF(scratch);
        again = pass(&buf, now);
        changed |= again;
        if (again)
            now = gw_buf_str(&buf);
    }
    if (changed)
        text = gw_strdup(arena, now);
    gw_arena_free(scratch);
    return text;
}

bool gw_text_names(const char *text, const char *name)
{
    size_t len = strlen(name);
    for (const char *p = text; p && *p; p = next(p))
        if (next(p) == p + len && strncmp(p, name, len) == 0)
            return true;
    return false;
}
