#include <stdlib.h>
#include <string.h>

#include "base/vec.h"
#include "script/internal.h"

/* Bytes of fields that cross at once, where a row has not more alone. */
enum { CROSS_BYTES = 1 << 20 };

gw_script_limits gw_script_limits_of(const gw_script_limits *given)
{
    gw_script_limits limits = given ? *given : (gw_script_limits){0};
    if (!limits.row_ms)
        limits.row_ms = 1000;
    if (!limits.wall_ms)
        limits.wall_ms = 60 * limits.row_ms;
    if (!limits.check_ms)
        limits.check_ms = 60 * 1000;
    if (!limits.memory)
        limits.memory = (size_t)512 << 20;
    if (!limits.row_bytes)
        limits.row_bytes = (size_t)32 << 20;
    if (!limits.batch_rows)
        limits.batch_rows = 500;
    if (!limits.deaths)
        limits.deaths = 16;
    return limits;
}

bool gw_script_open(const char *compiled, size_t len, const gw_script_limits *limits, gw_log *log,
                    gw_script **out, gw_err *err)
{
    gw_arena *arena = gw_arena_new();
    gw_script *script = gw_alloc(arena, sizeof *script);
    *script = (gw_script){.arena = arena,
                          .limits = gw_script_limits_of(limits),
                          .log = log,
                          .compiled = gw_memdup(arena, compiled, len),
                          .compiled_len = len};
    const gw_script_limits *most = &script->limits;
    gw_worker_plan plan = {.program = gw_script_find_worker(arena, err)};
    if (!plan.program || !gw_script_compiled_read(arena, compiled, len, &script->plan, err)) {
        gw_arena_free(script->arena);
        return false;
    }
    plan.in_cap = most->row_bytes > len ? most->row_bytes : len;
    if (plan.in_cap < CROSS_BYTES)
        plan.in_cap = CROSS_BYTES;
    plan.out_cap = plan.in_cap;
    plan.columns = script->plan.columns;
    plan.outputs = script->plan.functions;
    plan.in_lens_cap = most->batch_rows * plan.columns;
    plan.out_lens_cap = most->batch_rows * plan.outputs;
    plan.cells_cap = (size_t)most->batch_rows * GW_ROW_CELLS;
    plan.row_ms = most->row_ms;
    plan.wall_ms = most->wall_ms;
    plan.memory = most->memory;
    plan.log = log;
    if (!gw_worker_new(arena, &plan, &script->worker, err) ||
        !gw_script_ensure_worker(script, err)) {
        gw_arena_free(script->arena);
        return false;
    }
    *out = script;
    return true;
}

void gw_script_close(gw_script *script)
{
    if (script)
        gw_arena_free(script->arena);
}

size_t gw_script_columns(const gw_script *script)
{
    return script->plan.columns;
}

size_t gw_script_functions(const gw_script *script)
{
    return script->plan.functions;
}

const char *gw_script_function_name(const gw_script *script, size_t function)
{
    return function < script->plan.functions ? script->plan.units[function].name : NULL;
}

const char *gw_script_reason_name(gw_script_reason reason)
{
    static const char *const names[] = {
        [GW_SCRIPT_THREW] = "threw",   [GW_SCRIPT_VALUE] = "value", [GW_SCRIPT_TIME] = "time",
        [GW_SCRIPT_MEMORY] = "memory", [GW_SCRIPT_SIZE] = "size",   [GW_SCRIPT_INPUT] = "input",
    };
    return names[reason];
}

/* ---- a run ---- */

static void reject(gw_script_batch *batch, size_t row, gw_script_reason reason,
                   const char *message)
{
    bool only = batch->script->plan.functions == 1;
    *gw_vec_push(batch->arena, &batch->rejects) = (gw_answer_reject){
        .row = row, .function = only ? 0 : SIZE_MAX, .reason = reason, .message = message};
}

/* A row that failed alone. false where too many have: then it is not the rows. */
static bool give_up_row(gw_script_batch *batch, size_t row, gw_batch_fate fate, gw_err *err)
{
    gw_script *script = batch->script;
    const gw_script_limits *limits = &script->limits;
    gw_script_reason reason = GW_SCRIPT_MEMORY;
    char *message;
    if (fate == GW_BATCH_LARGE) {
        message = gw_printf(batch->arena, "what was made of the row is larger than %zu bytes",
                            limits->row_bytes);
        reject(batch, row, GW_SCRIPT_SIZE, message);
        return true;
    }
    if (fate == GW_BATCH_TIME) {
        reason = GW_SCRIPT_TIME;
        message = gw_printf(batch->arena, "took longer than %u ms", limits->row_ms);
    } else if (fate == GW_BATCH_CHANGED) {
        reason = GW_SCRIPT_THREW;
        message = gw_strdup(batch->arena, GW_SCRIPT_CHANGED);
    } else {
        message = gw_printf(batch->arena, "used more than %zu MiB of memory, or crashed",
                            limits->memory >> 20);
    }
    reject(batch, row, reason, message);
    if (++script->lost < limits->deaths)
        return true;
    gw_err_set(err, GW_ERR_STATE, "the functions fail for every row: %zu in a row were lost",
               script->lost);
    gw_err_detail(err, "the last one %s", message);
    script->lost = 0;
    return gw_err_hint(err, "try them on a few rows; limits of time and memory can be raised");
}

/* rows[0..count), split until what fails is one row: first where the worker says that it was. */
static bool run_rows(gw_script_batch *batch, size_t *rows, size_t count, gw_err *err)
{
    while (count > 0) {
        gw_batch_fate fate;
        size_t at = count;
        if (!gw_batch_attempt(batch, rows, count, &fate, &at, err))
            return false;
        if (fate == GW_BATCH_DONE) {
            batch->script->lost = 0;
            return true;
        }
        if (fate == GW_BATCH_BAD_INPUT) {
            reject(batch, rows[at], GW_SCRIPT_INPUT, "the row is no UTF-8");
            memmove(rows + at, rows + at + 1, (count - at - 1) * sizeof *rows);
            count--;
            continue;
        }
        if (count == 1)
            return give_up_row(batch, rows[0], fate, err);
        size_t first = at < count ? at : count / 2;
        if (first > 0 && !run_rows(batch, rows, first, err))
            return false;
        rows += first;
        count -= first;
        /* Where nobody says which row it was, the rest is one more part. */
        size_t next = at == first && count > 1 ? 1 : count;
        if (!run_rows(batch, rows, next, err))
            return false;
        rows += next;
        count -= next;
    }
    return true;
}

static size_t bytes_of(const gw_script_batch *batch, size_t row)
{
    size_t columns = batch->script->plan.columns, bytes = 0;
    for (size_t i = 0; i < columns; i++) {
        int32_t len = batch->in[row * columns + i].len;
        bytes += len > 0 ? (size_t)len : 0;
    }
    return bytes;
}

static bool run_all(gw_script_batch *batch, size_t rows, gw_err *err)
{
    const gw_script_limits *limits = &batch->script->limits;
    size_t *chosen = gw_alloc_array(batch->arena, limits->batch_rows, sizeof *chosen);
    size_t count = 0, bytes = 0;
    for (size_t row = 0; row < rows; row++) {
        size_t more = bytes_of(batch, row);
        if (more > limits->row_bytes) {
            reject(batch, row, GW_SCRIPT_SIZE,
                   gw_printf(batch->arena, "the row is larger than %zu bytes", limits->row_bytes));
            continue;
        }
        if (count == limits->batch_rows || (count > 0 && bytes + more > CROSS_BYTES)) {
            if (!run_rows(batch, chosen, count, err))
                return false;
            count = bytes = 0;
        }
        chosen[count++] = row;
        bytes += more;
    }
    return run_rows(batch, chosen, count, err);
}

static int by_row(const void *a, const void *b)
{
    const gw_script_rejection *x = a, *y = b;
    return x->row < y->row ? -1 : x->row > y->row;
}

static void report(const gw_script_batch *batch, gw_script_result *out)
{
    const gw_script *script = batch->script;
    out->rejection_count = batch->rejects.len;
    out->rejections = gw_alloc_array(batch->arena, out->rejection_count, sizeof *out->rejections);
    for (size_t i = 0; i < out->rejection_count; i++) {
        const gw_answer_reject *found = &batch->rejects.items[i];
        gw_script_rejection *to = &out->rejections[i];
        *to = (gw_script_rejection){
            .row = found->row, .reason = found->reason, .message = found->message};
        if (found->function == SIZE_MAX)
            continue;
        const gw_script_unit *unit = &script->plan.units[found->function];
        to->function = gw_strdup(batch->arena, unit->name);
        gw_script_translate(unit, found->line, found->col, &to->file, &to->line, &to->col);
        to->file = gw_strdup(batch->arena, to->file);
    }
    if (out->rejection_count > 1)
        qsort(out->rejections, out->rejection_count, sizeof *out->rejections, by_row);
}

bool gw_script_run(gw_script *script, gw_arena *arena, const gw_script_field *in, size_t rows,
                   gw_script_result *out, gw_err *err)
{
    size_t outputs = script->plan.functions;
    gw_script_batch batch = {.script = script, .arena = arena, .in = in};
    batch.fields = gw_alloc_array(arena, rows * outputs, sizeof *batch.fields);
    for (size_t i = 0; i < rows * outputs; i++)
        batch.fields[i] = (gw_script_field){.data = NULL, .len = -1};
    *out = (gw_script_result){.fields = batch.fields};
    if (!run_all(&batch, rows, err))
        return false;
    report(&batch, out);
    return true;
}
