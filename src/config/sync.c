/* `sync:` of an environment: its own keys, else the project's, else the defaults. */
#include <string.h>

#include "base/file.h"
#include "config/secret.h"

typedef struct levels {
    gw_setting_of of;
    const gw_config *config;
    const gw_raw_sync *own, *project; /* own: never NULL */
} levels;

static const gw_raw_sync *own_of(const gw_config *config, const char *name)
{
    static const gw_raw_sync none = {0};
    for (size_t i = 0; i < config->source->raw.environments.len; i++) {
        const gw_raw_environment *each = &config->source->raw.environments.items[i];
        if (strcmp(each->name, name) == 0)
            return &each->sync;
    }
    return &none;
}

static bool says_source(const gw_raw_sync *sync)
{
    return sync->source.text || sync->source_file.text || sync->source_command;
}

static bool take_source(const levels *l, gw_sync_settings *out, gw_err *err)
{
    bool dotenv = false;
    const char *variable = gw_source_variable(l->of.source, "GODWIT_SOURCE_URL", &dotenv);
    if (variable) {
        out->source = variable;
        out->source_from = dotenv ? "GODWIT_SOURCE_URL in .env" : "GODWIT_SOURCE_URL";
        return true;
    }
    const gw_raw_sync *raw = says_source(l->own) ? l->own : l->project;
    gw_secret_of secret = {.of = &l->of, .config = l->config, .key = "source", .where = " of sync"};
    if (raw->source_file.text) {
        out->source_from = "source_file";
        return gw_secret_from_file(&secret, raw->source_file, &out->source, err);
    }
    if (raw->source_command) {
        out->source_from = "source_command";
        return gw_secret_from_command(&secret, raw->source_command, &out->source, err);
    }
    if (!raw->source.text)
        return true;
    out->source_from = "godwit.yaml";
    out->source_line = raw->source.line;
    out->source_col = raw->source.col;
    gw_value_expand(l->of.arena, l->of.source, raw->source, l->of.problems, &out->source);
    return true;
}

static void take_windows(const levels *l, gw_sync_settings *out)
{
    const gw_raw_sync *raw = l->own->windows.len ? l->own : l->project;
    gw_config_window *windows = gw_alloc_array(l->of.arena, raw->windows.len, sizeof *windows);
    for (size_t i = 0; i < raw->windows.len; i++)
        if (gw_setting_take(&l->of, GW_VALUE_WINDOW, "pause", NULL, raw->windows.items[i],
                            &windows[out->window_count]))
            out->window_count++;
    out->windows = windows;
}

static void take_settings(const levels *l, gw_sync_settings *out)
{
    const struct {
        int id;
        gw_value_type type;
        const char *key;
        void *into;
    } settings[] = {
        {GW_SYNC_MAPPINGS, GW_VALUE_NAME, "mappings", &out->mappings_shown},
        {GW_SYNC_JOBS, GW_VALUE_NUMBER, "jobs", &out->jobs},
        {GW_SYNC_MAX_DELETES, GW_VALUE_PERCENT, "max_deletes", &out->max_deletes},
        {GW_SYNC_INTERVAL, GW_VALUE_DURATION, "interval", &out->interval_ms},
        {GW_SYNC_BATCH_TIME, GW_VALUE_DURATION, "time", &out->batch_time_ms},
        {GW_SYNC_BATCH_BYTES, GW_VALUE_SIZE, "bytes", &out->batch_bytes},
        {GW_SYNC_BATCH_ROWS, GW_VALUE_ROWS, "rows", &out->batch_rows},
        {GW_SYNC_MAX_RATE, GW_VALUE_ROWS, "max_rate", &out->max_rate},
        {GW_SYNC_MAX_LAG, GW_VALUE_DURATION, "max_replica_lag", &out->max_replica_lag_ms},
        {GW_SYNC_MAX_LOAD, GW_VALUE_LOAD, "max_load", &out->max_load},
    };
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++) {
        gw_config_value own = l->own->settings[settings[i].id];
        gw_config_value project = l->project->settings[settings[i].id];
        gw_setting_take(&l->of, settings[i].type, settings[i].key, NULL, own.text ? own : project,
                        settings[i].into);
    }
}

bool gw_config_sync(gw_arena *arena, const gw_config *config, const gw_environment *environment,
                    gw_sync_settings *out, gw_err *err)
{
    gw_problems problems = {.arena = arena, .file = config->source->file};
    levels l = {.of = {.arena = arena, .source = config->source, .problems = &problems},
                .config = config,
                .own = own_of(config, environment->name),
                .project = &config->source->raw.sync};
    *out = (gw_sync_settings){
        .mappings_shown = "sync",
        .jobs = environment->connections,
        .max_deletes = 10,
        .interval_ms = 60000,
        .batch_time_ms = 500,
        .batch_bytes = 16 * 1024 * 1024,
    };
    if (!take_source(&l, out, err))
        return false;
    take_settings(&l, out);
    take_windows(&l, out);
    out->mappings = gw_path_join(arena, config->project_dir, out->mappings_shown);
    return gw_problems_none(&problems, err);
}
