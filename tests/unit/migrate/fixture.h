/* A folder of files in a temporary place, for the tests of this layer. */
#ifndef GW_TEST_MIGRATE_FIXTURE_H
#define GW_TEST_MIGRATE_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/file.h"
#include "migrate/folder.h"

typedef struct fixture {
    gw_arena *arena;
    char path[64];
    gw_err err;
    gw_folder folder;
    gw_folder_options options;
} fixture;

static inline int fixture_setup(void **state)
{
    fixture *f = calloc(1, sizeof *f);
    f->arena = gw_arena_new();
    strcpy(f->path, "/tmp/godwit-folder-XXXXXX");
    if (!mkdtemp(f->path))
        return -1;
    f->options.path = f->path;
    *state = f;
    return 0;
}

static inline int fixture_teardown(void **state)
{
    fixture *f = *state;
    gw_err_clear(&f->err);
    gw_file_remove_tree(f->path, &f->err);
    gw_err_clear(&f->err);
    gw_arena_free(f->arena);
    free(f);
    return 0;
}

static inline void put_bytes(fixture *f, const char *name, const void *data, size_t len)
{
    const char *path = gw_path_join(f->arena, f->path, name);
    assert_true(gw_file_make_dirs(gw_path_dir(f->arena, path), 0755, &f->err));
    assert_true(gw_file_write(path, data, len, 0644, &f->err));
}

static inline void put(fixture *f, const char *name, const char *text)
{
    put_bytes(f, name, text, strlen(text));
}

/* Read it; a failure is the test's. */
static inline gw_folder *read_ok(fixture *f)
{
    bool ok = gw_folder_read(f->arena, &f->options, &f->folder, &f->err);
    if (!ok)
        print_error("%s / %s / %s\n", f->err.message, f->err.detail, f->err.hint);
    assert_true(ok);
    return &f->folder;
}

/* Read it; it has to fail with this in its message, detail or hint. */
static inline void read_fails(fixture *f, const char *part)
{
    gw_err_clear(&f->err);
    assert_false(gw_folder_read(f->arena, &f->options, &f->folder, &f->err));
    assert_non_null(f->err.message);
    const char *all = gw_printf(f->arena, "%s | %s | %s", f->err.message,
                                f->err.detail ? f->err.detail : "", f->err.hint ? f->err.hint : "");
    if (!strstr(all, part))
        print_error("\"%s\" is not in: %s\n", part, all);
    assert_non_null(strstr(all, part));
}

static inline void fails_at(fixture *f, const char *part, const char *file, unsigned line)
{
    read_fails(f, part);
    assert_non_null(f->err.file);
    assert_string_equal(gw_path_base(f->err.file), file);
    assert_int_equal(f->err.line, line);
}

/* "version:name version:name …" in order. */
static inline const char *versions(fixture *f)
{
    const char *text = "";
    for (size_t i = 0; i < f->folder.migrations.len; i++)
        text = gw_printf(f->arena, "%s%s%s:%s", text, i ? " " : "",
                         f->folder.migrations.items[i].version, f->folder.migrations.items[i].name);
    return text;
}

/* A script's text, all sections after another, as the splitter would be given it. */
static inline const char *script_text(fixture *f, const gw_script *script,
                                      const gw_script_context *context)
{
    const char *text = "";
    for (size_t i = 0; i < script->section_count; i++) {
        gw_sql_input input;
        assert_true(gw_section_open(f->arena, script, i, context, &input, &f->err));
        char buf[4096];
        long n;
        while ((n = input.read(input.self, buf, sizeof buf, &f->err)) > 0)
            text = gw_printf(f->arena, "%s%.*s", text, (int)n, buf);
        if (n < 0)
            return NULL;
    }
    return text;
}

#endif
