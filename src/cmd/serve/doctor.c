/* What the doctor finds, kept for a while: for the page, and as figures of the last look. */
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "cmd/serve/serve.h"

enum { HOLDS_MS = 10 * 60 * 1000 };
static const char key[] = "doctor";

void gw_doctor_init(gw_serve *serve)
{
    gw_cache_init(&serve->doctor.cache);
    pthread_mutex_init(&serve->doctor.mutex, NULL);
}

void gw_doctor_free(gw_serve *serve)
{
    gw_cache_free(&serve->doctor.cache);
    pthread_mutex_destroy(&serve->doctor.mutex);
}

void gw_doctor_forget(gw_serve *serve)
{
    gw_cache_clear(&serve->doctor.cache);
}

/* ---- a look -------------------------------------------------------------------------------------------- */

/* The figures, out of the document that everybody reads. */
static void remember(gw_serve *serve, gw_arena *arena, const gw_buf *text)
{
    gw_doctor_seen *seen = &serve->doctor;
    gw_err ignored = {0};
    unsigned errors = 0, warnings = 0, notes = 0;
    size_t i;
    const json_t *one;
    const json_t *found = gw_json_parse(arena, "the doctor", text->data, text->len, &ignored);
    gw_err_clear(&ignored);
    if (!found)
        return;
    json_array_foreach(json_object_get(found, "findings"), i, one) {
        const char *severity = json_string_value(json_object_get(one, "severity"));
        if (!severity)
            continue;
        errors += strcmp(severity, "error") == 0;
        warnings += strcmp(severity, "warning") == 0;
        notes += strcmp(severity, "note") == 0;
    }
    pthread_mutex_lock(&seen->mutex);
    seen->at = gw_monotonic_us();
    seen->errors = errors;
    seen->warnings = warnings;
    seen->notes = notes;
    seen->unseen = (unsigned)json_array_size(json_object_get(found, "unseen"));
    pthread_mutex_unlock(&seen->mutex);
}

static void look(void *self, gw_reply *reply)
{
    static const gw_api api = {.name = "doctor", .command = &gw_command_doctor};
    static const gw_call call = {.api = &api, .words = {.command = &gw_command_doctor, .json = true}};
    gw_serve *serve = self;
    gw_err err = {0};
    gw_buf out = GW_BUF(reply->arena);
    int exit_code;
    gw_call_run run = {.call = &call, .arena = reply->arena, .cancel = &serve->reads,
                       .answer_ms = gw_serve_answer_ms(serve, GW_READ_SLOW)};
    if (gw_call_do(serve, &run, &out, &exit_code, &err)) {
        remember(serve, reply->arena, &out);
        gw_reply_text(reply, 200, "application/json", gw_buf_str(&out));
    } else {
        gw_serve_error(reply, &err);
    }
    gw_err_clear(&err);
}

void gw_doctor_handle(void *self, gw_request *request, gw_reply *reply)
{
    gw_serve *serve = self;
    if (!gw_own_query(request, reply))
        return;
    const char *refresh = gw_pair_find(&request->query, "refresh");
    if (refresh && strcmp(refresh, "true") != 0 && strcmp(refresh, "false") != 0) {
        gw_reply_error(reply, 400, "usage", "refresh is true or false", NULL);
        return;
    }
    if (refresh && strcmp(refresh, "true") == 0)
        gw_doctor_forget(serve);
    gw_cache_answer(&serve->doctor.cache, key, HOLDS_MS, reply, look, serve);
}

/* ---- figures --------------------------------------------------------------------------------------------- */

void gw_doctor_look_if_wanted(gw_serve *serve)
{
    if (!atomic_exchange(&serve->doctor.wanted, false))
        return;
    gw_reply reply = {.arena = gw_arena_new()};
    gw_cache_answer(&serve->doctor.cache, key, HOLDS_MS, &reply, look, serve);
    gw_arena_free(reply.arena);
}

void gw_doctor_metrics(gw_serve *serve, gw_buf *out)
{
    gw_doctor_seen *seen = &serve->doctor;
    pthread_mutex_lock(&seen->mutex);
    int64_t at = seen->at, age = gw_monotonic_us() - at;
    unsigned errors = seen->errors, warnings = seen->warnings, notes = seen->notes,
             unseen = seen->unseen;
    pthread_mutex_unlock(&seen->mutex);
    /* Whoever reads figures does not wait for forty queries: the next reader has them. */
    if (!at || age > (int64_t)HOLDS_MS * 1000)
        atomic_store(&seen->wanted, true);
    if (!at)
        return;
    gw_metric_head(out, "godwit_doctor_findings", "gauge", "What the doctor has found, by severity.");
    gw_buf_addf(out,
                "godwit_doctor_findings{severity=\"error\"} %u\n"
                "godwit_doctor_findings{severity=\"warning\"} %u\n"
                "godwit_doctor_findings{severity=\"note\"} %u\n",
                errors, warnings, notes);
    gw_metric_head(out, "godwit_doctor_unseen", "gauge",
                   "Checks that the doctor could not make, or not wholly.");
    gw_buf_addf(out, "godwit_doctor_unseen %u\n", unseen);
    gw_metric_head(out, "godwit_doctor_age_seconds", "gauge", "Since the doctor looked.");
    gw_buf_addf(out, "godwit_doctor_age_seconds %.3f\n", (double)age / 1e6);
}
