/*
 * Handles of libgodwit side by side, a thread each: WORD DIR URL, as often as wanted. up and down, wait for a version
 * (VERSION of the environment), watch (status again and again until nothing is pending).
 */
#include <godwit.h>

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 16, PATIENCE_MS = 600000 };

static atomic_bool failed; /* nothing more is to be seen */

typedef struct job {
    const char *word;
    godwit_options options;
    pthread_barrier_t *start;
    godwit_code code;
    size_t done, steps;
    char message[300];
} job;

static void see(void *data, const godwit_progress *p)
{
    job *j = data;
    j->steps += p->step == GODWIT_STEP_DONE;
}

/* No look may see a migration applied and a later one not. */
static godwit_code watch(godwit_project *project)
{
    const godwit_state *state;
    godwit_code code;
    do {
        code = godwit_status(project, &state);
        for (size_t i = 1; code == GODWIT_OK && i < state->count; i++)
            if (state->migrations[i]->applied && !state->migrations[i - 1]->applied)
                return GODWIT_CHECK;
    } while (code == GODWIT_OK && state->pending && !failed);
    return code;
}

static void *work(void *arg)
{
    job *j = arg;
    godwit_project *project;
    const godwit_result *result = NULL;
    const godwit_run up = {.size = sizeof up, .wait_ms = PATIENCE_MS};
    const godwit_run down = {.size = sizeof down, .to = "0", .wait_ms = PATIENCE_MS, .allow_data_loss = true};
    pthread_barrier_wait(j->start);
    j->code = godwit_open(&j->options, &project);
    if (j->code == GODWIT_OK)
        j->code = !strcmp(j->word, "up")     ? godwit_up(project, &up, &result)
                  : !strcmp(j->word, "down") ? godwit_down(project, &down, &result)
                  : !strcmp(j->word, "wait") ? godwit_wait_for(project, getenv("VERSION"), PATIENCE_MS)
                                             : watch(project);
    failed |= j->code != GODWIT_OK;
    j->done = result ? result->count : 0;
    if (j->code != GODWIT_OK && godwit_error(project)->message)
        snprintf(j->message, sizeof j->message, "%s", godwit_error(project)->message);
    godwit_close(project);
    return NULL;
}

int main(int argc, char **argv)
{
    job jobs[MOST] = {0};
    pthread_t threads[MOST];
    pthread_barrier_t start;
    unsigned count = (unsigned)(argc - 1) / 3;
    if (count > MOST || pthread_barrier_init(&start, NULL, count))
        return 2;
    for (unsigned i = 0; i < count; i++) {
        jobs[i] = (job){.word = argv[3 * i + 1], .options = GODWIT_OPTIONS_INIT, .start = &start};
        jobs[i].options.directory = argv[3 * i + 2];
        jobs[i].options.url = argv[3 * i + 3];
        jobs[i].options.progress = see;
        jobs[i].options.data = &jobs[i];
        if (pthread_create(&threads[i], NULL, work, &jobs[i]))
            return 2;
    }
    for (unsigned i = 0; i < count; i++) {
        pthread_join(threads[i], NULL);
        printf("%s %d %zu %zu%s%s\n", jobs[i].word, (int)jobs[i].code, jobs[i].done, jobs[i].steps,
               *jobs[i].message ? " " : "", jobs[i].message);
    }
    pthread_barrier_destroy(&start);
    return 0;
}
