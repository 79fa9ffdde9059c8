#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "http/server.h"

enum { BACKLOG = 511 };

static socklen_t fill(const gw_address *address, struct sockaddr_storage *out)
{
    memset(out, 0, sizeof *out);
    if (address->ipv6) {
        struct sockaddr_in6 *to = (struct sockaddr_in6 *)out;
        to->sin6_family = AF_INET6;
        to->sin6_port = htons((uint16_t)address->port);
        inet_pton(AF_INET6, address->host, &to->sin6_addr);
        return sizeof *to;
    }
    struct sockaddr_in *to = (struct sockaddr_in *)out;
    to->sin_family = AF_INET;
    to->sin_port = htons((uint16_t)address->port);
    inet_pton(AF_INET, address->host, &to->sin_addr);
    return sizeof *to;
}

static unsigned port_of(int fd)
{
    struct sockaddr_storage at;
    socklen_t len = sizeof at;
    if (getsockname(fd, (struct sockaddr *)&at, &len) != 0)
        return 0;
    if (at.ss_family == AF_INET6)
        return ntohs(((struct sockaddr_in6 *)&at)->sin6_port);
    return at.ss_family == AF_INET ? ntohs(((struct sockaddr_in *)&at)->sin_port) : 0;
}

bool gw_httpd_listen(const gw_address *address, int *out, unsigned *port, gw_err *err)
{
    struct sockaddr_storage to;
    socklen_t len = fill(address, &to);
    int yes = 1, fd = socket(to.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd >= 0)
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (fd < 0 || bind(fd, (struct sockaddr *)&to, len) != 0 || listen(fd, BACKLOG) != 0) {
        int code = errno;
        if (fd >= 0)
            close(fd);
        gw_err_errno(err, code, "cannot listen at %s port %u", address->host, address->port);
        return gw_err_hint(err, "another address or port: --listen 127.0.0.1:PORT");
    }
    *out = fd;
    *port = port_of(fd);
    return true;
}

bool gw_socket_reaches_out(int fd)
{
    struct sockaddr_storage at;
    socklen_t len = sizeof at;
    if (getsockname(fd, (struct sockaddr *)&at, &len) != 0)
        return true;
    if (at.ss_family == AF_INET)
        return (ntohl(((struct sockaddr_in *)&at)->sin_addr.s_addr) >> 24) != 127;
    if (at.ss_family == AF_INET6)
        return !IN6_IS_ADDR_LOOPBACK(&((struct sockaddr_in6 *)&at)->sin6_addr);
    return at.ss_family != AF_UNIX;
}

const char *gw_socket_place(gw_arena *arena, int fd, const char *scheme)
{
    struct sockaddr_storage at = {0};
    socklen_t len = sizeof at;
    char host[INET6_ADDRSTRLEN];
    if (getsockname(fd, (struct sockaddr *)&at, &len) != 0)
        return "a socket without a name";
    if (at.ss_family == AF_UNIX) {
        const struct sockaddr_un *local = (struct sockaddr_un *)&at;
        return gw_printf(arena, "unix:%.*s", (int)sizeof local->sun_path, local->sun_path);
    }
    bool ipv6 = at.ss_family == AF_INET6;
    const void *address = ipv6 ? (void *)&((struct sockaddr_in6 *)&at)->sin6_addr
                               : (void *)&((struct sockaddr_in *)&at)->sin_addr;
    if (!inet_ntop(at.ss_family, address, host, sizeof host))
        return "a socket without a name";
    return gw_printf(arena, ipv6 ? "%s://[%s]:%u" : "%s://%s:%u", scheme, host, port_of(fd));
}
