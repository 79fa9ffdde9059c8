/* Counting what moves: the counters of a project's environment. */
#ifndef GW_APP_TRACK_H
#define GW_APP_TRACK_H

#include "app/app.h"
#include "track/ingest.h"
#include "track/manual.h"
#include "track/show.h"

/* A session for the counters. write: they are made where they are not there, and the environment has to
 * be one that may be written to. */
bool gw_app_track_open(gw_app *app, gw_arena *arena, bool write, gw_session **out, gw_err *err);

/* A file, or "-" for standard input. options: source NULL is the file's path; cancel is the app's. */
bool gw_app_track_ingest(gw_app *app, gw_arena *arena, const char *file,
                         const gw_ingest_options *options, gw_ingest_counts *out, gw_err *err);

typedef struct gw_follow_options {
    gw_ingest_options ingest; /* source: the URL of a Sidecar; chain: NULL where blocks say it */
    int64_t from;             /* -1: behind the last block of the chain that was counted */
    int64_t wait_ms;          /* between two looks for a block that is not there yet */
} gw_follow_options;

/* Until it is stopped (kind INTERRUPTED). A chain that turns is followed back. Kind UNSUPPORTED where
 * libcurl is not there, CONNECT where nobody answers for long. */
bool gw_app_track_follow(gw_app *app, gw_arena *arena, const gw_follow_options *options,
                         gw_ingest_counts *out, gw_err *err);

#endif
