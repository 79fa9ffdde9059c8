/* One file for a repository: tables and a Mermaid picture that hosts such as GitHub draw. */
#include <ctype.h>
#include <string.h>

#include "docs/tables.h"

/* Text in a cell of a Markdown table. */
static void cell(gw_buf *buf, const char *text)
{
    for (const char *p = text ? text : ""; *p; p++) {
        if (*p == '|' || *p == '\\' || *p == '`' || *p == '*' || *p == '_' || *p == '<' || *p == '[')
            gw_buf_addf(buf, "\\%c", *p);
        else if (*p == '\n' || *p == '\r')
            gw_buf_addc(buf, ' ');
        else
            gw_buf_addc(buf, *p);
    }
}

static void code(gw_buf *buf, const char *text)
{
    if (!text || !*text)
        return;
    bool ticks = strchr(text, '`') != NULL;
    gw_buf_add(buf, ticks ? "`` " : "`");
    for (const char *p = text; *p; p++) {
        if (*p == '|')
            gw_buf_add(buf, "\\|");
        else
            gw_buf_addc(buf, *p == '\n' || *p == '\r' ? ' ' : *p);
    }
    gw_buf_add(buf, ticks ? " ``" : "`");
}

/* Mermaid takes letters, digits, _ and -. */
static void word(gw_buf *buf, const char *text)
{
    size_t before = buf->len;
    for (const char *p = text; *p; p++)
        if (isalnum((unsigned char)*p) || *p == '_')
            gw_buf_addc(buf, *p);
        else if (buf->len > before && buf->data[buf->len - 1] != '_')
            gw_buf_addc(buf, '_');
    if (buf->len == before)
        gw_buf_add(buf, "unnamed");
}

static void mermaid(gw_buf *buf, const gw_docs_tables *tables)
{
    gw_buf_add(buf, "```mermaid\nerDiagram\n");
    for (size_t i = 0; i < tables->items.len; i++) {
        const gw_object *table = tables->items.items[i];
        if (!gw_docs_is(table, "table"))
            continue;
        gw_buf_add(buf, "    ");
        word(buf, table->key);
        gw_buf_add(buf, " {\n");
        for (size_t c = 0; c < table->children.len; c++) {
            const gw_object *column = table->children.items[c].object;
            if (!gw_docs_is(column, "column"))
                continue;
            gw_buf_add(buf, "        ");
            word(buf, gw_object_value(column, "type"));
            gw_buf_addc(buf, ' ');
            word(buf, column->name);
            bool primary = gw_docs_in_key(buf->arena, column, 'p');
            bool foreign = gw_docs_in_key(buf->arena, column, 'f');
            gw_buf_addf(buf, "%s%s%s\n", primary ? " PK" : "", primary && foreign ? "," : "",
                        foreign ? " FK" : "");
        }
        gw_buf_add(buf, "    }\n");
    }
    for (size_t i = 0; i < tables->references.len; i++) {
        const gw_docs_reference *r = &tables->references.items[i];
        gw_buf_add(buf, "    ");
        word(buf, r->to->key);
        gw_buf_addf(buf, " %s--%s ", r->optional ? "|o" : "||", r->unique ? "o|" : "o{");
        word(buf, r->from->key);
        gw_buf_add(buf, " : ");
        word(buf, r->constraint->name);
        gw_buf_addc(buf, '\n');
    }
    gw_buf_add(buf, "```\n");
}

static void list(gw_buf *buf, const gw_object *table, const char *title, const char *kind)
{
    bool any = false;
    for (size_t i = 0; i < table->children.len; i++) {
        const gw_object *child = table->children.items[i].object;
        if (!gw_docs_is(child, kind))
            continue;
        if (!any)
            gw_buf_addf(buf, "\n%s:\n\n", title);
        any = true;
        gw_buf_add(buf, "- ");
        code(buf, child->name);
        gw_buf_add(buf, ": ");
        code(buf, gw_object_value(child, "definition"));
        gw_buf_addc(buf, '\n');
    }
}

static const char *default_of(const gw_object *column)
{
    const gw_object *value = gw_column_default(column);
    return gw_object_value(value ? value : column, "expression");
}

static void one_table(gw_buf *buf, const gw_object *table)
{
    gw_buf_add(buf, "\n## ");
    cell(buf, table->key);
    gw_buf_addf(buf, "%s%s%s\n", strcmp(table->kind->name, "table") == 0 ? "" : " (",
                strcmp(table->kind->name, "table") == 0 ? "" : table->kind->name,
                strcmp(table->kind->name, "table") == 0 ? "" : ")");
    if (table->comment) {
        gw_buf_addc(buf, '\n');
        cell(buf, table->comment);
        gw_buf_addc(buf, '\n');
    }
    gw_buf_add(buf, "\n| column | type | null | default | what it is |\n|---|---|---|---|---|\n");
    for (size_t i = 0; i < table->children.len; i++) {
        const gw_object *column = table->children.items[i].object;
        if (!gw_docs_is(column, "column"))
            continue;
        gw_buf_add(buf, "| ");
        code(buf, column->name);
        gw_buf_add(buf, " | ");
        code(buf, gw_object_value(column, "type"));
        gw_buf_addf(buf, " | %s | ", gw_object_is(column, "not_null") ? "" : "yes");
        code(buf, default_of(column));
        gw_buf_add(buf, " | ");
        cell(buf, column->comment);
        gw_buf_add(buf, " |\n");
    }
    list(buf, table, "Keys and constraints", "constraint");
    list(buf, table, "Indexes", "index");
    list(buf, table, "Triggers", "trigger");
}

bool gw_docs_markdown(gw_arena *arena, const gw_docs_input *input, gw_docs_files *out, gw_err *err)
{
    (void)err;
    gw_docs_tables tables = {0};
    gw_docs_tables_of(arena, input->schema, &tables);
    gw_buf buf = GW_BUF(arena);
    gw_buf_add(&buf, "# ");
    cell(&buf, input->title);
    gw_buf_addf(&buf, "\n\n%zu tables and views. Made by `godwit docs --format markdown`.\n\n",
                tables.items.len);
    mermaid(&buf, &tables);
    for (size_t i = 0; i < tables.items.len; i++)
        one_table(&buf, tables.items.items[i]);
    *gw_vec_push(arena, out) = (gw_docs_file){"schema.md", buf.data};
    return true;
}
