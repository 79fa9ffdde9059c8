/*
 * Memory that lives as long as one piece of work: a command, a request, a batch.
 *
 * An arena owns everything allocated from it and every clean-up registered with it. There is no
 * free for a single allocation; a long loop uses a scratch arena that it resets.
 *
 * Running out of memory ends the process with a message: it is the one failure that is not a
 * gw_err (nothing could carry it), and PostgreSQL rolls back what was open. Input whose size a
 * user chooses is bounded before it is allocated.
 *
 * An arena belongs to one thread at a time. In a sanitizer build (GW_ARENA_DEBUG) each
 * allocation is its own malloc, so that ASan sees its bounds.
 */
#ifndef GW_BASE_ARENA_H
#define GW_BASE_ARENA_H

#include <stdarg.h>
#include <stddef.h>

typedef struct gw_arena gw_arena;

gw_arena *gw_arena_new(void);

/* Run the clean-ups, newest first, then release everything. NULL is allowed. */
void gw_arena_free(gw_arena *arena);

/* As free, but the arena can be used again. Every pointer into it is dead. */
void gw_arena_reset(gw_arena *arena);

/* Zeroed memory, aligned for any type. A size of 0 gives a valid pointer. */
void *gw_alloc(gw_arena *arena, size_t size);
void *gw_alloc_array(gw_arena *arena, size_t count, size_t size);

/* Grow an allocation of old_size bytes; in place where possible. New bytes are not zeroed. */
void *gw_realloc(gw_arena *arena, void *ptr, size_t old_size, size_t new_size);

/* Copies. NULL in, NULL out. strndup ends at a NUL before len; memdup copies every byte. */
char *gw_strdup(gw_arena *arena, const char *text);
char *gw_strndup(gw_arena *arena, const char *text, size_t len);
void *gw_memdup(gw_arena *arena, const void *data, size_t len);

char *gw_printf(gw_arena *arena, const char *format, ...) __attribute__((format(printf, 2, 3)));
char *gw_vprintf(gw_arena *arena, const char *format, va_list args)
    __attribute__((format(printf, 2, 0)));

/* Call fn(arg) when the arena is freed or reset. */
void gw_arena_defer(gw_arena *arena, void (*fn)(void *arg), void *arg);

/* Bytes handed out and not yet released, for tests and for memory figures. */
size_t gw_arena_used(const gw_arena *arena);

/* Say "out of memory" and end the process: for the few callers that use malloc themselves. */
_Noreturn void gw_out_of_memory(size_t size);

#endif
