#include "app/test_bench.h"

#include <string.h>

#include "base/clock.h"
#include "base/file.h"

enum { KEEP_EVERY = 32, KEEP_BYTES = 64 * 1024 };

static bool read_seed(gw_bench *b, const char *path, gw_err *err)
{
    gw_migration *m = gw_alloc(b->arena, sizeof *m);
    gw_file_text text;
    b->seed = gw_alloc(b->arena, sizeof *b->seed);
    if (!gw_script_of_file(b->arena, path, m, err) ||
        !gw_file_read(b->arena, path, 0, &text, err) ||
        !gw_replayed_check(&b->list, m, &m->up, b->seed, NULL, err))
        return gw_err_context(err, "reading the seed");
    b->seed_digest = gw_digest_hex(b->arena, GW_SHA256, text.data, text.len);
    return true;
}

bool gw_bench_open(gw_trial *trial, gw_arena *arena, const char *seed, gw_bench *out, gw_err *err)
{
    *out = (gw_bench){.trial = trial, .arena = arena, .seed_at = SIZE_MAX, .seed_digest = "made up"};
    out->maker.arena = arena;
    return gw_replayed_read(trial, arena, false, &out->list, err) &&
           (!seed || read_seed(out, seed, err));
}

static void leave(gw_bench *b)
{
    gw_session_close(b->work);
    gw_session_close(b->look);
    b->work = b->look = NULL;
}

void gw_bench_close(gw_bench *bench)
{
    leave(bench);
    if (bench->db)
        gw_shadow_drop(bench->db);
    bench->db = NULL;
    gw_err_clear(&bench->seed_problem);
}

static bool enter(gw_bench *b, gw_err *err)
{
    gw_shadow_session pinned = {.pinned = true};
    return (b->work || gw_replayed_connect(&b->list, b->db, &b->work, err)) &&
           (b->look || gw_shadow_connect(b->db, b->arena, &pinned, &b->look, err));
}

/* What is in a database where so many are applied. */
static char *name_at(gw_bench *b, size_t count)
{
    return gw_printf(b->arena, "test %s\nseed %s\nbare until %zu\n%s", b->list.prefix[count],
                     b->seed_digest, b->bare_until < count ? b->bare_until : count,
                     gw_trial_like(b->trial, b->arena));
}

static bool keep(gw_bench *b, gw_err *err)
{
    leave(b);
    b->kept = b->at;
    return gw_shadow_keep(b->db, name_at(b, b->at), NULL, err);
}

/* The newest template that there is, or an empty database. */
static bool start(gw_bench *b, size_t count, gw_err *err)
{
    leave(b);
    if (b->db)
        gw_shadow_drop(b->db);
    b->db = NULL;
    for (size_t i = count; i > 0 && !b->db; i--) {
        if (i != count && i != b->kept && i % KEEP_EVERY)
            continue;
        /* Where a seed was loaded in the past is not known of other runs' templates. */
        if (b->seed && i > b->bare_until && b->seed_at == SIZE_MAX)
            continue;
        b->at = i;
        if (!gw_shadow_copy(b->trial->shadow, b->arena, name_at(b, i), &b->db, err))
            return false;
    }
    b->seed_loaded = b->db && b->seed_at <= b->at && b->seed_at >= b->bare_until;
    if (b->db)
        return true;
    b->at = 0;
    return gw_shadow_create(b->trial->shadow, b->arena, &b->db, err);
}

bool gw_bench_go(gw_bench *bench, size_t count, gw_err *err)
{
    if (!start(bench, count, err))
        return false;
    size_t begun = bench->at;
    while (bench->at < count)
        if (!gw_bench_run(bench, &bench->list.checked[bench->at], NULL, err) ||
            !gw_bench_applied(bench, err))
            return false;
    return (bench->at < begun + KEEP_EVERY / 4 || keep(bench, err)) && enter(bench, err);
}

static bool run_script(gw_bench *bench, const gw_checked *checked, bool keeps, int64_t *us,
                       gw_err *err)
{
    if (!enter(bench, err))
        return false;
    gw_replay replay = gw_replayed_runner(&bench->list, bench->work);
    replay.keeps_nothing = !keeps;
    gw_arena *scratch = gw_arena_new();
    int64_t begun = gw_monotonic_us();
    bool ok = gw_replay_script(&replay, scratch, checked, err) ||
              gw_gate_explain(bench->trial->shadow, err);
    if (us)
        *us = gw_monotonic_us() - begun;
    gw_arena_free(scratch);
    return ok;
}

bool gw_bench_run(gw_bench *bench, const gw_checked *checked, int64_t *us, gw_err *err)
{
    return run_script(bench, checked, true, us, err);
}

bool gw_bench_verify(gw_bench *bench, const gw_checked *checked, gw_err *err)
{
    return run_script(bench, checked, false, NULL, err);
}

/* A seed that names what is not there yet is for a later migration. */
static bool load_seed(gw_bench *b, gw_err *err)
{
    gw_err problem = {0};
    if (b->seed_loaded)
        return true;
    if (gw_bench_run(b, b->seed, NULL, &problem)) {
        b->seed_loaded = true;
        b->seed_at = b->at;
        gw_err_clear(&b->seed_problem);
        return true;
    }
    if (problem.kind == GW_ERR_INTERRUPTED || gw_session_lost(b->work)) {
        gw_err_move(err, &problem);
        return false;
    }
    gw_err_move(&b->seed_problem, &problem);
    return true;
}

bool gw_bench_applied(gw_bench *bench, gw_err *err)
{
    bench->at++;
    if (bench->at >= bench->bare_until &&
        !(bench->seed ? load_seed(bench, err)
                      : enter(bench, err) &&
                            gw_rows_make(&bench->maker, bench->work, bench->look, err)))
        return false;
    return bench->at % KEEP_EVERY || bench->at == bench->list.count || keep(bench, err);
}

bool gw_bench_look(gw_bench *bench, gw_arena *arena, gw_moment *out, gw_err *err)
{
    return enter(bench, err) &&
           (out->schema || gw_schema_read(bench->look, arena, NULL, &out->schema, err)) &&
           gw_rows_look(bench->look, arena, &out->rows, err);
}
