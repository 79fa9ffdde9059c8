#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "sync/mapping.h"

static gw_arena *arena;
static gw_mapping mapping;
static gw_problems problems;

static int setup(void **state)
{
    (void)state;
    arena = gw_arena_new();
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    gw_arena_free(arena);
    return 0;
}

static bool read_text(const char *text)
{
    problems = (gw_problems){.arena = arena};
    return gw_mapping_read(arena, "m.yaml", NULL, text, strlen(text), NULL, &problems, &mapping);
}

static void assert_read(const char *text)
{
    if (!read_text(text))
        fail_msg("%s:%u:%u: %s", problems.list.items[0].file, problems.list.items[0].line,
                 problems.list.items[0].col, problems.list.items[0].message);
}

/* The text, and a problem that says this, at this place. */
static void assert_problem(const char *text, const char *says, unsigned line, unsigned col)
{
    if (read_text(text))
        fail_msg("nothing is wrong with\n%s", text);
    gw_buf all = GW_BUF(arena);
    for (size_t i = 0; i < problems.list.len; i++) {
        const gw_problem *p = &problems.list.items[i];
        assert_string_equal(p->file, "m.yaml");
        const char *whole = gw_printf(arena, "%s (%s)", p->message, p->hint ? p->hint : "");
        if (strstr(whole, says) && p->line == line && p->col == col)
            return;
        gw_buf_addf(&all, "\n  %u:%u: %s", p->line, p->col, whole);
    }
    fail_msg("no \"%s\" at %u:%u, but:%s\nin\n%s", says, line, col, gw_buf_str(&all), text);
}

/* ---- the contract ----------------------------------------------------------------------- */

static const char patients[] =
    "entity: patients\n"
    "version: 1.0.0\n"
    "source: { table: public.dispatch_patient, key: id, changed_at: updated_at }\n"
    "destination: { table: public.patients, key: id }\n"
    "depends_on: [doctors]\n"
    "identity: uuid-v7                       # keep | uuid-v5 | uuid-v7 | generated\n"
    "deletes: { soft: deleted_at }           # ignore | delete | { delete: cascade } | { soft: COLUMN }\n"
    "on_reject: quarantine                   # skip | fail\n"
    "on_destination_change: quarantine       # overwrite | keep\n"
    "fields:\n"
    "  - { from: id, to: legacy_patient_id, type: integer, required: true }\n"
    "  - { from: doctor_id, to: doctor_id, reference: doctors }\n"
    "  - { to: email, sql: \"lower(nullif(trim(email), ''))\" }\n"
    "  - { to: full_name, transform: fullName }\n"
    "  - { from: status, to: status, default: active }\n"
    "rules:\n"
    "  - { field: email, rule: format, parameters: { pattern: '^[^@ ]+@[^@ ]+$' } }\n"
    "functions:                              # or functions: patients.ts\n"
    "  fullName: |\n"
    "    (row: Row): string => [row.first_name, row.last_name].filter(Boolean).join(' ')\n";

static void the_example_of_the_contract(void **state)
{
    (void)state;
    assert_read(patients);
    assert_string_equal(mapping.entity.text, "patients");
    assert_string_equal(mapping.source.table.schema, "public");
    assert_string_equal(mapping.source.table.name, "dispatch_patient");
    assert_string_equal(mapping.source.key.items[0].text, "id");
    assert_string_equal(mapping.source.changed_at.text, "updated_at");
    assert_false(mapping.source.changed_at_sound);
    assert_int_equal(mapping.identity, GW_IDENTITY_UUID_V7);
    assert_true(gw_mapping_has_id_map(&mapping));
    assert_int_equal(mapping.deletes, GW_DELETES_SOFT);
    assert_string_equal(mapping.deletes_column.text, "deleted_at");
    assert_int_equal(mapping.fields.len, 5);
    const gw_map_field *f = mapping.fields.items;
    assert_int_equal(f[0].kind, GW_FIELD_COPY);
    assert_true(f[0].required);
    assert_string_equal(f[0].type.text, "integer");
    assert_int_equal(f[1].kind, GW_FIELD_REFERENCE);
    assert_int_equal(f[2].kind, GW_FIELD_SQL);
    assert_int_equal(f[3].kind, GW_FIELD_TRANSFORM);
    assert_string_equal(f[4].default_value.text, "active");
    assert_int_equal(f[4].line, 15);
    assert_int_equal(mapping.rules.items[0].kind, GW_RULE_FORMAT);
    assert_string_equal(mapping.rules.items[0].pattern.text, "^[^@ ]+@[^@ ]+$");
    assert_int_equal(mapping.functions.len, 1);
    const gw_mapping_function *fn = &mapping.functions.items[0];
    assert_string_equal(fn->name, "fullName");
    assert_int_equal(fn->body_line, 20);
    assert_int_equal(fn->body_col, 4);
    assert_int_equal(fn->body_indent, 4);
    gw_said_list needs = gw_mapping_needs(arena, &mapping);
    assert_int_equal(needs.len, 1);
    assert_string_equal(needs.items[0].text, "doctors");
    assert_int_equal(strlen(mapping.body_hash), 64);
    assert_string_equal(mapping.body, patients);
    assert_string_equal(gw_json_dump(arena, gw_mapping_rules_json(arena, &mapping)),
                        "[{\"field_name\":\"email\",\"rule_type\":\"format\",\"rule_parameters\":"
                        "{\"pattern\":\"^[^@ ]+@[^@ ]+$\"}}]");
    assert_non_null(strstr(gw_json_dump(arena, gw_mapping_fields_json(arena, &mapping)),
                           "{\"source_field\":\"id\",\"destination_field\":\"legacy_patient_id\","
                           "\"data_type\":\"integer\",\"is_required\":true}"));
}

#define HEAD "entity: a\nversion: 1.0.0\n"
#define SIDES "source: {table: s, key: id}\ndestination: {table: d, key: id}\n"
#define FIELDS "fields:\n- {from: x, to: y}\n"

static void hard_names_and_many_keys(void **state)
{
    (void)state;
    assert_read("entity: \"Ärzte & Co\"\nversion: 2.1.0-rc.1+b7\n"
                "source: {table: '\"My.Schema\".\"T\"\"x\"', key: [A, 'b c'],\n"
                "  changed_at: {column: Touched, set_by: server}}\n"
                "destination: {table: Straße, key: [p, q],\n"
                "  metadata: {legacy_id: l, migrated_at: m, source_hash: h}}\n"
                "sensitive: [A, p]\n"
                "x-note: [mine]\n"
                "fields:\n"
                "- {to: constant, value: ''}\n"
                "- {to: nothing, value: ~}\n"
                "- {to: r, reference: other, from: [a, b]}\n"
                "- {to: self, reference: \"Ärzte & Co\", from: [a, b], sensitive: yes}\n");
    assert_string_equal(mapping.source.table.schema, "My.Schema");
    assert_string_equal(mapping.source.table.name, "T\"x");
    assert_string_equal(mapping.destination.table.schema, "public");
    assert_string_equal(mapping.destination.table.name, "Straße");
    assert_true(mapping.source.changed_at_sound);
    assert_string_equal(mapping.source.changed_at.text, "Touched");
    assert_int_equal(mapping.fields.len, 6);
    assert_string_equal(mapping.fields.items[0].value.text, "");
    assert_int_equal(mapping.fields.items[1].kind, GW_FIELD_VALUE);
    assert_null(mapping.fields.items[1].value.text);
    const gw_map_field *p = gw_mapping_field(&mapping, "p");
    assert_true(p->implied && p->required && p->sensitive);
    assert_string_equal(p->from.items[0].text, "A");
    assert_string_equal(gw_mapping_field(&mapping, "q")->from.items[0].text, "b c");
    assert_true(gw_mapping_sensitive(&mapping, "A"));
    assert_true(gw_mapping_sensitive(&mapping, "b"));
    assert_false(gw_mapping_sensitive(&mapping, "b c"));
    assert_int_equal(gw_mapping_needs(arena, &mapping).len, 1);
    assert_string_equal(gw_mapping_table_sql(arena, &mapping.source.table),
                        "\"My.Schema\".\"T\"\"x\"");
}

static void what_is_made_of_masked_columns(void **state)
{
    static const struct {
        const char *sql;
        bool masked;
    } all[] = {
        {"upper(s.name)", false},
        {"s.\"is\" || 's' || $s$it's$s$", false},
        {"address.s", false},
        {"upper(s.\"Mail\")", true},
        {"lower(MAIL)", true},
        {"emails", true}, /* too much rather than too little */
        {"U&\"\\006Dail\"", true},
        {"to_jsonb(s) ->> 'name'", true},
        {"S::text", true},
        {"row(s.*)::text", true},
        {"row(\"s\" . *)::text", true},
        {"s", true},
    };
    (void)state;
    assert_read(HEAD SIDES "sensitive: [mail]\nfields:\n- {from: name, to: name}\n- {from: mail, to: m}\n"
                           "- {sql: \"1\", to: made}\n");
    assert_false(gw_mapping_field_masked(&mapping, gw_mapping_field(&mapping, "name")));
    assert_true(gw_mapping_field_masked(&mapping, gw_mapping_field(&mapping, "m")));
    assert_false(gw_mapping_key_masked(&mapping));
    gw_map_field made = *gw_mapping_field(&mapping, "made");
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        made.sql.text = all[i].sql;
        if (gw_mapping_field_masked(&mapping, &made) != all[i].masked)
            fail_msg("%s is%s masked", all[i].sql, all[i].masked ? " not" : "");
    }
    mapping.sensitive.len = 0;
    made.sql.text = "to_jsonb(s)";
    assert_false(gw_mapping_field_masked(&mapping, &made));
}

static void identities(void **state)
{
    (void)state;
    assert_read(HEAD SIDES FIELDS "identity: {uuid-v5: 6BA7B810-9dad-11d1-80b4-00c04fd430c8}\n");
    assert_string_equal(mapping.identity_namespace, "6ba7b810-9dad-11d1-80b4-00c04fd430c8");
    assert_read(HEAD SIDES FIELDS "identity: {uuid-v5: url}\n");
    assert_string_equal(mapping.identity_namespace, "6ba7b811-9dad-11d1-80b4-00c04fd430c8");
    assert_read(HEAD SIDES FIELDS "identity: generated\ndepends_on: []\n");
    assert_int_equal(mapping.fields.len, 1);
}

static const struct {
    const char *yaml, *says;
    unsigned line, col;
} mistakes[] = {
    {"", "a mapping's file has keys and values", 1, 1},
    {"- a\n", "a mapping's file has keys and values, not a list", 1, 1},
    {"entity: [a]\n", "\"entity\" takes a single value", 1, 1},
    {"entity:\n", "\"entity\" has no value", 1, 1},
    {HEAD, "there is no \"source\"", 1, 1},
    {HEAD SIDES, "there is no \"fields\"", 1, 1},
    {HEAD SIDES "fields: []\nidentity: generated\n", "there are no fields", 1, 1},
    {HEAD SIDES FIELDS "entty: a\n", "did you mean \"entity\"?", 7, 1},
    {HEAD SIDES FIELDS "entity: b\n", "is given twice", 7, 1},
    {"entity: -x\n", "is no name for an entity", 1, 9},
    {"entity: \"a\\tb\"\n", "no control characters", 1, 9},
    {"version: 1.0\n", "takes a semantic version, not \"1.0\"", 1, 10},
    {"version: 1.02.3\n", "semantic version", 1, 10},
    {"version: 1.0.0-\n", "semantic version", 1, 10},
    {"source: here\n", "\"source\" takes a mapping", 1, 9},
    {"source: {table: a, query: SELECT 1, key: b}\n", "not both", 1, 1},
    {"source: {key: b}\n", "has neither", 1, 1},
    {"source: {table: a}\n", "\"source\" has no key", 1, 1},
    {"source: {table: a.b.c, key: b}\n", "takes a table", 1, 17},
    {"source: {table: a., key: b}\n", "takes a table", 1, 17},
    {"source: {table: '\"a', key: b}\n", "takes a table", 1, 17},
    {"source: {table: a, key: [b, b]}\n", "\"b\" is given twice", 1, 29},
    {"source: {table: a, key: []}\n", "\"key\" is an empty list", 1, 20},
    {"source: {table: a, key: ''}\n", "\"key\" is empty", 1, 25},
    {"source: {table: a, key: b, changed_at: {set_by: server}}\n", "has no column", 1, 28},
    {"source: {table: a, key: b, changed_at: {column: c, set_by: me}}\n",
     "takes application or server, not \"me\"", 1, 60},
    {"destination: {table: a}\n", "has no key", 1, 1},
    {"destination: {key: a}\n", "has no table", 1, 1},
    {"destination: {table: a, key: b, metadata: {hash: c}}\n", "unknown key \"hash\"", 1, 44},
    {"source: {table: a, key: 0123456789012345678901234567890123456789012345678901234567890123}\n",
     "at most 63 bytes", 1, 25},
    {HEAD SIDES FIELDS "identity: new\n", "takes keep, uuid-v5, uuid-v7 or generated", 7, 11},
    {HEAD SIDES FIELDS "identity: uuid-v5\n", "needs a namespace", 7, 11},
    {HEAD SIDES FIELDS "identity: {uuid-v5: me}\n", "takes a namespace", 7, 21},
    {HEAD SIDES FIELDS "identity: {uuid-v7: x}\n", "or {uuid-v5: NAMESPACE}", 7, 1},
    {HEAD SIDES FIELDS "deletes: drop\n", "takes ignore or delete", 7, 10},
    {HEAD SIDES FIELDS "deletes: {hard: x}\n", "{soft: COLUMN}", 7, 1},
    {HEAD SIDES FIELDS "deletes: {delete: all}\n", "takes cascade", 7, 19},
    {HEAD SIDES FIELDS "deletes: {soft: y}\n", "filled by Godwit (deletes)", 7, 17},
    {HEAD SIDES FIELDS "on_reject: cry\n", "takes quarantine, skip or fail", 7, 12},
    {HEAD SIDES FIELDS "on_destination_change: overwrit\n", "did you mean \"overwrite\"?", 7, 24},
    {HEAD SIDES FIELDS "depends_on: a\n", "cannot depend on itself", 7, 13},
    {HEAD SIDES FIELDS "depends_on: [b, b]\n", "is given twice", 7, 17},
    {HEAD SIDES "fields: {a: b}\n", "takes a list of fields", 5, 1},
    {HEAD SIDES "fields: [a]\n", "a field is a mapping", 5, 10},
    {HEAD SIDES "fields:\n- {from: a}\n", "has no \"to\"", 6, 4},
    {HEAD SIDES "fields:\n- {to: a}\n", "says nowhere what goes into it", 6, 4},
    {HEAD SIDES "fields:\n- {to: a, from: b, sql: c}\n", "takes sql or from, not both", 6, 17},
    {HEAD SIDES "fields:\n- {to: a, value: b, sql: c}\n", "more than one of sql", 6, 4},
    {HEAD SIDES "fields:\n- {to: a, reference: b}\n", "has no \"from\"", 6, 4},
    {HEAD SIDES "fields:\n- {to: a, from: [b, c]}\n", "comes from one column", 6, 21},
    {HEAD SIDES "fields:\n- {to: a, from: b, required: maybe}\n", "takes true or false", 6, 30},
    {HEAD SIDES FIELDS "- {from: z, to: y}\n", "two fields go to \"y\"", 7, 17},
    {HEAD SIDES "fields:\n- {to: a, transform: f}\nfunctions: {g: x}\n",
     "there is no function \"f\"", 6, 22},
    {HEAD SIDES FIELDS "functions: {1a: x}\n", "no name of a function", 7, 13},
    {HEAD SIDES FIELDS "functions: {a: ' '}\n", "is empty", 7, 16},
    {HEAD SIDES FIELDS "functions: a.js\n", "a .ts file", 7, 12},
    {HEAD SIDES FIELDS "functions: a.ts\n", "cannot be read from here", 7, 12},
    {HEAD SIDES FIELDS "rules: x\n", "takes a list of rules", 7, 8},
    {HEAD SIDES FIELDS "rules:\n- {field: y}\n", "has no \"rule\"", 8, 4},
    {HEAD SIDES FIELDS "rules:\n- {field: z, rule: required}\n", "no field goes to \"z\"", 8, 11},
    {HEAD SIDES FIELDS "rules:\n- {rule: unique}\n", "has no \"field\"", 8, 4},
    {HEAD SIDES FIELDS "rules:\n- {field: [y, id], rule: range, parameters: {min: 1}}\n",
     "takes one field", 8, 15},
    {HEAD SIDES FIELDS "rules:\n- {field: y, rule: format}\n", "needs parameters: {pattern", 8, 4},
    {HEAD SIDES FIELDS "rules:\n- {field: y, rule: range}\n", "needs parameters: {min", 8, 4},
    {HEAD SIDES FIELDS "rules:\n- {field: y, rule: range, parameters: {min: 1, pattern: a}}\n",
     "does not take this", 8, 57},
    {HEAD SIDES FIELDS "rules:\n- {rule: sql}\n", "needs its condition", 8, 4},
    {HEAD SIDES FIELDS "rules:\n- {sql: y > }\n", "the condition of a rule", 8, 12},
    {HEAD "source: {table: s, key: [a, b]}\ndestination: {table: d, key: id}\n" FIELDS,
     "no field fills \"id\"", 4, 30},
    {HEAD "source: {table: s, key: a}\ndestination: {table: d, key: [i, j]}\n" FIELDS
          "identity: uuid-v7\n", "makes a key of one column", 4, 34},
    {HEAD SIDES "fields:\n- {from: x, to: id}\nidentity: generated\n",
     "which identity generated makes", 6, 17},
    {HEAD "source: {query: \"SELECT 1;\", key: a}\ndestination: {table: d, key: i}\n" FIELDS,
     "the query of the source", 3, 26},
    {HEAD SIDES "fields:\n- {from: x, to: y, type: 'no(type'}\n", "the type of \"y\"", 6, 0},
    {"a: [\n", "this is not YAML", 1, 4},
    {"\xff", "this is not UTF-8", 1, 1},
};

static void one_mistake_each(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof mistakes / sizeof *mistakes; i++)
        if (mistakes[i].col)
            assert_problem(mistakes[i].yaml, mistakes[i].says, mistakes[i].line, mistakes[i].col);
        else
            assert_false(read_text(mistakes[i].yaml));
}

static void all_of_them_at_once(void **state)
{
    (void)state;
    assert_false(read_text("entity: -a\nversion: 1\nsource: {}\nfields: [{to: ''}]\nwhat: 1\n"));
    assert_true(problems.list.len >= 6);
}

static void an_error_in_an_expression_has_its_place(void **state)
{
    (void)state;
    assert_problem(HEAD SIDES "fields:\n- {to: y, sql: \"a b c\"}\n", "the sql of \"y\"", 6, 19);
    assert_problem(HEAD SIDES "fields:\n- to: y\n  sql: a b c\n", "the sql of \"y\"", 7, 10);
    assert_problem(HEAD SIDES "fields:\n- to: y\n  sql: |\n    a +\n     ä b c\n", "the sql", 9, 8);
    /* Folded: the characters are elsewhere in the file than in the text. */
    assert_problem(HEAD SIDES "fields:\n- to: y\n  sql: >\n    a +\n    ä b c\n", "the sql", 8, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_example_of_the_contract, setup, teardown),
        cmocka_unit_test_setup_teardown(hard_names_and_many_keys, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_made_of_masked_columns, setup, teardown),
        cmocka_unit_test_setup_teardown(identities, setup, teardown),
        cmocka_unit_test_setup_teardown(one_mistake_each, setup, teardown),
        cmocka_unit_test_setup_teardown(all_of_them_at_once, setup, teardown),
        cmocka_unit_test_setup_teardown(an_error_in_an_expression_has_its_place, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
