#include "cmd/otlp_send.h"

#include <string.h>

char *gw_otlp_shown_url(gw_arena *arena, const char *url)
{
    const char *host = strstr(url, "://");
    host = host ? host + 3 : url;
    const char *end = host + strcspn(host, "/?#");
    const char *at = NULL;
    for (const char *c = host; c < end; c++)
        if (*c == '@')
            at = c;
    if (!at)
        return gw_strdup(arena, url);
    return gw_printf(arena, "%.*s%s", (int)(host - url), url, at + 1);
}

#ifdef GW_OTLP

#include <curl/curl.h>
#include <dlfcn.h>

/* The functions used, with the types that the header gives them. */
static struct {
    void *library;
    __typeof__(curl_global_init) *global_init;
    __typeof__(curl_global_cleanup) *global_cleanup;
    __typeof__(curl_easy_init) *easy_init;
    __typeof__(curl_easy_setopt) *easy_setopt;
    __typeof__(curl_easy_perform) *easy_perform;
    __typeof__(curl_easy_getinfo) *easy_getinfo;
    __typeof__(curl_easy_strerror) *easy_strerror;
    __typeof__(curl_easy_cleanup) *easy_cleanup;
    __typeof__(curl_slist_append) *slist_append;
    __typeof__(curl_slist_free_all) *slist_free_all;
} lib;

static void *symbol(const char *name, bool *ok)
{
    void *found = dlsym(lib.library, name);
    *ok = *ok && found;
    return found;
}

const char *gw_otlp_send_begin(void)
{
    static const char *const names[] = {"libcurl.so.4", "libcurl-gnutls.so.4"};
    for (size_t i = 0; i < sizeof names / sizeof *names && !lib.library; i++)
        lib.library = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);
    if (!lib.library)
        return "OTEL_EXPORTER_OTLP_ENDPOINT is set, but libcurl is not installed: no telemetry";
    bool ok = true;
#define TAKE(field, name)                                                                          \
    do {                                                                                           \
        void *found = symbol(name, &ok);                                                           \
        memcpy(&lib.field, &found, sizeof found);                                                  \
    } while (0)
    TAKE(global_init, "curl_global_init");
    TAKE(global_cleanup, "curl_global_cleanup");
    TAKE(easy_init, "curl_easy_init");
    TAKE(easy_setopt, "curl_easy_setopt");
    TAKE(easy_perform, "curl_easy_perform");
    TAKE(easy_getinfo, "curl_easy_getinfo");
    TAKE(easy_strerror, "curl_easy_strerror");
    TAKE(easy_cleanup, "curl_easy_cleanup");
    TAKE(slist_append, "curl_slist_append");
    TAKE(slist_free_all, "curl_slist_free_all");
#undef TAKE
    if (!ok || lib.global_init(CURL_GLOBAL_DEFAULT) != 0)
        return "OTEL_EXPORTER_OTLP_ENDPOINT is set, but libcurl cannot be used: no telemetry";
    return NULL;
}

void gw_otlp_send_end(void)
{
    if (lib.library)
        lib.global_cleanup();
}

static size_t swallow(char *data, size_t size, size_t count, void *self)
{
    (void)data;
    (void)self;
    return size * count;
}

char *gw_otlp_send(gw_arena *arena, const gw_otlp_post *post)
{
    CURL *curl = lib.easy_init();
    if (!curl)
        return gw_strdup(arena, "libcurl gave no handle");
    struct curl_slist *headers = lib.slist_append(NULL, "Content-Type: application/json");
    headers = lib.slist_append(headers, "Expect:");
    for (const char *const *h = post->headers; h && *h; h++)
        headers = lib.slist_append(headers, *h);
    lib.easy_setopt(curl, CURLOPT_URL, post->url);
#if LIBCURL_VERSION_NUM >= 0x075500
    lib.easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
#else
    lib.easy_setopt(curl, CURLOPT_PROTOCOLS, (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS));
#endif
    lib.easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    lib.easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)post->len);
    lib.easy_setopt(curl, CURLOPT_POSTFIELDS, post->body);
    lib.easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)post->timeout_ms);
    lib.easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    lib.easy_setopt(curl, CURLOPT_WRITEFUNCTION, swallow);
    CURLcode code = lib.easy_perform(curl);
    long status = 0;
    lib.easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    char *problem = NULL;
    if (code != CURLE_OK)
        problem = gw_strdup(arena, lib.easy_strerror(code));
    else if (status < 200 || status > 299)
        problem = gw_printf(arena, "it answered %ld", status);
    lib.slist_free_all(headers);
    lib.easy_cleanup(curl);
    return problem;
}

#else

const char *gw_otlp_send_begin(void)
{
    return "OTEL_EXPORTER_OTLP_ENDPOINT is set, but this godwit was built without OTLP: no "
           "telemetry";
}

void gw_otlp_send_end(void)
{
}

char *gw_otlp_send(gw_arena *arena, const gw_otlp_post *post)
{
    (void)post;
    return gw_strdup(arena, "built without OTLP");
}

#endif
