#include "../base/unit.h"

#include "schema/losses.h"
#include "schema/misfit.h"

static void what_widens_loses_nothing(void **state)
{
    static const char *const widens[][2] = {
        {"integer", "bigint"},
        {"smallint", "integer"},
        {"bigint", "numeric"},
        {"character varying(10)", "character varying(11)"},
        {"character varying(10)", "text"},
        {"numeric(10,2)", "numeric(12,2)"},
        {"numeric(10,2)", "numeric(12,4)"},
        {"date", "timestamp with time zone"},
        {"real", "double precision"},
        {"public.mood", "text"},
    };
    static const char *const narrows[][2] = {
        {"bigint", "integer"},
        {"text", "character varying(10)"},
        {"character varying(11)", "character varying(10)"},
        {"numeric(10,2)", "numeric(10,4)"},
        {"numeric(10,2)", "numeric(10,1)"},
        {"timestamp without time zone", "date"},
        {"timestamp without time zone", "timestamp(0) without time zone"},
        {"double precision", "real"},
        {"text", "public.mood"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof widens / sizeof *widens; i++)
        if (!gw_type_widens(widens[i][0], widens[i][1]))
            fail_msg("%s does not widen to %s", widens[i][0], widens[i][1]);
    for (size_t i = 0; i < sizeof narrows / sizeof *narrows; i++)
        if (gw_type_widens(narrows[i][0], narrows[i][1]))
            fail_msg("%s widens to %s", narrows[i][0], narrows[i][1]);
}

static void labels_are_compared_as_literals(void **state)
{
    (void)state;
    assert_false(gw_labels_lack("'a', 'b'", "'a'"));
    assert_false(gw_labels_lack("'b', 'a'", "'a', 'b'"));
    assert_true(gw_labels_lack("'a'", "'a', 'b'"));
    assert_true(gw_labels_lack("'ab'", "'a'"));
    assert_true(gw_labels_lack(NULL, "'a'"));
    assert_false(gw_labels_lack("'a'", NULL));
    assert_false(gw_labels_lack("'a, ''b', E'c\\\\'", "E'c\\\\', 'a, ''b'"));
    assert_true(gw_labels_lack("'a, ''b'", "'b'"));
}

static gw_loss loss_of(gw_loss_kind kind, int64_t rows)
{
    return (gw_loss){.kind = kind, .object = "public.t.c", .to = "integer", .rows = rows};
}

static void what_is_refused(void **state)
{
    for (int kind = GW_LOSS_TABLE; kind <= GW_LOSS_UNKNOWN; kind++) {
        bool said = kind == GW_LOSS_NOT_NULL || kind == GW_LOSS_DEFAULT ||
                    kind == GW_LOSS_OVERWRITTEN;
        gw_loss none = loss_of((gw_loss_kind)kind, 0), some = loss_of((gw_loss_kind)kind, 3),
                unknown = loss_of((gw_loss_kind)kind, -1);
        assert_false(gw_loss_loses(&none));
        assert_int_equal(gw_loss_loses(&some), !said);
        assert_int_equal(gw_loss_loses(&unknown), !said);
        some.accepted = true;
        assert_false(gw_loss_loses(&some));
        none.estimated = true;
        assert_int_equal(gw_loss_loses(&none), !said);
        assert_non_null(gw_loss_kind_name((gw_loss_kind)kind));
        assert_holds(gw_loss_text(*state, &some), "public.t.c");
    }
}

static void figures_are_in_the_words(void **state)
{
    gw_loss loss = loss_of(GW_LOSS_COLUMN, 1);
    assert_string_equal(gw_loss_text(*state, &loss), "column public.t.c is dropped: 1 value");
    loss.rows = 0;
    assert_string_equal(gw_loss_text(*state, &loss), "column public.t.c is dropped: 0 values");
    loss = (gw_loss){.kind = GW_LOSS_TABLE, .object = "t", .rows = -1, .estimated = true,
                     .why_estimated = "others hold a lock on it"};
    assert_string_equal(gw_loss_text(*state, &loss),
                        "table t is dropped: nobody knows how many rows (an estimate: others hold a lock on it)");
    loss.rows = 20;
    assert_holds(gw_loss_text(*state, &loss), "about 20 rows");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_arena(what_widens_loses_nothing),
        with_arena(labels_are_compared_as_literals),
        with_arena(what_is_refused),
        with_arena(figures_are_in_the_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
