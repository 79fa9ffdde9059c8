/*
 * godwit.yaml and .env: whatever they hold, there is a configuration or a list of problems. The
 * input's first line that is "----" parts the YAML from the .env.
 */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "config/source.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Every value of the tree is expanded, as if somebody used it. */
static void expand_all(gw_arena *arena, const gw_config_source *source, const gw_yaml *node,
                       gw_problems *problems)
{
    const char *out = NULL;
    gw_config_value value = {.text = node->text, .line = node->line, .col = node->col};
    assert(node->line > 0 && node->col > 0);
    if (node->kind == GW_YAML_SCALAR && gw_value_expand(arena, source, value, problems, &out))
        assert(out);
    for (size_t i = 0; i < node->count; i++)
        expand_all(arena, source, &node->entries[i].value, problems);
}

static void check_problems(gw_problems *problems)
{
    gw_err err = {0};
    size_t count = problems->list.len;
    bool none = gw_problems_none(problems, &err);
    assert(none == (count == 0));
    assert(none || (err.kind == GW_ERR_CONFIG && err.message && *err.message));
    gw_err_clear(&err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    enum { LIMIT = 1 << 16 };
    static const char *const variables[] = {"ONE=1", "EMPTY=", "URL=postgres://h/d", NULL};
    if (size > LIMIT)
        return 0;
    gw_arena *arena = gw_arena_new();
    char *text = gw_alloc(arena, size + 1);
    memcpy(text, data, size);
    char *parted = memmem(text, size, "\n----\n", 6);
    size_t yaml_size = parted ? (size_t)(parted - text) + 1 : size;
    char *dotenv = parted ? parted + 6 : text + size;

    gw_config_source source = {.options = {.environ = variables}, .file = "godwit.yaml"};
    gw_problems problems = {.arena = arena, .file = "godwit.yaml"};
    gw_yaml root;
    gw_dotenv_read(arena, &source, dotenv, (size_t)(text + size - dotenv), &problems);
    const char *yaml = gw_memdup(arena, text, yaml_size);
    if (gw_yaml_read(arena, yaml, yaml_size, &problems, &root)) {
        gw_config_decode(arena, &root, &problems, &source.raw);
        expand_all(arena, &source, &root, &problems);
    } else {
        assert(problems.list.len > 0);
    }
    check_problems(&problems);
    gw_arena_free(arena);
    return 0;
}
