#include "sync/find.h"

#include <inttypes.h>
#include <string.h>

#include "base/vec.h"
#include "sql/quote.h"
#include "sql_sync.h"
#include "sync/detect_blocks.h"
#include "sync/detect_timestamp.h"
#include "sync/find_impl.h"

#define FIRST_WHY "nothing of it was applied yet: every row is new"

static const char *const words[] = {"auto", "timestamp", "checksum", "blocks"};

const char *gw_method_word(gw_method method)
{
    return words[method];
}

bool gw_method_of(const char *word, gw_method *out, gw_err *err)
{
    *out = GW_METHOD_AUTO;
    if (!word)
        return true;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(word, words[i]) == 0) {
            *out = (gw_method)i;
            return true;
        }
    if (strcmp(word, "replication") == 0) {
        gw_err_set(err, GW_ERR_REFUSED, "change cannot be found by replication yet");
        return gw_err_hint(err, "--method auto takes the cheapest method that is sound");
    }
    gw_err_set(err, GW_ERR_USAGE, "there is no method %s", word);
    return gw_err_hint(err, "one of auto, timestamp, checksum, blocks");
}

bool gw_deletes_allowed(const char *entity, int64_t deleted, int64_t known, double percent,
                        gw_err *err)
{
    if ((double)deleted * 100 <= (double)known * percent)
        return true;
    gw_err_set(err, GW_ERR_REFUSED,
               "%" PRId64 " of the %" PRId64 " rows of %s that were applied are gone from the source: "
               "more than %g %%",
               deleted, known, entity, percent);
    return gw_err_hint(err, "where that is meant, allow it: --max-deletes 100%%, or max_deletes "
                            "under sync: in godwit.yaml");
}

/* ---- telling ------------------------------------------------------------------------------- */

bool gw_finding_tell(void *self, gw_row_change change, const gw_fingerprint *seen,
                     const gw_fingerprint *kept, gw_err *err)
{
    gw_finding_run *run = self;
    run->out->counts[change]++;
    /* Of a row that has only moved nothing is applied: where it was refused, it still has to come. */
    if (run->told && change != GW_ROW_MOVED && !gw_pool_kept(run->told, seen ? seen : kept, err))
        return false;
    return run->find->fn(run->find->self, change, seen, kept, err);
}

/* ---- the methods --------------------------------------------------------------------------- */

static bool refuse(const gw_finding_run *run, const char *what, gw_unsound reason, const char *why,
                   gw_err *err)
{
    const char *text = strncmp(why, "unsound: ", 9) == 0 ? why + 9 : why;
    gw_err_set(err, GW_ERR_REFUSED, "change of %s cannot be found by %s: %s",
               run->find->viewed->entity->mapping->entity.text, what, text);
    return gw_err_hint(err, "%s; --method auto takes the cheapest method that is sound",
                       gw_unsound_remedy(reason));
}

/* Why not this one; "auto" goes on to the next. */
static bool passed_over(gw_finding_run *run, gw_method method, gw_unsound reason, const char *why,
                        gw_err *err)
{
    const char *text = strncmp(why, "unsound: ", 9) == 0 ? why + 9 : why;
    if (run->find->method == method)
        return refuse(run, gw_method_word(method), reason, why, err);
    gw_buf_addf(&run->not, "%s%s: %s", run->not.len ? "; " : "", gw_method_word(method), text);
    if (method == GW_METHOD_BLOCKS)
        run->blocks_not = reason;
    return true;
}

static bool by_blocks(gw_finding_run *run, bool *done, gw_err *err)
{
    const gw_find *find = run->find;
    gw_viewed *viewed = find->viewed;
    gw_blocks_detected detected;
    if (!find->beside)
        return passed_over(run, GW_METHOD_BLOCKS, GW_UNSOUND_NO_MARK,
                           "there is no second session with the source", err);
    gw_blocks_detect detect = {.entity = run->entity,
                               .snapshot = &viewed->snapshot,
                               .leaves = viewed->leaves,
                               .leaf_count = viewed->leaf_count,
                               .lookup = &viewed->lookup,
                               .beside = find->beside,
                               .kept = find->kept,
                               .marks = run->marks,
                               .mark_count = run->mark_count,
                               .projection = viewed->digest,
                               .whole = find->method == GW_METHOD_AUTO,
                               .stable = !viewed->unstable,
                               .pool_limit = find->pool_limit,
                               .fn = gw_finding_tell,
                               .self = run};
    if (!gw_detect_blocks(&detect, run->arena, &detected, err))
        return false;
    *done = detected.unsound == GW_SOUND;
    if (!*done)
        return passed_over(run, GW_METHOD_BLOCKS, detected.unsound, detected.why, err);
    int64_t all = 0;
    for (size_t i = 0; i < viewed->leaf_count; i++)
        all += viewed->leaves[i].blocks;
    run->out->method = GW_METHOD_BLOCKS;
    run->out->blocks_read = detected.blocks;
    run->out->blocks = all;
    run->out->rows_read = detected.rows;
    run->out->mark = gw_mark_of(run->arena, &viewed->snapshot, viewed->digest, detected.complete);
    run->out->why = gw_printf(
        run->arena, "the log names %" PRId64 " of %" PRId64 " blocks since the last run%s",
        detected.blocks, all,
        detected.tail ? "" : "; what came after its last summary is left for the next detection");
    return true;
}

static const gw_source_column *changed_at(const gw_finding_run *run)
{
    const gw_entity_plan *plan = run->find->viewed->entity;
    return gw_source_column_of(&plan->source, plan->mapping->source.changed_at.text);
}

static bool by_time(gw_finding_run *run, bool *done, gw_err *err)
{
    const gw_find *find = run->find;
    gw_viewed *viewed = find->viewed;
    const gw_mapping *mapping = viewed->entity->mapping;
    const gw_source_column *column = mapping->source.changed_at.text ? changed_at(run) : NULL;
    gw_timestamp_detected detected;
    gw_mark since = run->mark_count ? run->marks[0] : (gw_mark){0};
    if (find->since != GW_NULL_INT) {
        run->out->partial = since.low_water == GW_NULL_INT || find->since > since.low_water;
        since.low_water = find->since;
    }
    gw_timestamp_detect detect = {
        .entity = run->entity,
        .snapshot = &viewed->snapshot,
        .leaves = viewed->leaves,
        .leaf_count = viewed->leaf_count,
        .lookup = &viewed->lookup,
        .kept = find->kept,
        .mark = run->mark_count ? &since : NULL,
        .projection = viewed->digest,
        .changed_at = column ? gw_printf(run->arena, "s.%s",
                                         gw_quote_ident(run->arena, column->name))
                             : NULL,
        .changed_at_type = column ? column->type.base_oid : 0,
        .declared = column && mapping->source.changed_at_sound,
        .stable = !viewed->unstable,
        .deletes = mapping->deletes != GW_DELETES_IGNORE,
        .pool_limit = find->pool_limit,
        .fn = gw_finding_tell,
        .self = run};
    if (!gw_detect_timestamp(&detect, run->arena, &detected, err))
        return false;
    *done = detected.unsound == GW_SOUND;
    if (!*done)
        return passed_over(run, GW_METHOD_TIMESTAMP, detected.unsound, detected.why, err);
    run->out->method = GW_METHOD_TIMESTAMP;
    run->out->rows_read = detected.rows;
    run->out->mark =
        gw_mark_of(run->arena, &viewed->snapshot, viewed->digest, viewed->snapshot.position);
    run->carried = GW_CARRIED_PLACES;
    run->out->why = gw_printf(
        run->arena, "the server sets \"%s\" on every write%s%s", column->name,
        detect.deletes ? "; deletions by comparing all keys" : "",
        run->out->partial ? "; only from the given time on: what changed before is not looked for"
                          : "");
    return true;
}

/* What blocks can begin with from now on was not there, and will be where the rows are read. */
static bool wants_places(gw_unsound reason)
{
    return reason == GW_UNSOUND_NO_MARK || reason == GW_UNSOUND_OTHER_SOURCE ||
           reason == GW_UNSOUND_TIMELINE || reason == GW_UNSOUND_FILE_NODE ||
           reason == GW_UNSOUND_GAP;
}

static bool by_checksum(gw_finding_run *run, gw_err *err)
{
    const gw_find *find = run->find;
    gw_viewed *viewed = find->viewed;
    gw_detected detected;
    gw_confirm *confirm =
        gw_confirm_new(run->arena, &viewed->lookup, find->kept, run->entity, gw_finding_tell, run);
    gw_detect detect = {.entity = run->entity,
                        .leaves = viewed->leaves,
                        .leaf_count = viewed->leaf_count,
                        .kept = find->kept,
                        .places = run->out->first || wants_places(run->blocks_not),
                        .pool_limit = find->pool_limit,
                        .fn = gw_confirm_deleted,
                        .self = confirm};
    if (!gw_detect_checksum(&detect, &detected, err) || !gw_confirm_end(confirm, NULL, err))
        return false;
    run->out->method = GW_METHOD_CHECKSUM;
    run->out->source_rows = detected.source_rows;
    run->out->rows_read = detected.source_rows;
    run->out->mark =
        gw_mark_of(run->arena, &viewed->snapshot, viewed->digest, viewed->snapshot.position);
    run->carried = detect.places ? GW_CARRIED_NOTHING : GW_CARRIED_FILES;
    run->out->why = run->not.len ? gw_printf(run->arena, "always sound (%s)",
                                             gw_buf_str(&run->not))
                                 : "it was asked for, and is always sound";
    return true;
}

/* ---- auto ----------------------------------------------------------------------------------- */

/* Worth it: somebody has said that the column tells, and an index leads to it. */
static bool try_time(gw_finding_run *run, bool *done, gw_err *err)
{
    const gw_mapping *mapping = run->find->viewed->entity->mapping;
    if (run->find->method == GW_METHOD_AUTO) {
        const gw_source_column *column = mapping->source.changed_at.text ? changed_at(run) : NULL;
        if (!column)
            return true;
        if (mapping->source.changed_at_sound && !column->leads &&
            run->find->since == GW_NULL_INT)
            return passed_over(run, GW_METHOD_TIMESTAMP, GW_UNSOUND_NOT_DECLARED,
                               gw_printf(run->arena, "no index begins with \"%s\"", column->name),
                               err);
    }
    return by_time(run, done, err);
}

static bool choose(gw_finding_run *run, gw_err *err)
{
    const gw_find *find = run->find;
    gw_method wanted = find->since != GW_NULL_INT && find->method == GW_METHOD_AUTO
                           ? GW_METHOD_TIMESTAMP
                           : find->method;
    bool done = false;
    if (wanted == GW_METHOD_BLOCKS || wanted == GW_METHOD_AUTO)
        if (!by_blocks(run, &done, err) || done)
            return done;
    if (wanted == GW_METHOD_TIMESTAMP || wanted == GW_METHOD_AUTO)
        if (!try_time(run, &done, err) || done)
            return done;
    if (find->since != GW_NULL_INT) {
        gw_err_set(err, GW_ERR_REFUSED, "what has changed of %s since a time cannot be told: %s",
                   run->entity, gw_buf_str(&run->not));
        return gw_err_hint(err, "name a column that the server sets on every write: source: { "
                                "changed_at: { column: …, set_by: server } }");
    }
    return by_checksum(run, err);
}

/* Nothing is kept: every row is new, whichever method was asked for. Counted, not told. */
static bool first_time(gw_finding_run *run, gw_err *err)
{
    typedef struct counted {
        int64_t rows;
    } counted;
    static const gw_col cols[] = {{"rows", GW_COL_INT, true, offsetof(counted, rows)}};
    const gw_viewed *viewed = run->find->viewed;
    gw_find_result *out = run->out;
    out->leaf_rows = gw_alloc_array(run->arena, viewed->leaf_count + 1, sizeof *out->leaf_rows);
    for (size_t i = 0; i < viewed->leaf_count && run->find->first == GW_FIRST_COUNTED; i++) {
        gw_result result;
        counted row;
        const char *text = gw_printf(run->arena, "SELECT pg_catalog.count(*) AS rows FROM %s",
                                     viewed->leaves[i].reader.from);
        if (!gw_query_text(run->find->source, run->arena, "count a source", text, NULL, 0, &result,
                           err) ||
            !gw_row(run->arena, &result, cols, 1, &row, err))
            return false;
        out->leaf_rows[i] = row.rows;
        out->source_rows += row.rows;
    }
    out->method = GW_METHOD_CHECKSUM;
    out->counts[GW_ROW_NEW] = out->rows_read = out->source_rows;
    out->mark = gw_mark_of(run->arena, &viewed->snapshot, viewed->digest,
                           viewed->snapshot.position);
    out->why = FIRST_WHY;
    return true;
}

/* A method that can never work here is refused the first time, too. */
static bool first_refused(gw_finding_run *run, gw_err *err)
{
    gw_err why = {0};
    bool done = false;
    if (run->find->method != GW_METHOD_BLOCKS && run->find->method != GW_METHOD_TIMESTAMP)
        return true;
    size_t marks = run->mark_count;
    run->mark_count = 0;
    bool ok = run->find->method == GW_METHOD_BLOCKS ? by_blocks(run, &done, &why)
                                                    : by_time(run, &done, &why);
    run->mark_count = marks;
    bool only_first = !ok && why.kind == GW_ERR_REFUSED &&
                      (strstr(why.message, gw_unsound_text(GW_UNSOUND_NO_MARK)) ||
                       strstr(why.message, gw_unsound_text(GW_UNSOUND_NO_LOW_WATER)));
    if (ok || only_first) {
        gw_err_clear(&why);
        return true;
    }
    gw_err_move(err, &why);
    return false;
}

static bool known_rows(gw_finding_run *run, bool *any, gw_err *err)
{
    gw_leaf_kept_list leaves;
    if (!gw_segments_leaves(run->find->kept, run->arena, run->entity, &leaves, err))
        return false;
    *any = leaves.len > 0;
    for (size_t i = 0; i < leaves.len; i++)
        run->out->kept_rows += leaves.items[i].rows;
    return true;
}

static bool find_it(gw_finding_run *run, gw_err *err)
{
    const gw_find *find = run->find;
    gw_find_result *out = run->out;
    bool any;
    if (!known_rows(run, &any, err) ||
        !gw_marks_read(run->find->kept, run->arena, run->entity, &run->marks, &run->mark_count,
                       err))
        return false;
    out->first = !any;
    if (!any && !first_refused(run, err))
        return false;
    if (!any && find->first != GW_FIRST_TOLD)
        return first_time(run, err) &&
               (find->first == GW_FIRST_LEFT || gw_finding_quarantine(run, err));
    if (!gw_finding_watch(run, err) || !(any ? choose(run, err) : by_checksum(run, err)) ||
        !gw_finding_quarantine(run, err))
        return false;
    if (!any)
        out->why = FIRST_WHY;
    if (out->method != GW_METHOD_CHECKSUM) {
        const int64_t *counts = out->counts;
        out->source_rows = out->kept_rows - counts[GW_ROW_DELETED] + counts[GW_ROW_NEW];
    }
    return true;
}

bool gw_find_changes(const gw_find *find, gw_arena *arena, gw_find_result *out, gw_err *err)
{
    gw_arena *own = gw_arena_new();
    gw_finding_run run = {.find = find,
                          .out = out,
                          .arena = own,
                          .entity = find->viewed->entity->mapping->entity.text,
                          .not = GW_BUF(own)};
    *out = (gw_find_result){0};
    bool names = find->viewed->user_names;
    bool ok = (!names || gw_pg_user_names(find->source, true, err)) && find_it(&run, err) &&
              (!names || gw_pg_user_names(find->source, false, err));
    if (ok) {
        out->why = gw_strdup(arena, out->why);
        out->leaf_rows = out->leaf_rows ? gw_memdup(arena, out->leaf_rows,
                                                    find->viewed->leaf_count *
                                                        sizeof *out->leaf_rows)
                                        : NULL;
        out->mark = gw_mark_of(arena, &find->viewed->snapshot, find->viewed->digest,
                               out->mark.complete);
        if (run.carried)
            gw_mark_carry(&out->mark, run.marks, run.mark_count, run.carried == GW_CARRIED_FILES);
    }
    gw_arena_free(own);
    if (!ok)
        gw_mapping_mask(find->viewed->entity->mapping, err);
    return ok || gw_err_context(err, "while looking for what has changed of %s",
                                find->viewed->entity->mapping->entity.text);
}
