/*
 * Other programs: run one and wait, or start one that goes on. No shell is ever involved.
 */
#ifndef GW_BASE_PROC_H
#define GW_BASE_PROC_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/arena.h"
#include "base/cancel.h"
#include "base/err.h"

typedef struct gw_proc {
    const char *const *argv;  /* NULL-terminated; argv[0] is looked up in PATH unless it has '/' */
    const char *const *env;   /* NULL-terminated NAME=value list to add, or NULL */
    const char *const *unset; /* NULL-terminated names taken out of it, or NULL */
    const char *dir;          /* working folder, or NULL */
    const char *input;        /* text for its standard input, or NULL for /dev/null */
    bool switch_user;         /* run as uid/gid below */
    uid_t uid;
    gid_t gid;
    bool keep_output;         /* collect stdout and stderr below; else they go to /dev/null */
    /* With keep_output: stdout piece by piece as it comes, in place of collecting it; false ends the
     * program. NULL: none. */
    bool (*take)(void *self, const void *data, size_t len);
    /* Its standard input, in place of `input`: the next piece, valid until the next call; *len 0 at
     * the end; false ends the program before it has seen an end. NULL: none. */
    bool (*give)(void *self, const unsigned char **data, size_t *len);
    void *self;
    bool inherit_io;          /* interactive: the three streams are this program's own */
    const gw_cancel *cancel;  /* level 2 kills it; may be NULL */
    int64_t most_ms;          /* it is killed after so long; 0: it may take its time */
} gw_proc;

typedef struct gw_proc_result {
    int exit_code; /* 128 + signal where it was killed */
    bool stopped;  /* take or give said no: it was killed */
    bool late;     /* most_ms were over: it was killed */
    char *out;     /* stdout; "" unless keep_output */
    char *err;     /* stderr */
} gw_proc_result;

/* Fails only where the program could not be started; its own failure is in exit_code. */
bool gw_proc_run(gw_arena *arena, const gw_proc *proc, gw_proc_result *out, gw_err *err);

/* Full path of a program in PATH, or NULL. */
char *gw_proc_which(gw_arena *arena, const char *name);

#endif
