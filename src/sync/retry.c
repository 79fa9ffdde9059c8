#include "sync/retry.h"

#include <string.h>

#include "base/vec.h"
#include "sql_sync.h"
#include "sync/apply.h"
#include "sync/find.h"
#include "sync/kept.h"
#include "sync/load.h"
#include "sync/segments.h"

enum { PAGE = 500, AGAIN_PAGE = 20000, ROUNDS = 20 };

typedef struct retry {
    gw_session *source, *destination;
    const gw_projection *projection;
    const char *entity;
    const char *run; /* rejected by this one alone; NULL: by any */
    bool waits; /* it comes once more: what is refused fails nothing */
    gw_apply *apply;
    gw_arena *page; /* of the keys at hand */
    gw_retried *out;
} retry;

typedef struct rejected_key {
    const char *key;
} rejected_key;

typedef struct kept_list {
    gw_arena *arena;
    GW_VEC(gw_fingerprint) found;
} kept_list;

static bool keys_after(retry *r, const char *after, rejected_key **out, size_t *count, gw_err *err)
{
    static const gw_col cols[] = {{"key", GW_COL_TEXT, true, offsetof(rejected_key, key)}};
    gw_param params[] = {gw_p_text(r->entity), gw_p_text(after),
                         gw_p_int(r->run ? AGAIN_PAGE : PAGE), gw_p_text(r->run)};
    gw_result result;
    void *rows;
    if (!gw_query(r->destination, r->page, r->run ? &gw_sql_again_keys : &gw_sql_retry_keys, params,
                  r->run ? 4 : 3, &result, err) ||
        !gw_rows(r->page, &result, cols, 1, sizeof **out, &rows, err))
        return false;
    *out = rows;
    *count = result.rows;
    return true;
}

/* A key that is kept at two places counts as the one found last, as everywhere. */
static bool keep(void *self, const gw_fingerprint *one, gw_err *err)
{
    (void)err;
    kept_list *list = self;
    gw_fingerprint *copy = gw_vec_push(list->arena, &list->found);
    *copy = *one;
    copy->key = gw_memdup(list->arena, one->key, one->key_len);
    return true;
}

static bool find_kept(retry *r, const rejected_key *rows, size_t count, kept_list *out, gw_err *err)
{
    gw_keyed keys = {0};
    for (size_t i = 0; i < count; i++) {
        size_t len = strlen(rows[i].key);
        gw_keyed_put(&keys, &(gw_fingerprint){.key = rows[i].key, .key_len = len},
                     gw_key_hash(rows[i].key, len));
    }
    *out = (kept_list){.arena = r->page};
    bool ok = gw_kept_find(r->destination, r->entity, &keys, keep, out, err);
    gw_keyed_free(&keys);
    return ok;
}

static bool try_page(retry *r, const rejected_key *rows, size_t count, gw_err *err)
{
    const char **keys = gw_alloc_array(r->page, count, sizeof *keys);
    gw_apply_batch batch = {.missing_is_gone = true, .waits = r->waits, .last = true};
    gw_applied done;
    kept_list kept;
    for (size_t i = 0; i < count; i++)
        keys[i] = rows[i].key;
    if (!find_kept(r, rows, count, &kept, err) ||
        !gw_project_keys(r->page, r->projection, keys, count, &batch.query, err))
        return false;
    batch.kept = kept.found.items;
    batch.kept_count = kept.found.len;
    if (!gw_apply_run(r->apply, r->source, &batch, &done, err))
        return false;
    r->out->tried += (int64_t)count;
    r->out->passed += done.inserted + done.updated;
    r->out->gone += done.deleted;
    r->out->rejected += done.rejected;
    r->out->left += done.left;
    return true;
}

/* ---- what would go ------------------------------------------------------------------------- */

static bool count_gone(void *self, size_t index, const gw_row_seen *row, uint32_t leaf, gw_err *err)
{
    (void)index, (void)leaf, (void)err;
    int64_t *gone = self;
    *gone += row == NULL;
    return true;
}

static bool gone_of_page(retry *r, const gw_viewed *viewed, const rejected_key *rows, size_t count,
                         int64_t *gone, gw_err *err)
{
    kept_list kept;
    if (!find_kept(r, rows, count, &kept, err))
        return false;
    gw_key_text *keys = gw_alloc_array(r->page, kept.found.len + 1, sizeof *keys);
    for (size_t i = 0; i < kept.found.len; i++)
        keys[i] = (gw_key_text){kept.found.items[i].key, kept.found.items[i].key_len};
    return !kept.found.len ||
           gw_lookup_keys(&viewed->lookup, keys, kept.found.len, count_gone, gone, err);
}

static bool known_rows(gw_session *destination, gw_arena *arena, const char *entity, int64_t *out,
                       gw_err *err)
{
    gw_leaf_kept_list leaves;
    *out = 0;
    if (!gw_segments_leaves(destination, arena, entity, &leaves, err))
        return false;
    for (size_t i = 0; i < leaves.len; i++)
        *out += leaves.items[i].rows;
    return true;
}

static bool count_all_gone(retry *r, const gw_viewed *viewed, int64_t *gone, gw_err *err)
{
    gw_arena *own = gw_arena_new();
    char *after = NULL;
    bool ok = true;
    for (size_t count = 1; ok && count;) {
        rejected_key *rows = NULL;
        gw_arena_reset(r->page);
        ok = keys_after(r, after, &rows, &count, err) &&
             (!count || gone_of_page(r, viewed, rows, count, gone, err));
        if (ok && count)
            after = gw_strdup(own, rows[count - 1].key);
    }
    gw_arena_free(own);
    return ok;
}

bool gw_retry_allowed(gw_session *destination, gw_arena *arena, const gw_viewed *viewed,
                      double max_deletes, gw_err *err)
{
    const gw_mapping *mapping = viewed->entity->mapping;
    gw_session *source = viewed->lookup.reader->session;
    retry r = {.destination = destination, .entity = mapping->entity.text, .page = gw_arena_new()};
    int64_t gone = 0, known = 0;
    bool names = viewed->user_names;
    bool ok = mapping->deletes == GW_DELETES_IGNORE ||
              ((!names || gw_pg_user_names(source, true, err)) &&
               count_all_gone(&r, viewed, &gone, err) &&
               (!names || gw_pg_user_names(source, false, err)) &&
               known_rows(destination, arena, r.entity, &known, err) &&
               (gw_deletes_allowed(r.entity, gone, known, max_deletes, err) ||
                gw_err_detail(err, "nothing was applied")));
    gw_arena_free(r.page);
    return ok;
}

/* ---- all of them --------------------------------------------------------------------------- */

/* References that close a cycle, of the rows that passed, and of those that a killed run has left. */
static bool second_pass(retry *r, gw_err *err)
{
    gw_applied done;
    bool more = true;
    while (more) {
        if (!gw_apply_later(r->apply, r->source, PAGE, &more, &done, err))
            return false;
        r->out->rejected += done.rejected;
        r->out->passed -= done.rejected < r->out->passed ? done.rejected : r->out->passed;
    }
    return true;
}

static bool pages(retry *r, gw_err *err)
{
    char *after = NULL;
    gw_arena *keys = gw_arena_new();
    bool ok = true;
    for (size_t count = 1; ok && count;) {
        rejected_key *rows = NULL;
        gw_arena_reset(r->page);
        ok = keys_after(r, after, &rows, &count, err) &&
             (!count || try_page(r, rows, count, err));
        if (ok && count)
            after = gw_strdup(keys, rows[count - 1].key);
    }
    gw_arena_free(keys);
    return ok;
}

static bool try_all(retry *r, gw_err *err)
{
    int64_t cleared;
    if (!pages(r, err) || !second_pass(r, err) ||
        !gw_apply_tidy(r->apply, r->source, &cleared, err))
        return false;
    r->out->gone += cleared;
    return true;
}

bool gw_retry_again(gw_session *source, gw_session *destination, gw_arena *arena,
                    const gw_projection *projection, const gw_apply_to *to, gw_log *log,
                    gw_retried *out, gw_err *err)
{
    retry r = {.source = source,
               .destination = destination,
               .projection = projection,
               .entity = projection->entity->mapping->entity.text,
               .run = to->run,
               .waits = to->waits,
               .page = gw_arena_new(),
               .out = out};
    *out = (gw_retried){0};
    bool ok = gw_apply_open(destination, arena, projection, to, log, &r.apply, err);
    int64_t passed = 1;
    for (int i = 0; ok && passed && i < ROUNDS; i++) {
        passed = out->passed + out->gone;
        ok = pages(&r, err);
        passed = out->passed + out->gone - passed;
    }
    gw_arena_free(r.page);
    return ok || gw_err_context(err, "rows of %s that were rejected, once more", r.entity);
}

bool gw_retry(gw_session *source, gw_session *destination, gw_arena *arena,
              const gw_projection *projection, gw_log *log, gw_retried *out, gw_err *err)
{
    static const gw_apply_to to = {0};
    retry r = {.source = source,
               .destination = destination,
               .projection = projection,
               .entity = projection->entity->mapping->entity.text,
               .page = gw_arena_new(),
               .out = out};
    *out = (gw_retried){0};
    /* Of a load that was left half: rows are told apart by indexes that it has dropped. */
    bool ok = gw_load_finish(destination, arena, r.entity, log, err) &&
              gw_apply_open(destination, arena, projection, &to, log, &r.apply, err) &&
              try_all(&r, err);
    gw_arena_free(r.page);
    return ok || gw_err_context(err, "trying the quarantine of %s again", r.entity);
}
