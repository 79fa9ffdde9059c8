/* One environment, chosen, with its effective settings. */
#include <string.h>

#include "config/secret.h"

#define NO_FILE "default" /* the one environment where there is no godwit.yaml */

typedef struct chooser {
    gw_setting_of of;
    const gw_config *config;
    const gw_raw_environment *raw; /* never NULL: an empty one where the file has none */
    bool overridable;              /* --url and GODWIT_URL speak of this environment */
    gw_environment *out;
    gw_err *err;
} chooser;

static const gw_raw_environment *find_raw(const gw_config *config, const char *name)
{
    for (size_t i = 0; i < config->source->raw.environments.len; i++)
        if (strcmp(config->source->raw.environments.items[i].name, name) == 0)
            return &config->source->raw.environments.items[i];
    return NULL;
}

static bool unknown_environment(const gw_config *config, gw_arena *arena, const char *name,
                                gw_err *err)
{
    if (!*name) {
        gw_err_set(err, GW_ERR_USAGE, "the environment's name (--env) is empty");
        return gw_err_hint(err, "a variable that is not set? Without --env it is that of GODWIT_ENV, or "
                                "the default of godwit.yaml");
    }
    gw_err_set(err, GW_ERR_CONFIG, "there is no environment \"%s\"", name);
    if (!config->file) {
        gw_err_detail(err, "environments are named in godwit.yaml, and there is none in %s or above it",
                      config->project_dir);
        return gw_err_hint(err, "leave --env and GODWIT_ENV away to use DATABASE_URL, or say its URL "
                                "with --url; \"godwit init\" makes a godwit.yaml");
    }
    const char *meant = gw_did_you_mean(name, config->environment_names);
    gw_err_detail(err, "%s has: %s", config->file,
                  gw_name_list(arena, config->environment_names));
    if (meant)
        gw_err_hint(err, "did you mean \"%s\"?", meant);
    else
        gw_err_hint(err, "choose one of them, or add it to the file");
    return gw_err_at(err, config->file, 0, 0);
}

/* The name that the options, GODWIT_ENV and the file lead to; NULL: they lead nowhere. */
static const char *name_by_precedence(const gw_config *config, bool *chosen)
{
    const char *name = config->source->options.env;
    if (!name)
        name = gw_source_variable(config->source, "GODWIT_ENV", NULL);
    *chosen = name != NULL;
    if (!name)
        name = config->default_environment;
    if (!name && !config->file)
        name = NO_FILE;
    return name;
}

/* Then the name is one for only=…, and leads nowhere. */
static bool said_url(const gw_config *config)
{
    return config->source->options.url || gw_source_variable(config->source, "GODWIT_URL", NULL);
}

static bool choose(chooser *c, const char *name)
{
    static const gw_raw_environment empty = {0};
    const gw_config *config = c->config;
    bool chosen;
    const char *by_options = name_by_precedence(config, &chosen);
    c->out->chosen = chosen || name;
    c->overridable = !name || (by_options && strcmp(name, by_options) == 0);
    if (!name)
        name = by_options;
    if (!name) {
        gw_err_set(c->err, GW_ERR_CONFIG, "no environment was chosen");
        gw_err_detail(c->err, "%s has: %s", config->file,
                      gw_name_list(c->of.arena, config->environment_names));
        gw_err_hint(c->err, "choose one with --env NAME, or say \"default: NAME\" in %s",
                    config->file);
        return gw_err_at(c->err, config->file, 0, 0);
    }
    c->out->name = name;
    c->raw = find_raw(config, name);
    if (c->raw)
        return true;
    c->raw = &empty;
    bool implied = config->file && config->source->raw.environments.len == 0;
    bool nameless = !config->file && (strcmp(name, NO_FILE) == 0 || said_url(config));
    if (!nameless && !(implied && strcmp(name, "dev") == 0))
        return unknown_environment(config, c->of.arena, name, c->err);
    return true;
}

static void set_url(chooser *c, const char *url, const char *source)
{
    c->out->embedded = strcmp(url, "embedded") == 0;
    c->out->url = c->out->embedded ? NULL : url;
    c->out->url_source = source;
}

/* --url, GODWIT_URL and, where the environment is the default one, DATABASE_URL. */
static bool override_url(chooser *c)
{
    bool dotenv = false;
    const char *url = NULL;
    if (c->overridable && c->config->source->options.url) {
        set_url(c, c->config->source->options.url, "--url");
        return true;
    }
    if (c->overridable)
        url = gw_source_variable(c->config->source, "GODWIT_URL", &dotenv);
    if (url) {
        set_url(c, url, dotenv ? "GODWIT_URL in .env" : "GODWIT_URL");
        return true;
    }
    if (!c->out->chosen || !c->config->file)
        url = gw_source_variable(c->config->source, "DATABASE_URL", &dotenv);
    if (url)
        set_url(c, url, dotenv ? "DATABASE_URL in .env" : "DATABASE_URL");
    return url != NULL;
}

static gw_secret_of secret_of(chooser *c)
{
    return (gw_secret_of){.of = &c->of,
                          .config = c->config,
                          .key = "url",
                          .where = gw_printf(c->of.arena, " of environment \"%s\"", c->out->name)};
}

static bool url_from_file(chooser *c)
{
    gw_secret_of secret = secret_of(c);
    const char *url;
    if (!gw_secret_from_file(&secret, c->raw->url_file, &url, c->err))
        return false;
    if (url)
        set_url(c, url, "url_file");
    return true;
}

static bool url_from_command(chooser *c)
{
    gw_secret_of secret = secret_of(c);
    const char *url;
    if (!gw_secret_from_command(&secret, c->raw->url_command, &url, c->err))
        return false;
    if (url)
        set_url(c, url, "url_command");
    return true;
}

static bool has_libpq_variables(const gw_config_source *source)
{
    static const char *const names[] = {"PGHOST", "PGHOSTADDR", "PGSERVICE", "PGDATABASE"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        bool dotenv = false;
        if (gw_source_variable(source, names[i], &dotenv) && !dotenv)
            return true;
    }
    return false;
}

static bool url_missing(chooser *c)
{
    const gw_config *config = c->config;
    if (has_libpq_variables(config->source)) {
        set_url(c, "", "PG* variables");
        return true;
    }
    if (!config->file) {
        gw_err_set(c->err, GW_ERR_CONFIG, "there is no godwit.yaml and no DATABASE_URL");
        gw_err_detail(c->err, "%s and the folders above it were searched", config->project_dir);
        return gw_err_hint(c->err, "\"godwit init\" makes a project here; or set DATABASE_URL, "
                                   "or give --url");
    }
    if (c->raw->line == 0) { /* a file without environments: the embedded server */
        set_url(c, "embedded", "default");
        return true;
    }
    gw_problem_add(c->of.problems, c->raw->line, c->raw->col,
                   "environment \"%s\" does not say where its database is", c->out->name);
    gw_problem_hint(c->of.problems, "add url: (\"embedded\" is Godwit's own server)");
    return true;
}

static bool take_url(chooser *c)
{
    const gw_config_value raw = c->raw->url;
    const char *url;
    if (override_url(c))
        return true;
    if (c->raw->url_file.text)
        return url_from_file(c);
    if (c->raw->url_command)
        return url_from_command(c);
    if (!raw.text)
        return url_missing(c);
    if (gw_value_expand(c->of.arena, c->config->source, raw, c->of.problems, &url))
        set_url(c, url, *url ? "godwit.yaml" : "PG* variables");
    return true;
}

/* A URL of another kind of database is a mistake that libpq would explain badly. */
static void check_scheme(chooser *c, const char *url)
{
    const char *end = url ? strstr(url, "://") : NULL;
    size_t len = end ? (size_t)(end - url) : 0;
    bool flag = strcmp(c->out->url_source, "--url") == 0;
    bool in_file = strcmp(c->out->url_source, "godwit.yaml") == 0;
    unsigned line = in_file ? c->raw->url.line : 0, col = in_file ? c->raw->url.col : 0;
    const char *file = c->of.problems->file;
    if (url && (*url || flag) && !url[strspn(url, " \t\r\n")]) {
        c->of.problems->file = in_file ? file : NULL;
        gw_problem_add(c->of.problems, line, col, "the URL (from %s) is %s", c->out->url_source,
                       *url ? "blank" : "empty");
        c->of.problems->file = file;
        gw_problem_hint(c->of.problems, flag && !*url
                                            ? "a variable that is not set? Without --url it is the "
                                              "environment's database"
                                            : "it is postgres://…, or \"embedded\"");
        return;
    }
    bool ignored;
    if (in_file && url && *url && (!url[strspn(url, "0123456789.")] || gw_bool_parse(url, &ignored))) {
        gw_problem_add(c->of.problems, line, col, "\"url\" takes a text, not \"%s\"", url);
        gw_problem_hint(c->of.problems, "it is postgres://…, or \"embedded\"; a database of that name is "
                                        "\"dbname=%s\"", url);
        return;
    }
    if (!end || strcspn(url, " =@/?") < len)
        return;
    if ((len == 8 && memcmp(url, "postgres", 8) == 0) ||
        (len == 10 && memcmp(url, "postgresql", 10) == 0))
        return;
    c->of.problems->file = in_file ? file : NULL;
    gw_problem_add(c->of.problems, line, col, "\"%.*s://\" (from %s) is not a PostgreSQL URL",
                   (int)len, url, c->out->url_source);
    c->of.problems->file = file;
    gw_problem_hint(c->of.problems, "it starts with postgres:// or postgresql://");
}

static void take_direct_url(chooser *c)
{
    const char *url = NULL;
    bool from_file = strcmp(c->out->url_source, "godwit.yaml") == 0 ||
                     strncmp(c->out->url_source, "url_", 4) == 0;
    gw_config_value raw = from_file ? c->raw->direct_url : (gw_config_value){0};
    /* It leads past the pooler of the environment's database, and --url may be any other. */
    bool flag = strcmp(c->out->url_source, "--url") == 0;
    const char *variable = c->overridable && !flag ? "GODWIT_DIRECT_URL" : NULL;
    gw_setting_take(&c->of, GW_VALUE_NAME, "direct_url", variable, raw, &url);
    check_scheme(c, url);
    c->out->direct_url = url;
}

/* The same database under another, protected name keeps that protection. */
static void take_protection(chooser *c)
{
    const gw_setting_of *of = &c->of;
    const gw_raw_config *raw = &of->source->raw;
    gw_setting_take(of, GW_VALUE_BOOL, "protected", NULL, c->raw->settings[GW_SET_PROTECTED],
                    &c->out->is_protected);
    if (c->out->is_protected)
        c->out->protected_name = c->out->name;
    if (c->out->is_protected || !c->out->url || !*c->out->url)
        return;
    for (size_t i = 0; i < raw->environments.len; i++) {
        const gw_raw_environment *other = &raw->environments.items[i];
        gw_problems quiet = {.arena = of->arena};
        gw_setting_of aside = {.arena = of->arena, .source = of->source, .problems = &quiet};
        bool guarded = false;
        const char *url = NULL;
        gw_setting_take(&aside, GW_VALUE_BOOL, "", NULL, other->settings[GW_SET_PROTECTED],
                        &guarded);
        if (guarded)
            gw_setting_take(&aside, GW_VALUE_TEXT, "", NULL, other->url, &url);
        if (url && strcmp(url, c->out->url) == 0) {
            c->out->is_protected = true;
            c->out->protected_name = other->name;
            return;
        }
    }
}

static void take_settings(chooser *c)
{
    gw_environment *out = c->out;
    const struct {
        int id;
        gw_value_type type;
        const char *key, *variable;
        void *into;
    } settings[] = {
        {GW_SET_LOCK_TIMEOUT, GW_VALUE_DURATION, "lock_timeout", "GODWIT_LOCK_TIMEOUT",
         &out->lock_timeout_ms},
        {GW_SET_STATEMENT_TIMEOUT, GW_VALUE_DURATION, "statement_timeout",
         "GODWIT_STATEMENT_TIMEOUT", &out->statement_timeout_ms},
        {GW_SET_COUNT_TIMEOUT, GW_VALUE_DURATION, "count_timeout", "GODWIT_COUNT_TIMEOUT",
         &out->count_timeout_ms},
        {GW_SET_LOCK_RETRIES, GW_VALUE_COUNT, "lock_retries", "GODWIT_LOCK_RETRIES",
         &out->lock_retries},
        {GW_SET_REPLICA_LAG, GW_VALUE_DURATION, "max_replica_lag", "GODWIT_MAX_REPLICA_LAG",
         &out->max_replica_lag_ms},
        {GW_SET_CONNECT_TIMEOUT, GW_VALUE_DURATION, "connect_timeout", "GODWIT_CONNECT_TIMEOUT",
         &out->connect_timeout_ms},
        {GW_SET_WAIT, GW_VALUE_DURATION, "wait", "GODWIT_WAIT", &out->wait_ms},
        {GW_SET_CONNECTIONS, GW_VALUE_NUMBER, "connections", "GODWIT_CONNECTIONS",
         &out->connections},
        {GW_SET_POOLER, GW_VALUE_POOLER, "pooler", "GODWIT_POOLER", &out->pooler},
        {GW_SET_POOL_MIN, GW_VALUE_COUNT, "min", NULL, &out->pool.min},
        {GW_SET_POOL_MAX, GW_VALUE_NUMBER, "max", NULL, &out->pool.max},
        {GW_SET_POOL_ACQUIRE, GW_VALUE_DURATION, "acquire_timeout", NULL,
         &out->pool.acquire_timeout_ms},
        {GW_SET_POOL_IDLE, GW_VALUE_DURATION, "idle_timeout", NULL, &out->pool.idle_timeout_ms},
        {GW_SET_BACKUP_BEFORE, GW_VALUE_BEFORE, "before", NULL, &out->backup_before_up},
        {GW_SET_JOBS, GW_VALUE_NUMBER, "jobs", NULL, &out->for_each.jobs},
    };
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++) {
        bool set = gw_setting_take(&c->of, settings[i].type, settings[i].key,
                                   settings[i].variable, c->raw->settings[settings[i].id],
                                   settings[i].into);
        if (settings[i].id == GW_SET_LOCK_TIMEOUT)
            out->has_lock_timeout = set;
    }
    const gw_config_value *min = &c->raw->settings[GW_SET_POOL_MIN];
    const gw_config_value *max = &c->raw->settings[GW_SET_POOL_MAX];
    if (out->pool.min > out->pool.max && !max->text)
        out->pool.max = out->pool.min;
    else if (out->pool.min > out->pool.max)
        gw_problem_add(c->of.problems, min->line, min->col, "pool: min %u is more than max %u",
                       out->pool.min, out->pool.max);
}

static void take_tenants(chooser *c)
{
    gw_config_for_each *out = &c->out->for_each;
    const gw_yaml *databases = c->raw->databases;
    gw_setting_take(&c->of, GW_VALUE_NAME, "schemas", NULL, c->raw->schemas, &out->schemas);
    if (!databases)
        return;
    const char **names = gw_alloc_array(c->of.arena, databases->count + 1, sizeof *names);
    for (size_t i = 0; i < databases->count; i++) {
        const gw_yaml *item = &databases->entries[i].value;
        gw_config_value value = {.text = item->text, .line = item->line, .col = item->col};
        gw_setting_take(&c->of, GW_VALUE_NAME, "databases", NULL, value, &names[i]);
        for (size_t j = 0; names[i] && j < i; j++)
            if (names[j] && strcmp(names[i], names[j]) == 0)
                gw_problem_add(c->of.problems, item->line, item->col,
                               "the database \"%s\" is given twice", names[i]);
    }
    out->databases = names;
    out->database_count = databases->count;
}

static void take_placeholders(chooser *c)
{
    const gw_raw_config *raw = &c->of.source->raw;
    size_t count = raw->placeholders.len;
    gw_config_pair *pairs = gw_alloc_array(c->of.arena, count, sizeof *pairs);
    for (size_t i = 0; i < count; i++) {
        const gw_raw_pair *from = &raw->placeholders.items[i];
        pairs[i].key = from->key;
        gw_value_expand(c->of.arena, c->of.source, from->value, c->of.problems, &pairs[i].value);
    }
    c->out->placeholders = pairs;
    c->out->placeholder_count = count;
}

bool gw_config_environment(gw_arena *arena, const gw_config *config, const char *name,
                           gw_environment *out, gw_err *err)
{
    gw_problems problems = {.arena = arena, .file = config->source->file};
    chooser c = {.of = {.arena = arena, .source = config->source, .problems = &problems},
                 .config = config,
                 .out = out,
                 .err = err};
    *out = (gw_environment){
        .lock_timeout_ms = 2000,
        .lock_retries = 10,
        .count_timeout_ms = 10000,
        .max_replica_lag_ms = 10000,
        .connect_timeout_ms = 10000,
        .wait_ms = 30000,
        .connections = 4,
        .pool = {.max = 4, .acquire_timeout_ms = 10000, .idle_timeout_ms = 300000},
        .for_each = {.jobs = 4},
        .backup_before_up = config->backup.before_up,
    };
    if (!choose(&c, name) || !take_url(&c))
        return false;
    if (out->url_source) {
        check_scheme(&c, out->url);
        take_direct_url(&c);
        take_protection(&c);
    }
    take_settings(&c);
    take_tenants(&c);
    take_placeholders(&c);
    return gw_problems_none(&problems, err);
}
