/*
 * A stream of files, as a directory dump is kept in a backup: whatever the bytes and however they are cut into pieces,
 * nothing is written but plain files in the one folder, and what is taken to its end is packed as the same bytes.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "check.h"
#include "vault/members.h"

static char folder[64]; /* as long as the process lives */

static void remove_folder(void)
{
    gw_err ignored = {0};
    gw_file_remove_tree(folder, &ignored);
    gw_err_clear(&ignored);
}

static void make_folder(void)
{
    if (*folder)
        return;
    strcpy(folder, access("/dev/shm", W_OK) == 0 ? "/dev/shm/godwit-fuzz-XXXXXX" : "/tmp/godwit-fuzz-XXXXXX");
    CHECK(mkdtemp(folder));
    atexit(remove_folder);
}

static bool add(void *self, const void *data, size_t len, gw_err *err)
{
    (void)err;
    gw_buf_addn(self, data, len);
    return true;
}

static bool unpack(const char *into, const uint8_t *data, size_t size, size_t step)
{
    gw_arena *arena = gw_arena_new();
    gw_unpack *u;
    gw_err err = {0};
    CHECK(gw_unpack_open(arena, into, &u, &err));
    bool ok = true;
    for (size_t at = 0; ok && at < size; at += step)
        ok = gw_unpack_take(u, data + at, size - at < step ? size - at : step, &err);
    ok = ok && gw_unpack_end(u, &err);
    CHECK(ok || (err.kind == GW_ERR_INPUT && err.message));
    gw_err_clear(&err);
    gw_arena_free(arena);
    return ok;
}

static void remove_all(const char *path)
{
    gw_err err = {0};
    CHECK(gw_file_remove_tree(path, &err));
}

/* Only plain files, none of which was there before or leads elsewhere. */
static void look(gw_arena *arena, const char *into)
{
    gw_file_list list = {0};
    struct stat info;
    gw_err err = {0};
    CHECK(gw_file_list_dir(arena, folder, &list, &err) && list.len == 1);
    list = (gw_file_list){0};
    CHECK(gw_file_list_dir(arena, into, &list, &err));
    for (size_t i = 0; i < list.len; i++)
        CHECK(lstat(gw_path_join(arena, into, list.items[i].name), &info) == 0 && S_ISREG(info.st_mode));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    make_folder();
    gw_arena *arena = gw_arena_new();
    const char *into = gw_path_join(arena, folder, "in");
    bool whole = unpack(into, data, size, size ? size : 1);
    gw_err err = {0};
    look(arena, into);
    if (whole) { /* its files, in the order of their names: as long, and again the same from there on */
        gw_buf first = GW_BUF(arena), second = GW_BUF(arena);
        CHECK(gw_members_pack(arena, into, (gw_members_sink){add, &first}, &err) && first.len == size);
        remove_all(into);
        CHECK(unpack(into, (const uint8_t *)first.data, first.len, 512));
        CHECK(gw_members_pack(arena, into, (gw_members_sink){add, &second}, &err));
        CHECK(first.len == second.len && memcmp(first.data, second.data, first.len) == 0);
    }
    remove_all(into);
    CHECK(unpack(into, data, size, 7) == whole);
    remove_all(into);
    gw_arena_free(arena);
    return 0;
}
