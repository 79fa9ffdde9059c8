/* Files and history side by side; what up and down take. */
#include "fixture.h"
#include "migrate/plan.h"

enum { MOST = 12 };

typedef struct world {
    gw_arena *arena;
    gw_migration files[MOST];
    gw_applied rows[MOST];
    gw_event failures[MOST];
    gw_migration_list file_list;
    gw_applied_list row_list;
    gw_event_list failure_list;
    const char *const *services;
    const char *to;
    gw_plan plan;
    gw_selection selection;
    gw_err err;
} world;

static int set_up(void **state)
{
    world *w = calloc(1, sizeof *w);
    w->arena = gw_arena_new();
    w->file_list.items = w->files;
    w->row_list.items = w->rows;
    w->failure_list.items = w->failures;
    *state = w;
    return 0;
}

static int tear_down(void **state)
{
    world *w = *state;
    gw_err_clear(&w->err);
    gw_arena_free(w->arena);
    free(w);
    return 0;
}

static gw_migration *add_file(world *w, const char *service, const char *version)
{
    gw_migration *m = &w->files[w->file_list.len++];
    *m = (gw_migration){.version = version,
                        .order = version,
                        .name = "name",
                        .service = service,
                        .checksum = version,
                        .up = {.present = true, .path = "up.sql"},
                        .down = {.present = true, .path = "down.sql"}};
    return m;
}

static gw_applied *add_row(world *w, const char *service, const char *version)
{
    gw_applied *row = &w->rows[w->row_list.len++];
    *row = (gw_applied){.tenant = "",
                        .service = service,
                        .version = version,
                        .sort_key = version,
                        .name = "name",
                        .kind = "versioned",
                        .checksum = version,
                        .state = "applied"};
    return row;
}

static void add_failure(world *w, const char *service, const char *version)
{
    w->failures[w->failure_list.len++] =
        (gw_event){.service = service, .version = version, .outcome = "failed", .message = "no"};
}

static void plan(world *w, const char *environment)
{
    gw_plan_make(w->arena, &w->file_list, &w->row_list, &w->failure_list, environment, w->services,
                 w->to, &w->plan);
}

static const gw_plan_item *item(const world *w, const char *service, const char *version)
{
    for (size_t i = 0; i < w->plan.len; i++) {
        const gw_plan_item *at = &w->plan.items[i];
        if (strcmp(at->file ? at->file->service : at->row->service, service) == 0 &&
            strcmp(at->file ? at->file->version : at->row->version, version) == 0)
            return at;
    }
    return NULL;
}

static bool up(world *w, gw_selection_options options)
{
    gw_err_clear(&w->err);
    return gw_plan_select_up(w->arena, &w->plan, &options, &w->selection, &w->err);
}

static bool down(world *w, gw_selection_options options)
{
    gw_err_clear(&w->err);
    return gw_plan_select_down(w->arena, &w->plan, &options, &w->selection, &w->err);
}

static void assert_selected(const world *w, const char *const *versions)
{
    size_t i = 0;
    for (; versions[i]; i++) {
        assert_true(i < w->selection.len);
        assert_string_equal(w->selection.items[i]->file->version, versions[i]);
    }
    assert_int_equal(w->selection.len, i);
}
#define VERSIONS(...) ((const char *const[]){__VA_ARGS__, NULL})

static void test_states(void **state)
{
    world *w = *state;
    add_row(w, "", "1");
    add_row(w, "", "3");
    add_row(w, "", "4")->checksum = "bb";
    add_row(w, "", "5");
    add_row(w, "", "6")->state = "running";
    add_file(w, "", "1");
    add_file(w, "", "2");
    add_file(w, "", "3");
    add_file(w, "", "4");
    add_file(w, "", "6");
    add_file(w, "", "7");
    add_file(w, "", "8");
    add_failure(w, "", "7");
    plan(w, "dev");
    assert_int_equal(item(w, "", "1")->state, GW_STATE_APPLIED);
    assert_int_equal(item(w, "", "2")->state, GW_STATE_OUT_OF_ORDER);
    assert_int_equal(item(w, "", "4")->state, GW_STATE_MODIFIED);
    assert_int_equal(item(w, "", "5")->state, GW_STATE_MISSING);
    assert_int_equal(item(w, "", "6")->state, GW_STATE_FAILED);
    assert_true(item(w, "", "6")->runs);
    assert_int_equal(item(w, "", "7")->state, GW_STATE_FAILED);
    assert_string_equal(item(w, "", "7")->failure->message, "no");
    assert_int_equal(item(w, "", "8")->state, GW_STATE_PENDING);
    assert_int_equal(w->plan.pending, 4);
    assert_string_equal(w->plan.current, "5");
    /* In order, the missing one in its place. */
    for (size_t i = 0; i + 1 < w->plan.len; i++) {
        const gw_plan_item *a = &w->plan.items[i], *b = &w->plan.items[i + 1];
        assert_true(gw_version_compare(a->order, b->order) < 0);
    }
}

static void add_place(world *w, const char *version, const char *place)
{
    gw_migration *file = add_file(w, "", version);
    file->order = place;
    file->by_place = true;
}

/* The history has kept the order of the days when versions rose as numbers, and places of other days. */
static void test_the_order_is_that_of_todays_files(void **state)
{
    world *w = *state;
    add_place(w, "20240101", "1");
    add_place(w, "20240201", "2");
    add_place(w, "202403", "3");
    add_place(w, "20240401", "4");
    add_row(w, "", "20240101");
    add_row(w, "", "20240201");
    add_row(w, "", "202403")->sort_key = "3";
    plan(w, "dev");
    assert_int_equal(item(w, "", "20240401")->state, GW_STATE_PENDING);
    assert_string_equal(w->plan.current, "202403");
    w->rows[1].version = "20240401";
    w->rows[1].sort_key = "1"; /* a place that it had */
    plan(w, "dev");
    assert_int_equal(item(w, "", "20240201")->state, GW_STATE_OUT_OF_ORDER);
    assert_true(item(w, "", "20240201")->late);
    assert_string_equal(w->plan.current, "20240401");
    /* Versions that rise again: what was a place says nothing any more. */
    w->file_list.len = 0;
    add_file(w, "", "20240101");
    add_file(w, "", "20240401");
    add_file(w, "", "20240501");
    plan(w, "dev");
    assert_int_equal(item(w, "", "20240501")->state, GW_STATE_PENDING);
    assert_string_equal(w->plan.current, "20240401");
}

static void assert_plan(const world *w, const char *const *versions)
{
    for (size_t i = 0; i < w->plan.len; i++)
        assert_string_equal(w->plan.items[i].file ? w->plan.items[i].file->version
                                                  : w->plan.items[i].row->version,
                            versions[i]);
    assert_null(versions[w->plan.len]);
}

/* A row whose file is gone stands where its name would. */
static void test_the_order_of_rows_without_a_file(void **state)
{
    world *w = *state;
    add_place(w, "10", "1");
    add_place(w, "20240101", "2");
    add_place(w, "2024", "3"); /* as a name, 2024_x stands behind 20240101_x */
    add_place(w, "3", "4");
    add_row(w, "", "10");
    add_row(w, "", "20240301"); /* between the second and the third */
    add_row(w, "", "05")->sort_key = "1";
    add_row(w, "", "999")->sort_key = "2";
    plan(w, "dev");
    assert_plan(w, VERSIONS("05", "10", "20240101", "20240301", "2024", "3", "999"));
    assert_string_equal(w->plan.current, "999");
    /* Ordered by version: theirs says where, whatever was kept. */
    w->file_list.len = 0;
    add_file(w, "", "10");
    add_file(w, "", "30000000");
    plan(w, "dev");
    assert_plan(w, VERSIONS("05", "10", "999", "20240301", "30000000"));
    assert_int_equal(item(w, "", "30000000")->state, GW_STATE_PENDING);
    /* Of another tool's, which has no files, what was kept is all that there is. */
    gw_applied *row = add_row(w, "", "404040404040");
    row->kind = "baseline";
    row->sort_key = "0.1";
    plan(w, "dev");
    assert_int_equal(item(w, "", "30000000")->state, GW_STATE_PENDING);
}

/* A place is no version: the third file is not called 3. */
static void test_a_place_is_no_name(void **state)
{
    world *w = *state;
    add_place(w, "20", "1");
    add_place(w, "3", "2");
    add_place(w, "40", "3");
    plan(w, "dev");
    assert_true(up(w, (gw_selection_options){.to = "3"}));
    assert_selected(w, VERSIONS("20", "3"));
    assert_false(up(w, (gw_selection_options){.to = "2"}));
    assert_int_equal(w->err.kind, GW_ERR_USAGE);
    assert_true(up(w, (gw_selection_options){.to = "0020"}));
    assert_selected(w, VERSIONS("20"));
}

static void test_a_row_without_checksum_is_not_modified(void **state)
{
    world *w = *state;
    add_row(w, "", "1")->checksum = NULL;
    add_file(w, "", "1");
    plan(w, "dev");
    assert_int_equal(item(w, "", "1")->state, GW_STATE_APPLIED);
}

static void test_a_baseline_row_needs_no_file(void **state)
{
    world *w = *state;
    add_row(w, "", "f00ba7")->kind = "baseline";
    add_file(w, "", "1");
    plan(w, "dev");
    assert_int_equal(w->plan.len, 1);
}

static void test_a_text_under_another_version(void **state)
{
    world *w = *state;
    add_row(w, "", "1");
    add_row(w, "", "2");
    add_row(w, "", "3");
    add_row(w, "other", "9")->checksum = "2"; /* another service's text is nobody's here */
    add_file(w, "", "1");
    add_file(w, "", "3")->checksum = "2"; /* moved by one, */
    add_file(w, "", "4")->checksum = "3"; /* and this one too */
    add_file(w, "", "5");
    add_file(w, "other", "9")->checksum = "2";
    plan(w, "dev");
    assert_ptr_equal(item(w, "", "2")->moved_to, item(w, "", "3"));
    assert_ptr_equal(item(w, "", "3")->moved_to, item(w, "", "4"));
    assert_ptr_equal(item(w, "", "4")->moved_from, item(w, "", "3"));
    assert_null(item(w, "", "5")->moved_from);
    assert_null(item(w, "other", "9")->moved_from);
    assert_false(item(w, "", "2")->unsure);
    assert_false(up(w, (gw_selection_options){.out_of_order = true}));
    assert_int_equal(w->err.kind, GW_ERR_STATE);
    assert_non_null(strstr(w->err.message, "2 migrations that are applied have other versions now"));
    assert_true(up(w, (gw_selection_options){.service = "other"}));
    /* A file that took the place of another, whose text is gone, is not that one. */
    w->files[2].checksum = "4";
    plan(w, "dev");
    assert_null(item(w, "", "2")->moved_to);
    assert_null(item(w, "", "3")->moved_from);
    assert_int_equal(item(w, "", "3")->state, GW_STATE_MODIFIED);
}

static void test_several_files_of_one_text(void **state)
{
    world *w = *state;
    add_row(w, "", "2");
    add_row(w, "", "3")->checksum = "2";
    gw_migration *three = add_file(w, "", "3");
    three->checksum = "2"; /* applied, and it still is */
    add_file(w, "", "4")->checksum = "2";
    add_file(w, "", "5")->checksum = "2";
    w->files[2].name = "another";
    plan(w, "dev");
    assert_ptr_equal(item(w, "", "2")->moved_to, item(w, "", "4")); /* by its name */
    assert_false(item(w, "", "2")->unsure);
    w->files[2].name = "name";
    plan(w, "dev");
    assert_true(item(w, "", "2")->unsure);
    assert_ptr_equal(item(w, "", "5")->moved_from, item(w, "", "2"));
    assert_null(item(w, "", "3")->moved_from);
    /* As many as there are rows: one each. */
    three->checksum = "3";
    w->files[0].version = w->files[0].order = "6";
    w->files[2].checksum = "5";
    w->files[0].checksum = "2";
    plan(w, "dev");
    assert_ptr_equal(item(w, "", "2")->moved_to, item(w, "", "4"));
    assert_ptr_equal(item(w, "", "3")->moved_to, item(w, "", "6"));
    /* Half-done: it is not known what of it is there, and a repeatable one may run. */
    w->rows[0].state = "running";
    w->rows[1].kind = "repeatable";
    plan(w, "dev");
    assert_false(gw_plan_is_renumbered(item(w, "", "2")));
    assert_null(item(w, "", "3")->moved_to);
}

static void test_repeatable(void **state)
{
    world *w = *state;
    gw_migration *same = add_file(w, "", "R__a"), *changed = add_file(w, "", "R__b");
    gw_migration *fresh = add_file(w, "", "R__c");
    same->kind = changed->kind = fresh->kind = GW_REPEATABLE;
    same->order = changed->order = fresh->order = "";
    changed->checksum = "new";
    add_file(w, "", "9");
    gw_applied *row = add_row(w, "", "R__a");
    row->kind = "repeatable";
    row->sort_key = "";
    row = add_row(w, "", "R__b");
    row->kind = "repeatable";
    row->sort_key = "";
    plan(w, "dev");
    assert_int_equal(item(w, "", "R__a")->state, GW_STATE_APPLIED);
    assert_int_equal(item(w, "", "R__b")->state, GW_STATE_PENDING);
    assert_true(up(w, (gw_selection_options){0}));
    assert_selected(w, VERSIONS("9", "R__b", "R__c"));
    assert_null(w->plan.current);
    /* Up to a version: those that run whenever they change are not part of it. */
    assert_true(up(w, (gw_selection_options){.to = "9"}));
    assert_selected(w, VERSIONS("9"));
}

static void test_only(void **state)
{
    world *w = *state;
    static const char *only[] = {"dev", "ci"};
    gw_migration *m = add_file(w, "", "1");
    m->up.directives.only = only;
    m->up.directives.only_count = 2;
    plan(w, "prod");
    assert_int_equal(item(w, "", "1")->state, GW_STATE_SKIPPED);
    assert_int_equal(w->plan.pending, 0);
    plan(w, "ci");
    assert_int_equal(item(w, "", "1")->state, GW_STATE_PENDING);
}

static void test_services_have_a_history_each(void **state)
{
    world *w = *state;
    add_file(w, "bot", "1");
    add_file(w, "balancer", "2");
    add_file(w, "bot", "3");
    add_row(w, "balancer", "2");
    plan(w, "dev");
    /* Older than the balancer's newest, but the bot has none: not late. */
    assert_int_equal(item(w, "bot", "1")->state, GW_STATE_PENDING);
    assert_true(up(w, (gw_selection_options){.service = "bot"}));
    assert_selected(w, VERSIONS("1", "3"));
    assert_false(up(w, (gw_selection_options){.service = "nobody"}));
    assert_int_equal(w->err.kind, GW_ERR_USAGE);
}

static void test_rows_of_other_projects_are_theirs(void **state)
{
    world *w = *state;
    static const char *const ours[] = {"bot", NULL};
    add_file(w, "bot", "1");
    add_row(w, "indexer", "2");
    add_row(w, "bot", "3");
    w->services = ours;
    plan(w, "dev");
    assert_null(item(w, "indexer", "2"));
    assert_int_equal(item(w, "bot", "3")->state, GW_STATE_MISSING);
    assert_string_equal(w->plan.current, "3");
}

static void test_a_requirement_may_be_met_by_another_project(void **state)
{
    static const char *needs[] = {"7"}, *ours[] = {"billing", NULL};
    world *w = *state;
    gw_migration *m = add_file(w, "billing", "8");
    m->up.directives.requires = needs;
    m->up.directives.requires_count = 1;
    gw_applied *theirs = add_row(w, "accounts", "7");
    w->services = ours;
    plan(w, "dev");
    assert_int_equal(w->plan.len, 1);
    assert_true(up(w, (gw_selection_options){0}));
    assert_selected(w, VERSIONS("8"));
    theirs->state = "running";
    assert_false(up(w, (gw_selection_options){0}));
    assert_non_null(strstr(w->err.message, "requires 7"));
}

static void test_up_to_and_steps(void **state)
{
    world *w = *state;
    add_file(w, "", "1");
    add_file(w, "", "2");
    add_file(w, "", "10");
    plan(w, "dev");
    assert_true(up(w, (gw_selection_options){.to = "0002"}));
    assert_selected(w, VERSIONS("1", "2"));
    assert_true(up(w, (gw_selection_options){.steps = 1}));
    assert_selected(w, VERSIONS("1"));
    assert_false(up(w, (gw_selection_options){.to = "3"}));
    assert_int_equal(w->err.kind, GW_ERR_USAGE);
}

static void test_up_refuses_a_history_that_does_not_agree(void **state)
{
    world *w = *state;
    add_file(w, "", "1");
    add_file(w, "", "2");
    add_row(w, "", "2");
    plan(w, "dev");
    assert_false(up(w, (gw_selection_options){0}));
    assert_int_equal(w->err.kind, GW_ERR_STATE);
    assert_non_null(strstr(w->err.detail, "1 name (up.sql)"));
    assert_non_null(strstr(w->err.hint, "--out-of-order"));
    assert_true(up(w, (gw_selection_options){.out_of_order = true}));
    assert_selected(w, VERSIONS("1"));
    w->rows[0].checksum = "other";
    plan(w, "dev");
    assert_false(up(w, (gw_selection_options){.out_of_order = true}));
    assert_non_null(strstr(w->err.message, "edited"));
    w->rows[0].version = w->rows[0].sort_key = "0";
    plan(w, "dev");
    assert_false(up(w, (gw_selection_options){.out_of_order = true}));
    assert_non_null(strstr(w->err.message, "no file"));
}

static void test_requirements(void **state)
{
    world *w = *state;
    static const char *needs[] = {"2"};
    add_file(w, "", "1");
    add_file(w, "", "2");
    gw_migration *m = add_file(w, "", "3");
    m->up.directives.requires = needs;
    m->up.directives.requires_count = 1;
    plan(w, "dev");
    assert_true(up(w, (gw_selection_options){0}));
    needs[0] = "7";
    assert_false(up(w, (gw_selection_options){0}));
    assert_int_equal(w->err.kind, GW_ERR_STATE);
    assert_string_equal(w->err.file, "up.sql");
    m->up.directives.requires_count = 0;
    m->up.directives.conflicts = needs;
    m->up.directives.conflicts_count = 1;
    needs[0] = "1";
    assert_false(up(w, (gw_selection_options){0}));
    needs[0] = "2";
}

static void test_down(void **state)
{
    world *w = *state;
    add_file(w, "", "1");
    add_file(w, "", "2");
    gw_migration *last = add_file(w, "", "3");
    add_row(w, "", "1");
    add_row(w, "", "2");
    add_row(w, "", "3");
    plan(w, "dev");
    assert_true(down(w, (gw_selection_options){0}));
    assert_selected(w, VERSIONS("3"));
    assert_true(down(w, (gw_selection_options){.to = "1"}));
    assert_selected(w, VERSIONS("3", "2"));
    assert_true(down(w, (gw_selection_options){.to = "0"}));
    assert_selected(w, VERSIONS("3", "2", "1"));
    last->down.present = false;
    plan(w, "dev");
    assert_false(down(w, (gw_selection_options){.steps = 2}));
    assert_non_null(strstr(w->err.detail, "3 (up.sql): no down script"));
}

static void test_flyway_baseline(void **state)
{
    world *w = *state;
    add_file(w, "", "1")->format = GW_FORMAT_FLYWAY;
    gw_migration *old = add_file(w, "", "2"), *base = add_file(w, "", "3");
    add_file(w, "", "4")->format = GW_FORMAT_FLYWAY;
    old->kind = base->kind = GW_BASELINE;
    old->format = base->format = GW_FORMAT_FLYWAY;
    plan(w, "dev");
    assert_true(up(w, (gw_selection_options){0}));
    assert_selected(w, VERSIONS("3", "4"));
    assert_int_equal(item(w, "", "1")->state, GW_STATE_SKIPPED);
    assert_ptr_equal(item(w, "", "1")->baseline, base);
    /* Up to a version below it, the older one has a part, or none. */
    w->to = "2";
    plan(w, "dev");
    assert_true(up(w, (gw_selection_options){.to = w->to}));
    assert_selected(w, VERSIONS("2"));
    w->to = "1";
    plan(w, "dev");
    assert_true(up(w, (gw_selection_options){.to = w->to}));
    assert_selected(w, VERSIONS("1"));
    w->to = NULL;
    /* With a history, a baseline file has no part. */
    add_row(w, "", "1");
    plan(w, "dev");
    assert_null(item(w, "", "3"));
    assert_true(up(w, (gw_selection_options){0}));
    assert_selected(w, VERSIONS("4"));
}

/* One version, two files, and one row. */
static void test_flyway_baseline_beside_its_version(void **state)
{
    world *w = *state;
    gw_migration *one = add_file(w, "", "1"), *versioned = add_file(w, "", "2"), *base = add_file(w, "", "2");
    one->format = versioned->format = base->format = GW_FORMAT_FLYWAY;
    base->kind = GW_BASELINE;
    base->checksum = "bb";
    plan(w, "dev");
    assert_true(up(w, (gw_selection_options){0}));
    assert_selected(w, VERSIONS("2"));
    assert_ptr_equal(w->selection.items[0]->file, base);
    /* The baseline has run. */
    gw_applied *row = add_row(w, "", "2");
    row->kind = "baseline";
    row->checksum = "bb";
    plan(w, "dev");
    assert_int_equal(w->plan.len, 3);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(w->plan.items[i].state, GW_STATE_APPLIED);
    /* It was edited since. */
    row->checksum = "cc";
    plan(w, "dev");
    assert_int_equal(w->plan.len, 3);
    assert_true(w->plan.items[1].state == GW_STATE_MODIFIED || w->plan.items[2].state == GW_STATE_MODIFIED);
    /* The versioned one has, and the baseline came later: it has no part. */
    row->kind = "versioned";
    row->checksum = "2";
    plan(w, "dev");
    assert_int_equal(w->plan.len, 2);
    assert_ptr_equal(item(w, "", "2")->file, versioned);
    assert_int_equal(item(w, "", "2")->state, GW_STATE_APPLIED);
    /* So too where `baseline` marked it. */
    row->kind = "baseline";
    plan(w, "dev");
    assert_int_equal(w->plan.len, 2);
    assert_ptr_equal(item(w, "", "2")->file, versioned);
}

/* Half-done outside a transaction, it does not stand for anything yet. */
static void test_flyway_baseline_half_way(void **state)
{
    world *w = *state;
    gw_migration *one = add_file(w, "", "1"), *base = add_file(w, "", "2");
    one->format = base->format = GW_FORMAT_FLYWAY;
    base->kind = GW_BASELINE;
    gw_applied *row = add_row(w, "", "2");
    row->kind = "baseline";
    row->state = "running";
    plan(w, "dev");
    assert_int_equal(item(w, "", "1")->state, GW_STATE_SKIPPED);
    assert_true(up(w, (gw_selection_options){0}));
    assert_selected(w, VERSIONS("2"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_states, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_row_without_checksum_is_not_modified, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_the_order_is_that_of_todays_files, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_the_order_of_rows_without_a_file, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_place_is_no_name, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_baseline_row_needs_no_file, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_text_under_another_version, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_several_files_of_one_text, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_repeatable, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_only, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_services_have_a_history_each, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_rows_of_other_projects_are_theirs, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_requirement_may_be_met_by_another_project, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_up_to_and_steps, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_up_refuses_a_history_that_does_not_agree, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_requirements, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_down, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_flyway_baseline, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_flyway_baseline_beside_its_version, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_flyway_baseline_half_way, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
