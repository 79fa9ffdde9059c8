#include "base/vec.h"

#include <stdint.h>

void *gw_vec_grow_(gw_arena *arena, void *items, size_t len, size_t *cap, size_t size)
{
    if (len < *cap)
        return items;
    /* A list of large things often has one. */
    size_t grown = *cap ? *cap * 2 : size < 64 ? 8 : 2;
    if (grown > SIZE_MAX / 2 / size)
        gw_out_of_memory(SIZE_MAX);
    items = gw_realloc(arena, items, *cap * size, grown * size);
    *cap = grown;
    return items;
}
