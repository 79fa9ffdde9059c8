#include "source/source.h"

#include <string.h>
#include <strings.h>

/* What a URL begins with, and what it is called. */
static const struct {
    const char *scheme, *engine;
} not_yet[] = {
    {"mariadb:", "MariaDB"}, {"mysql:", "MySQL"},          {"sqlite:", "SQLite"},
    {"sqlite3:", "SQLite"},  {"csv:", "CSV"},              {"file:", "files"},
    {"mongodb:", "MongoDB"}, {"sqlserver:", "SQL Server"}, {"oracle:", "Oracle"},
    {"replication:", "a replication slot"},
};

static bool pg_identify(gw_source *source, gw_arena *arena, gw_source_identity *out, gw_err *err)
{
    return gw_pg_identify(source->session, arena, out, err);
}

static bool pg_describe(gw_source *source, gw_arena *arena, const char *schema, const char *name,
                        gw_source_relation *out, bool *found, gw_err *err)
{
    return gw_pg_describe(source->session, arena, schema, name, out, found, err);
}

static bool pg_describe_query(gw_source *source, gw_arena *arena, const char *text,
                              gw_source_relation *out, gw_err *err)
{
    return gw_pg_describe_query(source->session, arena, text, out, err);
}

static const gw_source_engine postgresql = {
    .name = "postgresql",
    .identify = pg_identify,
    .describe = pg_describe,
    .describe_query = pg_describe_query,
};

bool gw_source_engine_of(const char *url, const gw_source_engine **out, gw_err *err)
{
    *out = &postgresql;
    for (size_t i = 0; i < sizeof not_yet / sizeof *not_yet; i++) {
        if (strncasecmp(url, not_yet[i].scheme, strlen(not_yet[i].scheme)) != 0)
            continue;
        gw_err_set(err, GW_ERR_REFUSED, "rows cannot be read from %s yet", not_yet[i].engine);
        return gw_err_hint(err, "a source is a PostgreSQL database, postgres://…");
    }
    return true;
}

bool gw_source_open(gw_arena *arena, const gw_connect *connect, gw_source **out, gw_err *err)
{
    gw_source *source = gw_alloc(arena, sizeof *source);
    if (!gw_source_engine_of(connect->conninfo, &source->engine, err))
        return false;
    if (!gw_session_open(arena, connect, &source->session, err))
        return gw_err_context(err, "while connecting to the source");
    *out = source;
    /* Behind a transaction pooler a SET would stay for the next client. */
    return gw_session_pooled(source->session) ||
           gw_exec(source->session, "SET default_transaction_read_only = on", err);
}

const char *gw_source_unbounded(gw_arena *arena, const char *type)
{
    const char *open = *type == '"' ? NULL : strchr(type, '('), *close = open ? strchr(open, ')') : NULL;
    const char *bare = close ? gw_printf(arena, "%.*s%s", (int)(open - type), type, close + 1) : type;
    static const struct {
        const char *word, *type;
    } ones[] = {{"character", "pg_catalog.bpchar"}, {"bit", "pg_catalog.bit"}};
    for (size_t i = 0; i < sizeof ones / sizeof *ones; i++) {
        const char *rest = bare + strlen(ones[i].word);
        if (strncmp(bare, ones[i].word, strlen(ones[i].word)) == 0 && (!*rest || *rest == '['))
            return gw_printf(arena, "%s%s", ones[i].type, rest);
    }
    return bare;
}

const gw_source_column *gw_source_column_of(const gw_source_relation *relation, const char *name)
{
    for (size_t i = 0; i < relation->column_count; i++)
        if (strcmp(relation->columns[i].name, name) == 0)
            return &relation->columns[i];
    return NULL;
}

static bool holds(const gw_source_names *names, const char *name)
{
    for (size_t i = 0; i < names->len; i++)
        if (strcmp(names->items[i], name) == 0)
            return true;
    return false;
}

const gw_source_key *gw_source_unique(const gw_source_relation *relation,
                                      const gw_source_names *columns)
{
    for (size_t i = 0; i < relation->key_count; i++) {
        const gw_source_key *key = &relation->keys[i];
        bool all = true;
        for (size_t k = 0; all && k < key->columns.len; k++) {
            const gw_source_column *column = gw_source_column_of(relation, key->columns.items[k]);
            all = holds(columns, key->columns.items[k]) && column &&
                  (column->not_null || key->nulls_equal);
        }
        if (all)
            return key;
    }
    return NULL;
}
