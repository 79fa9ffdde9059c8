#include "base/arena.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifndef GW_ARENA_DEBUG
#define GW_ARENA_DEBUG 0
#endif

enum { BLOCK_SIZE = 16 * 1024, ALIGN = 16, LARGE = 4 * 1024 };

/* A large allocation stands alone so that it can grow by realloc. */
typedef struct large {
    _Alignas(ALIGN) struct large *prev;
    struct large *next;
} large;

typedef struct block {
    _Alignas(ALIGN) struct block *next;
    size_t used, size;
} block;

typedef struct cleanup {
    struct cleanup *next;
    void (*fn)(void *);
    void *arg;
} cleanup;

struct gw_arena {
    block *blocks;
    large larges; /* list head */
    cleanup *cleanups;
    size_t used;
};

_Noreturn void gw_out_of_memory(size_t size)
{
    fprintf(stderr, "godwit: out of memory (%zu bytes were asked for)\n", size);
    abort();
}

static size_t align_up(size_t size)
{
    if (size > SIZE_MAX - ALIGN - sizeof(large))
        gw_out_of_memory(size);
    return size == 0 ? ALIGN : (size + ALIGN - 1) & ~(size_t)(ALIGN - 1);
}

gw_arena *gw_arena_new(void)
{
    gw_arena *arena = calloc(1, sizeof *arena);
    if (!arena)
        gw_out_of_memory(sizeof *arena);
    arena->larges.prev = arena->larges.next = &arena->larges;
    return arena;
}

/* A scratch arena is reset thousands of times: it keeps one block. */
static void release_all(gw_arena *arena, bool keep_block)
{
    /* A clean-up may register another one; the loop takes that too. */
    while (arena->cleanups) {
        cleanup c = *arena->cleanups;
        arena->cleanups = c.next;
        c.fn(c.arg);
    }
    while (arena->larges.next != &arena->larges) {
        large *l = arena->larges.next;
        arena->larges.next = l->next;
        l->next->prev = &arena->larges;
        free(l);
    }
    while (arena->blocks && (!keep_block || arena->blocks->next)) {
        block *next = arena->blocks->next;
        free(arena->blocks);
        arena->blocks = next;
    }
    if (arena->blocks)
        arena->blocks->used = 0;
    arena->used = 0;
}

void gw_arena_reset(gw_arena *arena)
{
    release_all(arena, true);
}

void gw_arena_free(gw_arena *arena)
{
    if (!arena)
        return;
    release_all(arena, false);
    free(arena);
}

static void *alloc_large(gw_arena *arena, size_t size)
{
    large *l = calloc(1, sizeof *l + size);
    if (!l)
        gw_out_of_memory(size);
    l->next = &arena->larges;
    l->prev = arena->larges.prev;
    l->prev->next = l;
    arena->larges.prev = l;
    return l + 1;
}

void *gw_alloc(gw_arena *arena, size_t size)
{
    /* ASan checks to the byte only when the size is not rounded up. */
    size_t rounded = align_up(size);
    arena->used += rounded;
    if (GW_ARENA_DEBUG)
        return alloc_large(arena, size);
    if (rounded > LARGE)
        return alloc_large(arena, rounded);
    block *b = arena->blocks;
    if (!b || b->size - b->used < rounded) {
        b = malloc(sizeof *b + BLOCK_SIZE);
        if (!b)
            gw_out_of_memory(BLOCK_SIZE);
        b->next = arena->blocks;
        b->used = 0;
        b->size = BLOCK_SIZE;
        arena->blocks = b;
    }
    void *p = (char *)(b + 1) + b->used;
    b->used += rounded;
    memset(p, 0, rounded);
    return p;
}

void *gw_alloc_array(gw_arena *arena, size_t count, size_t size)
{
    size_t total;
    if (__builtin_mul_overflow(count, size, &total))
        gw_out_of_memory(SIZE_MAX);
    return gw_alloc(arena, total);
}

static void *realloc_large(void *ptr, size_t new_size)
{
    large *l = (large *)ptr - 1;
    large *prev = l->prev, *next = l->next;
    large *grown = realloc(l, sizeof *l + new_size);
    if (!grown)
        gw_out_of_memory(new_size);
    prev->next = grown;
    next->prev = grown;
    return grown + 1;
}

void *gw_realloc(gw_arena *arena, void *ptr, size_t old_size, size_t new_size)
{
    if (!ptr)
        return gw_alloc(arena, new_size);
    if (new_size <= old_size)
        return ptr;
    size_t old_rounded = align_up(old_size), rounded = align_up(new_size);
    if (GW_ARENA_DEBUG || old_rounded > LARGE) {
        arena->used += rounded - old_rounded;
        return realloc_large(ptr, GW_ARENA_DEBUG ? new_size : rounded);
    }
    if (old_rounded == rounded)
        return ptr;
    block *b = arena->blocks;
    bool last = b && (char *)ptr + old_rounded == (char *)(b + 1) + b->used;
    if (last && rounded <= LARGE && b->size - b->used >= rounded - old_rounded) {
        b->used += rounded - old_rounded;
        arena->used += rounded - old_rounded;
        return ptr;
    }
    void *p = gw_alloc(arena, new_size);
    memcpy(p, ptr, old_size);
    return p;
}

void *gw_memdup(gw_arena *arena, const void *data, size_t len)
{
    if (!data)
        return NULL;
    void *p = gw_alloc(arena, len);
    memcpy(p, data, len);
    return p;
}

char *gw_strndup(gw_arena *arena, const char *text, size_t len)
{
    if (!text)
        return NULL;
    len = strnlen(text, len);
    char *p = gw_alloc(arena, len + 1);
    memcpy(p, text, len);
    return p;
}

char *gw_strdup(gw_arena *arena, const char *text)
{
    return text ? gw_strndup(arena, text, strlen(text)) : NULL;
}

char *gw_vprintf(gw_arena *arena, const char *format, va_list args)
{
    va_list copy;
    va_copy(copy, args);
    int len = vsnprintf(NULL, 0, format, copy);
    va_end(copy);
    if (len < 0)
        return gw_strdup(arena, format);
    char *p = gw_alloc(arena, (size_t)len + 1);
    vsnprintf(p, (size_t)len + 1, format, args);
    return p;
}

char *gw_printf(gw_arena *arena, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *p = gw_vprintf(arena, format, args);
    va_end(args);
    return p;
}

void gw_arena_defer(gw_arena *arena, void (*fn)(void *), void *arg)
{
    cleanup *c = gw_alloc(arena, sizeof *c);
    c->fn = fn;
    c->arg = arg;
    c->next = arena->cleanups;
    arena->cleanups = c;
}

size_t gw_arena_used(const gw_arena *arena)
{
    return arena->used;
}
