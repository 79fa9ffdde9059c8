/*
 * The files of the dashboard, built into the program (scripts/embed-web.py), and the handler that gives them. None of
 * them is secret: what they show, they ask for.
 */
#ifndef GW_HTTP_SITE_H
#define GW_HTTP_SITE_H

#include "http/server.h"

typedef struct gw_site_file {
    const char *path, *type, *etag; /* "/" is the page */
    const unsigned char *data;      /* gzip */
    size_t len, plain_len;
    bool lasting;                   /* its name holds its digest: it never changes */
} gw_site_file;

extern const gw_site_file gw_site_files[];
extern const size_t gw_site_file_count; /* 0: this build has no dashboard */

/* May this reader be given gzip? What Accept-Encoding says; NULL: no. */
bool gw_site_takes_gzip(const char *accepted);

/* GET of a path of the table; 404 for another. */
void gw_site_handle(void *self, gw_request *request, gw_reply *reply);

#endif
