/*
 * Documentation of a schema: a static site that works from the file system, or Markdown with a
 * Mermaid picture for a repository. The same schema gives the same text.
 *
 * Makes files as values; whoever calls writes them. Pictures come from Graphviz's `dot`, run as a
 * program; without it the site has none and says so. Knows no migration files and no commands.
 */
#ifndef GW_DOCS_DOCS_H
#define GW_DOCS_DOCS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/cancel.h"
#include "pg/session.h"
#include "schema/value.h"

typedef struct gw_docs_size {
    const char *schema, *name;
    int64_t rows;  /* an estimate; -1: not known */
    int64_t bytes; /* with indexes */
} gw_docs_size;

typedef struct gw_docs_sizes {
    gw_docs_size *items;
    size_t len;
} gw_docs_sizes;

/* A step of the history, for the changelog. */
typedef struct gw_docs_change {
    int64_t at; /* microseconds UTC */
    const char *action, *version, *name, *service, *by;
} gw_docs_change;

typedef struct gw_docs_input {
    const gw_schema *schema;
    const char *title;            /* the project's name */
    gw_docs_sizes sizes;          /* none where it is not a live database */
    const gw_docs_change *changes;/* newest first */
    size_t change_count;
    const gw_cancel *cancel;
} gw_docs_input;

typedef struct gw_docs_file {
    const char *path; /* below the folder: "tables/public.orders.html" */
    const char *text;
} gw_docs_file;

typedef struct gw_docs_files {
    gw_docs_file *items;
    size_t len, cap;
    const char *note; /* NULL, or what is missing and why */
} gw_docs_files;

bool gw_docs_sizes_read(gw_session *session, gw_arena *arena, gw_docs_sizes *out, gw_err *err);

bool gw_docs_html(gw_arena *arena, const gw_docs_input *input, gw_docs_files *out, gw_err *err);
bool gw_docs_markdown(gw_arena *arena, const gw_docs_input *input, gw_docs_files *out, gw_err *err);

/* What a single picture shows: all tables of a schema (NULL: public, else the first that has any), or a table
 * with what refers to it and what it refers to. */
typedef struct gw_docs_view {
    const char *schema;
    const char *table; /* its key: public."Orders"; NULL: the schema */
    int64_t most_ms;   /* it is given up after so long, kind CANCELED; 0: never */
} gw_docs_view;

/* An SVG without anything that a strict policy forbids; a table in it links to "?table=KEY". Kind STATE where
 * there is nothing of that name to draw, UNSUPPORTED without Graphviz. */
bool gw_docs_svg(gw_arena *arena, const gw_schema *schema, const gw_docs_view *view,
                 const gw_cancel *cancel, char **svg, gw_err *err);

#endif
