/* A temporary folder for each test, with an arena: state is a struct folder. */
#ifndef GW_TESTS_UNIT_BASE_FOLDER_H
#define GW_TESTS_UNIT_BASE_FOLDER_H

#include <sys/stat.h>
#include <unistd.h>

#include "unit.h"
#include "base/file.h"

typedef struct folder {
    gw_arena *arena;
    char *path;
} folder;

static inline int folder_setup(void **state)
{
    gw_arena *arena = gw_arena_new();
    folder *made = gw_alloc(arena, sizeof *made);
    made->arena = arena;
    made->path = gw_strdup(arena, "/tmp/godwit-unit-XXXXXX");
    *state = made;
    return mkdtemp(made->path) && chmod(made->path, 0755) == 0 ? 0 : -1;
}

static inline int folder_teardown(void **state)
{
    folder *made = *state;
    gw_err err = {0};
    bool ok = gw_file_remove_tree(made->path, &err);
    if (!ok)
        print_error("%s: %s\n", err.message, err.detail);
    gw_err_clear(&err);
    gw_arena_free(made->arena);
    return ok ? 0 : -1;
}

static inline char *in_folder(const folder *made, const char *name)
{
    return gw_path_join(made->arena, made->path, name);
}

/* Plain stdio, so that a fault of the module under test cannot hide itself. */
static inline void put(const char *path, const void *data, size_t len)
{
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    assert_int_equal(fwrite(data, 1, len, file), len);
    assert_int_equal(fclose(file), 0);
}

static inline void put_text(const char *path, const char *text)
{
    put(path, text, strlen(text));
}

#define with_folder(test) cmocka_unit_test_setup_teardown(test, folder_setup, folder_teardown)

#endif
