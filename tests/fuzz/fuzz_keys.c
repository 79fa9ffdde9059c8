/*
 * A file of keys, from wherever it comes (`keys import`, a store that somebody has edited): whatever the bytes, what is
 * read holds keys of the right length under their own ids, is written and read again as the same, and no private half
 * that was not sealed here opens.
 */
#include <string.h>

#include "check.h"
#include "vault/key.h"

static bool same(const gw_bytes *a, const gw_bytes *b)
{
    return a->len == b->len && !a->data == !b->data && (!a->len || memcmp(a->data, b->data, a->len) == 0);
}

static void read_again(gw_arena *arena, const gw_key_list *keys)
{
    gw_key_list again;
    gw_err err = {0};
    const char *text = gw_keys_write(arena, keys);
    CHECK(gw_keys_parse(arena, "again", text, strlen(text), &again, &err));
    CHECK(again.len == keys->len);
    for (size_t i = 0; i < keys->len; i++) {
        const gw_key *a = &keys->items[i], *b = &again.items[i];
        CHECK(strcmp(a->id, b->id) == 0 && a->type == b->type && a->state == b->state);
        CHECK(a->created_at == b->created_at && a->expires_at == b->expires_at);
        CHECK(same(&a->public, &b->public) && same(&a->sealed, &b->sealed));
    }
}

/* With a master key, which costs nothing: scrypt's numbers have their own test. */
static void open_none(gw_arena *arena, const gw_key *key)
{
    static const char master_key[] = "0123456789abcdef0123456789abcdef";
    gw_master master = {.secret = gw_secret_copy(arena, master_key, sizeof master_key - 1)};
    gw_secret private;
    gw_err err = {0};
    CHECK(!gw_key_open(arena, key, &master, &private, &err));
    CHECK(err.message);
    gw_err_clear(&err);
    gw_key_by_passphrase(key);
    gw_key_cipher(key);
    gw_key_usable(key, 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    gw_arena *arena = gw_arena_new();
    char *copy = gw_strndup(arena, (const char *)data, size);
    gw_key_list keys;
    gw_err err = {0};
    if (gw_keys_parse(arena, "input", copy, size, &keys, &err)) {
        for (size_t i = 0; i < keys.len; i++) {
            CHECK(gw_key_check(arena, &keys.items[i], &err));
            open_none(arena, &keys.items[i]);
        }
        read_again(arena, &keys);
    } else {
        CHECK(err.kind == GW_ERR_INPUT && err.message);
    }
    gw_err_clear(&err);
    gw_arena_free(arena);
    return 0;
}
