/*
 * The cases of tests/lint/RULE.sql: what a rule finds, and the near misses that it has to let pass.
 *
 *     -- bad: what goes wrong          a case; `-- good:` one where the rule is silent
 *     -- bad [whole] [target=14]: …    options of the run
 *     -- file: 2_b.sql [options]       a further file of the case; its text follows
 *     CREATE … --!                     here the rule has to find something, and nowhere else
 *
 * Options of a file: no-transaction, repeatable, batch, down (of the file before), wants-down,
 * lock_timeout=0.
 */
#include <ctype.h>

#include "lint_test.h"
#include "base/vec.h"

typedef struct case_file {
    gw_lint_script script;
    gw_buf text;
} case_file;

typedef struct lint_case {
    bool bad;
    const char *title;
    gw_lint_options options;
    GW_VEC(case_file) files;
} lint_case;

typedef struct case_list {
    GW_VEC(lint_case) cases;
} case_list;

static int failures;

static void complain(const char *rule, const lint_case *c, const char *what, const char *where)
{
    print_error("%s: %s: %s %s\n", rule, c->title, what, where);
    failures++;
}

static bool has_option(const char *line, const char *option)
{
    const char *open = strchr(line, '[');
    return open && strstr(open, option) != NULL;
}

static void new_file(gw_arena *arena, lint_case *c, const char *name, const char *line)
{
    case_file *file = gw_vec_push(arena, &c->files);
    bool down = has_option(line, "down]") && !has_option(line, "wants-down]");
    file->text = GW_BUF(arena);
    file->script = script_of(name, "");
    file->script.transactional = !has_option(line, "no-transaction");
    file->script.repeatable = has_option(line, "repeatable");
    file->script.batch = has_option(line, "batch");
    file->script.wants_down = has_option(line, "wants-down");
    file->script.down = down;
    file->script.migration = c->files.len - (down ? 1 : 0);
    if (has_option(line, "lock_timeout=0"))
        file->script.lock_timeout_ms = 0;
}

static void new_case(gw_arena *arena, case_list *list, bool bad, const char *line)
{
    lint_case *c = gw_vec_push(arena, &list->cases);
    const char *target = strstr(line, "target=");
    c->bad = bad;
    c->title = gw_strdup(arena, line + 3);
    c->options.whole = has_option(line, "whole");
    c->options.target_version = target ? atoi(target + 7) : 0;
    new_file(arena, c, "1_a.sql", line);
}

static void read_line(gw_arena *arena, case_list *list, const char *line)
{
    lint_case *last = list->cases.len ? &list->cases.items[list->cases.len - 1] : NULL;
    if (strncmp(line, "-- bad", 6) == 0) {
        new_case(arena, list, true, line);
    } else if (strncmp(line, "-- good", 7) == 0) {
        new_case(arena, list, false, line);
    } else if (last && strncmp(line, "-- file: ", 9) == 0) {
        const char *name = gw_strndup(arena, line + 9, strcspn(line + 9, " "));
        if (last->files.len == 1 && !last->files.items[0].text.len)
            last->files.len = 0;
        new_file(arena, last, name, line);
    } else if (last) {
        gw_buf *text = &last->files.items[last->files.len - 1].text;
        gw_buf_addf(text, "%s\n", line);
    }
}

static void read_cases(gw_arena *arena, const char *path, case_list *list)
{
    gw_file_text text;
    gw_err err = {0};
    if (!gw_file_read(arena, path, 0, &text, &err))
        fail_msg("%s", err.message);
    for (char *line = text.data, *next; line && *line; line = next) {
        next = strchr(line, '\n');
        if (next)
            *next++ = '\0';
        read_line(arena, list, line);
    }
}

/* Is a finding expected on that line? */
static bool is_marked(const case_file *file, unsigned line)
{
    const char *at = gw_buf_str(&file->text);
    while (--line && at)
        at = strchr(at, '\n') ? strchr(at, '\n') + 1 : NULL;
    const char *mark = at ? strstr(at, "--!") : NULL;
    return mark && mark < at + strcspn(at, "\n");
}

static void check_findings(gw_arena *arena, const char *rule, const lint_case *c,
                           const gw_finding_list *list)
{
    size_t found = 0, marks = 0;
    for (size_t f = 0; f < c->files.len; f++)
        for (const char *at = gw_buf_str(&c->files.items[f].text); (at = strstr(at, "--!")); at++)
            marks++;
    for (size_t i = 0; i < list->len; i++) {
        const gw_finding *finding = &list->items[i];
        if (strcmp(finding->rule, rule) != 0)
            continue;
        const char *where = gw_printf(arena, "%s:%u: %s", finding->file, finding->line,
                                      finding->message);
        found++;
        if (!c->bad)
            complain(rule, c, "is found in what is good:", where);
        if (strstr(finding->message, "{}") || !*finding->message || !*finding->hint)
            complain(rule, c, "message or hint is not whole:", where);
        for (size_t f = 0; marks && f < c->files.len; f++)
            if (strcmp(c->files.items[f].script.file, finding->file) == 0 &&
                !is_marked(&c->files.items[f], finding->line))
                complain(rule, c, "is found in another line:", where);
    }
    if (c->bad && found < (marks ? marks : 1))
        complain(rule, c, "is not found", gw_printf(arena, "(%zu of %zu)", found, marks));
}

static void run_case(gw_arena *arena, const char *rule, lint_case *c)
{
    gw_severity own = gw_rule_find(rule)->severity;
    gw_lint_level level = {rule, own ? own : GW_SEVERITY_NOTE};
    gw_finding_list list;
    c->options.levels = &level;
    c->options.level_count = 1;
    gw_linter *linter = gw_linter_new(arena, &c->options);
    for (size_t i = 0; i < c->files.len; i++) {
        case_file *file = &c->files.items[i];
        file->script.text = gw_buf_str(&file->text);
        file->script.len = file->text.len;
        gw_linter_add(linter, &file->script);
    }
    gw_linter_run(linter, &list);
    check_findings(arena, rule, c, &list);
}

static void every_rule_finds_and_lets_pass(void **state)
{
    (void)state;
    failures = 0;
    for (size_t i = 0; i < gw_rule_count(); i++) {
        gw_arena *arena = gw_arena_new();
        const char *rule = gw_rule_at(i)->name;
        case_list list = {0};
        size_t bad = 0;
        const char *path = gw_printf(arena, "%s/../../lint/%s.sql", GW_TEST_DIR, rule);
        if (gw_file_exists(path))
            read_cases(arena, path, &list);
        for (size_t k = 0; k < list.cases.len; k++) {
            bad += list.cases.items[k].bad;
            run_case(arena, rule, &list.cases.items[k]);
        }
        if (gw_rule_find(rule)->group != GW_RULES_SEEN && (!bad || bad == list.cases.len)) {
            print_error("%s: needs a bad and a good case in tests/lint/%s.sql\n", rule, rule);
            failures++;
        }
        gw_arena_free(arena);
    }
    assert_int_equal(failures, 0);
}

static void every_file_of_cases_has_its_rule(void **state)
{
    (void)state;
    gw_arena *arena = gw_arena_new();
    gw_file_list files;
    gw_err err = {0};
    assert_true(gw_file_list_dir(arena, GW_TEST_DIR "/../../lint", &files, &err));
    for (size_t i = 0; i < files.len; i++) {
        char *name = gw_strdup(arena, files.items[i].name);
        char *dot = strrchr(name, '.');
        assert_non_null(dot);
        *dot = '\0';
        if (!gw_rule_find(name))
            fail_msg("tests/lint/%s.sql: no such rule", name);
    }
    assert_true(files.len >= 70);
    gw_arena_free(arena);
}

static size_t placeholders(const char *text)
{
    size_t count = 0;
    while ((text = strstr(text, "{}"))) {
        count++;
        text += 2;
    }
    return count;
}

static void rules_explain_themselves(void **state)
{
    (void)state;
    for (size_t i = 0; i < gw_rule_count(); i++) {
        const gw_rule_text *rule = gw_rule_at(i);
        if (strlen(rule->explanation) < 60 || strlen(rule->fix) < 10 || strlen(rule->message) < 10)
            fail_msg("%s explains too little", rule->name);
        assert_int_equal(placeholders(rule->explanation) + placeholders(rule->fix), 0);
        for (const char *c = rule->name; *c; c++)
            assert_true(islower(*c) || *c == '_');
        assert_ptr_equal(gw_rule_find(rule->name), rule);
        if (i)
            assert_true(strcmp(gw_rule_at(i - 1)->name, rule->name) < 0);
        if (rule->severity == GW_SEVERITY_OFF && !strstr(rule->explanation, "The rule is off"))
            fail_msg("%s does not say that it is off", rule->name);
    }
    assert_true(gw_rule_count() >= 70);
    assert_null(gw_rule_find("nothing_of_the_kind"));
    assert_string_equal(gw_rule_nearest("add_foreign_kye"), "add_foreign_key");
    assert_null(gw_rule_nearest("x"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_rule_finds_and_lets_pass),
        cmocka_unit_test(every_file_of_cases_has_its_rule),
        cmocka_unit_test(rules_explain_themselves),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
