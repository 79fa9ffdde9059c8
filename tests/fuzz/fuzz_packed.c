/*
 * Packed fingerprints as they come back from the database: whatever the bytes, nothing beside them is read, and
 * what can be read says the same when it is packed and read again, with the same count and sum.
 */
#include <string.h>

#include "check.h"
#include "sync/packed.h"

static bool same(const gw_fingerprint *a, const gw_fingerprint *b)
{
    return a->key_len == b->key_len && memcmp(a->key, b->key, a->key_len) == 0 && a->block == b->block &&
           a->source == b->source && a->destination == b->destination &&
           a->own_destination == b->own_destination;
}

/* false where the bytes do not follow the layout. */
static bool read_all(const uint8_t *data, size_t len, gw_packer *packer)
{
    gw_unpacker unpacker;
    gw_fingerprint one;
    gw_err err = {0};
    bool more = true, ok = gw_unpack_begin(&unpacker, data, len, &err);
    while (ok && more) {
        ok = gw_unpack_next(&unpacker, &one, &more, &err);
        if (!ok || !more)
            break;
        CHECK((const uint8_t *)one.key >= data && (const uint8_t *)one.key + one.key_len <= data + len);
        gw_pack_add(packer, &one);
    }
    CHECK(ok || (err.kind == GW_ERR_STATE && err.message));
    gw_err_clear(&err);
    return ok;
}

static void read_twice(const uint8_t *data, size_t len, const gw_buf *again)
{
    gw_unpacker first, second;
    gw_fingerprint a, b;
    gw_err err = {0};
    bool more = true, more_too = true;
    CHECK(gw_unpack_begin(&first, data, len, &err));
    CHECK(gw_unpack_begin(&second, again->data, again->len, &err));
    while (more) {
        CHECK(gw_unpack_next(&first, &a, &more, &err));
        CHECK(gw_unpack_next(&second, &b, &more_too, &err));
        CHECK(more == more_too);
        CHECK(!more || same(&a, &b));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    gw_arena *arena = gw_arena_new();
    uint8_t *copy = gw_memdup(arena, data, size); /* ends where it ends: a step beyond is seen */
    gw_packer packer;
    gw_pack_begin(&packer, arena);
    if (read_all(copy, size, &packer) && packer.count)
        read_twice(copy, size, &packer.buf);
    gw_arena_free(arena);
    return 0;
}
