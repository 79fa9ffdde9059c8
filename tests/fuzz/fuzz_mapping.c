/*
 * A mapping: whatever the file holds, there is a value or a list of problems; every place lies in
 * the file, and what was read once reads the same again.
 */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "sync/mapping.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_place(const gw_mapping *mapping, const gw_said *said)
{
    unsigned line = 0, col = 0;
    if (!said->text)
        return;
    assert(said->line > 0 && said->col > 0);
    for (size_t i = 0; i <= strlen(said->text) && i < 40; i++) {
        gw_mapping_place(mapping, said, i, &line, &col);
        assert(line >= said->line && col > 0);
    }
}

static void check_mapping(gw_arena *arena, const gw_mapping *mapping)
{
    assert(mapping->entity.text && mapping->version.text && mapping->body_hash);
    assert(mapping->source.key.len && mapping->destination.key.len && mapping->fields.len);
    for (size_t i = 0; i < mapping->fields.len; i++) {
        const gw_map_field *field = &mapping->fields.items[i];
        assert(gw_mapping_field(mapping, field->to.text) == field);
        assert(field->kind != GW_FIELD_COPY || field->from.len == 1);
        check_place(mapping, &field->sql);
    }
    for (size_t i = 0; i < mapping->functions.len; i++)
        assert(mapping->functions.items[i].body_line > 0);
    gw_mapping_needs(arena, mapping);
    assert(json_array_size(gw_mapping_fields_json(arena, mapping)) == mapping->fields.len);
    assert(json_array_size(gw_mapping_rules_json(arena, mapping)) == mapping->rules.len);
    gw_mapping_functions_json(arena, mapping);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    enum { LIMIT = 1 << 16 };
    if (size > LIMIT)
        return 0;
    gw_arena *arena = gw_arena_new();
    const char *text = gw_memdup(arena, data, size);
    gw_problems problems = {.arena = arena};
    gw_mapping mapping, again;
    bool ok = gw_mapping_read(arena, "m.yaml", NULL, text, size, "export {}", &problems, &mapping);
    assert(ok == (problems.list.len == 0));
    for (size_t i = 0; i < problems.list.len; i++)
        assert(problems.list.items[i].line > 0 && *problems.list.items[i].message);
    if (ok) {
        check_mapping(arena, &mapping);
        assert(gw_mapping_read(arena, "m.yaml", NULL, mapping.body, strlen(mapping.body),
                               "export {}", &problems, &again));
        assert(strcmp(mapping.body_hash, again.body_hash) == 0);
    }
    gw_arena_free(arena);
    return 0;
}
