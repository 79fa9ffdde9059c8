/* `init --from NAME`: a copy of an example that was installed with the program. */
#include <stdlib.h>
#include <string.h>

#include "app/internal.h"
#include "base/buf.h"
#include "base/file.h"
#include "base/vec.h"

typedef GW_VEC(const char *) path_list;

/* GODWIT_TEMPLATES, else where `make install` put them, else the source tree that built this. */
static char *find_template(gw_arena *arena, const char *name, gw_err *err)
{
    const char *places[] = {getenv("GODWIT_TEMPLATES"), GW_TEMPLATE_DIR, GW_TEMPLATE_SOURCE};
    gw_buf looked = GW_BUF(arena);
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        if (!places[i] || !*places[i])
            continue;
        char *path = gw_path_join(arena, places[i], strcmp(name, "xcm") == 0 ? "xcm-monitor" : name);
        if (gw_file_exists(gw_path_join(arena, path, "godwit.yaml")))
            return path;
        gw_buf_addf(&looked, "%s%s", looked.len ? ", " : "", places[i]);
    }
    gw_err_set(err, GW_ERR_USAGE, "there is no template named %s", name);
    gw_err_detail(err, "looked in %s", gw_buf_str(&looked));
    gw_err_hint(err, "templates are: ledgerflow, kembridge, sita-minter, xcm, clinic");
    return NULL;
}

/* What a person's own work in the example left there; .env may hold passwords. */
static bool is_left_out(const char *name)
{
    return strcmp(name, ".godwit") == 0 || strcmp(name, ".env") == 0 ||
           strcmp(name, "backups") == 0 || strcmp(name, "node_modules") == 0 ||
           strcmp(name, "blocks") == 0;
}

static bool copy_tree(gw_arena *arena, const char *from, const char *to, path_list *made,
                      gw_err *err)
{
    gw_file_list list;
    if (!gw_file_list_dir(arena, from, &list, err) || !gw_file_make_dirs(to, 0755, err))
        return false;
    for (size_t i = 0; i < list.len; i++) {
        const char *name = list.items[i].name;
        char *source = gw_path_join(arena, from, name), *target = gw_path_join(arena, to, name);
        gw_file_text text;
        if (is_left_out(name))
            continue;
        if (list.items[i].is_dir) {
            if (!copy_tree(arena, source, target, made, err))
                return false;
            continue;
        }
        if (!gw_file_read(arena, source, 0, &text, err))
            return false;
        bool script = (strlen(name) > 3 && strcmp(name + strlen(name) - 3, ".sh") == 0) ||
                      (text.len > 2 && memcmp(text.data, "#!", 2) == 0);
        if (!gw_file_create(target, text.data, text.len, script ? 0755 : 0644, err))
            return false;
        *gw_vec_push(arena, made) = target;
    }
    return true;
}

bool gw_app_init_from(gw_arena *arena, const char *dir, const char *name, const char ***paths,
                      gw_err *err)
{
    path_list made = {0};
    char *from = strchr(name, '/') ? NULL : find_template(arena, name, err);
    if (!from)
        return err->kind ? false : gw_err_set(err, GW_ERR_USAGE, "%s is not a template's name", name);
    char *file = gw_path_join(arena, dir, "godwit.yaml");
    if (gw_file_exists(file)) {
        gw_err_set(err, GW_ERR_USAGE, "%s exists: there is a project here already", file);
        return gw_err_hint(err, "start in an empty folder: godwit -C NEW_FOLDER init --from %s", name);
    }
    if (!copy_tree(arena, from, dir, &made, err))
        return false;
    *gw_vec_push(arena, &made) = NULL;
    *paths = made.items;
    return true;
}
