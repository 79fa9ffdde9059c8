/* The private server of shadows: which one, who uses it, who stops it. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "pg/shadow_internal.h"

#define FOLDER "shadow"

static const char *cluster_name(gw_arena *arena, int major)
{
    return gw_printf(arena, FOLDER "/%d", major);
}

/* The target's version where it is here, else the newest. Programs are only searched for where
 * no cluster remembers them: it takes a dozen processes. */
static bool choose(gw_shadow *shadow, gw_err *err)
{
    gw_arena *arena = shadow->arena;
    gw_server_options *options = &shadow->server_options;
    gw_server_place place;
    gw_server_binaries found;
    int major = shadow->options.target.major;
    *options = (gw_server_options){.project_dir = shadow->options.project_dir,
                                   .bindir = shadow->options.bindir,
                                   .database = "postgres",
                                   .cluster = cluster_name(arena, major),
                                   .disposable = true,
                                   .cancel = shadow->options.cancel,
                                   .log = shadow->options.log};
    if (!gw_server_locate(arena, options, &place, err))
        return false;
    if (major && place.exists)
        return true;
    gw_err missing = {0};
    if (!gw_server_find(arena, options, &place.user, major, &found, &missing) &&
        !(major && gw_server_find(arena, options, &place.user, 0, &found, &missing))) {
        gw_err_move(err, &missing);
        return false;
    }
    gw_err_clear(&missing);
    options->cluster = cluster_name(arena, found.major);
    options->bindir = found.bindir;
    return true;
}

/* ---- who uses it ----------------------------------------------------------------------- */

static bool open_users(gw_shadow *shadow, const gw_server_place *place, gw_err *err)
{
    const char *path = gw_printf(shadow->arena, "%s.users", place->data);
    if (!gw_server_make_home(shadow->arena, place, err))
        return false;
    shadow->users = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    return shadow->users >= 0 || gw_err_errno(err, errno, "cannot open %s", path);
}

/* Somebody who makes, tidies or stops the server holds it alone for a moment. */
static bool share(gw_shadow *shadow, gw_err *err)
{
    while (flock(shadow->users, LOCK_SH | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK && errno != EINTR)
            return gw_err_errno(err, errno, "cannot lock the private server for shadows");
        if (!gw_sleep_ms(5, shadow->options.cancel) &&
            gw_cancel_level(shadow->options.cancel) > 0)
            return gw_err_set(err, GW_ERR_INTERRUPTED,
                              "stopped while waiting for the private server for shadows");
    }
    return true;
}

/* ---- the admin session ----------------------------------------------------------------- */

bool gw_shadow_open_admin(gw_shadow *shadow, gw_err *err)
{
    gw_connect connect = {.conninfo = shadow->admin_url,
                          .application_name = "godwit shadow",
                          .pinned = true,
                          .pooler = shadow->options.url ? GW_POOLER_AUTO : GW_POOLER_NO,
                          .cancel = shadow->options.cancel,
                          .log = shadow->options.log};
    if (!gw_session_open(shadow->arena, &connect, &shadow->admin, err))
        return false;
    if (!gw_session_pooled(shadow->admin))
        return true;
    gw_err_set(err, GW_ERR_UNSUPPORTED, "shadow databases cannot be made through a pooler");
    return gw_err_hint(err, "give shadow: url: the address of the server itself");
}

/* The admin is a second superuser: a file may do anything to the first. */
static bool make_admin(gw_shadow *shadow, gw_err *err)
{
    gw_session *first = NULL;
    gw_connect connect = {.conninfo = shadow->server.url,
                          .pinned = true,
                          .pooler = GW_POOLER_NO,
                          .cancel = shadow->options.cancel,
                          .log = shadow->options.log};
    bool ok = gw_session_open(shadow->arena, &connect, &first, err) &&
              gw_exec(first, "CREATE ROLE " GW_SERVER_ADMIN " SUPERUSER LOGIN", err);
    gw_session_close(first);
    return ok;
}

static bool start(gw_shadow *shadow, gw_err *err)
{
    gw_err refused = {0};
    if (!gw_server_start(shadow->arena, &shadow->server_options, &shadow->server, err))
        return false;
    shadow->admin_url = gw_server_url(shadow->arena, "postgres",
                                      shadow->server.socket_directory, GW_SERVER_ADMIN);
    if (gw_shadow_open_admin(shadow, &refused))
        return true;
    if (strcmp(refused.sqlstate, "28000") == 0) {
        gw_err_clear(&refused);
        return make_admin(shadow, err) && gw_shadow_open_admin(shadow, err);
    }
    gw_err_move(err, &refused);
    return false;
}

/* Nobody else is here. A server that cannot be used any more is made anew: nothing is lost. */
static bool start_alone(gw_shadow *shadow, gw_err *err)
{
    gw_err trouble = {0};
    if (start(shadow, &trouble) && gw_shadow_tidy(shadow, true, &trouble))
        return true;
    gw_session_close(shadow->admin);
    if (trouble.kind == GW_ERR_INTERRUPTED || trouble.kind == GW_ERR_UNSUPPORTED ||
        !shadow->server.exists) {
        gw_err_move(err, &trouble);
        return false;
    }
    gw_log_write(shadow->options.log, GW_LOG_WARNING, NULL,
                 "the private server for shadows is made anew",
                 GW_FIELDS(GW_TEXT("reason", trouble.message)));
    gw_err_clear(&trouble);
    return gw_server_destroy(shadow->arena, &shadow->server_options, err) && start(shadow, err) &&
           gw_shadow_tidy(shadow, true, err);
}

bool gw_shadow_server_enter(gw_shadow *shadow, gw_err *err)
{
    gw_server_place place;
    if (!choose(shadow, err)) {
        if (err->kind == GW_ERR_UNSUPPORTED)
            gw_err_hint(err, "install one (apt-get install postgresql), set GODWIT_PG_BINDIR to "
                             "the folder of its programs, or name a server for shadow databases: "
                             "shadow: { url: … }");
        return false;
    }
    if (!gw_server_locate(shadow->arena, &shadow->server_options, &place, err) ||
        !open_users(shadow, &place, err))
        return false;
    if (flock(shadow->users, LOCK_EX | LOCK_NB) == 0)
        return start_alone(shadow, err) && share(shadow, err);
    return share(shadow, err) && start(shadow, err) && gw_shadow_tidy(shadow, false, err);
}

void gw_shadow_server_leave(gw_shadow *shadow)
{
    if (shadow->users < 0)
        return;
    gw_err ignored = {0};
    if (flock(shadow->users, LOCK_EX | LOCK_NB) == 0) {
        gw_server_options options = shadow->server_options;
        options.cancel = NULL; /* it takes a moment, and has to be done */
        if (!gw_server_stop(shadow->arena, &options, &ignored))
            gw_err_clear(&ignored);
    }
    close(shadow->users);
    shadow->users = -1;
}

/* ---- for `godwit db` ------------------------------------------------------------------- */

typedef bool each_fn(gw_arena *arena, const gw_server_options *options, void *self, gw_err *err);

/* Every private server of a project, by its folder's name. */
static bool each_server(gw_arena *arena, const char *project_dir, const gw_cancel *cancel,
                        each_fn *fn, void *self, gw_err *err)
{
    gw_server_options options = {.project_dir = project_dir,
                                 .database = "postgres",
                                 .cluster = cluster_name(arena, 0),
                                 .disposable = true,
                                 .cancel = cancel};
    gw_server_place place;
    gw_file_list names = {0};
    if (!gw_server_locate(arena, &options, &place, err))
        return false;
    if (!gw_file_is_dir(place.home))
        return true;
    if (!gw_file_list_dir(arena, place.home, &names, err))
        return false;
    for (size_t i = 0; i < names.len; i++) {
        const char *name = names.items[i].name;
        if (!names.items[i].is_dir || name[strspn(name, "0123456789")] != '\0')
            continue;
        options.cluster = gw_printf(arena, FOLDER "/%s", name);
        if (!fn(arena, &options, self, err))
            return false;
    }
    return true;
}

static bool describe(gw_arena *arena, const gw_server_options *options, void *self, gw_err *err)
{
    gw_shadow_servers *list = self;
    gw_server server;
    if (!gw_server_inspect(arena, options, &server, err))
        return false;
    *gw_vec_push(arena, list) =
        (gw_shadow_server){.major = server.major,
                           .pid = server.pid,
                           .version = server.version,
                           .data_directory = server.data_directory};
    return true;
}

bool gw_shadow_servers_list(gw_arena *arena, const char *project_dir, gw_shadow_servers *out,
                            gw_err *err)
{
    *out = (gw_shadow_servers){0};
    return each_server(arena, project_dir, NULL, describe, out, err);
}

static bool stop_one(gw_arena *arena, const gw_server_options *options, void *self, gw_err *err)
{
    (void)self;
    return gw_server_stop(arena, options, err);
}

bool gw_shadow_servers_stop(gw_arena *arena, const char *project_dir, const gw_cancel *cancel,
                            gw_err *err)
{
    return each_server(arena, project_dir, cancel, stop_one, NULL, err);
}

static bool destroy_one(gw_arena *arena, const gw_server_options *options, void *self, gw_err *err)
{
    (void)self;
    return gw_server_destroy(arena, options, err);
}

bool gw_shadow_servers_destroy(gw_arena *arena, const char *project_dir, const gw_cancel *cancel,
                               gw_err *err)
{
    return each_server(arena, project_dir, cancel, destroy_one, NULL, err);
}
