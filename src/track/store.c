/* A batch into the database: one transaction, done again where it met another one. */
#include <inttypes.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "control/control.h"
#include "track/ingest_impl.h"
#include "sql_track.h"

enum {
    TRIES = 10,
    LEAST_US = 100000,
    MOST_US = 2000000,
    TIMES_THE_WRITE = 10,
    WINDOW = 4096, /* blocks that are asked about at once; behind a fork fewer */
    WINDOW_AT_FORK = 32,
};

/* What becomes of a block of the batch. */
typedef enum { FRESH, SEEN, TURNS } fate;

typedef struct writing {
    gw_ingest *in;
    gw_arena *arena; /* of this try */
    bool rejects_alone;
    fate *fates;
    gw_ingest_counts counts; /* that this batch adds */
} writing;

static bool exec(const writing *w, const gw_sql *sql, const char *json, gw_err *err)
{
    gw_param params[] = {gw_p_text(w->in->options.tracker), gw_p_text(json)};
    return gw_exec_sql(w->in->session, sql, params, json ? 2 : 1, err);
}

/* ---- the stream's place ------------------------------------------------------------------------------ */

static bool move_source(writing *w, bool before, gw_err *err)
{
    gw_ingest *in = w->in;
    if (!in->source_id)
        return true;
    gw_param params[] = {gw_p_int(in->source_id), gw_p_int(in->position),
                         gw_p_int(gw_track_reader_position(in->reader, before)),
                         gw_p_int(gw_track_reader_lines(in->reader, before)),
                         gw_p_text(gw_track_reader_digest(in->reader, w->arena, before))};
    gw_result result;
    if (!gw_query(in->session, w->arena, &gw_sql_source_move, params, 5, &result, err))
        return false;
    if (result.affected == 1)
        return true;
    gw_err_set(err, GW_ERR_BUSY, "another run counts %s as well", in->options.source);
    return gw_err_hint(err, "nothing of this batch was written; wait for the other one");
}

/* ---- blocks ------------------------------------------------------------------------------------------ */

static bool lock_chains(const writing *w, gw_err *err)
{
    const gw_ingest *in = w->in;
    const char *last = "";
    for (;;) { /* in order of their names: few */
        const char *next = NULL;
        for (size_t i = 0; i < in->blocks.len; i++) {
            const char *chain = in->blocks.items[i].chain;
            if (strcmp(chain, last) > 0 && (!next || strcmp(chain, next) < 0))
                next = chain;
        }
        if (!next)
            return true;
        if (!exec(w, &gw_sql_chain_lock, next, err))
            return false;
        last = next;
    }
}

static void add_head(gw_buf *buf, const gw_track_block *block)
{
    gw_buf_add(buf, buf->len > 1 ? ",[" : "[");
    gw_track_quote(buf, block->chain);
    gw_buf_addf(buf, ",%" PRId64 ",", block->number);
    gw_track_quote(buf, block->hash);
}

static void add_parent(gw_buf *buf, const gw_track_block *block)
{
    gw_buf_addc(buf, ',');
    if (block->parent)
        gw_track_quote(buf, block->parent);
    else
        gw_buf_add(buf, "null");
}

/* What becomes of the blocks from `from` up to, not with, `to`. */
static bool ask_known(writing *w, size_t from, size_t to, gw_err *err)
{
    typedef struct row {
        int64_t place;
        bool seen, turns;
    } row;
    static const gw_col cols[] = {{"place", GW_COL_INT, true, offsetof(row, place)},
                                  {"seen", GW_COL_BOOL, true, offsetof(row, seen)},
                                  {"turns", GW_COL_BOOL, true, offsetof(row, turns)}};
    gw_buf buf = GW_BUF(w->arena);
    gw_buf_addc(&buf, '[');
    for (size_t i = from; i < to; i++) {
        add_head(&buf, &w->in->blocks.items[i]);
        add_parent(&buf, &w->in->blocks.items[i]);
        gw_buf_addc(&buf, ']');
    }
    gw_buf_addc(&buf, ']');
    gw_param params[] = {gw_p_text(w->in->options.tracker), gw_p_text(gw_buf_str(&buf))};
    gw_result result;
    void *rows;
    if (!gw_query(w->in->session, w->arena, &gw_sql_blocks_known, params, 2, &result, err) ||
        !gw_rows(w->arena, &result, cols, 3, sizeof(row), &rows, err))
        return false;
    const row *known = rows;
    for (size_t i = 0; i < result.rows; i++)
        w->fates[from + (size_t)known[i].place - 1] = known[i].seen    ? SEEN
                                                      : known[i].turns ? TURNS
                                                                       : FRESH;
    return true;
}

/* The same within the batch. Returns where the first one is that turns: what follows has to be asked
 * about again, for its parent may be one that has gone then. */
static size_t judge(writing *w, size_t from, size_t to)
{
    gw_sums met = gw_sums_start(w->arena);
    for (size_t i = from; i < to; i++) {
        const gw_track_block *block = &w->in->blocks.items[i];
        size_t chain_len = strlen(block->chain);
        const char *number = gw_printf(w->arena, "%" PRId64, block->number);
        const char *both = gw_printf(w->arena, "%s %s", number, block->hash);
        gw_sum *same = gw_sums_get(&met, GW_SUM_XCM, block->chain, chain_len, both, strlen(both));
        if (same->n[0]++)
            w->fates[i] = SEEN;
        if (w->fates[i] == SEEN)
            continue;
        gw_sum *other = gw_sums_get(&met, GW_SUM_PALLET, block->chain, chain_len, number, strlen(number));
        if (w->fates[i] == TURNS || other->n[0]++) {
            w->fates[i] = TURNS;
            return i;
        }
    }
    return to;
}

static void add_amount(gw_buf *buf, const gw_track_block *block, gw_u128 value)
{
    gw_buf_addc(buf, ',');
    if (!block->totals) {
        gw_buf_add(buf, "null");
        return;
    }
    gw_buf_addc(buf, '"');
    gw_amount_text(buf, &(gw_amount){.low = value});
    gw_buf_addc(buf, '"');
}

static void add_block_row(gw_buf *buf, const gw_track_block *block, bool live)
{
    add_head(buf, block);
    add_parent(buf, block);
    gw_buf_add(buf, live ? ",true," : ",false,");
    gw_sums_json(buf, &block->sums);
    add_amount(buf, block, block->migrated);
    add_amount(buf, block, block->kept);
    gw_buf_addc(buf, ']');
}

static void add_step_rows(gw_buf *buf, gw_buf *stages, const gw_track_block *block, bool live)
{
    for (size_t i = 0; i < block->steps.len; i++) {
        const gw_track_step *step = &block->steps.items[i];
        add_head(buf, block);
        gw_buf_addf(buf, ",%zu,", i);
        gw_track_quote(buf, step->stage);
        gw_buf_addf(buf, ",\"%s\"]", gw_step_names[step->kind]);
        if (!live)
            continue;
        gw_buf_add(stages, stages->len > 1 ? "," : "");
        gw_track_quote(stages, step->stage);
    }
}

/* New blocks of a stretch: in the table; their sums in `sums`. One that turns is not live yet. */
static bool put_blocks(writing *w, size_t from, size_t to, gw_sums *sums, gw_err *err)
{
    gw_buf rows = GW_BUF(w->arena), steps = GW_BUF(w->arena), stages = GW_BUF(w->arena);
    bool totals = false;
    gw_buf_addc(&rows, '[');
    gw_buf_addc(&steps, '[');
    gw_buf_addc(&stages, '[');
    for (size_t i = from; i < to; i++) {
        const gw_track_block *block = &w->in->blocks.items[i];
        w->counts.seen += w->fates[i] == SEEN;
        if (w->fates[i] == SEEN)
            continue;
        bool live = w->fates[i] == FRESH;
        add_block_row(&rows, block, live);
        add_step_rows(&steps, &stages, block, live);
        w->counts.blocks++;
        w->counts.events += (int64_t)block->events;
        totals |= live && block->totals;
        if (live)
            gw_sums_merge(sums, &block->sums);
    }
    gw_buf_addc(&rows, ']');
    gw_buf_addc(&steps, ']');
    gw_buf_addc(&stages, ']');
    return (rows.len <= 2 || exec(w, &gw_sql_blocks_put, gw_buf_str(&rows), err)) &&
           (steps.len <= 2 || exec(w, &gw_sql_steps_put, gw_buf_str(&steps), err)) &&
           (stages.len <= 2 || exec(w, &gw_sql_stages_derive, gw_buf_str(&stages), err)) &&
           (!totals || exec(w, &gw_sql_totals_derive, NULL, err));
}

static bool add_sums(writing *w, const gw_sums *sums, gw_err *err)
{
    gw_buf buf = GW_BUF(w->arena);
    if (gw_sums_empty(sums))
        return true;
    gw_sums_json(&buf, sums);
    return exec(w, &gw_sql_counts_add, gw_buf_str(&buf), err);
}

/* What it takes back has to be there: the sums so far are added before. */
static bool turn(writing *w, const gw_track_block *block, gw_sums *sums, gw_err *err)
{
    gw_param params[] = {gw_p_text(w->in->options.tracker), gw_p_text(block->chain),
                         gw_p_int(block->number), gw_p_text(block->hash)};
    w->counts.forks++;
    if (!add_sums(w, sums, err))
        return false;
    *sums = gw_sums_start(w->arena);
    return gw_exec_sql(w->in->session, &gw_sql_block_switch, params, 4, err);
}

/* Blocks that are new, stretch by stretch, each up to the next fork. */
static bool write_blocks(writing *w, gw_sums *sums, gw_err *err)
{
    const gw_track_blocks *blocks = &w->in->blocks;
    size_t window = WINDOW;
    if (!blocks->len)
        return true;
    if (!lock_chains(w, err))
        return false;
    w->fates = gw_alloc_array(w->arena, blocks->len, sizeof *w->fates);
    for (size_t from = 0; from < blocks->len;) {
        size_t to = blocks->len - from < window ? blocks->len : from + window;
        if (!ask_known(w, from, to, err))
            return false;
        size_t at = judge(w, from, to);
        bool turns = at < to;
        if (!put_blocks(w, from, at + turns, sums, err) ||
            (turns && !turn(w, &blocks->items[at], sums, err)))
            return false;
        window = turns ? WINDOW_AT_FORK : window * 2;
        from = at + turns;
    }
    return true;
}

/* ---- what stands in no block ----------------------------------------------------------------------------- */

/* A stage in which something was counted has begun: at this step, if that stands before it. */
static bool begin_counted(writing *w, const gw_track_step *step, gw_err *err)
{
    const gw_sum *items = w->in->outside.sums.items;
    size_t i = 0;
    while (i < step->counted && !(items[i].kind == GW_SUM_PALLET && strcmp(items[i].b, step->stage) == 0))
        i++;
    if (i == step->counted)
        return true;
    gw_sums begun = gw_sums_start(w->arena);
    gw_sums_get(&begun, GW_SUM_STAGE, step->stage, strlen(step->stage), NULL, 0);
    return add_sums(w, &begun, err);
}

/* In their order, before the sums: what is counted behind a step does not make it legal. */
static bool write_steps(writing *w, gw_err *err)
{
    static const gw_col cols[] = {{"problem", GW_COL_TEXT, false, 0}};
    const gw_track_steps *steps = &w->in->outside.steps;
    gw_sums taken = gw_sums_start(w->arena);
    for (size_t i = 0; i < steps->len; i++) {
        const gw_track_step *step = &steps->items[i];
        int64_t *done =
            gw_sums_get(&taken, GW_SUM_STAGE, step->stage, strlen(step->stage), NULL, 0)->n;
        if (!*done && !begin_counted(w, step, err))
            return false;
        gw_param params[] = {gw_p_text(w->in->options.tracker), gw_p_text(step->stage),
                             gw_p_text(gw_step_names[step->kind]), gw_p_text(step->why)};
        gw_result result;
        const char *problem;
        if (!gw_query(w->in->session, w->arena, &gw_sql_stage_step, params, 4, &result, err) ||
            !gw_row(w->arena, &result, cols, 1, &problem, err))
            return false;
        *done += !problem;
        if (!problem)
            continue;
        if (w->in->options.strict || !step->text) {
            gw_err_set(err, GW_ERR_INPUT, "%s", problem);
            gw_err_hint(err, "%s", gw_ingest_strict_hint);
            return gw_err_at(err, w->in->options.source, (unsigned)step->line, 0);
        }
        w->counts.events--;
        if (!gw_ingest_reject(w->in, step->line, problem, step->text, strlen(step->text), err))
            return false;
    }
    return true;
}

static bool write_rejects(writing *w, gw_err *err)
{
    gw_ingest *in = w->in;
    if (!json_array_size(in->rejects))
        return true;
    gw_param params[] = {gw_p_text(in->options.tracker), gw_p_text(in->options.source),
                         gw_p_text(gw_json_dump(w->arena, in->rejects))};
    w->counts.rejected = (int64_t)json_array_size(in->rejects);
    return gw_exec_sql(in->session, &gw_sql_rejects_put, params, 3, err);
}

/* ---- the transaction ------------------------------------------------------------------------------------- */

static bool write_all(writing *w, bool before, gw_err *err)
{
    gw_ingest *in = w->in;
    gw_sums sums = gw_sums_start(w->arena);
    if (w->rejects_alone)
        return gw_session_begin(in->session, "read committed", err) && write_rejects(w, err) &&
               gw_session_commit(in->session, err);
    w->counts.events = (int64_t)in->outside.events;
    gw_sums_merge(&sums, &in->outside.sums);
    if (!gw_session_begin(in->session, "read committed", err) || !move_source(w, before, err) ||
        !write_steps(w, err) || !write_blocks(w, &sums, err))
        return false;
    return add_sums(w, &sums, err) && write_rejects(w, err) && gw_session_commit(in->session, err);
}

static bool anything(const gw_ingest *in, bool before)
{
    return in->blocks.len || in->outside.events || json_array_size(in->rejects) ||
           (in->source_id && gw_track_reader_position(in->reader, before) != in->position);
}

static void written(gw_ingest *in, const writing *w, bool before, int64_t took_us)
{
    const gw_ingest_counts *counts = &w->counts;
    in->counts.events += counts->events;
    in->counts.blocks += counts->blocks;
    in->counts.seen += counts->seen;
    in->counts.forks += counts->forks;
    in->counts.rejected += counts->rejected;
    in->counts.batches++;
    if (w->rejects_alone) {
        json_array_clear(in->rejects);
        return;
    }
    if (in->source_id)
        in->position = gw_track_reader_position(in->reader, before);
    /* The slower the write (others wait for the same rows), the more goes into one. */
    int64_t target = took_us * TIMES_THE_WRITE;
    in->target_us = target < LEAST_US ? LEAST_US : target > MOST_US ? MOST_US : target;
    gw_ingest_begin_batch(in);
    if (in->options.progress)
        in->options.progress(in->options.self, &in->counts);
}

static bool write_batch(gw_ingest *in, bool before, bool rejects_alone, gw_err *err)
{
    size_t rejects = json_array_size(in->rejects);
    int64_t began = gw_monotonic_us();
    gw_arena *arena = gw_arena_new();
    for (unsigned tries = 0;; tries++) {
        gw_err problem = {0};
        writing w = {.in = in, .arena = arena, .rejects_alone = rejects_alone};
        bool ok = write_all(&w, before, &problem);
        if (ok) {
            written(in, &w, before, gw_monotonic_us() - began);
            gw_arena_free(arena);
            return true;
        }
        gw_session_rollback(in->session);
        if (problem.kind != GW_ERR_RETRYABLE || tries >= TRIES) {
            gw_err_move(err, &problem);
            gw_control_explain(in->session, err);
            gw_err_context(err, "while counting events of %s", in->options.source);
            gw_arena_free(arena);
            return false;
        }
        gw_err_clear(&problem);
        while (json_array_size(in->rejects) > rejects) /* of steps: they are tried again */
            json_array_remove(in->rejects, json_array_size(in->rejects) - 1);
        gw_arena_reset(arena);
        gw_sleep_ms(gw_backoff_ms(5, tries, 500), in->options.cancel);
    }
}

bool gw_ingest_flush(gw_ingest *in, bool before, gw_err *err)
{
    return !anything(in, before) || write_batch(in, before, false, err);
}

bool gw_ingest_keep_rejects(gw_ingest *in, gw_err *err)
{
    return write_batch(in, false, true, err);
}
