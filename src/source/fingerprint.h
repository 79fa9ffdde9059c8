/*
 * A row's fingerprint: 64 bits over its values, computed by the server, as an SQL expression.
 *
 * It is typed, never joined text: no separator, NULL is no value. hash_record_extended (14 and
 * newer) hashes by *equality*, so a type enters as it is only where equal values are also spelled
 * alike; every other enters by an expression of its own that tells them apart (numeric 1.0 and
 * 1.00, or NaN and infinity, float 0 and -0, interval '1 day' and '24 hours'), or by its text under
 * "C". An enum or a reg* type would hash an OID, which differs between servers: text too. Below 14
 * the text form of the whole row is hashed, which is quoted by the server and says NULL apart from
 * ''.
 *
 * The session has to be a pinned one: text depends on its settings.
 *
 * Fingerprints add up: count(*) and sum(fingerprint), a numeric, are exact and have no order;
 * never XOR, in which a change made twice cancels. A row's own hash must not be a sum of its values'
 * hashes, as hash_record_extended is: rows that swap values would keep their sum. It is mixed once
 * more (hash_uint32_extended, Jenkins' lookup3 finish, with the 64 bits as its seed).
 */
#ifndef GW_SOURCE_FINGERPRINT_H
#define GW_SOURCE_FINGERPRINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

/* A value by its SQL and its type; of a domain, the type below it (typmod too). */
typedef struct gw_typed {
    const char *sql;    /* an expression, complete by itself: t."name", ("a" || "b") */
    uint32_t type;      /* pg_type.oid */
    int32_t typmod;     /* -1: none */
    char typtype;       /* pg_type.typtype: b c d e p r m */
    bool deterministic; /* its collation compares bytes; true where it has none */
} gw_typed;

/* An expression of type bigint, never NULL. server_version as PQserverVersion says it. */
const char *gw_fingerprint_sql(gw_arena *arena, const gw_typed *values, size_t count,
                               int server_version);

/*
 * The same, of a row some of whose values, texts all of them, are not the server's to know: those without SQL. An
 * expression of type bigint for servers from 14 on, and what their texts (UTF-8, as the server stores them) make of
 * what it gave: the row's fingerprint.
 */
typedef struct gw_late_text {
    const char *data;
    int32_t len;   /* -1: NULL */
    size_t behind; /* values of the row that come after it */
} gw_late_text;

const char *gw_fingerprint_open_sql(gw_arena *arena, const gw_typed *values, size_t count);
uint64_t gw_fingerprint_close(uint64_t open, const gw_late_text *texts, size_t count);

/* What of the value goes into the fingerprint, for one; for messages and tests. */
const char *gw_fingerprint_part(gw_arena *arena, const gw_typed *value, int server_version);

/* Are equal values of this type spelled alike? Not so numeric 1.0 and 1.00, citext 'a' and 'A', float
 * 0 and -0: a key that is spelled anew is still the same one. */
bool gw_spelled_alike(const gw_typed *value);

/* Two servers give equal rows of equal types the same fingerprint. */
bool gw_fingerprints_compare(int server_version, int other_version);

#endif
