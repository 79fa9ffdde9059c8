/* `grants:`: roles with everything they may say, defaults, and one mistake each. */
#include "project.h"

static const char everything[] =
    "grants:\n"
    "  schemas: [public, \"a b\"]\n"
    "  revoke_public: database\n"
    "  roles:\n"
    "    own: {is: owner}\n"
    "    \"${x\": {is: migrator, lock_timeout: \"${LOCK}\"}\n"
    "    app:\n"
    "      is: application\n"
    "      login: no\n"
    "      connection_limit: 0\n"
    "      idle_timeout: 1h\n"
    "      schemas: \"${SCHEMA}\"\n"
    "      tables: {public.a: [select, delete], public.b: {update: [x, y]}, public.c: []}\n";

static void test_everything(void **state)
{
    project *p = *state;
    project_write(p, "godwit.yaml", everything);
    project_variable(p, "LOCK=2s");
    project_variable(p, "SCHEMA=other");
    assert_true(project_load(p));
    const gw_grants *g = &p->config.grants;
    assert_int_equal(g->roles.len, 3);
    assert_int_equal(g->closed.len, 1);
    const gw_grant_role *own = &g->roles.items[0], *mover = &g->roles.items[1],
                        *app = &g->roles.items[2];
    assert_false(own->login);
    assert_int_equal(own->connection_limit, -1);
    assert_int_equal(own->schemas.len, 2);
    assert_string_equal(own->schemas.items[1], "a b");
    assert_string_equal(mover->name, "${x");
    assert_true(mover->login);
    assert_string_equal(mover->settings.items[0].name, "lock_timeout");
    assert_int_equal(mover->settings.items[0].ms, 2000);
    assert_int_equal(app->kind, GW_ROLE_APPLICATION);
    assert_false(app->login);
    assert_int_equal(app->connection_limit, 0);
    assert_string_equal(app->settings.items[0].name, "idle_session_timeout");
    assert_string_equal(app->schemas.items[0], "other");
    assert_int_equal(app->tables.len, 3);
    assert_int_equal(app->tables.items[0].rights.len, 2);
    assert_string_equal(app->tables.items[1].rights.items[0].privilege, "UPDATE");
    assert_int_equal(app->tables.items[1].rights.items[0].columns.len, 2);
    assert_int_equal(app->tables.items[2].rights.len, 0);
}

static void test_one_mistake_each(void **state)
{
    static const struct {
        const char *yaml, *says;
        unsigned line, col;
    } cases[] = {
        {"grants: [a]\n", "takes a mapping", 1, 1},
        {"grants: {roles: {a: {is: owner, logn: no}}}\n", "did you mean \"login\"?", 1, 33},
        {"grants: {roles: {a: {}}}\n", "needs \"is\"", 1, 18},
        {"grants: {roles: {a: {is: reader}}}\n", "not \"reader\"", 1, 26},
        {"grants: {roles: {public: {is: owner}}}\n", "PostgreSQL's own", 1, 18},
        {"grants: {roles: {a: {is: application, connection_limit: -1}}}\n", "number", 1, 57},
        {"grants: {roles: {a: {is: owner, tables: {s.t: []}}}}\n", "\"tables\" is for", 1, 18},
        {"grants: {schemas: [], roles: {a: {is: owner}}}\n", "empty list", 1, 10},
    };
    project *p = *state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        project_write(p, "godwit.yaml", cases[i].yaml);
        assert_fails(p, project_load(p), cases[i].says, cases[i].line, cases[i].col);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_everything, project_open, project_close),
        cmocka_unit_test_setup_teardown(test_one_mistake_each, project_open, project_close),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
