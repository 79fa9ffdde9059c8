#include "config/secret.h"

#include <string.h>

#include "base/file.h"
#include "base/proc.h"

enum { MAX_SECRET = 64 * 1024 };

static char *first_line(gw_arena *arena, const char *text)
{
    text += strspn(text, " \t\r\n");
    size_t len = strcspn(text, "\r\n");
    while (len && (text[len - 1] == ' ' || text[len - 1] == '\t'))
        len--;
    return gw_strndup(arena, text, len);
}

bool gw_secret_from_file(const gw_secret_of *secret, gw_config_value place, const char **out,
                         gw_err *err)
{
    const gw_setting_of *of = secret->of;
    const char *name;
    gw_file_text text;
    *out = NULL;
    if (!gw_value_expand(of->arena, of->source, place, of->problems, &name))
        return true;
    const char *path = gw_path_join(of->arena, secret->config->project_dir, name);
    if (!gw_file_read(of->arena, path, MAX_SECRET, &text, err)) {
        gw_err_context(err, "%s_file%s", secret->key, secret->where);
        err->kind = GW_ERR_CONFIG;
        return gw_err_at(err, secret->config->file, place.line, place.col);
    }
    *out = first_line(of->arena, text.data);
    explicit_bzero(text.data, text.len);
    if (!**out)
        gw_problem_add(of->problems, place.line, place.col, "the file %s is empty", name);
    return true;
}

/* A list is a program with arguments; a text is a line for the shell, which has its own $. */
static const char *const *command_line(const gw_setting_of *of, const gw_yaml *command)
{
    size_t count = command->kind == GW_YAML_LIST ? command->count : 3;
    const char **argv = gw_alloc_array(of->arena, count + 1, sizeof *argv);
    if (command->kind != GW_YAML_LIST) {
        argv[0] = "/bin/sh";
        argv[1] = "-c";
        argv[2] = command->text;
        return argv;
    }
    for (size_t i = 0; i < count; i++) {
        const gw_yaml *item = &command->entries[i].value;
        gw_config_value value = {.text = item->text, .line = item->line, .col = item->col};
        if (!gw_value_expand(of->arena, of->source, value, of->problems, &argv[i]))
            return NULL;
    }
    return argv;
}

/* What a command says goes into one place, which can be wiped. What does not fit in is no secret. */
typedef struct collected {
    char text[MAX_SECRET];
    size_t len;
} collected;

static bool collect(void *self, const void *data, size_t len)
{
    collected *said = self;
    size_t room = sizeof said->text - 1 - said->len;
    if (len > room)
        len = room;
    memcpy(said->text + said->len, data, len);
    said->len += len;
    return true;
}

bool gw_secret_from_command(const gw_secret_of *secret, const gw_yaml *command, const char **out,
                            gw_err *err)
{
    const gw_setting_of *of = secret->of;
    collected said = {.len = 0};
    gw_proc proc = {.argv = command_line(of, command),
                    .take = collect,
                    .self = &said,
                    .dir = secret->config->project_dir,
                    .keep_output = true,
                    .cancel = of->source->options.cancel};
    gw_proc_result result;
    *out = NULL;
    if (!proc.argv)
        return true;
    if (!gw_proc_run(of->arena, &proc, &result, err)) {
        gw_err_context(err, "%s_command%s", secret->key, secret->where);
        return gw_err_at(err, secret->config->file, command->line, command->col);
    }
    const char *line = first_line(of->arena, said.text);
    explicit_bzero(said.text, sizeof said.text);
    if (result.exit_code == 0 && *line) {
        *out = line;
        return true;
    }
    gw_problem_add(of->problems, command->line, command->col, "%s_command%s %s", secret->key,
                   secret->where,
                   result.exit_code
                       ? gw_printf(of->arena, "ended with exit code %d", result.exit_code)
                       : "printed nothing");
    const char *why = first_line(of->arena, result.err);
    if (*why)
        gw_problem_hint(of->problems, "it said: %.200s", why);
    return true;
}

bool gw_config_passphrase(gw_arena *arena, const gw_config *config, const char **out, gw_err *err)
{
    const gw_raw_config *raw = &config->source->raw;
    gw_problems problems = {.arena = arena, .file = config->source->file};
    const gw_setting_of of = {.arena = arena, .source = config->source, .problems = &problems};
    gw_secret_of secret = {.of = &of, .config = config, .key = "passphrase", .where = " of backup"};
    bool dotenv = false;
    *out = gw_source_variable(config->source, "GODWIT_PASSPHRASE", &dotenv);
    if (*out)
        return true;
    if (raw->backup_passphrase_file.text && raw->backup_passphrase_command)
        return gw_err_set(err, GW_ERR_CONFIG,
                          "backup says both passphrase_file and passphrase_command");
    bool ok = true;
    if (raw->backup_passphrase_file.text)
        ok = gw_secret_from_file(&secret, raw->backup_passphrase_file, out, err);
    else if (raw->backup_passphrase_command)
        ok = gw_secret_from_command(&secret, raw->backup_passphrase_command, out, err);
    return ok && gw_problems_none(&problems, err);
}

bool gw_config_master_key(gw_arena *arena, const gw_config *config, const char **file,
                          const char **text, gw_err *err)
{
    const gw_raw_config *raw = &config->source->raw;
    gw_problems problems = {.arena = arena, .file = config->source->file};
    const gw_setting_of of = {.arena = arena, .source = config->source, .problems = &problems};
    gw_secret_of secret = {.of = &of, .config = config, .key = "master_key", .where = " of keys"};
    bool dotenv = false, ok = true;
    *text = NULL;
    *file = gw_source_variable(config->source, "GODWIT_MASTER_KEY_FILE", &dotenv);
    if (!*file && raw->keys_master_key_file.text && raw->keys_master_key_command)
        return gw_err_set(err, GW_ERR_CONFIG,
                          "keys says both master_key_file and master_key_command");
    if (!*file && raw->keys_master_key_file.text)
        gw_value_expand(arena, config->source, raw->keys_master_key_file, &problems, file);
    else if (!*file && raw->keys_master_key_command)
        ok = gw_secret_from_command(&secret, raw->keys_master_key_command, text, err);
    if (*file)
        *file = gw_path_join(arena, config->project_dir, *file);
    return ok && gw_problems_none(&problems, err);
}
