/*
 * Connection strings, as libpq reads them: a URL, keywords, or the bare name of a database.
 * Nothing is reinterpreted; what is secret is found even in a string that libpq cannot read.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "pg/conninfo.h"
#include "pg/internal.h"

/* A part of a conninfo that holds a secret. */
typedef struct span {
    size_t start, len;
} span;

enum { MAX_SPANS = 16 };
typedef struct spans {
    span items[MAX_SPANS];
    size_t len;
} spans;

static void add_span(spans *list, size_t start, size_t end)
{
    if (list->len < MAX_SPANS && end > start)
        list->items[list->len++] = (span){start, end - start};
}

/* Length of "postgres://" or "postgresql://", or 0. */
static size_t scheme_length(const char *conninfo)
{
    static const char *const schemes[] = {"postgresql://", "postgres://"};
    for (size_t i = 0; i < 2; i++)
        if (strncmp(conninfo, schemes[i], strlen(schemes[i])) == 0)
            return strlen(schemes[i]);
    return 0;
}

static bool is_secret(const char *name, size_t len)
{
    static const char *const names[] = {"password", "sslpassword", "oauth_client_secret"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strlen(names[i]) == len && strncasecmp(names[i], name, len) == 0)
            return true;
    return false;
}

/* An '@' after the credentials is the sign of a password with a raw '/', '?' or '@' in it. */
bool gw_conninfo_reads_well(const char *conninfo)
{
    PQconninfoOption *options = PQconninfoParse(conninfo, NULL);
    bool well = options != NULL;
    for (PQconninfoOption *o = options; o && o->keyword; o++)
        if (o->val && (strcmp(o->keyword, "dbname") == 0 || strcmp(o->keyword, "host") == 0))
            well = well && !strchr(o->val, '@');
    PQconninfoFree(options);
    return well;
}

char *gw_conninfo_dbname(gw_arena *arena, const char *conninfo)
{
    PQconninfoOption *options = PQconninfoParse(conninfo, NULL);
    char *name = NULL;
    for (PQconninfoOption *o = options; o && o->keyword; o++)
        if (o->val && strcmp(o->keyword, "dbname") == 0)
            name = gw_strdup(arena, o->val);
    PQconninfoFree(options);
    return name;
}

static void find_in_url(const char *url, size_t scheme, spans *out)
{
    const char *credentials = url + scheme;
    const char *at = credentials + strcspn(credentials, "@/");
    if (!gw_conninfo_reads_well(url)) {
        const char *last = strrchr(credentials, '@');
        at = last ? last : credentials;
    }
    if (*at == '@') {
        const char *colon = memchr(credentials, ':', (size_t)(at - credentials));
        if (colon)
            add_span(out, (size_t)(colon + 1 - url), (size_t)(at - url));
    }
    const char *p = strchr(*at == '@' ? at : credentials, '?');
    while (p && *p) {
        const char *name = p + 1;
        size_t len = strcspn(name, "=&");
        const char *value = name + len + (name[len] == '=');
        size_t value_len = strcspn(value, "&");
        if (is_secret(name, len))
            add_span(out, (size_t)(value - url), (size_t)(value - url) + value_len);
        p = value[value_len] ? value + value_len : NULL;
    }
}

/* End of a keyword's value: in quotes or up to white space, a backslash takes the next byte. */
static const char *value_end(const char *p)
{
    bool quoted = *p == '\'';
    for (p += quoted; *p; p++) {
        if (*p == '\\' && p[1])
            p++;
        else if (quoted ? *p == '\'' : isspace((unsigned char)*p))
            return p + quoted;
    }
    return p;
}

static void find_in_keywords(const char *text, spans *out)
{
    const char *p = text;
    /* A password with a raw space or quote in it: nobody knows where it ends. */
    const char *all = gw_conninfo_reads_well(text) ? NULL : text + strlen(text);
    while (*p) {
        while (isspace((unsigned char)*p))
            p++;
        const char *name = p;
        while (*p && *p != '=' && !isspace((unsigned char)*p))
            p++;
        size_t len = (size_t)(p - name);
        while (isspace((unsigned char)*p))
            p++;
        if (*p != '=')
            continue;
        p++;
        while (isspace((unsigned char)*p))
            p++;
        const char *end = value_end(p);
        if (all && is_secret(name, len))
            end = all;
        if (is_secret(name, len))
            add_span(out, (size_t)(p - text), (size_t)(end - text));
        p = end;
    }
}

static spans find_secrets(const char *conninfo)
{
    spans out = {0};
    size_t scheme = scheme_length(conninfo);
    if (scheme)
        find_in_url(conninfo, scheme, &out);
    else
        find_in_keywords(conninfo, &out);
    return out;
}

char *gw_conninfo_redacted(gw_arena *arena, const char *conninfo)
{
    gw_buf buf = GW_BUF(arena);
    spans secrets = find_secrets(conninfo);
    size_t done = 0;
    for (size_t i = 0; i < secrets.len; i++) {
        span s = secrets.items[i];
        gw_buf_addn(&buf, conninfo + done, s.start - done);
        gw_buf_add(&buf, "***");
        done = s.start + s.len;
    }
    gw_buf_add(&buf, conninfo + done);
    return buf.data;
}

void gw_conninfo_wipe(char *conninfo)
{
    spans secrets = find_secrets(conninfo);
    for (size_t i = 0; i < secrets.len; i++)
        memset(conninfo + secrets.items[i].start, 'x', secrets.items[i].len);
}

/* Does a piece of the conninfo reach into one of its secrets? */
static bool touches_secret(const char *conninfo, const spans *secrets, const char *piece)
{
    size_t len = strlen(piece);
    for (const char *p = strstr(conninfo, piece); len > 0 && p; p = strstr(p + 1, piece)) {
        size_t start = (size_t)(p - conninfo);
        for (size_t i = 0; i < secrets->len; i++) {
            span s = secrets->items[i];
            if (start < s.start + s.len && s.start < start + len)
                return true;
        }
    }
    return false;
}

char *gw_conninfo_mask(gw_arena *arena, const char *conninfo, const char *message)
{
    if (gw_conninfo_reads_well(conninfo))
        return gw_strdup(arena, message);
    /* libpq quotes the piece that it stumbled over, and that may be a piece of a password. */
    gw_buf buf = GW_BUF(arena);
    gw_buf_reserve(&buf, 0);
    spans secrets = find_secrets(conninfo);
    for (const char *p = message; *p;) {
        const char *close = *p == '"' ? strchr(p + 1, '"') : NULL;
        if (!close) {
            gw_buf_addc(&buf, *p++);
            continue;
        }
        char *quoted = gw_strndup(arena, p + 1, (size_t)(close - p - 1));
        gw_buf_addf(&buf, "\"%s\"", touches_secret(conninfo, &secrets, quoted) ? "***" : quoted);
        p = close + 1;
    }
    return buf.data;
}

/* Everything but what a URL may hold as it is, as %XX. */
static void add_percent_encoded(gw_buf *buf, const char *text)
{
    for (const unsigned char *p = (const unsigned char *)text; *p; p++) {
        if (isalnum(*p) || strchr("-._~", *p))
            gw_buf_addc(buf, (char)*p);
        else
            gw_buf_addf(buf, "%%%02X", *p);
    }
}

static char *url_with_dbname(gw_arena *arena, const char *url, size_t scheme, const char *dbname)
{
    const char *p = url + scheme;
    size_t user = strcspn(p, "@/");
    if (p[user] == '@')
        p += user + 1;
    p += strcspn(p, "/?");
    gw_buf buf = GW_BUF(arena);
    gw_buf_addn(&buf, url, (size_t)(p - url));
    gw_buf_addc(&buf, '/');
    add_percent_encoded(&buf, dbname);
    p = strchr(p, '?');
    char separator = '?';
    while (p && *p) {
        p++;
        size_t len = strcspn(p, "&");
        if (len > 0 && strncmp(p, "dbname=", 7) != 0) {
            gw_buf_addc(&buf, separator);
            gw_buf_addn(&buf, p, len);
            separator = '&';
        }
        p += len;
    }
    return buf.data;
}

bool gw_conninfo_parses(const char *conninfo)
{
    if (!scheme_length(conninfo) && !strchr(conninfo, '='))
        return true; /* a database's name */
    PQconninfoOption *options = PQconninfoParse(conninfo, NULL);
    PQconninfoFree(options);
    return options != NULL;
}

bool gw_conninfo_with_dbname(gw_arena *arena, const char *conninfo, const char *dbname, char **out,
                             gw_err *err)
{
    size_t scheme = scheme_length(conninfo);
    bool bare = !scheme && !strchr(conninfo, '=');
    char *problem = NULL;
    PQconninfoOption *options = bare ? NULL : PQconninfoParse(conninfo, &problem);
    if (!bare && !options) {
        gw_err_set(err, GW_ERR_CONFIG, "the connection string cannot be read");
        if (problem) {
            char *shown = gw_conninfo_mask(arena, conninfo, problem);
            shown[strcspn(shown, "\n")] = '\0';
            gw_err_detail(err, "%s", shown);
        }
        PQfreemem(problem);
        return false;
    }
    PQconninfoFree(options);
    if (scheme) {
        *out = url_with_dbname(arena, conninfo, scheme, dbname);
        return true;
    }
    gw_buf buf = GW_BUF(arena);
    if (!bare)
        gw_buf_addf(&buf, "%s ", conninfo);
    gw_buf_add(&buf, "dbname='"); /* the last one counts */
    for (const char *p = dbname; *p; p++) {
        if (*p == '\'' || *p == '\\')
            gw_buf_addc(&buf, '\\');
        gw_buf_addc(&buf, *p);
    }
    gw_buf_addc(&buf, '\'');
    *out = buf.data;
    return true;
}

const char *gw_conninfo_newer_parameter(const char *message, int *version)
{
    static const struct {
        const char *name;
        int version;
    } newer[] = {
        {"gssdelegation", 16},       {"load_balance_hosts", 16},   {"require_auth", 16},
        {"sslcertmode", 16},         {"sslnegotiation", 17},       {"max_protocol_version", 18},
        {"min_protocol_version", 18}, {"oauth_client_id", 18},     {"oauth_client_secret", 18},
        {"oauth_issuer", 18},        {"oauth_scope", 18},          {"scram_client_key", 18},
        {"scram_server_key", 18},    {"servicefile", 19},          {"sslkeylogfile", 18},
    };
    for (size_t i = 0; i < sizeof newer / sizeof *newer; i++) {
        char quoted[40];
        snprintf(quoted, sizeof quoted, "\"%s\"", newer[i].name);
        *version = newer[i].version;
        if (strstr(message, quoted) && PQlibVersion() / 10000 < *version)
            return newer[i].name;
    }
    return NULL;
}

/* 'it''s' as libpq's keyword strings want it. */
static void add_quoted(gw_buf *buf, const char *value)
{
    gw_buf_addc(buf, '\'');
    for (; *value; value++) {
        if (*value == '\'' || *value == '\\')
            gw_buf_addc(buf, '\\');
        gw_buf_addc(buf, *value);
    }
    gw_buf_addc(buf, '\'');
}

const char *const gw_keepalives[GW_KEEPALIVES][2] = {
    {"keepalives_idle", "30"}, {"keepalives_interval", "10"}, {"keepalives_count", "6"}};

bool gw_conninfo_has_service(const char *conninfo)
{
    const char *named = getenv("PGSERVICE");
    PQconninfoOption *parts = PQconninfoParse(conninfo, NULL);
    bool found = named && *named;
    for (const PQconninfoOption *p = parts; p && p->keyword; p++)
        found = found || (strcmp(p->keyword, "service") == 0 && p->val);
    PQconninfoFree(parts);
    return found;
}

bool gw_conninfo_split_password(gw_arena *arena, const char *conninfo, char **words,
                                char **password, gw_err *err)
{
    char *complaint = NULL;
    PQconninfoOption *parts = PQconninfoParse(conninfo, &complaint);
    if (!parts) {
        PQfreemem(complaint); /* it may quote the password */
        return gw_err_set(err, GW_ERR_CONFIG, "the connection string cannot be read");
    }
    gw_buf buf = GW_BUF(arena);
    *password = NULL;
    size_t own = gw_conninfo_has_service(conninfo) ? 0 : GW_KEEPALIVES;
    for (size_t i = 0; i < own; i++)
        gw_buf_addf(&buf, "%s%s=%s", i ? " " : "", gw_keepalives[i][0], gw_keepalives[i][1]);
    for (const PQconninfoOption *p = parts; p->keyword; p++) {
        if (!p->val)
            continue;
        if (strcmp(p->keyword, "password") == 0) {
            *password = gw_strdup(arena, p->val);
            continue;
        }
        gw_buf_addf(&buf, "%s%s=", buf.len ? " " : "", p->keyword);
        add_quoted(&buf, p->val);
    }
    PQconninfoFree(parts);
    *words = gw_strdup(arena, gw_buf_str(&buf));
    return true;
}
