/*
 * A stream of events or blocks: whatever it holds, documents come one behind the other, everything is
 * taken once, the digest at the end is that of the whole, and what is read of a document is added or
 * refused with a reason.
 */
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "check.h"
#include "track/block.h"
#include "track/reader.h"

static void check_block(gw_arena *arena, gw_track_block *block)
{
    gw_buf buf = GW_BUF(arena);
    gw_sums_json(&buf, &block->sums);
    json_error_t problem;
    json_t *json = json_loadb(buf.data, buf.len, 0, &problem);
    CHECK(json);
    json_decref(json);
    for (size_t i = 0; i < block->sums.len; i++)
        for (size_t k = 0; k < 3; k++)
            CHECK(block->sums.items[i].n[k] >= 0);
    for (size_t i = 0; i < block->steps.len; i++)
        CHECK(block->steps.items[i].kind < GW_STEPS);
}

static void read_document(gw_arena *arena, const gw_track_reader *reader)
{
    json_error_t problem;
    json_t *json = json_loadb(reader->text, reader->len, JSON_REJECT_DUPLICATES, &problem);
    if (!json)
        return;
    gw_event_place place;
    gw_track_block own = {.number = -1, .sums = gw_sums_start(arena)}, block = {.line = reader->line};
    if (!gw_event_place_of(arena, json, &place)) {
        const char *wrong = gw_event_add(arena, json, reader->line, reader->text, reader->len, &own);
        CHECK(!wrong == (own.events == 1));
    }
    check_block(arena, &own);
    if (!gw_sidecar_read(arena, json, NULL, &block)) {
        CHECK(block.number >= 0 && *block.hash);
        check_block(arena, &block);
    }
    json_decref(json);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    enum { LIMIT = 1 << 16 };
    if (size < 1 || size > LIMIT)
        return 0;
    gw_arena *arena = gw_arena_new();
    int fd = memfd_create("stream", 0);
    CHECK(fd >= 0 && write(fd, data + 1, size - 1) == (ssize_t)(size - 1));
    CHECK(lseek(fd, 0, SEEK_SET) == 0);
    gw_track_reader reader = {.fds = {fd, -1}, .name = "stream", .arrays = data[0] & 1};
    gw_track_reader_start(arena, &reader, 0, 0, NULL);
    gw_err err = {0};
    int64_t line = 0, position = 0;
    gw_read_outcome outcome;
    while ((outcome = gw_track_read(&reader, 0, &err)) == GW_READ_DOCUMENT) {
        CHECK(reader.line >= line && gw_track_reader_position(&reader, true) >= position);
        CHECK(gw_track_reader_position(&reader, false) > gw_track_reader_position(&reader, true));
        line = reader.line;
        position = gw_track_reader_position(&reader, false);
        read_document(arena, &reader);
    }
    CHECK(outcome == GW_READ_END && gw_track_reader_position(&reader, false) == (int64_t)size - 1);
    CHECK(strcmp(gw_track_reader_digest(&reader, arena, false),
                 gw_digest_hex(arena, GW_SHA256, data + 1, size - 1)) == 0);
    gw_track_reader_free(&reader);
    close(fd);
    gw_arena_free(arena);
    return 0;
}
