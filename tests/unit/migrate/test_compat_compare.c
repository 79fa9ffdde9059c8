/* sqlx's table beside files and history: what is said to differ, and what is not. */
#include "fixture.h"

#include "migrate/compat.h"

enum { MOST = 8 };

/* SHA-384 of "SELECT 1;\n", as sqlx keeps it, and of the same with CRLF. */
static const char LF[] = "24454095d8d7876ca8e842f34296ca645c83e0f7b50f048c"
                         "99db4b2ff4da659267afc4ef3e994f3d74e18c741165d931";
static const char CRLF[] = "17397e2e60835e677161a3f8f86849089bb0b9ac29484fca"
                         "0511f769d62d8c2e143ab512c903b43a60a01ad7452c86c6";

typedef struct world {
    fixture *f;
    gw_migration files[MOST];
    gw_applied rows[MOST];
    gw_compat_row theirs[MOST];
    gw_migration_list file_list;
    gw_applied_list row_list;
    size_t their_count;
    gw_compat_differences found;
} world;

static world *new_world(void **state)
{
    fixture *f = *state;
    world *w = gw_alloc(f->arena, sizeof *w);
    *w = (world){.f = f};
    w->file_list.items = w->files;
    w->row_list.items = w->rows;
    return w;
}

static gw_migration *add_file(world *w, const char *service, const char *version)
{
    gw_migration *m = &w->files[w->file_list.len++];
    put(w->f, version, "SELECT 1;\n");
    *m = (gw_migration){.version = version,
                        .order = version,
                        .name = "orders",
                        .service = service,
                        .checksum = "aa",
                        .up = {.present = true,
                               .path = gw_path_join(w->f->arena, w->f->path, version),
                               .size = strlen("SELECT 1;\n")}};
    return m;
}

static gw_applied *add_row(world *w, const char *service, const char *version)
{
    gw_applied *row = &w->rows[w->row_list.len++];
    *row = (gw_applied){.tenant = "",
                        .service = service,
                        .version = version,
                        .sort_key = version,
                        .name = "orders",
                        .kind = "versioned",
                        .checksum = "aa",
                        .state = "applied"};
    return row;
}

static gw_compat_row *add_theirs(world *w, const char *version, const char *checksum)
{
    gw_compat_row *row = &w->theirs[w->their_count++];
    *row = (gw_compat_row){.version = version, .checksum = checksum, .success = true};
    return row;
}

/* A migration that is applied, and known to both. */
static void add_all(world *w, const char *version)
{
    add_file(w, "", version);
    add_row(w, "", version);
    add_theirs(w, version, LF);
}

/* "sqlx_absent 1, sqlx_extra 7": what differs. */
static const char *compare(world *w)
{
    gw_arena *arena = w->f->arena;
    gw_event_list none = {0};
    gw_plan plan;
    gw_buf text = GW_BUF(arena);
    gw_plan_make(arena, &w->file_list, &w->row_list, &none, "dev", NULL, NULL, &plan);
    assert_true(gw_compat_compare_rows(arena, w->theirs, w->their_count, &plan, &w->found,
                                       &w->f->err));
    gw_buf_add(&text, "");
    for (size_t i = 0; i < w->found.len; i++)
        gw_buf_addf(&text, "%s%s %s", i ? ", " : "",
                    gw_compat_problem_name(w->found.items[i].problem), w->found.items[i].version);
    return gw_buf_str(&text);
}

static const char *advice(const world *w, size_t at)
{
    return gw_compat_advice(w->f->arena, &w->found.items[at]);
}

static const char *said(const world *w, size_t at)
{
    return gw_compat_text(w->f->arena, &w->found.items[at]);
}

static void nothing_differs(void **state)
{
    world *w = new_world(state);
    assert_string_equal(compare(w), "");
    add_all(w, "1");
    add_all(w, "20260101000000");
    add_file(w, "", "20260102000000"); /* pending for both */
    assert_string_equal(compare(w), "");
}

static void no_row_for_what_is_applied(void **state)
{
    world *w = new_world(state);
    add_all(w, "1");
    add_file(w, "", "2");
    add_row(w, "", "2");
    assert_string_equal(compare(w), "sqlx_absent 2");
    assert_string_equal(w->found.items[0].expected, LF);
    assert_null(w->found.items[0].found);
    assert_non_null(strstr(said(w, 0), "2 orders is applied and has no row"));
    assert_string_equal(advice(w, 0), "godwit repair puts sqlx's table right");
}

static void another_checksum(void **state)
{
    world *w = new_world(state);
    add_all(w, "1");
    w->theirs[0].checksum = CRLF;
    assert_string_equal(compare(w), "sqlx_checksum 1");
    assert_string_equal(w->found.items[0].expected, LF);
    assert_string_equal(w->found.items[0].found, CRLF);
    assert_non_null(strstr(said(w, 0), "line ends count there"));
    assert_string_equal(advice(w, 0), "godwit repair puts sqlx's table right");
}

/* What the plan says itself: it is no difference of its own. */
static void an_edited_or_missing_file_is_the_plans_to_say(void **state)
{
    world *w = new_world(state);
    add_all(w, "1");
    w->files[0].checksum = "bb";
    w->theirs[0].checksum = CRLF;
    add_row(w, "", "2"); /* its file is gone */
    add_theirs(w, "2", CRLF);
    assert_string_equal(compare(w), "");
}

static void a_row_that_the_history_lacks(void **state)
{
    world *w = new_world(state);
    add_all(w, "1");
    add_file(w, "", "2");
    add_theirs(w, "7", LF);
    add_theirs(w, "2", LF);
    assert_string_equal(compare(w), "sqlx_extra 2, sqlx_extra 7");
    assert_ptr_equal(w->found.items[0].item->file, &w->files[1]);
    assert_null(w->found.items[1].item);
    assert_non_null(strstr(advice(w, 0), "godwit repair 2 --done"));
    assert_non_null(strstr(advice(w, 1), "bring its file back"));
    assert_non_null(strstr(advice(w, 1), "godwit repair 7 --forget"));
    assert_non_null(strstr(said(w, 1), "7 is in _sqlx_migrations"));
}

/* A migration that stopped half-way is not applied. */
static void a_row_of_what_runs(void **state)
{
    world *w = new_world(state);
    add_all(w, "1");
    w->rows[0].state = "running";
    assert_string_equal(compare(w), "sqlx_extra 1");
    w->rows[0].state = "reverting";
    assert_string_equal(compare(w), "");
}

static void what_is_unfinished_there(void **state)
{
    world *w = new_world(state);
    add_all(w, "1");
    w->theirs[0].success = false;
    add_theirs(w, "9", LF)->success = false;
    assert_string_equal(compare(w), "sqlx_unfinished 1, sqlx_unfinished 9");
    assert_non_null(strstr(said(w, 0), "1 is unfinished in _sqlx_migrations"));
    assert_non_null(strstr(advice(w, 1), "set success to true or delete the row"));
}

/* sqlx's version is a number: zeros before it are not kept, and order as text is not order. */
static void versions_are_numbers(void **state)
{
    world *w = new_world(state);
    add_file(w, "", "0002");
    add_row(w, "", "0002");
    add_file(w, "", "0010");
    add_row(w, "", "0010");
    add_file(w, "", "9223372036854775807");
    add_row(w, "", "9223372036854775807");
    add_theirs(w, "9223372036854775807", LF);
    add_theirs(w, "10", LF);
    add_theirs(w, "2", LF);
    assert_string_equal(compare(w), "");
    w->theirs[0].checksum = CRLF; /* sorted by text: 10 */
    assert_string_equal(w->theirs[0].version, "10");
    assert_string_equal(compare(w), "sqlx_checksum 0010");
}

/* No version that it could have: no row is missed. */
static void what_sqlx_cannot_know(void **state)
{
    world *w = new_world(state);
    add_file(w, "", "9223372036854775808");
    add_row(w, "", "9223372036854775808");
    add_file(w, "", "1.2");
    add_row(w, "", "1.2");
    assert_string_equal(compare(w), "");
}

/* One row there for the same version of two services: either file may be the one. */
static void two_services_with_one_version(void **state)
{
    world *w = new_world(state);
    add_file(w, "bot", "1");
    add_row(w, "bot", "1");
    gw_migration *other = add_file(w, "indexer", "1");
    put(w->f, "other", "SELECT 1;\r\n");
    other->up.path = gw_path_join(w->f->arena, w->f->path, "other");
    add_row(w, "indexer", "1");
    add_theirs(w, "1", CRLF);
    assert_string_equal(compare(w), "");
    w->theirs[0].checksum = LF;
    assert_string_equal(compare(w), "");
    w->theirs[0].checksum = "00";
    assert_string_equal(compare(w), "sqlx_checksum 1");
}

static void a_file_that_cannot_be_read(void **state)
{
    world *w = new_world(state);
    gw_event_list none = {0};
    gw_plan plan;
    add_all(w, "1");
    w->files[0].up.path = gw_path_join(w->f->arena, w->f->path, "gone");
    gw_plan_make(w->f->arena, &w->file_list, &w->row_list, &none, "dev", NULL, NULL, &plan);
    assert_false(gw_compat_compare_rows(w->f->arena, w->theirs, w->their_count, &plan, &w->found,
                                        &w->f->err));
    assert_non_null(strstr(w->f->err.message, "gone"));
}

#define with_folder(test) cmocka_unit_test_setup_teardown(test, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_folder(nothing_differs),
        with_folder(no_row_for_what_is_applied),
        with_folder(another_checksum),
        with_folder(an_edited_or_missing_file_is_the_plans_to_say),
        with_folder(a_row_that_the_history_lacks),
        with_folder(a_row_of_what_runs),
        with_folder(what_is_unfinished_there),
        with_folder(versions_are_numbers),
        with_folder(what_sqlx_cannot_know),
        with_folder(two_services_with_one_version),
        with_folder(a_file_that_cannot_be_read),
    };
    return cmocka_run_group_tests_name("compat compare", tests, NULL, NULL);
}
