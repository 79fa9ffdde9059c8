#include "sql/quote.h"

#include <stdlib.h>
#include <string.h>

/*
 * Words that cannot stand for every kind of name without quotes (pg_get_keywords(), catcode other
 * than U), of PostgreSQL 12 to 18. Sorted.
 */
static const char *const keywords[] = {
    "all",
    "analyse",
    "analyze",
    "and",
    "any",
    "array",
    "as",
    "asc",
    "asymmetric",
    "authorization",
    "between",
    "bigint",
    "binary",
    "bit",
    "boolean",
    "both",
    "case",
    "cast",
    "char",
    "character",
    "check",
    "coalesce",
    "collate",
    "collation",
    "column",
    "concurrently",
    "constraint",
    "create",
    "cross",
    "current_catalog",
    "current_date",
    "current_role",
    "current_schema",
    "current_time",
    "current_timestamp",
    "current_user",
    "dec",
    "decimal",
    "default",
    "deferrable",
    "desc",
    "distinct",
    "do",
    "else",
    "end",
    "except",
    "exists",
    "extract",
    "false",
    "fetch",
    "float",
    "for",
    "foreign",
    "freeze",
    "from",
    "full",
    "grant",
    "greatest",
    "group",
    "grouping",
    "having",
    "ilike",
    "in",
    "initially",
    "inner",
    "inout",
    "int",
    "integer",
    "intersect",
    "interval",
    "into",
    "is",
    "isnull",
    "join",
    "json",
    "json_array",
    "json_arrayagg",
    "json_exists",
    "json_object",
    "json_objectagg",
    "json_query",
    "json_scalar",
    "json_serialize",
    "json_table",
    "json_value",
    "lateral",
    "leading",
    "least",
    "left",
    "like",
    "limit",
    "localtime",
    "localtimestamp",
    "merge_action",
    "national",
    "natural",
    "nchar",
    "none",
    "normalize",
    "not",
    "notnull",
    "null",
    "nullif",
    "numeric",
    "offset",
    "on",
    "only",
    "or",
    "order",
    "out",
    "outer",
    "overlaps",
    "overlay",
    "placing",
    "position",
    "precision",
    "primary",
    "real",
    "references",
    "returning",
    "right",
    "row",
    "select",
    "session_user",
    "setof",
    "similar",
    "smallint",
    "some",
    "substring",
    "symmetric",
    "system_user",
    "table",
    "tablesample",
    "then",
    "time",
    "timestamp",
    "to",
    "trailing",
    "treat",
    "trim",
    "true",
    "union",
    "unique",
    "user",
    "using",
    "values",
    "varchar",
    "variadic",
    "verbose",
    "when",
    "where",
    "window",
    "with",
    "xmlattributes",
    "xmlconcat",
    "xmlelement",
    "xmlexists",
    "xmlforest",
    "xmlnamespaces",
    "xmlparse",
    "xmlpi",
    "xmlroot",
    "xmlserialize",
    "xmltable",
};

void gw_buf_add_ident(gw_buf *buf, const char *name)
{
    gw_buf_addc(buf, '"');
    for (; *name; name++) {
        if (*name == '"')
            gw_buf_addc(buf, '"');
        gw_buf_addc(buf, *name);
    }
    gw_buf_addc(buf, '"');
}

void gw_buf_add_literal(gw_buf *buf, const char *text)
{
    if (!text) {
        gw_buf_add(buf, "NULL");
        return;
    }
    /* E'' means the same whatever standard_conforming_strings is. */
    gw_buf_add(buf, strchr(text, '\\') ? "E'" : "'");
    for (; *text; text++) {
        if (*text == '\'' || *text == '\\')
            gw_buf_addc(buf, *text);
        gw_buf_addc(buf, *text);
    }
    gw_buf_addc(buf, '\'');
}

char *gw_quote_ident(gw_arena *arena, const char *name)
{
    return gw_quote_name(arena, NULL, name);
}

char *gw_quote_name(gw_arena *arena, const char *schema, const char *name)
{
    gw_buf buf = GW_BUF(arena);
    if (schema) {
        gw_buf_add_ident(&buf, schema);
        gw_buf_addc(&buf, '.');
    }
    gw_buf_add_ident(&buf, name);
    return buf.data;
}

char *gw_quote_literal(gw_arena *arena, const char *text)
{
    gw_buf buf = GW_BUF(arena);
    gw_buf_add_literal(&buf, text);
    return buf.data;
}

static int compare(const void *word, const void *entry)
{
    return strcmp(word, *(const char *const *)entry);
}

static bool needs_quotes(const char *name)
{
    if (!((name[0] >= 'a' && name[0] <= 'z') || name[0] == '_'))
        return true;
    if (name[strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_")])
        return true;
    return bsearch(name, keywords, sizeof keywords / sizeof *keywords, sizeof *keywords, compare);
}

static void add_display(gw_buf *buf, const char *name)
{
    if (needs_quotes(name))
        gw_buf_add_ident(buf, name);
    else
        gw_buf_add(buf, name);
}

char *gw_display_name(gw_arena *arena, const char *schema, const char *name)
{
    gw_buf buf = GW_BUF(arena);
    if (schema) {
        add_display(&buf, schema);
        gw_buf_addc(&buf, '.');
    }
    add_display(&buf, name);
    return buf.data;
}

char *gw_quote_array(gw_arena *arena, const char *const *items, size_t count)
{
    gw_buf text = GW_BUF(arena);
    gw_buf_addc(&text, '{');
    for (size_t i = 0; i < count; i++) {
        gw_buf_add(&text, i ? ",\"" : "\"");
        for (const char *p = items[i]; *p; p++) {
            if (*p == '"' || *p == '\\')
                gw_buf_addc(&text, '\\');
            gw_buf_addc(&text, *p);
        }
        gw_buf_addc(&text, '"');
    }
    gw_buf_addc(&text, '}');
    return text.data;
}
