#include "migrate/migration.h"

#include <string.h>

static const char *const names[GW_FORMAT_COUNT] = {
    [GW_FORMAT_AUTO] = "auto",
    [GW_FORMAT_GODWIT] = "godwit",
    [GW_FORMAT_SQLX] = "sqlx",
    [GW_FORMAT_DBMATE] = "dbmate",
    [GW_FORMAT_GOLANG_MIGRATE] = "golang-migrate",
    [GW_FORMAT_GOOSE] = "goose",
    [GW_FORMAT_FLYWAY] = "flyway",
    [GW_FORMAT_DRIZZLE] = "drizzle",
    [GW_FORMAT_GRAPHILE_MIGRATE] = "graphile-migrate",
    [GW_FORMAT_ATLAS] = "atlas",
    [GW_FORMAT_NODE_PG_MIGRATE] = "node-pg-migrate",
    [GW_FORMAT_SQITCH] = "sqitch",
    [GW_FORMAT_ALEMBIC] = "alembic",
};

const char *gw_format_name(gw_format format)
{
    return (unsigned)format < GW_FORMAT_COUNT ? names[format] : "unknown";
}

gw_format gw_format_by_name(const char *name)
{
    for (int i = 0; name && i < GW_FORMAT_COUNT; i++)
        if (strcmp(names[i], name) == 0)
            return (gw_format)i;
    return GW_FORMAT_COUNT;
}

/* The next number of a version without its leading zeros; an absent one is 0, the empty text. */
static const char *next_number(const char **at, size_t *len)
{
    const char *p = *at;
    while (*p == '0')
        p++;
    const char *start = p;
    while (*p && *p != '.')
        p++;
    *len = (size_t)(p - start);
    *at = *p == '.' ? p + 1 : p;
    return start;
}

static bool is_number(const char *version)
{
    return *version && strspn(version, "0123456789.") == strlen(version);
}

bool gw_version_is(const char *version, const char *wanted)
{
    return strcmp(version, wanted) == 0 ||
           (is_number(version) && is_number(wanted) && gw_version_compare(version, wanted) == 0);
}

bool gw_version_is_past(const char *version, const char *wanted)
{
    return is_number(version) && is_number(wanted) && gw_version_compare(version, wanted) > 0;
}

bool gw_migration_is_same(const gw_migration *migration, const char *checksum)
{
    return !checksum || strcmp(checksum, migration->checksum) == 0 ||
           (migration->text_checksum && strcmp(checksum, migration->text_checksum) == 0);
}

bool gw_version_is_file(const char *version)
{
    return strncmp(version, "R__", 3) == 0;
}

int gw_version_compare(const char *a, const char *b)
{
    while (*a || *b) {
        size_t alen, blen;
        const char *x = next_number(&a, &alen), *y = next_number(&b, &blen);
        if (alen != blen)
            return alen < blen ? -1 : 1;
        int c = memcmp(x, y, alen);
        if (c)
            return c < 0 ? -1 : 1;
    }
    return 0;
}

int gw_migration_compare(const gw_migration *a, const gw_migration *b)
{
    bool ra = a->kind == GW_REPEATABLE, rb = b->kind == GW_REPEATABLE;
    if (ra != rb)
        return ra ? 1 : -1;
    int c = ra ? strcmp(a->name, b->name) : gw_version_compare(a->order, b->order);
    if (c == 0)
        c = strcmp(a->service, b->service);
    if (c == 0 && a->kind != b->kind) /* a baseline before the version that it stands for */
        return a->kind == GW_BASELINE ? -1 : 1;
    return c ? c : strcmp(a->version, b->version);
}
