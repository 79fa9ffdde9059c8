#include "track_test.h"

#include "base/json.h"
#include "track/block.h"

static json_t *parse(const char *text)
{
    gw_err err = {0};
    json_t *json = gw_json_parse(arena, "test", text, strlen(text), &err);
    assert_non_null(json);
    return json;
}

static const char *add(gw_track_block *block, const char *text)
{
    return gw_event_add(arena, parse(text), 1, text, strlen(text), block);
}

static const char *json_of(const gw_track_block *block)
{
    gw_buf buf = GW_BUF(arena);
    gw_sums_json(&buf, &block->sums);
    return gw_buf_str(&buf);
}

static void events_add_up(void **state)
{
    (void)state;
    gw_track_block block = {.number = -1, .sums = gw_sums_start(arena)};
    assert_null(add(&block, "{\"kind\":\"xcm\",\"source\":\"a\",\"destination\":\"b\",\"sent\":2,\"failed\":\"3\"}"));
    assert_null(add(&block, "{\"kind\":\"xcm\",\"source\":\"a\",\"destination\":\"b\",\"processed\":1}"));
    assert_null(add(&block, "{\"kind\":\"balance\",\"kept\":\"5\"}"));
    assert_null(add(&block, "{\"kind\":\"stage\",\"stage\":\"S\",\"step\":\"fail\",\"why\":\"x\"}"));
    assert_string_equal(json_of(&block), "{\"x\":[[\"a\",\"b\",2,1,3]],\"b\":[0,\"0\",\"5\",0]}");
    assert_int_equal(block.events, 4);
    assert_int_equal(block.steps.items[0].kind, GW_STEP_FAIL);
}

static void what_is_wrong_is_said_and_nothing_is_added(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "{}",
        "{\"kind\":7}",
        "{\"kind\":\"pallet\",\"pallet\":\"p\",\"processed\":1}",
        "{\"kind\":\"pallet\",\"pallet\":\"p\",\"stage\":\"s\"}",
        "{\"kind\":\"xcm\",\"source\":\"a\",\"destination\":\"b\",\"sent\":1099511627777}",
        "{\"kind\":\"teleport\",\"mints\":true}",
        "{\"kind\":\"balance\",\"kept\":1.0}",
        "{\"kind\":\"stage\",\"stage\":\"s\",\"step\":7}",
    };
    gw_track_block block = {.number = -1, .sums = gw_sums_start(arena)};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_non_null(add(&block, bad[i]));
    assert_int_equal(block.events, 0);
    assert_true(gw_sums_empty(&block.sums));
}

static void an_event_says_its_block_wholly_or_not_at_all(void **state)
{
    (void)state;
    gw_event_place place;
    assert_null(gw_event_place_of(arena, parse("{\"chain\":\"c\"}"), &place));
    assert_int_equal(place.number, -1);
    assert_null(gw_event_place_of(
        arena, parse("{\"chain\":\"c\",\"block\":\"7\",\"hash\":\"h\"}"), &place));
    assert_int_equal(place.number, 7);
    assert_non_null(gw_event_place_of(arena, parse("{\"chain\":\"c\",\"block\":7}"), &place));
    assert_non_null(gw_event_place_of(arena, parse("{\"block\":7,\"hash\":\"h\"}"), &place));
    assert_non_null(gw_event_place_of(arena, parse("{\"hash\":\"h\"}"), &place));
    assert_non_null(gw_event_place_of(arena, parse("[]"), &place));
}

#define BLOCK(events)                                                                              \
    "{\"number\":\"5\",\"hash\":\"0xa\",\"parentHash\":\"0x9\",\"extrinsics\":[],"                 \
    "\"onInitialize\":{\"events\":[" events "]},\"onFinalize\":{\"events\":[]}}"
#define EVENT(pallet, method, data)                                                                \
    "{\"method\":{\"pallet\":\"" pallet "\",\"method\":\"" method "\"},\"data\":[" data "]}"

static void a_block_of_sidecar_says_its_chain_stages_and_sums(void **state)
{
    (void)state;
    gw_track_block block = {0};
    assert_null(gw_sidecar_read(
        arena,
        parse(BLOCK(EVENT("ahMigrator", "BatchProcessed", "\"Balances\",\"255\",\"2\"") "," EVENT(
            "ahMigrator", "StageTransition",
            "{\"accountsMigrationOngoing\":{}},\"AccountsMigrationDone\"") "," EVENT("messageQueue",
                                                                                  "Processed",
                                                                                  "\"0x\",\"Parent\",{},false"))),
        NULL, &block));
    assert_string_equal(block.chain, "asset-hub");
    assert_int_equal(block.number, 5);
    assert_string_equal(block.parent, "0x9");
    assert_int_equal(block.steps.len, 2);
    assert_string_equal(block.steps.items[0].stage, "AccountsMigrationOngoing");
    assert_int_equal(block.steps.items[0].kind, GW_STEP_COMPLETE);
    assert_string_equal(json_of(&block),
                        "{\"s\":[[\"AccountsMigrationOngoing\",2]],"
                        "\"p\":[[\"Balances\",\"AccountsMigrationOngoing\",255,0,2]],"
                        "\"x\":[[\"relay-chain\",\"asset-hub\",0,0,1]],\"b\":[255,\"0\",\"0\",2]}");
}

static void a_block_that_is_none_or_holds_nonsense_is_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "{}",
        "{\"number\":\"x\",\"hash\":\"a\"}",
        "{\"number\":\"1\",\"hash\":\"\"}",
        "{\"number\":\"1\",\"hash\":\"a\",\"extrinsics\":{}}",
        BLOCK("7"),
        BLOCK(EVENT("ahMigrator", "BatchProcessed", "\"Balances\",\"-1\",\"2\"")),
        BLOCK(EVENT("ahMigrator", "BatchProcessed", "")),
        BLOCK(EVENT("rcMigrator", "StageTransition", "\"A\"")),
        BLOCK(EVENT("balances", "Minted", "\"who\",\"340282366920938463463374607431768211456\"")),
        BLOCK(EVENT("messageQueue", "Processed", "\"0x\"")),
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        gw_track_block block = {0};
        assert_non_null(gw_sidecar_read(arena, parse(bad[i]), NULL, &block));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(events_add_up),
        TEST(what_is_wrong_is_said_and_nothing_is_added),
        TEST(an_event_says_its_block_wholly_or_not_at_all),
        TEST(a_block_of_sidecar_says_its_chain_stages_and_sums),
        TEST(a_block_that_is_none_or_holds_nonsense_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
