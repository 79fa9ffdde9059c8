/* What the tests of this folder share. */
#ifndef GW_TEST_TRACK_TEST_H
#define GW_TEST_TRACK_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"

static gw_arena *arena;

static inline int new_arena(void **state)
{
    (void)state;
    arena = gw_arena_new();
    return 0;
}

static inline int free_arena(void **state)
{
    (void)state;
    gw_arena_free(arena);
    return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, new_arena, free_arena)

#endif
