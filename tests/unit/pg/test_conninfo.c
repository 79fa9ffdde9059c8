#include <stdlib.h>

#include "pg_test.h"

#include "../../../src/pg/internal.h"

static void redacts_every_place_of_a_password(void **state)
{
    (void)state;
    static const struct {
        const char *conninfo, *shown;
    } cases[] = {
        {"", ""},
        {"mydb", "mydb"},
        {"postgres://localhost/db", "postgres://localhost/db"},
        {"postgres://ann@localhost/db", "postgres://ann@localhost/db"},
        {"postgres://ann:s3cret@localhost:5432/db", "postgres://ann:***@localhost:5432/db"},
        {"postgresql://ann:s3cret@h1,h2:6/db?sslmode=require",
         "postgresql://ann:***@h1,h2:6/db?sslmode=require"},
        {"postgres://:s3cret@localhost/db", "postgres://:***@localhost/db"},
        {"postgres://h/db?user=a&password=s3cret&sslmode=x",
         "postgres://h/db?user=a&password=***&sslmode=x"},
        {"postgres://h/db?sslpassword=s3cret", "postgres://h/db?sslpassword=***"},
        {"postgres://localhost:5432/db", "postgres://localhost:5432/db"},
        /* raw special characters: libpq reads these otherwise, the secret is one all the same */
        {"postgres://ann:s3/cr@et@localhost/db", "postgres://ann:***@localhost/db"},
        {"postgres://ann:s3@cret@localhost/db", "postgres://ann:***@localhost/db"},
        {"postgres://ann:s3?cret@localhost/db", "postgres://ann:***@localhost/db"},
        {"host=h password=s3cret dbname=d", "host=h password=*** dbname=d"},
        {"host=h password = 's3 \\' cret' dbname=d", "host=h password = *** dbname=d"},
        {"password=s3\\ cret", "password=***"},
        {"password='s3cret", "password=***"},
        {"host=h sslpassword=s3cret", "host=h sslpassword=***"},
        {"dbname=password user=p", "dbname=password user=p"},
    };
    gw_arena *arena = gw_arena_new();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_string_equal(gw_conninfo_redacted(arena, cases[i].conninfo), cases[i].shown);
        char *wiped = gw_strdup(arena, cases[i].conninfo);
        gw_conninfo_wipe(wiped);
        assert_int_equal(strlen(wiped), strlen(cases[i].conninfo));
        assert_null(strstr(wiped, "cret"));
        assert_null(strstr(wiped, "s3"));
    }
    gw_arena_free(arena);
}

static void puts_another_database_in(void **state)
{
    (void)state;
    static const struct {
        const char *conninfo, *dbname, *expected;
    } cases[] = {
        {"", "new", "dbname='new'"},
        {"old", "new", "dbname='new'"},
        {"host=h dbname=old", "new", "host=h dbname=old dbname='new'"},
        {"host=h", "it's\\", "host=h dbname='it\\'s\\\\'"},
        {"postgres://u:p@h:1/old?sslmode=disable", "n/ew",
         "postgres://u:p@h:1/n%2Few?sslmode=disable"},
        {"postgres://u:p%40@h", "new", "postgres://u:p%40@h/new"},
        {"postgresql://", "new", "postgresql:///new"},
        {"postgres:///?host=/tmp&dbname=old", "new", "postgres:///new?host=/tmp"},
        {"postgres:///?dbname=old", "n w", "postgres:///n%20w"},
    };
    gw_arena *arena = gw_arena_new();
    gw_err err = {0};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *out;
        assert_ok(gw_conninfo_with_dbname(arena, cases[i].conninfo, cases[i].dbname, &out, &err));
        assert_string_equal(out, cases[i].expected);
        /* libpq must read the name out of it that was put in */
        PQconninfoOption *options = PQconninfoParse(out, NULL);
        assert_non_null(options);
        for (PQconninfoOption *o = options; o->keyword; o++)
            if (strcmp(o->keyword, "dbname") == 0)
                assert_string_equal(o->val, cases[i].dbname);
        PQconninfoFree(options);
    }
    char *out;
    assert_false(gw_conninfo_with_dbname(arena, "password='s3cret unclosed=", "x", &out, &err));
    assert_null(strstr(err.detail ? err.detail : "", "s3cret"));
    assert_kind(GW_ERR_CONFIG);
    assert_false(gw_conninfo_with_dbname(arena, "postgres://h/?nosuch=1", "x", &out, &err));
    assert_non_null(strstr(err.detail, "nosuch"));
    assert_kind(GW_ERR_CONFIG);
    gw_arena_free(arena);
}

static void an_error_never_holds_the_password(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "postgres://ann:s3cret@127.0.0.1:1/db",
        "postgres://ann:s3/cret@127.0.0.1:1/db",
        "postgres://ann:s3?cret@127.0.0.1:1/db",
        "postgres://ann:s3@cret@127.0.0.1:1/db",
        "postgres://ann:s3#cret@127.0.0.1:1x/db",
        "postgres://ann:s3%zzcret@127.0.0.1:1/db",
        "host=127.0.0.1 port=1 password='s3cret",
        "host=127.0.0.1 port=1 password=s3cret nosuch=1",
        "host=127.0.0.1 port=1 password=s3 cret=x",
        "postgres://ann:s3cret@[::1:1/db",
    };
    gw_arena *arena = gw_arena_new();
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        gw_err err = {0};
        gw_session *session;
        gw_connect connect = {.conninfo = bad[i], .connect_timeout_ms = 50};
        assert_false(gw_session_open(arena, &connect, &session, &err));
        assert_true(err.message && err.detail && err.hint);
        const char *texts[] = {err.message, err.detail, err.hint};
        for (size_t t = 0; t < 3; t++)
            if (strstr(texts[t], "s3") || strstr(texts[t], "cret"))
                fail_msg("%s: %s", bad[i], texts[t]);
        assert_true(err.kind == GW_ERR_CONNECT || err.kind == GW_ERR_CONFIG);
        gw_err_clear(&err);
    }
    gw_arena_free(arena);
}

/* As Godwit's own connections do; whoever says otherwise is heard. */
static void another_program_watches_its_peer(void **state)
{
    char *words, *password;
    gw_err err = {0};
    gw_arena *arena = gw_arena_new();
    (void)state;
    unsetenv("PGSERVICE");
    assert_true(gw_conninfo_split_password(arena, "postgresql://u:p@h/d?keepalives_idle=600", &words, &password, &err));
    assert_string_equal(password, "p");
    const char *own = strstr(words, "keepalives_idle=30"), *theirs = strstr(words, "keepalives_idle='600'");
    assert_non_null(own);
    assert_non_null(theirs);
    assert_true(own < theirs); /* the last one counts */
    assert_true(gw_conninfo_split_password(arena, "service=s", &words, &password, &err));
    assert_null(strstr(words, "keepalives"));
    setenv("PGSERVICE", "s", 1);
    assert_true(gw_conninfo_split_password(arena, "dbname=d", &words, &password, &err));
    assert_null(strstr(words, "keepalives"));
    unsetenv("PGSERVICE");
    gw_arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(redacts_every_place_of_a_password),
        cmocka_unit_test(puts_another_database_in),
        cmocka_unit_test(an_error_never_holds_the_password),
        cmocka_unit_test(another_program_watches_its_peer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
