/* Connections and how long each may take: whoever sends a head byte by byte is let go like everybody who is late. */
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "http/internal.h"

enum { LOOK_MS = 200, EOF_EVERY = 5 /* looks */, EOF_US = 2000000 };

void gw_link_until(gw_link *link, int64_t ms)
{
    if (link)
        atomic_store(&link->deadline, ms < 0 ? INT64_MAX : gw_monotonic_us() + ms * 1000);
}

void gw_link_reads(gw_link *link, bool reads)
{
    if (link)
        atomic_store(&link->reads, reads);
}

/*
 * Whoever has closed their side for writing sends nothing any more: what is waited for of them never comes, and the
 * library waits for it until its time is over. All that came was read, and nothing has moved since: for so long that
 * a thread that was just about to go on with it has done so.
 */
static bool has_left(gw_link *link, int64_t now)
{
    char byte;
    int64_t deadline = atomic_load(&link->deadline);
    bool over = atomic_load(&link->reads) && recv(link->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
    if (!over || deadline != link->eof_deadline) {
        link->eof_deadline = over ? deadline : 0;
        link->eof_since = now;
        return false;
    }
    return now - link->eof_since >= EOF_US;
}

/* A reader of events whose machine or network has died closes nothing, and the kernel would try for a quarter of an
 * hour. The next beat after that finds the connection ended. */
static void give_up_in_time(int fd, int64_t gone_ms)
{
    unsigned ms = (unsigned)gone_ms;
    if (fd >= 0)
        (void)setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &ms, sizeof ms);
}

void gw_link_notify(void *self, struct MHD_Connection *connection, void **context,
                    enum MHD_ConnectionNotificationCode code)
{
    gw_httpd *httpd = self;
    gw_link *link = *context;
    if (code == MHD_CONNECTION_NOTIFY_STARTED) {
        const union MHD_ConnectionInfo *info =
            httpd->mhd.get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
        link = calloc(1, sizeof *link);
        if (!link)
            gw_out_of_memory(sizeof *link);
        link->fd = info ? info->connect_fd : -1;
        give_up_in_time(link->fd, httpd->options.gone_ms);
        gw_link_until(link, httpd->options.head_ms);
        gw_link_reads(link, true);
        pthread_mutex_lock(&httpd->mutex);
        link->next = httpd->links;
        if (link->next)
            link->next->back = &link->next;
        link->back = &httpd->links;
        httpd->links = link;
        httpd->link_count++;
        pthread_mutex_unlock(&httpd->mutex);
        *context = link;
        return;
    }
    if (!link)
        return;
    pthread_mutex_lock(&httpd->mutex);
    *link->back = link->next;
    if (link->next)
        link->next->back = link->back;
    httpd->link_count--;
    pthread_mutex_unlock(&httpd->mutex);
    free(link);
    *context = NULL;
}

static void *watch(void *self)
{
    gw_httpd *httpd = self;
    for (unsigned look = 0;; look++) {
        gw_sleep_ms(LOOK_MS, NULL);
        int64_t now = gw_monotonic_us();
        pthread_mutex_lock(&httpd->mutex);
        bool go_on = httpd->watching;
        for (gw_link *link = httpd->links; link; link = link->next)
            if (atomic_load(&link->deadline) < now || (look % EOF_EVERY == 0 && has_left(link, now))) {
                shutdown(link->fd, SHUT_RDWR);
                gw_link_until(link, -1);
            }
        pthread_mutex_unlock(&httpd->mutex);
        if (!go_on)
            return NULL;
    }
}

void gw_links_watch(gw_httpd *httpd)
{
    httpd->watching = true;
    if (pthread_create(&httpd->watcher, NULL, watch, httpd) != 0)
        httpd->watching = false;
}

void gw_links_stop(gw_httpd *httpd)
{
    if (!httpd->watching)
        return;
    pthread_mutex_lock(&httpd->mutex);
    httpd->watching = false;
    pthread_mutex_unlock(&httpd->mutex);
    pthread_join(httpd->watcher, NULL);
}
