/* Mappings from files. */
#include <string.h>

#include "base/file.h"
#include "sync/mapping.h"

enum { MAX_MAPPING = 1024 * 1024 };

static bool load(gw_arena *arena, const char *path, gw_problems *problems, gw_mapping_list *out,
                 gw_err *err)
{
    gw_file_text text;
    gw_mapping mapping;
    const char *shown = gw_path_from_here(path);
    if (!gw_file_read(arena, path, MAX_MAPPING, &text, err))
        return false;
    if (!gw_mapping_read(arena, shown, path, text.data, text.len, NULL, problems, &mapping))
        return true;
    for (size_t i = 0; i < out->len; i++) {
        if (strcmp(out->items[i].entity.text, mapping.entity.text) != 0)
            continue;
        const char *outer = problems->file;
        problems->file = mapping.file;
        gw_problem_add(problems, mapping.entity.line, mapping.entity.col,
                       "the entity \"%s\" is described in %s as well", mapping.entity.text,
                       out->items[i].file);
        problems->file = outer;
        return true;
    }
    *gw_vec_push(arena, out) = mapping;
    return true;
}

static bool is_yaml(const char *name)
{
    size_t len = strlen(name);
    return *name != '.' && ((len > 5 && strcmp(name + len - 5, ".yaml") == 0) ||
                            (len > 4 && strcmp(name + len - 4, ".yml") == 0));
}

bool gw_mappings_load(gw_arena *arena, const char *dir, const char *const *files,
                      size_t file_count, gw_problems *problems, gw_mapping_list *out, gw_err *err)
{
    gw_file_list list = {0};
    *out = (gw_mapping_list){0};
    for (size_t i = 0; i < file_count; i++)
        if (!load(arena, files[i], problems, out, err))
            return false;
    if (file_count)
        return true;
    if (!gw_file_list_dir(arena, dir, &list, err))
        return gw_err_context(err, "while reading the folder of mappings");
    for (size_t i = 0; i < list.len; i++)
        if (!list.items[i].is_dir && is_yaml(list.items[i].name) &&
            !load(arena, gw_path_join(arena, dir, list.items[i].name), problems, out, err))
            return false;
    return true;
}
