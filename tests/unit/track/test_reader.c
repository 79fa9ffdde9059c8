#include "track_test.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "track/reader.h"

static gw_track_reader reader;

static void open_text(const char *text, size_t len, bool arrays)
{
    int fd = memfd_create("stream", 0);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, len), len);
    assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
    reader = (gw_track_reader){.fds = {fd, -1}, .name = "stream", .arrays = arrays};
    gw_track_reader_start(arena, &reader, 0, 0, NULL);
}

static void close_text(void)
{
    close(reader.fds[0]);
    gw_track_reader_free(&reader);
}

static void expect(const char *text, int64_t line)
{
    gw_err err = {0};
    assert_int_equal(gw_track_read(&reader, -1, &err), GW_READ_DOCUMENT);
    size_t len = reader.len;
    while (len && strchr("\r\n", reader.text[len - 1]))
        len--;
    assert_string_equal(gw_strndup(arena, reader.text, len), text);
    assert_int_equal(reader.line, line);
}

static void expect_end(void)
{
    gw_err err = {0};
    assert_int_equal(gw_track_read(&reader, -1, &err), GW_READ_END);
}

static void lines_have_their_numbers_and_empty_ones_are_passed_over(void **state)
{
    (void)state;
    static const char text[] = "one\n\n\r\n two\r\nthree";
    open_text(text, sizeof text - 1, false);
    expect("one", 1);
    assert_int_equal(gw_track_reader_position(&reader, true), 0);
    assert_int_equal(gw_track_reader_position(&reader, false), 4);
    expect("two", 4);
    expect("three", 5);
    assert_true(reader.cut);
    expect_end();
    assert_int_equal(gw_track_reader_position(&reader, false), sizeof text - 1);
    assert_string_equal(gw_track_reader_digest(&reader, arena, false),
                        gw_digest_hex(arena, GW_SHA256, text, sizeof text - 1));
    close_text();
}

static void an_array_is_read_element_by_element(void **state)
{
    (void)state;
    static const char text[] = "[\n {\"a\": \"]}\\\"\"},\n\n{\"b\":\n[1]}, 7\n]\n";
    open_text(text, sizeof text - 1, true);
    expect("{\"a\": \"]}\\\"\"}", 2);
    expect("{\"b\":\n[1]}", 4);
    expect("7", 5); /* what is no object is a line that cannot be used */
    expect_end();
    close_text();
}

static void documents_over_several_lines_are_known_by_the_first(void **state)
{
    (void)state;
    static const char text[] = "{\n\"a\": 1\n}\n{\n\"b\": 2\n}\n";
    open_text(text, sizeof text - 1, true);
    expect("{\n\"a\": 1\n}", 1);
    expect("{\n\"b\": 2\n}", 4);
    expect_end();
    close_text();
}

static void what_is_longer_than_the_limit_is_read_over(void **state)
{
    (void)state;
    size_t len = 3 * (size_t)GW_TRACK_LONGEST;
    char *text = gw_alloc(arena, len + 20);
    memset(text, 'x', len);
    memcpy(text, "a\n", 2);
    memcpy(text + len, "\nb\n", 3);
    gw_err err = {0};
    open_text(text, len + 3, false);
    expect("a", 1);
    assert_int_equal(gw_track_read(&reader, -1, &err), GW_READ_TOO_LONG);
    assert_int_equal(reader.line, 2);
    assert_true(reader.len > 100 && reader.text[0] == 'x');
    expect("b", 3);
    assert_string_equal(gw_track_reader_digest(&reader, arena, false),
                        gw_digest_hex(arena, GW_SHA256, text, len + 3));
    expect_end();
    close_text();
}

static void a_pipe_that_is_silent_is_idle_and_bytes_come_one_by_one(void **state)
{
    (void)state;
    static const char text[] = "{\"a\":1}\n{\"b\":2}\n";
    int fds[2];
    gw_err err = {0};
    assert_int_equal(pipe(fds), 0);
    reader = (gw_track_reader){.fds = {fds[0], -1}, .name = "pipe", .arrays = true};
    gw_track_reader_start(arena, &reader, 0, 0, NULL);
    assert_int_equal(gw_track_read(&reader, 0, &err), GW_READ_IDLE);
    size_t documents = 0;
    for (size_t i = 0; i < sizeof text - 1; i++) {
        assert_int_equal(write(fds[1], text + i, 1), 1);
        gw_read_outcome outcome = gw_track_read(&reader, 0, &err);
        documents += outcome == GW_READ_DOCUMENT;
    }
    assert_int_equal(documents, 2);
    close(fds[1]);
    expect_end();
    close_text();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(lines_have_their_numbers_and_empty_ones_are_passed_over),
        TEST(an_array_is_read_element_by_element),
        TEST(documents_over_several_lines_are_known_by_the_first),
        TEST(what_is_longer_than_the_limit_is_read_over),
        TEST(a_pipe_that_is_silent_is_idle_and_bytes_come_one_by_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
