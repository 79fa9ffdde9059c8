/* The splitter as a stream: encoding, sizes, memory, a reader that fails. */
#include "pieces.h"

#include <errno.h>

static void check_bytes(gw_arena *arena, const char *text, size_t len, const char *pieces)
{
    for (size_t step = 0; step < 6; step++)
        assert_string_equal(written_out(arena, text, len, step, true), pieces);
}

#define CHECK(state, text, pieces) check_bytes(*(state), "" text, sizeof text - 1, pieces)

static void refuses_nul(void **state)
{
    CHECK(state, "SELECT 1;\n é\0;", "1:1[SELECT 1];!2:3 the text has a NUL byte");
    CHECK(state, "\0", "!1:1 the text has a NUL byte");
    CHECK(state, "SELECT 'a\0'", "!1:10 the text has a NUL byte");
    CHECK(state, "COPY t FROM stdin;\nabc\nd\0e\n\\.\n",
          "1:1[COPY t FROM stdin];><abc\n>!3:2 the text has a NUL byte");
    /* "\." only counts when its line is known to end. */
    CHECK(state, "COPY t FROM stdin;\n\\.\0",
          "1:1[COPY t FROM stdin];>!2:3 the text has a NUL byte");
}

static void refuses_what_is_not_utf8(void **state)
{
    static const struct {
        const char *bytes;
        size_t len;
    } bad[] = {
        {"\x80", 1},
        {"\xc1\x80", 2},
        {"\xe0\x9f\xbf", 3},
        {"\xed\xa0\x80", 3},
        {"\xf0\x8f\xbf\xbf", 4},
        {"\xf4\x90\x80\x80", 4},
        {"\xf5\x80\x80\x80", 4},
        {"\xc3", 1},
        {"\xe2\x82", 2},
        {"\xf0\x9f\x98", 3},
        {"\xc3(", 2},
        {"\xe2\x82(", 3},
        {"\xff\xfe", 2},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        char text[64] = "SELECT 1; -- é\n '";
        size_t len = strlen(text);
        memcpy(text + len, bad[i].bytes, bad[i].len);
        check_bytes(*state, text, len + bad[i].len, "1:1[SELECT 1];!2:3 the text is not UTF-8");
    }
    CHECK(state, "COPY t FROM stdin;\nü\n\xfcx\n\\.\n",
          "1:1[COPY t FROM stdin];><ü\n>!3:1 the text is not UTF-8");
}

static void takes_all_of_utf8(void **state)
{
    CHECK(state,
          "-- \x7f\xc2\x80\xdf\xbf\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbf"
          "\xf0\x90\x80\x80\xf4\x8f\xbf\xbf\nX",
          "2:1[X]");
}

/* A text that is made as it is read: `head`, then `line` again and again, then `tail`. */
typedef struct made {
    const char *head, *line, *tail;
    size_t times, at;
    size_t reads;
} made;

static long make(void *self, char *buf, size_t cap, gw_err *err)
{
    (void)err;
    made *m = self;
    m->reads++;
    size_t n = 0;
    for (;;) {
        const char *part = m->head ? m->head : m->times ? m->line : m->tail;
        if (!part)
            return (long)n;
        size_t left = strlen(part) - m->at;
        size_t take = left < cap - n ? left : cap - n;
        memcpy(buf + n, part + m->at, take);
        n += take;
        m->at += take;
        if (take < left)
            return (long)n;
        m->at = 0;
        if (m->head)
            m->head = NULL;
        else if (m->times)
            m->times--;
        else
            m->tail = NULL;
    }
}

static void long_copy_data_come_in_whole_lines(void **state)
{
    enum { LINES = 200000 };
    made m = {.head = "COPY t FROM stdin;\n",
              .line = "1\tsome text\t\\N\tü\n",
              .times = LINES,
              .tail = "\\.\nSELECT 1;"};
    gw_sql_input input = {.read = make, .self = &m};
    gw_splitter *s = gw_splitter_new(*state, &input);
    gw_piece p;
    gw_err err = {0};
    assert_true(gw_splitter_next(s, &p, &err));
    assert_true(p.copy_in);
    size_t bytes = 0, longest = 0, chunks = 0;
    unsigned line = 2;
    while (gw_splitter_next(s, &p, &err) && p.kind == GW_PIECE_COPY_DATA) {
        assert_int_equal(p.line, line);
        assert_int_equal(p.col, 1);
        assert_int_equal(p.text[p.len - 1], '\n');
        line += (unsigned)(p.len / strlen(m.line));
        assert_int_equal(p.len % strlen(m.line), 0);
        bytes += p.len;
        longest = p.len > longest ? p.len : longest;
        chunks++;
    }
    assert_int_equal(p.kind, GW_PIECE_COPY_END);
    assert_int_equal(p.line, LINES + 2);
    assert_int_equal(bytes, LINES * strlen(m.line));
    assert_true(longest <= 128 * 1024);
    /* Small pieces would be slow to send. */
    assert_true(chunks <= bytes / (32 * 1024) + 1);
    assert_true(gw_splitter_next(s, &p, &err));
    assert_string_equal(p.text, "SELECT 1");
    assert_int_equal(p.line, LINES + 3);
}

static void a_line_without_end_is_cut(void **state)
{
    enum { TIMES = 100000 };
    made m = {.head = "COPY t FROM stdin;\n", .line = "é\\.", .times = TIMES, .tail = "\n\\.\nX"};
    gw_sql_input input = {.read = make, .self = &m};
    gw_splitter *s = gw_splitter_new(*state, &input);
    gw_piece p;
    gw_err err = {0};
    assert_true(gw_splitter_next(s, &p, &err));
    size_t bytes = 0;
    unsigned col = 1;
    while (gw_splitter_next(s, &p, &err) && p.kind == GW_PIECE_COPY_DATA) {
        assert_int_equal(p.line, 2);
        assert_int_equal(p.col, col);
        assert_true(p.len <= 128 * 1024);
        /* Never within a character. */
        assert_true(((unsigned char)p.text[0] & 0xc0) != 0x80);
        for (size_t i = 0; i < p.len; i++)
            col += ((unsigned char)p.text[i] & 0xc0) != 0x80;
        bytes += p.len;
    }
    assert_int_equal(p.kind, GW_PIECE_COPY_END);
    assert_int_equal(p.line, 3);
    assert_int_equal(bytes, TIMES * strlen(m.line) + 1);
    assert_true(gw_splitter_next(s, &p, &err));
    assert_string_equal(p.text, "X");
}

static void a_statement_may_be_longer_than_the_buffer(void **state)
{
    enum { TIMES = 300000 };
    made m = {
        .head = "/* long */ SELECT '", .line = "it''s ", .times = TIMES, .tail = "';\nSELECT 2"};
    gw_sql_input input = {.read = make, .self = &m};
    gw_splitter *s = gw_splitter_new(*state, &input);
    gw_piece p;
    gw_err err = {0};
    assert_true(gw_splitter_next(s, &p, &err));
    assert_int_equal(p.len, TIMES * 6 + 9);
    assert_int_equal(p.col, 12);
    assert_memory_equal(p.text, "SELECT 'it''s ", 14);
    assert_true(gw_splitter_next(s, &p, &err));
    assert_string_equal(p.text, "SELECT 2");
    assert_int_equal(p.line, 2);
}

static void comments_need_no_memory(void **state)
{
    /* Were they kept, the limit would be passed. */
    made m = {.head = "/* ", .line = "note ; é\n-- ", .times = 100000, .tail = " */ SELECT 1;"};
    gw_sql_input input = {.read = make, .self = &m};
    gw_splitter *s = gw_splitter_new(*state, &input);
    gw_splitter_limit(s, 1000);
    gw_piece p;
    gw_err err = {0};
    assert_true(gw_splitter_next(s, &p, &err));
    assert_string_equal(p.text, "SELECT 1");
    assert_int_equal(p.line, 100001);
    assert_int_equal(p.col, 8);
}

static void a_statement_over_the_limit_is_refused(void **state)
{
    static const char *const texts[] = {"SELECT 1;\n SELECT 12;",
                                        "SELECT 1;\n SELECT 'aaaaaaaaaaaaa"};
    for (size_t i = 0; i < 2; i++)
        for (size_t step = 0; step < 3; step++) {
            dripping d = {.breakpoints = false};
            gw_splitter *s = dripping_splitter(*state, &d, texts[i], strlen(texts[i]), step);
            gw_splitter_limit(s, 8);
            gw_piece p;
            gw_err err = {0};
            assert_true(gw_splitter_next(s, &p, &err));
            assert_false(gw_splitter_next(s, &p, &err));
            if (i == 0 || step > 0)
                assert_holds(err.message, "longer than 8 bytes");
            assert_int_equal(err.line, 2);
            gw_err_clear(&err);
        }
}

static long fail_to_read(void *self, char *buf, size_t cap, gw_err *err)
{
    (void)cap;
    int *reads = self;
    if (++*reads > 1)
        return gw_err_errno(err, EIO, "cannot read the file") ? 0 : -1;
    memcpy(buf, "SELECT 1; SELECT", 16);
    return 16;
}

static void a_reader_that_fails_is_heard(void **state)
{
    int reads = 0;
    gw_sql_input input = {.read = fail_to_read, .self = &reads};
    gw_splitter *s = gw_splitter_new(*state, &input);
    gw_piece p;
    gw_err err = {0};
    assert_true(gw_splitter_next(s, &p, &err));
    assert_false(gw_splitter_next(s, &p, &err));
    assert_int_equal(err.kind, GW_ERR_IO);
    assert_string_equal(err.message, "cannot read the file");
    assert_false(gw_splitter_next(s, &p, &err));
    assert_int_equal(err.kind, GW_ERR_INTERNAL);
    assert_int_equal(reads, 2);
    gw_err_clear(&err);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_arena(refuses_nul),
        with_arena(refuses_what_is_not_utf8),
        with_arena(takes_all_of_utf8),
        with_arena(long_copy_data_come_in_whole_lines),
        with_arena(a_line_without_end_is_cut),
        with_arena(a_statement_may_be_longer_than_the_buffer),
        with_arena(comments_need_no_memory),
        with_arena(a_statement_over_the_limit_is_refused),
        with_arena(a_reader_that_fails_is_heard),
    };
    return cmocka_run_group_tests_name("split input", tests, NULL, NULL);
}
