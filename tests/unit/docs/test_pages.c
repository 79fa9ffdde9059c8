/* The files of a site and of Markdown, from a schema that was made by hand. */
#include "../schema/made.h"
#include "docs/docs.h"

static const char *file_named(const gw_docs_files *files, const char *path)
{
    for (size_t i = 0; i < files->len; i++)
        if (strcmp(files->items[i].path, path) == 0)
            return files->items[i].text;
    return NULL;
}

static size_t count_of(const char *text, const char *part)
{
    size_t count = 0;
    for (const char *p = text; (p = strstr(p, part)); p += strlen(part))
        count++;
    return count;
}

/* users ← orders; a view; comments that try to break out. */
static void fill(gw_schema *schema)
{
    gw_object *users = made_table(schema, "public", "users");
    users->comment = "people <script>alert(1)</script> | & \"more\"\nsecond line";
    made_column(schema, users, "id", "bigint", true)->comment = "a | b `c`";
    made_column(schema, users, "m|x", "text", false);
    gw_object *key = made_constraint(schema, users, "users_pkey", "p", "PRIMARY KEY (id)");
    gw_object *orders = made_table(schema, "public", "orders");
    made_column(schema, orders, "user_id", "bigint", false);
    gw_object *f = made_constraint(schema, orders, "orders_user", "f",
                                   "FOREIGN KEY (user_id) REFERENCES public.users(id)");
    made_need(schema, f, key);
    gw_object *v = made(schema, "view", NULL, "public", "v", "definition", "SELECT 1 < 2", NULL);
    made_column(schema, v, "one", "boolean", false);
}

static gw_docs_files site_of(gw_schema *schema, const gw_docs_input *more)
{
    gw_docs_input input = more ? *more : (gw_docs_input){.title = "shop"};
    gw_docs_files files = {0};
    gw_err err = {0};
    input.schema = schema;
    assert_true(gw_docs_html(schema->arena, &input, &files, &err));
    return files;
}

static void a_site_has_a_page_a_table(void **state)
{
    gw_schema *schema = *state;
    fill(schema);
    gw_docs_files files = site_of(schema, NULL);
    static const char *const paths[] = {"index.html",  "objects.html", "changelog.html",
                                        "search.js",   "style.css",    "site.js",
                                        "tables/public.users.html",    "tables/public.orders.html",
                                        "tables/public.v.html"};
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
        if (!file_named(&files, paths[i]))
            fail_msg("there is no %s", paths[i]);
    assert_int_equal(files.len, sizeof paths / sizeof *paths);
    for (size_t i = 0; i < files.len; i++)
        for (size_t k = 0; k < i; k++)
            assert_string_not_equal(files.items[i].path, files.items[k].path);
}

static void nothing_of_the_schema_is_read_as_markup(void **state)
{
    gw_schema *schema = *state;
    fill(schema);
    gw_docs_input input = {.title = "<b>shop</b>"};
    gw_docs_files files = site_of(schema, &input);
    const char *users = file_named(&files, "tables/public.users.html");
    assert_holds(users, "people &lt;script&gt;alert(1)&lt;/script&gt;");
    assert_int_equal(count_of(users, "<script"), 2); /* its own */
    for (size_t i = 0; i < files.len; i++)
        if (strstr(files.items[i].path, ".html"))
            assert_int_equal(count_of(files.items[i].text, "<b>shop"), 0);
    assert_holds(file_named(&files, "tables/public.v.html"), "SELECT 1 &lt; 2");
}

static void without_dot_it_says_so(void **state)
{
    gw_schema *schema = *state;
    fill(schema);
    char *path = gw_strdup(schema->arena, getenv("PATH"));
    setenv("PATH", "/nowhere", 1);
    gw_docs_files files = site_of(schema, NULL);
    setenv("PATH", path, 1);
    assert_holds(files.note, "Graphviz");
    for (size_t i = 0; i < files.len; i++)
        assert_int_equal(count_of(files.items[i].text, "<svg"), 0);
}

static void sizes_and_history_are_shown_where_they_are_known(void **state)
{
    gw_schema *schema = *state;
    fill(schema);
    gw_docs_size size = {"public", "users", 4711, 3 << 20};
    gw_docs_change change = {.at = INT64_C(1700000000000000),
                             .action = "apply",
                             .version = "7",
                             .name = "first <b>",
                             .service = "bot",
                             .by = "ada"};
    gw_docs_input input = {.title = "shop",
                           .sizes = {&size, 1},
                           .changes = &change,
                           .change_count = 1};
    gw_docs_files files = site_of(schema, &input);
    assert_holds(file_named(&files, "index.html"), "3.0 MB");
    const char *log = file_named(&files, "changelog.html");
    assert_holds(log, "first &lt;b&gt;");
    assert_holds(log, "2023-11-14");
    assert_int_equal(count_of(file_named(&files, "tables/public.orders.html"), "3.0 MB"), 0);
}

static void an_empty_schema_has_pages_too(void **state)
{
    gw_schema *schema = *state;
    gw_docs_files files = site_of(schema, NULL);
    assert_non_null(file_named(&files, "index.html"));
    gw_docs_files text = {0};
    gw_err err = {0};
    gw_docs_input input = {.schema = schema, .title = "none"};
    assert_true(gw_docs_markdown(schema->arena, &input, &text, &err));
    assert_holds(file_named(&text, "schema.md"), "0 tables");
}

static void markdown(void **state)
{
    gw_schema *schema = *state;
    fill(schema);
    gw_docs_input input = {.schema = schema, .title = "shop | <i>"};
    gw_docs_files files = {0};
    gw_err err = {0};
    assert_true(gw_docs_markdown(schema->arena, &input, &files, &err));
    assert_int_equal(files.len, 1);
    const char *text = file_named(&files, "schema.md");
    assert_holds(text, "```mermaid\nerDiagram\n");
    assert_holds(text, "## public.v (view)");
    assert_holds(text, "|o--o{");
    assert_holds(text, "a \\| b");
    assert_int_equal(count_of(text, "\nsecond line"), 0); /* a cell is one line */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_schema(a_site_has_a_page_a_table),
        with_schema(nothing_of_the_schema_is_read_as_markup),
        with_schema(without_dot_it_says_so),
        with_schema(sizes_and_history_are_shown_where_they_are_known),
        with_schema(an_empty_schema_has_pages_too),
        with_schema(markdown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
