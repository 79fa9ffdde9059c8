/* From the tree to gw_raw_config: tables of keys, each with the function that takes its value. */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "config/source.h"

const char *const gw_config_formats[] = {
    "godwit", "sqlx",           "dbmate",  "golang-migrate",    "goose", "flyway",
    "drizzle", "graphile-migrate", "atlas", "node-pg-migrate", "sqitch", NULL};

typedef struct decoder {
    gw_arena *arena;
    gw_problems *problems;
} decoder;

typedef struct key_spec {
    const char *name;
    void (*take)(decoder *d, const struct key_spec *key, const gw_yaml_entry *entry,
                 void *target);
    size_t offset;
    gw_value_type type;
} key_spec;

enum { MAX_KEYS = 24 };

static void wrong_kind(decoder *d, const gw_yaml_entry *entry, const char *wanted)
{
    if (entry->value.kind == GW_YAML_NULL)
        gw_problem_add(d->problems, entry->line, entry->col, "\"%s\" has no value", entry->key);
    else
        gw_problem_add(d->problems, entry->value.line, entry->value.col,
                       "\"%s\" takes %s, not %s", entry->key, wanted,
                       gw_yaml_kind_name(entry->value.kind));
}

static void unknown_key(decoder *d, const gw_yaml_entry *entry, const key_spec *keys,
                        size_t count)
{
    const char *names[MAX_KEYS + 1] = {0};
    for (size_t i = 0; i < count && i < MAX_KEYS; i++)
        names[i] = keys[i].name;
    gw_problem_add(d->problems, entry->line, entry->col, "unknown key \"%s\"", entry->key);
    const char *meant = gw_did_you_mean(entry->key, names);
    if (meant)
        gw_problem_hint(d->problems, "did you mean \"%s\"?", meant);
    else
        gw_problem_hint(d->problems, "known here: %s", gw_name_list(d->arena, names));
}

/* A mapping against its table. `x-…` is the user's own, for anchors. */
static void decode_map(decoder *d, const gw_yaml *map, const key_spec *keys, size_t count,
                       void *target)
{
    for (size_t i = 0; i < map->count; i++) {
        const gw_yaml_entry *entry = &map->entries[i];
        size_t k = 0;
        while (k < count && strcmp(keys[k].name, entry->key) != 0)
            k++;
        if (k < count)
            keys[k].take(d, &keys[k], entry, target);
        else if (strncmp(entry->key, "x-", 2) != 0)
            unknown_key(d, entry, keys, count);
    }
}

static bool take_map(decoder *d, const gw_yaml_entry *entry)
{
    if (entry->value.kind == GW_YAML_MAP)
        return true;
    if (entry->value.kind != GW_YAML_NULL)
        wrong_kind(d, entry, "a mapping");
    return false;
}

/* A value without variables is checked now, the others once they are known. */
static bool check_value(decoder *d, const key_spec *key, const gw_yaml_entry *entry)
{
    union {
        int64_t wide;
        const char *text;
    } ignored;
    if (strchr(entry->value.text, '$'))
        return true;
    return gw_value_parse(key->type, entry->key, entry->value.text, entry->value.line,
                          entry->value.col, d->problems, &ignored);
}

static void take_value(decoder *d, const key_spec *key, const gw_yaml_entry *entry, void *target)
{
    if (entry->value.kind != GW_YAML_SCALAR) {
        wrong_kind(d, entry, "a single value");
        return;
    }
    if (!check_value(d, key, entry))
        return;
    gw_config_value *out = (void *)((char *)target + key->offset);
    *out = (gw_config_value){
        .text = entry->value.text, .line = entry->value.line, .col = entry->value.col};
}

static bool is_list_of_texts(const gw_yaml *list)
{
    if (list->kind != GW_YAML_LIST || list->count == 0)
        return false;
    for (size_t i = 0; i < list->count; i++)
        if (list->entries[i].value.kind != GW_YAML_SCALAR || !*list->entries[i].value.text)
            return false;
    return true;
}

static void take_texts(decoder *d, const key_spec *key, const gw_yaml_entry *entry, void *target)
{
    if (!is_list_of_texts(&entry->value)) {
        wrong_kind(d, entry, "a list of names");
        return;
    }
    const gw_yaml **out = (void *)((char *)target + key->offset);
    *out = &entry->value;
}

static void take_command(decoder *d, const key_spec *key, const gw_yaml_entry *entry,
                         void *target)
{
    bool text = entry->value.kind == GW_YAML_SCALAR && *entry->value.text;
    if (!text && !is_list_of_texts(&entry->value)) {
        wrong_kind(d, entry, "a command line, or a list of a program and its arguments");
        return;
    }
    const gw_yaml **out = (void *)((char *)target + key->offset);
    *out = &entry->value;
}

#define SETTING(id) offsetof(gw_raw_environment, settings[id])
#define KEYS(table) table, sizeof table / sizeof *table

static void take_pool(decoder *d, const key_spec *key, const gw_yaml_entry *entry, void *target)
{
    static const key_spec keys[] = {
        {"min", take_value, SETTING(GW_SET_POOL_MIN), GW_VALUE_COUNT},
        {"max", take_value, SETTING(GW_SET_POOL_MAX), GW_VALUE_NUMBER},
        {"acquire_timeout", take_value, SETTING(GW_SET_POOL_ACQUIRE), GW_VALUE_DURATION},
        {"idle_timeout", take_value, SETTING(GW_SET_POOL_IDLE), GW_VALUE_DURATION},
    };
    (void)key;
    if (take_map(d, entry))
        decode_map(d, &entry->value, KEYS(keys), target);
}

static void take_for_each(decoder *d, const key_spec *key, const gw_yaml_entry *entry,
                          void *target)
{
    static const key_spec keys[] = {
        {"schemas", take_value, offsetof(gw_raw_environment, schemas), GW_VALUE_NAME},
        {"databases", take_texts, offsetof(gw_raw_environment, databases), GW_VALUE_NAME},
        {"jobs", take_value, SETTING(GW_SET_JOBS), GW_VALUE_NUMBER},
    };
    gw_raw_environment *env = target;
    if (entry->value.kind == GW_YAML_LIST) { /* short for databases */
        key_spec databases = keys[1];
        databases.name = key->name;
        take_texts(d, &databases, entry, target);
        return;
    }
    if (!take_map(d, entry))
        return;
    decode_map(d, &entry->value, KEYS(keys), target);
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
    if (take_map(d, entry))
        decode_map(d, &entry->value, KEYS(keys), target);
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
        {"lock_retries", take_value, SETTING(GW_SET_LOCK_RETRIES), GW_VALUE_COUNT},
        {"connect_timeout", take_value, SETTING(GW_SET_CONNECT_TIMEOUT), GW_VALUE_DURATION},
        {"wait", take_value, SETTING(GW_SET_WAIT), GW_VALUE_DURATION},
        {"connections", take_value, SETTING(GW_SET_CONNECTIONS), GW_VALUE_NUMBER},
        {"pool", take_pool, 0, GW_VALUE_TEXT},
        {"pooler", take_value, SETTING(GW_SET_POOLER), GW_VALUE_POOLER},
        {"for_each", take_for_each, 0, GW_VALUE_TEXT},
        {"backup", take_environment_backup, 0, GW_VALUE_TEXT},
    };
    env->name = entry->key;
    env->line = entry->line;
    env->col = entry->col;
    if (!take_map(d, entry))
        return;
    decode_map(d, &entry->value, KEYS(keys), env);
    check_environment(d, env);
}

static void take_environments(decoder *d, const key_spec *key, const gw_yaml_entry *entry,
                              void *target)
{
    gw_raw_config *raw = target;
    (void)key;
    if (!take_map(d, entry))
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
    decode_map(d, item, KEYS(keys), &folder);
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
        wrong_kind(d, entry, "a folder, or a list of {service, path}");
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
    if (!take_map(d, entry))
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
    };
    (void)key;
    if (take_map(d, entry))
        decode_map(d, &entry->value, KEYS(keys), target);
}

static void take_shadow(decoder *d, const key_spec *key, const gw_yaml_entry *entry, void *target)
{
    static const key_spec keys[] = {
        {"url", take_value, offsetof(gw_raw_config, shadow_url), GW_VALUE_NAME},
        {"directory", take_value, offsetof(gw_raw_config, shadow_directory), GW_VALUE_NAME},
        {"bindir", take_value, offsetof(gw_raw_config, shadow_bindir), GW_VALUE_NAME},
    };
    (void)key;
    if (take_map(d, entry))
        decode_map(d, &entry->value, KEYS(keys), target);
}

static void take_sync(decoder *d, const key_spec *key, const gw_yaml_entry *entry, void *target)
{
    static const key_spec keys[] = {
        {"source", take_value, offsetof(gw_raw_config, sync_source), GW_VALUE_NAME},
        {"mappings", take_value, offsetof(gw_raw_config, sync_mappings), GW_VALUE_NAME},
    };
    (void)key;
    if (take_map(d, entry))
        decode_map(d, &entry->value, KEYS(keys), target);
}

/* Rules and their severities: a mapping with free keys, checked here but for the rules' names. */
static void take_severities(decoder *d, const key_spec *key, const gw_yaml_entry *entry,
                            void *target)
{
    static const char *const levels[] = {"error", "warning", "note", "off", NULL};
    gw_raw_config *raw = target;
    (void)key;
    if (!take_map(d, entry))
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
    if (take_map(d, entry))
        decode_map(d, &entry->value, KEYS(keys), target);
}

static void take_log(decoder *d, const key_spec *key, const gw_yaml_entry *entry, void *target)
{
    static const key_spec keys[] = {
        {"format", take_value, offsetof(gw_raw_config, log_format), GW_VALUE_LOG},
    };
    (void)key;
    if (take_map(d, entry))
        decode_map(d, &entry->value, KEYS(keys), target);
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
        {"sync", take_sync, 0, GW_VALUE_TEXT},
        {"shadow", take_shadow, 0, GW_VALUE_TEXT},
        {"lint", take_lint, 0, GW_VALUE_TEXT},
        {"log", take_log, 0, GW_VALUE_TEXT},
    };
    decoder d = {.arena = arena, .problems = problems};
    *out = (gw_raw_config){0};
    if (root->kind == GW_YAML_NULL)
        return;
    if (root->kind != GW_YAML_MAP) {
        gw_problem_add(problems, root->line, root->col,
                       "the file has to be a mapping (key: value), not %s",
                       gw_yaml_kind_name(root->kind));
        return;
    }
    decode_map(&d, root, KEYS(keys), out);
    check_default(&d, out);
}
