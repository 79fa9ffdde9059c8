/* A folder as a stream and back: what was packed comes out; nothing leads out of the folder, nothing is
 * missed where the stream was changed. */
#include "vault_test.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "vault/members.h"

enum { BLOCK = 512, TYPE_AT = 156, SUM_AT = 148, SIZE_AT = 124, MAGIC_AT = 257 };

static char folder[64];

static int start_folder(void **state)
{
    strcpy(folder, "/tmp/godwit-members-XXXXXX");
    assert_non_null(mkdtemp(folder));
    return start(state);
}

static int stop_folder(void **state)
{
    gw_err ignored = {0};
    gw_file_remove_tree(folder, &ignored);
    gw_err_clear(&ignored);
    return stop(state);
}

static bool add(void *self, const void *data, size_t len, gw_err *err)
{
    (void)err;
    gw_buf_addn(self, data, len);
    return true;
}

static const char *sub(const char *name)
{
    return gw_path_join(arena, folder, name);
}

static void put(const char *name, size_t len)
{
    gw_err err = {0};
    char *text = gw_alloc(arena, len + 1);
    memset(text, 'x', len);
    assert_true(gw_file_write(name, text, len, 0600, &err));
}

static gw_buf packed(void)
{
    gw_err err = {0};
    gw_buf all = GW_BUF(arena);
    assert_true(gw_file_make_dirs(sub("in"), 0700, &err));
    put(sub("in/toc.dat"), 700);
    put(sub("in/1.dat"), 0);
    put(sub("in/blob_2.toc"), BLOCK);
    assert_true(gw_members_pack(arena, sub("in"), (gw_members_sink){add, &all}, &err));
    return all;
}

/* In pieces of `step` bytes, into a new folder; the message of what went wrong, or NULL. */
static const char *unpacked(const char *name, const gw_buf *all, size_t len, size_t step)
{
    gw_err err = {0};
    gw_unpack *unpack;
    gw_arena *own = gw_arena_new();
    bool ok = gw_unpack_open(own, sub(name), &unpack, &err);
    for (size_t at = 0; ok && at < len; at += step)
        ok = gw_unpack_take(unpack, all->data + at, len - at < step ? len - at : step, &err);
    ok = ok && gw_unpack_end(unpack, &err);
    const char *said = ok ? NULL : gw_printf(arena, "%s: %s", err.message, err.detail ? err.detail : "");
    gw_err_clear(&err);
    gw_arena_free(own);
    return said;
}

static void test_there_and_back(void **state)
{
    static const size_t steps[] = {1, 7, BLOCK, 1 << 20};
    gw_buf all = packed();
    (void)state;
    assert_int_equal(all.len, (3 + 2 + 1 + 2) * BLOCK);
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        const char *name = gw_printf(arena, "out%zu", i);
        gw_file_list list = {0};
        gw_err err = {0};
        assert_null(unpacked(name, &all, all.len, steps[i]));
        assert_true(gw_file_list_dir(arena, sub(name), &list, &err));
        assert_int_equal(list.len, 3);
        gw_file_text text;
        assert_true(gw_file_read(arena, gw_path_join(arena, sub(name), "toc.dat"), 0, &text, &err));
        assert_int_equal(text.len, 700);
    }
    assert_non_null(strstr(unpacked("out0", &all, all.len, BLOCK), "cannot make"));
}

/* The sum again, so that only what was changed is wrong. */
static void sum(char *head)
{
    unsigned total = 0;
    memset(head + SUM_AT, ' ', 8);
    for (size_t i = 0; i < BLOCK; i++)
        total += (unsigned char)head[i];
    snprintf(head + SUM_AT, 7, "%06o", total);
}

static void test_what_is_no_stream_of_files(void **state)
{
    static const struct {
        size_t at, len;
        const char *bytes, *says;
    } changes[] = {
        {0, 4, "../x", "a name"}, {0, 4, "a/b\0", "a name"},   {0, 2, "/x", "a name"},
        {0, 1, "\0", "a name"},   {0, 3, ".x\0", "a name"},    {TYPE_AT, 1, "2", "a head"},
        {TYPE_AT, 1, "5", "a head"}, {MAGIC_AT, 1, "X", "a head"}, {SIZE_AT, 1, "9", "a head"},
        {SIZE_AT, 1, "\xff", "a head"}, {SIZE_AT, 2, "\x80\x01", "a head"},
        {0, 8, "toc.dat\0", "comes twice"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        gw_buf all = packed();
        memcpy(all.data + changes[i].at, changes[i].bytes, changes[i].len);
        sum(all.data);
        const char *said = unpacked(gw_printf(arena, "bad%zu", i), &all, all.len, 100);
        assert_non_null(said);
        assert_non_null(strstr(said, changes[i].says));
    }
    gw_buf all = packed();
    all.data[SUM_AT]++;
    assert_non_null(strstr(unpacked("sum", &all, all.len, BLOCK), "a head"));
    all = packed();
    all.data[all.len - 2 * BLOCK - 1] = 'x';
    assert_non_null(strstr(unpacked("padding", &all, all.len, BLOCK), "between two files"));
}

static void test_every_end_too_early_and_too_late(void **state)
{
    gw_buf all = packed();
    (void)state;
    for (size_t len = 0; len < all.len; len += 64)
        assert_non_null(unpacked(gw_printf(arena, "cut%zu", len), &all, len, BLOCK));
    gw_buf longer = packed();
    gw_buf_addn(&longer, all.data, BLOCK);
    assert_non_null(strstr(unpacked("more", &longer, longer.len, BLOCK), "behind its end"));
    longer = packed();
    gw_buf_addn(&longer, all.data + all.len - BLOCK, BLOCK);
    assert_non_null(strstr(unpacked("zeros", &longer, longer.len, BLOCK), "behind its end"));
}

static void test_a_folder_in_it_is_refused(void **state)
{
    gw_err err = {0};
    gw_buf all = packed();
    (void)state;
    assert_true(gw_file_make_dirs(sub("in/deep"), 0700, &err));
    assert_false(gw_members_pack(arena, sub("in"), (gw_members_sink){add, &all}, &err));
    assert_int_equal(err.kind, GW_ERR_UNSUPPORTED);
    gw_err_clear(&err);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_there_and_back, start_folder, stop_folder),
        cmocka_unit_test_setup_teardown(test_what_is_no_stream_of_files, start_folder, stop_folder),
        cmocka_unit_test_setup_teardown(test_every_end_too_early_and_too_late, start_folder,
                                        stop_folder),
        cmocka_unit_test_setup_teardown(test_a_folder_in_it_is_refused, start_folder, stop_folder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
