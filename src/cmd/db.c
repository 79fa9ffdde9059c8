/* The embedded server, and psql on whichever database the environment names. */
#include <errno.h>
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/proc.h"
#include "base/vec.h"
#include "cmd/commands.h"
#include "cmd/signals.h"

static void show(gw_invocation *invocation, const gw_server *server)
{
    if (invocation->json) {
        gw_json_bool(invocation->out, "running", server->running);
        gw_json_string(invocation->out, "version", server->version);
        gw_json_string(invocation->out, "data_directory", server->data_directory);
        gw_json_string(invocation->out, "url", server->url);
        gw_json_bool(invocation->out, "exists", server->exists);
        if (server->running)
            gw_json_int(invocation->out, "pid", server->pid);
        return;
    }
    if (!server->exists)
        gw_say(invocation, "not made yet: godwit up or godwit db start makes it");
    else if (server->running)
        gw_say(invocation, "running, pid %d", server->pid);
    else
        gw_say(invocation, "stopped");
    if (server->version)
        gw_say(invocation, "version         %s", server->version);
    if (server->data_directory)
        gw_say(invocation, "data directory  %s", server->data_directory);
    if (server->url)
        gw_say(invocation, "url             %s", server->url);
}

static void show_shadows(gw_invocation *invocation, const gw_shadow_servers *servers)
{
    if (invocation->json)
        gw_json_open(invocation->out, "shadow_servers", '[');
    for (size_t i = 0; i < servers->len; i++) {
        const gw_shadow_server *server = &servers->items[i];
        if (!invocation->json) {
            gw_say(invocation, "shadow server   %s, %s, %s", server->version,
                   server->pid ? "running" : "stopped", server->data_directory);
            continue;
        }
        gw_json_open(invocation->out, NULL, '{');
        gw_json_bool(invocation->out, "running", server->pid != 0);
        gw_json_string(invocation->out, "version", server->version);
        gw_json_string(invocation->out, "data_directory", server->data_directory);
        gw_json_close(invocation->out, '}');
    }
    if (invocation->json)
        gw_json_close(invocation->out, ']');
}

static bool run_status(gw_invocation *invocation, gw_err *err)
{
    gw_server server = {0};
    gw_shadow_servers shadows = {0};
    if (!gw_app_db_status(invocation->app, invocation->arena, &server, err) ||
        !gw_app_shadow_servers(invocation->app, invocation->arena, &shadows, err))
        return false;
    show(invocation, &server);
    show_shadows(invocation, &shadows);
    return true;
}

static bool run_start(gw_invocation *invocation, gw_err *err)
{
    gw_server server = {0};
    if (!gw_app_db_start(invocation->app, invocation->arena, &server, err))
        return false;
    show(invocation, &server);
    return true;
}

static bool run_stop(gw_invocation *invocation, gw_err *err)
{
    if (!gw_app_db_stop(invocation->app, err))
        return false;
    if (invocation->json)
        gw_json_bool(invocation->out, "running", false);
    gw_say(invocation, "stopped");
    return true;
}

static bool run_destroy(gw_invocation *invocation, gw_err *err)
{
    if (!gw_app_db_destroy(invocation->app, err))
        return false;
    if (invocation->json) {
        gw_json_bool(invocation->out, "running", false);
        gw_json_bool(invocation->out, "exists", false);
    }
    gw_say(invocation, "destroyed");
    return true;
}

/* ---- psql ------------------------------------------------------------------------------ */

/* That of PATH; else the one beside the embedded server. */
static const char *find_psql(gw_invocation *invocation)
{
    char *found = gw_proc_which(invocation->arena, "psql");
    if (found)
        return found;
    gw_server server = {0};
    gw_err unused = {0};
    if (gw_app_db_status(invocation->app, invocation->arena, &server, &unused) && server.bindir)
        found = gw_path_join(invocation->arena, server.bindir, "psql");
    gw_err_clear(&unused);
    return found && gw_file_exists(found) ? found : NULL;
}

static bool run_psql(gw_invocation *invocation, gw_err *err)
{
    gw_arena *arena = invocation->arena;
    const char *conninfo = NULL;
    char *words = NULL, *password = NULL;
    if (!gw_app_conninfo(invocation->app, arena, &conninfo, err) ||
        !gw_conninfo_split_password(arena, conninfo, &words, &password, err))
        return false;
    const char *psql = find_psql(invocation);
    if (!psql) {
        gw_err_set(err, GW_ERR_UNSUPPORTED, "psql is not installed");
        return gw_err_hint(err, "install PostgreSQL's client (postgresql-client), or put psql's "
                                "folder into PATH");
    }
    GW_VEC(char *) argv = {0};
    *gw_vec_push(arena, &argv) = gw_strdup(arena, psql);
    if (*words) {
        *gw_vec_push(arena, &argv) = gw_strdup(arena, "--dbname");
        *gw_vec_push(arena, &argv) = words;
    }
    for (size_t i = 0; i < invocation->words.argument_count; i++)
        *gw_vec_push(arena, &argv) = gw_strdup(arena, invocation->words.arguments[i]);
    *gw_vec_push(arena, &argv) = NULL;
    if (password)
        setenv("PGPASSWORD", password, 1);
    fflush(stdout);
    gw_signals_restore();
    execv(psql, argv.items);
    return gw_err_errno(err, errno, "%s could not be started", psql);
}

/* ---- the table ------------------------------------------------------------------------- */

static const gw_argument psql_arguments[] = {
    {.name = "ARGS", .help = "arguments of psql, after --", .many = true},
    {.name = NULL},
};

static const gw_command start = {
    .name = "start",
    .summary = "start the embedded server, making it the first time",
    .text = "Every command that needs the server starts it by itself; this is for other programs "
            "that want to use it.",
    .examples = "godwit db start",
    .flags = GW_COMMAND_PROJECT | GW_COMMAND_NEEDS_DB,
    .run = run_start,
};
static const gw_command stop = {
    .name = "stop",
    .summary = "stop the embedded server; its data stay",
    .text = "Stops the private server of shadow databases as well, in every environment.",
    .examples = "godwit db stop",
    .flags = GW_COMMAND_PROJECT,
    .run = run_stop,
};
static const gw_command status = {
    .name = "status",
    .summary = "say whether the embedded server runs, and its URL",
    .text = "Starts nothing. The URL is one that any libpq client of this user can use.",
    .examples = "godwit db status\npsql \"$(godwit db status --json | jq -r .url)\"",
    .flags = GW_COMMAND_PROJECT,
    .run = run_status,
};
static const gw_command psql = {
    .name = "psql",
    .summary = "open psql on the environment's database",
    .text = "Works with every environment, embedded or not. A password is handed to psql in its "
            "environment (PGPASSWORD), never in its arguments.",
    .examples = "godwit db psql\ngodwit db psql -- -c 'select count(*) from accounts'",
    .arguments = psql_arguments,
    .flags = GW_COMMAND_PROJECT | GW_COMMAND_NEEDS_DB,
    .run = run_psql,
};
static const gw_command destroy = {
    .name = "destroy",
    .summary = "stop the embedded server and remove it with all its data",
    .text = "There is no way back. Asks first; --yes answers. The private server of shadow "
            "databases goes as well.",
    .examples = "godwit db destroy --yes",
    .flags = GW_COMMAND_PROJECT | GW_COMMAND_WRITES | GW_COMMAND_DESTRUCTIVE,
    .destroys = "the embedded server of this project, with all its data",
    .run = run_destroy,
};

static const gw_command *const subcommands[] = {&start, &stop, &status, &psql, &destroy, NULL};

const gw_command gw_command_db = {
    .name = "db",
    .summary = "the embedded server: start, stop, status, psql, destroy",
    .text = "An environment with \"url: embedded\" has a private PostgreSQL server in "
            ".godwit/postgres, reached over a Unix socket only.",
    .examples = "godwit db status\ngodwit db psql\ngodwit db stop",
    .subcommands = subcommands,
};
