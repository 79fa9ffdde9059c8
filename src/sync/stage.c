#include "sync/stage.h"

#include <stdio.h>
#include <string.h>

#include "base/digest.h"
#include "base/uuid.h"
#include "base/vec.h"
#include "pg/copy.h"
#include "sql/quote.h"
#include "sync/made.h"

enum { FLUSH = 64 * 1024 }; /* bytes for the destination at once */

/* Others have told the planner how to read runs of blocks. Keys come in the order of their rows, so
 * that looking one up costs little more than the next row. */
#define PLANNING                                                                                   \
    "SET LOCAL enable_seqscan = on; SET LOCAL enable_indexscan = on; SET LOCAL enable_bitmapscan " \
    "= on; SET LOCAL random_page_cost = 1.1; SET LOCAL jit = off"

/* One filling. */
typedef struct filling {
    gw_stage *stage;
    gw_buf out;
    gw_made made; /* where there are functions */
} filling;

static size_t outputs(const gw_stage *stage)
{
    return stage->script ? gw_script_functions(stage->script) : 0;
}

/* ---- ids ------------------------------------------------------------------------------------- */

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

gw_err_kind gw_uuid_v5(const char *space, const char *name, char out[37])
{
    unsigned char bytes[16], digest[GW_DIGEST_MAX];
    size_t count = 0;
    for (const char *at = space; *at; at++) {
        if (*at == '-')
            continue;
        int high = hex_value(at[0]), low = high < 0 ? -1 : hex_value(at[1]);
        if (low < 0 || count == sizeof bytes)
            return GW_ERR_INPUT;
        bytes[count++] = (unsigned char)(high << 4 | low);
        at++;
    }
    if (count != sizeof bytes)
        return GW_ERR_INPUT;
    gw_arena *scratch = gw_arena_new();
    size_t len = strlen(name);
    unsigned char *text = gw_alloc(scratch, sizeof bytes + len);
    memcpy(text, bytes, sizeof bytes);
    memcpy(text + sizeof bytes, name, len);
    gw_digest_of(GW_SHA1, text, sizeof bytes + len, digest);
    gw_arena_free(scratch);
    digest[6] = (unsigned char)((digest[6] & 0x0f) | 0x50);
    digest[8] = (unsigned char)((digest[8] & 0x3f) | 0x80);
    char *at = out;
    for (size_t i = 0; i < 16; i++)
        at += snprintf(at, 4, i == 4 || i == 6 || i == 8 || i == 10 ? "-%02x" : "%02x", digest[i]);
    return GW_OK;
}

/* The new id where it is made here; an id map that knows the row has the last word. */
static bool id_of(const gw_mapping *mapping, const char *key, char out[37], gw_err *err)
{
    *out = '\0';
    if (mapping->identity == GW_IDENTITY_UUID_V7) {
        gw_uuid uuid = gw_uuid_v7();
        memcpy(out, uuid.text, sizeof uuid.text);
    } else if (mapping->identity == GW_IDENTITY_UUID_V5 &&
               gw_uuid_v5(mapping->identity_namespace, key, out) != GW_OK) {
        return gw_err_set(err, GW_ERR_INPUT, "the namespace %s of %s is no UUID",
                          mapping->identity_namespace, mapping->entity.text);
    }
    return true;
}

/* ---- opening --------------------------------------------------------------------------------- */

static void close_script(void *script)
{
    gw_script_close(script);
}

static void free_batch(void *arena)
{
    gw_arena_free(arena);
}

bool gw_stage_open(gw_session *destination, gw_arena *arena, const gw_projection *projection,
                   gw_log *log, gw_stage **out, gw_err *err)
{
    gw_stage *stage = gw_alloc(arena, sizeof *stage);
    const char *compiled = projection->entity->compiled;
    *stage = (gw_stage){.session = destination, .projection = projection, .arena = gw_arena_new()};
    gw_arena_defer(arena, free_batch, stage->arena);
    if (compiled) {
        if (!gw_script_open(compiled, strlen(compiled), NULL, log, &stage->script, err))
            return false;
        gw_arena_defer(arena, close_script, stage->script);
        if (gw_script_columns(stage->script) != projection->seen_count)
            return gw_err_set(err, GW_ERR_STATE,
                              "the functions of %s were compiled for other columns",
                              projection->entity->mapping->entity.text);
    }
    gw_buf text = GW_BUF(arena);
    gw_buf_add(&text, "DROP TABLE IF EXISTS pg_temp.gw_stage;"
                      "CREATE TEMP TABLE gw_stage (gw_n bigint NOT NULL, "
                      "gw_key text COLLATE \"C\" NOT NULL, gw_hash bigint, "
                      "gw_id text COLLATE \"C\"");
    for (size_t i = 0; i < projection->count; i++)
        gw_buf_addf(&text, ", gw_%zu %s", i + 1, projection->columns[i].type);
    for (size_t i = 0; i < outputs(stage); i++)
        gw_buf_addf(&text, ", gw_f%zu text", i + 1);
    gw_buf_add(&text, ") ON COMMIT DELETE ROWS");
    *out = stage;
    return gw_exec(destination, gw_buf_str(&text), err);
}

/* ---- filling --------------------------------------------------------------------------------- */

static bool flush(filling *f, size_t above, gw_err *err)
{
    if (f->out.len <= above)
        return true;
    bool ok = gw_copy_in_data(f->stage->session, f->out.data, f->out.len, err);
    gw_buf_clear(&f->out);
    return ok;
}

/* A row's lead into memory, and what the destination gets of it. made: its functions' values. */
static bool emit(void *arg, const gw_copy_field *fields, const gw_script_field *made, gw_err *err)
{
    filling *f = arg;
    gw_stage *stage = f->stage;
    const gw_projection *p = stage->projection;
    char id[37];
    if (fields[2].len < 0)
        return gw_err_set(err, GW_ERR_STATE, "a row of the source of %s has NULL in its key",
                          p->entity->mapping->entity.text);
    gw_staged *row = gw_vec_push(stage->arena, &stage->rows);
    *row = (gw_staged){.key = gw_strndup(stage->arena, fields[2].data, (size_t)fields[2].len),
                       .leaf = (uint32_t)gw_copy_field_int64(fields[0]),
                       .block = gw_copy_field_block(fields[1]),
                       .fingerprint = (uint64_t)gw_copy_field_int64(fields[3])};
    if (!p->has_blocks)
        row->block = (uint32_t)((stage->rows.len - 1) / 64);
    if (!id_of(p->entity->mapping, row->key, id, err))
        return false;
    gw_copy_add_count(&f->out, 4 + p->count + outputs(stage));
    gw_copy_add_int64(&f->out, (int64_t)stage->rows.len);
    gw_copy_add_field(&f->out, fields[2]);
    gw_copy_add_field(&f->out, fields[3]);
    gw_copy_add_field(&f->out, (gw_copy_field){id, *id ? 36 : -1});
    for (size_t i = 0; i < p->count; i++)
        gw_copy_add_field(&f->out, fields[GW_PROJECT_LEAD + i]);
    for (size_t i = 0; i < outputs(stage); i++)
        gw_copy_add_field(&f->out, made ? (gw_copy_field){made[i].data, made[i].len}
                                        : (gw_copy_field){NULL, -1});
    return flush(f, FLUSH, err);
}

static bool refused(void *arg, const gw_script_result *result, gw_err *err)
{
    gw_stage *stage = ((filling *)arg)->stage;
    (void)err;
    for (size_t i = 0; i < result->rejection_count; i++) {
        gw_script_rejection *one = gw_vec_push(stage->arena, &stage->rejections);
        *one = result->rejections[i];
        one->row += stage->rows.len + 1;
        one->function = gw_strdup(stage->arena, one->function);
        one->message = gw_strdup(stage->arena, one->message);
        one->file = gw_strdup(stage->arena, one->file);
    }
    return true;
}

static bool pump(filling *f, gw_copy_out *copy, gw_err *err)
{
    gw_stage *stage = f->stage;
    size_t count = GW_PROJECT_LEAD + stage->projection->count + stage->projection->seen_count;
    gw_copy_field *fields = gw_alloc_array(stage->arena, count, sizeof *fields);
    gw_copy_reader reader = {0};
    const char *piece;
    size_t len;
    for (;;) {
        bool is_row;
        if (!gw_copy_out_next(copy, &piece, &len, err))
            return false;
        if (!piece)
            return !stage->script || gw_made_rest(&f->made, err);
        stage->bytes += (int64_t)len;
        if (!gw_copy_read_row(&reader, piece, len, fields, count, &is_row, err))
            return false;
        if (is_row &&
            !(stage->script ? gw_made_row(&f->made, fields, err) : emit(f, fields, NULL, err)))
            return false;
    }
}

static bool transfer(filling *f, gw_session *source, const char *query, gw_err *err)
{
    gw_copy_out copy;
    gw_err ignored = {0};
    if (!gw_copy_in_start(f->stage->session, "COPY pg_temp.gw_stage FROM STDIN (FORMAT binary)",
                          err))
        return false;
    bool ok = gw_exec(source, PLANNING, err) && gw_pg_user_names(source, true, err) &&
              gw_copy_out_start(source, query, &copy, err);
    if (ok) {
        gw_copy_add_header(&f->out);
        ok = pump(f, &copy, err);
        gw_copy_out_leave(&copy);
    }
    if (ok) {
        gw_copy_add_trailer(&f->out);
        ok = flush(f, 0, err) && gw_pg_user_names(source, false, err);
    }
    bool ended = gw_copy_in_end(f->stage->session, ok ? NULL : "the source failed", NULL,
                                ok ? err : &ignored);
    gw_err_clear(&ignored);
    return ok && ended;
}

bool gw_stage_fill(gw_stage *stage, gw_session *source, const char *query, gw_err *err)
{
    gw_arena_reset(stage->arena);
    memset(&stage->rows, 0, sizeof stage->rows);
    memset(&stage->rejections, 0, sizeof stage->rejections);
    stage->bytes = 0;
    filling f = {.stage = stage, .out = GW_BUF(stage->arena)};
    f.made = (gw_made){.script = stage->script,
                       .scratch = gw_arena_new(),
                       .first = GW_PROJECT_LEAD + stage->projection->count,
                       .seen = stage->projection->seen_count,
                       .arg = &f,
                       .refused = refused,
                       .emit = emit};
    bool ok = transfer(&f, source, query, err);
    gw_arena_free(f.made.scratch);
    if (!ok)
        gw_mapping_mask(stage->projection->entity->mapping, err);
    return ok || gw_err_context(err, "reading the rows of %s",
                                stage->projection->entity->mapping->entity.text);
}
