/* Blocks as Substrate API Sidecar gives them: /blocks/{n}. Every integer is a string of digits; an enum
 * with a value is {"camelCaseVariant": value}, one without is "Name". */
#include <ctype.h>
#include <string.h>

#include "base/vec.h"
#include "track/block.h"

typedef struct reading {
    gw_arena *arena;
    gw_track_block *block;
    const char *wrong;
} reading;

/* ---- values ------------------------------------------------------------------------------------------ */

/* The variant of an enum with a capital; NULL where it is none. */
static const char *variant(gw_arena *arena, const json_t *json)
{
    const char *name = json_string_value(json);
    if (json_is_object(json)) {
        json_t *object = (json_t *)(uintptr_t)json;
        name = json_object_iter_key(json_object_iter(object));
    }
    if (!name || !*name)
        return NULL;
    char *out = gw_strdup(arena, name);
    out[0] = (char)toupper((unsigned char)out[0]);
    return out;
}

static bool number_of(const json_t *json, gw_u128 *out)
{
    if (json_is_integer(json) && json_integer_value(json) >= 0) {
        *out = (gw_u128)json_integer_value(json);
        return true;
    }
    return json_is_string(json) &&
           gw_u128_parse(json_string_value(json), json_string_length(json), out);
}

static int64_t count_of(reading *r, const json_t *json, const char *what)
{
    gw_u128 number = 0;
    if (!number_of(json, &number) || number > (gw_u128)GW_TRACK_MOST) {
        r->wrong = gw_printf(r->arena, "%s: its count is not a number of items", what);
        return 0;
    }
    return (int64_t)number;
}

static gw_u128 amount_of(reading *r, const json_t *json, const char *what)
{
    gw_u128 number = 0;
    if (!number_of(json, &number))
        r->wrong = gw_printf(r->arena, "%s: its amount is not a u128", what);
    return number;
}

/* ---- chains -------------------------------------------------------------------------------------------- */

static const char *parachain(gw_arena *arena, const json_t *json)
{
    gw_u128 number;
    if (!number_of(json, &number))
        return NULL;
    if (number == 1000)
        return GW_CHAIN_HUB;
    gw_buf buf = GW_BUF(arena);
    gw_buf_add(&buf, "parachain-");
    gw_amount_text(&buf, &(gw_amount){.low = number});
    return gw_buf_str(&buf);
}

/* "Parent", "Here", {"ump": {"para": "1000"}}, {"sibling": "2034"}, {"parachain": "1000"}. */
static const char *chain_named(reading *r, const json_t *json)
{
    const char *name = variant(r->arena, json);
    if (!name)
        return NULL;
    if (strcmp(name, "Here") == 0)
        return r->block->chain ? r->block->chain : "";
    if (strcmp(name, "Parent") == 0)
        return GW_CHAIN_RELAY;
    if (!json_is_object(json))
        return name;
    json_t *object = (json_t *)(uintptr_t)json;
    const json_t *inner = json_object_iter_value(json_object_iter(object));
    return json_is_object(inner) ? chain_named(r, inner) : parachain(r->arena, inner);
}

/* ---- stages -------------------------------------------------------------------------------------------- */

static void step(reading *r, const char *stage, gw_step_kind kind)
{
    *gw_vec_push(r->arena, &r->block->steps) =
        (gw_track_step){.stage = stage, .kind = kind, .line = r->block->line};
}

static void add_transition(reading *r, const json_t *data)
{
    const char *was = variant(r->arena, json_array_get(data, 0));
    const char *becomes = variant(r->arena, json_array_get(data, 1));
    if (!was || !becomes) {
        r->wrong = "StageTransition: it does not name two stages";
        return;
    }
    static const char paused[] = "MigrationPaused"; /* a stage of its own to the chain: none of work */
    if (strcmp(becomes, paused) == 0 || strcmp(was, paused) == 0) {
        bool begins = strcmp(becomes, paused) == 0;
        if (strcmp(was, becomes) != 0)
            step(r, begins ? was : becomes, begins ? GW_STEP_PAUSE : GW_STEP_RESUME);
        return;
    }
    if (strcmp(was, becomes) != 0)
        step(r, was, GW_STEP_COMPLETE);
    step(r, becomes, GW_STEP_START);
    if (strcmp(becomes, "MigrationDone") == 0) /* nothing comes after it */
        step(r, becomes, GW_STEP_COMPLETE);
}

/* Pallets are named by what they hold, stages by what they move: "ProxyProxies" goes with "Proxy…". */
static const char *stage_of_pallet(gw_arena *arena, const char *pallet)
{
    static const struct {
        const char *begins, *stage;
    } known[] = {
        {"Balances", "Accounts"},
        {"Claims", "ClaimsMigrationDone"},
        {"Bounties", "BountiesMigrationDone"},
        {"Crowdloan", "CrowdloanMigrationDone"},
        {"Treasury", "TreasuryMigrationDone"},
        {"Proxy", "Proxy"},
        {"Preimage", "Preimage"},
        {"NomPools", "NomPools"},
        {"Referenda", "Referenda"},
        {"Scheduler", "Scheduler"},
        {"BagsList", "BagsList"},
        {"AssetRate", "AssetRate"},
    };
    const char *stage = pallet;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strncmp(pallet, known[i].begins, strlen(known[i].begins)) == 0)
            stage = known[i].stage;
    size_t len = strlen(stage);
    if (len > 4 && strcmp(stage + len - 4, "Done") == 0)
        return stage;
    return gw_printf(arena, "%sMigrationOngoing", stage);
}

/* ---- events -------------------------------------------------------------------------------------------- */

static gw_sum *pallet_sum(reading *r, const json_t *data, const char **name)
{
    *name = variant(r->arena, json_array_get(data, 0));
    if (!*name) {
        r->wrong = "a batch of ahMigrator: it does not name a pallet";
        return NULL;
    }
    const char *stage = stage_of_pallet(r->arena, *name);
    return gw_sums_get(&r->block->sums, GW_SUM_PALLET, *name, strlen(*name), stage, strlen(stage));
}

static void add_batch(reading *r, const json_t *data, bool processed)
{
    const char *pallet;
    gw_sum *sum = pallet_sum(r, data, &pallet);
    if (!sum)
        return;
    int64_t good = count_of(r, json_array_get(data, 1), "a batch of ahMigrator");
    if (!processed) {
        sum->n[1] += good;
        return;
    }
    int64_t bad = count_of(r, json_array_get(data, 2), "BatchProcessed");
    const char *stage = sum->b;
    sum->n[0] += good;
    sum->n[2] += bad;
    if (bad > 0)
        gw_sums_get(&r->block->sums, GW_SUM_STAGE, stage, strlen(stage), NULL, 0)->n[0] += bad;
    if (strcmp(pallet, "Balances") == 0) {
        r->block->sums.balance.any = true;
        r->block->sums.balance.accounts += good;
        r->block->sums.balance.failed += bad;
    }
}

static void add_message(reading *r, const char *from, const char *to, size_t which)
{
    const char *here = r->block->chain ? r->block->chain : "";
    if (!from)
        from = here;
    if (!to)
        to = here;
    gw_sums_get(&r->block->sums, GW_SUM_XCM, from, strlen(from), to, strlen(to))->n[which]++;
}

static void add_processed(reading *r, const json_t *data)
{
    const char *from = chain_named(r, json_array_get(data, 1));
    const json_t *success = json_array_get(data, json_array_size(data) - 1);
    bool text = json_is_string(success) && strcmp(json_string_value(success), "true") == 0;
    if (!from || json_array_size(data) < 4 || !(json_is_boolean(success) || json_is_string(success))) {
        r->wrong = "messageQueue.Processed: it does not say an origin and whether it went well";
        return;
    }
    add_message(r, from, NULL, json_is_true(success) || text ? 1 : 2);
}

static void add_totals(reading *r, const json_t *data)
{
    const json_t *kept = json_array_get(data, 0), *migrated = json_array_get(data, 1);
    if (json_is_object(kept)) { /* one value with two fields */
        migrated = json_object_get(kept, "migrated");
        kept = json_object_get(kept, "kept");
    }
    r->block->kept = amount_of(r, kept, "the record of migrated balances");
    r->block->migrated = amount_of(r, migrated, "the record of migrated balances");
    r->block->totals = true;
}

static void add_teleport(reading *r, const json_t *data, bool mint)
{
    gw_teleport_sums *sums = &r->block->sums.teleport;
    gw_u128 amount = amount_of(r, json_array_get(data, 1), mint ? "balances.Minted" : "balances.Burned");
    sums->any = true;
    sums->mints += mint;
    sums->burns += !mint;
    gw_amount_add(mint ? &sums->minted : &sums->burned, amount);
}

static void add_migrator(reading *r, const char *name, const json_t *data)
{
    if (strcmp(name, "StageTransition") == 0)
        add_transition(r, data);
    else if (strcmp(name, "BatchReceived") == 0 || strcmp(name, "BatchProcessed") == 0)
        add_batch(r, data, name[5] == 'P');
    else if (strcmp(name, "AssetHubMigrationStarted") == 0)
        step(r, "AssetHubMigration", GW_STEP_START);
    else if (strcmp(name, "AssetHubMigrationFinished") == 0)
        step(r, "AssetHubMigration", GW_STEP_COMPLETE);
    else if (strcmp(name, "XcmSent") == 0)
        add_message(r, NULL, GW_CHAIN_HUB, 0);
    else if (strcmp(name, "MigratedBalanceRecordSet") == 0 ||
             strcmp(name, "MigratedBalanceConsumed") == 0)
        add_totals(r, data);
    else if (strcmp(name, "MigrationPaused") == 0)
        step(r, NULL, GW_STEP_PAUSE);
    else if (strcmp(name, "MigrationCancelled") == 0)
        step(r, NULL, GW_STEP_FAIL);
    else
        return;
    r->block->events++;
}

static bool method_of(const json_t *json, const char **pallet, const char **name)
{
    const json_t *method = json_object_get(json, "method");
    *pallet = json_string_value(json_object_get(method, "pallet"));
    *name = json_string_value(json_object_get(method, "method"));
    return *pallet && *name;
}

static void add_event(reading *r, const json_t *event)
{
    const char *pallet, *name;
    const json_t *data = json_object_get(event, "data");
    if (!method_of(event, &pallet, &name)) {
        r->wrong = "an event does not say its method";
        return;
    }
    if (strcmp(pallet, "rcMigrator") == 0 || strcmp(pallet, "ahMigrator") == 0) {
        add_migrator(r, name, data);
        return;
    }
    if (strcmp(pallet, "messageQueue") == 0 && strcmp(name, "Processed") == 0)
        add_processed(r, data);
    else if (strcmp(pallet, "parachainSystem") == 0 && strcmp(name, "UpwardMessageSent") == 0)
        add_message(r, NULL, GW_CHAIN_RELAY, 0);
    else if (strcmp(pallet, "balances") == 0 &&
             (strcmp(name, "Minted") == 0 || strcmp(name, "Burned") == 0))
        add_teleport(r, data, *name == 'M');
    else
        return;
    r->block->events++;
}

static void add_events(reading *r, const json_t *events)
{
    for (size_t i = 0; i < json_array_size(events) && !r->wrong; i++)
        add_event(r, json_array_get(events, i));
}

/* ---- a block ------------------------------------------------------------------------------------------- */

static bool is_teleport(const char *pallet, const char *method)
{
    return (strcmp(pallet, "polkadotXcm") == 0 || strcmp(pallet, "xcmPallet") == 0) &&
           (strstr(method, "eleport") != NULL);
}

/* Which chain a block is of, by who speaks in it. */
static const char *speaker(const json_t *item)
{
    const char *pallet, *name;
    if (!method_of(item, &pallet, &name))
        return NULL;
    if (strcmp(pallet, "rcMigrator") == 0 || strcmp(pallet, "paraInherent") == 0)
        return GW_CHAIN_RELAY;
    return strcmp(pallet, "ahMigrator") == 0 || strcmp(pallet, "parachainSystem") == 0 ? GW_CHAIN_HUB
                                                                                        : NULL;
}

static const char *speaker_among(const json_t *items)
{
    const char *found = NULL;
    for (size_t i = 0; i < json_array_size(items) && !found; i++) {
        const json_t *item = json_array_get(items, i);
        found = speaker(item);
        if (!found)
            found = speaker_among(json_object_get(item, "events"));
    }
    return found;
}

const char *gw_sidecar_chain(const json_t *json)
{
    const char *found = speaker_among(json_object_get(json_object_get(json, "onInitialize"), "events"));
    if (!found)
        found = speaker_among(json_object_get(json, "extrinsics"));
    return found ? found
                 : speaker_among(json_object_get(json_object_get(json, "onFinalize"), "events"));
}

static const char *read_head(gw_arena *arena, const json_t *json, gw_track_block *out)
{
    gw_u128 number;
    const char *hash = json_string_value(json_object_get(json, "hash"));
    if (!json_is_object(json))
        return "it is not a JSON object";
    if (!number_of(json_object_get(json, "number"), &number) || number >= (gw_u128)INT64_MAX)
        return "it is no block: \"number\" is not a number";
    if (!hash || !*hash || strlen(hash) > 200)
        return "it is no block: \"hash\" is not a text";
    const json_t *extrinsics = json_object_get(json, "extrinsics");
    if (extrinsics && !json_is_array(extrinsics))
        return "it is no block: \"extrinsics\" is not a list";
    out->number = (int64_t)number;
    out->hash = gw_strdup(arena, hash);
    out->parent = gw_strdup(arena, json_string_value(json_object_get(json, "parentHash")));
    return NULL;
}

const char *gw_sidecar_read(gw_arena *arena, const json_t *json, const char *chain,
                            gw_track_block *out)
{
    reading r = {.arena = arena, .block = out};
    const char *wrong = read_head(arena, json, out);
    if (wrong)
        return wrong;
    out->sums = gw_sums_start(arena);
    out->chain = chain ? chain : gw_sidecar_chain(json);
    add_events(&r, json_object_get(json_object_get(json, "onInitialize"), "events"));
    const json_t *extrinsics = json_object_get(json, "extrinsics");
    for (size_t i = 0; i < json_array_size(extrinsics) && !r.wrong; i++) {
        const json_t *extrinsic = json_array_get(extrinsics, i);
        const char *pallet, *name;
        add_events(&r, json_object_get(extrinsic, "events"));
        if (json_is_false(json_object_get(extrinsic, "success")) &&
            method_of(extrinsic, &pallet, &name) && is_teleport(pallet, name)) {
            out->sums.teleport.any = true;
            out->sums.teleport.failed++;
            out->events++;
        }
    }
    add_events(&r, json_object_get(json_object_get(json, "onFinalize"), "events"));
    return r.wrong;
}
