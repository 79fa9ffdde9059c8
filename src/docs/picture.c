/* Entity-relationship pictures through Graphviz. Colours are left to the site's style sheet: the
 * classes on nodes and edges, and the fill of a table's head, are what it goes by. */
#include <ctype.h>
#include <string.h>

#include "base/clock.h"
#include "base/proc.h"
#include "docs/tables.h"

enum { COLUMNS_SHOWN = 16, TABLES_SHOWN = 150, GRAPHS_AT_ONCE = 100 };

static void label_row(gw_buf *dot, gw_arena *arena, const gw_object *column)
{
    bool primary = gw_docs_in_key(arena, column, 'p'), foreign = gw_docs_in_key(arena, column, 'f');
    gw_buf_addf(dot, "<tr><td align=\"left\" port=\"c%d\">%s", column->subid, primary ? "<b>" : "");
    gw_html(dot, column->name);
    gw_buf_addf(dot, "%s%s</td><td align=\"left\">", primary ? "</b>" : "",
                primary   ? " <i>key</i>"
                : foreign ? " <i>ref</i>"
                          : "");
    gw_html(dot, gw_object_value(column, "type"));
    gw_buf_addf(dot, "%s</td></tr>", gw_object_is(column, "not_null") ? "" : " ?");
}

/* Where a table leads: its page; with no pages, the picture around it, beside this one. */
static void add_link(gw_buf *dot, const gw_docs_tables *tables, const gw_object *table,
                     const char *prefix)
{
    if (prefix) {
        gw_buf_addf(dot, "%stables/%s.html", prefix, gw_docs_slug(tables, table));
        return;
    }
    gw_buf_add(dot, "?table=");
    for (const char *p = table->key; *p; p++)
        if (isalnum((unsigned char)*p) || strchr("_.-", *p))
            gw_buf_addc(dot, *p);
        else
            gw_buf_addf(dot, "%%%02X", (unsigned char)*p);
}

static void add_node(gw_buf *dot, gw_arena *arena, const gw_docs_tables *tables,
                     const gw_object *table, bool focus, const char *prefix)
{
    gw_buf_addf(dot, "t%zu [class=\"table%s\" tooltip=\"\" URL=\"", table->index,
                focus ? " focus" : "");
    add_link(dot, tables, table, prefix);
    gw_buf_add(dot, "\" label=<");
    gw_buf_add(dot, "<table border=\"0\" cellborder=\"1\" cellspacing=\"0\" cellpadding=\"4\" "
                    "bgcolor=\"#fdfdfd\">"
                    "<tr><td colspan=\"2\" bgcolor=\"#eeeeee\"><b>");
    gw_html(dot, table->key);
    gw_buf_add(dot, "</b></td></tr>");
    size_t shown = 0, total = 0;
    for (size_t i = 0; i < table->children.len; i++) {
        const gw_object *column = table->children.items[i].object;
        if (!gw_docs_is(column, "column"))
            continue;
        if (total++ < COLUMNS_SHOWN) {
            label_row(dot, arena, column);
            shown++;
        }
    }
    if (total > shown)
        gw_buf_addf(dot, "<tr><td align=\"left\" colspan=\"2\">… %zu more</td></tr>",
                    total - shown);
    gw_buf_add(dot, "</table>>];\n");
}

static bool neighbours(const gw_docs_tables *tables, const gw_object *a, const gw_object *b)
{
    for (size_t i = 0; i < tables->references.len; i++) {
        const gw_docs_reference *r = &tables->references.items[i];
        if ((r->from == a && r->to == b) || (r->from == b && r->to == a))
            return true;
    }
    return false;
}

static void add_edges(gw_buf *dot, const gw_docs_tables *tables, const bool *shown)
{
    for (size_t i = 0; i < tables->references.len; i++) {
        const gw_docs_reference *r = &tables->references.items[i];
        if (!shown[r->from->index] || !shown[r->to->index])
            continue;
        gw_buf_addf(dot, "t%zu -> t%zu [class=\"fk\" arrowtail=%s arrowhead=%s edgetooltip=\"",
                    r->from->index, r->to->index, r->unique ? "teeodot" : "crowodot",
                    r->optional ? "teeodot" : "teetee");
        for (const char *p = r->constraint->name; *p; p++)
            if (*p != '"' && *p != '\\')
                gw_buf_addc(dot, *p);
        gw_buf_add(dot, "\"];\n");
    }
}

/* The next <svg…</svg>, without the fixed size in points (the page gives it its room) and without
 * ids: several pictures stand on one page. */
static char *next_svg(gw_arena *arena, const char **out)
{
    static const char id[] = " id=\"", close[] = "</svg>";
    const char *svg = strstr(*out, "<svg");
    const char *box = svg ? strstr(svg, "viewBox=") : NULL;
    const char *end = box ? strstr(box, close) : NULL;
    if (!end)
        return NULL;
    end += sizeof close - 1;
    *out = end;
    gw_buf text = GW_BUF(arena);
    gw_buf_add(&text, "<svg role=\"img\" aria-label=\"tables and their references\" ");
    for (const char *at; (at = strstr(box, id)) && at < end;) {
        gw_buf_addn(&text, box, (size_t)(at - box));
        const char *quote = strchr(at + sizeof id - 1, '"');
        box = quote ? quote + 1 : at + sizeof id - 1;
    }
    gw_buf_addn(&text, box, (size_t)(end - box));
    return gw_strdup(arena, gw_buf_str(&text));
}

/* Is there anything to draw? Then one more graph stands in `dot`. On a page of its own (prefix), a table that
 * stands alone is nothing. */
static bool add_graph(gw_buf *dot, gw_arena *arena, const gw_docs_tables *tables,
                      const char *schema, const gw_object *around, const char *prefix)
{
    gw_buf graph = GW_BUF(arena);
    gw_buf_add(&graph,
               "digraph er {\nrankdir=LR; bgcolor=\"transparent\"; nodesep=0.3; ranksep=0.9;\n"
               "node [shape=plain fontname=\"Helvetica\" fontsize=11];\n"
               "edge [dir=both fontname=\"Helvetica\" fontsize=10];\n");
    size_t count = 0, left_out = 0;
    bool *shown = gw_alloc_array(arena, tables->slugs.len + 1, sizeof *shown);
    for (size_t i = 0; i < tables->items.len; i++) {
        const gw_object *table = tables->items.items[i];
        bool wanted = around ? table == around || neighbours(tables, around, table)
                             : strcmp(table->schema, schema) == 0 && gw_docs_is(table, "table");
        if (!wanted)
            continue;
        if (count == TABLES_SHOWN && table != around) {
            left_out++;
            continue;
        }
        shown[table->index] = true;
        add_node(&graph, arena, tables, table, table == around, prefix);
        count++;
    }
    if (count == 0 || (around && count == 1 && prefix))
        return false;
    add_edges(&graph, tables, shown);
    if (left_out)
        gw_buf_addf(&graph, "more [class=\"more\" label=\"and %zu more, not drawn\"];\n", left_out);
    gw_buf_addf(dot, "%s}\n", gw_buf_str(&graph));
    return true;
}

static bool draw(gw_arena *arena, const char *dot, int64_t most_ms, const gw_cancel *cancel,
                 const char **out, gw_err *err)
{
    const char *const argv[] = {"dot", "-Tsvg", NULL};
    gw_proc proc = {.argv = argv, .input = dot, .keep_output = true, .cancel = cancel,
                    .most_ms = most_ms};
    gw_proc_result result;
    if (!gw_proc_run(arena, &proc, &result, err))
        return false;
    *out = result.out;
    if (result.exit_code == 0)
        return true;
    if (result.late) {
        gw_err_set(err, GW_ERR_CANCELED, "the picture was not drawn within %s, and dot was ended",
                   gw_duration_human(arena, most_ms));
        return gw_err_hint(err, "a table and its neighbours are drawn sooner; godwit docs takes the time that it needs");
    }
    gw_err_set(err, GW_ERR_IO, "dot could not draw the picture (exit code %d)", result.exit_code);
    return gw_err_detail(err, "%s", result.err);
}

bool gw_docs_picture(gw_arena *arena, const gw_docs_tables *tables, const char *schema,
                     const char *prefix, const gw_cancel *cancel, char **svg, gw_err *err)
{
    gw_buf dot = GW_BUF(arena);
    const char *out;
    *svg = NULL;
    if (!add_graph(&dot, arena, tables, schema, NULL, prefix))
        return true;
    if (!draw(arena, gw_buf_str(&dot), 0, cancel, &out, err))
        return false;
    *svg = next_svg(arena, &out);
    return true;
}

bool gw_docs_neighbours(gw_arena *arena, const gw_docs_tables *tables, const char *prefix,
                        const gw_cancel *cancel, char **svgs, gw_err *err)
{
    bool *drawn = gw_alloc_array(arena, tables->items.len + 1, sizeof *drawn);
    for (size_t first = 0; first < tables->items.len; first += GRAPHS_AT_ONCE) {
        size_t last = first + GRAPHS_AT_ONCE;
        if (last > tables->items.len)
            last = tables->items.len;
        gw_arena *scratch = gw_arena_new();
        gw_buf dot = GW_BUF(scratch);
        const char *out = "";
        for (size_t i = first; i < last; i++)
            drawn[i] = gw_docs_is(tables->items.items[i], "table") &&
                       add_graph(&dot, scratch, tables, NULL, tables->items.items[i], prefix);
        bool ok = !dot.len || draw(scratch, gw_buf_str(&dot), 0, cancel, &out, err);
        for (size_t i = first; ok && i < last; i++)
            svgs[i] = drawn[i] ? next_svg(arena, &out) : NULL;
        gw_arena_free(scratch);
        if (!ok)
            return false;
    }
    return true;
}

/* ---- one picture, with no pages around it ------------------------------------------------------- */

static const gw_object *table_of_key(const gw_docs_tables *tables, const char *key)
{
    for (size_t i = 0; i < tables->items.len; i++)
        if (strcmp(tables->items.items[i]->key, key) == 0)
            return tables->items.items[i];
    return NULL;
}

/* The one that was asked for; else public, where it has tables; else the first. */
static const char *schema_of(const gw_docs_tables *tables, const char *wanted)
{
    const char *found = NULL;
    for (size_t i = 0; i < tables->schemas.len; i++) {
        const char *name = tables->schemas.items[i];
        if (strcmp(name, wanted ? wanted : "public") == 0)
            return name;
        if (!wanted && !found)
            found = name;
    }
    return found;
}

bool gw_docs_svg(gw_arena *arena, const gw_schema *schema, const gw_docs_view *view,
                 const gw_cancel *cancel, char **svg, gw_err *err)
{
    gw_docs_tables tables = {0};
    gw_buf dot = GW_BUF(arena);
    const char *out;
    gw_docs_tables_of(arena, schema, &tables);
    const gw_object *around = view->table ? table_of_key(&tables, view->table) : NULL;
    const char *in = view->table ? NULL : schema_of(&tables, view->schema);
    if (view->table && !around)
        return gw_err_set(err, GW_ERR_STATE, "there is no table %s", view->table);
    if (!view->table && !in)
        return view->schema
                   ? gw_err_set(err, GW_ERR_STATE, "schema %s has no tables", view->schema)
                   : gw_err_set(err, GW_ERR_STATE, "there are no tables to draw yet");
    if (!gw_proc_which(arena, "dot")) {
        gw_err_set(err, GW_ERR_UNSUPPORTED, "no picture: Graphviz (the program dot) is not installed");
        return gw_err_hint(err, "Debian's package is graphviz");
    }
    if (!add_graph(&dot, arena, &tables, in, around, NULL))
        return gw_err_set(err, GW_ERR_STATE, "schema %s has views alone, and they refer to nothing", in);
    if (!draw(arena, gw_buf_str(&dot), view->most_ms, cancel, &out, err))
        return false;
    *svg = next_svg(arena, &out);
    return *svg || gw_err_set(err, GW_ERR_IO, "dot has drawn nothing");
}
