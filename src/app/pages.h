/* What is made from a schema for people and programs to read: documentation, types for code. */
#ifndef GW_APP_PAGES_H
#define GW_APP_PAGES_H

#include "app/schema.h"
#include "docs/docs.h"

typedef struct gw_pages_options {
    const char *from;           /* a side: NULL = database */
    const char *out;            /* the folder, of docs */
    bool markdown;              /* of docs */
    const char *language;       /* of models */
    const char *const *schemas; /* of models; NULL = all */
} gw_pages_options;

typedef struct gw_pages {
    gw_texts paths;    /* files written, of docs */
    const char *text;  /* of models */
    gw_texts warnings;
} gw_pages;

/* Files in the folder that have the same names are replaced, others are left alone. */
bool gw_app_docs(gw_app *app, gw_arena *arena, const gw_pages_options *options, gw_pages *out,
                 gw_err *err);
/* One picture of the environment's database as an SVG: see gw_docs_svg. table, or schema, or neither. */
bool gw_app_picture(gw_app *app, gw_arena *arena, const gw_docs_view *view, char **svg, gw_err *err);
bool gw_app_models(gw_app *app, gw_arena *arena, const gw_pages_options *options, gw_pages *out,
                   gw_err *err);

#endif
