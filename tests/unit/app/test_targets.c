/* Tenants, as far as no server is asked: what a hint that was written for one database says of one of many. */
#include "../base/unit.h"

#include "app/app.h"

static void test_a_hint_names_its_tenant(void **state)
{
    static const struct {
        const char *tenant, *text, *said;
    } rows[] = {
        {"acme", "godwit repair 5 --forget", "godwit repair --tenant acme 5 --forget"},
        {"acme", "godwit repair", "godwit repair --tenant acme"},
        {"acme", "look there, then: godwit repair 5 --done; else godwit repair 5 --forget",
         "look there, then: godwit repair --tenant acme 5 --done; else godwit repair --tenant acme 5 --forget"},
        {"a b'c", "godwit repair 5", "godwit repair --tenant 'a b'\\''c' 5"},
        {"acme", "godwit repair --tenant acme", "godwit repair --tenant acme"},
        {"acme", "godwit status says", "godwit status says"},
        {"", "godwit repair 5", "godwit repair 5"},
        {NULL, "godwit repair 5", "godwit repair 5"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_string_equal(gw_app_repair_of_tenant(*state, rows[i].tenant, rows[i].text), rows[i].said);
    assert_null(gw_app_repair_of_tenant(*state, "acme", NULL));
}

static void test_why_one_could_not_be_read(void **state)
{
    gw_err err = {0};
    (void)state;
    gw_err_set(&err, GW_ERR_CONNECT, "cannot connect to the server on host h");
    assert_string_equal(gw_status_reason(&err), "cannot connect to the server on host h");
    gw_err_detail(&err, "connection to server at \"h\" failed: FATAL:  database \"d\" does not exist");
    assert_string_equal(gw_status_reason(&err), "database \"d\" does not exist");
    gw_err_clear(&err);
    gw_err_set(&err, GW_ERR_SQL, "no");
    gw_err_detail(&err, "FATAL:  other");
    assert_string_equal(gw_status_reason(&err), "no");
    gw_err_clear(&err);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_arena(test_a_hint_names_its_tenant),
        with_arena(test_why_one_could_not_be_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
