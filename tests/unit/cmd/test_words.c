#include "unit.h"

#include <string.h>

#include "cmd/commands.h"

static gw_arena *arena;
static gw_words words;
static gw_err err;

static int setup(void **state)
{
    (void)state;
    arena = gw_arena_new();
    words = (gw_words){0};
    err = (gw_err){0};
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    gw_err_clear(&err);
    gw_arena_free(arena);
    return 0;
}

/* Words separated by one space. */
static bool parse(const char *line)
{
    char *argv[32];
    int argc = 0;
    char *copy = gw_printf(arena, "godwit %s", line);
    for (char *word = strtok(copy, " "); word; word = strtok(NULL, " "))
        argv[argc++] = word;
    argv[argc] = NULL;
    gw_err_clear(&err);
    return gw_words_parse(arena, argc, argv, &words, &err);
}

static const char *text_of(const char *option)
{
    const gw_value *value = gw_words_find(&words, option);
    return value ? value->text : NULL;
}

static void refused(const char *line, const char *message, const char *hint)
{
    assert_false(parse(line));
    assert_int_equal(err.kind, GW_ERR_USAGE);
    assert_string_equal(err.message, message);
    if (hint)
        assert_string_equal(err.hint, hint);
}

static void test_options_stand_on_both_sides(void **state)
{
    (void)state;
    assert_true(parse("--env prod -qv up --json --to 3 --steps=2 -C shop --wait 1min"));
    assert_string_equal(words.command->name, "up");
    assert_null(words.parent);
    assert_string_equal(text_of("env"), "prod");
    assert_string_equal(text_of("chdir"), "shop");
    assert_string_equal(text_of("to"), "3");
    assert_int_equal(gw_words_find(&words, "steps")->number, 2);
    assert_int_equal(gw_words_find(&words, "wait")->number, 60000);
    assert_non_null(gw_words_find(&words, "quiet"));
    assert_non_null(gw_words_find(&words, "verbose"));
    assert_true(words.json);
    assert_null(gw_words_find(&words, "atomic"));
}

static void test_the_last_value_counts(void **state)
{
    (void)state;
    assert_true(parse("up --to 1 --to 2 -Ca -Cb"));
    assert_string_equal(text_of("to"), "2");
    assert_string_equal(text_of("chdir"), "b");
}

static void test_subcommands_and_arguments(void **state)
{
    (void)state;
    assert_true(parse("db psql -- -c --json select"));
    assert_string_equal(words.parent->name, "db");
    assert_string_equal(words.command->name, "psql");
    assert_int_equal(words.argument_count, 3);
    assert_string_equal(words.arguments[0], "-c");
    assert_string_equal(words.arguments[1], "--json");
    assert_false(words.json); /* it is psql's */

    assert_true(parse("repair"));
    assert_int_equal(words.argument_count, 0);
    assert_true(parse("repair 20250901120000 --done"));
    assert_string_equal(words.arguments[0], "20250901120000");
}

static void test_nothing_is_no_error_here(void **state)
{
    (void)state;
    assert_true(parse(""));
    assert_null(words.command);
    assert_true(parse("--version"));
    assert_true(parse("baseline --help")); /* without its VERSION */
    assert_true(parse("db --help"));
}

static void test_did_you_mean(void **state)
{
    (void)state;
    refused("stauts", "unknown command \"stauts\"", "did you mean godwit status?");
    refused("migrate", "unknown command \"migrate\"", "did you mean godwit up?");
    refused("rollback", "unknown command \"rollback\"", "did you mean godwit down?");
    refused("db strat", "unknown command \"db strat\"", "did you mean godwit db start?");
    refused("frobnicate", "unknown command \"frobnicate\"", "godwit --help lists the commands");
    refused("up --dry-rnu", "godwit up has no option --dry-rnu", "did you mean --dry-run?");
    refused("up --whatever", "godwit up has no option --whatever", "godwit up --help lists them");
    refused("--atomic up", "godwit has no option --atomic",
            "--atomic stands after its command: godwit up --atomic");
    refused("up -x", "godwit up has no option -x", "godwit up --help lists them");
}

static void test_commands_of_operations_are_known(void **state)
{
    (void)state;
    static const char *const known[] = {"maintain", "maintain --every 1h --only vacuum --only backup",
                                        "maintain --dry-run --budget 5min --lock-timeout 500ms"};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        assert_true(parse(known[i]));
    refused("maintian", "unknown command \"maintian\"", "did you mean godwit maintain?");
    refused("maintain --every soon", "--every needs a time, not \"soon\"", NULL);
}

static void test_values(void **state)
{
    (void)state;
    refused("up --steps 0", "--steps needs a number from 1, not \"0\"", NULL);
    refused("up --steps 2x", "--steps needs a number from 1, not \"2x\"", NULL);
    refused("up --steps 99999999999999999999",
            "--steps needs a number from 1, not "
            "\"99999999999999999999\"",
            NULL);
    refused("up --wait soon", "--wait needs a time, not \"soon\"", "write 500ms, 30s, 5min or 1h");
    refused("up --to", "--to needs a value", NULL);
    refused("up --json=1", "--json takes no value", NULL);
    refused("adopt --from sqitsh", "--from cannot be \"sqitsh\"", "did you mean sqitch?");
    refused("completion fihs", "godwit completion does not know \"fihs\"", "did you mean fish?");
}

static void test_arguments_are_counted(void **state)
{
    (void)state;
    refused("baseline", "godwit baseline needs VERSION", NULL);
    refused("up now", "godwit up does not take \"now\"", NULL);
    refused("new a b", "godwit new does not take \"b\"", NULL);
    refused("db", "godwit db needs a command of its own", NULL);
}

static void test_a_connection_string_is_not_quoted_back(void **state)
{
    (void)state;
    assert_false(parse("postgres://me:tooth@db.example/shop"));
    assert_null(strstr(err.message, "tooth"));
    assert_false(parse("up postgres://me:tooth@db.example/shop"));
    assert_null(strstr(err.message, "tooth"));
}

static void test_json_is_seen_before_what_is_wrong(void **state)
{
    (void)state;
    assert_false(parse("frobnicate --json"));
    assert_true(words.json);
}

/* Every entry can be reached, explains itself, and clashes with no option of its own. */
static void check_entry(const gw_command *command)
{
    assert_non_null(command->summary);
    assert_non_null(command->examples);
    assert_true(command->run || command->subcommands);
    if (command->flags & GW_COMMAND_DESTRUCTIVE)
        assert_non_null(command->destroys);
    if (command->flags & (GW_COMMAND_WRITES | GW_COMMAND_NEEDS_DB))
        assert_true(command->flags & GW_COMMAND_PROJECT);
    for (const gw_option *o = command->options; o && o->name; o++) {
        assert_non_null(o->help);
        assert_int_equal(o->type == GW_OPTION_FLAG, o->value == NULL);
        assert_int_equal(o->type == GW_OPTION_CHOICE, o->choices != NULL);
        for (const gw_option *g = gw_global_options; g->name; g++)
            assert_string_not_equal(o->name, g->name);
    }
    for (const gw_command *const *c = command->subcommands; c && *c; c++)
        check_entry(*c);
}

static void test_the_table_is_sound(void **state)
{
    (void)state;
    for (const gw_command *const *c = gw_commands; *c; c++)
        check_entry(*c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_options_stand_on_both_sides, setup, teardown),
        cmocka_unit_test_setup_teardown(test_the_last_value_counts, setup, teardown),
        cmocka_unit_test_setup_teardown(test_subcommands_and_arguments, setup, teardown),
        cmocka_unit_test_setup_teardown(test_nothing_is_no_error_here, setup, teardown),
        cmocka_unit_test_setup_teardown(test_did_you_mean, setup, teardown),
        cmocka_unit_test_setup_teardown(test_commands_of_operations_are_known, setup, teardown),
        cmocka_unit_test_setup_teardown(test_values, setup, teardown),
        cmocka_unit_test_setup_teardown(test_arguments_are_counted, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_connection_string_is_not_quoted_back, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_json_is_seen_before_what_is_wrong, setup, teardown),
        cmocka_unit_test_setup_teardown(test_the_table_is_sound, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
