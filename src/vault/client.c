#include "vault/client.h"

#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "pg/session.h"

typedef struct search {
    gw_arena *arena;
    const char *program;
    int wanted; /* major of the server */
    gw_client best;
} search;

const char *const gw_client_secrets[] = {"GODWIT_PASSPHRASE", "GODWIT_MASTER_KEY_FILE", "GODWIT_URL", "GODWIT_DIRECT_URL",
                                         "GODWIT_SHADOW_URL", "GODWIT_SOURCE_URL", "DATABASE_URL", NULL};

static bool ask_version(search *s, const char *path, gw_client *out)
{
    gw_proc_result result;
    gw_err ignored = {0};
    const char *argv[] = {path, "--version", NULL};
    gw_proc proc = {.argv = argv, .unset = gw_client_secrets, .keep_output = true};
    if (!gw_proc_run(s->arena, &proc, &result, &ignored)) {
        gw_err_clear(&ignored);
        return false;
    }
    const char *number = strstr(result.out, "(PostgreSQL) ");
    if (result.exit_code || !number)
        return false;
    number += strlen("(PostgreSQL) ");
    *out = (gw_client){.path = path,
                       .version = gw_strndup(s->arena, number, strcspn(number, " \r\n")),
                       .major = atoi(number)};
    return true;
}

static bool better(const search *s, const gw_client *found)
{
    if (s->best.major == s->wanted || found->major == s->wanted)
        return s->best.major != s->wanted;
    return found->major > s->best.major;
}

static void consider(search *s, const char *dir)
{
    gw_client found;
    const char *path = gw_path_join(s->arena, dir, s->program);
    if (access(path, X_OK) == 0 && ask_version(s, path, &found) && better(s, &found))
        s->best = found;
}

static void consider_glob(search *s, const char *pattern)
{
    glob_t names;
    if (glob(pattern, 0, NULL, &names) != 0)
        return;
    for (size_t i = 0; i < names.gl_pathc; i++)
        consider(s, gw_strdup(s->arena, names.gl_pathv[i]));
    globfree(&names);
}

static void consider_path(search *s)
{
    const char *found = gw_proc_which(s->arena, s->program);
    if (found)
        consider(s, gw_path_dir(s->arena, found));
}

bool gw_client_find(gw_arena *arena, const char *program, int server_version, gw_client *out,
                    gw_err *err)
{
    search s = {.arena = arena, .program = program, .wanted = server_version / 10000};
    const char *variable = getenv("GODWIT_PG_BINDIR");
    if (variable && *variable)
        consider(&s, variable);
    consider_glob(&s, "/usr/lib/postgresql/*/bin");
    consider_glob(&s, "/usr/pgsql-*/bin");
    consider_path(&s);
    *out = s.best;
    if (!s.best.major) {
        gw_err_set(err, GW_ERR_UNSUPPORTED, "%s is not installed", program);
        return gw_err_hint(err, "install PostgreSQL's clients (apt-get install "
                                "postgresql-client-%d), or set GODWIT_PG_BINDIR to their folder",
                           s.wanted);
    }
    if (s.best.major >= s.wanted)
        return true;
    gw_err_set(err, GW_ERR_UNSUPPORTED, "%s is of version %s, and the server of version %d.%d",
               program, s.best.version, s.wanted, server_version % 10000);
    gw_err_detail(err, "%s is the newest one here; it has to be as new as the server",
                  s.best.path);
    return gw_err_hint(err, "install PostgreSQL's clients of version %d (apt-get install "
                            "postgresql-client-%d), or set GODWIT_PG_BINDIR to their folder",
                       s.wanted, s.wanted);
}

bool gw_client_target_of(gw_arena *arena, const char *conninfo, gw_client_target *out, gw_err *err)
{
    char *words, *password;
    if (!gw_conninfo_split_password(arena, conninfo, &words, &password, err))
        return false;
    *out = (gw_client_target){.dbname = words, .env = {"PGAPPNAME=godwit"}};
    if (password)
        out->env[1] = gw_printf(arena, "PGPASSWORD=%s", password);
    return true;
}

bool gw_client_failed(gw_arena *arena, const char *program, const gw_proc_result *result,
                      gw_err *err)
{
    const char *line = strstr(result->err, "error: ");
    line = line ? line + strlen("error: ") : result->err;
    size_t len = strcspn(line, "\n");
    gw_err_set(err, GW_ERR_SQL, "%s failed: %s", program,
               len ? gw_strndup(arena, line, len)
                   : gw_printf(arena, "exit code %d", result->exit_code));
    size_t rest = strlen(line + len);
    if (rest > 1)
        gw_err_detail(err, "%.*s", (int)(rest > 1000 ? 1000 : rest - 1), line + len + 1);
    return false;
}
