/* Variables in files, one convention's rules after another, and text larger than any buffer. */
#include "fixture.h"

#include "migrate/substitute.h"

static const char *variables(void *self, const char *name)
{
    (void)self;
    if (strcmp(name, "A") == 0)
        return "alpha";
    return strcmp(name, "EMPTY") == 0 ? "" : NULL;
}

/* `step` bytes at a time. */
typedef struct dribble {
    const char *at;
    size_t step;
} dribble;

static long read_some(void *self, char *buf, size_t cap, gw_err *err)
{
    dribble *d = self;
    (void)err;
    size_t n = strnlen(d->at, d->step < cap ? d->step : cap);
    memcpy(buf, d->at, n);
    d->at += n;
    return (long)n;
}

static const char *expand_with(fixture *f, gw_substitution how, const gw_script_context *context,
                               const char *text, size_t step)
{
    dribble d = {text, step};
    gw_sql_input raw = {.read = read_some, .self = &d, .file = "dir/f.sql", .first_line = 5};
    gw_sql_input input = gw_substitute(f->arena, &raw, how, context);
    gw_buf out = GW_BUF(f->arena);
    char buf[7];
    long n;
    while ((n = input.read(input.self, buf, sizeof buf, &f->err)) > 0)
        gw_buf_addn(&out, buf, (size_t)n);
    return n < 0 ? NULL : gw_buf_str(&out);
}

static const char *expand(fixture *f, gw_substitution how, const char *text, size_t step)
{
    static const char *const placeholders[] = {"name", "value", ":N_1", "one", NULL};
    const gw_script_context context = {.variable = variables,
                                       .placeholders = placeholders,
                                       .database = "db",
                                       .user = "me",
                                       .environment = "dev",
                                       .schema = "s"};
    return expand_with(f, how, &context, text, step);
}

static void test_rules(void **state)
{
    fixture *f = *state;
    static const struct {
        gw_substitution how;
        const char *text, *expected;
    } cases[] = {
        {GW_SUBST_ENV, "${A}${A} $A $1 $$ ${1} ${ x", "alphaalpha $A $1 $$ ${1} ${ x"},
        {GW_SUBST_ENV, "${A:-x}${B:-y z}${EMPTY:-e}|${EMPTY}|", "alphay ze||"},
        {GW_SUBST_ENV, "$", "$"},
        {GW_SUBST_ENV, "", ""},
        {GW_SUBST_PLACEHOLDERS, "${name} ${NAME} ${flyway:user} $name $", "value value me $name $"},
        {GW_SUBST_PLACEHOLDERS, "${flyway:defaultSchema}.${flyway:database}.${flyway:filename}",
         "s.db.f.sql"},
        {GW_SUBST_PLACEHOLDERS, "${FLYWAY:ENVIRONMENT}/${flyway:DEFAULTSCHEMA}", "dev/s"},
        {GW_SUBST_GRAPHILE, "a::N_1 :N_1 :N_12 x:n_1 :", "a:one one :N_12 x:n_1 :"},
        {GW_SUBST_GOOSE_ON, "$A ${A} $$A $1 ${B-} ${A-x}\n", "alpha alpha $$A $1  alpha\n"},
        {GW_SUBST_GOOSE_OFF, "$A\n-- +goose envsub on\n$A\n--+goose ENVSUB OFF\n$A",
         "$A\n-- +goose envsub on\nalpha\n--+goose ENVSUB OFF\n$A"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (size_t step = 1; step < 40; step += 3) {
            const char *got = expand(f, cases[i].how, cases[i].text, step);
            assert_non_null(got);
            assert_string_equal(got, cases[i].expected);
        }
}

/* What psql 15 sends, given the same variables with -v. */
static void test_psql(void **state)
{
    fixture *f = *state;
    static const char *const placeholders[] = {"v", "2", "r", ":r :v", "o", "it's", "t", "int", "e", "", "bs", "a\\b",
                                               "dq", "a\"b", "c", "'x :v", NULL};
    static const char *const variables[] = {"v", "no", "w", ":x", "x", "[:v]", NULL};
    const gw_script_context context = {.placeholders = placeholders, .variables = variables};
    static const char *const cases[][2] = {
        {":v, :'v', :\"v\"", "2, '2', \"2\""},
        {"SELECT ':v', \":v\", $$:v$$, $a$:v$ $b$ :v$a$ :v; -- :v\n:v", "SELECT ':v', \":v\", $$:v$$, $a$:v$ $b$ :v$a$ 2; -- :v\n2"},
        {"/* :v /* :v */ :v */ :v - :v / :v", "/* :v /* :v */ :v */ 2 - 2 / 2"},
        {"a[1:v], a[v2:v], a[1:n]", "a[12], a[v22], a[1:n]"},
        {"E'\\':v' :v e'' :v E'a''\\':v' note':v' :v", "E'\\':v' 2 e'' 2 E'a''\\':v' note':v' 2"},
        {"1::int, '1':::t, x:=:v, :{?v} :{?n} :{v}", "1::int, '1'::int, x:=2, TRUE FALSE :{v}"},
        {":'o', :\"o\" :'bs' :\"dq\"", "'it''s', \"it's\" E'a\\\\b' \"a\"\"b\""},
        {":nosuch :'nosuch' :\"nosuch\" :'v :v'", ":nosuch :'nosuch' :\"nosuch\" :'v :v'"},
        {": v, :\n'v' :v\xC3\xA9 : :", ": v, :\n'v' :v\xC3\xA9 : :"},
        {"$1:v a$b$:v 1:v:v :e|", "$12 a$b$2 122 |"},
        {":r :w :c :v' :v", ":r 2 [2] 'x :v :v' 2"},
        {"COPY c FROM stdin;\n:v\n\\.\n:v; copy (select 1 from stdin) to stdout;\n:v",
         "COPY c FROM stdin;\n:v\n\\.\n2; copy (select 1 from stdin) to stdout;\n2"},
        {"copy :t (a) from stdin with csv; \r\n:v\r\n\\.\r\n:v", "copy int (a) from stdin with csv; \r\n:v\r\n\\.\r\n2"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (size_t step = 1; step < 40; step += step < 6 ? 1 : 7) {
            const char *got = expand_with(f, GW_SUBST_PSQL, &context, cases[i][0], step);
            assert_non_null(got);
            assert_string_equal(got, cases[i][1]);
        }
    assert_string_equal(expand_with(f, GW_SUBST_PSQL, NULL, "a :v b", 3), "a :v b");
}

static void test_errors(void **state)
{
    fixture *f = *state;
    static const struct {
        gw_substitution how;
        const char *text, *message;
        unsigned line, col;
    } cases[] = {
        {GW_SUBST_ENV, "a\n\xC3\xA4 ${NO}", "variable NO is not set", 6, 3},
        {GW_SUBST_ENV, "${A:0:3}", "`${A:0:3}` is not a variable that Godwit can read", 5, 1},
        {GW_SUBST_ENV, "${A", "`${A` has no closing brace", 5, 1},
        {GW_SUBST_PLACEHOLDERS, "${what}", "placeholder ${what} has no value", 5, 1},
        {GW_SUBST_GOOSE_ON, "x $body$", "variable body is not set", 5, 3},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (size_t step = 1; step < 20; step++) {
            gw_err_clear(&f->err);
            assert_null(expand(f, cases[i].how, cases[i].text, step));
            assert_int_equal(f->err.kind, GW_ERR_INPUT);
            assert_string_equal(f->err.message, cases[i].message);
            assert_int_equal(f->err.line, cases[i].line);
            assert_int_equal(f->err.col, cases[i].col);
        }
}

/* A server that is asked for the default schema. */
typedef struct asked {
    int times;
    const char *answer;
    bool lost;
} asked;

static bool answer(void *self, const char **out, gw_err *err)
{
    asked *a = self;
    a->times++;
    *out = a->answer;
    return !a->lost || gw_err_set(err, GW_ERR_LOST, "the connection was lost");
}

static void test_the_default_schema_is_asked_for(void **state)
{
    fixture *f = *state;
    static const char *const own[] = {"flyway:defaultSchema", "mine", NULL};
    asked a = {.answer = "my \"app\""};
    gw_script_context context = {.default_schema = answer, .default_schema_self = &a, .user = "me"};
    const gw_substitution how = GW_SUBST_PLACEHOLDERS;
    assert_string_equal(expand_with(f, how, &context, "${flyway:user} $$ x", 5), "me $$ x");
    assert_int_equal(a.times, 0);
    assert_string_equal(expand_with(f, how, &context, "${flyway:defaultschema}", 5), a.answer);
    assert_int_equal(a.times, 1);
    context.placeholders = own;
    assert_string_equal(expand_with(f, how, &context, "${flyway:defaultSchema}", 5), "mine");
    context.placeholders = NULL;
    context.schema = "known";
    assert_string_equal(expand_with(f, how, &context, "${flyway:defaultSchema}", 5), "known");
    assert_int_equal(a.times, 1);
}

static void test_no_default_schema(void **state)
{
    fixture *f = *state;
    asked a = {.answer = NULL};
    const gw_script_context context = {.default_schema = answer, .default_schema_self = &a};
    assert_null(expand_with(f, GW_SUBST_PLACEHOLDERS, &context, "\n ${flyway:defaultSchema}", 5));
    assert_int_equal(f->err.kind, GW_ERR_INPUT);
    assert_string_equal(f->err.message, "placeholder ${flyway:defaultSchema} has no value");
    assert_non_null(strstr(f->err.detail, "search_path"));
    assert_int_equal(f->err.line, 6);
    gw_err_clear(&f->err);
    a.lost = true;
    assert_null(expand_with(f, GW_SUBST_PLACEHOLDERS, &context, "\n ${flyway:defaultSchema}", 5));
    assert_int_equal(f->err.kind, GW_ERR_LOST);
    assert_int_equal(f->err.line, 6);
    assert_int_equal(f->err.col, 2);
}

static void test_large_text_is_a_stream(void **state)
{
    fixture *f = *state;
    gw_buf text = GW_BUF(f->arena), expected = GW_BUF(f->arena);
    for (int i = 0; i < 40000; i++) {
        gw_buf_addf(&text, "%d ${A} $", i);
        gw_buf_addf(&expected, "%d alpha $", i);
        if (i % 1000 == 0) {
            gw_buf_addc(&text, '\n');
            gw_buf_addc(&expected, '\n');
        }
    }
    assert_string_equal(expand(f, GW_SUBST_ENV, text.data, 100000), expected.data);
    gw_buf_clear(&text);
    gw_buf_clear(&expected);
    for (int i = 0; i < 40000; i++) {
        gw_buf_addf(&text, "%d $A ", i);
        gw_buf_addf(&expected, "%d alpha ", i);
    }
    assert_string_equal(expand(f, GW_SUBST_GOOSE_ON, text.data, 100000), expected.data);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
    const struct CMUnitTest tests[] = {
        T(test_rules),
        T(test_psql),
        T(test_errors),
        T(test_the_default_schema_is_asked_for),
        T(test_no_default_schema),
        T(test_large_text_is_a_stream),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
