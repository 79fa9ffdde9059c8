/*
 * What a convention keeps beside its files, as it has to be when a squash stands for the old ones:
 * Atlas the sums of all files, drizzle a journal of them.
 */
#include <stdlib.h>
#include <string.h>

#include "app/squash_impl.h"
#include "base/file.h"
#include "base/json.h"
#include "migrate/foreign.h"

enum { MOST_BYTES = 64 * 1024 * 1024 };
#define JOURNAL "meta/_journal.json"

static bool is_old(const gw_migration *m, const gw_migration *last)
{
    return m->kind == GW_VERSIONED && strcmp(m->service, last->service) == 0 &&
           gw_version_compare(m->order, last->order) <= 0;
}

static bool atlas(gw_arena *arena, const gw_squash_place *place, const char **out, gw_err *err)
{
    GW_VEC(gw_atlas_file) files = {0};
    for (size_t i = 0; i < place->files->len; i++) {
        const gw_migration *m = &place->files->items[i];
        if (m == place->last)
            *gw_vec_push(arena, &files) =
                (gw_atlas_file){.name = place->name, .text = place->text};
        else if (!place->alone && strcmp(m->service, place->last->service) == 0 &&
                 !is_old(m, place->last))
            *gw_vec_push(arena, &files) = (gw_atlas_file){.name = gw_path_base(m->up.path),
                                                          .path = m->up.path,
                                                          .ignored = !m->foreign_id};
    }
    return gw_atlas_sum(arena, files.items, files.len, out, err);
}

/* The entries of the old files go, but for the last one's: drizzle asks for its time. */
static bool drizzle(gw_arena *arena, const gw_squash_place *place, const char **out, gw_err *err)
{
    const char *path = gw_path_join(arena, place->folder, JOURNAL);
    gw_file_text text;
    if (!gw_file_read(arena, path, MOST_BYTES, &text, err))
        return false;
    json_t *root = gw_json_parse(arena, path, text.data, text.len, err);
    if (!root)
        return false;
    const char *last = gw_strndup(arena, gw_path_base(place->last->up.path),
                                  strlen(gw_path_base(place->last->up.path)) - strlen(".sql"));
    json_t *entries = json_object_get(root, "entries"), *kept = json_array();
    bool before = true;
    for (size_t i = 0; i < json_array_size(entries); i++) {
        json_t *entry = json_array_get(entries, i);
        const char *tag = json_string_value(json_object_get(entry, "tag"));
        bool is_last = tag && strcmp(tag, last) == 0;
        if (is_last)
            json_object_set_new(entry, "tag",
                                json_stringn(place->name, strlen(place->name) - strlen(".sql")));
        if (is_last || (!before && !place->alone))
            json_array_append(kept, entry);
        before &= !is_last;
    }
    json_object_set_new(root, "entries", kept);
    char *written = json_dumps(root, JSON_INDENT(2));
    *out = gw_strdup(arena, written);
    free(written);
    return true;
}

bool gw_squash_beside(gw_arena *arena, const gw_squash_place *place, const char **name,
                      const char **text, gw_err *err)
{
    *name = *text = NULL;
    if (place->last->format == GW_FORMAT_ATLAS) {
        *name = "atlas.sum";
        return atlas(arena, place, text, err);
    }
    if (place->last->format == GW_FORMAT_DRIZZLE) {
        *name = JOURNAL;
        return drizzle(arena, place, text, err);
    }
    return true;
}

void gw_squash_snapshots(gw_arena *arena, const gw_squash_place *place, gw_texts *moved)
{
    for (size_t i = 0; place->last->format == GW_FORMAT_DRIZZLE && i < place->files->len; i++) {
        const gw_migration *m = &place->files->items[i];
        const char *file = gw_printf(arena, "meta/%s_snapshot.json", m->version);
        if (is_old(m, place->last) && m != place->last &&
            gw_file_exists(gw_path_join(arena, place->folder, file)))
            *gw_vec_push(arena, moved) = file;
    }
}
