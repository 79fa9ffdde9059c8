/* What the vault's tests share. */
#ifndef GW_VAULT_TEST_H
#define GW_VAULT_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/digest.h"
#include "vault/reader.h"
#include "vault/writer.h"

static gw_arena *arena;

static int start(void **state)
{
    (void)state;
    arena = gw_arena_new();
    return 0;
}

static int stop(void **state)
{
    (void)state;
    gw_arena_free(arena);
    return 0;
}

#endif
