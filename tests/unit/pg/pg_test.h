/* What the tests of this folder share: a session on the fixture's server, and errors that say
 * themselves when a call that should succeed does not. */
#ifndef GW_TEST_PG_TEST_H
#define GW_TEST_PG_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "pg/query.h"
#include "server_fixture.h"

#define assert_ok(call)                                                                            \
    do {                                                                                           \
        if (!(call))                                                                               \
            fail_with(&err, #call, __FILE__, __LINE__);                                            \
    } while (0)

#define assert_kind(expected)                                                                      \
    do {                                                                                           \
        if (err.kind != (expected))                                                                \
            fail_with(&err, "expected " #expected, __FILE__, __LINE__);                            \
        gw_err_clear(&err);                                                                        \
    } while (0)

static inline void fail_with(const gw_err *err, const char *what, const char *file, int line)
{
    print_error("%s\n  kind %s, sqlstate '%s': %s\n  detail: %s\n  hint: %s\n", what,
                gw_err_kind_name(err->kind), err->sqlstate, err->message, err->detail, err->hint);
    _fail(file, line);
}

static inline gw_session *open_with(gw_arena *arena, const gw_connect *connect)
{
    gw_err err = {0};
    gw_session *session = NULL;
    assert_ok(gw_session_open(arena, connect, &session, &err));
    return session;
}

static inline gw_session *open_plain(gw_arena *arena)
{
    return open_with(arena, &(gw_connect){.conninfo = server_fixture_conninfo()});
}

static inline gw_session *open_pinned(gw_arena *arena)
{
    return open_with(arena, &(gw_connect){.conninfo = server_fixture_conninfo(), .pinned = true});
}

/* The first value of a query, as text on the arena. */
static inline const char *ask(gw_session *session, gw_arena *arena, const char *text)
{
    gw_err err = {0};
    gw_result result;
    assert_ok(gw_query_text(session, arena, "ask", text, NULL, 0, &result, &err));
    assert_true(result.rows > 0);
    return PQgetvalue(result.pg, 0, 0);
}

/* Peak resident memory of this process so far, in KiB. */
static inline long peak_kib(void)
{
    long kib = 0;
    char line[256];
    FILE *file = fopen("/proc/self/status", "r");
    while (file && fgets(line, sizeof line, file))
        if (sscanf(line, "VmHWM: %ld kB", &kib) == 1)
            break;
    if (file)
        fclose(file);
    return kib;
}

#endif
