#include "app/http_get.h"

#include <string.h>

#ifdef GW_CURL

#include <curl/curl.h>
#include <dlfcn.h>

struct gw_http {
    void *library;
    CURL *curl;
    const gw_cancel *cancel;
    gw_buf *body;
    size_t most;
    bool too_long;
    __typeof__(curl_global_init) *global_init;
    __typeof__(curl_easy_init) *easy_init;
    __typeof__(curl_easy_setopt) *easy_setopt;
    __typeof__(curl_easy_perform) *easy_perform;
    __typeof__(curl_easy_getinfo) *easy_getinfo;
    __typeof__(curl_easy_strerror) *easy_strerror;
    __typeof__(curl_easy_cleanup) *easy_cleanup;
};

enum { CONNECT_MS = 10000, ANSWER_MS = 60000 };

static size_t take(char *data, size_t size, size_t count, void *self)
{
    gw_http *http = self;
    size_t len = size * count;
    http->too_long = http->body->len + len > http->most;
    if (http->too_long)
        return 0;
    gw_buf_addn(http->body, data, len);
    return len;
}

static int stop(void *self, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
    const gw_http *http = self;
    (void)a, (void)b, (void)c, (void)d;
    return gw_cancel_level(http->cancel) > 0;
}

static bool load(gw_http *http)
{
    static const char *const names[] = {"libcurl.so.4", "libcurl-gnutls.so.4"};
    for (size_t i = 0; i < sizeof names / sizeof *names && !http->library; i++)
        http->library = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);
    if (!http->library)
        return false;
    bool ok = true;
#define TAKE(field)                                                                                \
    do {                                                                                           \
        void *found = dlsym(http->library, "curl_" #field);                                        \
        memcpy(&http->field, &found, sizeof found);                                                \
        ok = ok && found;                                                                          \
    } while (0)
    TAKE(global_init);
    TAKE(easy_init);
    TAKE(easy_setopt);
    TAKE(easy_perform);
    TAKE(easy_getinfo);
    TAKE(easy_strerror);
    TAKE(easy_cleanup);
#undef TAKE
    return ok && http->global_init(CURL_GLOBAL_DEFAULT) == 0;
}

static void done(void *self)
{
    gw_http *http = self;
    http->easy_cleanup(http->curl);
}

bool gw_http_open(gw_arena *arena, const gw_cancel *cancel, gw_http **out, gw_err *err)
{
    gw_http *http = gw_alloc(arena, sizeof *http);
    http->cancel = cancel;
    if (!load(http) || !(http->curl = http->easy_init())) {
        gw_err_set(err, GW_ERR_UNSUPPORTED, "libcurl is not there: no URL can be read");
        return gw_err_hint(err, "install libcurl 4, or pipe the documents in: curl … | godwit …");
    }
    gw_arena_defer(arena, done, http);
    *out = http;
    return true;
}

bool gw_http_get(gw_http *http, const char *url, size_t most, long *status, gw_buf *body,
                 gw_err *err)
{
    CURL *curl = http->curl;
    gw_buf_clear(body);
    http->body = body;
    http->most = most;
    http->too_long = false;
    http->easy_setopt(curl, CURLOPT_URL, url);
#if LIBCURL_VERSION_NUM >= 0x075500
    http->easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
#else
    http->easy_setopt(curl, CURLOPT_PROTOCOLS, (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS));
#endif
    http->easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    http->easy_setopt(curl, CURLOPT_ACCEPT_ENCODING, "");
    http->easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_MS);
    http->easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)ANSWER_MS);
    http->easy_setopt(curl, CURLOPT_WRITEFUNCTION, take);
    http->easy_setopt(curl, CURLOPT_WRITEDATA, http);
    http->easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
    http->easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, stop);
    http->easy_setopt(curl, CURLOPT_XFERINFODATA, http);
    CURLcode code = http->easy_perform(curl);
    if (code == CURLE_OK) {
        http->easy_getinfo(curl, CURLINFO_RESPONSE_CODE, status);
        return true;
    }
    if (gw_cancel_level(http->cancel))
        return gw_err_set(err, GW_ERR_INTERRUPTED, "stopped");
    if (http->too_long)
        return gw_err_set(err, GW_ERR_INPUT, "%s answers with more than %zu bytes", url, most);
    return gw_err_set(err, GW_ERR_CONNECT, "cannot read %s: %s", url, http->easy_strerror(code));
}

#else

bool gw_http_open(gw_arena *arena, const gw_cancel *cancel, gw_http **out, gw_err *err)
{
    (void)arena, (void)cancel, (void)out;
    gw_err_set(err, GW_ERR_UNSUPPORTED, "this godwit was built without libcurl: no URL can be read");
    return gw_err_hint(err, "pipe the documents in: curl … | godwit …");
}

bool gw_http_get(gw_http *http, const char *url, size_t most, long *status, gw_buf *body,
                 gw_err *err)
{
    (void)http, (void)url, (void)most, (void)status, (void)body;
    return gw_err_set(err, GW_ERR_UNSUPPORTED, "built without libcurl");
}

#endif
