#include <string.h>

#include "docs/tables.h"

void gw_page_begin(gw_buf *buf, const gw_docs_input *input, const char *title, const char *prefix)
{
    gw_buf_add(buf, "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                    "<meta name=\"color-scheme\" content=\"light dark\">\n<title>");
    gw_html(buf, title);
    gw_buf_add(buf, " · ");
    gw_html(buf, input->title);
    gw_buf_addf(buf,
                "</title>\n<link rel=\"stylesheet\" href=\"%sstyle.css\">\n</head>\n"
                "<body data-prefix=\"%s\">\n<header>\n<a class=\"home\" href=\"%sindex.html\">",
                prefix, prefix, prefix);
    gw_html(buf, input->title);
    gw_buf_addf(buf,
                "</a>\n<nav><a href=\"%sindex.html#tables\">Tables</a> "
                "<a href=\"%sobjects.html\">Objects</a> <a href=\"%schangelog.html\">Changelog</a>"
                "</nav>\n<div class=\"search\"><input id=\"search\" type=\"search\" "
                "placeholder=\"Search (press /)\" aria-label=\"Search tables, columns, objects\" "
                "autocomplete=\"off\"><ol id=\"found\" hidden></ol></div>\n</header>\n<main>\n",
                prefix, prefix, prefix);
}

void gw_page_end(gw_buf *buf, const char *prefix)
{
    gw_buf_addf(buf,
                "</main>\n<script src=\"%ssearch.js\"></script>\n"
                "<script src=\"%ssite.js\"></script>\n</body>\n</html>\n",
                prefix, prefix);
}

/* ---- one table ------------------------------------------------------------------------------ */

static void link_to(gw_buf *buf, const gw_docs_tables *tables, const gw_object *table)
{
    const char *slug = gw_docs_slug(tables, table);
    if (slug)
        gw_buf_addf(buf, "<a href=\"%s.html\">", slug);
    gw_html(buf, table->key);
    gw_buf_add(buf, slug ? "</a>" : "");
}

/* What a column points at through a foreign key. */
static const gw_object *points_at(gw_arena *arena, const gw_docs_tables *tables,
                                  const gw_object *column)
{
    for (size_t i = 0; i < tables->references.len; i++) {
        const gw_docs_reference *r = &tables->references.items[i];
        if (r->from != column->parent)
            continue;
        gw_docs_names names = gw_docs_key_columns(arena, r->constraint);
        for (size_t n = 0; n < names.len; n++)
            if (strcmp(names.items[n], column->name) == 0)
                return r->to;
    }
    return NULL;
}

static void column_row(gw_buf *buf, const gw_docs_tables *tables, const gw_object *column)
{
    gw_buf_add(buf, "<tr id=\"c-");
    gw_html(buf, column->name);
    gw_buf_add(buf, "\"><td><code>");
    gw_html(buf, column->name);
    gw_buf_add(buf, "</code>");
    if (gw_docs_in_key(buf->arena, column, 'p'))
        gw_buf_add(buf, " <span class=\"badge\">key</span>");
    const gw_object *to = points_at(buf->arena, tables, column);
    if (to) {
        gw_buf_add(buf, " <span class=\"badge\">→ ");
        link_to(buf, tables, to);
        gw_buf_add(buf, "</span>");
    }
    gw_buf_add(buf, "</td><td><code>");
    gw_html(buf, gw_object_value(column, "type"));
    gw_buf_addf(buf, "</code></td><td>%s</td><td>",
                gw_object_is(column, "not_null") ? "" : "null");
    const gw_object *value = gw_column_default(column);
    const char *generated = gw_object_value(column, "expression");
    if (value || generated) {
        gw_buf_add(buf, generated ? "generated: <code>" : "<code>");
        gw_html(buf, generated ? generated : gw_object_value(value, "expression"));
        gw_buf_add(buf, "</code>");
    } else if (gw_object_value(column, "identity")) {
        gw_buf_add(buf, "identity");
    }
    gw_buf_add(buf, "</td><td>");
    gw_html(buf, column->comment);
    gw_buf_add(buf, "</td></tr>\n");
}

static void columns(gw_buf *buf, const gw_docs_tables *tables, const gw_object *table)
{
    gw_buf_add(buf, "<h2 id=\"columns\">Columns</h2>\n<div class=\"wide\"><table>\n<tr>"
                    "<th>Name</th><th>Type</th><th>Null</th><th>Default</th><th>What it is</th></tr>\n");
    for (size_t i = 0; i < table->children.len; i++)
        if (gw_docs_is(table->children.items[i].object, "column"))
            column_row(buf, tables, table->children.items[i].object);
    gw_buf_add(buf, "</table></div>\n");
}

/* Children of a kind, each with one of its texts. */
static void section(gw_buf *buf, const gw_object *table, const char *title, const char *kind,
                    const char *attribute)
{
    bool any = false;
    for (size_t i = 0; i < table->children.len; i++) {
        const gw_object *child = table->children.items[i].object;
        if (!gw_docs_is(child, kind))
            continue;
        if (!any)
            gw_buf_addf(buf, "<h2>%s</h2>\n<dl>\n", title);
        any = true;
        gw_buf_add(buf, "<dt><code>");
        gw_html(buf, child->name);
        gw_buf_add(buf, "</code></dt><dd><code>");
        const char *text = gw_object_value(child, attribute);
        gw_html(buf, text ? text : "");
        gw_buf_add(buf, "</code>");
        if (child->comment) {
            gw_buf_add(buf, "<p>");
            gw_html(buf, child->comment);
            gw_buf_add(buf, "</p>");
        }
        gw_buf_add(buf, "</dd>\n");
    }
    if (any)
        gw_buf_add(buf, "</dl>\n");
}

static void referred_by(gw_buf *buf, const gw_docs_tables *tables, const gw_object *table)
{
    bool any = false;
    for (size_t i = 0; i < tables->references.len; i++) {
        const gw_docs_reference *r = &tables->references.items[i];
        if (r->to != table)
            continue;
        gw_buf_add(buf, any ? "" : "<h2>Referred to by</h2>\n<dl>\n");
        any = true;
        gw_buf_add(buf, "<dt>");
        link_to(buf, tables, r->from);
        gw_buf_add(buf, "</dt><dd><code>");
        gw_html(buf, gw_object_value(r->constraint, "definition"));
        gw_buf_add(buf, "</code></dd>\n");
    }
    gw_buf_add(buf, any ? "</dl>\n" : "");
    any = false;
    for (size_t i = 0; i < tables->items.len; i++) {
        const gw_object *view = tables->items.items[i];
        bool uses = false;
        for (size_t n = 0; n < view->needs.len && !uses && view != table; n++) {
            const gw_object *needed = view->needs.items[n].object;
            uses = !gw_docs_is(view, "table") && (needed == table || needed->parent == table);
        }
        if (!uses)
            continue;
        gw_buf_add(buf, any ? ", " : "<h2>Seen through</h2>\n<p>");
        any = true;
        link_to(buf, tables, view);
    }
    gw_buf_add(buf, any ? "</p>\n" : "");
}

static void partitions(gw_buf *buf, const gw_object *table)
{
    if (!gw_object_value(table, "partition_key"))
        return;
    gw_buf_add(buf, "<h2>Partitions</h2>\n<p>By <code>");
    gw_html(buf, gw_object_value(table, "partition_key"));
    gw_buf_add(buf, "</code></p>\n<dl>\n");
    for (size_t i = 0; i < table->needed_by.len; i++) {
        const gw_object *partition = table->needed_by.items[i].object;
        if (!gw_docs_is(partition, "partition"))
            continue;
        gw_buf_add(buf, "<dt><code>");
        gw_html(buf, partition->parent->key);
        gw_buf_add(buf, "</code></dt><dd><code>");
        gw_html(buf, gw_object_value(partition, "bound"));
        gw_buf_add(buf, "</code></dd>\n");
    }
    gw_buf_add(buf, "</dl>\n");
}

static void privileges(gw_buf *buf, const gw_object *table)
{
    if (!table->privileges.len)
        return;
    gw_buf_add(buf, "<h2>Privileges</h2>\n<ul>\n");
    for (size_t i = 0; i < table->privileges.len; i++) {
        const char *text = table->privileges.items[i];
        const char *equals = strrchr(text, '=');
        gw_buf_addf(buf, "<li>%s <code>", *text == '+' ? "granted" : "revoked");
        gw_html(buf, equals + 1);
        gw_buf_addf(buf, "</code> %s <code>", *text == '+' ? "to" : "from");
        gw_html(buf, strncmp(text + 1, "~=", 2) == 0
                         ? "its owner"
                         : gw_strndup(buf->arena, text + 1, (size_t)(equals - text - 1)));
        gw_buf_add(buf, "</code></li>\n");
    }
    gw_buf_add(buf, "</ul>\n");
}

static void head(gw_buf *buf, const gw_docs_input *input, const gw_object *table)
{
    gw_buf_add(buf, "<h1>");
    gw_html(buf, table->key);
    gw_buf_addf(buf, " <small>%s</small></h1>\n", table->kind->name);
    if (table->comment) {
        gw_buf_add(buf, "<p class=\"lead\">");
        gw_html(buf, table->comment);
        gw_buf_add(buf, "</p>\n");
    }
    const gw_docs_size *size = gw_docs_size_of(input, table);
    gw_buf_add(buf, "<p class=\"facts\">owner <code>");
    gw_html(buf, table->owner);
    gw_buf_add(buf, "</code>");
    if (size && size->rows >= 0)
        gw_buf_addf(buf, " · about %lld rows", (long long)size->rows);
    if (size)
        gw_buf_addf(buf, " · %s with indexes", gw_docs_bytes(buf->arena, size->bytes));
    if (gw_object_is(table, "row_security"))
        gw_buf_add(buf, " · row-level security");
    gw_buf_add(buf, "</p>\n");
}

void gw_page_table(gw_buf *buf, const gw_docs_input *input, const gw_docs_tables *tables,
                   const gw_object *table, const char *picture)
{
    gw_page_begin(buf, input, table->key, "../");
    head(buf, input, table);
    columns(buf, tables, table);
    if (picture)
        gw_buf_addf(buf, "<h2>Neighbours</h2>\n<div class=\"er\" data-er>%s</div>\n", picture);
    section(buf, table, "Keys and constraints", "constraint", "definition");
    section(buf, table, "Indexes", "index", "definition");
    section(buf, table, "Triggers", "trigger", "definition");
    section(buf, table, "Policies", "policy", "using");
    section(buf, table, "Rules", "rule", "definition");
    partitions(buf, table);
    referred_by(buf, tables, table);
    const char *definition =
        gw_docs_is(table, "table") ? NULL : gw_object_value(table, "definition");
    if (definition) {
        gw_buf_add(buf, "<h2>Definition</h2>\n<pre><code>");
        gw_html(buf, definition);
        gw_buf_add(buf, "</code></pre>\n");
    }
    privileges(buf, table);
    gw_page_end(buf, "../");
}
