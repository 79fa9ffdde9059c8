/* drizzle's mark between statements. */
#include "pieces.h"

#define BREAK "--> statement-breakpoint"

/* However the text comes in: its mark may lie across two reads. */
static void check_all(gw_arena *arena, bool breakpoints, const char *text, const char *pieces)
{
    for (size_t step = 0; step < 30; step++) {
        dripping d = {.breakpoints = breakpoints};
        gw_splitter *s = dripping_splitter(arena, &d, text, strlen(text), step);
        assert_string_equal(written_out_of(arena, s, text), pieces);
    }
}

#define CHECK(state, text, pieces) check_all(*(state), true, text, pieces)

static void it_ends_a_statement(void **state)
{
    CHECK(state, "SELECT 1\n" BREAK "\nSELECT 2", "1:1[SELECT 1];3:1[SELECT 2]");
    CHECK(state, "SELECT 1\r\n" BREAK "\r\nSELECT 2\r\n" BREAK "\r\n",
          "1:1[SELECT 1];3:1[SELECT 2];");
    CHECK(state, "SELECT 1 -- é\n" BREAK "\n", "1:1[SELECT 1];");
}

static void beside_a_semicolon_it_ends_nothing_more(void **state)
{
    CHECK(state, "SELECT 1;" BREAK "\nSELECT 2;\n\n" BREAK "\n;" BREAK,
          "1:1[SELECT 1];2:1[SELECT 2];");
    CHECK(state, "SELECT 1" BREAK ";\nSELECT 2", "1:1[SELECT 1];2:1[SELECT 2]");
}

static void alone_it_is_no_statement(void **state)
{
    CHECK(state, BREAK, "");
    CHECK(state, BREAK BREAK "\n" BREAK "\n-- nothing\n", "");
    CHECK(state, BREAK "\n\nSELECT 1\n" BREAK "\n" BREAK "\n", "3:1[SELECT 1];");
}

/* The tool cuts the text at the mark: the rest of the line is SQL. */
static void what_follows_on_its_line_is_sql(void **state)
{
    CHECK(state, "SELECT 1" BREAK "SELECT 2" BREAK " SELECT 3",
          "1:1[SELECT 1];1:33[SELECT 2];1:66[SELECT 3]");
    CHECK(state, "SELECT 1;" BREAK "s", "1:1[SELECT 1];1:34[s]");
}

static void in_quotes_and_comments_it_is_text(void **state)
{
    CHECK(state, "SELECT '" BREAK "'\n" BREAK "\nSELECT 2",
          "1:1[SELECT '" BREAK "'];3:1[SELECT 2]");
    CHECK(state, "SELECT E'\\'" BREAK "', \"" BREAK "\";SELECT 2",
          "1:1[SELECT E'\\'" BREAK "', \"" BREAK "\"];1:66[SELECT 2]");
    CHECK(state, "DO $x$ BEGIN\n" BREAK "\nEND $x$;\n" BREAK,
          "1:1[DO $x$ BEGIN\n" BREAK "\nEND $x$];");
    CHECK(state, "/* " BREAK " /* " BREAK " */ */SELECT 1", "1:62[SELECT 1]");
    CHECK(state, "-- " BREAK "\nSELECT 1 -- " BREAK "\n, 2",
          "2:1[SELECT 1 -- " BREAK "\n, 2]");
}

/* As the tool has it: the mark knows neither brackets nor bodies. */
static void it_cuts_through_brackets(void **state)
{
    CHECK(state, "CREATE TABLE a (\n" BREAK "\nid int)", "1:1[CREATE TABLE a (];3:1[id int)]");
}

static void what_is_like_it_is_a_remark(void **state)
{
    CHECK(state, "SELECT 1 --> statement-breakpoin\n, 2", "1:1[SELECT 1 --> statement-breakpoin\n, 2]");
    CHECK(state, "SELECT 1 -->  statement-breakpoint\n, 2",
          "1:1[SELECT 1 -->  statement-breakpoint\n, 2]");
    CHECK(state, "SELECT 1 --> STATEMENT-BREAKPOINT\n, 2",
          "1:1[SELECT 1 --> STATEMENT-BREAKPOINT\n, 2]");
    CHECK(state, "SELECT 1 ---> statement-breakpoint\n, 2",
          "1:1[SELECT 1 ---> statement-breakpoint\n, 2]");
    CHECK(state, "SELECT 1 --> statement-break", "1:1[SELECT 1]");
}

static void data_of_copy_may_hold_it(void **state)
{
    CHECK(state, "COPY a FROM stdin;\n" BREAK "\n\\.\n" BREAK "\nSELECT 1",
          "1:1[COPY a FROM stdin];><" BREAK "\n>.5:1[SELECT 1]");
}

static void without_drizzle_it_is_a_remark(void **state)
{
    check_all(*state, false, "SELECT 1" BREAK "\n, 2; " BREAK " SELECT 3\nSELECT 4",
              "1:1[SELECT 1" BREAK "\n, 2];3:1[SELECT 4]");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_arena(it_ends_a_statement),
        with_arena(beside_a_semicolon_it_ends_nothing_more),
        with_arena(alone_it_is_no_statement),
        with_arena(what_follows_on_its_line_is_sql),
        with_arena(in_quotes_and_comments_it_is_text),
        with_arena(it_cuts_through_brackets),
        with_arena(what_is_like_it_is_a_remark),
        with_arena(data_of_copy_may_hold_it),
        with_arena(without_drizzle_it_is_a_remark),
    };
    return cmocka_run_group_tests_name("split breakpoint", tests, NULL, NULL);
}
