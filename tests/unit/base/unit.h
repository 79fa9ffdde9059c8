/* What every test of this folder includes: cmocka and the headers that it wants before it. */
#ifndef GW_TESTS_UNIT_BASE_UNIT_H
#define GW_TESTS_UNIT_BASE_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/err.h"

/* Whether `text` is there and holds `part`. */
#define assert_holds(text, part)                                                                   \
    do {                                                                                           \
        const char *held = (text);                                                                 \
        if (!held || !strstr(held, (part)))                                                        \
            fail_msg("\"%s\" does not hold \"%s\"", held ? held : "(null)", (part));               \
    } while (0)

/* The state of each test: an arena of its own. */
static inline int arena_setup(void **state)
{
    *state = gw_arena_new();
    return 0;
}

static inline int arena_teardown(void **state)
{
    gw_arena_free(*state);
    return 0;
}

#define with_arena(test) cmocka_unit_test_setup_teardown(test, arena_setup, arena_teardown)

#endif
