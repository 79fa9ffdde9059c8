#include "schema/misfit.h"

#include <stdlib.h>
#include <string.h>

#include "sql/quote.h"

static bool starts(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

static bool one_of(const char *type, const char *const *types)
{
    for (; *types; types++)
        if (strcmp(type, *types) == 0)
            return true;
    return false;
}

static const char *const integers[] = {"smallint", "integer", "bigint", NULL};

static bool is_number(const char *type)
{
    static const char *const others[] = {"real", "double precision", NULL};
    return one_of(type, integers) || one_of(type, others) || starts(type, "numeric");
}

static bool is_text(const char *type)
{
    return strcmp(type, "text") == 0 || starts(type, "character varying") ||
           starts(type, "character(");
}

static long in_parentheses(const char *type, long otherwise)
{
    const char *open = strchr(type, '(');
    return open ? strtol(open + 1, NULL, 10) : otherwise;
}

static long scale_of(const char *type)
{
    const char *comma = strchr(type, ',');
    return comma ? strtol(comma + 1, NULL, 10) : 0;
}

bool gw_type_widens(const char *x, const char *y)
{
    if (strcmp(x, y) == 0 || strcmp(y, "text") == 0)
        return true;
    if (strcmp(y, "character varying") == 0)
        return is_text(x) || is_number(x);
    if (starts(x, "character varying(") && starts(y, "character varying("))
        return in_parentheses(x, 0) <= in_parentheses(y, 0);
    if (starts(x, "numeric(") && starts(y, "numeric("))
        return scale_of(x) <= scale_of(y) &&
               in_parentheses(x, 0) - scale_of(x) <= in_parentheses(y, 0) - scale_of(y);
    for (size_t i = 0; integers[i]; i++)
        for (size_t k = i + 1; strcmp(x, integers[i]) == 0 && integers[k]; k++)
            if (strcmp(y, integers[k]) == 0)
                return true;
    return (one_of(x, integers) && strcmp(y, "numeric") == 0) ||
           (starts(x, "numeric(") && strcmp(y, "numeric") == 0) ||
           (strcmp(x, "real") == 0 && strcmp(y, "double precision") == 0) ||
           (strcmp(x, "date") == 0 && starts(y, "timestamp")) ||
           (starts(x, "timestamp") && starts(y, "timestamp") && !strchr(y, '('));
}

static const char *integer_misfit(gw_arena *arena, const char *x, const char *y, const char *c)
{
    static const char *const least[] = {"-32768", "-2147483648", "-9223372036854775808"};
    static const char *const most[] = {"32767", "2147483647", "9223372036854775807"};
    size_t i = 0;
    while (strcmp(integers[i], y) != 0)
        i++;
    if (is_number(x))
        return gw_printf(arena,
                         "%s::pg_catalog.numeric NOT BETWEEN %s AND %s OR %s::pg_catalog.numeric"
                         " <> pg_catalog.trunc(%s::pg_catalog.numeric)",
                         c, least[i], most[i], c, c);
    if (is_text(x))
        return gw_printf(arena,
                         "CASE WHEN %s::pg_catalog.text ~ '^\\s*[-+]?[0-9]{1,20}\\s*$'"
                         " THEN %s::pg_catalog.text::pg_catalog.numeric NOT BETWEEN %s AND %s"
                         " ELSE true END",
                         c, c, least[i], most[i]);
    return NULL;
}

const char *gw_type_misfit(gw_arena *arena, const char *x, const char *y, const char *c,
                           const char *labels, int version)
{
    if (labels)
        return gw_printf(arena, "%s::pg_catalog.text NOT IN (%s)", c, labels);
    if (starts(y, "character varying(") || starts(y, "character("))
        return gw_printf(arena, "pg_catalog.length(%s::pg_catalog.text) > %ld", c,
                         in_parentheses(y, 0));
    if (one_of(y, integers) && (is_number(x) || is_text(x)))
        return integer_misfit(arena, x, y, c);
    if (starts(y, "numeric(") && is_number(x))
        return gw_printf(arena,
                         "pg_catalog.abs(pg_catalog.round(%s::pg_catalog.numeric, %ld)) >= 10::"
                         "pg_catalog.numeric ^ %ld OR pg_catalog.round(%s::pg_catalog.numeric, %ld)"
                         " <> %s::pg_catalog.numeric",
                         c, scale_of(y), in_parentheses(y, 0) - scale_of(y), c, scale_of(y), c);
    if (strcmp(y, "date") == 0 && starts(x, "timestamp"))
        return gw_printf(
            arena, "%s::pg_catalog.timestamp <> %s::pg_catalog.timestamp::pg_catalog.date", c, c);
    if (version >= 160000 && is_text(x))
        return gw_printf(arena, "NOT pg_catalog.pg_input_is_valid(%s::pg_catalog.text, %s)", c,
                         gw_quote_literal(arena, y));
    return NULL;
}

/* The next literal of a list, and how long it is; NULL at the end. */
static const char *next_label(const char **at, size_t *len)
{
    const char *start = *at + strspn(*at, ", "), *end = start;
    if (!*start)
        return NULL;
    bool escapes = *end == 'E';
    end += escapes ? 2 : 1;
    while (*end && !(*end == '\'' && end[1] != '\''))
        end += (*end == '\'' || (escapes && *end == '\\')) && end[1] ? 2 : 1;
    *len = (size_t)(end - start) + (*end ? 1 : 0);
    *at = start + *len;
    return start;
}

static bool has_label(const char *list, const char *label, size_t len)
{
    size_t other;
    for (const char *l = list ? next_label(&list, &other) : NULL; l; l = next_label(&list, &other))
        if (other == len && memcmp(l, label, len) == 0)
            return true;
    return false;
}

bool gw_labels_lack(const char *y, const char *x)
{
    size_t len;
    for (const char *l = x ? next_label(&x, &len) : NULL; l; l = next_label(&x, &len))
        if (!has_label(y, l, len))
            return true;
    return false;
}
