#include "../base/unit.h"

#include "base/buf.h"
#include "sql/lex.h"

/* "w:SELECT n:1 s:;" : a letter for the kind, then the text. */
static const char *tokens(gw_arena *arena, const char *text, bool comments)
{
    static const char letters[] = {
        [GW_TOKEN_WORD] = 'w',   [GW_TOKEN_QUOTED] = 'q', [GW_TOKEN_STRING] = 't',
        [GW_TOKEN_NUMBER] = 'n', [GW_TOKEN_PARAM] = 'p',  [GW_TOKEN_SYMBOL] = 's',
        [GW_TOKEN_COMMENT] = 'c'};
    gw_buf out = GW_BUF(arena);
    /* A copy of the exact size, so that a read past it is seen. */
    size_t len = strlen(text);
    gw_lexer lexer = gw_lexer_start(gw_memdup(arena, text, len), len);
    lexer.want_comments = comments;
    gw_token token;
    while ((token = gw_lexer_next(&lexer)).kind != GW_TOKEN_END)
        gw_buf_addf(&out, "%s%c:%.*s", out.len ? " " : "", letters[token.kind], (int)token.len,
                    token.text);
    assert_int_equal(gw_lexer_next(&lexer).kind, GW_TOKEN_END);
    return gw_buf_str(&out);
}

static void tells_tokens_apart(void **state)
{
    static const struct {
        const char *text, *tokens;
    } list[] = {
        {"", ""},
        {"SELECT a.b,*FROM t;", "w:SELECT w:a s:. w:b s:, s:* w:FROM w:t s:;"},
        {"a::int[] := $1", "w:a s::: w:int s:[ s:] s::= p:$1"},
        {"1 1.5 .5 1e10 1e-5 0xFF 1_000 5..6", "n:1 n:1.5 n:.5 n:1e10 n:1e-5 n:0xFF n:1_000 n:5 "
                                               "s:.. n:6"},
        {"0xE+1 1-2", "n:0xE s:+ n:1 n:1 s:- n:2"},
        {"a<=b <> -1 @> 'x'", "w:a s:<= w:b s:<> s:- n:1 s:@> t:'x'"},
        {"a+/*c*/b -- d\n=c", "w:a s:+ w:b s:= w:c"},
        {"a+--c\nb", "w:a s:+ w:b"},
        {"'a''b' \"c\"\"d\" E'\\'' e'\\\\' x'1F' B'01' N'n' U&'\\0061'",
         "t:'a''b' q:\"c\"\"d\" t:E'\\'' t:e'\\\\' t:x'1F' t:B'01' t:N'n' t:U&'\\0061'"},
        {"'a'\n'b' 'c'", "t:'a'\n'b' t:'c'"},
        {"E'a'\n--x\n'b\\'' c", "t:E'a'\n--x\n'b\\'' w:c"},
        {"$$a$$ $x$b$$c$x$ $y", "t:$$a$$ t:$x$b$$c$x$ s:$ w:y"},
        {"U&\"d!0061\" UESCAPE '!' x", "q:U&\"d!0061\" UESCAPE '!' w:x"},
        {"U&\"d\" uescaped 'x'", "q:U&\"d\" w:uescaped t:'x'"},
        {"U&\"d\" /* c */ uescape", "q:U&\"d\" w:uescape"},
        {"é_1$ \\x", "w:é_1$ s:\\ w:x"},
        {"'open", "t:'open"},
        {"\"open", "q:\"open"},
        {"E'open\\", "t:E'open\\"},
        {"E'open\\'", "t:E'open\\'"},
        {"$a$open$", "t:$a$open$"},
        {"a /* open /* */", "w:a"},
        {"'", "t:'"},
        {"/", "s:/"},
        {"1.", "n:1."},
        {"1e", "n:1e"},
    };
    for (size_t i = 0; i < sizeof list / sizeof *list; i++)
        assert_string_equal(tokens(*state, list[i].text, false), list[i].tokens);
}

static void hands_out_comments(void **state)
{
    assert_string_equal(tokens(*state, "-- a\nb /* c /* d */ */ + --e", true),
                        "c:-- a w:b c:/* c /* d */ */ s:+ c:--e");
}

static gw_token first(const char *text)
{
    gw_lexer lexer = gw_lexer_start(text, strlen(text));
    return gw_lexer_next(&lexer);
}

static void compares_words(void **state)
{
    (void)state;
    gw_token word = first("SeLect"), quoted = first("\"select\""), longer = first("selects");
    assert_true(gw_token_is(&word, "select"));
    assert_false(gw_token_is(&word, "selec"));
    assert_false(gw_token_is(&word, "selects"));
    assert_false(gw_token_is(&quoted, "select"));
    assert_false(gw_token_is(&longer, "select"));
    static const char *const words[] = {"insert", "select", NULL}, *const none[] = {NULL};
    assert_true(gw_token_is_any(&word, words));
    assert_false(gw_token_is_any(&quoted, words));
    assert_false(gw_token_is_any(&longer, words));
    assert_false(gw_token_is_any(&word, none));
    assert_true(gw_token_is_name(&word) && gw_token_is_name(&quoted));
    gw_token text = first("'select'"), cast = first("::int"), end = first("");
    assert_false(gw_token_is_name(&text) || gw_token_is_name(&cast) || gw_token_is_name(&end));
    assert_true(gw_token_symbol(&cast, "::"));
    assert_false(gw_token_symbol(&cast, ":"));
    assert_false(gw_token_symbol(&end, ""));
    assert_false(gw_token_symbol(&text, "'"));
}

static void gives_names_as_the_catalog(void **state)
{
    static const struct {
        const char *text, *name;
    } list[] = {
        {"Users", "users"},
        {"\"Users\"", "Users"},
        {"\"a\"\"b\"", "a\"b"},
        {"ÄB", "Äb"}, /* only ASCII is folded */
        {"U&\"d\\0061t\\+000061\"", "data"},
        {"U&\"d!0061t!!\" UESCAPE '!'", "dat!"},
        {"U&\"\\D83D\\DE00\"", "\xf0\x9f\x98\x80"},
        {"U&\"\\\\x\\zz\"", "\\x\\zz"},
        {"a2345678901234567890123456789012345678901234567890123456789012345",
         "a23456789012345678901234567890123456789012345678901234567890123"},
        {"a2345678901234567890123456789012345678901234567890123456789012é",
         "a2345678901234567890123456789012345678901234567890123456789012"},
    };
    for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
        gw_token token = first(list[i].text);
        assert_string_equal(gw_token_name(*state, &token), list[i].name);
    }
}

static void gives_values_of_strings(void **state)
{
    static const struct {
        const char *text, *value;
    } list[] = {
        {"'a''b\\n'", "a'b\\n"},
        {"'a'\n 'b'", "ab"},
        {"E'a\\nb\\t\\\\\\'''\\q'", "a\nb\t\\''q"},
        {"E'\\x41\\101\\u00e9\\U0001F600'", "AA\xc3\xa9\xf0\x9f\x98\x80"},
        {"E'\\uD83D\\uDE00'", "\xf0\x9f\x98\x80"},
        {"E'a'\n'\\n'", "a\n"},
        {"$$a'b$$", "a'b"},
        {"$x$a$$b$x$", "a$$b"},
        {"$x$open", "open"},
        {"U&'\\0041!'", "A!"},
        {"U&'!0041' UESCAPE '!'", "A"},
        {"'open", "open"},
        {"E'open\\", "open\\"},
    };
    for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
        gw_token token = first(list[i].text);
        assert_int_equal(token.kind, GW_TOKEN_STRING);
        assert_string_equal(gw_token_string(*state, &token), list[i].value);
    }
}

static void blanks_comments(void **state)
{
    static const struct {
        const char *text, *blank;
    } list[] = {
        {"", ""},
        {"a -- é\nb/*\n*/c", "a     \nb     c"},
        {"'--' \"/*\" $$--$$ --", "'--' \"/*\" $$--$$   "},
        {"E'a\\'' -- b'\n --\n'c--' d", "E'a\\''      \n   \n'c--' d"},
        {"'a' -- b\n", "'a'     \n"},
        {"/* open", "       "},
        {"'open --", "'open --"},
    };
    for (size_t i = 0; i < sizeof list / sizeof *list; i++)
        assert_string_equal(gw_lexer_without_comments(*state, list[i].text, strlen(list[i].text)),
                            list[i].blank);
}

/* Each looks for UESCAPE behind it; that must not go through all of them each time. */
static void many_unicode_strings_take_no_stack(void **state)
{
    enum { COUNT = 200000 };
    gw_buf text = GW_BUF(*state);
    for (int i = 0; i < COUNT; i++)
        gw_buf_add(&text, "U&'' ");
    gw_lexer lexer = gw_lexer_start(text.data, text.len);
    int count = 0;
    while (gw_lexer_next(&lexer).kind == GW_TOKEN_STRING)
        count++;
    assert_int_equal(count, COUNT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_arena(tells_tokens_apart),
        with_arena(hands_out_comments),
        with_arena(compares_words),
        with_arena(gives_names_as_the_catalog),
        with_arena(gives_values_of_strings),
        with_arena(blanks_comments),
        with_arena(many_unicode_strings_take_no_stack),
    };
    return cmocka_run_group_tests_name("lex", tests, NULL, NULL);
}
