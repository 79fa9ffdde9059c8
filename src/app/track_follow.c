/* The blocks of a chain, one by one, from Substrate API Sidecar. */
#include <inttypes.h>
#include <string.h>

#include "app/http_get.h"
#include "app/internal.h"
#include "app/track.h"
#include "base/clock.h"
#include "base/json.h"

enum { REMEMBERED = 256, PATIENCE = 8 };

/* Blocks that were read last: a fork is noticed by a parent that is another one. */
typedef struct seen_block {
    int64_t number;
    char hash[80];
} seen_block;

typedef struct follow {
    gw_arena *arena;
    const gw_follow_options *options;
    const gw_cancel *cancel;
    gw_http *http;
    gw_ingest *ingest;
    gw_buf body;
    seen_block seen[REMEMBERED]; /* at number % REMEMBERED */
    unsigned failures;           /* in a row */
} follow;

static void remember(follow *f, int64_t number, const char *hash)
{
    seen_block *seen = &f->seen[number % REMEMBERED];
    seen->number = number;
    snprintf(seen->hash, sizeof seen->hash, "%s", hash);
}

static const char *remembered(const follow *f, int64_t number)
{
    const seen_block *seen = &f->seen[(number % REMEMBERED + REMEMBERED) % REMEMBERED];
    return number >= 0 && seen->number == number && *seen->hash ? seen->hash : NULL;
}

static char *block_url(gw_arena *arena, const char *url, int64_t number)
{
    size_t len = strlen(url);
    while (len && url[len - 1] == '/')
        len--;
    return gw_printf(arena, "%.*s/blocks/%" PRId64, (int)len, url, number);
}

static bool interrupted(follow *f, gw_err *err)
{
    if (!gw_ingest_end(f->ingest, err))
        return false;
    gw_err_set(err, GW_ERR_INTERRUPTED, "stopped");
    return gw_err_hint(err, "what was read is counted; the same command goes on from there");
}

/* The block; *there false where it is not made yet. What passes by itself is tried again. */
static bool fetch(follow *f, gw_arena *scratch, int64_t number, bool *there, gw_err *err)
{
    gw_err problem = {0};
    long status = 0;
    const char *url = block_url(scratch, f->options->ingest.source, number);
    *there = false;
    if (gw_http_get(f->http, url, GW_TRACK_LONGEST, &status, &f->body, &problem)) {
        f->failures = status >= 500 && status != 503 ? f->failures + 1 : 0;
        *there = status == 200;
        if (*there || status == 404 || status == 400 || status == 503 ||
            (status >= 500 && f->failures < PATIENCE))
            return true;
        return gw_err_set(err, GW_ERR_CONNECT, "%s answers with status %ld", url, status);
    }
    if (problem.kind == GW_ERR_CONNECT && ++f->failures < PATIENCE) {
        gw_err_clear(&problem);
        return true;
    }
    gw_err_move(err, &problem);
    return false;
}

/* Takes the block in the body: *next is the number to read then. */
static bool take(follow *f, gw_arena *scratch, int64_t *next, gw_err *err)
{
    json_error_t problem;
    json_t *json = gw_json_own(scratch, json_loadb(f->body.data, f->body.len, 0, &problem));
    const char *hash = json_string_value(json_object_get(json, "hash"));
    const char *parent = json_string_value(json_object_get(json, "parentHash"));
    const char *before = remembered(f, *next - 1);
    int64_t number = *next;
    if (hash && parent && before && strcmp(before, parent) != 0) {
        f->seen[(number - 1) % REMEMBERED].hash[0] = '\0';
        *next = number - 1; /* the chain has turned: what comes before is another block now */
        return true;
    }
    if (hash)
        remember(f, number, hash);
    *next = number + 1;
    return gw_ingest_document(f->ingest, f->body.data, f->body.len, number ? number : 1, err);
}

static bool begin(follow *f, gw_session *session, int64_t *next, gw_err *err)
{
    const gw_follow_options *options = f->options;
    const char *hash;
    *next = options->from;
    if (*next >= 0)
        return true;
    if (!gw_ingest_last_block(session, f->arena, options->ingest.tracker, options->ingest.chain, next,
                              &hash, err))
        return false;
    if (*next < 0)
        return gw_err_set(err, GW_ERR_USAGE, "no block of %s was counted yet: say where to begin, --from N",
                          options->ingest.chain);
    remember(f, *next, hash);
    ++*next;
    return true;
}

bool gw_app_track_follow(gw_app *app, gw_arena *arena, const gw_follow_options *options,
                         gw_ingest_counts *out, gw_err *err)
{
    follow f = {.arena = arena,
                .options = options,
                .cancel = app->options.cancel,
                .body = GW_BUF(arena)};
    gw_session *session;
    int64_t next = 0;
    gw_ingest_options own = options->ingest;
    own.cancel = f.cancel;
    own.sidecar = true;
    if (!gw_http_open(arena, f.cancel, &f.http, err) ||
        !gw_app_track_open(app, arena, true, &session, err))
        return false;
    f.ingest = gw_ingest_new(session, arena, &own);
    bool ok = begin(&f, session, &next, err);
    gw_arena *scratch = gw_arena_new();
    while (ok) {
        bool there;
        gw_arena_reset(scratch);
        if (gw_cancel_level(f.cancel))
            ok = interrupted(&f, err);
        else if (!fetch(&f, scratch, next, &there, err))
            ok = false;
        else if (there)
            ok = take(&f, scratch, &next, err);
        else
            ok = gw_ingest_end(f.ingest, err) &&
                 (gw_sleep_ms(options->wait_ms, f.cancel) || interrupted(&f, err));
    }
    *out = *gw_ingest_counted(f.ingest);
    gw_arena_free(scratch);
    return ok;
}
