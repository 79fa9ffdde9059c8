/* Files as they come: line ends, byte order marks, sizes, rights, numbers. */
#include "fixture.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/digest.h"
#include "migrate/foreign.h"

static const char *checksum(fixture *f)
{
    read_ok(f);
    return f->folder.migrations.items[0].checksum;
}

static void test_crlf_is_the_same_file(void **state)
{
    fixture *f = *state;
    put(f, "1_a.up.sql", "-- a\nSELECT 1;\nSELECT '\xC3\xA4';\n");
    const char *lf = checksum(f);
    assert_string_equal(lf, "2f1fdbc3b47ce8d68b386d01cc3d7b18af3402fe6b70ab9667dc8acde00d7d35");
    put(f, "1_a.up.sql", "-- a\r\nSELECT 1;\nSELECT '\xC3\xA4';\r\n");
    assert_string_equal(checksum(f), lf);
    put(f, "1_a.up.sql", "\xEF\xBB\xBF-- a\r\nSELECT 1;\nSELECT '\xC3\xA4';\r\n");
    assert_string_equal(checksum(f), lf);
    assert_int_equal(f->folder.migrations.items[0].up.sections[0].offset, 3);
    assert_memory_equal(script_text(f, &f->folder.migrations.items[0].up, NULL), "-- a", 4);
    /* A lone CR is text. */
    put(f, "1_a.up.sql", "-- a\rSELECT 1;\nSELECT '\xC3\xA4';\n");
    assert_string_not_equal(checksum(f), lf);
    put(f, "1_a.up.sql", "\r");
    assert_string_equal(checksum(f),
                        "9d1e0e2d9459d06523ad13e28a4093c2316baafe7aec5b25f30eba2e113599c4");
}

/* A CR that ends a chunk (of 1 MiB here, of 64 KiB in other tools' checksums): alone, before LF,
 * and as the last byte of the file. */
static void test_cr_at_the_end_of_a_chunk(void **state)
{
    fixture *f = *state;
    enum { CHUNK = 1 << 20 };
    char *text = gw_alloc(f->arena, CHUNK + 2), *lf = gw_alloc(f->arena, CHUNK + 2);
    static const struct {
        const char *tail;
        size_t len;
        const char *lf_tail;
    } cases[] = {{"\r", 1, "\r"}, {"\rx", 2, "\rx"}, {"\r\n", 2, "\n"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        memset(text, 'x', CHUNK - 1);
        memcpy(text + CHUNK - 1, cases[i].tail, cases[i].len);
        memset(lf, 'x', CHUNK - 1);
        strcpy(lf + CHUNK - 1, cases[i].lf_tail);
        put_bytes(f, "1_a.up.sql", text, CHUNK - 1 + cases[i].len);
        const char *sum = checksum(f), *foreign;
        assert_string_equal(sum, gw_digest_hex(f->arena, GW_SHA256, lf, strlen(lf)));
        gw_migration m = f->folder.migrations.items[0];
        m.format = GW_FORMAT_DRIZZLE;
        assert_true(gw_foreign_checksum(f->arena, &m, true, &foreign, &f->err));
        assert_string_equal(foreign, sum);
    }
}

static void test_marks_with_crlf_and_bom(void **state)
{
    fixture *f = *state;
    put(f, "1_a.sql",
        "\xEF\xBB\xBF-- migrate:up transaction:false\r\nSELECT 1;\r\n-- migrate:down\r\n");
    read_ok(f);
    const gw_migration *m = f->folder.migrations.items;
    assert_int_equal(m->format, GW_FORMAT_DBMATE);
    assert_true(m->up.directives.no_transaction);
    assert_string_equal(script_text(f, &m->up, NULL), "SELECT 1;\r\n");
    assert_string_equal(script_text(f, &m->down, NULL), "");
}

static void test_empty_file(void **state)
{
    fixture *f = *state;
    put(f, "1_a.up.sql", "");
    assert_string_equal(checksum(f),
                        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    const gw_script *up = &f->folder.migrations.items[0].up;
    assert_true(up->present);
    assert_int_equal(up->section_count, 1);
    assert_string_equal(script_text(f, up, NULL), "");
}

/* Chunks of the scanner are 1 MiB: CRLFs and marks stand across them, and one line is longer. */
static void test_large_files(void **state)
{
    fixture *f = *state;
    enum { LONG = 3 << 20 };
    for (int shift = 0; shift < 4; shift++) {
        gw_buf crlf = GW_BUF(f->arena), lf = GW_BUF(f->arena);
        gw_buf_add(&crlf, &"---"[shift]);
        while (crlf.len < (1 << 20) + 100)
            gw_buf_add(&crlf, "ab\r\n");
        gw_buf_add(&crlf, "-- migrate:down\r\n");
        gw_buf_add(&crlf, "-- x");
        for (size_t i = 0; i < LONG / 16; i++)
            gw_buf_add(&crlf, "-- migrate:up --");
        gw_buf_add(&crlf, "\n-- godwit: lock_timeout=1s\nlast\n");
        for (size_t i = 0; i < crlf.len; i++)
            if (crlf.data[i] != '\r')
                gw_buf_addc(&lf, crlf.data[i]);
        const char *head = "-- migrate:up\n";
        put(f, "1_a.sql", gw_printf(f->arena, "%s%s", head, lf.data));
        const char *expected = checksum(f);
        put(f, "1_a.sql", gw_printf(f->arena, "%s%s", head, crlf.data));
        assert_string_equal(checksum(f), expected);
        const gw_migration *m = f->folder.migrations.items;
        assert_int_equal(m->down.section_count, 1);
        assert_int_equal(m->down.directives.lock_timeout_ms, 1000);
        assert_int_equal(m->up.sections[0].len + m->down.sections[0].len,
                         crlf.len - strlen("-- migrate:down\r\n"));
        gw_sql_input input;
        assert_true(gw_section_open(f->arena, &m->down, 0, NULL, &input, &f->err));
        char start[16] = "";
        assert_int_equal(input.read(input.self, start, sizeof start, &f->err), sizeof start);
        assert_memory_equal(start, "-- x-- migrate:u", sizeof start);
    }
}

static void test_unreadable(void **state)
{
    fixture *f = *state;
    if (geteuid() != 0)
        skip();
    put(f, "1_a.up.sql", "SELECT 1;");
    assert_int_equal(chmod(f->path, 0755), 0);
    assert_int_equal(chmod(gw_path_join(f->arena, f->path, "1_a.up.sql"), 0600), 0);
    assert_int_equal(seteuid(65534), 0);
    fails_at(f, "cannot read", "1_a.up.sql", 0);
    assert_int_equal(f->err.kind, GW_ERR_IO);
    assert_int_equal(seteuid(0), 0);
    assert_int_equal(chmod(f->path, 0700), 0);
    assert_int_equal(seteuid(65534), 0);
    read_fails(f, "cannot read folder");
    assert_int_equal(seteuid(0), 0);
}

static void test_not_a_file(void **state)
{
    fixture *f = *state;
    assert_int_equal(mkfifo(gw_path_join(f->arena, f->path, "1_a.up.sql"), 0644), 0);
    fails_at(f, "not a regular file", "1_a.up.sql", 0);
    f->options.path = gw_path_join(f->arena, f->path, "1_a.up.sql");
    read_fails(f, "it is not a folder");
    assert_int_equal(f->err.kind, GW_ERR_CONFIG);
}

static void test_dangling_link(void **state)
{
    fixture *f = *state;
    assert_int_equal(symlink("nowhere", gw_path_join(f->arena, f->path, "1_a.up.sql")), 0);
    fails_at(f, "cannot read", "1_a.up.sql", 0);
}

static void test_what_runs_is_what_was_read(void **state)
{
    fixture *f = *state;
    gw_sql_input input;
    put(f, "1_a.up.sql", "SELECT 1;");
    read_ok(f);
    const gw_script *up = &f->folder.migrations.items[0].up;
    const char *path = gw_path_join(f->arena, f->path, "1_a.up.sql");
    struct timespec later[2] = {{.tv_nsec = UTIME_NOW}, {.tv_sec = 2000000000}};
    put(f, "1_a.up.sql", "SELECT 2;");
    assert_int_equal(utimensat(AT_FDCWD, path, later, 0), 0);
    assert_false(gw_section_open(f->arena, up, 0, NULL, &input, &f->err));
    assert_non_null(strstr(f->err.message, "was changed after it was read"));
    assert_int_equal(unlink(path), 0);
    assert_false(gw_section_open(f->arena, up, 0, NULL, &input, &f->err));
    assert_int_equal(f->err.kind, GW_ERR_IO);
}

/* More scripts read in one arena than a process may have files open. */
static void test_scripts_close_their_files(void **state)
{
    fixture *f = *state;
    struct rlimit old, few = {64, 64};
    put(f, "1_a.up.sql", "SELECT 1;");
    read_ok(f);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &old), 0);
    few.rlim_max = old.rlim_max;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
    for (int i = 0; i < 100; i++)
        assert_string_equal(script_text(f, &f->folder.migrations.items[0].up, NULL), "SELECT 1;");
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &old), 0);
}

static void test_ten_thousand(void **state)
{
    fixture *f = *state;
    enum { COUNT = 10000 };
    for (int i = COUNT; i > 0; i--) {
        char path[128];
        snprintf(path, sizeof path, "%s/%d_m.sql", f->path, i);
        FILE *file = fopen(path, "w");
        assert_non_null(file);
        fprintf(file, "-- migrate:up\nCREATE TABLE t%d (id int);\n-- migrate:down\n", i);
        fclose(file);
    }
    read_ok(f);
    assert_int_equal(f->folder.migrations.len, COUNT);
    f->options.format = GW_FORMAT_SQLX;
    read_ok(f);
    for (size_t i = 0; i < COUNT; i++)
        assert_int_equal(atoi(f->folder.migrations.items[i].version), i + 1);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
    const struct CMUnitTest tests[] = {
        T(test_crlf_is_the_same_file),
        T(test_cr_at_the_end_of_a_chunk),
        T(test_marks_with_crlf_and_bom),
        T(test_empty_file),
        T(test_large_files),
        T(test_unreadable),
        T(test_not_a_file),
        T(test_dangling_link),
        T(test_what_runs_is_what_was_read),
        T(test_scripts_close_their_files),
        T(test_ten_thousand),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
