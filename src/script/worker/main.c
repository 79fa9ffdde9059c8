/*
 * godwit-script: the program in which user functions run, and nothing else does. Godwit starts it:
 *
 *     godwit-script run              rows through a compiled script
 *     godwit-script check FOLDER     the TypeScript compiler of that folder
 *
 * Descriptor 3 is the socket, 4 the shared memory (script/wire.h).
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine.h"
#include "lockdown.h"

static gw_wire_head *map_memory(void)
{
    struct stat st;
    if (fstat(GW_WIRE_MEMORY, &st) != 0 || st.st_size < (off_t)sizeof(gw_wire_head))
        return NULL;
    void *at = mmap(NULL, (size_t)st.st_size, PROT_READ | PROT_WRITE, MAP_SHARED, GW_WIRE_MEMORY, 0);
    if (at == MAP_FAILED)
        return NULL;
    gw_wire_head *head = at;
    return head->version == GW_WIRE_VERSION && head->size == (uint64_t)st.st_size ? head : NULL;
}

int main(int argc, char **argv)
{
    int check = argc == 3 && strcmp(argv[1], "check") == 0;
    if (!check && !(argc == 2 && strcmp(argv[1], "run") == 0)) {
        fprintf(stderr, "godwit-script: started by godwit, not by hand\n");
        return 2;
    }
    lockdown_begin();
    gw_wire_head *head = map_memory();
    if (!head) {
        fprintf(stderr, "godwit-script: started by another version of godwit, or by hand\n");
        return 2;
    }
    engine_start(head);
    if (check)
        engine_load_compiler(argv[2]);
    else
        engine_load_runtime();
    lockdown_finish(head->memory);
    char turn;
    for (;;) {
        ssize_t got = read(GW_WIRE_SOCKET, &turn, 1);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            break;
        engine_answer();
        while (write(GW_WIRE_SOCKET, "a", 1) < 0 && errno == EINTR)
            ;
    }
    /* Without JavaScriptCore's clean-up at exit, which joins threads. */
    _exit(0);
}
