/*
 * PostgreSQL does not read its own text of `v IN ('a', 'b')`, v varchar, as it has written it: it
 * writes v::text = ANY ((ARRAY['a'::character varying, …])::text[]) and, asked again of an object
 * made from that, ANY (ARRAY[('a'::character varying)::text, …]). The second form stays as it is.
 */
#include <string.h>

#include "base/buf.h"
#include "schema/internal.h"

static const char OPEN[] = "(ARRAY[";
static const char CLOSE[] = "])::text[]";
static const char TYPE[] = "::character varying";

/* The end of 'literal'::character varying(n) that begins at p; NULL: it is something else. */
static const char *element_end(const char *p)
{
    if (*p == 'E')
        p++;
    if (*p != '\'')
        return NULL;
    for (p++; *p && !(*p == '\'' && p[1] != '\''); p++)
        if (*p == '\'')
            p++;
    if (!*p || strncmp(p + 1, TYPE, sizeof TYPE - 1) != 0)
        return NULL;
    p += sizeof TYPE;
    if (*p == '(')
        p += strcspn(p, ")") + 1;
    return p;
}

/* Write the array that begins at p with a cast an element; its end, or NULL where it is another. */
static const char *rewrite(gw_buf *buf, const char *p)
{
    gw_buf_add(buf, "ARRAY[");
    for (;;) {
        const char *end = element_end(p);
        if (!end)
            return NULL;
        gw_buf_addf(buf, "(%.*s)::text", (int)(end - p), p);
        if (strncmp(end, CLOSE, sizeof CLOSE - 1) == 0) {
            gw_buf_addc(buf, ']');
            return end + sizeof CLOSE - 1;
        }
        if (strncmp(end, ", ", 2) != 0)
            return NULL;
        gw_buf_add(buf, ", ");
        p = end + 2;
    }
}

const char *gw_stable_text(gw_arena *arena, const char *text)
{
    const char *at = text ? strstr(text, OPEN) : NULL;
    if (!at || !strstr(at, CLOSE))
        return text;
    gw_buf all = GW_BUF(arena);
    for (const char *p = text; *p; at = strstr(p, OPEN)) {
        if (!at) {
            gw_buf_add(&all, p);
            break;
        }
        gw_buf_addf(&all, "%.*s", (int)(at - p), p);
        gw_buf array = GW_BUF(arena);
        const char *end = rewrite(&array, at + sizeof OPEN - 1);
        if (end) {
            gw_buf_add(&all, array.data);
            p = end;
        } else {
            gw_buf_add(&all, OPEN);
            p = at + sizeof OPEN - 1;
        }
    }
    return gw_buf_str(&all);
}
