/* A thousand files are linted while nobody has to wait. */
#include "lint_test.h"
#include "base/clock.h"

static void a_thousand_files(void **state)
{
    enum { FILES = 1000, MOST_MS = 2000 };
    (void)state;
    gw_arena *arena = gw_arena_new();
    gw_lint_options options = {.whole = true};
    gw_linter *linter = gw_linter_new(arena, &options);
    int64_t began = gw_monotonic_us();
    for (unsigned i = 0; i < FILES; i++) {
        const char *text = gw_printf(
            arena,
            "CREATE TABLE t%u (\n    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,\n"
            "    parent bigint REFERENCES t%u (id) ON DELETE SET NULL,\n"
            "    state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'closed')),\n"
            "    amount numeric(20,2), note text, data jsonb NOT NULL DEFAULT '{}',\n"
            "    created_at timestamptz NOT NULL DEFAULT now()\n);\n"
            "CREATE INDEX ON t%u (parent);\nCREATE INDEX ON t%u (state, created_at);\n"
            "CREATE FUNCTION f%u() RETURNS trigger LANGUAGE plpgsql AS $$\nBEGIN\n"
            "    NEW.note := upper(NEW.note);\n    RETURN NEW;\nEND\n$$;\n"
            "CREATE TRIGGER tr BEFORE UPDATE ON t%u FOR EACH ROW EXECUTE FUNCTION f%u();\n"
            "ALTER TABLE t%u ADD COLUMN extra int;\n",
            i, i ? i - 1 : 0, i, i, i, i, i, i);
        gw_lint_script script = script_of(gw_printf(arena, "%u.sql", i), text);
        script.migration = i + 1;
        gw_linter_add(linter, &script);
    }
    gw_finding_list list;
    gw_linter_run(linter, &list);
    int64_t took = (gw_monotonic_us() - began) / 1000;
    print_message("%d files, %zu statements: %lld ms\n", FILES, list.statements, (long long)took);
    assert_int_equal(list.statements, 6 * FILES);
    assert_int_equal(list.errors, 0);
    /* Sanitizers and shared machines take several times as long. */
    bool slow = getenv("ASAN_OPTIONS") || getenv("UBSAN_OPTIONS") || getenv("CI");
#ifdef GW_ARENA_DEBUG
    slow = true;
#endif
    assert_true(took < MOST_MS * (slow ? 20 : 1));
    gw_arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_thousand_files)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
