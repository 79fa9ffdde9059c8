#include "control/actor.h"

#include <pwd.h>
#include <stdlib.h>
#include <sys/types.h>
#include <unistd.h>

static const char *user_of_process(gw_arena *arena)
{
    const char *said = getenv("GODWIT_ACTOR");
    if (said && *said)
        return gw_strdup(arena, said);
    struct passwd entry, *found = NULL;
    enum { SIZE = 16 * 1024 };
    char *space = gw_alloc(arena, SIZE);
    if (getpwuid_r(geteuid(), &entry, space, SIZE, &found) == 0 && found)
        return gw_strdup(arena, found->pw_name);
    return gw_printf(arena, "uid %ld", (long)geteuid());
}

gw_actor gw_actor_of_process(gw_arena *arena, const char *run_id, const char *version,
                             const char *command)
{
    char host[256] = "";
    if (gethostname(host, sizeof host - 1) != 0 || !*host)
        host[0] = '?', host[1] = '\0';
    return (gw_actor){.run_id = gw_strdup(arena, run_id),
                      .user = user_of_process(arena),
                      .host = gw_strdup(arena, host),
                      .version = version,
                      .command = command ? command : ""};
}
