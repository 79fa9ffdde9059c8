#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"

char *gw_path_join(gw_arena *arena, const char *dir, const char *name)
{
    size_t len = strlen(dir);
    if (*name == '/' || len == 0)
        return gw_strdup(arena, name);
    /* Done for every file of a folder: without a format to read. */
    size_t slash = dir[len - 1] != '/', rest = strlen(name);
    char *path = gw_alloc(arena, len + slash + rest + 1);
    memcpy(path, dir, len);
    path[len] = '/';
    memcpy(path + len + slash, name, rest + 1);
    return path;
}

const char *gw_path_base(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

char *gw_path_dir(gw_arena *arena, const char *path)
{
    const char *slash = strrchr(path, '/');
    if (!slash)
        return gw_strdup(arena, ".");
    while (slash > path && slash[-1] == '/')
        slash--;
    return slash == path ? gw_strdup(arena, "/") : gw_strndup(arena, path, (size_t)(slash - path));
}

char *gw_path_absolute(gw_arena *arena, const char *path)
{
    char *real = realpath(path, NULL);
    if (!real && *path != '/') { /* what is not there yet: its folder at least is */
        char *cwd = getcwd(NULL, 0);
        char *joined = cwd ? gw_path_join(arena, cwd, path) : gw_strdup(arena, path);
        free(cwd);
        return joined;
    }
    char *copy = gw_strdup(arena, real ? real : path);
    free(real);
    return copy;
}

const char *gw_path_from_here(const char *path)
{
    char *here = path && *path == '/' ? getcwd(NULL, 0) : NULL;
    size_t len = here ? strlen(here) : 0;
    bool below = len > 1 && strncmp(path, here, len) == 0 && path[len] == '/' && path[len + 1];
    free(here);
    return below ? path + len + 1 : path;
}
