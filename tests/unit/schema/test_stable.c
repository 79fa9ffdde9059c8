#include "build.h"

static void settles(void **state)
{
    static const struct {
        const char *written, *settled;
    } list[] = {
        /* the cast of an array goes to its elements */
        {"((v)::text = ANY ((ARRAY['a'::character varying, 'b''c'::character varying])::text[]))",
         "((v)::text = ANY (ARRAY[('a'::character varying)::text, "
         "('b''c'::character varying)::text]))"},
        {"(n = ANY ((ARRAY[1, 2])::numeric[]))", "(n = ANY (ARRAY[(1)::numeric, (2)::numeric]))"},
        {"((ARRAY[f(a, b), (c + 1)])::numeric(8,2)[])[1]",
         "(ARRAY[(f(a, b))::numeric(8,2), ((c + 1))::numeric(8,2)])[1]"},
        {"(ARRAY[a])::timestamp(3) without time zone[]",
         "ARRAY[(a)::timestamp(3) without time zone]"},
        {"(ARRAY[a])::\"S\".\"T []\"[]", "ARRAY[(a)::\"S\".\"T []\"]"},
        {"((ARRAY['a'::text])::character varying[])::text[]",
         "ARRAY[(('a'::text)::character varying)::text]"},
        {"(ARRAY[ARRAY[1, 2], ARRAY[3, 4]])::bigint[]",
         "ARRAY[ARRAY[(1)::bigint, (2)::bigint], ARRAY[(3)::bigint, (4)::bigint]]"},
        {"(ARRAY[E'a\\'], x', 'b, c'])::text[]", "ARRAY[(E'a\\'], x')::text, ('b, c')::text]"},
        /* what stands at the left is taken in, what stands at the right is not */
        {"(((a >= 1) AND (a <= 2)) AND b)", "((a >= 1) AND (a <= 2) AND b)"},
        {"((((a) OR (b)) OR (c)) OR (d))", "((a) OR (b) OR (c) OR (d))"},
        {"((a OR b) AND c)", "((a OR b) AND c)"},
        {"(a AND (b AND c))", "(a AND (b AND c))"},
        {"((f(a AND b)) AND c)", "((f(a AND b)) AND c)"},
        {"(('x AND y'::text = a) AND c)", "(('x AND y'::text = a) AND c)"},
        /* a sign belongs to its number */
        {"(a > (- 5))", "(a > '-5'::integer)"},
        {"((- 1.50))::text", "('-1.50'::numeric)::text"},
        {"(- 0)", "0"},
        {"(- a)", "(- a)"},
        {"(- (5)::bigint)", "(- (5)::bigint)"},
        /* not arrays of expressions, and not casts to arrays */
        {"('{1,2}'::integer[])::bigint[]", "('{1,2}'::integer[])::bigint[]"},
        {"(ARRAY[]::integer[])::bigint[]", "(ARRAY[]::integer[])::bigint[]"},
        {"(ARRAY[1, 2])::s.d", "(ARRAY[1, 2])::s.d"},
        /* what is in quotes or a body is not an expression */
        {"'((a AND b) AND c)'::text", "'((a AND b) AND c)'::text"},
        {"\"((a AND b) AND c)\" > (- 5)", "\"((a AND b) AND c)\" > '-5'::integer"},
        {"AS $function$SELECT ((a AND b) AND c), (- 5), (ARRAY[1])::text[]$function$",
         "AS $function$SELECT ((a AND b) AND c), (- 5), (ARRAY[1])::text[]$function$"},
        {"AS $a$ $b$ ((a AND b) AND c) $b$ $a$, (- 5)",
         "AS $a$ $b$ ((a AND b) AND c) $b$ $a$, '-5'::integer"},
        {"((a AND b", "((a AND b"},
        {"(ARRAY['a", "(ARRAY['a"},
        {"", ""},
    };
    for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
        const char *once = gw_stable_text(*state, list[i].written);
        assert_string_equal(once, list[i].settled);
        assert_string_equal(gw_stable_text(*state, once), once);
    }
    assert_null(gw_stable_text(*state, NULL));
}

static void finds_names_in_texts(void **state)
{
    (void)state;
    assert_true(gw_text_names("LIST (m)", "m"));
    assert_true(gw_text_names("RANGE (lower(\"A b\"), c)", "\"A b\""));
    assert_true(gw_text_names("RANGE (lower(\"A b\"), c)", "c"));
    assert_false(gw_text_names("LIST (m1)", "m"));
    assert_false(gw_text_names("LIST ((a = 'm'::text))", "m"));
    assert_false(gw_text_names(NULL, "m"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_arena(settles),
        with_arena(finds_names_in_texts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
