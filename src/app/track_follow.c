/* The blocks of a chain, one by one, from Substrate API Sidecar. */
#include <inttypes.h>
#include <string.h>

#include "app/http_get.h"
#include "app/internal.h"
#include "app/track.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"
#include "track/block.h"

enum {
    REMEMBERED = 256,
    BEGIN_MS = 5000,     /* how long nobody may answer in the beginning */
    PATIENCE_MS = 120000, /* and later: a Sidecar is started again, a node catches up */
    WRITE_US = 1000000,
    MOST_ODD = 5,        /* answers that are no block */
    MOST_TURNS = 300,    /* back without a pause: two servers may answer in turn */
};

/* Blocks that were read last: a fork is noticed by a parent that is another one. */
typedef struct seen_block {
    int64_t number;
    char hash[80];
} seen_block;

typedef struct follow {
    gw_app *app;
    gw_arena *arena, *scratch; /* scratch: of one look */
    const gw_follow_options *options;
    const gw_cancel *cancel;
    gw_session *session;
    gw_http *http;
    gw_ingest *ingest;
    const char *chain;           /* NULL: no block has said it */
    gw_buf body;
    json_t *json;                /* of the body: a block */
    seen_block seen[REMEMBERED]; /* at number % REMEMBERED */
    int64_t next, answered_us, written_us;
    unsigned odd, turns;
    bool answered, waiting;      /* anything was read; it was said that somebody is waited for */
} follow;

typedef enum { IS_THERE, IS_NOT_THERE, NO_ANSWER } answer;

/* ---- what was read ------------------------------------------------------------------------------------- */

static void remember(follow *f, int64_t number, const char *hash)
{
    seen_block *seen = &f->seen[number % REMEMBERED];
    seen->number = number;
    snprintf(seen->hash, sizeof seen->hash, "%s", hash);
}

/* The hash of the block of that number as it is counted; NULL: it is not. */
static bool known_hash(follow *f, int64_t number, const char **out, gw_err *err)
{
    *out = NULL;
    if (number < 0)
        return true;
    const seen_block *seen = &f->seen[number % REMEMBERED];
    if (seen->number == number && *seen->hash) {
        *out = seen->hash;
        return true;
    }
    int64_t there;
    const char *hash;
    if (!f->chain)
        return true;
    if (!gw_ingest_pause(f->ingest, err) ||
        !gw_ingest_last_block(f->session, f->scratch, f->options->ingest.tracker, f->chain, number,
                              &there, &hash, err))
        return false;
    if (there == number)
        *out = hash;
    return true;
}

/* ---- one block ----------------------------------------------------------------------------------------- */

static char *block_url(gw_arena *arena, const char *url, int64_t number)
{
    size_t len = strlen(url);
    while (len && url[len - 1] == '/')
        len--;
    return gw_printf(arena, "%.*s/blocks/%" PRId64, (int)len, url, number);
}

/* What passes by itself is waited for; true: still. */
static bool patient(follow *f, const gw_err *problem)
{
    int64_t silent_ms = (gw_monotonic_us() - f->answered_us) / 1000;
    if (silent_ms > (f->answered ? PATIENCE_MS : BEGIN_MS))
        return false;
    if (!f->waiting)
        gw_log_write(f->app->options.log, GW_LOG_WARNING, &f->app->span, problem->message, NULL);
    f->waiting = true;
    return true;
}

static void has_answered(follow *f)
{
    f->answered = true;
    f->waiting = false;
    f->answered_us = gw_monotonic_us();
}

/* Whether the body is the block of that number. A proxy's page is none; after some such answers they are
 * taken for what is there, to be refused as a line. */
static bool read_body(follow *f, int64_t number, const char *url, gw_err *problem)
{
    json_error_t why;
    f->json = gw_json_own(f->scratch, json_loadb(f->body.data, f->body.len, 0, &why));
    const json_t *said = json_object_get(f->json, "number");
    const char *digits = json_is_integer(said)
                             ? gw_printf(f->scratch, "%" JSON_INTEGER_FORMAT, json_integer_value(said))
                             : json_string_value(said);
    const char *wanted = gw_printf(f->scratch, "%" PRId64, number);
    if (digits && strcmp(digits, wanted) == 0 && json_is_string(json_object_get(f->json, "hash")))
        f->odd = 0;
    else if (!digits && f->odd + 1 >= MOST_ODD)
        f->odd = 0;
    else
        return gw_err_set(problem, f->odd++ < MOST_ODD ? GW_ERR_CONNECT : GW_ERR_INPUT,
                          "%s answers with something else than block %s", url, wanted);
    return true;
}

static bool passes(long status)
{
    return status == 429 || status >= 500;
}

static bool fetch(follow *f, int64_t number, answer *out, gw_err *err)
{
    gw_err problem = {0};
    long status = 0;
    const char *url = block_url(f->scratch, f->options->ingest.source, number);
    *out = NO_ANSWER;
    if (gw_http_get(f->http, url, GW_TRACK_LONGEST, &status, &f->body, &problem)) {
        if (status == 404 || status == 400 || (status == 200 && read_body(f, number, url, &problem))) {
            *out = status == 200 ? IS_THERE : IS_NOT_THERE;
            has_answered(f);
            return true;
        }
        if (status != 200)
            gw_err_set(&problem, GW_ERR_CONNECT, "%s answers with status %ld", url, status);
    }
    bool again = problem.kind == GW_ERR_CONNECT && (status == 0 || status == 200 || passes(status));
    if (again && patient(f, &problem)) {
        gw_err_clear(&problem);
        return true;
    }
    gw_err_move(err, &problem);
    return false;
}

/* ---- the chain ------------------------------------------------------------------------------------------ */

static void go_back(follow *f)
{
    f->next--;
    if (++f->turns > MOST_TURNS)
        gw_sleep_ms(f->options->wait_ms, f->cancel);
}

/* Counts the block in the body, unless it stands on another one than was counted: then that comes first. */
static bool take(follow *f, gw_err *err)
{
    const char *hash = json_string_value(json_object_get(f->json, "hash"));
    const char *parent = json_string_value(json_object_get(f->json, "parentHash"));
    const char *before = NULL;
    int64_t number = f->next;
    if (!f->chain && f->json)
        f->chain = gw_strdup(f->arena, gw_sidecar_chain(f->json));
    if (hash && parent && !known_hash(f, number - 1, &before, err))
        return false;
    if (before && strcmp(before, parent) != 0) {
        go_back(f);
        return true;
    }
    f->turns = 0;
    if (hash)
        remember(f, number, hash);
    f->next = number + 1;
    if (!gw_ingest_document(f->ingest, f->body.data, f->body.len, number ? number : 1, err))
        return false;
    if (gw_monotonic_us() - f->written_us < WRITE_US)
        return true;
    f->written_us = gw_monotonic_us();
    return gw_ingest_pause(f->ingest, err);
}

/* At the head: has the last block become another one meanwhile, or gone? */
static bool look_back(follow *f, bool *turned, gw_err *err)
{
    const char *known;
    char *hash;
    answer found;
    *turned = false;
    if (!known_hash(f, f->next - 1, &known, err))
        return false;
    if (!known)
        return true;
    hash = gw_strdup(f->scratch, known);
    if (!fetch(f, f->next - 1, &found, err))
        return false;
    const char *now = json_string_value(json_object_get(f->json, "hash"));
    *turned = found == IS_NOT_THERE || (found == IS_THERE && now && strcmp(now, hash) != 0);
    if (*turned)
        go_back(f);
    return true;
}

static bool look(follow *f, gw_err *err)
{
    answer found;
    bool turned = false;
    if (!fetch(f, f->next, &found, err))
        return false;
    if (found == IS_THERE)
        return take(f, err);
    if (!gw_ingest_pause(f->ingest, err) ||
        (found == IS_NOT_THERE && !look_back(f, &turned, err)))
        return false;
    if (!turned)
        gw_sleep_ms(f->options->wait_ms, f->cancel);
    return true;
}

/* ---- begin and end ---------------------------------------------------------------------------------------- */

static bool begin(follow *f, gw_err *err)
{
    const gw_follow_options *options = f->options;
    const char *hash;
    f->next = options->from;
    if (f->next >= 0)
        return true;
    if (!gw_ingest_last_block(f->session, f->arena, options->ingest.tracker, options->ingest.chain,
                              INT64_MAX, &f->next, &hash, err))
        return false;
    if (f->next < 0)
        return gw_err_set(err, GW_ERR_USAGE, "no block of %s was counted yet: say where to begin, --from N",
                          options->ingest.chain);
    f->next++;
    return true;
}

static bool interrupted(follow *f, gw_err *err)
{
    gw_err_clear(err);
    if (!gw_ingest_pause(f->ingest, err))
        return false;
    gw_err_set(err, GW_ERR_INTERRUPTED, "stopped");
    return gw_err_hint(err, "what was read is counted; the same command goes on from there");
}

/* What was read before an end that nobody wanted. */
static bool write_rest(follow *f)
{
    gw_err problem = {0};
    bool ok = gw_ingest_pause(f->ingest, &problem);
    gw_err_clear(&problem);
    return ok;
}

bool gw_app_track_follow(gw_app *app, gw_arena *arena, const gw_follow_options *options,
                         gw_ingest_counts *out, gw_err *err)
{
    follow f = {.app = app,
                .arena = arena,
                .options = options,
                .cancel = app->options.cancel,
                .chain = options->ingest.chain,
                .body = GW_BUF(arena),
                .answered_us = gw_monotonic_us()};
    gw_ingest_options own = options->ingest;
    own.cancel = f.cancel;
    own.sidecar = true;
    if (!gw_http_open(arena, f.cancel, &f.http, err) ||
        !gw_app_track_open(app, arena, true, &f.session, err))
        return false;
    f.ingest = gw_ingest_new(f.session, arena, &own);
    f.scratch = gw_arena_new();
    bool ok = begin(&f, err);
    while (ok) {
        gw_arena_reset(f.scratch);
        f.json = NULL;
        ok = !gw_cancel_level(f.cancel) && look(&f, err);
        if (!ok && gw_cancel_level(f.cancel))
            ok = interrupted(&f, err);
        else if (!ok && err->kind == GW_ERR_CONNECT && f.answered && write_rest(&f))
            gw_err_hint(err, "what was read before is counted; the same command goes on from there");
    }
    *out = *gw_ingest_counted(f.ingest);
    gw_arena_free(f.scratch);
    return ok;
}
