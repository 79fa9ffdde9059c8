/*
 * A command is one file and one entry in the table (table.c): its words, its help, what it needs.
 * The dispatcher enforces the flags; help, the man page, shell completion and the reference are
 * made from the same entries, so that what is written is what is parsed.
 */
#ifndef GW_CMD_COMMAND_H
#define GW_CMD_COMMAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "app/app.h"
#include "cmd/jsonout.h"
#include "cmd/progress.h"
#include "cmd/term.h"

typedef enum gw_option_type {
    GW_OPTION_FLAG,
    GW_OPTION_TEXT,
    GW_OPTION_COUNT,    /* a number from 1 */
    GW_OPTION_DURATION, /* "30s" */
    GW_OPTION_CHOICE,   /* one of choices */
} gw_option_type;

/* What a shell offers for a value. */
typedef enum gw_completes {
    GW_COMPLETES_NOTHING,
    GW_COMPLETES_FILE,
    GW_COMPLETES_FOLDER,
    GW_COMPLETES_COMMAND,
} gw_completes;

typedef struct gw_option {
    const char *name; /* without the dashes; NULL ends a list */
    char letter;      /* 0: none */
    gw_option_type type;
    const char *value; /* how its value is called in help: "V" */
    const char *help;
    const char *const *choices; /* NULL-terminated */
    gw_completes completes;
} gw_option;

typedef struct gw_argument {
    const char *name; /* "VERSION"; NULL ends a list */
    const char *help;
    bool required;
    bool many; /* takes all that is left; the last of a list */
    const char *const *choices;
    gw_completes completes;
} gw_argument;

enum {
    GW_COMMAND_PROJECT = 1,     /* opens godwit.yaml: invocation->app is there */
    GW_COMMAND_NEEDS_DB = 2,    /* speaks with a server */
    GW_COMMAND_WRITES = 4,      /* a protected environment has to be named by --protected */
    GW_COMMAND_DESTRUCTIVE = 8, /* asks first, or needs --yes */
    GW_COMMAND_QUIET_LOG = 16,  /* prints something that is not a result: no run, no span */
};

typedef struct gw_invocation gw_invocation;

typedef struct gw_command {
    const char *name;
    const char *summary;          /* one line, small letter, no full stop */
    const char *text;             /* paragraphs, wrapped by whoever prints them */
    const char *examples;         /* lines as one would type them; "# …" lines explain */
    const gw_option *options;     /* NULL: none */
    const gw_argument *arguments; /* NULL: none */
    unsigned flags;
    const char *destroys;                        /* with DESTRUCTIVE: what is gone afterwards */
    const struct gw_command *const *subcommands; /* NULL-terminated, or NULL */
    bool (*run)(gw_invocation *invocation, gw_err *err);
} gw_command;

/* All commands in the order of help, NULL-terminated; and the options that every one has. */
extern const gw_command *const gw_commands[];
extern const gw_option gw_global_options[];

/* ---- what was typed -------------------------------------------------------------------- */

typedef struct gw_value {
    const gw_option *option;
    const char *text;
    int64_t number; /* of COUNT and DURATION (milliseconds) */
} gw_value;

typedef struct gw_words {
    const gw_command *parent;  /* of a subcommand, else NULL */
    const gw_command *command; /* NULL: none was named */
    gw_value *values;
    size_t value_count;
    const char **arguments;
    size_t argument_count;
    bool json; /* --json was seen, even where parsing failed afterwards */
} gw_words;

/* Errors are of kind USAGE. Texts point into argv. `out` is filled as far as parsing got. */
bool gw_words_parse(gw_arena *arena, int argc, char **argv, gw_words *out, gw_err *err);

/* A value as it was written, for an option; kind USAGE where it is none. */
bool gw_words_value(const gw_option *option, const char *text, gw_value *out, gw_err *err);

/* The last value given for an option (global or the command's), or NULL. */
const gw_value *gw_words_find(const gw_words *words, const char *name);

/* The nearest of `names` (NULL-terminated) to what was typed, or NULL where none is near. */
const char *gw_nearest(const char *typed, const char *const *names);

/* ---- one run of one command ------------------------------------------------------------ */

struct gw_invocation {
    gw_arena *arena;
    gw_words words;
    const char *name; /* "up", "db status" */
    gw_app *app;      /* with GW_COMMAND_PROJECT */
    gw_term *term;
    bool json;
    bool quiet;
    bool color;   /* on stdout */
    gw_json *out; /* with json: inside the one object that is printed */
    gw_progress_view *progress;
    const gw_cancel *cancel;
    gw_log *log;
    const gw_span *span;
    int exit_code; /* of a run that did not fail: 0, or 3 where a check found something */
};

bool gw_flag(const gw_invocation *invocation, const char *name);
const char *gw_option_text(const gw_invocation *invocation, const char *name); /* NULL */
int64_t gw_option_number(const gw_invocation *invocation, const char *name, int64_t otherwise);
const char *gw_argument_text(const gw_invocation *invocation, size_t index); /* NULL */

/* A line of the result, to stdout (not with --json). */
void gw_say(gw_invocation *invocation, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Ask whether to go on: "This DOES." Only "yes" is yes; --yes answers it. Kind REFUSED, with what
 * was left `untouched`, also where nobody is there to ask ("this would WOULD"). */
bool gw_confirm(gw_invocation *invocation, const char *does, const char *would,
                const char *untouched, gw_err *err);

/* The whole program: parse, run, report. Returns the exit code. */
int gw_cmd_main(int argc, char **argv);

#endif
