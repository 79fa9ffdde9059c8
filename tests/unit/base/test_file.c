#include "folder.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

static void bytes_come_back_as_they_are(void **state)
{
    folder *f = *state;
    const char text[] = "SELECT 1;\r\nSELECT '\0\xff';\r\n";
    char *path = in_folder(f, "a.sql");
    put(path, text, sizeof text - 1);
    gw_err err = {0};
    gw_file_text got;
    assert_true(gw_file_read(f->arena, path, 0, &got, &err));
    assert_int_equal(got.len, sizeof text - 1);
    assert_memory_equal(got.data, text, sizeof text);
    put(path, "", 0);
    assert_true(gw_file_read(f->arena, path, 1, &got, &err));
    assert_int_equal(got.len, 0);
    assert_string_equal(got.data, "");
}

static void a_large_file_is_read_whole(void **state)
{
    folder *f = *state;
    size_t len = 3 * 1000 * 1000 + 7;
    char *data = gw_alloc(f->arena, len), *path = in_folder(f, "big");
    for (size_t i = 0; i < len; i++)
        data[i] = (char)(i * 31 + (i >> 12));
    put(path, data, len);
    gw_err err = {0};
    gw_file_text got;
    assert_true(gw_file_read(f->arena, path, len, &got, &err));
    assert_int_equal(got.len, len);
    assert_memory_equal(got.data, data, len);
    assert_int_equal(got.data[len], 0);
}

/* /proc says that its files have 0 bytes. */
static void a_file_that_hides_its_size_is_read_whole(void **state)
{
    folder *f = *state;
    gw_err err = {0};
    gw_file_text got;
    assert_true(gw_file_read(f->arena, "/proc/self/smaps", 0, &got, &err));
    assert_true(got.len > 4096);
    assert_int_equal(strlen(got.data), got.len);
    assert_false(gw_file_read(f->arena, "/proc/self/smaps", 1000, &got, &err));
    assert_int_equal(err.kind, GW_ERR_INPUT);
    gw_err_clear(&err);
}

static void check_unreadable(folder *f, const char *path, int code)
{
    gw_err err = {0};
    gw_file_text got = {.len = 4711};
    assert_false(gw_file_read(f->arena, path, 0, &got, &err));
    assert_int_equal(err.kind, GW_ERR_IO);
    assert_holds(err.message, path);
    assert_string_equal(err.file, path);
    if (code)
        assert_string_equal(err.detail, strerror(code));
    assert_int_equal(got.len, 4711);
    gw_err_clear(&err);
}

static void what_is_no_file_is_refused(void **state)
{
    folder *f = *state;
    char *fifo = in_folder(f, "fifo");
    assert_int_equal(mkfifo(fifo, 0600), 0);
    check_unreadable(f, in_folder(f, "missing"), ENOENT);
    check_unreadable(f, f->path, EISDIR);
    check_unreadable(f, fifo, 0);
    check_unreadable(f, "/dev/zero", 0);
    check_unreadable(f, "", ENOENT);
    put_text(in_folder(f, "plain"), "x");
    check_unreadable(f, in_folder(f, "plain/x"), ENOTDIR);
}

static void a_limit_is_kept(void **state)
{
    folder *f = *state;
    char *path = in_folder(f, "a.sql");
    put(path, "12345", 5);
    gw_err err = {0};
    gw_file_text got;
    assert_true(gw_file_read(f->arena, path, 5, &got, &err));
    assert_false(gw_file_read(f->arena, path, 4, &got, &err));
    assert_int_equal(err.kind, GW_ERR_INPUT);
    assert_holds(err.message, path);
    assert_holds(err.detail, "4 bytes");
    gw_err_clear(&err);
}

/* Runs fn in a child, not as root, under whose eyes every file is readable. */
static void as_nobody(bool (*fn)(folder *f), folder *f)
{
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0) {
        if (geteuid() == 0 && (setgroups(0, NULL) != 0 || setgid(65534) != 0 || setuid(65534) != 0))
            _exit(2);
        _exit(fn(f) ? 0 : 1);
    }
    int status = -1;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

static bool permission_is_named(folder *f)
{
    gw_err err = {0};
    gw_file_text got;
    char *path = in_folder(f, "secret");
    bool ok = !gw_file_read(f->arena, path, 0, &got, &err) && err.kind == GW_ERR_IO &&
              strcmp(err.detail, strerror(EACCES)) == 0 && strstr(err.hint, "permission");
    ok = ok && !gw_file_write(in_folder(f, "closed/x"), "x", 1, 0644, &err) &&
         err.kind == GW_ERR_IO && strcmp(err.detail, strerror(EACCES)) == 0 &&
         strstr(err.message, "closed/x");
    gw_err_clear(&err);
    return ok;
}

static void a_file_without_permission(void **state)
{
    folder *f = *state;
    put_text(in_folder(f, "secret"), "x");
    assert_int_equal(chmod(in_folder(f, "secret"), 0), 0);
    assert_int_equal(mkdir(in_folder(f, "closed"), 0555), 0);
    as_nobody(permission_is_named, f);
    assert_int_equal(chmod(in_folder(f, "closed"), 0755), 0);
}

static void check_content(folder *f, const char *path, const char *text)
{
    gw_err err = {0};
    gw_file_text got;
    assert_true(gw_file_read(f->arena, path, 0, &got, &err));
    assert_string_equal(got.data, text);
}

static size_t count_entries(folder *f)
{
    gw_err err = {0};
    gw_file_list list;
    assert_true(gw_file_list_dir(f->arena, f->path, &list, &err));
    return list.len;
}

static void writing_replaces(void **state)
{
    folder *f = *state;
    char *path = in_folder(f, "out.yaml");
    gw_err err = {0};
    mode_t before = umask(022);
    assert_true(gw_file_write(path, "one", 3, 0600, &err));
    check_content(f, path, "one");
    struct stat st;
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
    assert_true(gw_file_write(path, "", 0, 0666, &err));
    check_content(f, path, "");
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0644);
    umask(before);
    assert_int_equal(count_entries(f), 1);
}

static void writing_through_a_link_keeps_the_link(void **state)
{
    folder *f = *state;
    char *link = in_folder(f, "link"), *path = in_folder(f, "real");
    put_text(path, "old");
    assert_int_equal(symlink("real", link), 0);
    gw_err err = {0};
    assert_true(gw_file_write(link, "new", 3, 0644, &err));
    struct stat st;
    assert_int_equal(lstat(link, &st), 0);
    assert_true(S_ISLNK(st.st_mode));
    check_content(f, path, "new");
}

static void a_name_of_full_length_can_be_written(void **state)
{
    folder *f = *state;
    char name[256];
    memset(name, 'n', 255);
    name[255] = '\0';
    gw_err err = {0};
    assert_true(gw_file_write(in_folder(f, name), "x", 1, 0644, &err));
    check_content(f, in_folder(f, name), "x");
}

/* A file size limit ends a write half-way, as a full disk does. */
static void a_write_that_fails_leaves_what_was_there(void **state)
{
    folder *f = *state;
    char *path = in_folder(f, "out"), *fresh = in_folder(f, "fresh");
    put_text(path, "old");
    size_t len = 256 * 1024;
    char *data = gw_alloc(f->arena, len);
    struct rlimit before, small;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    small = (struct rlimit){.rlim_cur = 64 * 1024, .rlim_max = before.rlim_max};
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    gw_err first = {0}, second = {0};
    bool wrote = gw_file_write(path, data, len, 0644, &first);
    bool created = gw_file_create(fresh, data, len, 0644, &second);
    setrlimit(RLIMIT_FSIZE, &before);
    signal(SIGXFSZ, SIG_DFL);
    assert_false(wrote);
    assert_false(created);
    assert_int_equal(first.kind, GW_ERR_IO);
    assert_holds(first.message, path);
    assert_string_equal(first.detail, strerror(EFBIG));
    assert_int_equal(second.kind, GW_ERR_IO);
    check_content(f, path, "old");
    assert_false(gw_file_exists(fresh));
    assert_int_equal(count_entries(f), 1);
    gw_err_clear(&first);
    gw_err_clear(&second);
}

static void a_place_that_cannot_be_written_is_named(void **state)
{
    folder *f = *state;
    gw_err err = {0};
    assert_false(gw_file_write(in_folder(f, "no/such/x"), "x", 1, 0644, &err));
    assert_int_equal(err.kind, GW_ERR_IO);
    assert_string_equal(err.detail, strerror(ENOENT));
    assert_int_equal(mkdir(in_folder(f, "dir"), 0755), 0);
    assert_false(gw_file_write(in_folder(f, "dir"), "x", 1, 0644, &err));
    assert_int_equal(err.kind, GW_ERR_IO);
    assert_int_equal(count_entries(f), 1);
    gw_err_clear(&err);
}

static void creating_leaves_what_is_there(void **state)
{
    folder *f = *state;
    char *path = in_folder(f, "new.sql");
    gw_err err = {0};
    assert_true(gw_file_create(path, "one", 3, 0644, &err));
    assert_false(gw_file_create(path, "two", 3, 0644, &err));
    assert_int_equal(err.kind, GW_ERR_USAGE);
    assert_holds(err.message, path);
    check_content(f, path, "one");
    char *dangling = in_folder(f, "dangling");
    assert_int_equal(symlink("nowhere", dangling), 0);
    assert_false(gw_file_create(dangling, "x", 1, 0644, &err));
    assert_int_equal(err.kind, GW_ERR_USAGE);
    assert_int_equal(count_entries(f), 2);
    gw_err_clear(&err);
}

static void a_folder_is_listed_in_order_of_bytes(void **state)
{
    folder *f = *state;
    const char *const files[] = {"V10__b.sql", "V2__a.sql", "a", "Z", ".hidden", "..x", "\xc3\xa4"};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        put_text(in_folder(f, files[i]), "");
    assert_int_equal(mkdir(in_folder(f, "sub"), 0755), 0);
    assert_int_equal(symlink("sub", in_folder(f, "to-sub")), 0);
    assert_int_equal(symlink("a", in_folder(f, "to-a")), 0);
    assert_int_equal(symlink("gone", in_folder(f, "to-nothing")), 0);
    const struct {
        const char *name;
        bool is_dir;
    } wanted[] = {
        {"..x", false},        {".hidden", false}, {"V10__b.sql", false}, {"V2__a.sql", false},
        {"Z", false},          {"a", false},       {"sub", true},         {"to-a", false},
        {"to-nothing", false}, {"to-sub", true},   {"\xc3\xa4", false},
    };
    gw_err err = {0};
    gw_file_list list;
    assert_true(gw_file_list_dir(f->arena, f->path, &list, &err));
    assert_int_equal(list.len, sizeof wanted / sizeof *wanted);
    for (size_t i = 0; i < list.len; i++) {
        assert_string_equal(list.items[i].name, wanted[i].name);
        assert_int_equal(list.items[i].is_dir, wanted[i].is_dir);
    }
}

static void listing_nothing_and_what_is_not_there(void **state)
{
    folder *f = *state;
    gw_err err = {0};
    gw_file_list list;
    assert_true(gw_file_list_dir(f->arena, f->path, &list, &err));
    assert_int_equal(list.len, 0);
    char *missing = in_folder(f, "missing"), *file = in_folder(f, "file");
    assert_false(gw_file_list_dir(f->arena, missing, &list, &err));
    assert_int_equal(err.kind, GW_ERR_IO);
    assert_holds(err.message, missing);
    put_text(file, "");
    assert_false(gw_file_list_dir(f->arena, file, &list, &err));
    assert_string_equal(err.detail, strerror(ENOTDIR));
    gw_err_clear(&err);
}

static void folders_are_made(void **state)
{
    folder *f = *state;
    gw_err err = {0};
    char *deep = in_folder(f, "a/b//c/");
    assert_true(gw_file_make_dirs(deep, 0755, &err));
    assert_true(gw_file_make_dirs(deep, 0755, &err));
    assert_true(gw_file_is_dir(in_folder(f, "a/b/c")));
    assert_true(gw_file_make_dirs("/", 0755, &err));
    assert_true(gw_file_make_dirs(in_folder(f, "private"), 0700, &err));
    struct stat st;
    assert_int_equal(stat(in_folder(f, "private"), &st), 0);
    assert_int_equal(st.st_mode & 07777, 0700);
    put_text(in_folder(f, "file"), "");
    assert_false(gw_file_make_dirs(in_folder(f, "file/x"), 0755, &err));
    assert_int_equal(err.kind, GW_ERR_IO);
    assert_string_equal(err.file, in_folder(f, "file"));
    assert_false(gw_file_is_dir(in_folder(f, "file")));
    assert_true(gw_file_exists(in_folder(f, "file")));
    gw_err_clear(&err);
}

static void a_tree_goes_and_links_are_not_followed(void **state)
{
    folder *f = *state;
    gw_err err = {0};
    char *tree = in_folder(f, "tree"), *kept = in_folder(f, "kept");
    assert_true(gw_file_make_dirs(in_folder(f, "tree/a/b/c"), 0755, &err));
    assert_true(gw_file_make_dirs(kept, 0755, &err));
    put_text(in_folder(f, "kept/file"), "x");
    put_text(in_folder(f, "tree/a/b/file"), "x");
    assert_int_equal(symlink("../kept", in_folder(f, "tree/link")), 0);
    for (int i = 0; i < 300; i++)
        put_text(in_folder(f, gw_printf(f->arena, "tree/a/%d", i)), "");
    assert_true(gw_file_remove_tree(tree, &err));
    assert_false(gw_file_exists(tree));
    assert_true(gw_file_exists(in_folder(f, "kept/file")));
    assert_true(gw_file_remove_tree(tree, &err));
    assert_int_equal(symlink("kept", in_folder(f, "link")), 0);
    assert_true(gw_file_remove_tree(in_folder(f, "link"), &err));
    assert_true(gw_file_exists(in_folder(f, "kept/file")));
    assert_true(gw_file_remove_tree(in_folder(f, "kept/file"), &err));
    assert_false(gw_file_exists(in_folder(f, "kept/file")));
    assert_int_equal(err.kind, GW_OK);
}

static bool the_entry_that_stays_is_named(folder *f)
{
    gw_err err = {0};
    bool ok = !gw_file_remove_tree(in_folder(f, "open/tree"), &err) && err.kind == GW_ERR_IO &&
              strstr(err.message, "open/tree/sub/file") &&
              strcmp(err.detail, strerror(EACCES)) == 0;
    gw_err_clear(&err);
    return ok;
}

static void a_tree_that_cannot_go(void **state)
{
    folder *f = *state;
    const char *const dirs[] = {"open", "open/tree", "open/tree/sub"};
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(mkdir(in_folder(f, dirs[i]), 0777), 0);
        assert_int_equal(chmod(in_folder(f, dirs[i]), 0777), 0);
    }
    put_text(in_folder(f, "open/tree/sub/file"), "");
    assert_int_equal(chmod(in_folder(f, dirs[2]), 0555), 0);
    as_nobody(the_entry_that_stays_is_named, f);
    assert_int_equal(chmod(in_folder(f, dirs[2]), 0755), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_folder(bytes_come_back_as_they_are),
        with_folder(a_large_file_is_read_whole),
        with_folder(a_file_that_hides_its_size_is_read_whole),
        with_folder(what_is_no_file_is_refused),
        with_folder(a_limit_is_kept),
        with_folder(a_file_without_permission),
        with_folder(writing_replaces),
        with_folder(writing_through_a_link_keeps_the_link),
        with_folder(a_name_of_full_length_can_be_written),
        with_folder(a_write_that_fails_leaves_what_was_there),
        with_folder(a_place_that_cannot_be_written_is_named),
        with_folder(creating_leaves_what_is_there),
        with_folder(a_folder_is_listed_in_order_of_bytes),
        with_folder(listing_nothing_and_what_is_not_there),
        with_folder(folders_are_made),
        with_folder(a_tree_goes_and_links_are_not_followed),
        with_folder(a_tree_that_cannot_go),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
