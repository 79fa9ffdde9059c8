/* From the tree to gw_raw_config: tables of keys, each with the function that takes its value. */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "config/place.h"
#include "config/source.h"

const char *const gw_config_formats[] = {
    "godwit", "sqlx",           "dbmate",  "golang-migrate",    "goose", "flyway",
    "drizzle", "graphile-migrate", "atlas", "node-pg-migrate", "sqitch", NULL};

typedef gw_yaml_decoder decoder;
typedef gw_yaml_key key_spec;

/* A value without variables is checked now, the others once they are known. */
static bool check_value(decoder *d, const key_spec *key, const gw_yaml_entry *entry)
{
    union {
        int64_t wide;
        const char *text;
    } ignored;
    if (strchr(entry->value.text, '$'))
        return true;
    return gw_value_parse((gw_value_type)key->type, entry->key, entry->value.text, entry->value.line,
                          entry->value.col, d->problems, &ignored);
}

static void take_value(decoder *d, const key_spec *key, const gw_yaml_entry *entry, void *target)
{
    gw_config_value value;
    if (!gw_yaml_single(d, entry, &value) || !check_value(d, key, entry))
        return;
    gw_config_value *out = (void *)((char *)target + key->offset);
    *out = value;
}

static void take_texts(decoder *d, const key_spec *key, const gw_yaml_entry *entry, void *target)
{
    if (!gw_yaml_is_texts(&entry->value)) {
        gw_yaml_wrong_kind(d, entry, "a list of names");
        return;
    }
    const gw_yaml **out = (void *)((char *)target + key->offset);
    *out = &entry->value;
}

static void take_command(decoder *d, const key_spec *key, const gw_yaml_entry *entry,
                         void *target)
{
    bool text = entry->value.kind == GW_YAML_SCALAR && *entry->value.text;
    if (!text && !gw_yaml_is_texts(&entry->value)) {
        gw_yaml_wrong_kind(d, entry, "a command line, or a list of a program and its arguments");
        return;
    }
    const gw_yaml **out = (void *)((char *)target + key->offset);
    *out = &entry->value;
}

#define SETTING(id) offsetof(gw_raw_environment, settings[id])

/* What stands there, where it has no ${VARIABLE} in it; one with a variable is looked at once it is known. */
static bool is_literal(const gw_config_value *value, unsigned *out)
{
    if (!value->text || strchr(value->text, '$'))
        return false;
    *out = (unsigned)strtoul(value->text, NULL, 10);
    return true;
}

static void take_pool(decoder *d, const key_spec *key, const gw_yaml_entry *entry, void *target)
{
    static const key_spec keys[] = {
        {"min", take_value, SETTING(GW_SET_POOL_MIN), GW_VALUE_COUNT},
        {"max", take_value, SETTING(GW_SET_POOL_MAX), GW_VALUE_NUMBER},
        {"acquire_timeout", take_value, SETTING(GW_SET_POOL_ACQUIRE), GW_VALUE_DURATION},
        {"idle_timeout", take_value, SETTING(GW_SET_POOL_IDLE), GW_VALUE_DURATION},
    };
    (void)key;
    if (!gw_yaml_is_map(d, entry))
        return;
    gw_yaml_take_keys(d, &entry->value, GW_YAML_KEYS(keys), target);
    const gw_raw_environment *env = target;
    const gw_config_value *min = &env->settings[GW_SET_POOL_MIN];
    unsigned least, most;
    if (is_literal(min, &least) && is_literal(&env->settings[GW_SET_POOL_MAX], &most) && least > most)
        gw_problem_add(d->problems, min->line, min->col, "pool: min %u is more than max %u", least,
                       most);
}

/* As above: what is written out. */
static void refuse_twice(decoder *d, const gw_yaml *list)
{
    for (size_t i = 0; i < list->count; i++) {
        const gw_yaml *item = &list->entries[i].value;
        for (size_t k = 0; k < i; k++)
            if (!strchr(item->text, '$') && strcmp(item->text, list->entries[k].value.text) == 0) {
                gw_problem_add(d->problems, item->line, item->col,
                               "the database \"%s\" is given twice", item->text);
                break;
            }
    }
}

/* One name alone: a pattern is for schemas, of databases there is a list. */
static void take_databases(decoder *d, const key_spec *key, const gw_yaml_entry *entry, void *target)
{
    take_texts(d, key, entry, target);
    if (entry->value.kind != GW_YAML_SCALAR || !*entry->value.text)
        return;
    const char *hint = gw_config_pattern_hint(d->arena, entry->value.text);
    if (hint)
        gw_problem_hint(d->problems, "%s", hint);
    else
        gw_problem_hint(d->problems, "write databases: [%s]", entry->value.text);
}

static void take_for_each(decoder *d, const key_spec *key, const gw_yaml_entry *entry,
                          void *target)
{
    static const key_spec keys[] = {
        {"schemas", take_value, offsetof(gw_raw_environment, schemas), GW_VALUE_NAME},
        {"databases", take_databases, offsetof(gw_raw_environment, databases), GW_VALUE_NAME},
        {"jobs", take_value, SETTING(GW_SET_JOBS), GW_VALUE_NUMBER},
    };
    gw_raw_environment *env = target;
    if (entry->value.kind == GW_YAML_LIST) { /* short for databases */
        key_spec databases = keys[1];
        databases.name = key->name;
        take_texts(d, &databases, entry, target);
        if (env->databases)
            refuse_twice(d, env->databases);
        return;
    }
    if (!gw_yaml_is_map(d, entry))
        return;
    gw_yaml_take_keys(d, &entry->value, GW_YAML_KEYS(keys), target);
    if (env->databases)
        refuse_twice(d, env->databases);
    if (env->schemas.text && env->databases)
        gw_problem_add(d->problems, entry->line, entry->col,
                       "\"for_each\" takes schemas or databases, not both");
}

static void take_environment_backup(decoder *d, const key_spec *key, const gw_yaml_entry *entry,
                                    void *target)
{
    static const key_spec keys[] = {
        {"before", take_value, SETTING(GW_SET_BACKUP_BEFORE), GW_VALUE_BEFORE},
    };
    (void)key;
    if (gw_yaml_is_map(d, entry))
        gw_yaml_take_keys(d, &entry->value, GW_YAML_KEYS(keys), target);
}

#define SYNC(member) offsetof(gw_raw_sync, member)
#define SYNC_VALUE(id) offsetof(gw_raw_sync, settings[id])

static void take_sync_batch(decoder *d, const key_spec *key, const gw_yaml_entry *entry,
                            void *target)
{
    static const key_spec keys[] = {
        {"time", take_value, SYNC_VALUE(GW_SYNC_BATCH_TIME), GW_VALUE_DURATION},
        {"bytes", take_value, SYNC_VALUE(GW_SYNC_BATCH_BYTES), GW_VALUE_SIZE},
        {"rows", take_value, SYNC_VALUE(GW_SYNC_BATCH_ROWS), GW_VALUE_ROWS},
    };
    (void)key;
    if (gw_yaml_is_map(d, entry))
        gw_yaml_take_keys(d, &entry->value, GW_YAML_KEYS(keys), target);
}

/* Times of the day in which nothing is done: one, or a list of them. */
static void take_windows(decoder *d, const key_spec *key, const gw_yaml_entry *entry, void *target)
{
    gw_raw_sync *sync = target;
    const gw_yaml *value = &entry->value;
    (void)key;
    bool one = value->kind == GW_YAML_SCALAR && *value->text;
    if (!one && !gw_yaml_is_texts(value)) {
        gw_yaml_wrong_kind(d, entry, "a time of the day (\"08:00-18:00\"), or a list of them");
        return;
    }
    for (size_t i = 0; i < (one ? 1 : value->count); i++) {
        const gw_yaml *item = one ? value : &value->entries[i].value;
        gw_config_window window;
        if (strchr(item->text, '$') ||
            gw_value_parse(GW_VALUE_WINDOW, entry->key, item->text, item->line, item->col,
                           d->problems, &window))
            *gw_vec_push(d->arena, &sync->windows) =
                (gw_config_value){.text = item->text, .line = item->line, .col = item->col};
    }
}

static void take_throttle(decoder *d, const key_spec *key, const gw_yaml_entry *entry,
                          void *target)
{
    static const key_spec keys[] = {
        {"max_rate", take_value, SYNC_VALUE(GW_SYNC_MAX_RATE), GW_VALUE_ROWS},
        {"max_replica_lag", take_value, SYNC_VALUE(GW_SYNC_MAX_LAG), GW_VALUE_DURATION},
        {"max_load", take_value, SYNC_VALUE(GW_SYNC_MAX_LOAD), GW_VALUE_LOAD},
        {"pause", take_windows, 0, GW_VALUE_WINDOW},
    };
    (void)key;
    if (gw_yaml_is_map(d, entry))
        gw_yaml_take_keys(d, &entry->value, GW_YAML_KEYS(keys), target);
}

/* Of the project, and again of an environment, where each key is stronger. */
static void decode_sync(decoder *d, const gw_yaml_entry *entry, gw_raw_sync *sync)
{
    static const key_spec keys[] = {
        {"source", take_value, SYNC(source), GW_VALUE_NAME},
        {"source_file", take_value, SYNC(source_file), GW_VALUE_NAME},
        {"source_command", take_command, SYNC(source_command), GW_VALUE_NAME},
        {"mappings", take_value, SYNC_VALUE(GW_SYNC_MAPPINGS), GW_VALUE_NAME},
        {"jobs", take_value, SYNC_VALUE(GW_SYNC_JOBS), GW_VALUE_NUMBER},
        {"max_deletes", take_value, SYNC_VALUE(GW_SYNC_MAX_DELETES), GW_VALUE_PERCENT},
        {"interval", take_value, SYNC_VALUE(GW_SYNC_INTERVAL), GW_VALUE_DURATION},
        {"batch", take_sync_batch, 0, GW_VALUE_TEXT},
        {"throttle", take_throttle, 0, GW_VALUE_TEXT},
    };
    if (!gw_yaml_is_map(d, entry))
        return;
    gw_yaml_take_keys(d, &entry->value, GW_YAML_KEYS(keys), sync);
    if ((sync->source.text != NULL) + (sync->source_file.text != NULL) +
            (sync->source_command != NULL) > 1) {
        gw_problem_add(d->problems, entry->line, entry->col,
                       "\"sync\" says more than once where rows come from");
        gw_problem_hint(d->problems, "keep one of source, source_file and source_command");
    }
}

static void take_sync(decoder *d, const key_spec *key, const gw_yaml_entry *entry, void *target)
{
    (void)key;
    decode_sync(d, entry, &((gw_raw_config *)target)->sync);
}

static void take_environment_sync(decoder *d, const key_spec *key, const gw_yaml_entry *entry,
                                  void *target)
{
    (void)key;
    decode_sync(d, entry, &((gw_raw_environment *)target)->sync);
}

static void check_environment(decoder *d, const gw_raw_environment *env)
{
    int urls = (env->url.text != NULL) + (env->url_file.text != NULL) + (env->url_command != NULL);
    if (urls > 1) {
        gw_problem_add(d->problems, env->line, env->col,
                       "environment \"%s\" says more than once where its database is", env->name);
        gw_problem_hint(d->problems, "keep one of url, url_file and url_command");
    }
}

static void decode_environment(decoder *d, const gw_yaml_entry *entry, gw_raw_environment *env)
{
    static const key_spec keys[] = {
        {"url", take_value, offsetof(gw_raw_environment, url), GW_VALUE_TEXT},
        {"url_file", take_value, offsetof(gw_raw_environment, url_file), GW_VALUE_NAME},
        {"url_command", take_command, offsetof(gw_raw_environment, url_command), GW_VALUE_NAME},
        {"direct_url", take_value, offsetof(gw_raw_environment, direct_url), GW_VALUE_NAME},
        {"protected", take_value, SETTING(GW_SET_PROTECTED), GW_VALUE_BOOL},
        {"lock_timeout", take_value, SETTING(GW_SET_LOCK_TIMEOUT), GW_VALUE_DURATION},
        {"statement_timeout", take_value, SETTING(GW_SET_STATEMENT_TIMEOUT), GW_VALUE_DURATION},
        {"count_timeout", take_value, SETTING(GW_SET_COUNT_TIMEOUT), GW_VALUE_DURATION},
        {"lock_retries", take_value, SETTING(GW_SET_LOCK_RETRIES), GW_VALUE_COUNT},
        {"max_replica_lag", take_value, SETTING(GW_SET_REPLICA_LAG), GW_VALUE_DURATION},
        {"connect_timeout", take_value, SETTING(GW_SET_CONNECT_TIMEOUT), GW_VALUE_DURATION},
        {"wait", take_value, SETTING(GW_SET_WAIT), GW_VALUE_DURATION},
        {"connections", take_value, SETTING(GW_SET_CONNECTIONS), GW_VALUE_NUMBER},
        {"pool", take_pool, 0, GW_VALUE_TEXT},
        {"pooler", take_value, SETTING(GW_SET_POOLER), GW_VALUE_POOLER},
        {"for_each", take_for_each, 0, GW_VALUE_TEXT},
        {"backup", take_environment_backup, 0, GW_VALUE_TEXT},
        {"sync", take_environment_sync, 0, GW_VALUE_TEXT},
    };
    env->name = entry->key;
    env->line = entry->line;
    env->col = entry->col;
    if (!gw_yaml_is_map(d, entry))
        return;
    gw_yaml_take_keys(d, &entry->value, GW_YAML_KEYS(keys), env);
    check_environment(d, env);
}

static void take_environments(decoder *d, const key_spec *key, const gw_yaml_entry *entry,
                              void *target)
{
    gw_raw_config *raw = target;
    (void)key;
    if (!gw_yaml_is_map(d, entry))
        return;
    for (size_t i = 0; i < entry->value.count; i++) {
        const gw_yaml_entry *each = &entry->value.entries[i];
        if (!*each->key)
            gw_problem_add(d->problems, each->line, each->col, "an environment needs a name");
        else if (strncmp(each->key, "x-", 2) != 0)
            decode_environment(d, each, gw_vec_push(d->arena, &raw->environments));
    }
}

static void decode_folder(decoder *d, const gw_yaml *item, gw_raw_config *raw)
{
    static const key_spec keys[] = {
        {"service", take_value, offsetof(gw_raw_folder, service), GW_VALUE_NAME},
        {"path", take_value, offsetof(gw_raw_folder, path), GW_VALUE_NAME},
        {"format", take_value, offsetof(gw_raw_folder, format), GW_VALUE_FORMAT},
    };
    size_t problems = d->problems->list.len;
    gw_raw_folder folder = {0};
    gw_yaml_take_keys(d, item, GW_YAML_KEYS(keys), &folder);
    if (d->problems->list.len != problems)
        return;
    if (!folder.service.text || !folder.path.text) {
        gw_problem_add(d->problems, item->line, item->col, "this entry has no \"%s\"",
                       folder.path.text ? "service" : "path");
        gw_problem_hint(d->problems, "write {service: NAME, path: FOLDER}");
        return;
    }
    for (size_t i = 0; i < raw->folders.len; i++) {
        const gw_raw_folder *other = &raw->folders.items[i];
        if (strcmp(other->service.text, folder.service.text) == 0)
            gw_problem_add(d->problems, folder.service.line, folder.service.col,
                           "the service \"%s\" is given twice", folder.service.text);
        else if (strcmp(other->path.text, folder.path.text) == 0)
            gw_problem_add(d->problems, folder.path.line, folder.path.col,
                           "the services \"%s\" and \"%s\" have the same folder",
                           other->service.text, folder.service.text);
    }
    *gw_vec_push(d->arena, &raw->folders) = folder;
}

static void take_migrations(decoder *d, const key_spec *key, const gw_yaml_entry *entry,
                            void *target)
{
    gw_raw_config *raw = target;
    const gw_yaml *value = &entry->value;
    (void)key;
    if (value->kind == GW_YAML_SCALAR) {
        gw_config_value path = {.text = value->text, .line = value->line, .col = value->col};
        if (*value->text)
            gw_vec_push(d->arena, &raw->folders)->path = path;
        else
            gw_problem_add(d->problems, value->line, value->col, "\"migrations\" is empty");
        return;
    }
    if (value->kind != GW_YAML_LIST || value->count == 0) {
        gw_yaml_wrong_kind(d, entry, "a folder, or a list of {service, path}");
        return;
    }
    for (size_t i = 0; i < value->count; i++) {
        const gw_yaml *item = &value->entries[i].value;
        if (item->kind == GW_YAML_MAP) {
            decode_folder(d, item, raw);
            continue;
        }
        gw_problem_add(d->problems, item->line, item->col,
                       "a list of migrations takes {service: NAME, path: FOLDER}, not %s",
                       gw_yaml_kind_name(item->kind));
    }
}

static void take_placeholders(decoder *d, const key_spec *key, const gw_yaml_entry *entry,
                              void *target)
{
    gw_raw_config *raw = target;
    (void)key;
    if (!gw_yaml_is_map(d, entry))
        return;
    for (size_t i = 0; i < entry->value.count; i++) {
        const gw_yaml_entry *each = &entry->value.entries[i];
        const key_spec spec = {each->key, take_value, 0, GW_VALUE_TEXT};
        gw_config_value value = {0};
        take_value(d, &spec, each, &value);
        if (value.text)
            *gw_vec_push(d->arena, &raw->placeholders) =
                (gw_raw_pair){.key = each->key, .value = value};
    }
}

static void take_backup(decoder *d, const key_spec *key, const gw_yaml_entry *entry, void *target)
{
    static const key_spec keys[] = {
        {"directory", take_value, offsetof(gw_raw_config, backup_directory), GW_VALUE_NAME},
        {"keep", take_value, offsetof(gw_raw_config, backup_keep), GW_VALUE_KEEP},
        {"before", take_value, offsetof(gw_raw_config, backup_before), GW_VALUE_BEFORE},
        {"passphrase_file", take_value, offsetof(gw_raw_config, backup_passphrase_file), GW_VALUE_NAME},
        {"passphrase_command", take_command, offsetof(gw_raw_config, backup_passphrase_command), GW_VALUE_NAME},
    };
    (void)key;
    if (gw_yaml_is_map(d, entry))
        gw_yaml_take_keys(d, &entry->value, GW_YAML_KEYS(keys), target);
}

static void take_key_settings(decoder *d, const key_spec *key, const gw_yaml_entry *entry,
                              void *target)
{
    static const key_spec keys[] = {
        {"store", take_value, offsetof(gw_raw_config, keys_store), GW_VALUE_STORE},
        {"file", take_value, offsetof(gw_raw_config, keys_file), GW_VALUE_NAME},
        {"master_key_file", take_value, offsetof(gw_raw_config, keys_master_key_file), GW_VALUE_NAME},
        {"master_key_command", take_command, offsetof(gw_raw_config, keys_master_key_command), GW_VALUE_NAME},
    };
    (void)key;
    if (gw_yaml_is_map(d, entry))
        gw_yaml_take_keys(d, &entry->value, GW_YAML_KEYS(keys), target);
}

static void take_shadow(decoder *d, const key_spec *key, const gw_yaml_entry *entry, void *target)
{
    static const key_spec keys[] = {
        {"url", take_value, offsetof(gw_raw_config, shadow_url), GW_VALUE_NAME},
        {"directory", take_value, offsetof(gw_raw_config, shadow_directory), GW_VALUE_NAME},
        {"bindir", take_value, offsetof(gw_raw_config, shadow_bindir), GW_VALUE_NAME},
    };
    (void)key;
    if (gw_yaml_is_map(d, entry))
        gw_yaml_take_keys(d, &entry->value, GW_YAML_KEYS(keys), target);
}

/* Rules and their severities: a mapping with free keys, checked here but for the rules' names. */
static void take_severities(decoder *d, const key_spec *key, const gw_yaml_entry *entry,
                            void *target)
{
    static const char *const levels[] = {"error", "warning", "note", "off", NULL};
    gw_raw_config *raw = target;
    (void)key;
    if (!gw_yaml_is_map(d, entry))
        return;
    for (size_t i = 0; i < entry->value.count; i++) {
        const gw_yaml_entry *each = &entry->value.entries[i];
        const char *text = each->value.kind == GW_YAML_SCALAR ? each->value.text : "";
        size_t k = 0;
        while (levels[k] && strcmp(levels[k], text) != 0)
            k++;
        if (!levels[k])
            gw_problem_add(d->problems, each->value.line, each->value.col,
                           "\"%s\" takes error, warning, note or off", each->key);
        else
            *gw_vec_push(d->arena, &raw->lint_severity) = (gw_raw_pair){
                .key = each->key,
                .value = {.text = text, .line = each->line, .col = each->col}};
    }
}

static void take_lint(decoder *d, const key_spec *key, const gw_yaml_entry *entry, void *target)
{
    static const key_spec keys[] = {
        {"ignore", take_texts, offsetof(gw_raw_config, lint_ignore), GW_VALUE_NAME},
        {"severity", take_severities, 0, GW_VALUE_TEXT},
        {"target_version", take_value, offsetof(gw_raw_config, lint_target), GW_VALUE_SERVER},
    };
    (void)key;
    if (gw_yaml_is_map(d, entry))
        gw_yaml_take_keys(d, &entry->value, GW_YAML_KEYS(keys), target);
}

static void take_maintain(decoder *d, const key_spec *key, const gw_yaml_entry *entry, void *target)
{
    (void)key;
    gw_config_maintain_decode(d, entry, &((gw_raw_config *)target)->maintain);
}

static void take_log(decoder *d, const key_spec *key, const gw_yaml_entry *entry, void *target)
{
    static const key_spec keys[] = {
        {"format", take_value, offsetof(gw_raw_config, log_format), GW_VALUE_LOG},
    };
    (void)key;
    if (gw_yaml_is_map(d, entry))
        gw_yaml_take_keys(d, &entry->value, GW_YAML_KEYS(keys), target);
}

/* Roles have free names: grants.c reads it, once variables are known. */
static void take_grants(decoder *d, const key_spec *key, const gw_yaml_entry *entry, void *target)
{
    (void)d;
    (void)key;
    ((gw_raw_config *)target)->grants = entry;
}

static void check_default(decoder *d, const gw_raw_config *raw)
{
    const gw_config_value *value = &raw->default_environment;
    if (!value->text || strchr(value->text, '$') || raw->environments.len == 0)
        return;
    const char **names = gw_alloc_array(d->arena, raw->environments.len + 1, sizeof *names);
    for (size_t i = 0; i < raw->environments.len; i++) {
        names[i] = raw->environments.items[i].name;
        if (strcmp(names[i], value->text) == 0)
            return;
    }
    gw_problem_add(d->problems, value->line, value->col, "there is no environment \"%s\"",
                   value->text);
    const char *meant = gw_did_you_mean(value->text, names);
    if (meant)
        gw_problem_hint(d->problems, "did you mean \"%s\"?", meant);
    else
        gw_problem_hint(d->problems, "there are: %s", gw_name_list(d->arena, names));
}

void gw_config_decode(gw_arena *arena, const gw_yaml *root, gw_problems *problems,
                      gw_raw_config *out)
{
    static const key_spec keys[] = {
        {"project", take_value, offsetof(gw_raw_config, project), GW_VALUE_NAME},
        {"migrations", take_migrations, 0, GW_VALUE_TEXT},
        {"format", take_value, offsetof(gw_raw_config, format), GW_VALUE_FORMAT},
        {"compat", take_value, offsetof(gw_raw_config, compat), GW_VALUE_TEXT},
        {"placeholders", take_placeholders, 0, GW_VALUE_TEXT},
        {"default", take_value, offsetof(gw_raw_config, default_environment), GW_VALUE_NAME},
        {"environments", take_environments, 0, GW_VALUE_TEXT},
        {"backup", take_backup, 0, GW_VALUE_TEXT},
        {"keys", take_key_settings, 0, GW_VALUE_TEXT},
        {"sync", take_sync, 0, GW_VALUE_TEXT},
        {"grants", take_grants, 0, GW_VALUE_TEXT},
        {"shadow", take_shadow, 0, GW_VALUE_TEXT},
        {"lint", take_lint, 0, GW_VALUE_TEXT},
        {"maintain", take_maintain, 0, GW_VALUE_TEXT},
        {"log", take_log, 0, GW_VALUE_TEXT},
    };
    decoder d = {.arena = arena, .problems = problems};
    *out = (gw_raw_config){.maintain = gw_config_maintain_default()};
    if (root->kind == GW_YAML_NULL)
        return;
    if (root->kind != GW_YAML_MAP) {
        gw_problem_add(problems, root->line, root->col,
                       "the file has to be a mapping (key: value), not %s",
                       gw_yaml_kind_name(root->kind));
        return;
    }
    gw_yaml_take_keys(&d, root, GW_YAML_KEYS(keys), out);
    check_default(&d, out);
}
