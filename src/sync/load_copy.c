/* Rows straight from the source's COPY into the destination's. */
#include <inttypes.h>
#include <string.h>

#include "base/vec.h"
#include "pg/copy.h"
#include "pg/copy_rows.h"
#include "source/fingerprint.h"
#include "sql/quote.h"
#include "sql_sync.h"
#include "sync/load_impl.h"
#include "sync/made.h"
#include "sync/segments.h"

enum {
    LEAD = 3,                 /* place, key, fingerprint */
    FLUSH = 64 * 1024,        /* bytes for the destination at once */
    PIECE = 16 * 1024 * 1024, /* bytes of a transaction, where a run is longer */
};

/* ---- may they? ----------------------------------------------------------------------------- */

typedef struct planner {
    gw_session *session;
    gw_arena *arena;
    const gw_projection *projection;
    const gw_mapping *mapping;
    gw_load_copy *out;
    GW_VEC(const char *) names, values; /* of the destination's columns; over the source's row */
    GW_VEC(gw_typed) typed;             /* the same, as the destination sees them */
    GW_VEC(gw_load_made) made;
    size_t outputs; /* of functions, so far */
} planner;

static bool no(planner *p, const char *why)
{
    if (!p->out->why)
        p->out->why = why;
    return true;
}

/* value NULL: a function makes it. */
static void add(planner *p, const gw_source_column *to, const char *value)
{
    bool limited = to->type.base_typmod > 4;
    *gw_vec_push(p->arena, &p->made) =
        (gw_load_made){.output = value ? SIZE_MAX : p->outputs++,
                       .chars = limited ? to->type.base_typmod - 4 : 0};
    *gw_vec_push(p->arena, &p->names) = gw_quote_ident(p->arena, to->name);
    *gw_vec_push(p->arena, &p->values) = value;
    *gw_vec_push(p->arena, &p->typed) = (gw_typed){.sql = value,
                                                   .type = (uint32_t)to->type.base_oid,
                                                   .typmod = (int32_t)to->type.base_typmod,
                                                   .typtype = *to->type.base_kind,
                                                   .deterministic = to->deterministic};
}

/* The value of `from` goes into `to` as it is. */
static bool same(planner *p, const gw_source_column *from, const gw_source_column *to)
{
    const gw_source_type *a = &from->type, *b = &to->type;
    bool alike = strcmp(a->base_type, b->base_type) == 0 && *a->base_kind == *b->base_kind &&
                 (b->base_typmod == -1 || a->base_typmod == b->base_typmod);
    bool binary =
        a->base_oid == b->base_oid && gw_type_travels_binary(a) && !a->domain && !b->domain;
    p->out->text = p->out->text || !binary;
    return alike;
}

/* What a function makes: texts alone, whose fingerprints are known here. */
static bool take_made(planner *p, const gw_map_field *field)
{
    const gw_source_relation *d = &p->projection->entity->destination;
    const gw_source_column *to = gw_source_column_of(d, field->to.text);
    const char *type = to ? to->type.base_type : "";
    p->out->makes = true;
    if (!to)
        return no(p, "a column is not there");
    if (field->type.text || to->type.domain || *to->type.base_kind != 'b' ||
        (strcmp(type, "text") != 0 && strncmp(type, "character varying", 17) != 0))
        return no(p, "functions make other values than texts");
    if (field->default_value.text || (field->required && !to->not_null))
        return no(p, "a column may be NULL that must not");
    add(p, to, NULL);
    return true;
}

static bool take_field(planner *p, size_t number, gw_err *err)
{
    const gw_map_field *field = &p->mapping->fields.items[number];
    const gw_entity_plan *plan = p->projection->entity;
    const gw_source_column *to = gw_source_column_of(&plan->destination, field->to.text);
    gw_id_map map = {0};
    bool asks;
    if (plan->fields[number].second_pass)
        return no(p, "a column waits for the second pass");
    if (field->kind == GW_FIELD_TRANSFORM)
        return take_made(p, field);
    if ((field->kind != GW_FIELD_COPY && field->kind != GW_FIELD_REFERENCE) || field->type.text ||
        field->from.len != 1)
        return no(p, "values change");
    if (field->kind == GW_FIELD_REFERENCE &&
        !gw_id_map_look(p->session, p->arena, field->reference.text, &map, err))
        return false;
    if (map.here)
        return no(p, "references change");
    if (!gw_apply_sql_asks(p->session, p->arena, plan, number, &asks, err))
        return false;
    if (asks)
        return no(p, "references may lead nowhere, and no foreign key watches over them");
    const gw_source_column *from = gw_source_column_of(&plan->source, field->from.items[0].text);
    if (!from || !to)
        return no(p, "a column is not there");
    if (!same(p, from, to))
        return no(p, "a column has another type");
    if ((field->default_value.text && !from->not_null) ||
        (field->required && !from->not_null && !to->not_null))
        return no(p, "a column may be NULL that must not");
    add(p, to, gw_printf(p->arena, "s.%s", gw_quote_ident(p->arena, from->name)));
    return true;
}

/* What Godwit puts beside the fields. */
static void take_own(planner *p)
{
    const gw_mapping *m = p->mapping;
    const gw_source_relation *d = &p->projection->entity->destination;
    if (m->destination.migrated_at.text || m->destination.source_hash.text)
        no(p, "columns of Godwit's own are filled");
    if (m->destination.legacy_id.text) {
        const gw_source_column *to = gw_source_column_of(d, m->destination.legacy_id.text);
        if (!to || strcmp(to->type.type, "text") != 0)
            no(p, "columns of Godwit's own are filled");
        else
            add(p, to, p->projection->key);
    }
    if (m->deletes == GW_DELETES_SOFT && !gw_mapping_field(m, m->deletes_column.text))
        no(p, "columns of Godwit's own are filled");
}

static bool look_at_table(planner *p, gw_err *err)
{
    typedef struct table {
        bool triggers, rules, row_security;
    } table;
    static const gw_col cols[] = {
        {"triggers", GW_COL_BOOL, true, offsetof(table, triggers)},
        {"rules", GW_COL_BOOL, true, offsetof(table, rules)},
        {"row_security", GW_COL_BOOL, true, offsetof(table, row_security)},
    };
    gw_param oid = gw_p_int(p->projection->entity->destination.oid);
    const char *kind = p->projection->entity->destination.kind;
    gw_result result;
    table seen;
    if (!gw_query(p->session, p->arena, &gw_sql_load_table, &oid, 1, &result, err) ||
        !gw_row(p->arena, &result, cols, 3, &seen, err))
        return false;
    if (*kind != 'r' && *kind != 'p')
        no(p, "the destination is no table");
    if (seen.triggers)
        no(p, "the destination has triggers");
    if (seen.rules)
        no(p, "the destination has rules");
    if (seen.row_security)
        no(p, "the destination has row-level security");
    return true;
}

/* The destination hashes texts as it is done here: asked, for it depends on the machine and on the encoding. */
static bool look_at_hashes(planner *p, int version, gw_err *err)
{
    typedef struct seen {
        int64_t open, whole;
        bool utf8;
    } seen;
    static const gw_col cols[] = {{"open", GW_COL_INT, true, offsetof(seen, open)},
                                  {"whole", GW_COL_INT, true, offsetof(seen, whole)},
                                  {"utf8", GW_COL_BOOL, true, offsetof(seen, utf8)}};
    static const char sample[] = "a text of more than twelve and of 37 bytes", few[] = "few";
    gw_typed row[] = {{"7::pg_catalog.int4", 23, -1, 'b', true}, {NULL, 25, -1, 'b', true},
                      {NULL, 25, -1, 'b', true},                 {"true", 16, -1, 'b', true}};
    gw_param params[] = {gw_p_text(sample), gw_p_text(few)};
    gw_late_text texts[] = {{sample, sizeof sample - 1, 2}, {few, sizeof few - 1, 1}};
    gw_result result;
    seen found;
    if (p->projection->source_version < 140000 || version < 140000)
        return no(p, "a server is older than 14, and functions make values");
    const char *open = gw_fingerprint_open_sql(p->arena, row, 4);
    row[1].sql = "$1::pg_catalog.text";
    row[2].sql = "$2::pg_catalog.text";
    const char *text = gw_printf(p->arena,
                                 "SELECT %s AS open, %s AS whole, "
                                 "pg_catalog.getdatabaseencoding() = 'UTF8' AS utf8",
                                 open, gw_fingerprint_sql(p->arena, row, 4, version));
    if (!gw_query_text(p->session, p->arena, "how texts are hashed", text, params, 2, &result, err) ||
        !gw_row(p->arena, &result, cols, 3, &found, err))
        return false;
    if (!found.utf8 || gw_fingerprint_close((uint64_t)found.open, texts, 2) != (uint64_t)found.whole)
        no(p, "the destination stores or hashes texts in another way, and functions make values");
    return true;
}

static void make(planner *p, int version)
{
    gw_load_copy *out = p->out;
    gw_buf names = GW_BUF(p->arena), values = GW_BUF(p->arena);
    const char *own = out->makes
                          ? gw_fingerprint_open_sql(p->arena, p->typed.items, p->typed.len)
                          : gw_fingerprint_sql(p->arena, p->typed.items, p->typed.len, version);
    out->own = strcmp(own, p->projection->fingerprint) == 0 ? NULL : own;
    gw_buf_addf(&values, "s.ctid, %s, %s", p->projection->key, p->projection->fingerprint);
    if (out->own)
        gw_buf_addf(&values, ", %s", own);
    for (size_t i = 0; i < p->names.len; i++) {
        gw_buf_addf(&names, "%s%s", i ? ", " : "", p->names.items[i]);
        if (!p->values.items[i])
            continue;
        out->sent++;
        gw_buf_addf(&values, out->text ? ", (%s)::pg_catalog.text" : ", %s", p->values.items[i]);
    }
    for (size_t i = 0; out->makes && i < p->projection->seen_count; i++)
        gw_buf_addf(&values, ", %s", p->projection->seen[i]);
    out->columns = p->names.len;
    out->made = p->made.items;
    out->select = gw_buf_str(&values);
    out->into = gw_printf(p->arena, "COPY %s (%s) FROM STDIN (FORMAT %s)",
                          gw_mapping_table_sql(p->arena, &p->mapping->destination.table),
                          gw_buf_str(&names), out->text ? "text" : "binary");
}

bool gw_load_copy_plan(gw_session *destination, gw_arena *arena, const gw_projection *projection,
                       gw_load_copy *out, gw_err *err)
{
    planner p = {.session = destination,
                 .arena = arena,
                 .projection = projection,
                 .mapping = projection->entity->mapping,
                 .out = out};
    int version = gw_session_version(destination);
    *out = (gw_load_copy){0};
    if (!projection->has_blocks)
        no(&p, "the source has no blocks");
    if (p.mapping->identity != GW_IDENTITY_KEEP)
        no(&p, "ids change");
    if (p.mapping->rules.len)
        no(&p, "there are rules");
    for (size_t i = 0; i < p.mapping->fields.len && !out->why; i++)
        if (!take_field(&p, i, err))
            return false;
    take_own(&p);
    if (!look_at_table(&p, err))
        return false;
    /* The source makes the destination's fingerprints: as the destination would. */
    if (!gw_fingerprints_compare(projection->source_version, version))
        no(&p, "one server is older than 14 and the other is not: their fingerprints differ");
    if (!out->why && out->makes && !look_at_hashes(&p, version, err))
        return false;
    if (!out->why)
        make(&p, version);
    return true;
}

/* ---- on their way -------------------------------------------------------------------------- */

typedef struct transfer {
    gw_load *load;
    const gw_source_leaf *leaf;
    gw_copy_out copy;
    gw_copy_reader reader;
    gw_copy_field *fields; /* of a row in text, or for functions */
    gw_made made;          /* where functions make values */
    gw_late_text *late;
    bool unmade;           /* they refused a row, or made what does not fit */
    gw_buf out;
    gw_segment_writer *writer;
    gw_arena *arena;   /* of the transaction */
    const char *piece; /* the row that a piece ended before; NULL: none waits */
    size_t len;
    uint32_t block; /* the last row's */
    gw_buf last;    /* and its key */
    int64_t rows, bytes;
    int64_t taken; /* rows that were read; `rows` are on their way to the destination */
    bool more;
} transfer;

static size_t leads_of(const gw_load_copy *copy)
{
    return LEAD + (copy->own ? 1 : 0);
}

static bool flush(transfer *t, size_t above, gw_err *err)
{
    if (t->out.len <= above)
        return true;
    bool ok = gw_copy_in_data(t->load->session, t->out.data, t->out.len, err);
    gw_buf_clear(&t->out);
    return ok;
}

static int64_t chars_of(const gw_script_field *text)
{
    int64_t chars = 0;
    for (int32_t i = 0; i < text->len; i++)
        chars += ((unsigned char)text->data[i] & 0xc0) != 0x80;
    return chars;
}

/* The fingerprint in the destination, with what functions made. */
static uint64_t close_print(transfer *t, uint64_t open, const gw_script_field *made)
{
    const gw_load_copy *copy = &t->load->copy;
    size_t count = 0;
    for (size_t i = 0; i < copy->columns; i++) {
        size_t output = copy->made[i].output;
        if (output != SIZE_MAX)
            t->late[count++] = (gw_late_text){made[output].data, made[output].len,
                                              copy->columns - 1 - i};
    }
    return gw_fingerprint_close(open, t->late, count);
}

static void add_print(transfer *t, const gw_copy_field *lead, const gw_script_field *made)
{
    uint64_t source = (uint64_t)gw_copy_field_int64(lead[2]);
    gw_fingerprint print = {.key = lead[1].data,
                            .key_len = (size_t)lead[1].len,
                            .leaf = (uint32_t)t->leaf->oid,
                            .block = gw_copy_field_block(lead[0]),
                            .source = source,
                            .destination = source};
    if (t->load->copy.own) {
        uint64_t own = (uint64_t)gw_copy_field_int64(lead[3]);
        print.destination = made ? close_print(t, own, made) : own;
        print.own_destination = print.destination != source;
    }
    gw_segment_writer_add(t->writer, &print);
    gw_buf_clear(&t->last);
    gw_buf_addn(&t->last, print.key, print.key_len);
    t->rows++;
}

static void emit(transfer *t, const gw_copy_field *lead, gw_copy_field rest)
{
    const gw_load_copy *copy = &t->load->copy;
    add_print(t, lead, NULL);
    if (!copy->text) {
        gw_copy_add_count(&t->out, copy->columns);
        gw_copy_add_rest(&t->out, rest);
        return;
    }
    for (size_t i = 0; i < copy->columns; i++) {
        if (i)
            gw_buf_addc(&t->out, '\t');
        gw_copy_add_text(&t->out, lead[leads_of(copy) + i]);
    }
    gw_buf_addc(&t->out, '\n');
}

static bool emit_made(void *arg, const gw_copy_field *fields, const gw_script_field *made,
                      gw_err *err)
{
    transfer *t = arg;
    const gw_load_copy *copy = &t->load->copy;
    const gw_copy_field *sent = fields + leads_of(copy);
    add_print(t, fields, made);
    if (!copy->text)
        gw_copy_add_count(&t->out, copy->columns);
    for (size_t i = 0; i < copy->columns; i++) {
        const gw_load_made *one = &copy->made[i];
        const gw_script_field *text = one->output == SIZE_MAX ? NULL : &made[one->output];
        gw_copy_field field = text ? (gw_copy_field){text->data, text->len} : *sent++;
        t->unmade = t->unmade || (text && one->chars && chars_of(text) > one->chars);
        if (!copy->text) {
            gw_copy_add_field(&t->out, field);
            continue;
        }
        if (i)
            gw_buf_addc(&t->out, '\t');
        gw_copy_add_text(&t->out, field);
    }
    if (copy->text)
        gw_buf_addc(&t->out, '\n');
    return !t->unmade && flush(t, FLUSH, err);
}

static bool refused_made(void *arg, const gw_script_result *result, gw_err *err)
{
    (void)result;
    (void)err;
    ((transfer *)arg)->unmade = true;
    return false;
}

/* Rows until the stream ends, or the piece is long enough and a block ends. */
static bool pump(transfer *t, gw_err *err)
{
    const gw_load_copy *copy = &t->load->copy;
    size_t leads = leads_of(copy), count = leads + copy->sent;
    if (copy->makes)
        count += t->made.seen;
    gw_copy_field rest = {0};
    for (;;) {
        bool is_row;
        if (!t->piece && !gw_copy_out_next(&t->copy, &t->piece, &t->len, err))
            return false;
        t->more = t->piece != NULL;
        if (!t->more)
            return !copy->makes || gw_made_rest(&t->made, err);
        gw_copy_reader before = t->reader;
        if (!gw_copy_read_lead(&t->reader, t->piece, t->len, t->fields,
                               copy->text || copy->makes ? count : leads, count, &rest, &is_row,
                               err))
            return false;
        if (is_row && t->taken && t->bytes > PIECE &&
            gw_copy_field_block(t->fields[0]) > t->block) {
            t->reader = before;
            return !copy->makes || gw_made_rest(&t->made, err);
        }
        if (is_row && t->fields[1].len < 0)
            return gw_err_set(err, GW_ERR_STATE, "a row of the source of %s has NULL in its key",
                              t->load->mapping->entity.text);
        t->bytes += (int64_t)t->len;
        if (is_row) {
            t->block = gw_copy_field_block(t->fields[0]);
            t->taken++;
        }
        if (is_row && copy->makes && !gw_made_row(&t->made, t->fields, err))
            return false;
        if (is_row && !copy->makes)
            emit(t, t->fields, rest);
        t->piece = NULL;
        if (!flush(t, FLUSH, err))
            return false;
    }
}

/* What the destination refused of the rows; false with an err that is empty. */
static bool copy_piece(transfer *t, bool *refused, gw_err *err)
{
    gw_session *session = t->load->session;
    gw_err problem = {0}, ignored = {0};
    int64_t written = 0;
    if (!gw_copy_in_start(session, t->load->copy.into, err))
        return false;
    if (!t->load->copy.text)
        gw_copy_add_header(&t->out);
    bool ok = pump(t, err);
    if (ok && !t->load->copy.text)
        gw_copy_add_trailer(&t->out);
    ok = ok && flush(t, 0, err);
    bool ended = gw_copy_in_end(session, ok ? NULL : "the source failed", &written,
                                ok ? &problem : &ignored);
    gw_err_clear(&ignored);
    if (!ok) {
        *refused = t->unmade;
        return false;
    }
    if (ended && written == t->rows)
        return true;
    *refused = ended || gw_apply_of_a_row(&problem);
    if (!*refused)
        gw_err_move(err, &problem);
    gw_err_clear(&problem);
    return false;
}

static bool write_piece(transfer *t, gw_blocks *run, bool *refused, gw_err *err)
{
    gw_load *load = t->load;
    const char *entity = load->mapping->entity.text;
    bool ok =
        gw_exec(load->session, "SET LOCAL lock_timeout = 0; SET CONSTRAINTS ALL IMMEDIATE", err) &&
        gw_pg_user_names(load->session, true, err) && copy_piece(t, refused, err) &&
        gw_pg_user_names(load->session, false, err);
    gw_applied part = {.inserted = t->rows, .bytes = t->bytes, .more = t->more};
    run->first = t->more ? t->block + 1 : run->end;
    return ok && gw_segment_writer_end(t->writer, load->session, run->first, err) &&
           gw_checkpoint_move(load->session, t->arena, &load->to, entity,
                              t->rows ? gw_buf_str(&t->last) : NULL, (size_t)t->rows, err) &&
           gw_before_commit(load->apply, &part, err);
}

/* One transaction; afterwards the run begins behind it. */
static bool move_piece(transfer *t, gw_blocks *run, gw_applied *out, bool *refused, gw_err *err)
{
    gw_load *load = t->load;
    gw_blocks rest = *run;
    gw_arena_reset(t->arena);
    t->rows = t->bytes = t->taken = 0;
    gw_buf_clear(&t->out);
    t->writer = gw_segment_writer_new(t->arena, load->mapping->entity.text, t->leaf->oid, *run);
    if (!gw_session_begin(load->session, NULL, err))
        return false;
    if (!write_piece(t, &rest, refused, err)) {
        gw_session_rollback(load->session);
        return false;
    }
    if (!gw_session_commit(load->session, err))
        return false;
    out->inserted += t->rows;
    out->bytes += t->bytes;
    *run = rest;
    return true;
}

static const char *query_of(gw_load *load, const gw_source_leaf *leaf, gw_blocks run)
{
    gw_buf text = GW_BUF(load->arena);
    gw_buf_addf(&text, "COPY (SELECT %s FROM ONLY %s s", load->copy.select,
                gw_quote_name(load->arena, leaf->schema, leaf->name));
    if (run.first)
        gw_buf_addf(&text, " WHERE s.ctid >= '(%" PRIu32 ",0)'::pg_catalog.tid", run.first);
    if (run.end != GW_BLOCKS_END)
        gw_buf_addf(&text, " %s s.ctid < '(%" PRIu32 ",0)'::pg_catalog.tid",
                    run.first ? "AND" : "WHERE", run.end);
    gw_buf_add(&text, ") TO STDOUT (FORMAT binary)");
    return gw_buf_str(&text);
}

bool gw_load_copy_run(gw_load *load, gw_session *source, const gw_source_leaf *leaf, gw_blocks *run,
                      gw_applied *out, bool *refused, gw_err *err)
{
    transfer t = {.load = load,
                  .leaf = leaf,
                  .arena = gw_arena_new(),
                  .out = GW_BUF(load->arena),
                  .last = GW_BUF(load->arena),
                  .more = true};
    size_t seen = load->projection->seen_count, most = LEAD + 1 + load->copy.columns + seen;
    t.fields = gw_alloc_array(load->arena, most, sizeof *t.fields);
    t.late = gw_alloc_array(load->arena, load->copy.columns + 1, sizeof *t.late);
    t.made = (gw_made){.script = load->apply->stage->script,
                       .scratch = gw_arena_new(),
                       .first = leads_of(&load->copy) + load->copy.sent,
                       .seen = seen,
                       .arg = &t,
                       .refused = refused_made,
                       .emit = emit_made};
    *refused = false;
    /* What the destination refuses must not cost the source's snapshot; blocks come in their order,
     * because a transaction ends behind one. */
    if (!gw_exec(source,
                 "SAVEPOINT gw_load; SET LOCAL synchronize_seqscans = off; "
                 "SET LOCAL max_parallel_workers_per_gather = 0",
                 err) ||
        (load->copy.makes && !gw_pg_user_names(source, true, err)) ||
        !gw_copy_out_start(source, query_of(load, leaf, *run), &t.copy, err)) {
        gw_arena_free(t.made.scratch);
        gw_arena_free(t.arena);
        return false;
    }
    bool ok = true;
    while (ok && t.more)
        ok = move_piece(&t, run, out, refused, err);
    gw_arena_free(t.made.scratch);
    gw_arena_free(t.arena);
    gw_copy_out_leave(&t.copy);
    gw_err ignored = {0};
    bool back = gw_exec(source,
                        ok ? "RELEASE SAVEPOINT gw_load"
                           : "ROLLBACK TO SAVEPOINT gw_load; RELEASE SAVEPOINT gw_load",
                        ok || *refused ? err : &ignored);
    gw_err_clear(&ignored);
    return ok && back && (!load->copy.makes || gw_pg_user_names(source, false, err));
}
