/* Documents into a batch. */
#include <inttypes.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "track/ingest_impl.h"
#include "sql_track.h"

enum {
    MOST_EVENTS = 1 << 20,
    MOST_BYTES = 3 << 20,
    MOST_WAITING = 4096,
    MOST_REJECTS = 500,
    MOST_LINKS = 20000,
    LOOK_EVERY = 64, /* documents: the clock is not asked for each */
    KEPT_OF_LINE = 2000,
};

gw_ingest *gw_ingest_new(gw_session *session, gw_arena *arena, const gw_ingest_options *options)
{
    gw_ingest *in = gw_alloc(arena, sizeof *in);
    in->session = session;
    in->options = *options;
    in->arena = arena;
    in->batch = gw_arena_new();
    in->links = gw_arena_new();
    in->linked = gw_sums_start(in->links);
    gw_arena_defer(arena, (void (*)(void *))gw_arena_free, in->batch);
    gw_arena_defer(arena, (void (*)(void *))gw_arena_free, in->links);
    in->target_us = 100000;
    gw_ingest_begin_batch(in);
    return in;
}

const gw_ingest_counts *gw_ingest_counted(const gw_ingest *in)
{
    return &in->counts;
}

void gw_ingest_begin_batch(gw_ingest *in)
{
    gw_arena_reset(in->batch);
    in->outside = (gw_track_block){.number = -1, .sums = gw_sums_start(in->batch)};
    memset(&in->blocks, 0, sizeof in->blocks);
    memset(&in->waiting, 0, sizeof in->waiting);
    in->rejects = gw_json_own(in->batch, json_array());
    in->began_us = gw_monotonic_us();
    in->documents = 0;
}

const char *const gw_ingest_strict_hint =
    "what stands before it is counted; without --strict such lines are kept apart";

/* ---- bad lines --------------------------------------------------------------------------------------- */

bool gw_ingest_reject(gw_ingest *in, int64_t line, const char *reason, const char *text, size_t len,
                      gw_err *err)
{
    if (in->options.strict) {
        char *said = gw_strdup(in->arena, reason);
        if (!in->is_open && !in->waiting.len && in->reader && !gw_ingest_flush(in, true, err))
            return false;
        gw_err_set(err, GW_ERR_INPUT, "%s", said);
        gw_err_hint(err, "%s", gw_ingest_strict_hint);
        return gw_err_at(err, in->options.source, (unsigned)line, 0);
    }
    gw_arena *scratch = gw_arena_new();
    json_t *row = json_array();
    json_array_append_new(row, json_integer(line));
    json_array_append_new(row, gw_json_text(reason));
    json_array_append_new(
        row, gw_json_text(gw_strndup(scratch, text, len < KEPT_OF_LINE ? len : KEPT_OF_LINE)));
    json_array_append_new(row, json_string(gw_digest_hex(scratch, GW_SHA256, text, len)));
    json_array_append_new(in->rejects, row);
    gw_arena_free(scratch);
    return true;
}

/* ---- blocks ------------------------------------------------------------------------------------------ */

static gw_chain_stage *stage_of(gw_ingest *in, const char *chain)
{
    for (size_t i = 0; i < in->stages.len; i++)
        if (strcmp(in->stages.items[i].chain, chain) == 0)
            return &in->stages.items[i];
    gw_chain_stage *stage = gw_vec_push(in->arena, &in->stages);
    stage->chain = gw_strdup(in->arena, chain);
    return stage;
}

/* The stage that the chain was at when this block came; NULL: nobody knows. */
static bool current_stage(gw_ingest *in, const gw_track_block *block, const char **out, gw_err *err)
{
    static const gw_col cols[] = {{"stage", GW_COL_TEXT, true, 0}};
    *out = stage_of(in, block->chain)->stage;
    if (*out)
        return true;
    gw_param params[] = {gw_p_text(in->options.tracker), gw_p_text(block->chain),
                         gw_p_int(block->number)};
    gw_result result;
    void *rows;
    if (!gw_query(in->session, in->batch, &gw_sql_steps_current, params, 3, &result, err) ||
        !gw_rows(in->batch, &result, cols, 1, sizeof(char *), &rows, err))
        return false;
    if (result.rows)
        *out = ((const char **)rows)[0];
    return true;
}

/* Steps that name no stage get the one that the chain is at; a failure counts. */
static bool resolve_steps(gw_ingest *in, gw_track_block *block, gw_err *err)
{
    size_t kept = 0;
    for (size_t i = 0; i < block->steps.len; i++) {
        gw_track_step *step = &block->steps.items[i];
        if (!step->stage && !current_stage(in, block, &step->stage, err))
            return false;
        if (!step->stage)
            continue; /* paused before anything began */
        if (step->kind == GW_STEP_START) {
            gw_chain_stage *stage = stage_of(in, block->chain);
            if (!stage->stage || strcmp(stage->stage, step->stage) != 0)
                stage->stage = gw_strdup(in->arena, step->stage);
        }
        if (step->kind == GW_STEP_FAIL)
            gw_sums_get(&block->sums, GW_SUM_STAGE, step->stage, strlen(step->stage), NULL, 0)->n[0]++;
        block->steps.items[kept++] = *step;
    }
    block->steps.len = kept;
    return true;
}

static bool add_block(gw_ingest *in, gw_track_block *block, gw_err *err)
{
    for (size_t i = 0; i < block->sums.len; i++) {
        gw_sum *sum = &block->sums.items[i];
        if (sum->kind == GW_SUM_XCM && !*sum->a)
            sum->a = block->chain;
        if (sum->kind == GW_SUM_XCM && !*sum->b)
            sum->b = block->chain;
    }
    if (!resolve_steps(in, block, err))
        return false;
    *gw_vec_push(in->batch, &in->blocks) = *block;
    return true;
}

static bool close_block(gw_ingest *in, gw_err *err)
{
    if (!in->is_open)
        return true;
    gw_chain_stage *at = stage_of(in, in->open.chain);
    in->is_open = false;
    at->number = in->open.number;
    at->line = in->open.line;
    strcpy(at->hash, in->open.hash);
    return add_block(in, &in->open, err);
}

/* ---- whose chain it is --------------------------------------------------------------------------------- */

static bool says_something(const char *hash)
{
    return hash && hash[strspn(hash, "0x")];
}

static void link_hash(gw_ingest *in, const char *hash, const char *chain)
{
    if (!says_something(hash))
        return;
    gw_sum *sum = gw_sums_get(&in->linked, GW_SUM_STAGE, hash, strlen(hash), NULL, 0);
    if (!sum->n[0])
        sum->n[0] = stage_of(in, chain) - in->stages.items + 1;
}

static void link_block(gw_ingest *in, const gw_track_block *block)
{
    if (in->linked.len > MOST_LINKS) {
        gw_arena_reset(in->links);
        in->linked = gw_sums_start(in->links);
    }
    link_hash(in, block->hash, block->chain);
    link_hash(in, block->parent, block->chain);
    if (!in->chain)
        in->chain = gw_strdup(in->arena, block->chain);
    else if (strcmp(in->chain, block->chain) != 0)
        in->chain = "";
}

static const char *linked_chain(gw_ingest *in, const gw_track_block *block)
{
    const char *const hashes[] = {block->hash, block->parent};
    for (size_t i = 0; i < 2; i++) {
        if (!says_something(hashes[i]))
            continue;
        size_t known = in->linked.len;
        const gw_sum *sum =
            gw_sums_get(&in->linked, GW_SUM_STAGE, hashes[i], strlen(hashes[i]), NULL, 0);
        if (in->linked.len == known && sum->n[0])
            return in->stages.items[sum->n[0] - 1].chain;
    }
    return NULL;
}

/* Blocks whose neighbours are known now. Newest first: the first block that names a chain often comes
 * after many that do not. */
static void settle(gw_ingest *in)
{
    bool more = true;
    while (more) {
        more = false;
        for (size_t i = in->waiting.len; i-- > 0;) {
            gw_track_block *block = &in->waiting.items[i];
            if (block->chain)
                continue;
            const char *chain = linked_chain(in, block);
            if (!chain)
                continue;
            block->chain = gw_strdup(in->batch, chain);
            link_block(in, block);
            more = true;
        }
    }
}

/* All that wait are placed, in their order. `force`: those that are still nobody's go to the only chain
 * that there is, or are refused. */
static bool place_waiting(gw_ingest *in, bool force, gw_err *err)
{
    bool open = false;
    settle(in);
    for (size_t i = 0; i < in->waiting.len; i++) {
        gw_track_block *block = &in->waiting.items[i];
        if (!block->chain && force && in->chain && *in->chain)
            block->chain = in->chain;
        open |= !block->chain;
    }
    if (open && !force)
        return true;
    gw_track_blocks waiting = in->waiting;
    in->waiting.len = 0;
    for (size_t i = 0; i < waiting.len; i++) {
        gw_track_block *block = &waiting.items[i];
        if (block->chain) {
            if (!add_block(in, block, err))
                return false;
            continue;
        }
        const char *text = gw_printf(in->batch, "block %" PRId64 " %s", block->number, block->hash);
        if (!gw_ingest_reject(in, block->line, "the block does not say its chain: name it with --chain",
                              text, strlen(text), err))
            return false;
    }
    return true;
}

/* ---- documents ----------------------------------------------------------------------------------------- */

static bool due(gw_ingest *in)
{
    if (in->documents < LOOK_EVERY)
        return false;
    in->documents = 0;
    return in->outside.events > MOST_EVENTS || gw_arena_used(in->batch) > MOST_BYTES ||
           json_array_size(in->rejects) >= MOST_REJECTS ||
           gw_monotonic_us() - in->began_us >= in->target_us;
}

/* Before a document is taken: what is due is written. In an open block only the rejects can be. */
static bool make_room(gw_ingest *in, gw_err *err)
{
    if (in->is_open)
        return json_array_size(in->rejects) < MOST_REJECTS || gw_ingest_keep_rejects(in, err);
    if (!due(in))
        return true;
    bool forced = gw_arena_used(in->batch) > 4 * (size_t)MOST_BYTES;
    if (in->waiting.len && !place_waiting(in, forced || in->waiting.len >= MOST_WAITING, err))
        return false;
    if (in->waiting.len)
        return json_array_size(in->rejects) < MOST_REJECTS || gw_ingest_keep_rejects(in, err);
    return gw_ingest_flush(in, true, err);
}

bool gw_ingest_bad_line(gw_ingest *in, int64_t line, const char *reason, const char *text, size_t len,
                        gw_err *err)
{
    in->documents++;
    return make_room(in, err) && gw_ingest_reject(in, line, reason, text, len, err);
}

static bool read_block(gw_ingest *in, const json_t *json, const char *text, size_t len, int64_t line,
                       gw_err *err)
{
    if (!make_room(in, err))
        return false;
    gw_track_block block = {.line = line};
    const char *wrong = gw_sidecar_read(in->batch, json, in->options.chain, &block);
    if (wrong)
        return gw_ingest_reject(in, line, wrong, text, len, err);
    if (!block.chain)
        block.chain = linked_chain(in, &block);
    if (block.chain)
        link_block(in, &block);
    if (!block.chain || in->waiting.len) {
        *gw_vec_push(in->batch, &in->waiting) = block;
        return !block.chain || place_waiting(in, false, err);
    }
    return add_block(in, &block, err);
}

static bool is_open_block(const gw_ingest *in, const gw_event_place *place)
{
    return in->is_open && in->open.number == place->number &&
           strcmp(in->open.hash, place->hash) == 0 && strcmp(in->open.chain, place->chain) == 0;
}

/* The rest of a block that events of others have torn: the block is counted without it. (Behind another
 * block of its chain it is the whole block once more, and is passed over.) */
static const char *torn(gw_ingest *in, const gw_event_place *place)
{
    const gw_chain_stage *at = stage_of(in, place->chain);
    if (at->number != place->number || strcmp(at->hash, place->hash) != 0)
        return NULL;
    return gw_printf(in->batch,
                     "its block began in line %" PRId64 " and ended before other events: all events of "
                     "a block follow each other",
                     at->line);
}

/* What a step is, hangs on what was counted before it: one outside and blocks share no batch. One that
 * may end the run has its own. */
static bool starts_batch(const gw_ingest *in, const json_t *json, const gw_event_place *place)
{
    if (place->number >= 0)
        return in->outside.steps.len > 0;
    return (in->blocks.len > 0 || in->options.strict) && gw_event_is_step(json);
}

static bool read_event(gw_ingest *in, const json_t *json, const char *text, size_t len, int64_t line,
                       gw_err *err)
{
    gw_event_place place;
    bool was_open = in->is_open;
    if (!make_room(in, err))
        return false;
    const char *wrong = gw_event_place_of(in->batch, json, &place);
    bool same = !wrong && place.number >= 0 && is_open_block(in, &place);
    if (!wrong && !same) {
        if (!close_block(in, err) || (was_open && !make_room(in, err)) ||
            (starts_batch(in, json, &place) && !gw_ingest_flush(in, true, err)))
            return false;
        wrong = place.number >= 0 ? torn(in, &place) : NULL;
        if (place.number >= 0 && !wrong) {
            in->is_open = true;
            in->open = (gw_track_block){.chain = gw_strdup(in->batch, place.chain),
                                        .number = place.number,
                                        .hash = gw_strdup(in->batch, place.hash),
                                        .parent = gw_strdup(in->batch, place.parent),
                                        .line = line,
                                        .sums = gw_sums_start(in->batch)};
        }
    }
    gw_track_block *block = place.number >= 0 ? &in->open : &in->outside;
    if (!wrong)
        wrong = gw_event_add(in->batch, json, line, place.number < 0 ? text : NULL,
                             len < KEPT_OF_LINE ? len : KEPT_OF_LINE, block);
    if (wrong)
        return gw_ingest_reject(in, line, wrong, text, len, err);
    return !in->options.strict || !in->outside.steps.len || gw_ingest_flush(in, false, err);
}

bool gw_ingest_document(gw_ingest *in, const char *text, size_t len, int64_t line, gw_err *err)
{
    json_error_t problem;
    while (len && strchr("\r\n", text[len - 1]))
        len--;
    json_t *json = json_loadb(text, len, JSON_REJECT_DUPLICATES, &problem);
    if (!json) {
        gw_arena *scratch = gw_arena_new();
        char *reason = gw_printf(scratch, "it is not JSON: %s", problem.text);
        bool kept = gw_ingest_bad_line(in, line, reason, text, len, err);
        gw_arena_free(scratch);
        return kept;
    }
    in->documents++;
    bool ok = in->options.sidecar ? read_block(in, json, text, len, line, err)
                                  : read_event(in, json, text, len, line, err);
    json_decref(json);
    return ok;
}

bool gw_ingest_finish(gw_ingest *in, bool before, gw_err *err)
{
    return close_block(in, err) && place_waiting(in, true, err) && gw_ingest_flush(in, before, err);
}

bool gw_ingest_pause(gw_ingest *in, gw_err *err)
{
    return place_waiting(in, false, err) &&
           (in->is_open || in->waiting.len || gw_ingest_flush(in, false, err));
}

bool gw_ingest_end(gw_ingest *in, gw_err *err)
{
    return gw_ingest_finish(in, false, err);
}

bool gw_ingest_last_block(gw_session *session, gw_arena *arena, const char *tracker,
                          const char *chain, int64_t up_to, int64_t *number, const char **hash,
                          gw_err *err)
{
    typedef struct row {
        int64_t number;
        const char *hash;
    } row;
    static const gw_col cols[] = {{"number", GW_COL_INT, true, offsetof(row, number)},
                                  {"hash", GW_COL_TEXT, true, offsetof(row, hash)}};
    gw_param params[] = {gw_p_text(tracker), gw_p_text(chain), gw_p_int(up_to)};
    gw_result result;
    void *rows;
    if (!gw_query(session, arena, &gw_sql_block_last, params, 3, &result, err) ||
        !gw_rows(arena, &result, cols, 2, sizeof(row), &rows, err))
        return false;
    *number = result.rows ? ((row *)rows)->number : -1;
    *hash = result.rows ? ((row *)rows)->hash : NULL;
    return true;
}
