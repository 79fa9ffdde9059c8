/*
 * A typed, growing array on an arena:
 *
 *     GW_VEC(int) numbers = {0};
 *     *gw_vec_push(arena, &numbers) = 42;
 *     for (size_t i = 0; i < numbers.len; i++) use(numbers.items[i]);
 *
 * A pointer to an item is dead after the next push.
 */
#ifndef GW_BASE_VEC_H
#define GW_BASE_VEC_H

#include <string.h>

#include "base/arena.h"

#define GW_VEC(type)                                                                               \
    struct {                                                                                       \
        type *items;                                                                               \
        size_t len, cap;                                                                           \
    }

/* A pointer to a new, zeroed last item. */
#define gw_vec_push(arena, vec)                                                                    \
    (((vec)->items = gw_vec_grow_((arena), (vec)->items, (vec)->len, &(vec)->cap,                  \
                                  sizeof *(vec)->items)),                                          \
     memset(&(vec)->items[(vec)->len], 0, sizeof *(vec)->items), &(vec)->items[(vec)->len++])

void *gw_vec_grow_(gw_arena *arena, void *items, size_t len, size_t *cap, size_t size);

#endif
