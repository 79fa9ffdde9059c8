#include <string.h>

#include "base/vec.h"
#include "script/internal.h"

static bool load(gw_script *script, gw_err *err)
{
    gw_worker *worker = script->worker;
    size_t units = 0, len = 0;
    if (!gw_worker_put_text(worker, script->compiled, script->compiled_len, &units))
        return gw_err_set(err, GW_ERR_INPUT, "the compiled script is too long, or no UTF-8");
    gw_worker_answer answer = gw_worker_ask(worker, GW_OP_LOAD, 0, units);
    if (answer.outcome == GW_WORKER_ANSWERED && answer.status == GW_WIRE_OK)
        return true;
    gw_err_set(err, GW_ERR_INPUT, "the functions cannot be loaded");
    if (answer.outcome == GW_WORKER_DIED || answer.outcome == GW_WORKER_FAT) {
        gw_err_detail(err, "%s", gw_worker_last_words(worker));
    } else if (answer.status == GW_WIRE_CHANGED) {
        gw_err_detail(err, "what stands outside the functions %s", GW_SCRIPT_CHANGED);
    } else if (answer.outcome == GW_WORKER_SLOW || answer.status != GW_WIRE_ERROR) {
        gw_err_detail(err, "what stands outside the functions takes too long");
    } else {
        /* "line:column:message", of what the file does outside its functions. */
        char *said = gw_worker_get_text(script->arena, worker, answer.out_units, &len);
        unsigned line = 0, col = 0;
        int at = 0;
        if (sscanf(said, "%9u:%9u:%n", &line, &col, &at) < 2)
            at = 0;
        gw_err_detail(err, "%s", said + at);
        for (size_t i = 0; line > 0 && i < script->plan.functions; i++)
            if (!script->plan.units[i].inlined)
                gw_err_at(err, script->plan.units[i].text_at.file, line, col);
    }
    gw_worker_kill(worker);
    return false;
}

bool gw_script_ensure_worker(gw_script *script, gw_err *err)
{
    if (gw_worker_alive(script->worker))
        return true;
    return gw_worker_start(script->worker, err) && load(script, err);
}

/* Fields of the rows into the shared memory. false: row *at is no UTF-8. */
static bool pack(gw_script_batch *batch, const size_t *rows, size_t count, size_t *units,
                 size_t *at)
{
    gw_script *script = batch->script;
    size_t columns = script->plan.columns;
    uint16_t *text = gw_worker_in(script->worker), *end = text;
    int32_t *lens = gw_worker_in_lens(script->worker);
    for (size_t i = 0; i < count; i++) {
        const gw_script_field *fields = batch->in + rows[i] * columns;
        for (size_t c = 0; c < columns; c++) {
            if (fields[c].len < 0) {
                *lens++ = -1;
                continue;
            }
            ptrdiff_t n = gw_utf16_of(fields[c].data, (size_t)fields[c].len, end);
            if (n < 0) {
                *at = i;
                return false;
            }
            *lens++ = (int32_t)n;
            end += n;
        }
    }
    *units = (size_t)(end - text);
    return true;
}

/* What was answered, by the numbers that rows have in the whole. false: nobody honest answers so. */
static bool unpack(gw_script_batch *batch, const size_t *rows, size_t count, size_t units)
{
    gw_script *script = batch->script;
    size_t outputs = script->plan.functions;
    gw_arena *scratch = gw_arena_new();
    int32_t *lens = gw_alloc_array(scratch, count * outputs, sizeof *lens);
    int32_t *cells = gw_alloc_array(scratch, count * GW_ROW_CELLS, sizeof *cells);
    uint16_t *text = gw_alloc_array(scratch, units, sizeof *text);
    gw_worker_copy_lens(script->worker, lens, count * outputs);
    gw_worker_copy_cells(script->worker, cells, count * GW_ROW_CELLS);
    gw_worker_copy_out(script->worker, text, units);
    gw_answer answer = {.rows = count, .outputs = outputs, .lens = lens, .cells = cells,
                        .units = text, .unit_count = units};
    gw_script_field *fields = gw_alloc_array(scratch, count * outputs, sizeof *fields);
    size_t before = batch->rejects.len;
    bool ok = gw_answer_read(batch->arena, &answer, fields, &batch->rejects);
    for (size_t i = 0; ok && i < count && outputs > 0; i++)
        memcpy(batch->fields + rows[i] * outputs, fields + i * outputs, outputs * sizeof *fields);
    for (size_t i = before; ok && i < batch->rejects.len; i++)
        batch->rejects.items[i].row = rows[batch->rejects.items[i].row];
    if (!ok)
        batch->rejects.len = before;
    gw_arena_free(scratch);
    return ok;
}

bool gw_batch_attempt(gw_script_batch *batch, const size_t *rows, size_t count,
                      gw_batch_fate *fate, size_t *at, gw_err *err)
{
    gw_script *script = batch->script;
    if (!gw_script_ensure_worker(script, err))
        return false;
    size_t units = 0;
    if (!pack(batch, rows, count, &units, at)) {
        *fate = GW_BATCH_BAD_INPUT;
        return true;
    }
    gw_worker_answer answer = gw_worker_ask(script->worker, GW_OP_RUN, count, units);
    *at = answer.progress >= 0 && (size_t)answer.progress < count ? (size_t)answer.progress : count;
    *fate = GW_BATCH_MEMORY;
    if (answer.outcome == GW_WORKER_SLOW)
        *fate = GW_BATCH_TIME;
    if (answer.outcome != GW_WORKER_ANSWERED)
        return true;
    switch (answer.status) {
    case GW_WIRE_OK:
        if (unpack(batch, rows, count, answer.out_units))
            *fate = GW_BATCH_DONE;
        else
            gw_worker_kill(script->worker);
        break;
    case GW_WIRE_TIME:
        *fate = GW_BATCH_TIME;
        break;
    case GW_WIRE_LARGE:
        *fate = GW_BATCH_LARGE;
        *at = count;
        break;
    case GW_WIRE_CHANGED:
        *fate = GW_BATCH_CHANGED;
        *at = count;
        gw_worker_kill(script->worker);
        break;
    default:
        /* Out of memory while the output was put together, or an answer that is none. */
        *at = count;
        gw_worker_kill(script->worker);
    }
    gw_worker_trim(script->worker);
    return true;
}
