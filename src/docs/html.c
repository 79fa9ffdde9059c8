/* The site: overview, a page a table, the other objects, the changelog, the search's index. */
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/proc.h"
#include "docs/tables.h"
#include "sql_docs.h"

typedef struct site {
    gw_arena *arena;
    const gw_docs_input *input;
    gw_docs_tables tables;
    gw_docs_files *files;
    bool pictures;
} site;

static void add_file(site *s, const char *path, const char *text)
{
    *gw_vec_push(s->arena, s->files) = (gw_docs_file){path, text};
}

/* ---- overview --------------------------------------------------------------------------------- */

static void overview_row(gw_buf *buf, site *s, const gw_object *table)
{
    gw_buf_addf(buf, "<tr><td><a href=\"tables/%s.html\">", gw_docs_slug(&s->tables, table));
    gw_html(buf, table->key);
    gw_buf_addf(buf, "</a></td><td>%s</td>", table->kind->name);
    const gw_docs_size *size = gw_docs_size_of(s->input, table);
    if (size && size->rows >= 0)
        gw_buf_addf(buf, "<td class=\"n\">%lld</td>", (long long)size->rows);
    else
        gw_buf_add(buf, "<td></td>");
    gw_buf_addf(buf, "<td class=\"n\">%s</td><td>",
                size ? gw_docs_bytes(s->arena, size->bytes) : "");
    gw_html(buf, table->comment);
    gw_buf_add(buf, "</td></tr>\n");
}

static bool overview(site *s, gw_err *err)
{
    gw_buf buf = GW_BUF(s->arena);
    gw_page_begin(&buf, s->input, "Tables", "");
    gw_buf_add(&buf, "<h1 id=\"tables\">");
    gw_html(&buf, s->input->title);
    gw_buf_addf(&buf, "</h1>\n<p class=\"facts\">%zu tables and views in %zu schema%s · PostgreSQL %d</p>\n",
                s->tables.items.len, s->tables.schemas.len, s->tables.schemas.len == 1 ? "" : "s",
                s->input->schema->server_version / 10000);
    for (size_t i = 0; i < s->tables.schemas.len; i++) {
        const char *schema = s->tables.schemas.items[i];
        gw_buf_add(&buf, "<h2>");
        gw_html(&buf, schema);
        gw_buf_add(&buf, "</h2>\n<div class=\"wide\"><table>\n<tr><th>Name</th><th>Kind</th>"
                         "<th class=\"n\">Rows</th><th class=\"n\">Size</th><th>What it is</th></tr>\n");
        for (size_t t = 0; t < s->tables.items.len; t++)
            if (strcmp(s->tables.items.items[t]->schema, schema) == 0)
                overview_row(&buf, s, s->tables.items.items[t]);
        gw_buf_add(&buf, "</table></div>\n");
        char *svg = NULL;
        if (s->pictures && !gw_docs_picture(s->arena, &s->tables, schema, "", s->input->cancel,
                                            &svg, err))
            return false;
        if (svg)
            gw_buf_addf(&buf, "<div class=\"er tall\" data-er>%s</div>\n", svg);
    }
    gw_page_end(&buf, "");
    add_file(s, "index.html", buf.data);
    return true;
}

static bool table_pages(site *s, gw_err *err)
{
    char **svgs = gw_alloc_array(s->arena, s->tables.items.len + 1, sizeof *svgs);
    if (s->pictures &&
        !gw_docs_neighbours(s->arena, &s->tables, "../", s->input->cancel, svgs, err))
        return false;
    for (size_t i = 0; i < s->tables.items.len; i++) {
        const gw_object *table = s->tables.items.items[i];
        gw_buf buf = GW_BUF(s->arena);
        gw_page_table(&buf, s->input, &s->tables, table, svgs[i]);
        add_file(s, gw_printf(s->arena, "tables/%s.html", gw_docs_slug(&s->tables, table)),
                 buf.data);
    }
    return true;
}

/* ---- everything that is not on a table's page --------------------------------------------------- */

static const char *text_of(const gw_object *o)
{
    static const char *const names[] = {"labels",  "definition", "expression", "type",
                                        "version", "owned_by"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        for (size_t a = 0; o->kind->attrs[a].name; a++)
            if (strcmp(o->kind->attrs[a].name, names[i]) == 0 && o->values[a])
                return o->values[a];
    return NULL;
}

static bool stands_alone(const gw_object *o)
{
    return !o->parent && !gw_docs_is(o, "table") && !gw_docs_is(o, "view") &&
           !gw_docs_is(o, "materialized view");
}

static void objects_page(site *s)
{
    gw_buf buf = GW_BUF(s->arena);
    gw_page_begin(&buf, s->input, "Objects", "");
    gw_buf_add(&buf, "<h1>Objects</h1>\n");
    const gw_kind *kind = NULL;
    for (size_t i = 0; i < s->input->schema->objects.len; i++) {
        const gw_object *o = s->input->schema->objects.items[i];
        if (!stands_alone(o))
            continue;
        if (o->kind != kind)
            gw_buf_addf(&buf, "%s<h2>%c%s</h2>\n<dl>\n", kind ? "</dl>\n" : "",
                        o->kind->name[0] - 32, o->kind->name + 1);
        kind = o->kind;
        gw_buf_addf(&buf, "<dt id=\"o-%zu\"><code>", o->index);
        gw_html(&buf, o->key);
        gw_buf_add(&buf, "</code></dt><dd>");
        if (o->comment) {
            gw_buf_add(&buf, "<p>");
            gw_html(&buf, o->comment);
            gw_buf_add(&buf, "</p>");
        }
        const char *text = text_of(o);
        if (text && strchr(text, '\n')) {
            gw_buf_add(&buf, "<details><summary>definition</summary><pre><code>");
            gw_html(&buf, text);
            gw_buf_add(&buf, "</code></pre></details>");
        } else if (text) {
            gw_buf_add(&buf, "<code>");
            gw_html(&buf, text);
            gw_buf_add(&buf, "</code>");
        }
        gw_buf_add(&buf, "</dd>\n");
    }
    gw_buf_add(&buf, kind ? "</dl>\n" : "<p>None but tables.</p>\n");
    gw_page_end(&buf, "");
    add_file(s, "objects.html", buf.data);
}

static void changelog(site *s)
{
    gw_buf buf = GW_BUF(s->arena);
    gw_page_begin(&buf, s->input, "Changelog", "");
    gw_buf_add(&buf, "<h1>Changelog</h1>\n");
    if (!s->input->change_count)
        gw_buf_add(&buf, "<p>No history: these pages were not made from a database with one.</p>\n");
    else
        gw_buf_add(&buf, "<div class=\"wide\"><table>\n<tr><th>When (UTC)</th><th>What</th>"
                         "<th>Version</th><th>Name</th><th>By</th></tr>\n");
    for (size_t i = 0; i < s->input->change_count; i++) {
        const gw_docs_change *c = &s->input->changes[i];
        gw_buf_addf(&buf, "<tr><td>%s</td><td>", gw_time_rfc3339(s->arena, c->at));
        gw_html(&buf, c->action);
        gw_buf_add(&buf, "</td><td><code>");
        gw_html(&buf, c->version);
        gw_buf_add(&buf, "</code></td><td>");
        gw_html(&buf, c->name);
        if (c->service && *c->service) {
            gw_buf_add(&buf, " <span class=\"badge\">");
            gw_html(&buf, c->service);
            gw_buf_add(&buf, "</span>");
        }
        gw_buf_add(&buf, "</td><td>");
        gw_html(&buf, c->by);
        gw_buf_add(&buf, "</td></tr>\n");
    }
    gw_buf_add(&buf, s->input->change_count ? "</table></div>\n" : "");
    gw_page_end(&buf, "");
    add_file(s, "changelog.html", buf.data);
}

/* ---- search: a script, for a page from the file system may fetch nothing ------------------------ */

static void entry(json_t *index, const char *name, const char *kind, const char *where,
                  const char *comment)
{
    json_t *item = json_array();
    json_array_append_new(item, gw_json_text(name));
    json_array_append_new(item, gw_json_text(kind));
    json_array_append_new(item, gw_json_text(where));
    json_array_append_new(item, gw_json_text(comment ? comment : ""));
    json_array_append_new(index, item);
}

static void search_index(site *s)
{
    json_t *index = gw_json_own(s->arena, json_array());
    for (size_t i = 0; i < s->input->schema->objects.len; i++) {
        const gw_object *o = s->input->schema->objects.items[i];
        const gw_object *page = o->parent ? o->parent : o;
        const char *slug = gw_docs_slug(&s->tables, page);
        if (gw_docs_is(o, "default") || gw_docs_is(o, "partition"))
            continue;
        if (slug && gw_docs_is(o, "column"))
            entry(index, o->key, "column",
                  gw_printf(s->arena, "tables/%s.html#c-%s", slug, o->name), o->comment);
        else if (slug)
            entry(index, o->key, o->kind->name, gw_printf(s->arena, "tables/%s.html", slug),
                  o->comment);
        else if (stands_alone(o))
            entry(index, o->key, o->kind->name, gw_printf(s->arena, "objects.html#o-%zu", o->index),
                  o->comment);
    }
    add_file(s, "search.js",
             gw_printf(s->arena, "window.godwitIndex=%s;\n", gw_json_dump(s->arena, index)));
}

bool gw_docs_html(gw_arena *arena, const gw_docs_input *input, gw_docs_files *out, gw_err *err)
{
    site s = {.arena = arena, .input = input, .files = out};
    gw_docs_tables_of(arena, input->schema, &s.tables);
    s.pictures = gw_proc_which(arena, "dot") != NULL;
    if (!s.pictures)
        out->note = "no pictures: Graphviz (the program dot) is not installed";
    if (!overview(&s, err) || !table_pages(&s, err))
        return false;
    objects_page(&s);
    changelog(&s);
    search_index(&s);
    add_file(&s, "style.css", gw_docs_style);
    add_file(&s, "site.js", gw_docs_script);
    return true;
}

bool gw_docs_sizes_read(gw_session *session, gw_arena *arena, gw_docs_sizes *out, gw_err *err)
{
    static const gw_col cols[] = {
        {"schema", GW_COL_TEXT, true, offsetof(gw_docs_size, schema)},
        {"name", GW_COL_TEXT, true, offsetof(gw_docs_size, name)},
        {"rows", GW_COL_INT, true, offsetof(gw_docs_size, rows)},
        {"bytes", GW_COL_INT, true, offsetof(gw_docs_size, bytes)},
    };
    gw_result result;
    if (!gw_query(session, arena, &gw_sql_sizes, NULL, 0, &result, err))
        return false;
    out->len = result.rows;
    return gw_rows(arena, &result, cols, 4, sizeof *out->items, (void **)&out->items, err);
}
