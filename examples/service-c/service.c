/*
 * A small service that brings its schema up to date, or waits until somebody else has, before it
 * does its work.
 *
 *     service migrate DIR           apply what is pending, then work
 *     service wait DIR VERSION      wait for a version (10 s at most), then work
 *     service threads DIR VERSION   the same in two threads, a handle each
 *     service status DIR            say how it stands, and who is at work
 */
#include <godwit.h>

#include <libpq-fe.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int complain(godwit_project *project)
{
    const godwit_failure *failure = godwit_error(project);
    fprintf(stderr, "service: %s\n", failure->message);
    if (failure->detail)
        fprintf(stderr, "service: %s\n", failure->detail);
    if (failure->file)
        fprintf(stderr, "service: at %s:%u:%u\n", failure->file, failure->line, failure->column);
    godwit_close(project);
    return 1;
}

static void progress(void *data, const godwit_progress *step)
{
    (void)data;
    if (step->step == GODWIT_STEP_DONE)
        printf("service: migrated to %s %s\n", step->version, step->name);
}

static int open_project(const char *directory, godwit_project **project)
{
    godwit_options options = GODWIT_OPTIONS_INIT;
    options.directory = directory;
    options.progress = progress;
    return godwit_open(&options, project) == GODWIT_OK;
}

static int migrate(const char *directory)
{
    godwit_project *project;
    const godwit_result *result;
    if (!open_project(directory, &project) || godwit_up(project, NULL, &result) != GODWIT_OK)
        return complain(project);
    printf("service: %zu applied, %zu pending\n", result->count, result->pending);
    godwit_close(project);
    return 0;
}

typedef struct waiter {
    const char *directory, *version;
    int failed;
} waiter;

static void *wait_for(void *arg)
{
    waiter *w = arg;
    godwit_project *project;
    const godwit_state *state;
    if (!open_project(w->directory, &project) ||
        godwit_wait_for(project, w->version, 10000) != GODWIT_OK ||
        godwit_status(project, &state) != GODWIT_OK) {
        w->failed = complain(project);
        return NULL;
    }
    printf("service: %s is at %s\n", state->database, state->current);
    godwit_close(project);
    return NULL;
}

static int status(const char *directory)
{
    godwit_project *project;
    const godwit_state *state;
    if (!open_project(directory, &project) || godwit_status(project, &state) != GODWIT_OK)
        return complain(project);
    printf("service: %zu pending, %zu failed\n", state->pending, state->failed);
    if (state->run)
        printf("service: %s is at work (%s)\n", *state->run->actor ? state->run->actor : "somebody",
               *state->run->command ? state->run->command : "unknown");
    if (state->run && state->run->statement_pid)
        printf("service: its runner is gone; process %lld goes on\n", (long long)state->run->statement_pid);
    for (size_t i = 0; i < state->other_tool_count; i++)
        printf("service: %s was here: %s, %lld rows\n", state->other_tools[i]->tool,
               state->other_tools[i]->table, (long long)state->other_tools[i]->rows);
    godwit_close(project);
    return 0;
}

/* The service's own connection: Godwit's are its own. */
static int work(void)
{
    PGconn *connection = PQconnectdb(getenv("DATABASE_URL"));
    PGresult *result = PQexec(connection, "SELECT count(*) FROM greetings");
    int ok = PQresultStatus(result) == PGRES_TUPLES_OK;
    if (ok)
        printf("service: %s greetings\n", PQgetvalue(result, 0, 0));
    else
        fprintf(stderr, "service: %s", PQerrorMessage(connection));
    PQclear(result);
    PQfinish(connection);
    return ok ? 0 : 1;
}

int main(int argc, char **argv)
{
    const char *mode = argc > 2 ? argv[1] : "";
    if (strcmp(mode, "migrate") == 0)
        return migrate(argv[2]) || work();
    if (strcmp(mode, "status") == 0)
        return status(argv[2]);
    waiter waiters[2] = {
        {.directory = argc > 2 ? argv[2] : NULL, .version = argc > 3 ? argv[3] : NULL}};
    waiters[1] = waiters[0];
    if (strcmp(mode, "wait") == 0 && argc == 4) {
        wait_for(&waiters[0]);
        return waiters[0].failed || work();
    }
    if (strcmp(mode, "threads") == 0 && argc == 4) {
        pthread_t threads[2];
        for (int i = 0; i < 2; i++)
            pthread_create(&threads[i], NULL, wait_for, &waiters[i]);
        for (int i = 0; i < 2; i++)
            pthread_join(threads[i], NULL);
        return waiters[0].failed || waiters[1].failed || work();
    }
    fprintf(stderr, "usage: service migrate DIR | wait DIR VERSION | threads DIR VERSION | status DIR\n");
    return 2;
}
