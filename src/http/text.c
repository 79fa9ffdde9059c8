#include "http/text.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Where the host ends and ":port" begins; false where it is neither NAME, NAME:PORT nor [V6]:PORT. */
static bool split_host(const char *text, const char **host, size_t *len, const char **port)
{
    const char *end;
    *port = NULL;
    if (*text == '[') {
        end = strchr(text, ']');
        if (!end)
            return false;
        *host = text + 1;
        *len = (size_t)(end - text - 1);
        end++;
    } else {
        *host = text;
        *len = strcspn(text, ":");
        end = text + *len;
    }
    if (*end == ':')
        *port = end + 1;
    else if (*end)
        return false;
    return *len > 0 && *len < 254;
}

static bool port_number(const char *text, unsigned *out)
{
    unsigned value = 0;
    size_t digits = strspn(text, "0123456789");
    if (digits == 0 || digits > 5 || text[digits])
        return false;
    for (size_t i = 0; i < digits; i++)
        value = value * 10 + (unsigned)(text[i] - '0');
    *out = value;
    return value <= 65535;
}

/* 4, 6, or 0 where it is no address. */
static int family_of(const char *host, size_t len, bool *loopback)
{
    char copy[64];
    unsigned char bytes[16];
    if (len >= sizeof copy)
        return 0;
    memcpy(copy, host, len);
    copy[len] = '\0';
    if (inet_pton(AF_INET, copy, bytes) == 1) {
        *loopback = bytes[0] == 127;
        return 4;
    }
    if (inet_pton(AF_INET6, copy, bytes) != 1)
        return 0;
    static const unsigned char one[16] = {[15] = 1};
    *loopback = memcmp(bytes, one, 16) == 0;
    return 6;
}

bool gw_address_read(gw_arena *arena, const char *text, gw_address *out, gw_err *err)
{
    const char *host = NULL, *port = NULL;
    size_t len = 0;
    *out = (gw_address){0};
    bool ok = split_host(text, &host, &len, &port) && port && port_number(port, &out->port);
    int family = ok ? family_of(host, len, &out->loopback) : 0;
    if (ok && !family && len == 9 && strncasecmp(host, "localhost", len) == 0) {
        host = "127.0.0.1";
        family = 4;
        out->loopback = true;
    }
    ok = ok && family && (family == 6) == (*text == '[');
    if (!ok) {
        gw_err_set(err, GW_ERR_USAGE, "\"%s\" is no address to listen at", text);
        return gw_err_hint(err, "an address and a port: 127.0.0.1:7583, [::1]:7583, 0.0.0.0:7583");
    }
    out->ipv6 = family == 6;
    out->host = host == text || *text == '[' ? gw_strndup(arena, host, len) : host;
    return true;
}

bool gw_host_known(const char *host, const char *const *names)
{
    const char *name, *port;
    size_t len;
    unsigned number;
    bool loopback;
    if (!host || !split_host(host, &name, &len, &port) || (port && !port_number(port, &number)))
        return false;
    if (family_of(name, len, &loopback))
        return true;
    if (len == 9 && strncasecmp(name, "localhost", len) == 0)
        return true;
    for (; names && *names; names++)
        if (strlen(*names) == len && strncasecmp(*names, name, len) == 0)
            return true;
    return false;
}

bool gw_origin_is(const char *origin, bool tls, const char *host)
{
    const char *scheme = tls ? "https://" : "http://";
    size_t len = strlen(scheme);
    return host && strncasecmp(origin, scheme, len) == 0 && strcasecmp(origin + len, host) == 0;
}

const char *gw_bearer(const char *authorization)
{
    enum { MOST = 256 };
    if (!authorization || strncasecmp(authorization, "Bearer ", 7) != 0)
        return NULL;
    const char *token = authorization + 7;
    size_t len = strspn(token, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.~+/=");
    return len > 0 && len <= MOST && !token[len] ? token : NULL;
}

int gw_path_match(const char *pattern, const char *path, gw_path_part parts[GW_PATH_PARTS])
{
    int count = 0;
    while (*pattern) {
        if (*pattern == '{' && count < GW_PATH_PARTS) {
            size_t len = strcspn(path, "/");
            if (len == 0)
                return -1;
            parts[count++] = (gw_path_part){path, len};
            path += len;
            pattern += strcspn(pattern, "}");
            pattern += *pattern == '}';
            continue;
        }
        if (*pattern++ != *path++)
            return -1;
    }
    return *path ? -1 : count;
}

bool gw_event_id_read(const char *text, uint64_t *epoch, uint64_t *sequence)
{
    enum { DIGITS = 18 };
    size_t first = strspn(text, "0123456789");
    if (first == 0 || first > DIGITS || text[first] != '-')
        return false;
    const char *rest = text + first + 1;
    size_t second = strspn(rest, "0123456789");
    if (second == 0 || second > DIGITS || rest[second])
        return false;
    *epoch = strtoull(text, NULL, 10);
    *sequence = strtoull(rest, NULL, 10);
    return true;
}

bool gw_header_word(const char *text, size_t most)
{
    size_t len = 0;
    for (; text && text[len]; len++)
        if (len == most || text[len] <= 0x20 || text[len] == 0x7f || (text[len] & 0x80))
            return false;
    return len > 0;
}

bool gw_same_secret(const char *a, const char *b)
{
    size_t len = strlen(a);
    unsigned char differs = 0;
    if (strlen(b) != len)
        return false;
    for (size_t i = 0; i < len; i++)
        differs = (unsigned char)(differs | (a[i] ^ b[i]));
    return differs == 0;
}

static int digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

size_t gw_unescape(char *text)
{
    char *to = text;
    for (const char *from = text; *from; from++) {
        int high = *from == '%' ? digit(from[1]) : -1;
        int low = high >= 0 ? digit(from[2]) : -1;
        if (low < 0) {
            *to++ = *from;
            continue;
        }
        int byte = high * 16 + low;
        *to++ = (char)(byte ? byte : 0xff);
        from += 2;
    }
    *to = '\0';
    return (size_t)(to - text);
}
