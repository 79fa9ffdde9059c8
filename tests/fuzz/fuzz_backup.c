/*
 * The head of a backup, from wherever the file comes: whatever the bytes, nothing beside them is
 * read, and what could be read is written back as the same bytes where the key is in it.
 */
#include <string.h>

#include "check.h"
#include "vault/manifest.h"
#include "vault/slot.h"

static void write_again(gw_arena *arena, const gw_head *head, const unsigned char *key)
{
    gw_buf again = GW_BUF(arena);
    if (memchr(head->manifest, 0, head->manifest_len))
        return;
    gw_head_write(&again, head, key);
    CHECK(again.len == head->len && memcmp(again.data, head->bytes, head->len) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    gw_arena *arena = gw_arena_new();
    uint8_t *copy = gw_memdup(arena, data, size);
    unsigned char key[GW_KEY_BYTES];
    gw_head head;
    gw_manifest manifest;
    gw_unlock none = {0};
    gw_err err = {0};
    bool ok = gw_head_read(arena, copy, size, &head, &err);
    CHECK(ok || (err.kind == GW_ERR_INPUT || err.kind == GW_ERR_UNSUPPORTED));
    gw_err_clear(&err);
    if (ok) {
        CHECK(head.len <= size);
        for (size_t i = 0; i < head.slot_count; i++)
            CHECK(head.slots[i].body + head.slots[i].len <= copy + size);
        if (gw_manifest_read(arena, head.manifest, head.manifest_len, &manifest, &err))
            CHECK(gw_manifest_write(arena, &manifest) != NULL);
        gw_err_clear(&err);
        if (gw_head_unlock(arena, &head, &none, key, &err))
            write_again(arena, &head, key);
        gw_err_clear(&err);
    }
    gw_arena_free(arena);
    return 0;
}
