#include "app/test.h"

#include <string.h>

#include "app/test_bench.h"
#include "base/file.h"

typedef struct testing {
    gw_app *app;
    gw_arena *arena;
    const gw_test_options *options;
    gw_bench bench;
    gw_test_result *out;
    gw_schema *last;       /* as the last migration left it; NULL: not known */
    gw_arena *last_arena;
    size_t unseeded_said;
    bool stop;
} testing;

/* ---- which -------------------------------------------------------------------------------------- */

static bool is_wanted(const testing *t, const gw_migration *m)
{
    for (size_t i = 0; i < t->options->version_count; i++)
        if (gw_version_is(m->version, t->options->versions[i]))
            return true;
    return !t->options->version_count;
}

static bool all_known(const testing *t, gw_err *err)
{
    for (size_t i = 0; i < t->options->version_count; i++) {
        gw_test_options one = {.versions = &t->options->versions[i], .version_count = 1};
        testing only = {.options = &one};
        bool found = false;
        for (size_t k = 0; k < t->bench.list.count; k++)
            found |= is_wanted(&only, t->bench.list.files[k]);
        if (found)
            continue;
        gw_err_set(err, GW_ERR_USAGE, "there is no migration %s to test", t->options->versions[i]);
        return gw_err_hint(err, "godwit status lists them; those for other environments (only=) "
                                "are tested with --env");
    }
    return true;
}

/* ---- one migration -------------------------------------------------------------------------------- */

static bool is_ours_to_report(const testing *t, const gw_err *problem)
{
    return problem->kind != GW_ERR_INTERRUPTED && problem->kind != GW_ERR_INTERNAL &&
           !(t->bench.work && gw_session_lost(t->bench.work));
}

/* Rows that were made up may not fit; columns that have to be filled are another matter. */
static bool rows_are_to_blame(const testing *t, const gw_err *problem)
{
    return !t->bench.seed && strcmp(problem->sqlstate, "23502") != 0 &&
           (strncmp(problem->sqlstate, "23", 2) == 0 || strncmp(problem->sqlstate, "22", 2) == 0);
}

static void refused_rows(testing *t, gw_judge *judge, gw_err *problem)
{
    if (!rows_are_to_blame(t, problem)) {
        gw_judge_refused(judge, "fails-with-rows", judge->up,
                         "up fails where tables have rows (on empty ones it runs)", problem);
        return;
    }
    gw_test_finding *f = gw_judge_note(judge, "rows-do-not-fit", judge->up,
                                       "rows that were made up do not fit: %s", problem->message);
    f->detail = "it was tested without rows; --seed FILE brings rows that fit";
    f->line = problem->line ? problem->line : f->line;
    gw_err_clear(problem);
}

/* It failed with rows in the tables: does it without? *applied: it does. */
static bool up_without_rows(testing *t, gw_judge *judge, gw_arena *scratch, gw_moment *before,
                            bool *applied, gw_err *problem, gw_err *err)
{
    size_t at = t->bench.at;
    gw_err bare = {0};
    *applied = false;
    if (at > t->bench.bare_until) {
        t->bench.bare_until = at + 1;
        before->schema = NULL;
        if (!gw_bench_go(&t->bench, at, err) || !gw_bench_look(&t->bench, scratch, before, err))
            return false;
        *applied = gw_bench_run(&t->bench, judge->up, &judge->out->up_us, &bare);
    }
    if (*applied) {
        refused_rows(t, judge, problem);
        return true;
    }
    gw_err_clear(&bare);
    gw_judge_refused(judge, "up-failed", judge->up, "up fails", problem);
    judge->out->up_us = -1;
    t->stop = true;
    return true;
}

static bool go_on(testing *t, gw_err *err)
{
    size_t at = t->bench.at;
    t->last = NULL;
    return gw_bench_go(&t->bench, at + 1, err);
}

/* down, and up again. *whole false: what is there now is not what up left. */
static bool down_and_up(testing *t, gw_judge *judge, gw_arena *scratch, const gw_moment *before,
                        const gw_moment *after, bool *whole, gw_err *err)
{
    gw_moment back = {0}, again = {0};
    gw_err problem = {0};
    bool equal = false, rows = false;
    int64_t us = 0;
    *whole = false;
    if (!gw_bench_run(&t->bench, judge->down, &judge->out->down_us, &problem)) {
        if (!is_ours_to_report(t, &problem)) {
            gw_err_move(err, &problem);
            return false;
        }
        judge->out->down_us = -1;
        gw_judge_refused(judge, "down-failed", judge->down, "down fails", &problem);
        return true;
    }
    if (!gw_bench_look(&t->bench, scratch, &back, err) ||
        !gw_judge_schema(judge, "wrong-down", judge->down, &back, before,
                         "down does not give back the schema", &equal, err))
        return false;
    gw_judge_rows(judge, before, after, &back, &rows);
    if (!equal)
        return true;
    if (!gw_bench_run(&t->bench, judge->up, &us, &problem)) {
        if (!is_ours_to_report(t, &problem)) {
            gw_err_move(err, &problem);
            return false;
        }
        gw_judge_refused(judge, "up-again-failed", judge->up, "up fails after down", &problem);
        return true;
    }
    if (!gw_bench_look(&t->bench, scratch, &again, err) ||
        !gw_judge_schema(judge, "up-again-differs", judge->up, &again, after,
                         "up after down gives another schema than the first up", whole, err))
        return false;
    t->last = *whole ? again.schema : NULL;
    if (rows)
        gw_judge_again(judge, before, after, &back, &again);
    return true;
}

/* A file that runs whenever it changes must be fit to run again. */
static bool twice(testing *t, gw_judge *judge, gw_arena *scratch, const gw_moment *after,
                  gw_err *err)
{
    gw_moment again = {0};
    gw_err problem = {0};
    bool equal = false;
    if (!gw_bench_run(&t->bench, judge->up, NULL, &problem)) {
        if (!is_ours_to_report(t, &problem)) {
            gw_err_move(err, &problem);
            return false;
        }
        gw_judge_refused(judge, "not-idempotent", judge->up, "it cannot run a second time", &problem);
        return true;
    }
    if (!gw_bench_look(&t->bench, scratch, &again, err) ||
        !gw_judge_schema(judge, "not-idempotent", judge->up, &again, after,
                         "run a second time it gives another schema", &equal, err))
        return false;
    for (size_t i = 0; i < after->rows.len; i++) {
        const gw_row_table *table = &after->rows.items[i];
        const gw_row_table *now = gw_rows_find(&again.rows, table->schema, table->name);
        if (now && now->rows != table->rows)
            gw_judge_find(judge, "not-idempotent", judge->up,
                          "run a second time it changes the number of rows: %s had %lld, and has %lld",
                          table->shown, (long long)table->rows, (long long)now->rows);
    }
    return true;
}

/* Sqitch's verify script, behind the deploy as Sqitch runs it: what fails is a finding. */
static bool verify(testing *t, gw_judge *judge, gw_err *err)
{
    const gw_migration *m = judge->migration;
    gw_checked checked;
    gw_err problem = {0};
    if (!m->verify.present)
        return true;
    if (!gw_replayed_check(&t->bench.list, m, &m->verify, &checked, NULL, err))
        return false;
    if (gw_bench_verify(&t->bench, &checked, &problem))
        return true;
    if (!is_ours_to_report(t, &problem)) {
        gw_err_move(err, &problem);
        return false;
    }
    gw_judge_refused(judge, "verify-failed", &checked, "its verify script fails after the deploy",
                     &problem);
    return true;
}

static bool test_applied(testing *t, gw_judge *judge, gw_arena *scratch, const gw_moment *before,
                         gw_err *err)
{
    gw_moment after = {0};
    bool whole = true;
    t->last = NULL;
    if (!gw_bench_look(&t->bench, scratch, &after, err) || !verify(t, judge, err))
        return false;
    if (judge->migration->kind == GW_REPEATABLE) {
        gw_judge_rows(judge, before, &after, NULL, &whole);
        if (!twice(t, judge, scratch, &after, err))
            return false;
    } else if (judge->down) {
        if (!down_and_up(t, judge, scratch, before, &after, &whole, err) ||
            (!whole && !go_on(t, err)))
            return false;
    } else {
        gw_judge_rows(judge, before, &after, NULL, &whole);
        gw_judge_no_down(judge);
        t->last = after.schema;
    }
    /* go_on is there already. */
    return !whole || gw_bench_applied(&t->bench, err);
}

/* Tables that no row could be made for, where they came up. */
static void say_unseeded(testing *t, gw_judge *judge)
{
    gw_row_maker *maker = &t->bench.maker;
    for (; t->unseeded_said < maker->left.len; t->unseeded_said++) {
        const gw_unseeded *u = &maker->left.items[t->unseeded_said];
        gw_judge_note(judge, "not-seeded", NULL, "no row could be made for %s", u->table)->detail =
            u->reason;
    }
}

static bool test_one(testing *t, size_t i, gw_judge *judge, gw_err *err)
{
    const gw_migration *m = t->bench.list.files[i];
    gw_checked down;
    gw_moment before = {.schema = t->last};
    gw_err problem = {0};
    bool applied = true;
    judge->up = &t->bench.list.checked[i];
    judge->out->up_us = judge->out->down_us = -1;
    if (m->down.present && m->kind != GW_REPEATABLE) {
        if (!gw_replayed_check(&t->bench.list, m, &m->down, &down, NULL, err))
            return false;
        judge->down = &down;
    }
    gw_arena *scratch = gw_arena_new();
    bool ok = gw_bench_look(&t->bench, scratch, &before, err);
    if (ok && !t->bench.trial->user)
        t->bench.trial->user = gw_strdup(t->bench.trial->arena, gw_session_role(t->bench.work));
    if (ok && !gw_bench_run(&t->bench, judge->up, &judge->out->up_us, &problem)) {
        ok = is_ours_to_report(t, &problem);
        if (!ok)
            gw_err_move(err, &problem);
        ok = ok && up_without_rows(t, judge, scratch, &before, &applied, &problem, err);
    }
    ok = ok && (!applied || test_applied(t, judge, scratch, &before, err));
    if (ok)
        say_unseeded(t, judge);
    /* What the seed of a person does to the schema is not known. */
    if (t->bench.seed)
        t->last = NULL;
    gw_arena_free(t->last_arena);
    t->last_arena = scratch;
    return ok;
}

/* ---- all of them ------------------------------------------------------------------------------------ */

static bool test_all(testing *t, gw_err *err)
{
    gw_bench *bench = &t->bench;
    size_t first = 0, total = 0, number = 0;
    for (size_t i = bench->list.count; i-- > 0;)
        if (is_wanted(t, bench->list.files[i])) {
            first = i;
            total++;
        }
    if (total && !gw_bench_go(bench, first, err))
        return false;
    for (size_t i = first; number < total && !t->stop; i++) {
        const gw_migration *m = bench->list.files[i];
        if (!is_wanted(t, m)) {
            t->last = NULL;
            if (!gw_bench_run(bench, &bench->list.checked[i], NULL, err) ||
                !gw_bench_applied(bench, err))
                return false;
            continue;
        }
        gw_test_migration *item = gw_vec_push(t->arena, t->out);
        *item = (gw_test_migration){
            .version = m->version, .name = m->name, .service = m->service, .passed = true};
        gw_judge judge = {.trial = bench->trial, .arena = t->arena, .migration = m, .out = item};
        if (!test_one(t, i, &judge, err))
            return gw_err_context(err, "testing %s", m->version);
        t->out->failed += !item->passed;
        if (t->options->done)
            t->options->done(t->options->self, item, ++number, total);
        else
            number++;
        if (t->stop)
            t->out->stopped_at = m->version;
    }
    t->out->untested = total - number;
    return true;
}

/* A seed that never fits is an error: nothing was tested with its rows. */
static bool was_seeded(testing *t, gw_err *err)
{
    gw_bench *bench = &t->bench;
    if (!bench->seed || bench->seed_at != SIZE_MAX || t->stop)
        return true;
    if (!bench->seed_problem.message)
        return gw_err_set(err, GW_ERR_INPUT, "%s was not loaded: there is no migration to load it "
                                             "behind",
                          t->options->seed);
    gw_err_move(err, &bench->seed_problem);
    return gw_err_context(err, "loading the seed, which was tried after each migration");
}

bool gw_app_test(gw_app *app, gw_arena *arena, const gw_test_options *options, gw_test_result *out,
                 gw_err *err)
{
    gw_trial *trial = NULL;
    testing t = {.app = app, .arena = arena, .options = options, .out = out};
    *out = (gw_test_result){0};
    const char *seed = options->seed;
    if (seed && app->options.config.dir)
        seed = gw_path_join(arena, app->options.config.dir, seed);
    if (!gw_trial_open_like_environment(app, arena, &trial, err))
        return false;
    bool ok = gw_bench_open(trial, arena, seed, &t.bench, err) && all_known(&t, err) &&
              test_all(&t, err) && was_seeded(&t, err);
    gw_bench_close(&t.bench);
    gw_arena_free(t.last_arena);
    gw_shadow_close(trial->shadow);
    for (size_t i = 0; i < trial->warnings.len; i++)
        *gw_vec_push(arena, &out->warnings) = trial->warnings.items[i];
    return ok;
}
