/* What the compiler and Godwit say of wrong functions, and where. */
#include "unit.h"

static gw_script_problems problems_of(mapping *m)
{
    gw_err err = {0};
    gw_script_compiled compiled;
    gw_script_problems problems;
    if (compile(m, &compiled, &problems, &err))
        fail_msg("nothing was found wrong");
    if (problems.len == 0)
        fail_with(&err, "could not be checked");
    assert_int_equal(err.kind, GW_ERR_INPUT);
    assert_non_null(err.file);
    gw_err_clear(&err);
    return problems;
}

static const gw_script_problem *problem_of(const gw_script_problems *all, const char *function)
{
    for (size_t i = 0; i < all->len; i++)
        if (all->items[i].function && strcmp(all->items[i].function, function) == 0)
            return &all->items[i];
    for (size_t i = 0; i < all->len; i++)
        print_message("%s: %s\n", all->items[i].function, all->items[i].message);
    fail_msg("no problem in %s", function);
    return NULL;
}

enum { ANY_CODE = 1 }; /* compilers differ in it */

static void assert_problem(const gw_script_problems *all, const char *function, unsigned code,
                           unsigned line, unsigned col, const char *part)
{
    const gw_script_problem *p = problem_of(all, function);
    if (!strstr(p->message, part) || (code != ANY_CODE && p->code != code) || p->line != line || p->col != col)
        fail_msg("%s: %s:%u:%u: TS%u %s; not %u:%u TS%u %s", function, p->file, p->line, p->col,
                 p->code, p->message, line, col, code, part);
}

static mapping people(void **state)
{
    mapping m = {.arena = *state};
    add_column(&m, "first_name", a_type(GW_SCRIPT_TEXT));
    add_column(&m, "nick", nullable(GW_SCRIPT_TEXT));
    add_column(&m, "id", a_type(GW_SCRIPT_INT8));
    return m;
}

/* Inline texts begin at map.yaml:20:5 and their further lines are indented by 4. */
static void test_places(void **state)
{
    mapping m = people(state);
    add_function(&m, "typo", a_type(GW_SCRIPT_TEXT), "(row: Row): string => row.frist_name");
    add_function(&m, "later", a_type(GW_SCRIPT_TEXT),
                 "(row: Row): string => {\n  const a = '😀é'; return row.nick.trim();\n}");
    add_function(&m, "mixed", a_type(GW_SCRIPT_INT8), "row => row.id * 2");
    add_function(&m, "number", a_type(GW_SCRIPT_TEXT), "(row: Row): number => 1");
    add_function(&m, "fine", a_type(GW_SCRIPT_TEXT), "(row: Row): string => row.first_name;");
    gw_script_problems p = problems_of(&m);
    assert_int_equal(p.len, 4);
    assert_problem(&p, "typo", 2551, 20, 31, "Did you mean 'first_name'?");
    assert_problem(&p, "later", ANY_CODE, 21, 30, "possibly 'null'");
    assert_problem(&p, "mixed", 2365, 20, 12, "'bigint' and 'number'");
    /* What only our frame around it can see stands at the function's name in the mapping. */
    assert_problem(&p, "number", 2322, 13, 3, "Type 'number' is not assignable to type 'string'");
}

static void test_returns(void **state)
{
    mapping m = people(state);
    add_function(&m, "promise", a_type(GW_SCRIPT_TEXT), "async (row: Row) => row.first_name");
    add_function(&m, "undef", nullable(GW_SCRIPT_TEXT), "(row: Row) => row.nick ?? undefined");
    add_function(&m, "nullish", a_type(GW_SCRIPT_TEXT), "(row: Row) => row.nick");
    add_function(&m, "nothing", a_type(GW_SCRIPT_TEXT), "(row: Row) => { row.nick; }");
    add_function(&m, "two", a_type(GW_SCRIPT_TEXT), "(row: Row, more: string) => more");
    add_function(&m, "date", a_type(GW_SCRIPT_JSON), "(row: Row) => new Date(0)");
    add_function(&m, "hole", a_type(GW_SCRIPT_JSON), "(row: Row) => ({ a: row.nick ?? undefined })");
    add_function(&m, "object", a_type(GW_SCRIPT_TEXT), "(row: Row) => ({ name: row.nick })");
    const char *labels[] = {"new", "it's", "a\"b"};
    gw_script_type mood = {.kind = GW_SCRIPT_ENUM, .labels = labels, .label_count = 3};
    add_function(&m, "mood", mood, "(row: Row) => 'old'");
    add_function(&m, "good", mood, "(row: Row) => row.id > 3n ? \"it's\" : 'a\"b'");
    add_function(&m, "notfun", a_type(GW_SCRIPT_TEXT), "'text'");
    gw_script_problems p = problems_of(&m);
    const char *wrong[] = {"promise", "undef",  "nullish", "nothing", "two",
                           "date",    "hole",   "object",  "mood",    "notfun"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        problem_of(&p, wrong[i]);
    for (size_t i = 0; i < p.len; i++)
        assert_string_not_equal(p.items[i].function, "good");
}

static void test_refused(void **state)
{
    mapping m = people(state);
    add_function(&m, "clock", a_type(GW_SCRIPT_FLOAT8), "(row: Row) => Date.now()");
    add_function(&m, "today", a_type(GW_SCRIPT_TEXT), "(row: Row) => new Date().toISOString()");
    add_function(&m, "dice", a_type(GW_SCRIPT_FLOAT8), "(row: Row) => Math.random()");
    add_function(&m, "intl", a_type(GW_SCRIPT_TEXT), "(row: Row) => new Intl.NumberFormat('de').format(1)");
    add_function(&m, "imports", a_type(GW_SCRIPT_TEXT), "(row: Row) => { import('fs'); return ''; }");
    add_function(&m, "asyncs", a_type(GW_SCRIPT_TEXT), "(row: Row) => { (async () => 1)(); return ''; }");
    add_function(&m, "evals", a_type(GW_SCRIPT_TEXT), "(row: Row) => eval('1')");
    add_function(&m, "needs", a_type(GW_SCRIPT_TEXT), "(row: Row) => require('fs')");
    add_function(&m, "own", a_type(GW_SCRIPT_FLOAT8), "(row: Row) => { const Intl = { x: 1 }; return Intl.x + new Date(0).getTime(); }");
    gw_script_problems p = problems_of(&m);
    assert_problem(&p, "clock", 0, 20, 19, "Date.now is not available");
    assert_problem(&p, "today", 0, 20, 19, "reads the clock");
    assert_problem(&p, "dice", 0, 20, 19, "Math.random is not available");
    assert_problem(&p, "intl", 0, 20, 23, "Intl is not available");
    assert_problem(&p, "imports", 0, 20, 21, "cannot import");
    assert_problem(&p, "asyncs", 0, 20, 22, "cannot be async");
    assert_problem(&p, "evals", 0, 20, 19, "eval is not available");
    problem_of(&p, "needs");
    for (size_t i = 0; i < p.len; i++)
        assert_string_not_equal(p.items[i].function, "own");
}

/* What breaks the frame around an inline text is told in the text's own lines. */
static void test_syntax(void **state)
{
    const struct {
        const char *text;
        unsigned line, col;
    } cases[] = {
        {"(row: Row) => row.", 20, 23},
        {"(row: Row) => { return '' ", 20, 30},
        {"row => ''); (row => ''", 20, 5},
        {"row => '' /* open", 20, 22},
        {"(row: Row): string =>\n  )", 21, 7},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        mapping m = people(state);
        add_function(&m, "broken", a_type(GW_SCRIPT_TEXT), cases[i].text);
        gw_script_problems p = problems_of(&m);
        if (p.items[0].line != cases[i].line || p.items[0].col != cases[i].col)
            fail_msg("%s: %u:%u %s", cases[i].text, p.items[0].line, p.items[0].col,
                     p.items[0].message);
        assert_string_equal(p.items[0].file, "map.yaml");
    }
}

static void test_file(void **state)
{
    mapping m = people(state);
    m.file_text = "// @ts-nocheck\n"
                  "let count = 0;\n"
                  "export function wrong(row: Row): number { return row.id; }\n"
                  "export function mismatch(row: Row): number {\n"
                  "  return 1;\n"
                  "}\n"
                  "export const arrow = (row: Row) => row.nick;\n"
                  "import * as fs from 'fs';\n";
    add_function(&m, "wrong", a_type(GW_SCRIPT_FLOAT8), NULL);
    add_function(&m, "mismatch", a_type(GW_SCRIPT_TEXT), NULL);
    add_function(&m, "arrow", a_type(GW_SCRIPT_TEXT), NULL);
    add_function(&m, "absent", a_type(GW_SCRIPT_TEXT), NULL);
    gw_script_problems p = problems_of(&m);
    bool in_file = false, state_said = false, import_said = false;
    for (size_t i = 0; i < p.len; i++) {
        in_file |= p.items[i].line == 3 && p.items[i].col == 43 && p.items[i].code == 2322;
        state_said |= p.items[i].line == 2 && strstr(p.items[i].message, "const") != NULL;
        import_said |= p.items[i].line == 8 && strstr(p.items[i].message, "cannot import") != NULL;
    }
    assert_true(in_file);
    assert_true(state_said);
    assert_true(import_said);
    assert_problem(&p, "mismatch", 2322, 4, 17, "'number' is not assignable to type 'string'");
    assert_string_equal(problem_of(&p, "mismatch")->file, "functions.ts");
    assert_problem(&p, "arrow", 2322, 7, 14, "is not assignable");
    assert_problem(&p, "absent", 0, 13, 3, "exports no function \"absent\"");
    assert_string_equal(problem_of(&p, "absent")->file, "map.yaml");
}

static void test_names(void **state)
{
    mapping m = people(state);
    add_function(&m, "no file", a_type(GW_SCRIPT_TEXT), "row => ''");
    add_function(&m, "exported", a_type(GW_SCRIPT_TEXT), NULL);
    gw_script_problems p = problems_of(&m);
    assert_int_equal(p.len, 2);
    assert_problem(&p, "exported", 0, 11, 3, "there is no function of this name");
}

/* Columns of any name are properties; the types' names do not end their comments. */
static void test_odd_columns(void **state)
{
    mapping m = {.arena = *state};
    gw_script_type odd = {.kind = GW_SCRIPT_TEXT, .name = "d*/ } evil: number; /*"};
    add_column(&m, "__proto__", odd);
    add_column(&m, "we\"ird \\ näme\n😀", odd);
    add_column(&m, "constructor", odd);
    add_column(&m, "toString", odd);
    add_function(&m, "all", a_type(GW_SCRIPT_TEXT),
                 "(row: Row): string => row['__proto__'] + row['we\"ird \\\\ näme\\n😀'] + row.constructor + row.toString");
    gw_script *script = open_script(&m);
    gw_script_result r = run_rows(&m, script, (const char *const[]){"a", "b", "c", "d"}, 1);
    assert_field(r, 0, "abcd");
    gw_script_close(script);
}

/* Hostile types: the checker's time is bounded, and the error says so. */
static void test_types_without_end(void **state)
{
    mapping m = people(state);
    m.limits.check_ms = 3000;
    add_function(&m, "deep", a_type(GW_SCRIPT_TEXT),
                 "(row: Row): string => {\n"
                 "type T<N extends number, A extends unknown[] = []> = A['length'] extends N ? A : T<N, [...A, 1]>;\n"
                 "type U<N extends number, A extends unknown[] = []> = A['length'] extends N ? 1 : T<990>[A['length']] | U<N, [...A, 1]>;\n"
                 "const x: [U<981>, U<982>, U<983>, U<984>, U<985>, U<986>, U<987>, U<988>] = null as never; return ''; }");
    gw_err err = {0};
    gw_script_compiled compiled;
    gw_script_problems problems;
    assert_false(compile(&m, &compiled, &problems, &err));
    assert_int_equal(err.kind, GW_ERR_INPUT);
    gw_err_clear(&err);
}

/* From a process that has checked other things, some of them wrong, and from a new one. */
static void test_the_same_again(void **state)
{
    gw_script_compiled made[3];
    for (int i = 0; i < 3; i++) {
        mapping m = people(state);
        m.limits.check_ms = i == 2 ? 60 * 1000 : 0;
        m.file_text = "const helper = (s: string): string => s.trim();\n"
                      "export const b = (row: Row): string => helper(row.first_name);\n";
        add_function(&m, "a", a_type(GW_SCRIPT_TEXT), "row => row.first_name");
        add_function(&m, "b", a_type(GW_SCRIPT_TEXT), NULL);
        gw_err err = {0};
        gw_script_problems problems;
        if (!compile(&m, &made[i], &problems, &err))
            fail_with(&err, "compile");
        m = people(state);
        add_function(&m, "a", a_type(GW_SCRIPT_TEXT), "row => row.nobody");
        assert_false(compile(&m, &(gw_script_compiled){0}, &problems, &err));
        gw_err_clear(&err);
    }
    assert_string_equal(made[0].text, made[1].text);
    assert_string_equal(made[0].text, made[2].text);
    assert_string_equal(made[0].hash, made[2].hash);
    assert_int_equal(strlen(made[0].hash), 64);
}

/* What one mapping's file adds to the types of the language is not there for the next. */
static void test_nothing_stays(void **state)
{
    for (int i = 0; i < 2; i++) {
        mapping m = people(state);
        m.file_text = i == 0 ? "declare global { interface Array<T> { own?: string } interface Added { x: 1 } }\n"
                               "export const a = (row: Row): string => [row.first_name].own ?? '';\n"
                             : "export const a = (row: Row): string => [row.first_name].own ?? '';\n";
        add_function(&m, "a", a_type(GW_SCRIPT_TEXT), NULL);
        gw_err err = {0};
        gw_script_problems problems;
        bool ok = compile(&m, &(gw_script_compiled){0}, &problems, &err);
        if (i == 0 && !ok)
            fail_with(&err, "compile");
        assert_int_equal(ok, i == 0);
        assert_true(ok || problems.items[0].code == 2339);
        gw_err_clear(&err);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_arena(test_places),      with_arena(test_returns),
        with_arena(test_refused),     with_arena(test_syntax),
        with_arena(test_file),        with_arena(test_names),
        with_arena(test_odd_columns), with_arena(test_types_without_end),
        with_arena(test_the_same_again), with_arena(test_nothing_stays),
    };
    return cmocka_run_group_tests_name("script/check", tests, NULL, NULL);
}
