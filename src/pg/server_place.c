/* Where a project's cluster lives and who owns it. */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/file.h"
#include "pg/server_internal.h"

#define COMMON_HOME "/var/lib/godwit"

static bool user_by(gw_arena *arena, const struct passwd *entry, gw_server_user *out)
{
    if (!entry)
        return false;
    out->uid = entry->pw_uid;
    out->gid = entry->pw_gid;
    out->name = gw_strdup(arena, entry->pw_name);
    out->switched = geteuid() == 0 && entry->pw_uid != 0;
    return true;
}

static bool lookup_name(gw_arena *arena, const char *name, gw_server_user *out)
{
    enum { ROOM = 16384 };
    struct passwd entry, *found = NULL;
    char *room = gw_alloc(arena, ROOM);
    return getpwnam_r(name, &entry, room, ROOM, &found) == 0 && user_by(arena, found, out);
}

static bool lookup_uid(gw_arena *arena, uid_t uid, gw_server_user *out)
{
    enum { ROOM = 16384 };
    struct passwd entry, *found = NULL;
    char *room = gw_alloc(arena, ROOM);
    if (getpwuid_r(uid, &entry, room, ROOM, &found) == 0 && user_by(arena, found, out))
        return true;
    /* Containers run as users that have no name; for the server that is no hindrance. */
    *out = (gw_server_user){.uid = uid,
                            .gid = uid == geteuid() ? getegid() : (gid_t)uid,
                            .name = gw_printf(arena, "%ld", (long)uid),
                            .switched = geteuid() == 0 && uid != 0};
    return true;
}

/* PostgreSQL refuses root: then it is `postgres`, or `nobody`. */
static bool user_for_new(gw_arena *arena, gw_server_user *out, gw_err *err)
{
    if (geteuid() != 0)
        return lookup_uid(arena, geteuid(), out);
    if (lookup_name(arena, "postgres", out) || lookup_name(arena, "nobody", out))
        return true;
    gw_err_set(err, GW_ERR_UNSUPPORTED, "there is no user to run PostgreSQL as");
    gw_err_detail(err, "PostgreSQL refuses to run as root, and there is neither a user "
                       "\"postgres\" nor \"nobody\"");
    return gw_err_hint(err, "run godwit as another user, or add a user \"postgres\"");
}

bool gw_server_can(const gw_server_user *user, const char *path, int mode)
{
    if (!user->switched)
        return access(path, mode) == 0;
    pid_t child = fork();
    if (child == 0) {
        bool became = setgroups(0, NULL) == 0 && setresgid(user->gid, user->gid, user->gid) == 0 &&
                      setresuid(user->uid, user->uid, user->uid) == 0;
        _exit(became && access(path, mode) == 0 ? 0 : 1);
    }
    int status = 1;
    while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR)
        continue;
    return child > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static void set_top(gw_arena *arena, gw_server_place *place, const char *top, const char *cluster)
{
    place->top = top;
    place->data = gw_path_join(arena, top, cluster ? cluster : "postgres");
    place->home = gw_path_dir(arena, place->data);
    place->log = gw_printf(arena, "%s.log", place->data);
    place->lock = gw_printf(arena, "%s.lock", place->data);
}

/* A cluster there, and its owner's id. What is no folder of ours does not count. */
static bool cluster_at(const char *data, uid_t *owner)
{
    struct stat st;
    if (lstat(data, &st) != 0 || !S_ISDIR(st.st_mode))
        return false;
    *owner = st.st_uid;
    return true;
}

static bool existing_user(gw_arena *arena, gw_server_place *place, uid_t owner, gw_err *err)
{
    place->exists = true;
    if (geteuid() != 0 && owner != geteuid()) {
        gw_server_user other;
        lookup_uid(arena, owner, &other);
        gw_err_set(err, GW_ERR_STATE, "the private server in %s belongs to another user",
                   place->data);
        gw_err_detail(err, "its owner is \"%s\"", other.name);
        return gw_err_hint(err, "run godwit as %s",
                           owner == 0 ? "root" : "root or as the user who made it");
    }
    if (owner == 0) { /* made by hand, or by a chown: PostgreSQL will not touch it as root */
        gw_err_set(err, GW_ERR_STATE, "the private server in %s belongs to root", place->data);
        gw_err_detail(err, "PostgreSQL refuses to run as root");
        return gw_err_hint(err, "give it to a user: chown -R postgres %s", place->data);
    }
    return lookup_uid(arena, owner, &place->user);
}

static char *common_home(gw_arena *arena, const char *project)
{
    char *hash = gw_digest_hex(arena, GW_SHA256, project, strlen(project));
    const char *base = gw_path_base(project);
    return gw_printf(arena, COMMON_HOME "/%.40s-%.12s", *base ? base : "root", hash);
}

bool gw_server_locate(gw_arena *arena, const gw_server_options *options, gw_server_place *out,
                      gw_err *err)
{
    const char *project = gw_path_absolute(arena, options->project_dir);
    const char *apart = common_home(arena, project);
    uid_t owner;
    *out = (gw_server_place){0};
    set_top(arena, out, gw_path_join(arena, project, ".godwit"), options->cluster);
    if (cluster_at(out->data, &owner))
        return existing_user(arena, out, owner, err);
    if (geteuid() != 0)
        return user_for_new(arena, &out->user, err);
    const char *beside = out->top;
    set_top(arena, out, apart, options->cluster);
    if (cluster_at(out->data, &owner))
        return existing_user(arena, out, owner, err);
    if (!user_for_new(arena, &out->user, err))
        return false;
    /* Closed to that user (/root, a private home): apart it stays. */
    if (gw_server_can(&out->user, project, X_OK))
        set_top(arena, out, beside, options->cluster);
    return true;
}

static void ignore_in_git(gw_arena *arena, const char *home)
{
    gw_err ignored = {0};
    if (!gw_file_create(gw_path_join(arena, home, ".gitignore"), "*\n", 2, 0644, &ignored))
        gw_err_clear(&ignored);
}

bool gw_server_make_home(gw_arena *arena, const gw_server_place *place, gw_err *err)
{
    bool fresh = !gw_file_is_dir(place->top);
    if (!gw_file_make_dirs(place->home, place->user.switched ? 0755 : 0700, err)) {
        gw_err_context(err, "making the folder of the private server");
        return false;
    }
    /* A strict umask must not lock the server's user out. */
    if (place->user.switched && !gw_server_can(&place->user, place->home, X_OK)) {
        if (strncmp(place->home, COMMON_HOME "/", strlen(COMMON_HOME "/")) == 0)
            chmod(COMMON_HOME, 0755);
        if (strncmp(place->home, place->top, strlen(place->top)) == 0)
            chmod(place->top, 0755);
        chmod(place->home, 0755);
    }
    if (fresh)
        ignore_in_git(arena, place->top);
    return true;
}
