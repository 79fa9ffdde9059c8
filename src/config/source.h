/*
 * The parsed godwit.yaml before anything is expanded, .env, and the variables. Shared by the
 * files of this folder; nobody else includes it.
 */
#ifndef GW_CONFIG_SOURCE_H
#define GW_CONFIG_SOURCE_H

#include "base/vec.h"
#include "config/config.h"
#include "config/problems.h"
#include "config/keys.h"

/* What a single value has to be. */
typedef enum {
    GW_VALUE_TEXT,
    GW_VALUE_NAME,     /* text that is not empty */
    GW_VALUE_DURATION, /* int64_t, milliseconds */
    GW_VALUE_COUNT,    /* unsigned, from 0 */
    GW_VALUE_NUMBER,   /* unsigned, from 1 */
    GW_VALUE_BOOL,
    GW_VALUE_POOLER,
    GW_VALUE_BEFORE,   /* bool: up | never */
    GW_VALUE_FORMAT,   /* a convention's name */
    GW_VALUE_LOG,      /* bool json: text | json */
    GW_VALUE_STORE,    /* bool table: file | table */
    GW_VALUE_KEEP,     /* "30d" or a number of backups */
    GW_VALUE_SERVER,   /* unsigned: a major version of PostgreSQL */
    GW_VALUE_PERCENT,  /* double: "10%" */
    GW_VALUE_SIZE,     /* int64_t, bytes: "16MB" */
    GW_VALUE_ROWS,     /* int64_t, from 1 */
    GW_VALUE_LOAD,     /* double, over 0 */
    GW_VALUE_WINDOW,   /* gw_config_window: "22:00-06:00" */
} gw_value_type;

/* Names of the settings of an environment that are one value; index into raw_environment. */
enum {
    GW_SET_LOCK_TIMEOUT,
    GW_SET_STATEMENT_TIMEOUT,
    GW_SET_LOCK_RETRIES,
    GW_SET_COUNT_TIMEOUT,
    GW_SET_REPLICA_LAG,
    GW_SET_CONNECT_TIMEOUT,
    GW_SET_WAIT,
    GW_SET_CONNECTIONS,
    GW_SET_PROTECTED,
    GW_SET_POOLER,
    GW_SET_POOL_MIN,
    GW_SET_POOL_MAX,
    GW_SET_POOL_ACQUIRE,
    GW_SET_POOL_IDLE,
    GW_SET_BACKUP_BEFORE,
    GW_SET_JOBS,
    GW_SET_COUNT,
};

/* Settings of `sync:` that are one value; index into raw_sync. */
enum {
    GW_SYNC_MAPPINGS,
    GW_SYNC_JOBS,
    GW_SYNC_MAX_DELETES,
    GW_SYNC_INTERVAL,
    GW_SYNC_BATCH_TIME,
    GW_SYNC_BATCH_BYTES,
    GW_SYNC_BATCH_ROWS,
    GW_SYNC_MAX_RATE,
    GW_SYNC_MAX_LAG,
    GW_SYNC_MAX_LOAD,
    GW_SYNC_COUNT,
};

typedef struct gw_raw_sync {
    gw_config_value source, source_file;
    const gw_yaml *source_command; /* text or list */
    gw_config_value settings[GW_SYNC_COUNT];
    GW_VEC(gw_config_value) windows;
} gw_raw_sync;

typedef struct gw_raw_environment {
    const char *name;
    unsigned line, col;
    gw_config_value url, url_file, direct_url, schemas;
    const gw_yaml *url_command; /* text or list */
    const gw_yaml *databases;   /* list */
    gw_config_value settings[GW_SET_COUNT];
    gw_raw_sync sync;
} gw_raw_environment;

typedef struct gw_raw_folder {
    gw_config_value service, path, format;
} gw_raw_folder;

typedef struct gw_raw_pair {
    const char *key;
    gw_config_value value;
} gw_raw_pair;

typedef struct gw_raw_config {
    gw_config_value project, format, compat, default_environment;
    gw_config_value backup_directory, backup_keep, backup_before, backup_passphrase_file;
    const gw_yaml *backup_passphrase_command; /* text or list */
    gw_config_value keys_store, keys_file, keys_master_key_file;
    const gw_yaml *keys_master_key_command; /* text or list */
    gw_config_value log_format;
    gw_raw_sync sync;
    gw_config_value shadow_url, shadow_directory, shadow_bindir;
    gw_config_maintain maintain;
    gw_config_value lint_target;
    const gw_yaml *lint_ignore; /* list */
    const gw_yaml_entry *grants;
    GW_VEC(gw_raw_pair) lint_severity;
    GW_VEC(gw_raw_folder) folders;
    GW_VEC(gw_raw_pair) placeholders;
    GW_VEC(gw_raw_environment) environments;
} gw_raw_config;

typedef struct gw_variable {
    const char *name, *value;
} gw_variable;

typedef struct gw_dotenv {
    GW_VEC(gw_variable) list;
} gw_dotenv;

typedef struct gw_config_source {
    gw_config_options options;
    const char *file;  /* NULL: none */
    const char *start; /* the folder that was asked for, absolute */
    gw_raw_config raw;
    gw_dotenv dotenv;
} gw_config_source;

/* Where a variable's value came from; NULL, and *from_dotenv untouched, where it is not set (or
 * blank). */
const char *gw_source_variable(const gw_config_source *source, const char *name,
                               bool *from_dotenv);

/* decode.c: the tree into gw_raw_config; everything wrong goes to problems. */
void gw_config_decode(gw_arena *arena, const gw_yaml *root, gw_problems *problems,
                      gw_raw_config *out);

/* decode.c: text of a type into *out (int64_t, unsigned, bool, …; const char * for texts).
 * false: one problem was added. `what` is the key or variable, for the message. */
bool gw_value_parse(gw_value_type type, const char *what, const char *text, unsigned line,
                    unsigned col, gw_problems *problems, void *out);

/* expand.c: the value with its variables put in. false: one problem was added. */
bool gw_value_expand(gw_arena *arena, const gw_config_source *source, gw_config_value value,
                     gw_problems *problems, const char **out);

/* expand.c: as dotenv files have it: only ${NAME} and ${NAME:-default}, missing is empty,
 * everything else stands as it is. */
const char *gw_dotenv_expand(gw_arena *arena, const gw_config_source *source, const char *text);

/* dotenv.c: adds to source->dotenv; problems carry the lines. */
void gw_dotenv_read(gw_arena *arena, gw_config_source *source, char *text, size_t len,
                    gw_problems *problems);

/* find.c: source->start and source->file (as people would write it; NULL where there is none). */
bool gw_config_find(gw_arena *arena, gw_config_source *source, gw_err *err);

/* find.c: the usual places of migrations under a folder; NULL where none is there. */
const char *gw_config_usual_folder(gw_arena *arena, const char *project_dir);

#endif
