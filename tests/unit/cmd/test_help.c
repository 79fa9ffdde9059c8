#include "unit.h"

#include <string.h>

#include "cmd/commands.h"

static void fits(const char *text)
{
    for (const char *line = text; *line;) {
        size_t len = strcspn(line, "\n");
        char copy[400];
        assert_true(len < sizeof copy);
        memcpy(copy, line, len);
        copy[len] = '\0';
        if (gw_text_columns(copy) > 80)
            fail_msg("wider than 80 columns: %s", copy);
        if (len > 0 && copy[len - 1] == ' ')
            fail_msg("a space at the end: %s", copy);
        line += len + (line[len] == '\n');
    }
}

static void check_help(gw_arena *arena, const gw_command *parent, const gw_command *command)
{
    gw_buf buf = GW_BUF(arena);
    gw_help_command(&buf, parent, command);
    const char *text = gw_buf_str(&buf);
    fits(text);
    assert_non_null(strstr(text, "usage: godwit "));
    assert_non_null(strstr(text, "Examples:\n"));
    for (const gw_option *o = command->options; o && o->name; o++)
        if (!strstr(text, gw_printf(arena, " --%s", o->name)))
            fail_msg("the help of %s does not say --%s", command->name, o->name);
    for (const gw_command *const *c = command->subcommands; c && *c; c++)
        check_help(arena, command, *c);
}

static void test_each_help(void **state)
{
    (void)state;
    gw_arena *arena = gw_arena_new();
    gw_buf overview = GW_BUF(arena);
    gw_help_overview(&overview);
    fits(gw_buf_str(&overview));
    for (const gw_command *const *c = gw_commands; *c; c++) {
        assert_non_null(strstr(gw_buf_str(&overview), gw_printf(arena, "\n  %s ", (*c)->name)));
        check_help(arena, NULL, *c);
    }
    gw_arena_free(arena);
}

static void test_the_manual_names_everything(void **state)
{
    (void)state;
    gw_arena *arena = gw_arena_new();
    gw_buf man = GW_BUF(arena), markdown = GW_BUF(arena);
    gw_help_man(&man);
    gw_help_markdown(&markdown);
    for (const gw_command *const *c = gw_commands; *c; c++) {
        assert_non_null(strstr(gw_buf_str(&man), gw_printf(arena, ".SS godwit %s", (*c)->name)));
        assert_non_null(
            strstr(gw_buf_str(&markdown), gw_printf(arena, "\n## godwit %s\n", (*c)->name)));
        for (const gw_option *o = (*c)->options; o && o->name; o++)
            assert_non_null(strstr(gw_buf_str(&markdown), gw_printf(arena, "`--%s", o->name)));
    }
    gw_arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_help),
        cmocka_unit_test(test_the_manual_names_everything),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
