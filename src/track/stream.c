/* A stream from its beginning, or from where it was left, to its end. */
#include "track/ingest_impl.h"

enum { IDLE_MS = 200 };

/* A last line without its newline that is no document may still be written by somebody: it is refused,
 * and not taken, so that a longer file is read from there. */
static bool read_cut(gw_ingest *in, gw_track_reader *reader, bool *taken, gw_err *err)
{
    json_error_t problem;
    json_t *json = json_loadb(reader->text, reader->len, 0, &problem);
    *taken = json != NULL;
    json_decref(json);
    if (*taken)
        return gw_ingest_document(in, reader->text, reader->len, reader->line, err);
    return gw_ingest_reject(in, reader->line, "the stream ends in the middle of it", reader->text,
                            reader->len, err);
}

static bool stopped(gw_ingest *in, gw_err *err)
{
    if (!in->is_open && !in->waiting.len && !gw_ingest_flush(in, false, err))
        return false;
    gw_err_set(err, GW_ERR_INTERRUPTED, "stopped");
    return gw_err_hint(err, "what was read is counted up to a place that is remembered: run it again");
}

/* One document, or the end; *more false at the end. */
static bool step(gw_ingest *in, gw_track_reader *reader, bool *more, gw_err *err)
{
    static const char too_long[] = "it is longer than 16 MB";
    bool taken;
    *more = true;
    switch (gw_track_read(reader, IDLE_MS, err)) {
    case GW_READ_DOCUMENT:
        if (!reader->cut)
            return gw_ingest_document(in, reader->text, reader->len, reader->line, err);
        *more = false;
        return read_cut(in, reader, &taken, err) && gw_ingest_finish(in, !taken, err);
    case GW_READ_TOO_LONG:
        return gw_ingest_bad_line(in, reader->line, too_long, reader->text, reader->len, err);
    case GW_READ_IDLE:
        return in->is_open || in->waiting.len || gw_ingest_flush(in, false, err);
    case GW_READ_END:
        *more = false;
        return gw_ingest_end(in, err);
    case GW_READ_STOPPED:
        return stopped(in, err);
    case GW_READ_FAILED:
        break;
    }
    return false;
}

bool gw_ingest_stream(gw_session *session, gw_arena *arena, const gw_ingest_options *options, int fd,
                      bool seekable, gw_ingest_counts *out, gw_err *err)
{
    gw_track_reader reader = {.name = options->source,
                              .cancel = options->cancel,
                              .arrays = options->sidecar};
    gw_ingest *in = gw_ingest_new(session, arena, options);
    bool more = true;
    bool ok = gw_ingest_resume(in, fd, seekable, &reader, err);
    in->reader = &reader;
    while (ok && more)
        ok = step(in, &reader, &more, err);
    *out = in->counts;
    gw_track_reader_free(&reader);
    return ok;
}
