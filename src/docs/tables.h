/* What the pages and pictures ask of a schema. Of this folder only. */
#ifndef GW_DOCS_TABLES_H
#define GW_DOCS_TABLES_H

#include "base/buf.h"
#include "base/vec.h"
#include "docs/docs.h"
#include "schema/kind.h"

/* A foreign key, from one table of the list to another. */
typedef struct gw_docs_reference {
    const gw_object *constraint, *from, *to;
    bool optional; /* a column of it may be NULL */
    bool unique;   /* at most one row of `from` for each of `to` */
} gw_docs_reference;

typedef struct gw_docs_tables {
    GW_VEC(const gw_object *) items; /* tables, views, materialized views; partitions are left out */
    GW_VEC(const char *) slugs;      /* file name of each, without the ending; by object->index */
    GW_VEC(gw_docs_reference) references;
    GW_VEC(const char *) schemas;    /* names, in order */
} gw_docs_tables;

void gw_docs_tables_of(gw_arena *arena, const gw_schema *schema, gw_docs_tables *out);
const char *gw_docs_slug(const gw_docs_tables *tables, const gw_object *object);

bool gw_docs_is(const gw_object *object, const char *kind);
/* Is the column in the primary key, in a foreign key of its table? */
bool gw_docs_in_key(gw_arena *arena, const gw_object *column, char sort);
/* "a", b of "FOREIGN KEY ("a", b) REFERENCES …": the names in the first parentheses. */
typedef GW_VEC(const char *) gw_docs_names;
gw_docs_names gw_docs_key_columns(gw_arena *arena, const gw_object *constraint);

/* &, <, > and " as entities. */
void gw_html(gw_buf *buf, const char *text);
char *gw_docs_bytes(gw_arena *arena, int64_t bytes); /* "8.2 MB" */

/* ---- pictures ------------------------------------------------------------------------------- */

/* An SVG for inside a page, of one schema. prefix: from that page to the folder. *svg is NULL where
 * there is nothing to draw. */
bool gw_docs_picture(gw_arena *arena, const gw_docs_tables *tables, const char *schema,
                     const char *prefix, const gw_cancel *cancel, char **svg, gw_err *err);
/* Of each table of `tables` and what it refers to or is referred to by; svgs[i] is NULL where it
 * stands alone. Many in one run of `dot`: starting it takes longer than a small picture. */
bool gw_docs_neighbours(gw_arena *arena, const gw_docs_tables *tables, const char *prefix,
                        const gw_cancel *cancel, char **svgs, gw_err *err);

/* ---- pages ----------------------------------------------------------------------------------- */

void gw_page_begin(gw_buf *buf, const gw_docs_input *input, const char *title, const char *prefix);
void gw_page_end(gw_buf *buf, const char *prefix);
void gw_page_table(gw_buf *buf, const gw_docs_input *input, const gw_docs_tables *tables,
                   const gw_object *table, const char *picture);
const gw_docs_size *gw_docs_size_of(const gw_docs_input *input, const gw_object *table);

/* Text files of the site, made from site/ at build. */
extern const char gw_docs_style[], gw_docs_script[];

#endif
