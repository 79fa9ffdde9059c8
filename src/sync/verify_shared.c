/* Several entities with one table: whose its rows are. */
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "pg/copy.h"
#include "sql/quote.h"
#include "sql_sync.h"
#include "sync/kept.h"
#include "sync/verify_impl.h"

enum { PIECE = 1 << 16 };

typedef struct claims {
    gw_verifier *v;
    const gw_entity_plan *other;
    gw_buf text;
    int64_t count;
    gw_buf *condition;
} claims;

static bool same_table(const gw_mapping *a, const gw_mapping *b)
{
    return strcmp(a->destination.table.schema, b->destination.table.schema) == 0 &&
           strcmp(a->destination.table.name, b->destination.table.name) == 0;
}

/* As it was registered: of an entity that is stopped, columns may be gone. */
static bool has_columns(const gw_entity_plan *plan)
{
    const gw_mapping *m = plan->mapping;
    for (size_t i = 0; i < m->destination.key.len; i++)
        if (!gw_source_column_of(&plan->destination, m->destination.key.items[i].text))
            return false;
    for (size_t i = 0; i < m->source.key.len; i++)
        if (!gw_source_column_of(&plan->source, m->source.key.items[i].text))
            return false;
    return m->deletes != GW_DELETES_SOFT ||
           gw_source_column_of(&plan->destination, m->deletes_column.text);
}

/* ---- their keys, for the destination's session ---------------------------------------------- */

static bool flush(claims *c, gw_err *err)
{
    bool ok = gw_copy_in_data(c->v->verify->destination, gw_buf_str(&c->text), c->text.len, err);
    gw_buf_clear(&c->text);
    return ok;
}

static bool claim_one(void *self, const gw_fingerprint *one, gw_err *err)
{
    claims *c = self;
    const char *entity = c->other->mapping->entity.text;
    gw_copy_add_text(&c->text, (gw_copy_field){entity, (int32_t)strlen(entity)});
    gw_buf_add(&c->text, "\t");
    gw_copy_add_text(&c->text, (gw_copy_field){one->key, (int32_t)one->key_len});
    gw_buf_add(&c->text, "\n");
    return c->text.len < PIECE || flush(c, err);
}

static bool count_one(void *self, const gw_fingerprint *one, gw_err *err)
{
    (void)one;
    (void)err;
    ((claims *)self)->count++;
    return true;
}

static bool claim_all(claims *c, gw_err *err)
{
    const gw_verify *verify = c->v->verify;
    bool ok = gw_copy_in_start(verify->destination,
                               "COPY pg_temp.gw_claimed (entity_type, key) FROM STDIN", err);
    if (!ok)
        return false;
    ok = gw_kept_others(verify->stage, c->other->mapping->entity.text, NULL, 0, claim_one, c,
                        err) &&
         flush(c, err);
    gw_err ignored = {0};
    return ok ? gw_copy_in_end(verify->destination, NULL, NULL, err)
              : (gw_copy_in_end(verify->destination, "not read", NULL, &ignored), false);
}

/* ---- what is theirs -------------------------------------------------------------------------- */

static void add_condition(claims *c, const char *text)
{
    gw_buf_addf(c->condition, "%sNOT (%s)", c->condition->len ? " AND " : "", text);
}

static void add_marked(claims *c)
{
    const gw_mapping *m = c->other->mapping, *own = c->v->mapping;
    if (m->deletes != GW_DELETES_SOFT ||
        (own->deletes == GW_DELETES_SOFT &&
         strcmp(own->deletes_column.text, m->deletes_column.text) == 0))
        return; /* whose a marked row was is not known: it counts for both, as marked */
    const gw_source_column *mark =
        gw_source_column_of(&c->other->destination, m->deletes_column.text);
    add_condition(c, gw_printf(c->v->arena,
                               strcmp(mark->type.base_type, "boolean") == 0 ? "t.%s IS TRUE"
                                                                            : "t.%s IS NOT NULL",
                               gw_quote_ident(c->v->arena, mark->name)));
}

/* Deletions that its runs have left undone: nothing is kept of these rows. */
static bool add_left(claims *c, gw_err *err)
{
    static const gw_col cols[] = {{"ignored", GW_COL_INT, true, 0}};
    gw_param entity = gw_p_text(c->other->mapping->entity.text);
    gw_result result;
    int64_t ignored;
    if (!gw_query(c->v->verify->stage, c->v->arena, &gw_sql_verify_state, &entity, 1, &result,
                  err) ||
        !gw_row(c->v->arena, &result, cols, 1, &ignored, err))
        return false;
    c->v->others_left += ignored;
    return true;
}

static bool add_other(claims *c, gw_err *err)
{
    gw_arena *arena = c->v->arena;
    const gw_mapping *m = c->other->mapping;
    const char *entity = gw_quote_literal(arena, m->entity.text);
    bool told = has_columns(c->other);
    if (told)
        add_marked(c);
    if (told && gw_mapping_has_id_map(m)) {
        add_condition(c, gw_printf(arena,
                                   "EXISTS (SELECT FROM godwit.migration_mappings o WHERE "
                                   "o.entity_type = %s AND o.modern_id = (t.%s)::pg_catalog.text)",
                                   entity,
                                   gw_quote_ident(arena, m->destination.key.items[0].text)));
        return true;
    }
    const char *key = told ? gw_verify_key_sql(arena, c->other) : NULL;
    if (key) {
        add_condition(c, gw_printf(arena,
                                   "EXISTS (SELECT FROM pg_temp.gw_claimed o WHERE "
                                   "o.entity_type = %s AND o.key = (%s) COLLATE \"C\")",
                                   entity, key));
        return claim_all(c, err) && add_left(c, err);
    }
    bool ok = gw_kept_others(c->v->verify->stage, m->entity.text, NULL, 0, count_one, c, err);
    c->v->others_left += c->count;
    return ok && add_left(c, err);
}

static bool add_others(gw_verifier *v, gw_buf *condition, gw_err *err)
{
    for (size_t i = 0; i < v->verify->other_count; i++) {
        const gw_entity_plan *other = v->verify->others[i].plan;
        claims c = {.v = v, .other = other, .text = GW_BUF(v->arena), .condition = condition};
        if (strcmp(other->mapping->entity.text, v->mapping->entity.text) == 0 ||
            !same_table(other->mapping, v->mapping))
            continue;
        v->shared = true;
        if (!add_other(&c, err))
            return gw_err_context(err, "whose rows %s has, which %s shares with %s",
                                  gw_mapping_table_shown(v->arena, &v->mapping->destination.table),
                                  v->mapping->entity.text, other->mapping->entity.text);
    }
    return true;
}

bool gw_verify_shared(gw_verifier *v, const char **own, gw_err *err)
{
    gw_buf condition = GW_BUF(v->arena);
    *own = NULL;
    if (!gw_exec(v->verify->destination, "DELETE FROM pg_temp.gw_claimed", err) ||
        !gw_verify_stage_begin(v, err))
        return false;
    if (!add_others(v, &condition, err)) {
        gw_session_rollback(v->verify->stage);
        return false;
    }
    if (condition.len)
        *own = gw_buf_str(&condition);
    return gw_session_commit(v->verify->stage, err);
}

/* ---- row by row ------------------------------------------------------------------------------ */

/* The row that another entity rejected as it is now is there as it was: nothing is kept of it. */
static bool rejected_by(gw_verifier *v, const gw_mapping *other, gw_err *err)
{
    static const gw_col cols[] = {{"key", GW_COL_TEXT, true, 0}};
    json_t *keys = gw_json_own(v->batch, json_array());
    gw_result result;
    void *rows;
    for (size_t i = 0; i < v->count; i++)
        if (v->list[i].there == GW_THERE_EXTRA && v->list[i].source == GW_SOURCE_NOT_ASKED)
            json_array_append_new(keys, json_string(v->list[i].key));
    gw_param params[] = {gw_p_text(other->entity.text), gw_p_text(gw_json_dump(v->batch, keys))};
    if (!gw_query(v->verify->stage, v->batch, &gw_sql_verify_rejects, params, 2, &result, err) ||
        !gw_rows(v->batch, &result, cols, 1, sizeof(const char *), &rows, err))
        return false;
    for (size_t i = 0; i < result.rows; i++) {
        gw_case *one = gw_verify_case_of(v, ((const char **)rows)[i]);
        if (one && one->there == GW_THERE_EXTRA && one->source == GW_SOURCE_NOT_ASKED)
            one->others = true;
    }
    return true;
}

bool gw_verify_shared_cases(gw_verifier *v, gw_err *err)
{
    for (size_t i = 0; v->shared && i < v->verify->other_count; i++) {
        const gw_mapping *other = v->verify->others[i].plan->mapping;
        if (strcmp(other->entity.text, v->mapping->entity.text) != 0 &&
            same_table(other, v->mapping) && !gw_mapping_has_id_map(other) &&
            !rejected_by(v, other, err))
            return false;
    }
    return true;
}

bool gw_verify_theirs(gw_verifier *v)
{
    if (v->others_left <= 0)
        return false;
    v->others_left--;
    v->out->destination_rows--;
    return true;
}
