/* A new cluster: made under a temporary name, synced, then renamed. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/proc.h"
#include "pg/server_internal.h"

extern char **environ;

char *gw_last_lines(gw_arena *arena, const char *text, unsigned lines)
{
    size_t end = strlen(text);
    while (end && (text[end - 1] == '\n' || text[end - 1] == '\r'))
        end--;
    size_t start = end;
    while (start && (text[start - 1] != '\n' || --lines > 0))
        start--;
    return gw_strndup(arena, text + start, end - start);
}

/* The name of a cluster that is being made begins so: "postgres.new-". */
static const char *new_prefix(gw_arena *arena, const gw_server_place *place)
{
    return gw_printf(arena, "%s.new-", gw_path_base(place->data));
}

void gw_server_sweep(gw_arena *arena, const gw_server_place *place)
{
    gw_file_list names = {0};
    gw_err ignored = {0};
    const char *prefix = new_prefix(arena, place);
    gw_file_list_dir(arena, place->home, &names, &ignored);
    for (size_t i = 0; i < names.len; i++) {
        gw_err_clear(&ignored);
        if (strncmp(names.items[i].name, prefix, strlen(prefix)) == 0)
            gw_file_remove_tree(gw_path_join(arena, place->home, names.items[i].name), &ignored);
    }
    gw_err_clear(&ignored);
}

/* Everything in our environment that gw_server_env does not keep. */
static const char *const *unwanted(gw_arena *arena)
{
    GW_VEC(const char *) names = {0};
    for (char **each = environ; *each; each++) {
        const char *name = gw_strndup(arena, *each, strcspn(*each, "="));
        *gw_vec_push(arena, &names) = name;
    }
    *gw_vec_push(arena, &names) = NULL;
    return names.items;
}

static bool run_initdb(gw_arena *arena, const gw_server_options *options,
                       const gw_server_place *place, const gw_server_binaries *binaries,
                       const char *data, const char *locale, gw_proc_result *result, gw_err *err)
{
    const char *argv[] = {gw_path_join(arena, binaries->bindir, "initdb"),
                          "--pgdata", data,
                          "--username", GW_SERVER_ROLE,
                          "--auth", "trust",
                          "--encoding", "UTF8",
                          "--locale", locale,
                          "--no-sync", /* gw_server_make syncs the whole at the end */
                          options->disposable ? "--wal-segsize=1" : NULL, /* less to write */
                          NULL};
    gw_proc proc = {.argv = argv,
                    .env = gw_server_env(arena, &place->user),
                    .unset = unwanted(arena),
                    .dir = "/",
                    .switch_user = place->user.switched,
                    .uid = place->user.uid,
                    .gid = place->user.gid,
                    .keep_output = true,
                    .cancel = options->cancel};
    return gw_proc_run(arena, &proc, result, err);
}

static bool initdb_failed(gw_arena *arena, const gw_server_options *options,
                          const gw_server_place *place, const gw_proc_result *result, gw_err *err)
{
    const char *said = gw_last_lines(arena, *result->err ? result->err : result->out, 8);
    if (gw_cancel_level(options->cancel) > 0)
        return gw_err_set(err, GW_ERR_INTERRUPTED, "stopped while making the private server");
    gw_err_set(err, GW_ERR_IO, "cannot make a private PostgreSQL server in %s", place->data);
    gw_err_detail(err, "initdb ended with exit code %d\n%s", result->exit_code, said);
    if (strstr(result->err, strerror(ENOSPC)) || strstr(result->err, "No space left"))
        gw_err_hint(err, "make room on that disk (a new server takes about 60 MB), then run the "
                         "same command again");
    return false;
}

/* initdb skipped its own thousand fsyncs: one call does for all of them. */
static bool sync_all(const char *data, gw_err *err)
{
    int fd = open(data, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool ok = fd >= 0 && syncfs(fd) == 0;
    int code = errno;
    if (fd >= 0)
        close(fd);
    return ok || gw_err_errno(err, code, "cannot write %s to the disk", data);
}

static bool fill(gw_arena *arena, const gw_server_options *options, const gw_server_place *place,
                 const gw_server_binaries *binaries, const char *data, gw_err *err)
{
    gw_proc_result result;
    if (place->user.switched && lchown(data, place->user.uid, place->user.gid) != 0)
        return gw_err_errno(err, errno, "cannot give %s to the user \"%s\"", data,
                            place->user.name);
    if (!run_initdb(arena, options, place, binaries, data, "C.UTF-8", &result, err))
        return false;
    /* Systems without C.UTF-8 still have C, which orders UTF-8 text the same way. */
    if (result.exit_code != 0 && strstr(result.err, "invalid locale") &&
        !run_initdb(arena, options, place, binaries, data, "C", &result, err))
        return false;
    if (result.exit_code != 0)
        return initdb_failed(arena, options, place, &result, err);
    return options->disposable || sync_all(data, err);
}

bool gw_server_make(gw_arena *arena, const gw_server_options *options,
                    const gw_server_place *place, const gw_server_binaries *binaries, gw_err *err)
{
    char *data = gw_printf(arena, "%s/%sXXXXXX", place->home, new_prefix(arena, place));
    if (!mkdtemp(data))
        return gw_err_errno(err, errno, "cannot make a folder in %s", place->home);
    bool ok = fill(arena, options, place, binaries, data, err);
    if (ok && rename(data, place->data) != 0)
        ok = gw_err_errno(err, errno, "cannot rename %s to %s", data, place->data);
    if (ok)
        return true;
    gw_err ignored = {0};
    gw_file_remove_tree(data, &ignored);
    gw_err_clear(&ignored);
    return false;
}
