/* Godwit's own form of events: docs/reference/track-events.schema.json. */
#include <string.h>

#include "base/vec.h"
#include "track/block.h"

const char *const gw_step_names[GW_STEPS + 1] = {"start", "complete", "fail", "pause", "resume", NULL};

enum { MOST_FIELDS = 8 };

typedef enum { NAME, COUNT, AMOUNT, STEP, TEXT } field_type;

typedef struct event_field {
    const char *key;
    field_type type;
    bool required;
} event_field;

typedef enum { STAGE, PALLET, XCM, BALANCE, TELEPORT, KINDS } event_kind;

static const struct {
    const char *name;
    event_field fields[MOST_FIELDS];
} kinds[KINDS] = {
    [STAGE] = {"stage", {{"stage", NAME, true}, {"step", STEP, true}, {"why", TEXT, false}}},
    [PALLET] = {"pallet",
                {{"pallet", NAME, true},
                 {"stage", NAME, true},
                 {"processed", COUNT, false},
                 {"received", COUNT, false},
                 {"failed", COUNT, false},
                 {"total", COUNT, false}}},
    [XCM] = {"xcm",
             {{"source", NAME, true},
              {"destination", NAME, true},
              {"sent", COUNT, false},
              {"processed", COUNT, false},
              {"failed", COUNT, false}}},
    [BALANCE] = {"balance",
                 {{"accounts", COUNT, false},
                  {"migrated", AMOUNT, false},
                  {"kept", AMOUNT, false},
                  {"failed", COUNT, false}}},
    [TELEPORT] = {"teleport",
                  {{"mints", COUNT, false},
                   {"mint_amount", AMOUNT, false},
                   {"burns", COUNT, false},
                   {"burn_amount", AMOUNT, false},
                   {"failed", COUNT, false}}},
};

typedef struct value {
    bool given;
    const char *text;
    size_t len;
    int64_t count;
    gw_u128 amount;
    gw_step_kind step;
} value;

/* ---- values ------------------------------------------------------------------------------------------ */

static const char *read_count(gw_arena *arena, const char *key, const json_t *json, int64_t most,
                              int64_t *out)
{
    gw_u128 number = 0;
    bool ok = false;
    if (json_is_integer(json) && json_integer_value(json) >= 0) {
        number = (gw_u128)json_integer_value(json);
        ok = true;
    } else if (json_is_string(json)) {
        ok = gw_u128_parse(json_string_value(json), json_string_length(json), &number);
    }
    if (!ok || number > (gw_u128)most)
        return gw_printf(arena, "\"%s\" is not a count from 0 to %lld", key, (long long)most);
    *out = (int64_t)number;
    return NULL;
}

static const char *read_name(gw_arena *arena, const char *key, const json_t *json, value *out)
{
    out->text = json_string_value(json);
    out->len = json_string_length(json);
    if (!out->text || out->len == 0 || out->len > GW_LONGEST_NAME)
        return gw_printf(arena, "\"%s\" is not a text of 1 to %d bytes", key, (int)GW_LONGEST_NAME);
    return NULL;
}

static const char *read_value(gw_arena *arena, const event_field *field, const json_t *json, value *out)
{
    out->given = true;
    switch (field->type) {
    case NAME:
        return read_name(arena, field->key, json, out);
    case COUNT:
        return read_count(arena, field->key, json, GW_TRACK_MOST, &out->count);
    case AMOUNT:
        if (json_is_integer(json) && json_integer_value(json) >= 0)
            out->amount = (gw_u128)json_integer_value(json);
        else if (!json_is_string(json) || !gw_u128_parse(json_string_value(json),
                                                         json_string_length(json), &out->amount))
            return gw_printf(arena, "\"%s\" is not an amount: digits, at most 2^128 - 1", field->key);
        return NULL;
    case STEP:
        for (size_t i = 0; i < GW_STEPS; i++)
            if (json_is_string(json) && strcmp(json_string_value(json), gw_step_names[i]) == 0) {
                out->step = (gw_step_kind)i;
                return NULL;
            }
        return "\"step\" is none of start, complete, fail, pause, resume";
    case TEXT:
        out->text = json_string_value(json);
        return out->text ? NULL : gw_printf(arena, "\"%s\" is not a text", field->key);
    }
    return NULL;
}

/* ---- where it stands ---------------------------------------------------------------------------------- */

static bool is_place(const char *key)
{
    return strcmp(key, "chain") == 0 || strcmp(key, "block") == 0 || strcmp(key, "hash") == 0 ||
           strcmp(key, "parent") == 0 || strcmp(key, "kind") == 0;
}

const char *gw_event_place_of(gw_arena *arena, const json_t *event, gw_event_place *out)
{
    *out = (gw_event_place){.number = -1};
    if (!json_is_object(event))
        return "it is not a JSON object";
    const json_t *number = json_object_get(event, "block");
    const json_t *hash = json_object_get(event, "hash"), *parent = json_object_get(event, "parent");
    if (!number)
        return hash || parent ? "\"hash\" and \"parent\" belong to a \"block\"" : NULL;
    value chain = {0}, text = {0}, before = {0};
    const char *wrong = read_count(arena, "block", number, INT64_MAX - 1, &out->number);
    if (!wrong)
        wrong = read_name(arena, "chain", json_object_get(event, "chain"), &chain);
    if (!wrong)
        wrong = read_name(arena, "hash", hash, &text);
    if (!wrong && parent)
        wrong = read_name(arena, "parent", parent, &before);
    out->chain = chain.text;
    out->hash = text.text;
    out->parent = before.text;
    return wrong;
}

/* ---- adding it ----------------------------------------------------------------------------------------- */

static void add_values(event_kind kind, const value *v, gw_sums *sums)
{
    gw_sum *sum;
    switch (kind) {
    case PALLET:
        sum = gw_sums_get(sums, GW_SUM_PALLET, v[0].text, v[0].len, v[1].text, v[1].len);
        for (size_t i = 0; i < 3; i++)
            sum->n[i] += v[i + 2].count;
        if (v[5].given)
            sum->declared = v[5].count;
        break;
    case XCM:
        sum = gw_sums_get(sums, GW_SUM_XCM, v[0].text, v[0].len, v[1].text, v[1].len);
        for (size_t i = 0; i < 3; i++)
            sum->n[i] += v[i + 2].count;
        break;
    case BALANCE:
        sums->balance.any = true;
        sums->balance.accounts += v[0].count;
        gw_amount_add(&sums->balance.migrated, v[1].amount);
        gw_amount_add(&sums->balance.kept, v[2].amount);
        sums->balance.failed += v[3].count;
        break;
    case TELEPORT:
        sums->teleport.any = true;
        sums->teleport.mints += v[0].count;
        gw_amount_add(&sums->teleport.minted, v[1].amount);
        sums->teleport.burns += v[2].count;
        gw_amount_add(&sums->teleport.burned, v[3].amount);
        sums->teleport.failed += v[4].count;
        break;
    case STAGE:
    case KINDS:
        break;
    }
}

static const char *kind_of(const json_t *event, event_kind *out)
{
    const char *name = json_string_value(json_object_get(event, "kind"));
    for (event_kind kind = 0; name && kind < KINDS; kind++)
        if (strcmp(kinds[kind].name, name) == 0) {
            *out = kind;
            return NULL;
        }
    return "\"kind\" is none of stage, pallet, xcm, balance, teleport";
}

bool gw_event_is_step(const json_t *event)
{
    event_kind kind;
    return !kind_of(event, &kind) && kind == STAGE;
}

static const char *read_values(gw_arena *arena, json_t *event, event_kind kind, value *values)
{
    const event_field *fields = kinds[kind].fields;
    const char *key, *wrong;
    json_t *json;
    bool counts = kind == STAGE;
    json_object_foreach (event, key, json) {
        size_t i = 0;
        while (i < MOST_FIELDS && fields[i].key && strcmp(fields[i].key, key) != 0)
            i++;
        if (i == MOST_FIELDS || !fields[i].key) {
            if (!is_place(key))
                return gw_printf(arena, "an event of kind %s has no \"%.100s\"", kinds[kind].name, key);
            continue;
        }
        if ((wrong = read_value(arena, &fields[i], json, &values[i])))
            return wrong;
        counts |= !fields[i].required;
    }
    for (size_t i = 0; i < MOST_FIELDS && fields[i].key; i++)
        if (fields[i].required && !values[i].given)
            return gw_printf(arena, "an event of kind %s needs \"%s\"", kinds[kind].name, fields[i].key);
    return counts ? NULL : "it counts nothing";
}

const char *gw_event_add(gw_arena *arena, const json_t *event, int64_t line, const char *text,
                         size_t len, gw_track_block *block)
{
    value values[MOST_FIELDS] = {0};
    event_kind kind;
    json_t *object = (json_t *)(uintptr_t)event; /* Jansson iterates over what is not const only */
    const char *wrong = kind_of(event, &kind);
    if (!wrong)
        wrong = read_values(arena, object, kind, values);
    if (wrong)
        return wrong;
    block->events++;
    if (kind != STAGE) {
        add_values(kind, values, &block->sums);
        return NULL;
    }
    gw_track_step *step = gw_vec_push(arena, &block->steps);
    *step = (gw_track_step){.stage = gw_strdup(arena, values[0].text),
                            .kind = values[1].step,
                            .why = gw_strdup(arena, values[2].text),
                            .line = line,
                            .counted = block->sums.len,
                            .text = text ? gw_strndup(arena, text, len) : NULL};
    return NULL;
}
