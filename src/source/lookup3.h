/*
 * PostgreSQL's hash of bytes and of a 32-bit number with a seed (hash_bytes_extended, hash_bytes_uint32_extended: Bob
 * Jenkins' lookup3 of 2006, public domain), as a little-endian server computes it: hashtextextended of a text under a
 * collation that compares bytes, hashint4extended.
 */
#ifndef GW_SOURCE_LOOKUP3_H
#define GW_SOURCE_LOOKUP3_H

#include <stddef.h>
#include <stdint.h>

uint64_t gw_lookup3(const void *data, size_t len, uint64_t seed);
uint64_t gw_lookup3_word(uint32_t number, uint64_t seed);

#endif
