/* Loading: the file, .env and what holds for the whole project. */
#include "config/config.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "config/effective.h"
#include "config/source.h"

enum { MAX_FILE = 1024 * 1024, MAX_DOTENV = 256 * 1024 };

static const char *environment_variable(const gw_config_source *source, const char *name)
{
    const char *const *list = source->options.environ;
    if (!list)
        return getenv(name);
    size_t len = strlen(name);
    for (; *list; list++)
        if (strncmp(*list, name, len) == 0 && (*list)[len] == '=')
            return *list + len + 1;
    return NULL;
}

/* A blank value says nothing: it is what an unset variable of a deployment's template becomes. */
static bool is_blank(const char *value)
{
    return !value || !value[strspn(value, " \t\r\n")];
}

const char *gw_source_variable(const gw_config_source *source, const char *name,
                               bool *from_dotenv)
{
    const char *value = environment_variable(source, name);
    bool dotenv = false;
    if (is_blank(value)) {
        value = NULL;
        for (size_t i = 0; i < source->dotenv.list.len; i++)
            if (strcmp(source->dotenv.list.items[i].name, name) == 0)
                value = source->dotenv.list.items[i].value;
        dotenv = true;
    }
    if (is_blank(value))
        return NULL;
    if (from_dotenv)
        *from_dotenv = dotenv;
    return value;
}

const char *gw_config_variable(const gw_config *config, const char *name)
{
    return gw_source_variable(config->source, name, NULL);
}

/* A variable's bad value is placed at its .env, or nowhere. */
static bool parse_variable(const gw_setting_of *of, gw_value_type type, const char *name,
                           const char *text, bool from_dotenv, void *out)
{
    const char *file = of->problems->file;
    of->problems->file = from_dotenv ? ".env" : NULL;
    bool ok = gw_value_parse(type, name, text, 0, 0, of->problems, out);
    of->problems->file = file;
    if (!ok && !of->problems->list.items[of->problems->list.len - 1].hint)
        gw_problem_hint(of->problems, "that is the value of the variable %s%s", name,
                        from_dotenv ? " in .env" : "");
    return ok;
}

bool gw_setting_take(const gw_setting_of *of, gw_value_type type, const char *key,
                     const char *variable, gw_config_value raw, void *out)
{
    bool from_dotenv = false;
    const char *text = variable ? gw_source_variable(of->source, variable, &from_dotenv) : NULL;
    if (text)
        return parse_variable(of, type, variable, text, from_dotenv, out);
    if (!raw.text)
        return false;
    return gw_value_expand(of->arena, of->source, raw, of->problems, &text) &&
           gw_value_parse(type, key, text, raw.line, raw.col, of->problems, out);
}

bool gw_config_expand(gw_arena *arena, const gw_config *config, gw_config_value value,
                      const char **out, gw_err *err)
{
    gw_problems problems = {.arena = arena, .file = config->source->file};
    if (!value.text) {
        *out = NULL;
        return true;
    }
    gw_value_expand(arena, config->source, value, &problems, out);
    return gw_problems_none(&problems, err);
}

static bool read_file(gw_arena *arena, gw_config_source *source, gw_err *err)
{
    gw_file_text text;
    gw_yaml root;
    gw_problems problems = {.arena = arena, .file = source->file};
    if (!source->file)
        return true;
    if (!gw_file_read(arena, source->file, MAX_FILE, &text, err))
        return false;
    if (gw_yaml_read(arena, text.data, text.len, &problems, &root))
        gw_config_decode(arena, &root, &problems, &source->raw);
    return gw_problems_none(&problems, err);
}

static bool read_dotenv(gw_arena *arena, gw_config_source *source, const char *dir, gw_err *err)
{
    gw_file_text text;
    const char *path = gw_path_join(arena, dir, ".env");
    /* Some people keep a folder of that name. */
    if (!gw_file_exists(path) || gw_file_is_dir(path))
        return true;
    if (!gw_file_read(arena, path, MAX_DOTENV, &text, err))
        return false;
    gw_problems problems = {.arena = arena, .file = path};
    gw_dotenv_read(arena, source, text.data, text.len, &problems);
    return gw_problems_none(&problems, err);
}

static void take_folders(const gw_setting_of *of, gw_config *out)
{
    const gw_raw_config *raw = &of->source->raw;
    const char *format = NULL, *only = NULL;
    gw_setting_take(of, GW_VALUE_FORMAT, "format", "GODWIT_FORMAT", raw->format, &format);
    gw_setting_take(of, GW_VALUE_NAME, "migrations", "GODWIT_MIGRATIONS", (gw_config_value){0},
                    &only);
    bool given = raw->folders.len > 0 && !only;
    size_t count = given ? raw->folders.len : 1;
    gw_config_folder *folders = gw_alloc_array(of->arena, count, sizeof *folders);
    if (!given) {
        const char *usual = gw_config_usual_folder(of->arena, out->project_dir);
        folders[0].shown = only ? only : usual ? usual : "migrations";
        folders[0].service = "";
        out->folders_found = !only;
    }
    for (size_t i = 0; given && i < count; i++) {
        const gw_raw_folder *from = &raw->folders.items[i];
        folders[i].line = from->path.line;
        folders[i].col = from->path.col;
        folders[i].service = "";
        folders[i].shown = "";
        gw_setting_take(of, GW_VALUE_NAME, "path", NULL, from->path, &folders[i].shown);
        gw_setting_take(of, GW_VALUE_NAME, "service", NULL, from->service, &folders[i].service);
        gw_setting_take(of, GW_VALUE_FORMAT, "format", NULL, from->format, &folders[i].format);
    }
    for (size_t i = 0; i < count; i++) {
        folders[i].path = gw_path_join(of->arena, out->project_dir, folders[i].shown);
        if (!folders[i].format)
            folders[i].format = format;
    }
    out->folders = folders;
    out->folder_count = count;
}

static void take_compat(const gw_setting_of *of, gw_config *out)
{
    const gw_config_value raw = of->source->raw.compat;
    const char *compat = NULL;
    gw_setting_take(of, GW_VALUE_TEXT, "compat", NULL, raw, &compat);
    out->compat_sqlx = compat && strcmp(compat, "sqlx") == 0;
    if (compat && !out->compat_sqlx)
        gw_problem_add(of->problems, raw.line, raw.col, "\"compat\" takes sqlx, not \"%s\"",
                       compat);
}

static void take_lint(const gw_setting_of *of, gw_config *out)
{
    const gw_raw_config *raw = &of->source->raw;
    const gw_yaml *list = raw->lint_ignore;
    size_t ignored = list ? list->count : 0, levels = raw->lint_severity.len;
    gw_config_rule *rules = gw_alloc_array(of->arena, ignored + levels + 1, sizeof *rules);
    for (size_t i = 0; i < ignored; i++) {
        const gw_yaml *each = &list->entries[i].value;
        rules[i] = (gw_config_rule){.rule = each->text, .line = each->line, .col = each->col};
    }
    for (size_t i = 0; i < levels; i++) {
        const gw_raw_pair *pair = &raw->lint_severity.items[i];
        rules[ignored + i] = (gw_config_rule){.rule = pair->key,
                                              .severity = pair->value.text,
                                              .line = pair->value.line,
                                              .col = pair->value.col};
    }
    out->lint.ignore = rules;
    out->lint.ignore_count = ignored;
    out->lint.severity = rules + ignored;
    out->lint.severity_count = levels;
    gw_setting_take(of, GW_VALUE_SERVER, "target_version", NULL, raw->lint_target,
                    &out->lint.target_version);
}

static void take_names(const gw_setting_of *of, gw_config *out)
{
    const gw_raw_config *raw = &of->source->raw;
    bool implied = of->source->file && raw->environments.len == 0;
    size_t count = implied ? 1 : raw->environments.len;
    const char **names = gw_alloc_array(of->arena, count + 1, sizeof *names);
    if (implied)
        names[0] = "dev";
    for (size_t i = 0; i < raw->environments.len; i++)
        names[i] = raw->environments.items[i].name;
    out->environment_names = names;
    out->environment_count = count;
    const char *chosen = NULL;
    gw_setting_take(of, GW_VALUE_NAME, "default", NULL, raw->default_environment, &chosen);
    for (size_t i = 0; !chosen && i < count; i++)
        if (count == 1 || strcmp(names[i], "dev") == 0)
            chosen = names[i];
    out->default_environment = chosen;
}

static void take_shadow(const gw_setting_of *of, gw_config *out)
{
    const gw_raw_config *raw = &of->source->raw;
    const char *directory = NULL, *bindir = NULL;
    gw_setting_take(of, GW_VALUE_NAME, "directory", NULL, raw->shadow_directory, &directory);
    gw_setting_take(of, GW_VALUE_NAME, "bindir", NULL, raw->shadow_bindir, &bindir);
    out->shadow.url = raw->shadow_url;
    if (directory)
        out->shadow.directory = gw_path_join(of->arena, out->project_dir, directory);
    if (bindir)
        out->shadow.bindir = gw_path_join(of->arena, out->project_dir, bindir);
}

static void take_project(const gw_setting_of *of, gw_config *out)
{
    const gw_raw_config *raw = &of->source->raw;
    const char *base = gw_path_base(out->project_dir);
    const char *backups = "backups", *keys = "keys.json";
    out->project = *base && strcmp(base, "/") != 0 ? base : "godwit";
    gw_setting_take(of, GW_VALUE_NAME, "project", NULL, raw->project, &out->project);
    gw_setting_take(of, GW_VALUE_NAME, "directory", NULL, raw->backup_directory, &backups);
    gw_setting_take(of, GW_VALUE_KEEP, "keep", NULL, raw->backup_keep, &out->backup.keep);
    gw_setting_take(of, GW_VALUE_BEFORE, "before", NULL, raw->backup_before,
                    &out->backup.before_up);
    gw_setting_take(of, GW_VALUE_STORE, "store", NULL, raw->keys_store, &out->keys.table);
    gw_setting_take(of, GW_VALUE_NAME, "file", NULL, raw->keys_file, &keys);
    out->keys.file = gw_path_join(of->arena, out->project_dir, keys);
    gw_setting_take(of, GW_VALUE_LOG, "format", "GODWIT_LOG_FORMAT", raw->log_format,
                    &out->log_json);
    out->backup.directory = gw_path_join(of->arena, out->project_dir, backups);
    out->maintain = raw->maintain;
    out->maintain.archive = gw_path_join(of->arena, out->project_dir, raw->maintain.archive);
    take_shadow(of, out);
    take_folders(of, out);
    take_compat(of, out);
    take_lint(of, out);
    gw_config_take_grants(of, raw->grants, &out->grants);
    take_names(of, out);
}

static gw_config_options copy_options(gw_arena *arena, const gw_config_options *options)
{
    gw_config_options copy = options ? *options : (gw_config_options){0};
    copy.dir = gw_strdup(arena, copy.dir);
    copy.file = gw_strdup(arena, copy.file);
    copy.env = gw_strdup(arena, copy.env);
    copy.url = gw_strdup(arena, copy.url);
    return copy;
}

bool gw_config_load(gw_arena *arena, const gw_config_options *options, gw_config *out, gw_err *err)
{
    gw_config_source *source = gw_alloc(arena, sizeof *source);
    source->raw.maintain = gw_config_maintain_default();
    source->options = copy_options(arena, options);
    *out = (gw_config){.source = source};
    if (!gw_config_find(arena, source, err))
        return false;
    out->file = source->file;
    out->project_dir = source->start;
    if (source->file)
        out->project_dir = gw_path_absolute(arena, gw_path_dir(arena, source->file));
    if (!read_file(arena, source, err) || !read_dotenv(arena, source, out->project_dir, err))
        return false;
    gw_problems problems = {.arena = arena, .file = source->file};
    gw_setting_of of = {.arena = arena, .source = source, .problems = &problems};
    take_project(&of, out);
    return gw_problems_none(&problems, err);
}
