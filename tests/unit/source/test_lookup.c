/* Keys are looked up as the source compares them; runs of blocks come back as they lie. */
#include "arena_test.h"

#include <stdlib.h>

#include "source/lookup.h"

static gw_session *session;

static void sql(const char *text)
{
    gw_err err = {0};
    assert_ok(gw_exec(session, text, &err));
}

static int set_up(void **state)
{
    new_arena(state);
    session = open_pinned(arena);
    sql("DROP SCHEMA IF EXISTS l CASCADE; CREATE SCHEMA l");
    return 0;
}

typedef struct told {
    gw_buf text;
    size_t last;
} told;

static bool tell(void *self, size_t index, const gw_row_seen *row, uint32_t leaf, gw_err *err)
{
    (void)err;
    told *all = self;
    assert_true(index >= all->last);
    all->last = index;
    assert_true(row ? leaf != 0 : leaf == 0);
    gw_buf_addf(&all->text, "%zu=%.*s;", index, row ? (int)row->key_len : 4,
                row ? row->key : "gone");
    return true;
}

static const char *look_up(const char *key, gw_key_part *parts, size_t part_count,
                           const char *const *keys, size_t count)
{
    gw_err err = {0};
    gw_reader reader = {.session = session,
                        .from = "l.t AS t",
                        .has_blocks = true,
                        .key = key,
                        .fingerprint = "7::pg_catalog.int8"};
    gw_lookup lookup = {.reader = &reader, .parts = parts, .part_count = part_count};
    gw_key_text texts[8];
    for (size_t i = 0; i < count; i++)
        texts[i] = (gw_key_text){keys[i], strlen(keys[i])};
    told all = {.text = GW_BUF(arena)};
    assert_ok(gw_session_begin(session, "repeatable read read only", &err));
    assert_ok(gw_lookup_prepare(session, arena, parts, part_count, &err));
    assert_ok(gw_lookup_keys(&lookup, texts, count, tell, &all, &err));
    assert_ok(gw_session_commit(session, &err));
    return gw_buf_str(&all.text);
}

static int64_t oid(const char *type)
{
    return strtoll(ask(session, arena, gw_printf(arena, "SELECT '%s'::regtype::oid", type)), NULL,
                   10);
}

static void keys_with_anything_in_them_are_found(void **state)
{
    (void)state;
    sql("CREATE TABLE l.t (k text PRIMARY KEY) PARTITION BY HASH (k);"
        "CREATE TABLE l.t0 PARTITION OF l.t FOR VALUES WITH (MODULUS 2, REMAINDER 0);"
        "CREATE TABLE l.t1 PARTITION OF l.t FOR VALUES WITH (MODULUS 2, REMAINDER 1);"
        "INSERT INTO l.t VALUES (''), ('NULL'), ('a\"b\\c,{}'), (E'new\\nline'), ('é')");
    gw_key_part part = {.sql = "t.k", .type = "pg_catalog.text", .type_oid = 25};
    const char *keys[] = {"", "NULL", "nothing", "a\"b\\c,{}", "new\nline", "é", "É"};
    assert_string_equal(look_up("t.k", &part, 1, keys, 7),
                        "0=;1=NULL;2=gone;3=a\"b\\c,{};4=new\nline;5=é;6=gone;");
}

static void several_columns_are_one_key(void **state)
{
    (void)state;
    sql("CREATE TYPE l.mood AS ENUM ('sad', 'o\"k'); CREATE DOMAIN l.d AS numeric(10,2);"
        "CREATE TABLE l.t (m l.mood, n l.d, b bytea, PRIMARY KEY (m, n, b));"
        "INSERT INTO l.t VALUES ('sad', 1.5, '\\x00'), ('o\"k', 1.5, '\\x00')");
    gw_key_part parts[] = {{.sql = "t.m", .type = "l.mood", .type_oid = oid("l.mood")},
                           {.sql = "t.n", .type = "l.d", .type_oid = 1700},
                           {.sql = "t.b", .type = "pg_catalog.bytea", .type_oid = 17}};
    const char *keys[] = {"[\"o\\\"k\", \"1.50\", \"\\\\x00\"]", "[\"sad\", \"1.5\", \"\\\\x01\"]"};
    assert_string_equal(
        look_up("pg_catalog.jsonb_build_array(t.m::text, t.n::text, t.b::text)::text", parts, 3,
                keys, 2),
        "0=[\"o\\\"k\", \"1.50\", \"\\\\x00\"];1=gone;");
}

/* A type with an idea of its own: "=" of pg_catalog would find nothing. */
static void equality_is_the_types_own(void **state)
{
    (void)state;
    sql("CREATE TYPE l.ci; CREATE FUNCTION l.ci_in(cstring) RETURNS l.ci LANGUAGE internal "
        "IMMUTABLE STRICT AS 'textin';"
        "CREATE FUNCTION l.ci_out(l.ci) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS "
        "'textout';"
        "CREATE TYPE l.ci (INPUT = l.ci_in, OUTPUT = l.ci_out, LIKE = text, CATEGORY = 'S', "
        "COLLATABLE = true);"
        "CREATE CAST (l.ci AS text) WITHOUT FUNCTION AS IMPLICIT; CREATE CAST (text AS l.ci) "
        "WITHOUT FUNCTION AS ASSIGNMENT;"
        "CREATE FUNCTION l.eq(l.ci, l.ci) RETURNS bool LANGUAGE sql IMMUTABLE AS $$ SELECT "
        "lower($1::text) = lower($2::text) $$;"
        "CREATE FUNCTION l.h(l.ci) RETURNS int LANGUAGE sql IMMUTABLE AS $$ SELECT "
        "hashtext(lower($1::text)) $$;"
        "CREATE OPERATOR l.= (LEFTARG = l.ci, RIGHTARG = l.ci, FUNCTION = l.eq, HASHES);"
        "CREATE OPERATOR CLASS l.ops DEFAULT FOR TYPE l.ci USING hash AS OPERATOR 1 l.=, FUNCTION "
        "1 l.h(l.ci);"
        "CREATE TABLE l.t (k l.ci); INSERT INTO l.t VALUES ('Abc')");
    gw_key_part part = {.sql = "t.k", .type = "l.ci", .type_oid = oid("l.ci")};
    const char *keys[] = {"ABC", "abd"};
    assert_string_equal(look_up("t.k::text", &part, 1, keys, 2), "0=Abc;1=gone;");
    assert_string_equal(part.equals, "OPERATOR(\"l\".=)");
}

static bool add_block(void *self, const gw_row_seen *row, gw_err *err)
{
    (void)err;
    gw_buf_addf(self, "%.*s@%u ", (int)row->key_len, row->key, row->block);
    return true;
}

static void runs_come_one_after_the_other(void **state)
{
    (void)state;
    gw_err err = {0};
    if (server_fixture_major() < 14)
        skip();
    sql("CREATE TABLE l.t (k int, pad text); ALTER TABLE l.t ALTER pad SET STORAGE PLAIN; INSERT "
        "INTO l.t SELECT i, repeat('x', 3000) FROM "
        "generate_series(0, 999) i");
    gw_reader reader = {.session = session,
                        .from = "ONLY l.t AS t",
                        .has_blocks = true,
                        .key = "t.k::text",
                        .fingerprint = "7::pg_catalog.int8"};
    gw_buf text = GW_BUF(arena);
    gw_blocks runs[200];
    for (uint32_t i = 0; i < 200; i++)
        runs[i] = (gw_blocks){2 * i, 2 * i + 1};
    assert_ok(gw_session_begin(session, "repeatable read read only", &err));
    assert_ok(gw_reader_ranges(&reader, runs, 200, add_block, &text, &err));
    assert_true(strncmp(gw_buf_str(&text), "0@0 1@0 4@2 5@2 ", 16) == 0);
    gw_buf_clear(&text);
    assert_ok(
        gw_reader_ranges(&reader, &(gw_blocks){499, GW_BLOCKS_END}, 1, add_block, &text, &err));
    assert_string_equal(gw_buf_str(&text), "998@499 999@499 ");
    reader.key = "NULL::text";
    assert_false(gw_reader_ranges(&reader, runs, 1, add_block, &text, &err));
    assert_kind(GW_ERR_STATE);
}

#define with_schema(test) cmocka_unit_test_setup_teardown(test, set_up, free_arena)

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_schema(keys_with_anything_in_them_are_found),
        with_schema(several_columns_are_one_key),
        with_schema(equality_is_the_types_own),
        with_schema(runs_come_one_after_the_other),
    };
    return cmocka_run_group_tests(tests, server_fixture_setup, server_fixture_teardown);
}
