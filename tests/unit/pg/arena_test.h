/* Tests on the fixture's server that each get an arena of their own. */
#ifndef GW_TEST_ARENA_TEST_H
#define GW_TEST_ARENA_TEST_H

#include "pg_test.h"

static gw_arena *arena; /* the running test's */

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

#define each(test) cmocka_unit_test_setup_teardown(test, new_arena, free_arena)

#endif
