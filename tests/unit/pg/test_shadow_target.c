/* What a shadow has in common with its target, roles, and shadows on a server of others. */
#include "shadow_bench.h"

static gw_shadow_target target_of(bench *b, const char *conninfo)
{
    gw_err err = {0};
    gw_shadow_target target;
    gw_session *session = open_with(b->arena, &(gw_connect){.conninfo = conninfo, .pinned = true});
    assert_ok(gw_shadow_target_read(session, b->arena, &target, &err));
    gw_session_close(session);
    return target;
}

static const char *setting_of(const gw_shadow_target *target, const char *name)
{
    for (size_t i = 0; i < target->setting_count; i++)
        if (strcmp(target->settings[i].name, name) == 0)
            return target->settings[i].value;
    return NULL;
}

static void test_reads_the_target(void **state)
{
    bench *b = *state;
    gw_session *admin = open_plain(b->arena);
    execute(admin, "create role \"O'Neil \"\"é\" login superuser");
    execute(admin, "create database \"My db\" lc_collate 'C' lc_ctype 'C' encoding 'SQL_ASCII' "
                   "template template0");
    execute(admin, "alter role all set work_mem = '1MB'");
    execute(admin, "alter database \"My db\" set work_mem = '2MB'");
    execute(admin, "alter role \"O'Neil \"\"é\" set work_mem = '3MB'");
    execute(admin, "alter role \"O'Neil \"\"é\" in database \"My db\" set work_mem = '5MB'");
    execute(admin, "alter database \"My db\" set search_path = \"$user\", \"A, \"\"b\"\"\", public");
    execute(admin, "alter database \"My db\" set \"app.tenant\" = 'it''s = 1'");
    execute(admin, "alter role postgres set enable_sort = off"); /* another role's */
    const char *conninfo =
        gw_printf(b->arena, "host=%s dbname='My db' user='O\\'Neil \"é'", server_fixture_dir());
    gw_shadow_target target = target_of(b, conninfo);
    execute(admin, "alter role all reset all");
    execute(admin, "alter role postgres reset all");
    assert_int_equal(target.major, server_fixture_major());
    assert_string_equal(target.encoding, "SQL_ASCII");
    assert_string_equal(target.collate, "C");
    assert_string_equal(target.provider, "libc");
    assert_string_equal(target.database, "My db");
    assert_string_equal(target.user, "O'Neil \"é");
    assert_string_equal(setting_of(&target, "work_mem"), "5MB");
    assert_string_equal(setting_of(&target, "app.tenant"), "it's = 1");
    assert_null(setting_of(&target, "enable_sort"));

    b->options.target = target;
    b->shadow = opened(b);
    assert_null(gw_shadow_facts_of(b->shadow)->note_locale);
    assert_null(gw_shadow_facts_of(b->shadow)->settings_left);
    gw_session *session = on(made(b->shadow, b->arena), b->arena);
    assert_string_equal(ask(session, b->arena, "select session_user"), "O'Neil \"é");
    assert_string_equal(ask(session, b->arena, "show work_mem"), "5MB");
    assert_string_equal(ask(session, b->arena, "show search_path"),
                        "\"$user\", \"A, \"\"b\"\"\", public");
    assert_string_equal(ask(session, b->arena, "show app.tenant"), "it's = 1");
    assert_string_equal(ask(session, b->arena, "show server_encoding"), "SQL_ASCII");
    assert_string_equal(ask(session, b->arena, "select datcollate from pg_database "
                                               "where datname = current_database()"), "C");
}

static void test_what_cannot_be_had(void **state)
{
    static const gw_shadow_setting settings[] = {
        {"session_preload_libraries", "auto_explain"},
        {"no_such_setting", "1"},
        {"work_mem", "not a size"},
        {"lock_timeout", "7s"},
    };
    bench *b = *state;
    b->options.target = (gw_shadow_target){.collate = "xx_XX.utf8",
                                           .ctype = "xx_XX.utf8",
                                           .encoding = "UTF8",
                                           .settings = settings,
                                           .setting_count = 4};
    b->shadow = opened(b);
    gw_session *session = on(made(b->shadow, b->arena), b->arena);
    on(made(b->shadow, b->arena), b->arena);
    const gw_shadow_facts *facts = gw_shadow_facts_of(b->shadow);
    assert_non_null(facts->note_locale);
    assert_non_null(strstr(facts->note_locale, "xx_XX"));
    assert_string_equal(ask(session, b->arena, "show lock_timeout"), "7s");
    size_t count = 0;
    while (facts->settings_left[count])
        count++;
    assert_int_equal(count, 3);
    assert_non_null(strstr(facts->settings_left[1], "no_such_setting"));
}

static void test_icu(void **state)
{
    bench *b = *state;
    gw_session *admin = open_plain(b->arena);
    if (gw_session_version(admin) < 150000)
        skip();
    b->options.target = (gw_shadow_target){.collate = "C", .ctype = "C", .encoding = "UTF8",
                                           .provider = "icu", .locale = "de-u-co-phonebk"};
    b->shadow = opened(b);
    gw_session *session = on(made(b->shadow, b->arena), b->arena);
    if (!gw_shadow_facts_of(b->shadow)->note_locale) /* built with ICU */
        assert_string_equal(ask(session, b->arena, "select datlocprovider from pg_database "
                                                   "where datname = current_database()"), "i");
}

/* ---- roles ----------------------------------------------------------------------------- */

static const char *roles_like(gw_session *session, bench *b, const char *pattern)
{
    return ask(session, b->arena,
               gw_printf(b->arena, "select coalesce(string_agg(rolname || case when rolcanlogin "
                                   "then '+' else '' end, ' ' order by rolname), '') "
                                   "from pg_roles where rolname like '%s'", pattern));
}

static void test_roles(void **state)
{
    static const char *const names[] = {
        "r Anna \"x\"", "r o'neil", "r Überlänge", "r app", "r app", "pg_monitor", "pg_nope",
        "r 3456789012345678901234567890123456789012345678901234567890123"};
    const char *const *lacking;
    gw_err err = {0};
    bench *b = *state;
    b->shadow = opened(b);
    assert_ok(gw_shadow_ensure_roles(b->shadow, b->arena, names, 8, &lacking, &err));
    assert_string_equal(lacking[0], "pg_nope");
    assert_null(lacking[1]);
    assert_ok(gw_shadow_ensure_roles(b->shadow, b->arena, names, 8, &lacking, &err));
    gw_shadow_db *db = made(b->shadow, b->arena);
    gw_session *session = on(db, b->arena);
    assert_string_equal(ask(session, b->arena, "select count(*) from pg_roles "
                                               "where rolname like 'r %'"), "5");
    execute(session, "create table t (); alter table t owner to \"r app\"");
    execute(session, "alter role \"r app\" login superuser password 'x'");
    execute(session, "alter role \"r app\" set search_path = nowhere");
    execute(session, "alter role postgres nologin");
    assert_ok(gw_shadow_keep(db, "with roles", NULL, &err));
    gw_shadow_close(b->shadow);

    b->shadow = opened(b); /* what a template needs is stripped, the rest is gone */
    session = on(made(b->shadow, b->arena), b->arena);
    assert_string_equal(roles_like(session, b, "r %"), "r app");
    assert_string_equal(ask(session, b->arena, "select rolsuper or rolconfig is not null "
                                               "from pg_roles where rolname = 'r app'"), "f");
    assert_ok(gw_shadow_copy(b->shadow, b->arena, "with roles", &db, &err));
    assert_string_equal(ask(on(db, b->arena), b->arena, "select tableowner from pg_tables "
                                                        "where tablename = 't'"), "r app");
    gw_shadow_forget(b->shadow, "with roles", &err);
    gw_shadow_close(b->shadow);
    b->shadow = opened(b);
    assert_string_equal(roles_like(on(made(b->shadow, b->arena), b->arena), b, "r %"), "");
}

static void test_sessions_of_other_roles(void **state)
{
    bench *b = *state;
    gw_err err = {0};
    gw_session *session;
    b->options.target.user = "The owner";
    b->shadow = opened(b);
    gw_shadow_db *db = made(b->shadow, b->arena);
    assert_string_equal(ask(on(db, b->arena), b->arena, "select session_user || "
                                                        "current_setting('is_superuser')"),
                        "The owneron");
    gw_shadow_session how = {.role = "plain \"x\"", .pinned = true, .application_name = "app"};
    assert_ok(gw_shadow_connect(db, b->arena, &how, &session, &err));
    assert_string_equal(ask(session, b->arena, "select session_user || "
                                               "current_setting('is_superuser')"),
                        "plain \"x\"off");
    assert_string_equal(ask(session, b->arena, "show application_name"), "app");
}

static void test_extensions(void **state)
{
    bench *b = *state;
    gw_err err = {0};
    gw_shadow_extensions list;
    bool found = false;
    b->shadow = opened(b);
    assert_ok(gw_shadow_available(b->shadow, b->arena, &list, &err));
    for (size_t i = 0; i < list.len; i++)
        found |= strcmp(list.items[i].name, "plpgsql") == 0 && list.items[i].version;
    assert_true(found);
}

/* ---- on a server of others ------------------------------------------------------------- */

static void test_on_a_server_of_others(void **state)
{
    bench *b = *state;
    gw_err err = {0};
    const char *const role = "not there";
    const char *const *lacking;
    gw_session *admin = open_plain(b->arena);
    execute(admin, "create database godwit_shadow_mine"); /* no token: not ours */
    execute(admin, "create database godwit_shadow_00000000000000ff_1"); /* a dead run's */
    execute(admin, "create database godwit_shadow_00000000000000fe_1"); /* a living one's */
    gw_session *living = open_with(b->arena, &(gw_connect){
        .conninfo = gw_printf(b->arena, "host=%s user=postgres dbname=template1",
                              server_fixture_dir())});
    execute(living, "select pg_advisory_lock(254)");
    b->options.url = server_fixture_conninfo();
    b->shadow = opened(b);
    assert_false(gw_shadow_facts_of(b->shadow)->is_private);
    assert_string_equal(ask(admin, b->arena, "select string_agg(datname, ' ' order by datname) "
                                             "from pg_database where datname like 'godwit%'"),
                        "godwit_shadow_00000000000000fe_1 godwit_shadow_mine");
    gw_shadow_db *db = made(b->shadow, b->arena), *copy = NULL;
    gw_session *session = on(db, b->arena);
    assert_int_equal(strncmp(gw_shadow_db_name(db), "godwit_shadow_", 14), 0);
    execute(session, "create table t ()");
    assert_ok(gw_shadow_keep(db, "x", NULL, &err));
    assert_ok(gw_shadow_copy(b->shadow, b->arena, "x", &copy, &err));
    execute(on(copy, b->arena), "drop table t");
    assert_ok(gw_shadow_ensure_roles(b->shadow, b->arena, &role, 1, &lacking, &err));
    assert_string_equal(lacking[0], role);
    gw_shadow_close(b->shadow);
    assert_string_equal(ask(admin, b->arena, "select count(*) from pg_database "
                                             "where datname like 'godwit%' or "
                                             "datname like 'tpl%'"), "2");
    assert_string_equal(ask(admin, b->arena, "select count(*) from pg_roles "
                                             "where rolname like 'godwit%'"), "0");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(test_reads_the_target),
        T(test_what_cannot_be_had),
        T(test_icu),
        T(test_roles),
        T(test_sessions_of_other_roles),
        T(test_extensions),
        T(test_on_a_server_of_others),
    };
    if (shadow_tests_begin() != 0)
        return 1;
    int failed = cmocka_run_group_tests(tests, server_fixture_setup, server_fixture_teardown);
    shadow_tests_end();
    return failed;
}
