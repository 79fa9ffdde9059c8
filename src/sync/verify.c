#include "sync/verify.h"

#include <string.h>

#include "base/buf.h"
#include "base/vec.h"
#include "pg/copy.h"
#include "pg/copy_rows.h"
#include "sql/quote.h"
#include "sql_sync.h"
#include "sync/kept.h"
#include "sync/verify_impl.h"

/* Of each pool, in memory: up to three at a time, and what is joined of them. */
enum { POOL = 2 << 20 };

static const struct {
    const char *name, *text;
    bool wrong, waits;
} kinds[GW_VERIFY_KINDS] = {
    [GW_VERIFY_EQUAL] = {"equal", "equal", false, false},
    [GW_VERIFY_ALTERED] = {"altered", "altered by the destination's triggers when written", false,
                           false},
    [GW_VERIFY_LEFT] = {"left", "changed in the destination, which keeps them", false, false},
    [GW_VERIFY_MARKED] = {"marked", "gone in the source, marked as deleted", false, false},
    [GW_VERIFY_IGNORED] = {"ignored", "gone in the source, left (deletes: ignore)", false, false},
    [GW_VERIFY_SKIPPED] = {"skipped", "rejected and skipped", false, false},
    [GW_VERIFY_QUARANTINED] = {"quarantined", "in quarantine", true, false},
    [GW_VERIFY_NEW] = {"new", "not there yet", false, true},
    [GW_VERIFY_CHANGED] = {"changed", "not there yet as they are now", false, true},
    [GW_VERIFY_DELETED] = {"deleted", "not deleted yet", false, true},
    [GW_VERIFY_DIFFERENT] = {"different", "different", true, false},
    [GW_VERIFY_MISSING] = {"missing", "missing", true, false},
    [GW_VERIFY_GONE] = {"gone", "gone in the source, still there", true, false},
    [GW_VERIFY_EXTRA] = {"extra", "in the destination alone", true, false},
    [GW_VERIFY_DOUBLE] = {"duplicate", "there a second time, under another id", true, false},
};

const char *gw_verify_kind_name(gw_verify_kind kind)
{
    return kinds[kind].name;
}

const char *gw_verify_kind_text(gw_verify_kind kind)
{
    return kinds[kind].text;
}

bool gw_verify_kind_wrong(gw_verify_kind kind)
{
    return kinds[kind].wrong;
}

bool gw_verify_kind_waits(gw_verify_kind kind)
{
    return kinds[kind].waits;
}

bool gw_verified_wrong(const gw_verified *verified)
{
    for (int i = 0; i < GW_VERIFY_KINDS; i++)
        if (kinds[i].wrong && (verified->of[i].source || verified->of[i].destination))
            return true;
    return verified->reference_count || verified->unique_count || verified->map_lost;
}

int64_t gw_verified_waits(const gw_verified *verified)
{
    int64_t rows = 0;
    for (int i = 0; i < GW_VERIFY_KINDS; i++)
        if (kinds[i].waits)
            rows += verified->of[i].source ? verified->of[i].source : verified->of[i].destination;
    return rows;
}

void gw_verify_add(gw_verifier *v, gw_verify_kind kind, bool source, bool destination)
{
    v->out->of[kind].source += source;
    v->out->of[kind].destination += destination;
}

bool gw_verify_begin(gw_session *destination, gw_arena *arena, const char **exported, gw_err *err)
{
    static const gw_col cols[] = {{"name", GW_COL_TEXT, true, 0}};
    gw_result result;
    if (!gw_exec(destination,
                 "CREATE TEMPORARY TABLE IF NOT EXISTS gw_claimed "
                 "(entity_type pg_catalog.text, key pg_catalog.text COLLATE \"C\")",
                 err) ||
        !gw_session_begin(destination, "repeatable read read only", err))
        return false;
    if (gw_query(destination, arena, &gw_sql_verify_snapshot, NULL, 0, &result, err) &&
        gw_row(arena, &result, cols, 1, exported, err))
        return true;
    gw_session_rollback(destination);
    return false;
}

/* ---- the source against what is kept ------------------------------------------------------- */

static bool note_source(void *self, gw_row_change change, const gw_fingerprint *seen,
                        const gw_fingerprint *kept, gw_err *err)
{
    static const gw_seen_source as[] = {[GW_ROW_NEW] = GW_SOURCE_NEW,
                                        [GW_ROW_MODIFIED] = GW_SOURCE_MODIFIED,
                                        [GW_ROW_DELETED] = GW_SOURCE_GONE,
                                        [GW_ROW_MOVED] = GW_SOURCE_AS_KEPT};
    gw_verifier *v = self;
    gw_fingerprint one = seen ? *seen : *kept;
    if (change == GW_ROW_MOVED && !v->verify->whole)
        return true;
    one.block = as[change];
    return gw_pool_seen(v->cases, &one, err);
}

static gw_leaf *leaves_of(gw_verifier *v, size_t *count)
{
    const gw_projection *p = v->verify->projection;
    const gw_snapshot *snapshot = v->verify->snapshot;
    gw_session *source = v->verify->source;
    *count = p->has_blocks ? v->plan->source.leaf_count : 1;
    gw_leaf *leaves = gw_alloc_array(v->arena, *count + 1, sizeof *leaves);
    if (!p->has_blocks)
        leaves[0].reader = gw_project_reader(v->arena, p, source, NULL);
    for (size_t i = 0; p->has_blocks && i < *count; i++) {
        const gw_source_leaf *leaf = &v->plan->source.leaves[i];
        leaves[i].oid = (uint32_t)leaf->oid;
        leaves[i].reader = gw_project_reader(v->arena, p, source, leaf);
        for (size_t k = 0; k < snapshot->leaf_count; k++)
            if (snapshot->leaves[k].oid == leaf->oid)
                leaves[i].blocks = (uint32_t)snapshot->leaves[k].blocks;
    }
    return leaves;
}

typedef struct reading {
    gw_verifier *v;
    gw_pool *pool;
    uint32_t leaf;
} reading;

static bool see_one(void *self, const gw_row_seen *row, gw_err *err)
{
    reading *r = self;
    r->v->out->source_rows++;
    return gw_pool_seen(r->pool,
                        &(gw_fingerprint){.key = row->key,
                                          .key_len = row->key_len,
                                          .leaf = r->leaf,
                                          .source = row->fingerprint},
                        err);
}

static bool keep_one(void *self, const gw_fingerprint *one, gw_err *err)
{
    reading *r = self;
    return gw_pool_kept(r->pool, one, err);
}

/* Every row is a case. */
static bool read_whole(gw_verifier *v, const gw_leaf *leaves, size_t count, gw_err *err)
{
    gw_arena *arena = gw_arena_new();
    reading r = {.v = v, .pool = gw_pool_new(arena, POOL)};
    bool ok = true;
    for (size_t i = 0; ok && i < count; i++) {
        r.leaf = leaves[i].oid;
        ok = gw_reader_rows(&leaves[i].reader, (gw_blocks){0, GW_BLOCKS_END}, see_one, &r, err);
    }
    ok = ok &&
         gw_kept_others(v->verify->destination, v->mapping->entity.text, NULL, 0, keep_one, &r,
                        err) &&
         gw_pool_join(r.pool, note_source, v, err);
    gw_arena_free(arena);
    return ok;
}

static bool read_source(gw_verifier *v, gw_err *err)
{
    size_t count;
    gw_leaf *leaves = leaves_of(v, &count);
    gw_detect detect = {.entity = v->mapping->entity.text,
                        .leaves = leaves,
                        .leaf_count = count,
                        .kept = v->verify->destination,
                        .pool_limit = POOL,
                        .fn = note_source,
                        .self = v};
    gw_detected detected = {0};
    if (!gw_pg_user_names(v->verify->source, true, err))
        return false;
    bool ok = v->verify->whole ? read_whole(v, leaves, count, err)
                               : gw_detect_checksum(&detect, &detected, err);
    if (!v->verify->whole)
        v->out->source_rows = detected.source_rows;
    return ok && gw_pg_user_names(v->verify->source, false, err);
}

/* ---- the destination against what is kept -------------------------------------------------- */

typedef struct sums {
    int64_t rows, marked;
    const char *sum, *sum_all;
} sums;

typedef struct kept_sum {
    int64_t count;
    gw_int128 sum;
} kept_sum;

static uint64_t destination_of(const gw_fingerprint *one)
{
    return one->own_destination ? one->destination : one->source;
}

static bool sum_one(void *self, const gw_fingerprint *one, gw_err *err)
{
    (void)err;
    kept_sum *kept = self;
    kept->count++;
    kept->sum += (int64_t)destination_of(one);
    return true;
}

static bool keep_there(void *self, const gw_fingerprint *one, gw_err *err)
{
    reading *r = self;
    gw_fingerprint print = *one;
    print.source = destination_of(one);
    return gw_pool_kept(r->pool, &print, err);
}

/* Their fingerprints are those of the destination; whether a row is marked is where its block is. */
static bool note_there(void *self, gw_row_change change, const gw_fingerprint *seen,
                       const gw_fingerprint *kept, gw_err *err)
{
    static const gw_seen_there as[] = {[GW_ROW_NEW] = GW_THERE_EXTRA,
                                       [GW_ROW_MODIFIED] = GW_THERE_CHANGED,
                                       [GW_ROW_DELETED] = GW_THERE_MISSING,
                                       [GW_ROW_MOVED] = GW_THERE_AS_KEPT};
    gw_verifier *v = self;
    gw_fingerprint one = seen ? *seen : *kept;
    if (change == GW_ROW_MOVED)
        return true;
    one.leaf = seen ? seen->block : 0;
    one.block = as[change];
    return gw_pool_kept(v->cases, &one, err);
}

static bool stream_there(gw_verifier *v, gw_pool *pool, gw_err *err)
{
    gw_copy_out copy;
    gw_copy_reader reader = {0};
    gw_copy_field fields[3];
    const char *piece;
    size_t len;
    bool is_row, ok = gw_copy_out_start(v->verify->destination, v->sql.there, &copy, err);
    if (!ok)
        return false;
    while ((ok = gw_copy_out_next(&copy, &piece, &len, err)) && piece) {
        if (!(ok = gw_copy_read_row(&reader, piece, len, fields, 3, &is_row, err)))
            break;
        if (!is_row || fields[0].len < 0) /* without an id map: see strangers */
            continue;
        gw_fingerprint row = {.key = fields[0].data,
                              .key_len = (size_t)fields[0].len,
                              .block = fields[2].len == 1 && *fields[2].data,
                              .source = (uint64_t)gw_copy_field_int64(fields[1])};
        if (!(ok = gw_pool_seen(pool, &row, err)))
            break;
    }
    gw_copy_out_leave(&copy);
    return ok;
}

static bool compare_there(gw_verifier *v, gw_err *err)
{
    gw_arena *arena = gw_arena_new();
    reading r = {.v = v, .pool = gw_pool_new(arena, POOL)};
    bool ok = gw_kept_others(v->verify->destination, v->mapping->entity.text, NULL, 0, keep_there,
                             &r, err) &&
              stream_there(v, r.pool, err) && gw_pool_join(r.pool, note_there, v, err);
    gw_arena_free(arena);
    return ok;
}

static bool same_sum(const char *text, gw_int128 sum)
{
    gw_int128 seen;
    return gw_int128_read(text, &seen) && seen == sum;
}

static bool read_there(gw_verifier *v, gw_err *err)
{
    static const gw_col cols[] = {{"rows", GW_COL_INT, true, offsetof(sums, rows)},
                                  {"sum", GW_COL_TEXT, true, offsetof(sums, sum)},
                                  {"marked", GW_COL_INT, true, offsetof(sums, marked)},
                                  {"sum_all", GW_COL_TEXT, true, offsetof(sums, sum_all)}};
    gw_session *session = v->verify->destination;
    gw_result result;
    sums there;
    kept_sum kept = {0};
    if (!gw_query_text(session, v->arena, "the destination's sum", v->sql.sums, NULL, 0, &result,
                       err) ||
        !gw_row(v->arena, &result, cols, 4, &there, err) ||
        !gw_kept_others(session, v->mapping->entity.text, NULL, 0, sum_one, &kept, err))
        return false;
    v->kept = kept.count;
    v->marked_rows = there.marked;
    v->out->destination_rows = there.rows + there.marked;
    if (!v->sql.there ||
        (v->out->destination_rows == kept.count && same_sum(there.sum_all, kept.sum)))
        return true;
    v->marked_apart = there.rows == kept.count && same_sum(there.sum, kept.sum);
    return v->marked_apart || compare_there(v, err);
}

/* ---- cases --------------------------------------------------------------------------------- */

static bool take_case(void *self, gw_row_change change, const gw_fingerprint *source,
                      const gw_fingerprint *there, gw_err *err)
{
    (void)change;
    gw_verifier *v = self;
    const gw_fingerprint *any = source ? source : there;
    gw_case *one = &v->list[v->count++];
    *one = (gw_case){.key = gw_strndup(v->batch, any->key, any->key_len)};
    if (there) {
        one->there = (gw_seen_there)there->block;
        one->marked = there->leaf != 0;
    }
    if (source)
        one->source = (gw_seen_source)source->block;
    else if (one->there == GW_THERE_EXTRA)
        one->source = GW_SOURCE_NOT_ASKED;
    return v->count < GW_CASES || gw_verify_cases(v, err);
}

/* Rows of the destination that have no id map. */
static bool strangers(gw_verifier *v, gw_err *err)
{
    gw_arena *arena = gw_arena_new();
    const char *copy_text =
        gw_printf(arena, "COPY (%s) TO STDOUT (FORMAT binary)", v->sql.strangers);
    gw_copy_reader reader = {0};
    gw_copy_field fields[2];
    gw_copy_out copy;
    const char *piece;
    size_t len;
    bool is_row, ok = gw_copy_out_start(v->verify->destination, copy_text, &copy, err);
    while (ok && (ok = gw_copy_out_next(&copy, &piece, &len, err)) && piece) {
        if (!(ok = gw_copy_read_row(&reader, piece, len, fields, 2, &is_row, err)) || !is_row)
            continue;
        gw_arena_reset(v->batch);
        bool twice = fields[1].len >= 0;
        if (!twice && gw_verify_theirs(v))
            continue;
        gw_verify_row row = {.kind = twice ? GW_VERIFY_DOUBLE : GW_VERIFY_EXTRA,
                             .key = gw_strndup(v->batch, fields[0].data, (size_t)fields[0].len),
                             .destination_key = true,
                             .message = "the id map does not know it"};
        if (twice && !v->mask_key)
            row.message = gw_printf(v->batch, "a second row of the source's %.*s",
                                    (int)fields[1].len, fields[1].data);
        gw_verify_add(v, row.kind, false, true);
        ok = v->verify->fn(v->verify->self, &row, err);
    }
    gw_copy_out_leave(&copy);
    gw_arena_free(arena);
    return ok;
}

/* ---- within the destination ---------------------------------------------------------------- */

typedef struct pair {
    int64_t first, second;
    const char *example;
} pair;

static bool ask_pair(gw_verifier *v, const char *text, const char *first, const char *second,
                     pair *out, gw_err *err)
{
    const gw_col cols[] = {{first, GW_COL_INT, true, offsetof(pair, first)},
                           {second, GW_COL_INT, true, offsetof(pair, second)}};
    gw_result result;
    return gw_query_text(v->verify->destination, v->arena, "the destination's rows", text, NULL, 0,
                         &result, err) &&
           gw_row(v->arena, &result, cols, 2, out, err);
}

static bool check_reference(gw_verifier *v, const gw_map_field *field, gw_err *err)
{
    static const gw_col cols[] = {{"rows", GW_COL_INT, true, offsetof(pair, first)},
                                  {"example", GW_COL_TEXT, false, offsetof(pair, example)}};
    const gw_mapping *target = gw_verify_mapping(v->verify, field->reference.text);
    const char *value = gw_printf(v->arena, "t.%s", gw_quote_ident(v->arena, field->to.text));
    const char *same, *text;
    gw_result result;
    pair found;
    bool held;
    if (!target || target->destination.key.len != 1)
        return true;
    if (!gw_reference_same(v->verify->destination, v->arena, v->plan, field, target, value, &same,
                           &held, err))
        return false;
    text = gw_verify_reference_sql(v->arena, v->plan, field, target, same, v->own);
    if (!gw_query_text(v->verify->destination, v->arena, "references", text, NULL, 0, &result,
                       err) ||
        !gw_row(v->arena, &result, cols, 2, &found, err))
        return false;
    if (!found.first)
        return true;
    bool masked = gw_mapping_field_masked(v->mapping, field);
    v->out->references[v->out->reference_count++] = (gw_verify_reference){
        .column = field->to.text,
        .entity = field->reference.text,
        .table = gw_mapping_table_shown(v->arena, &target->destination.table),
        .rows = found.first,
        .example = masked ? "***" : found.example};
    return true;
}

static bool check_unique(gw_verifier *v, const gw_rule_said *rule, gw_err *err)
{
    gw_buf columns = GW_BUF(v->arena);
    pair found;
    if (!ask_pair(v, gw_verify_unique_sql(v->arena, v->plan, rule), "values", "rows", &found, err))
        return false;
    if (!found.first)
        return true;
    for (size_t i = 0; i < rule->fields.len; i++)
        gw_buf_addf(&columns, "%s%s", i ? ", " : "", rule->fields.items[i].text);
    v->out->uniques[v->out->unique_count++] = (gw_verify_unique){
        .columns = gw_buf_str(&columns), .values = found.first, .rows = found.second};
    return true;
}

static bool check_destination(gw_verifier *v, gw_err *err)
{
    const gw_mapping *m = v->mapping;
    pair found;
    v->out->references = gw_alloc_array(v->arena, m->fields.len + 1, sizeof(gw_verify_reference));
    v->out->uniques = gw_alloc_array(v->arena, m->rules.len + 1, sizeof(gw_verify_unique));
    for (size_t i = 0; i < m->fields.len; i++)
        if (m->fields.items[i].kind == GW_FIELD_REFERENCE &&
            !check_reference(v, &m->fields.items[i], err))
            return false;
    for (size_t i = 0; i < m->rules.len; i++)
        if (m->rules.items[i].kind == GW_RULE_UNIQUE && !check_unique(v, &m->rules.items[i], err))
            return false;
    if (!v->sql.strangers)
        return true;
    if (!ask_pair(v, v->sql.map, "rows", "lost", &found, err))
        return false;
    v->out->map_rows = found.first;
    v->out->map_lost = found.second;
    return strangers(v, err);
}

/* ---- the books ----------------------------------------------------------------------------- */

/* Rows of the destination that no row of the source accounts for, where keys do not tell which. */
static bool rest_unknown(gw_verifier *v, gw_err *err)
{
    int64_t rows = v->out->destination_rows;
    for (int i = 0; i < GW_VERIFY_KINDS; i++)
        rows -= v->out->of[i].destination;
    if (v->sql.there || rows <= 0)
        return true;
    int64_t theirs = rows < v->others_left ? rows : v->others_left;
    v->out->destination_rows -= theirs;
    if (!(rows -= theirs))
        return true;
    gw_verify_row row = {
        .kind = v->mapping->deletes == GW_DELETES_IGNORE && rows <= v->out->ignored
                    ? GW_VERIFY_IGNORED
                    : GW_VERIFY_EXTRA,
        .key = gw_printf(v->arena, "(%lld rows)", (long long)rows),
        .destination_key = true,
        .message = "no row of the source accounts for them; which they are cannot be told, for "
                   "the destination's key is made of the source's by an expression"};
    v->out->of[row.kind].destination += rows;
    return row.kind == GW_VERIFY_IGNORED || v->verify->fn(v->verify->self, &row, err);
}

static bool add_up(gw_verifier *v, gw_err *err)
{
    gw_verify_count all = {0};
    int64_t untouched = v->kept - v->kept_cases;
    v->out->of[GW_VERIFY_EQUAL].source += untouched;
    v->out->of[GW_VERIFY_EQUAL].destination += untouched;
    if (v->marked_apart)
        v->out->of[GW_VERIFY_MARKED].destination += v->marked_rows - v->marked_cases;
    if (!rest_unknown(v, err))
        return false;
    for (int i = 0; i < GW_VERIFY_KINDS; i++) {
        all.source += v->out->of[i].source;
        all.destination += v->out->of[i].destination;
    }
    if (all.source == v->out->source_rows && all.destination == v->out->destination_rows)
        return true;
    gw_err_set(err, GW_ERR_STATE, "the rows of %s do not add up", v->mapping->entity.text);
    return gw_err_detail(err,
                         "%lld of %lld rows of the source and %lld of %lld of the destination are "
                         "accounted for",
                         (long long)all.source, (long long)v->out->source_rows,
                         (long long)all.destination, (long long)v->out->destination_rows);
}

static bool read_state(gw_verifier *v, gw_err *err)
{
    static const gw_col cols[] = {
        {"ignored", GW_COL_INT, true, offsetof(gw_verified, ignored)},
        {"rejects", GW_COL_INT, true, offsetof(gw_verified, rejects)},
        {"going_on", GW_COL_BOOL, true, offsetof(gw_verified, going_on)},
    };
    gw_param entity = gw_p_text(v->mapping->entity.text);
    gw_result result;
    if (!gw_query(v->verify->destination, v->arena, &gw_sql_verify_state, &entity, 1, &result,
                  err) ||
        !gw_row(v->arena, &result, cols, 3, v->out, err))
        return false;
    v->allowance = v->out->ignored;
    return true;
}

static bool has_later(const gw_entity_plan *plan)
{
    for (size_t i = 0; i < plan->mapping->fields.len; i++)
        if (plan->fields[i].second_pass)
            return true;
    return false;
}

static void free_batch(void *arena)
{
    gw_arena_free(arena);
}

bool gw_verify_entity(const gw_verify *verify, gw_arena *arena, gw_verified *out, gw_err *err)
{
    static const gw_apply_to to = {0};
    gw_verify wanted = *verify;
    gw_verifier *v = gw_alloc(arena, sizeof *v);
    const gw_entity_plan *plan = verify->projection->entity;
    *out = (gw_verified){0};
    *v = (gw_verifier){.verify = &wanted,
                       .plan = plan,
                       .mapping = plan->mapping,
                       .arena = arena,
                       .batch = gw_arena_new(),
                       .cases = gw_pool_new(arena, POOL),
                       .out = out,
                       .mask_key = gw_mapping_key_masked(plan->mapping)};
    gw_arena_defer(arena, free_batch, v->batch);
    if (!gw_apply_prepare(verify->stage, arena, verify->projection, &to, verify->log, &v->apply,
                          err))
        return false;
    if (!gw_verify_shared(v, &v->own, err))
        return gw_err_context(err, "verifying %s", plan->mapping->entity.text);
    gw_verify_sql_make(arena, verify, &v->apply->sql, v->own, &v->sql);
    /* What no fingerprint speaks of, and what cannot be found by them. */
    wanted.whole = verify->whole || has_later(plan) || !v->sql.there;
    bool ok = read_state(v, err) && read_source(v, err) && read_there(v, err) &&
              gw_pool_join(v->cases, take_case, v, err) && gw_verify_cases(v, err) &&
              check_destination(v, err) && add_up(v, err);
    if (!ok)
        gw_mapping_mask(plan->mapping, err);
    return ok || gw_err_context(err, "verifying %s", plan->mapping->entity.text);
}
