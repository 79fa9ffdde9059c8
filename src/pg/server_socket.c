/*
 * The folder of the socket: the cluster's own (closed to everyone but its owner) where the path is
 * short enough for a socket, else a private one in a folder for such things.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/file.h"
#include "pg/server_internal.h"

static bool fits(const char *dir)
{
    struct sockaddr_un address;
    return strlen(dir) + strlen("/.s.PGSQL." GW_SERVER_PORT) < sizeof address.sun_path;
}

/* Where private folders go: /run belongs to root alone, XDG_RUNTIME_DIR to its user alone. */
static const char *runtime_dir(void)
{
    if (geteuid() == 0)
        return access("/run", W_OK) == 0 ? "/run" : "/tmp";
    const char *xdg = getenv("XDG_RUNTIME_DIR");
    struct stat st;
    bool own = xdg && *xdg == '/' && strlen(xdg) < 60 && stat(xdg, &st) == 0 &&
               S_ISDIR(st.st_mode) && st.st_uid == geteuid() && (st.st_mode & 022) == 0;
    return own ? xdg : "/tmp";
}

char *gw_server_socket_expected(gw_arena *arena, const gw_server_place *place)
{
    if (fits(place->data))
        return gw_strdup(arena, place->data);
    char *hash = gw_digest_hex(arena, GW_SHA256, place->data, strlen(place->data));
    return gw_printf(arena, "%s/godwit-%ld-%.16s", runtime_dir(), (long)place->user.uid, hash);
}

/* In /tmp anybody may have made that name first: only a real folder, of the right owner, closed to
 * everybody else will do. */
static bool is_safe(const gw_server_place *place, const char *dir)
{
    struct stat st;
    return lstat(dir, &st) == 0 && S_ISDIR(st.st_mode) && st.st_uid == place->user.uid &&
           (st.st_mode & 077) == 0;
}

static bool give_away(const gw_server_place *place, const char *dir)
{
    return !place->user.switched || lchown(dir, place->user.uid, place->user.gid) == 0;
}

bool gw_server_socket_make(gw_arena *arena, const gw_server_place *place, char **out, gw_err *err)
{
    char *dir = gw_server_socket_expected(arena, place);
    *out = dir;
    if (strcmp(dir, place->data) == 0)
        return true;
    if (mkdir(dir, 0700) == 0 && give_away(place, dir))
        return true;
    if (is_safe(place, dir))
        return true;
    /* Somebody sits on the name: take one that nobody can guess. */
    dir = gw_printf(arena, "%s/godwit-XXXXXX", runtime_dir());
    if (!mkdtemp(dir) || !give_away(place, dir)) {
        gw_err_errno(err, errno, "cannot make a folder for the server's socket in %s",
                     runtime_dir());
        return gw_err_context(err, "the project's own path is too long for a Unix socket");
    }
    *out = dir;
    return true;
}

void gw_server_socket_clean(gw_arena *arena, const gw_server_place *place, const char *dir)
{
    if (!dir || (strcmp(dir, place->data) != 0 && !is_safe(place, dir)))
        return;
    unlink(gw_path_join(arena, dir, ".s.PGSQL." GW_SERVER_PORT));
    unlink(gw_path_join(arena, dir, ".s.PGSQL." GW_SERVER_PORT ".lock"));
    if (strcmp(dir, place->data) != 0)
        rmdir(dir);
}
