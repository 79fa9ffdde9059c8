/* sync verify: do the two sides agree? */
#include "app/sync_verify.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cmd/grid.h"
#include "cmd/report.h"
#include "cmd/sync.h"

enum {
    SHOWN = 100, /* rows of an entity, in text */
    REASONS = 20, /* for which rows of an entity are in quarantine, in text */
    WIDTH = 48,  /* columns of a value, in text */
};

/* Rows in quarantine for the same reason: one line of text. */
typedef struct reason {
    const char *text, *key; /* the key of one of them */
    int64_t rows;
} reason;

typedef struct view {
    gw_invocation *invocation;
    gw_arena *arena; /* of an entity */
    gw_grid grid;
    int64_t limit, shown, told;
    reason reasons[REASONS];
    size_t reason_count;
    int64_t unnamed; /* rows in quarantine for still other reasons */
    bool wrong, waits;
} view;

/* ---- numbers ------------------------------------------------------------------------------- */

static bool used(const gw_verified *seen, int kind)
{
    return seen->of[kind].source || seen->of[kind].destination;
}

/* ---- JSON ---------------------------------------------------------------------------------- */

static void row_json(gw_json *json, const gw_verify_row *row)
{
    gw_json_open(json, NULL, '{');
    gw_json_string(json, "kind", gw_verify_kind_name(row->kind));
    gw_json_string(json, "key", row->destination_key ? NULL : row->key);
    gw_json_string(json, "destination_key", row->destination_key ? row->key : NULL);
    gw_json_string(json, "message", row->message);
    gw_json_open(json, "columns", '[');
    for (size_t i = 0; i < row->value_count; i++) {
        const gw_verify_value *value = &row->values[i];
        gw_json_open(json, NULL, '{');
        gw_json_string(json, "column", value->column);
        gw_json_string(json, "source", value->source);
        gw_json_string(json, "destination", value->destination);
        gw_json_bool(json, "masked", value->masked);
        gw_json_int_or_null(json, "source_length", value->source_len);
        gw_json_int_or_null(json, "destination_length", value->destination_len);
        gw_json_close(json, '}');
    }
    gw_json_close(json, ']');
    gw_json_close(json, '}');
}

static void count_json(gw_json *json, const char *name, gw_verify_count count)
{
    gw_json_open(json, name, '{');
    gw_json_int(json, "source", count.source);
    gw_json_int(json, "destination", count.destination);
    gw_json_close(json, '}');
}

static void destination_json(gw_json *json, const gw_verified *seen)
{
    gw_json_open(json, "id_map", '{');
    gw_json_int(json, "rows", seen->map_rows);
    gw_json_int(json, "lost", seen->map_lost);
    gw_json_close(json, '}');
    gw_json_open(json, "references", '[');
    for (size_t i = 0; i < seen->reference_count; i++) {
        gw_json_open(json, NULL, '{');
        gw_json_string(json, "column", seen->references[i].column);
        gw_json_string(json, "entity", seen->references[i].entity);
        gw_json_int(json, "lead_nowhere", seen->references[i].rows);
        gw_json_string(json, "example", seen->references[i].example);
        gw_json_close(json, '}');
    }
    gw_json_close(json, ']');
    gw_json_open(json, "not_unique", '[');
    for (size_t i = 0; i < seen->unique_count; i++) {
        gw_json_open(json, NULL, '{');
        gw_json_string(json, "columns", seen->uniques[i].columns);
        gw_json_int(json, "values", seen->uniques[i].values);
        gw_json_int(json, "rows", seen->uniques[i].rows);
        gw_json_close(json, '}');
    }
    gw_json_close(json, ']');
}

static void entity_json(gw_json *json, const gw_verified *seen)
{
    gw_json_close(json, ']');
    const gw_verify_count *of = seen->of;
    gw_json_bool(json, "equal", !gw_verified_wrong(seen) && !gw_verified_waits(seen));
    gw_json_int(json, "compared", seen->source_rows);
    gw_json_int(json, "missing", of[GW_VERIFY_MISSING].source + of[GW_VERIFY_NEW].source);
    gw_json_int(json, "extra",
                of[GW_VERIFY_EXTRA].destination + of[GW_VERIFY_GONE].destination +
                    of[GW_VERIFY_DOUBLE].destination + of[GW_VERIFY_DELETED].destination);
    gw_json_int(json, "different", of[GW_VERIFY_DIFFERENT].source + of[GW_VERIFY_CHANGED].source);
    gw_json_int(json, "source_rows", seen->source_rows);
    gw_json_int(json, "destination_rows", seen->destination_rows);
    gw_json_open(json, "counts", '{');
    for (int i = 0; i < GW_VERIFY_KINDS; i++)
        count_json(json, gw_verify_kind_name(i), seen->of[i]);
    gw_json_close(json, '}');
    gw_json_int(json, "not_there_yet", gw_verified_waits(seen));
    gw_json_bool(json, "run_under_way", seen->going_on);
    gw_json_int(json, "mapped_again", seen->compared);
    gw_json_open(json, "quarantine", '{');
    gw_json_int(json, "rows", seen->rejects);
    gw_json_int(json, "settled", seen->rejects_settled);
    gw_json_close(json, '}');
    destination_json(json, seen);
    gw_json_close(json, '}');
}

/* ---- text ---------------------------------------------------------------------------------- */

static const char *shown(view *v, const char *value, int64_t len)
{
    if (!value)
        return "NULL";
    if (!*value)
        return "''";
    char *text = gw_text_safe(v->arena, value);
    for (char *c = text; *c; c++)
        if (*c == '\n' || *c == '\t')
            *c = ' ';
    if (gw_text_columns(text) <= WIDTH)
        return text;
    text[gw_text_clip(text, WIDTH - 1)] = '\0';
    return len == GW_NULL_INT ? text
                              : gw_printf(v->arena, "%s… (%" PRId64 " characters)", text, len);
}

/* Beginnings that are the same are left out, so that the difference is seen. */
static const char *from_difference(view *v, const char *value, const char *other)
{
    size_t same = 0, skip;
    if (!value || !other || gw_text_columns(value) <= WIDTH)
        return value;
    while (value[same] && value[same] == other[same])
        same++;
    if (same <= WIDTH / 2)
        return value;
    for (skip = same - WIDTH / 3; skip < same && ((unsigned char)value[skip] & 0xc0) == 0x80;)
        skip++;
    return gw_printf(v->arena, "…%s", value + skip);
}

static void add_line(view *v, const gw_verify_row *row, const gw_verify_value *value)
{
    bool wrong = gw_verify_kind_wrong(row->kind);
    gw_grid_add_styled(&v->grid, wrong ? GW_STYLE_RED : GW_STYLE_YELLOW,
                       gw_verify_kind_name(row->kind));
    gw_grid_add(&v->grid, shown(v, row->key, GW_NULL_INT));
    gw_grid_add(&v->grid, value ? gw_text_safe(v->arena, value->column) : NULL);
    gw_grid_add(&v->grid,
                value ? shown(v, from_difference(v, value->source, value->destination),
                              value->source_len)
                      : NULL);
    gw_grid_add(&v->grid,
                value ? shown(v, from_difference(v, value->destination, value->source),
                              value->destination_len)
                      : NULL);
    gw_grid_add(&v->grid, row->message ? gw_text_safe(v->arena, row->message) : NULL);
}

static void counts_text(view *v, const gw_verified *seen)
{
    static const char *const titles[] = {"ROWS", "SOURCE", "DESTINATION", NULL};
    static const bool right[] = {false, true, true};
    gw_grid grid = gw_grid_start(v->arena, titles, right);
    for (int i = 0; i < GW_VERIFY_KINDS; i++) {
        if (!used(seen, i) && i != GW_VERIFY_EQUAL)
            continue;
        if (gw_verify_kind_wrong(i))
            gw_grid_add_styled(&grid, GW_STYLE_RED, gw_verify_kind_text(i));
        else
            gw_grid_add(&grid, gw_verify_kind_text(i));
        gw_grid_add(&grid, gw_printf(v->arena, "%" PRId64, seen->of[i].source));
        gw_grid_add(&grid, gw_printf(v->arena, "%" PRId64, seen->of[i].destination));
    }
    gw_grid_add(&grid, "all");
    gw_grid_add(&grid, gw_printf(v->arena, "%" PRId64, seen->source_rows));
    gw_grid_add(&grid, gw_printf(v->arena, "%" PRId64, seen->destination_rows));
    gw_grid_print(&grid, stdout, v->invocation->color);
}

static void add_reason(view *v, const gw_verify_row *row)
{
    const char *text = row->reason ? row->reason : "";
    for (size_t i = 0; i < v->reason_count; i++)
        if (strcmp(v->reasons[i].text, text) == 0) {
            v->reasons[i].rows++;
            return;
        }
    if (v->reason_count == REASONS) {
        v->unnamed++;
        return;
    }
    v->reasons[v->reason_count++] = (reason){
        .text = gw_strdup(v->arena, text), .key = gw_strdup(v->arena, row->key), .rows = 1};
}

static void reasons_text(view *v)
{
    static const char *const titles[] = {"IN QUARANTINE", "ONE KEY", "BECAUSE", NULL};
    static const bool right[] = {true, false, false};
    if (!v->reason_count)
        return;
    gw_grid grid = gw_grid_start(v->arena, titles, right);
    for (size_t i = 0; i < v->reason_count; i++) {
        gw_grid_add(&grid, gw_printf(v->arena, "%" PRId64, v->reasons[i].rows));
        gw_grid_add(&grid, shown(v, v->reasons[i].key, GW_NULL_INT));
        char *text = gw_text_safe(v->arena, v->reasons[i].text);
        for (char *c = text; *c; c++)
            if (*c == '\n' || *c == '\t')
                *c = ' ';
        gw_grid_add(&grid, text);
    }
    gw_grid_print(&grid, stdout, v->invocation->color);
    if (v->unnamed)
        gw_say(v->invocation, "… and %" PRId64 " for other reasons", v->unnamed);
    gw_say(v->invocation, "%s", "");
}

static void remarks_text(view *v, const gw_verified *seen)
{
    gw_invocation *to = v->invocation;
    for (size_t i = 0; i < seen->reference_count; i++)
        gw_say(to, "%s of %s in the destination: no row of %s has that key, %s for one",
               seen->references[i].column, gw_plural(v->arena, (size_t)seen->references[i].rows, "row"),
               seen->references[i].table, seen->references[i].example);
    for (size_t i = 0; i < seen->unique_count; i++)
        gw_say(to, "%s in the destination: %s that more than one row has, against the rule unique",
               seen->uniques[i].columns,
               gw_plural(v->arena, (size_t)seen->uniques[i].values, "value"));
    if (seen->map_lost)
        gw_say(to, "the id map: %" PRId64 " of %" PRId64 " ids without a row in the destination",
               seen->map_lost, seen->map_rows);
    if (seen->rejects)
        gw_say(to, "the quarantine holds %" PRId64 "%s: godwit sync rejects", seen->rejects,
               seen->rejects_settled
                   ? gw_printf(v->arena, ", of which %" PRId64 " agree by now", seen->rejects_settled)
                   : "");
    if (gw_verified_waits(seen))
        gw_say(to, "%s not there yet: %s",
               gw_plural(v->arena, (size_t)gw_verified_waits(seen), "row"),
               seen->going_on ? "a run is under way" : "no run is under way (godwit sync run)");
}

static void entity_text(view *v, const gw_verified *seen)
{
    if (v->shown)
        gw_grid_print(&v->grid, stdout, v->invocation->color);
    if (v->told > v->shown)
        gw_say(v->invocation, "… and %" PRId64 " more (--limit %" PRId64 ", or --json, shows them)",
               v->told - v->shown, v->told);
    if (v->shown)
        gw_say(v->invocation, "%s", "");
    reasons_text(v);
    counts_text(v, seen);
    remarks_text(v, seen);
}

/* ---- while it goes on ---------------------------------------------------------------------- */

static bool begin(void *self, const gw_sync_entity *entity, gw_err *err)
{
    static const char *const titles[] = {"FOUND", "KEY", "COLUMN", "SOURCE", "DESTINATION", "", NULL};
    (void)err;
    view *v = self;
    const gw_mapping *m = entity->plan.mapping;
    gw_arena_reset(v->arena);
    v->grid = gw_grid_start(v->arena, titles, NULL);
    v->shown = v->told = v->unnamed = 0;
    v->reason_count = 0;
    const char *source = m->source.query.text ? "(query)"
                                              : gw_mapping_table_shown(v->arena, &m->source.table);
    const char *there = gw_mapping_table_shown(v->arena, &m->destination.table);
    if (!v->invocation->json) {
        gw_say(v->invocation, "%s %s: %s -> %s", entity->name, entity->definition.version, source,
               there);
        fflush(stdout);
        return true;
    }
    gw_json *json = v->invocation->out;
    gw_json_open(json, NULL, '{');
    gw_json_string(json, "entity", entity->name);
    gw_json_string(json, "version", entity->definition.version);
    gw_json_string(json, "source", source);
    gw_json_string(json, "destination", there);
    gw_json_open(json, "differences", '[');
    return true;
}

static bool tell(void *self, const gw_verify_row *row, gw_err *err)
{
    (void)err;
    view *v = self;
    if (row->kind == GW_VERIFY_QUARANTINED && !v->invocation->json) {
        add_reason(v, row);
        return true;
    }
    v->told++;
    if (v->limit && v->shown >= v->limit)
        return true;
    v->shown++;
    if (v->invocation->json) {
        row_json(v->invocation->out, row);
        return true;
    }
    for (size_t i = 0; i < row->value_count; i++)
        add_line(v, row, &row->values[i]);
    if (!row->value_count)
        add_line(v, row, NULL);
    return true;
}

static bool end(void *self, const gw_sync_entity *entity, const gw_verified *verified, gw_err *err)
{
    (void)entity;
    (void)err;
    view *v = self;
    v->wrong = v->wrong || gw_verified_wrong(verified);
    v->waits = v->waits || (gw_verified_waits(verified) && !verified->going_on);
    if (v->invocation->json) {
        entity_json(v->invocation->out, verified);
        return true;
    }
    entity_text(v, verified);
    gw_say(v->invocation, "%s", "");
    fflush(stdout);
    return true;
}

/* What was told before it failed stays a document. */
static void close_json(gw_json *json)
{
    while (json->depth > 1)
        gw_json_close(json, json->depth % 2 ? '}' : ']');
}

static bool run(gw_invocation *invocation, gw_err *err)
{
    view v = {.invocation = invocation, .arena = gw_arena_new()};
    gw_verify_watch watch = {.begin = begin, .row = tell, .end = end, .self = &v};
    v.limit = gw_option_number(invocation, "limit", invocation->json ? 0 : SHOWN);
    if (invocation->json)
        gw_json_open(invocation->out, "entities", '[');
    bool ok = gw_app_sync_verify(invocation->app, invocation->arena, invocation->words.arguments,
                                 invocation->words.argument_count, gw_flag(invocation, "whole"),
                                 &watch, err);
    gw_arena_free(v.arena);
    if (!ok) {
        close_json(invocation->out);
        return false;
    }
    if (invocation->json) {
        gw_json_close(invocation->out, ']');
        gw_json_bool(invocation->out, "equal", !v.wrong && !v.waits);
    } else {
        gw_say(invocation, "%s", v.wrong   ? "the two sides do not agree"
                                 : v.waits ? "the two sides do not agree yet"
                                           : "the two sides agree");
    }
    if (v.wrong || v.waits)
        invocation->exit_code = GW_EXIT_CHECK;
    return true;
}

static const gw_option options[] = {
    {.name = "whole",
     .type = GW_OPTION_FLAG,
     .help = "put every row through its mapping again, whatever was recorded of it"},
    {.name = "limit",
     .type = GW_OPTION_COUNT,
     .value = "N",
     .help = "show at most N rows of an entity (100; all with --json)"},
    {.name = NULL},
};

static const gw_argument arguments[] = {
    {.name = "ENTITY", .help = "only these; otherwise all with an active mapping", .many = true},
    {.name = NULL},
};

const gw_command gw_command_sync_verify = {
    .name = "verify",
    .summary = "compare both sides row by row, through the mapping",
    .text = "Each side under one snapshot. What the fingerprints of the last runs show to be as it "
            "was applied is counted; every other row goes through its mapping again and is "
            "compared with the destination's, column by column. Values that the mapping calls "
            "sensitive are masked. Every row of either side is counted once, and the counts add "
            "up.\n"
            "\n"
            "  different, missing   the destination's row is another one, or is not there\n"
            "  extra, duplicate     the destination's row did not come from here\n"
            "  gone                 the source has no such row any more\n"
            "  quarantined          rejected by a rule, a function or the destination\n"
            "  new, changed, deleted  not there yet: changed in the source since the last run\n"
            "\n"
            "Changes nothing, and can run beside a migration: what is merely not there yet is no "
            "difference then. Exits 3 where the two sides do not agree.",
    .examples = "godwit sync verify\ngodwit sync verify patients --whole\ngodwit sync verify --json",
    .options = options,
    .arguments = arguments,
    .flags = GW_COMMAND_PROJECT | GW_COMMAND_NEEDS_DB,
    .run = run,
};
