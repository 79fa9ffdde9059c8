#include "http/server.h"

#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "http/internal.h"

enum {
    THREADS = 2,
    WORKERS = 8,
    LONG_WORKERS = 2,
    QUEUE = 512,
    LONG_QUEUE = 16,
    CONNECTIONS = 1200,
    BODY_MOST = 64 * 1024,
    HEAD_MOST = 24 * 1024, /* with what is sent: a connection's own memory */
    HEAD_MS = 10000,
    BODY_MS = 30000,
    IDLE_MS = 30000,
    GONE_MS = 30000,
    SPARE_FILES = 100,
};

/* ---- what the library calls ---------------------------------------------------------------------------- */

static enum MHD_Result access_one(void *self, struct MHD_Connection *connection, const char *url,
                                  const char *method, const char *version, const char *data,
                                  size_t *len, void **own)
{
    gw_http_exchange *x = *own;
    (void)version;
    if (!x) {
        *own = x = gw_exchange_new(self, connection, url, method);
        /* An answer now is instead of reading the body. */
        return x->refused ? gw_exchange_answer(x) : MHD_YES;
    }
    if (*len > 0) {
        gw_exchange_body(x, data, *len);
        *len = 0;
        return MHD_YES;
    }
    switch (atomic_load(&x->state)) {
    case GW_READING:
        return gw_exchange_go(x);
    case GW_READY:
        return gw_exchange_answer(x);
    case GW_WORKING:
        break;
    }
    return MHD_YES;
}

static void completed(void *self, struct MHD_Connection *connection, void **own,
                      enum MHD_RequestTerminationCode code)
{
    (void)self, (void)connection, (void)code;
    if (*own)
        gw_exchange_free(*own);
    *own = NULL;
}

static size_t unescape(void *self, struct MHD_Connection *connection, char *text)
{
    (void)self, (void)connection;
    return gw_unescape(text);
}

/* The library's own words about what clients do wrong: nobody's business. */
static void silent(void *self, const char *format, va_list args)
{
    (void)self, (void)format, (void)args;
}

/* ---- start and stop ------------------------------------------------------------------------------------ */

static void fill_in(gw_httpd_options *options)
{
#define OTHERWISE(field, value) options->field = options->field ? options->field : (value)
    OTHERWISE(threads, THREADS);
    OTHERWISE(workers, WORKERS);
    OTHERWISE(long_workers, LONG_WORKERS);
    OTHERWISE(connections, CONNECTIONS);
    OTHERWISE(body_most, BODY_MOST);
    OTHERWISE(head_ms, HEAD_MS);
    OTHERWISE(body_ms, BODY_MS);
    OTHERWISE(idle_ms, IDLE_MS);
    OTHERWISE(gone_ms, GONE_MS);
#undef OTHERWISE
}

/* As many files as connections, and some for the rest of us. */
static void raise_files(unsigned *connections)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return;
    rlim_t wanted = *connections + SPARE_FILES;
    if (limit.rlim_cur < wanted) {
        limit.rlim_cur = limit.rlim_max < wanted ? limit.rlim_max : wanted;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < wanted)
        *connections = limit.rlim_cur > 2 * SPARE_FILES ? (unsigned)limit.rlim_cur - SPARE_FILES
                                                        : (unsigned)limit.rlim_cur / 2;
}

static struct MHD_Daemon *start_daemon(gw_httpd *httpd)
{
    const gw_httpd_options *o = &httpd->options;
    struct MHD_OptionItem tls[] = {
        {MHD_OPTION_HTTPS_MEM_CERT, 0, (void *)(uintptr_t)o->cert},
        {MHD_OPTION_HTTPS_MEM_KEY, 0, (void *)(uintptr_t)o->key},
        {MHD_OPTION_HTTPS_PRIORITIES, 0,
         (void *)(uintptr_t) "NORMAL:-VERS-TLS1.0:-VERS-TLS1.1:-VERS-DTLS-ALL"},
        {MHD_OPTION_END, 0, NULL},
    };
    unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ITC |
                     MHD_USE_ERROR_LOG | (o->cert ? (unsigned)MHD_USE_TLS : 0u);
    return httpd->mhd.start_daemon(
        flags, 0, NULL, NULL, access_one, httpd, MHD_OPTION_EXTERNAL_LOGGER, silent, NULL,
        MHD_OPTION_LISTEN_SOCKET, o->socket, MHD_OPTION_THREAD_POOL_SIZE, o->threads,
        MHD_OPTION_CONNECTION_LIMIT, o->connections, MHD_OPTION_CONNECTION_TIMEOUT,
        (unsigned)(o->idle_ms / 1000 + 1), MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)HEAD_MOST,
        MHD_OPTION_NOTIFY_COMPLETED, completed, NULL, MHD_OPTION_NOTIFY_CONNECTION, gw_link_notify,
        httpd, MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_UNESCAPE_CALLBACK, unescape, NULL, MHD_OPTION_ARRAY,
        o->cert ? tls : &tls[sizeof tls / sizeof *tls - 1], MHD_OPTION_END);
}

static void let_go(gw_httpd *httpd)
{
    pthread_cond_destroy(&httpd->change);
    pthread_mutex_destroy(&httpd->mutex);
    free(httpd);
}

bool gw_httpd_start(const gw_httpd_options *options, gw_httpd **out, gw_err *err)
{
    gw_httpd *httpd = calloc(1, sizeof *httpd);
    if (!httpd)
        gw_out_of_memory(sizeof *httpd);
    httpd->options = *options;
    fill_in(&httpd->options);
    raise_files(&httpd->options.connections);
    pthread_mutex_init(&httpd->mutex, NULL);
    pthread_cond_init(&httpd->change, NULL);
    if (!gw_mhd_load(&httpd->mhd)) {
        let_go(httpd);
        gw_err_set(err, GW_ERR_UNSUPPORTED, "libmicrohttpd is not there: nothing can be served");
        return gw_err_hint(err, "install libmicrohttpd 12 (Debian: libmicrohttpd12)");
    }
    if (!gw_hands_start(&httpd->usual, httpd->options.workers, QUEUE) ||
        !gw_hands_start(&httpd->slow, httpd->options.long_workers, LONG_QUEUE)) {
        let_go(httpd);
        return gw_err_set(err, GW_ERR_IO, "no thread could be started");
    }
    gw_links_watch(httpd);
    httpd->daemon = start_daemon(httpd);
    if (httpd->daemon) {
        *out = httpd;
        return true;
    }
    gw_links_stop(httpd);
    gw_hands_stop(&httpd->usual);
    gw_hands_stop(&httpd->slow);
    let_go(httpd);
    gw_err_set(err, GW_ERR_CONFIG, "the server could not be started");
    return gw_err_hint(err, options->cert ? "do certificate and key belong together, both as PEM?"
                                          : "are there files and memory left?");
}

unsigned gw_httpd_connections(gw_httpd *httpd)
{
    pthread_mutex_lock(&httpd->mutex);
    unsigned count = httpd->link_count;
    pthread_mutex_unlock(&httpd->mutex);
    return count;
}

void gw_httpd_stop(gw_httpd *httpd, int64_t grace_ms)
{
    enum { STEP_MS = 20 };
    httpd->mhd.quiesce_daemon(httpd->daemon);
    for (int64_t waited = 0; waited < grace_ms; waited += STEP_MS) {
        pthread_mutex_lock(&httpd->mutex);
        unsigned busy = httpd->busy;
        pthread_mutex_unlock(&httpd->mutex);
        if (!busy)
            break;
        gw_sleep_ms(STEP_MS, NULL);
    }
    /* Every piece of work that was taken comes to its end, and its connection is woken. */
    gw_hands_stop(&httpd->usual);
    gw_hands_stop(&httpd->slow);
    httpd->mhd.stop_daemon(httpd->daemon);
    gw_links_stop(httpd);
    close(httpd->options.socket);
    let_go(httpd);
}
