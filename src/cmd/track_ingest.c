/* track ingest: events and blocks into counters. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "cmd/report.h"
#include "cmd/track.h"

enum { LINE_MS = 5000, WAIT_MS = 2000 };

/* ---- while it runs ------------------------------------------------------------------------------------ */

typedef struct watching {
    gw_invocation *invocation;
    int64_t began_us, said_us;
} watching;

static void progress(void *self, const gw_ingest_counts *counts)
{
    watching *w = self;
    int64_t now = gw_monotonic_us();
    bool live = gw_term_live(w->invocation->term);
    if (w->invocation->quiet || (!live && now - w->said_us < LINE_MS * 1000))
        return;
    gw_arena *scratch = gw_arena_new();
    double seconds = (double)(now - w->began_us) / 1e6;
    char *line = gw_printf(scratch, "%" PRId64 " events, %" PRId64 " blocks, %.0f events/s",
                           counts->events, counts->blocks,
                           seconds > 0 ? (double)counts->events / seconds : 0.0);
    if (live)
        gw_term_redraw(w->invocation->term, line);
    else
        gw_term_write(w->invocation->term, gw_printf(scratch, "%s\n", line));
    gw_arena_free(scratch);
    w->said_us = now;
}

/* ---- what came of it ------------------------------------------------------------------------------------ */

static void show_json(gw_json *json, const gw_ingest_options *options, const gw_ingest_counts *counts)
{
    gw_json_string(json, "tracker", options->tracker);
    gw_json_int(json, "events", counts->events);
    gw_json_int(json, "blocks", counts->blocks);
    gw_json_int(json, "blocks_seen", counts->seen);
    gw_json_int(json, "forks", counts->forks);
    gw_json_int(json, "rejected", counts->rejected);
    gw_json_int(json, "bytes_counted_before", counts->skipped);
    gw_json_int(json, "batches", counts->batches);
}

static void show_text(gw_invocation *invocation, const gw_ingest_options *options,
                      const gw_ingest_counts *counts, int64_t took_ms)
{
    gw_buf buf = GW_BUF(invocation->arena);
    gw_buf_addf(&buf, "%" PRId64 " events counted", counts->events);
    if (options->sidecar || counts->blocks)
        gw_buf_addf(&buf, " in %" PRId64 " new blocks", counts->blocks);
    gw_buf_addf(&buf, ", %s", gw_duration_human(invocation->arena, took_ms));
    if (counts->seen)
        gw_buf_addf(&buf, "; %" PRId64 " blocks had been counted before", counts->seen);
    if (counts->forks)
        gw_buf_addf(&buf, "; %" PRId64 " forks followed", counts->forks);
    if (counts->skipped)
        gw_buf_addf(&buf, "; %" PRId64 " bytes had been counted before", counts->skipped);
    gw_say(invocation, "%s", gw_buf_str(&buf));
    if (counts->rejected)
        gw_say(invocation, "%" PRId64 " lines could not be read: see godwit.tracker_rejects",
               counts->rejected);
}

/* ---- the command ------------------------------------------------------------------------------------------ */

static bool check_words(const gw_invocation *invocation, const gw_ingest_options *options,
                        const char *url, gw_err *err)
{
    if (!*options->tracker || (options->source && !*options->source))
        return gw_err_set(err, GW_ERR_USAGE, "a tracker and a source have a name");
    if (url && gw_argument_text(invocation, 0))
        return gw_err_set(err, GW_ERR_USAGE, "--follow reads a URL and no FILE");
    if (!url && (gw_option_text(invocation, "from") || gw_option_text(invocation, "interval")))
        return gw_err_set(err, GW_ERR_USAGE, "--from and --interval belong to --follow URL");
    if (url && gw_option_text(invocation, "source"))
        return gw_err_set(err, GW_ERR_USAGE, "--source names a stream of events: --follow reads blocks");
    if (url && !gw_option_text(invocation, "from") && !options->chain)
        return gw_err_set(err, GW_ERR_USAGE, "--follow needs --from N, or --chain to go on with");
    if (options->chain && !options->sidecar && !url)
        return gw_err_set(err, GW_ERR_USAGE, "--chain belongs to --format sidecar: events name theirs");
    return true;
}

static bool run(gw_invocation *invocation, gw_err *err)
{
    const char *format = gw_option_text(invocation, "format");
    const char *url = gw_option_text(invocation, "follow");
    const char *file = gw_argument_text(invocation, 0);
    watching w = {.invocation = invocation, .began_us = gw_monotonic_us()};
    gw_ingest_options options = {.tracker = gw_track_wanted(invocation),
                                 .source = gw_option_text(invocation, "source"),
                                 .sidecar = format && strcmp(format, "sidecar") == 0,
                                 .chain = gw_option_text(invocation, "chain"),
                                 .strict = gw_flag(invocation, "strict"),
                                 .progress = progress,
                                 .self = &w};
    gw_ingest_counts counts = {0};
    if (!check_words(invocation, &options, url, err))
        return false;
    bool ok;
    if (url) {
        options.source = url;
        gw_follow_options follow = {.ingest = options,
                                    .from = gw_option_number(invocation, "from", -1),
                                    .wait_ms = gw_option_number(invocation, "interval", WAIT_MS)};
        ok = gw_app_track_follow(invocation->app, invocation->arena, &follow, &counts, err);
    } else {
        ok = gw_app_track_ingest(invocation->app, invocation->arena, file ? file : "-", &options,
                                 &counts, err);
    }
    gw_term_redraw(invocation->term, "");
    if (!ok && !counts.batches)
        return false;
    if (invocation->json)
        show_json(invocation->out, &options, &counts);
    else
        show_text(invocation, &options, &counts, (gw_monotonic_us() - w.began_us) / 1000);
    if (counts.rejected)
        invocation->exit_code = GW_EXIT_CHECK;
    return ok;
}

static const char *const formats[] = {"ndjson", "sidecar", NULL};

static const gw_argument arguments[] = {
    {.name = "FILE",
     .help = "one JSON document a line; - or none: standard input",
     .completes = GW_COMPLETES_FILE},
    {.name = NULL},
};

static const gw_option options[] = {
    {.name = "format",
     .type = GW_OPTION_CHOICE,
     .value = "FORMAT",
     .help = "ndjson: Godwit's own events; sidecar: blocks of Substrate API Sidecar, one a line or "
             "in one array (ndjson)",
     .choices = formats},
    GW_OPTION_TRACKER,
    {.name = "source",
     .type = GW_OPTION_TEXT,
     .value = "NAME",
     .help = "what the stream is called: under one name only that stream is gone on with. Without "
             "it a stream is known by what it holds"},
    {.name = "chain",
     .type = GW_OPTION_TEXT,
     .value = "NAME",
     .help = "sidecar: whose blocks these are (else seen from the pallets that speak in them)"},
    {.name = "strict", .type = GW_OPTION_FLAG, .help = "stop at the first line that cannot be read"},
    {.name = "follow",
     .type = GW_OPTION_TEXT,
     .value = "URL",
     .help = "read blocks from a Sidecar as they are made, until Ctrl-C"},
    {.name = "from",
     .type = GW_OPTION_COUNT,
     .value = "N",
     .help = "--follow: the first block (else the one behind the last of --chain)"},
    {.name = "interval",
     .type = GW_OPTION_DURATION,
     .value = "TIME",
     .help = "--follow: how long between two looks for a new block (2s)"},
    {.name = NULL},
};

const gw_command gw_command_track_ingest = {
    .name = "ingest",
    .summary = "count events or blocks of a chain, each exactly once",
    .text = "What has been counted is remembered in the transaction that counts it: a stream by "
            "what it holds up to a position, a block by chain, number and hash. The same file "
            "again adds nothing, a longer one goes on where it was left, a run that was killed "
            "is run again. A block that replaces another one of its number takes it back first, "
            "and what was built on that.\n"
            "\n"
            "A line that cannot be read is kept in godwit.tracker_rejects with its number and the "
            "reason; the rest goes on, and the exit code is 3.",
    .examples = "godwit track ingest events.ndjson\n"
                "zstdcat blocks.ndjson.zst | godwit track ingest --format sidecar\n"
                "godwit track ingest --follow http://localhost:8080 --from 11150168",
    .options = options,
    .arguments = arguments,
    .flags = GW_COMMAND_PROJECT | GW_COMMAND_NEEDS_DB | GW_COMMAND_WRITES,
    .run = run,
};
