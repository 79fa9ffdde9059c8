#define ZLIB_CONST 1
#include "http/site.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <zlib.h>

static const gw_site_file *find(const char *path)
{
    for (size_t i = 0; i < gw_site_file_count; i++)
        if (strcmp(gw_site_files[i].path, path) == 0)
            return &gw_site_files[i];
    return NULL;
}

/* "gzip;q=0" says no. */
static bool refused(const char *parameters, size_t len)
{
    for (size_t i = 0; i + 2 < len; i++)
        if ((parameters[i] == 'q' || parameters[i] == 'Q') && parameters[i + 1] == '=')
            return strtod(parameters + i + 2, NULL) <= 0;
    return false;
}

bool gw_site_takes_gzip(const char *accepted)
{
    static const char blank[] = " \t";
    for (const char *at = accepted; at && *at;) {
        at += strspn(at, blank);
        size_t len = strcspn(at, ","), name = strcspn(at, ",; \t");
        if ((name == 4 && strncasecmp(at, "gzip", name) == 0) || (name == 1 && *at == '*'))
            return !refused(at + name, len - name);
        at += len + (at[len] == ',');
    }
    return false;
}

/* With q-values and W/ it still is one of a list of quoted words. */
static bool has_it(const gw_request *request, const gw_site_file *file)
{
    const char *said = gw_request_header(request, "If-None-Match");
    return said && strstr(said, file->etag) != NULL;
}

/* Our own bytes: they cannot be wrong. */
static char *plain(gw_arena *arena, const gw_site_file *file)
{
    enum { GZIP = 16 + MAX_WBITS };
    char *out = gw_alloc(arena, file->plain_len + 1);
    z_stream stream = {.next_in = file->data,
                       .avail_in = (uInt)file->len,
                       .next_out = (Bytef *)out,
                       .avail_out = (uInt)file->plain_len};
    if (inflateInit2(&stream, GZIP) != Z_OK)
        return NULL;
    int done = inflate(&stream, Z_FINISH);
    inflateEnd(&stream);
    return done == Z_STREAM_END ? out : NULL;
}

void gw_site_handle(void *self, gw_request *request, gw_reply *reply)
{
    (void)self;
    const gw_site_file *file = find(request->path);
    if (!file) {
        gw_reply_error(reply, 404, "state", "there is nothing at this path", NULL);
        return;
    }
    gw_reply_header(reply, "ETag", file->etag);
    gw_reply_header(reply, "Vary", "Accept-Encoding");
    gw_reply_header(reply, "Cache-Control",
                    file->lasting ? "public, max-age=31536000, immutable" : "no-cache");
    if (has_it(request, file)) {
        gw_reply_text(reply, 304, NULL, "");
        return;
    }
    reply->status = 200;
    reply->type = file->type;
    if (gw_site_takes_gzip(gw_request_header(request, "Accept-Encoding"))) {
        gw_reply_header(reply, "Content-Encoding", "gzip");
        reply->body = (const char *)file->data;
        reply->len = file->len;
        return;
    }
    reply->body = plain(reply->arena, file);
    reply->len = file->plain_len;
    if (!reply->body)
        gw_reply_error(reply, 500, "internal", "the page cannot be unpacked", NULL);
}
