/* The commands, one file each. */
#ifndef GW_CMD_COMMANDS_H
#define GW_CMD_COMMANDS_H

#include "app/health.h"
#include "app/schema.h"
#include "cmd/command.h"

extern const gw_command gw_command_init;
extern const gw_command gw_command_new;
extern const gw_command gw_command_up;
extern const gw_command gw_command_down;
extern const gw_command gw_command_redo;
extern const gw_command gw_command_status;
extern const gw_command gw_command_verify;
extern const gw_command gw_command_diff;
extern const gw_command gw_command_dump;
extern const gw_command gw_command_squash;
extern const gw_command gw_command_test;
extern const gw_command gw_command_plan;
extern const gw_command gw_command_docs;
extern const gw_command gw_command_models;
extern const gw_command gw_command_push;
extern const gw_command gw_command_repair;
extern const gw_command gw_command_baseline;
extern const gw_command gw_command_adopt;
extern const gw_command gw_command_history;
extern const gw_command gw_command_lint;
extern const gw_command gw_command_conflicts;
extern const gw_command gw_command_sync;
extern const gw_command gw_command_track;
extern const gw_command gw_command_backup;
extern const gw_command gw_command_backups;
extern const gw_command gw_command_restore;
extern const gw_command gw_command_keys;
extern const gw_command gw_command_db;
extern const gw_command gw_command_doctor;
extern const gw_command gw_command_grants;
extern const gw_command gw_command_maintain;
extern const gw_command gw_command_health;
extern const gw_command gw_command_serve;
extern const gw_command gw_command_completion;
extern const gw_command gw_command_help;
extern const gw_command gw_command_version;

/* ---- shared by up, down, redo and baseline (run.c) ------------------------------------- */

/* Options that mean the same wherever they stand. */
#define GW_OPTION_SERVICE                                                                          \
    {.name = "service",                                                                            \
     .type = GW_OPTION_TEXT,                                                                       \
     .value = "S",                                                                                 \
     .help = "only the migrations of this service"}
#define GW_OPTION_DRY_RUN                                                                          \
    {.name = "dry-run",                                                                            \
     .type = GW_OPTION_FLAG,                                                                       \
     .help = "print exactly the SQL that would run, and change nothing"}
#define GW_OPTION_SCHEMA_FROM                                                                      \
    {.name = "from",                                                                               \
     .type = GW_OPTION_TEXT,                                                                       \
     .value = "X",                                                                                 \
     .help = "the schema: database (the environment's, if not said), migrations, a URL, a .sql "   \
             "file or a folder of them",                                                           \
     .completes = GW_COMPLETES_FILE}
#define GW_OPTION_WAIT                                                                             \
    {.name = "wait",                                                                               \
     .type = GW_OPTION_DURATION,                                                                   \
     .value = "TIME",                                                                              \
     .help = "how long to wait while another run works (30s); then exit 7"}
#define GW_OPTION_BACKUP                                                                           \
    {.name = "backup",                                                                             \
     .type = GW_OPTION_FLAG,                                                                       \
     .help = "make a backup first; if it fails, nothing is changed (backup: { before: up } makes " \
             "it the rule)"}
#define GW_OPTION_ALLOW_DATA_LOSS                                                                  \
    {.name = "allow-data-loss",                                                                    \
     .type = GW_OPTION_FLAG,                                                                       \
     .help = "go on where data would be lost and Godwit asks for this flag"}

#define GW_OPTION_REQUIRE                                                                          \
    {.name = "require",                                                                            \
     .type = GW_OPTION_TEXT,                                                                       \
     .value = "V",                                                                                 \
     .help = "the version to be at or past (else all that the folders have)"}
#define GW_OPTION_MAX_REPLICA_LAG                                                                  \
    {.name = "max-replica-lag",                                                                    \
     .type = GW_OPTION_DURATION,                                                                   \
     .value = "TIME",                                                                              \
     .help = "no replica may be further behind"}

#define GW_OPTION_RENAME                                                                           \
    {.name = "rename",                                                                             \
     .type = GW_OPTION_TEXT,                                                                       \
     .value = "OLD=NEW",                                                                           \
     .help = "what is called NEW now was OLD: a table, table.column, a type, a function …; "       \
             "schema.t=other.t moves it; may be given again"}
#define GW_OPTION_PROVE_ROWS                                                                       \
    {.name = "prove-rows",                                                                         \
     .type = GW_OPTION_FLAG,                                                                       \
     .help = "prove the plan with made-up rows in its tables, too: they have to survive"}
#define GW_OPTION_CONCURRENTLY                                                                     \
    {.name = "concurrently",                                                                       \
     .type = GW_OPTION_FLAG,                                                                       \
     .help = "build and drop indexes without blocking writers; validate constraints in a "         \
             "transaction of their own"}

#define GW_OPTION_OUT                                                                              \
    {.name = "out",                                                                                \
     .letter = 'o',                                                                                \
     .type = GW_OPTION_TEXT,                                                                       \
     .value = "FILE",                                                                              \
     .help = "a new file; - (if not said) is standard output",                                     \
     .completes = GW_COMPLETES_FILE}
#define GW_OPTION_PASSPHRASE_FILE                                                                  \
    {.name = "passphrase-file",                                                                    \
     .type = GW_OPTION_TEXT,                                                                       \
     .value = "FILE",                                                                              \
     .help = "the passphrase is the first line of FILE (else GODWIT_PASSPHRASE, else backup: in "  \
             "godwit.yaml)",                                                                       \
     .completes = GW_COMPLETES_FILE}

typedef struct gw_run_words {
    const char *list; /* the JSON array: "applied" */
    const char *verb; /* "3 migrations VERB" */
    const char *none; /* in place of "0 migrations …" */
    bool dry_run;
    bool failed; /* the error follows */
} gw_run_words;

typedef bool gw_run_fn(gw_app *app, gw_arena *arena, const gw_run_options *options,
                       gw_run_result *out, gw_err *err);

/* What was typed; an option that the command does not have is as if it had not been given. */
gw_run_options gw_run_wanted(const gw_invocation *invocation);

/* Run it and show what came of it, also where it failed on the way. */
bool gw_run_and_show(gw_invocation *invocation, gw_run_fn *function, const gw_run_options *wanted,
                     gw_run_words words, gw_err *err);

/* The result of a run, after it: JSON members or the summary line, and which tenants failed. */
void gw_run_show(gw_invocation *invocation, const gw_run_result *result, const gw_run_words *words);

/* ---- shared by diff, push and verify (diff.c) ------------------------------------------- */

/* Every value given for an option. */
const char *const *gw_option_texts(const gw_invocation *invocation, const char *name, size_t *count);
/* To stderr, or as "warnings". */
void gw_warnings_show(gw_invocation *invocation, const gw_texts *warnings);
/* What may be lost: to stderr, or as "data_loss". */
void gw_losses_show(gw_invocation *invocation, const gw_losses *losses);
/* The members of the contract: "equal", "changes", "sql" and more. */
/* {"kind","object","action",…} */
void gw_change_json(gw_json *json, const gw_change *change);
void gw_diff_json(gw_json *json, const gw_diff *diff);
/* "changes" alone. */
void gw_changes_json(gw_json *json, const gw_diff *diff);

/* "healthy", "checks" (health.c) */
void gw_health_json(gw_json *json, const gw_health *health);

/* Paths of files that were made, one a line or as "files" (init.c). */
void gw_paths_show(gw_invocation *invocation, const char **paths);

/* "warnings": what was also said on stderr; NULL: nothing. */
void gw_warning_json(gw_json *json, const char *warning);

/* "1 migration", "3 migrations" */
char *gw_plural(gw_arena *arena, size_t count, const char *one);

/* ---- help.c: text made from the table -------------------------------------------------- */

void gw_help_overview(gw_buf *buf);
/* parent NULL for a command of its own */
void gw_help_command(gw_buf *buf, const gw_command *parent, const gw_command *command);
void gw_help_man(gw_buf *buf);      /* man/godwit.1 */
void gw_help_markdown(gw_buf *buf); /* docs/reference/commands.md */
/* "godwit up [--to V] …" */
void gw_help_usage(gw_buf *buf, const gw_command *parent, const gw_command *command);

#endif
