/* Names and the words in them; extensions that exist. */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/file.h"
#include "lint/rule.h"
#include "sql/chars.h"

/* PostgreSQL's own (12 to 18, contrib) and those that are widely used. */
const char *const gw_known_extensions[] = {
    "adminpack", "address_standardizer", "address_standardizer_data_us", "age", "aiven_extras",
    "amcheck", "anon", "apg_plan_mgmt", "autoinc", "aws_commons", "aws_lambda", "aws_s3", "azure",
    "azure_ai", "azure_storage", "basic_archive", "basebackup_to_shell", "bloom", "bool_plperl",
    "bool_plperlu", "btree_gin", "btree_gist", "chkpass", "citext", "citus", "citus_columnar",
    "columnar", "cube", "dblink", "dict_int", "dict_xsyn", "earthdistance", "embedding", "file_fdw",
    "flow_control", "fuzzystrmatch", "google_ml_integration", "h3", "h3_postgis", "hll", "hstore",
    "hstore_plperl", "hstore_plperlu", "hstore_plpython2u", "hstore_plpython3u",
    "hstore_plpythonu", "http", "hypopg", "index_advisor", "insert_username", "intagg", "intarray",
    "ip4r", "isn", "jsonb_plperl", "jsonb_plperlu", "jsonb_plpython2u", "jsonb_plpython3u",
    "jsonb_plpythonu", "jsquery", "lo", "log_fdw", "logerrors", "ltree", "ltree_plpython2u",
    "ltree_plpython3u", "ltree_plpythonu", "lsm3", "moddatetime", "mongo_fdw", "multicorn",
    "mysql_fdw", "neon", "ogr_fdw", "old_snapshot", "oracle_fdw", "orafce", "ossp-uuid",
    "pageinspect", "parquet_s3_fdw", "pg_analytics", "pg_auth_mon", "pg_bigm", "pg_buffercache",
    "pg_cron", "pg_duckdb", "pg_dirtyread", "pg_fact_loader", "pg_failover_slots",
    "pg_freespacemap", "pg_graphql", "pg_hashids", "pg_hint_plan", "pg_ivm", "pg_jsonschema",
    "pg_later", "pg_lake", "pg_logicalinspect", "pg_mooncake", "pg_net", "pg_overexplain",
    "pg_partman", "pg_permissions", "pg_prewarm", "pg_prioritize", "pg_profile", "pg_proctab",
    "pg_qualstats", "pg_query_state", "pg_repack", "pg_rational", "pg_roaringbitmap", "pg_search",
    "pg_semver", "pg_similarity", "pg_sphere", "pg_squeeze", "pg_stat_kcache", "pg_stat_monitor",
    "pg_stat_statements", "pg_stat_plans", "pg_stream", "pg_surgery", "pg_tde", "pg_textsearch",
    "pg_tle", "pg_track_settings", "pg_transport", "pg_trgm", "pg_ulid", "pg_uuidv7",
    "pg_visibility", "pg_wait_sampling", "pg_walinspect", "pgagent", "pgaudit", "pgauditlogtofile",
    "pgcrypto", "pgl_ddl_deploy", "pglogical", "pglogical_ticker", "pgmemcache", "pgml",
    "pgmp", "pgmq", "pgnodemx", "pgq", "pgq_node", "pgroonga", "pgroonga_database", "pgrouting",
    "pgrowlocks", "pgsodium", "pgstattuple", "pgtap", "pgtt", "pgvector_remote", "pgvectorscale",
    "pldbgapi", "plcoffee", "plls", "pllua", "plluau", "plperl", "plperlu", "plpgsql",
    "plpgsql_check", "plprofiler", "plproxy", "plpython2u", "plpython3u", "plpythonu", "plr",
    "plrust", "plsh", "pltcl", "pltclu", "plv8", "pointcloud", "pointcloud_postgis", "postgis",
    "postgis_raster", "postgis_sfcgal", "postgis_tiger_geocoder", "postgis_topology",
    "postgres_fdw", "postgresql_anonymizer", "powa", "prefix", "prioritize", "q3c", "rdkit",
    "rds_tools", "redis_fdw", "refint", "repmgr", "rum", "seg", "semver", "session_variable",
    "set_user", "smlar", "spi", "sqlite_fdw", "sslinfo", "supabase_vault", "sslutils", "system_stats",
    "tablefunc", "table_version", "tcn", "tds_fdw", "temporal_tables", "test_decoding",
    "timescaledb", "timescaledb_toolkit", "timetravel", "tsearch2", "tsm_system_rows",
    "tsm_system_time", "ulid", "unaccent", "unit", "uri", "uuid-ossp", "vault", "vchord", "vector",
    "vectorscale", "vectors", "vectorize", "wal2json", "wrappers", "xml2", "zhparser", "zombodb",
    NULL};

bool gw_one_of(const char *word, const char *const *words)
{
    for (; word && *words; words++)
        if (strcmp(word, *words) == 0)
            return true;
    return false;
}

const char *gw_nearest_word(const char *typed, const char *const *words)
{
    const char *best = NULL;
    size_t len = strlen(typed), least = len < 4 ? 2 : len < 12 ? 3 : 4;
    for (; *words; words++) {
        size_t d = gw_text_distance(typed, len, *words, strlen(*words));
        if (d < least) {
            least = d;
            best = *words;
        }
    }
    return best;
}

/* "totalAmount_usd" → total, amount, usd */
static size_t word_end(const char *name)
{
    size_t i = 1;
    while (name[i] && name[i] != '_' && !(isupper((unsigned char)name[i]) &&
                                          !isupper((unsigned char)name[i - 1])))
        i++;
    return i;
}

bool gw_name_has_word(const char *name, const char *const *words)
{
    while (name && *name) {
        if (*name == '_' || *name == ' ') {
            name++;
            continue;
        }
        size_t len = word_end(name);
        for (const char *const *w = words; *w; w++)
            if (strlen(*w) == len && strncasecmp(*w, name, len) == 0)
                return true;
        name += len;
    }
    return false;
}

const char *gw_text_has_word(const char *text, const char *word)
{
    size_t len = strlen(word);
    for (const char *at = text; len && at && (at = strcasestr(at, word)); at++) {
        bool starts = at == text || !gw_ch_name((unsigned char)at[-1]);
        if (starts && !gw_ch_name((unsigned char)at[len]))
            return at;
    }
    return NULL;
}
