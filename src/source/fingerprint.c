#include "source/fingerprint.h"

#include <string.h>

#include "base/buf.h"
#include "source/lookup3.h"

/* OIDs of built-in types: fixed since they were introduced (pg_type.dat). */
enum type_oid {
    T_BOOL = 16,
    T_BYTEA = 17,
    T_CHAR = 18,
    T_NAME = 19,
    T_INT8 = 20,
    T_INT2 = 21,
    T_INT4 = 23,
    T_TEXT = 25,
    T_OID = 26,
    T_TID = 27,
    T_XID = 28,
    T_CID = 29,
    T_FLOAT4 = 700,
    T_FLOAT8 = 701,
    T_MACADDR8 = 774,
    T_MONEY = 790,
    T_MACADDR = 829,
    T_INET = 869,
    T_BPCHAR = 1042,
    T_VARCHAR = 1043,
    T_DATE = 1082,
    T_TIME = 1083,
    T_TIMESTAMP = 1114,
    T_TIMESTAMPTZ = 1184,
    T_INTERVAL = 1186,
    T_TIMETZ = 1266,
    T_NUMERIC = 1700,
    T_UUID = 2950,
    T_PG_LSN = 3220,
    T_XID8 = 5069,
};

typedef enum how {
    BY_TEXT,    /* "::text" under "C" */
    AS_IT_IS,   /* equal values are spelled alike */
    WHERE_SAID, /* as it is where its collation compares bytes */
    BY_SEND,    /* by its binary form */
    SCALED,     /* numeric: as it is where every value has the same scale */
    PADDED,     /* char(n): as it is where n is known */
} how;

static const struct {
    uint32_t type;
    how how;
    const char *send;
} types[] = {
    {T_BOOL, AS_IT_IS, NULL},
    {T_BYTEA, AS_IT_IS, NULL},
    {T_CHAR, AS_IT_IS, NULL},
    {T_NAME, AS_IT_IS, NULL},
    {T_INT8, AS_IT_IS, NULL},
    {T_INT2, AS_IT_IS, NULL},
    {T_INT4, AS_IT_IS, NULL},
    {T_TEXT, WHERE_SAID, NULL},
    {T_OID, AS_IT_IS, NULL},
    {T_TID, AS_IT_IS, NULL},
    {T_FLOAT4, BY_SEND, "float4send"},
    {T_FLOAT8, BY_SEND, "float8send"},
    {T_MACADDR8, AS_IT_IS, NULL},
    {T_MONEY, BY_SEND, "cash_send"},
    {T_MACADDR, AS_IT_IS, NULL},
    {T_INET, AS_IT_IS, NULL},
    {T_BPCHAR, PADDED, "bpcharsend"},
    {T_VARCHAR, WHERE_SAID, NULL},
    {T_DATE, AS_IT_IS, NULL},
    {T_TIME, AS_IT_IS, NULL},
    {T_TIMESTAMP, AS_IT_IS, NULL},
    {T_TIMESTAMPTZ, AS_IT_IS, NULL},
    {T_INTERVAL, BY_SEND, "interval_send"},
    {T_TIMETZ, BY_SEND, "timetz_send"},
    {T_NUMERIC, SCALED, "numeric_send"},
    {T_UUID, AS_IT_IS, NULL},
    {T_PG_LSN, AS_IT_IS, NULL},
};

static size_t entry_of(const gw_typed *value)
{
    size_t count = sizeof types / sizeof types[0];
    for (size_t i = 0; i < count; i++)
        if (types[i].type == value->type)
            return i;
    return count;
}

static const char *by_text(gw_arena *arena, const gw_typed *value)
{
    return gw_printf(arena, "%s::pg_catalog.text COLLATE pg_catalog.\"C\"", value->sql);
}

bool gw_spelled_alike(const gw_typed *value)
{
    size_t at = entry_of(value);
    if (value->typtype == 'e')
        return true;
    if (at == sizeof types / sizeof types[0] || value->typtype != 'b')
        return false;
    switch (types[at].how) {
    case AS_IT_IS:
        return true;
    case WHERE_SAID:
        return value->deterministic;
    case SCALED:
        return value->typmod >= 4;
    case PADDED:
        return value->typmod > 4 && value->deterministic;
    default:
        return false;
    }
}

const char *gw_fingerprint_part(gw_arena *arena, const gw_typed *value, int server_version)
{
    size_t at = entry_of(value);
    if (server_version < 140000)
        /* Its text comes out of the whole row's; binary forms would only be longer. */
        return value->sql;
    if (at == sizeof types / sizeof types[0] || value->typtype != 'b')
        return by_text(arena, value);
    switch (types[at].how) {
    case AS_IT_IS:
        return value->sql;
    case WHERE_SAID:
        return value->deterministic ? value->sql : by_text(arena, value);
    case BY_SEND:
        return gw_printf(arena, "pg_catalog.%s(%s)", types[at].send, value->sql);
    case SCALED:
        /* numeric(p,s) keeps s digits and no infinity; of any other, infinities and NaN hash alike.
         */
        return value->typmod >= 4 ? value->sql
                                  : gw_printf(arena, "pg_catalog.numeric_send(%s)", value->sql);
    case PADDED:
        return value->typmod > 4 && value->deterministic
                   ? value->sql
                   : gw_printf(arena, "pg_catalog.%s(%s)", types[at].send, value->sql);
    default:
        return by_text(arena, value);
    }
}

static void add_record(gw_buf *buf, gw_arena *arena, const gw_typed *values, size_t count,
                       int server_version)
{
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            gw_buf_add(buf, ", ");
        gw_buf_add(buf, values[i].sql ? gw_fingerprint_part(arena, &values[i], server_version)
                                      : "NULL::pg_catalog.text");
    }
}

const char *gw_fingerprint_open_sql(gw_arena *arena, const gw_typed *values, size_t count)
{
    gw_buf buf = GW_BUF(arena);
    gw_buf_add(&buf, "pg_catalog.hash_record_extended(ROW(");
    add_record(&buf, arena, values, count, 140000);
    gw_buf_add(&buf, "), 1)");
    return gw_buf_str(&buf);
}

uint64_t gw_fingerprint_close(uint64_t open, const gw_late_text *texts, size_t count)
{
    /* hash_record_extended: 31 times what was, plus the value's hash; 0 where it is NULL. */
    for (size_t i = 0; i < count; i++) {
        if (texts[i].len < 0)
            continue;
        uint64_t hash = gw_lookup3(texts[i].data, (size_t)texts[i].len, 1);
        for (size_t k = 0; k < texts[i].behind; k++)
            hash *= 31;
        open += hash;
    }
    return gw_lookup3_word(0, open);
}

const char *gw_fingerprint_sql(gw_arena *arena, const gw_typed *values, size_t count,
                               int server_version)
{
    /*
     * The seed is not 0: that is what NULL hashes to, and NaN to the seed. A record's hash is a sum
     * of its values' hashes times powers of 31, so that two rows which swap a value would keep
     * their sum: it goes as the seed through hash_uint32_extended, which takes all its 64 bits.
     */
    bool records = server_version >= 140000;
    gw_buf buf = GW_BUF(arena);
    gw_buf_add(&buf, records ? "pg_catalog.hashint4extended(0, pg_catalog.hash_record_extended(ROW("
                             : "pg_catalog.hashtextextended(ROW(");
    add_record(&buf, arena, values, count, server_version);
    gw_buf_add(&buf, records ? "), 1))" : ")::pg_catalog.text COLLATE pg_catalog.\"C\", 1)");
    return gw_buf_str(&buf);
}

bool gw_fingerprints_compare(int server_version, int other_version)
{
    return (server_version >= 140000) == (other_version >= 140000);
}
