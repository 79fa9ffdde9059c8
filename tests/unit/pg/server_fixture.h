/*
 * A private PostgreSQL for one test program: no TCP port, no fsync, gone with the program (the
 * server is told to end when its parent dies). The cluster is copied from a template that is made
 * once a machine, user and version.
 *
 * The binaries are those of GODWIT_TEST_PG_BINDIR, or the newest of the system. Where there is
 * none the program says so and is counted as skipped (exit status 77).
 */
#ifndef GW_TEST_SERVER_FIXTURE_H
#define GW_TEST_SERVER_FIXTURE_H

#include <stdbool.h>

/* cmocka's group set-up and tear-down. */
int server_fixture_setup(void **state);
int server_fixture_teardown(void **state);

/* "host=… dbname=postgres user=postgres", for the superuser. */
const char *server_fixture_conninfo(void);
const char *server_fixture_dir(void); /* holds data/ and the socket; the server's user owns it */
int server_fixture_major(void);

void server_fixture_stop(void);        /* fast: sessions are ended with 57P01 */
void server_fixture_kill(void);        /* as a crash: SIGKILL to the postmaster and all */
void server_fixture_start(void);       /* waits until it answers */
void server_fixture_start_later(void); /* at once, without waiting */
void server_fixture_start_wait(void);

/* Run a program as the server's user, as a child that dies with this one. argv[0] is a path. */
int server_fixture_spawn(const char *const *argv);
void server_fixture_reap(int pid, int signal);

#endif
