/* What the tests of this folder share: a database of its own for each test, with Godwit's tables.
 */
#ifndef GW_TEST_CONTROL_TEST_H
#define GW_TEST_CONTROL_TEST_H

#include "pg_test.h"

#include "base/clock.h"
#include "control/actor.h"
#include "control/control.h"

static gw_arena *arena;
static const char *database; /* conninfo */
static const gw_actor actor = {"0123456789abcdef0123456789abcdef", "ann", "desk", "1.0", "up"};

static inline const char *conninfo_for(const char *user)
{
    return gw_printf(arena, "%s user=%s", database, user);
}

static inline gw_session *open_as(const char *user, bool pinned, gw_pooler_mode pooler)
{
    return open_with(
        arena, &(gw_connect){.conninfo = conninfo_for(user), .pinned = pinned, .pooler = pooler});
}

static inline gw_session *open_control(void)
{
    return open_as("postgres", true, GW_POOLER_AUTO);
}

static inline int new_database(void **state)
{
    static int number;
    (void)state;
    arena = gw_arena_new();
    gw_err err = {0};
    gw_session *admin = open_plain(arena);
    number++;
    assert_ok(gw_exec(admin, gw_printf(arena, "CREATE DATABASE t%d", number), &err));
    gw_session_close(admin);
    database = gw_printf(arena, "host=%s dbname=t%d", server_fixture_dir(), number);
    return 0;
}

static inline int new_tables(void **state)
{
    gw_err err = {0};
    new_database(state);
    gw_session *session = open_control();
    assert_ok(gw_control_ensure(session, "ann", &err));
    gw_session_close(session);
    return 0;
}

static inline int free_arena(void **state)
{
    (void)state;
    gw_arena_free(arena);
    return 0;
}

#endif
