/*
 * What is wrong with the configuration, collected so that all of it is reported at once.
 * Knows nothing of YAML. Texts live on the arena of the list.
 */
#ifndef GW_CONFIG_PROBLEMS_H
#define GW_CONFIG_PROBLEMS_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/vec.h"

typedef struct gw_problem {
    const char *file;
    unsigned line, col; /* from 1; 0 = not known */
    const char *message;
    const char *hint; /* may be NULL */
} gw_problem;

typedef struct gw_problems {
    gw_arena *arena;
    const char *file;
    GW_VEC(gw_problem) list;
} gw_problems;

/* Both return false. hint belongs to the problem that was added last. */
bool gw_problem_add(gw_problems *problems, unsigned line, unsigned col, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
bool gw_problem_hint(gw_problems *problems, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* true where there are none; else one error of kind CONFIG, placed at the first of them. */
bool gw_problems_none(gw_problems *problems, gw_err *err);

/* The name among a NULL-terminated list that `wrong` was probably meant to be, or NULL. */
const char *gw_did_you_mean(const char *wrong, const char *const *names);

/* "a, b or c", for hints. */
char *gw_name_list(gw_arena *arena, const char *const *names);

#endif
