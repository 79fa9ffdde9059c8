/* The private server of shadows: which one, who uses it, who stops it. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "pg/shadow_internal.h"

/* ---- where it is and which PostgreSQL it runs ------------------------------------------ */

/* The cluster of a version, in the folder that is given by name or below .godwit. */
static const char *cluster_in(gw_arena *arena, const char *folder, int major)
{
    return gw_printf(arena, "%s/%d", folder ? folder : GW_SHADOW_FOLDER, major);
}

static gw_server_options options_for(const gw_shadow *shadow, const char *cluster)
{
    return (gw_server_options){.project_dir = shadow->options.project_dir,
                               .bindir = shadow->options.bindir,
                               .database = "postgres",
                               .cluster = cluster,
                               .disposable = true,
                               .cancel = shadow->options.cancel,
                               .log = shadow->options.log};
}

/* Where a cluster of this version is already, the folder of it; else where one shall be made. */
static bool choose_folder(gw_shadow *shadow, int major, const char **folder, bool *exists,
                          gw_err *err)
{
    gw_arena *arena = shadow->arena;
    const char *named = shadow->options.directory;
    const char *memory = gw_shadow_folder(arena, named ? named : GW_SHADOW_MEMORY,
                                          shadow->options.project_dir);
    gw_server_place place;
    gw_server_options options = options_for(shadow, cluster_in(arena, memory, major));
    *folder = memory;
    *exists = false;
    bool usable = gw_shadow_folder_is_ours(memory);
    if (usable && !gw_server_locate(arena, &options, &place, err))
        return false;
    *exists = usable && place.exists;
    if (*exists || named)
        return true;
    options.cluster = cluster_in(arena, NULL, major);
    if (!gw_server_locate(arena, &options, &place, err))
        return false;
    *exists = place.exists;
    if (*exists || !gw_shadow_memory_is_ample() || (gw_file_exists(memory) && !usable))
        *folder = NULL;
    return true;
}

/* The target's version where it is here, else the newest. Programs are only searched for where
 * no cluster remembers them: it takes a dozen processes. */
static bool choose(gw_shadow *shadow, gw_err *err)
{
    gw_arena *arena = shadow->arena;
    gw_server_place place;
    gw_server_binaries found;
    bool exists;
    int major = shadow->options.target.major;
    if (!choose_folder(shadow, major, &shadow->folder, &exists, err))
        return false;
    shadow->server_options = options_for(shadow, cluster_in(arena, shadow->folder, major));
    if (major && exists)
        return true;
    if (!gw_server_locate(arena, &shadow->server_options, &place, err))
        return false;
    gw_err missing = {0};
    if (!gw_server_find(arena, &shadow->server_options, &place.user, major, &found, &missing) &&
        !(major &&
          gw_server_find(arena, &shadow->server_options, &place.user, 0, &found, &missing))) {
        gw_err_move(err, &missing);
        return false;
    }
    gw_err_clear(&missing);
    if (!choose_folder(shadow, found.major, &shadow->folder, &exists, err))
        return false;
    shadow->server_options = options_for(shadow, cluster_in(arena, shadow->folder, found.major));
    shadow->server_options.bindir = found.bindir;
    return true;
}

/* ---- who uses it ----------------------------------------------------------------------- */

static bool open_users(gw_shadow *shadow, const gw_server_place *place, gw_err *err)
{
    const char *path = gw_shadow_users(shadow->arena, place->data);
    if (!gw_server_make_home(shadow->arena, place, err))
        return false;
    if (shadow->folder && !gw_shadow_folder_is_ours(place->home)) {
        gw_err_set(err, GW_ERR_STATE, "%s belongs to somebody else", place->home);
        return gw_err_hint(err, "shadow: { directory: … } names another folder for them");
    }
    if (shadow->folder && !place->exists)
        gw_shadow_folder_mark(shadow->arena, place->home, shadow->options.project_dir);
    shadow->users = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (shadow->users < 0)
        return gw_err_errno(err, errno, "cannot open %s", path);
    futimens(shadow->users, NULL); /* in use now: the sweep asks */
    return true;
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
