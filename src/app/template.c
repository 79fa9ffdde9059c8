/* `init --from NAME`: a copy of an example that was installed with the program. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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

typedef struct copied {
    const char *source, *target;
    bool is_dir;
} copied;

typedef GW_VEC(copied) copy_list;

static bool list_tree(gw_arena *arena, const char *from, const char *to, copy_list *out, gw_err *err)
{
    gw_file_list list;
    *gw_vec_push(arena, out) = (copied){from, to, true};
    if (!gw_file_list_dir(arena, from, &list, err))
        return false;
    for (size_t i = 0; i < list.len; i++) {
        const char *name = list.items[i].name;
        if (is_left_out(name))
            continue;
        copied one = {gw_path_join(arena, from, name), gw_path_join(arena, to, name), list.items[i].is_dir};
        if (!one.is_dir)
            *gw_vec_push(arena, out) = one;
        else if (!list_tree(arena, one.source, one.target, out, err))
            return false;
    }
    return true;
}

/* Before the first of them is written: half of an example is no project. */
static bool refuse_clashes(gw_arena *arena, const copy_list *list, const char *name, gw_err *err)
{
    gw_buf there = GW_BUF(arena);
    for (size_t i = 0; i < list->len; i++) {
        const copied *one = &list->items[i];
        struct stat found;
        bool folder = one->is_dir && stat(one->target, &found) == 0 && S_ISDIR(found.st_mode);
        if (!folder && lstat(one->target, &found) == 0)
            gw_buf_addf(&there, "%s%s", there.len ? ", " : "", gw_path_from_here(one->target));
    }
    if (!there.len)
        return true;
    gw_err_set(err, GW_ERR_USAGE, "files that the example has are here already: nothing was written");
    gw_err_detail(err, "%s", gw_buf_str(&there));
    return gw_err_hint(err, "move them away, or start in an empty folder: godwit -C NEW_FOLDER init --from %s",
                       name);
}

static bool copy_file(gw_arena *arena, const copied *one, gw_err *err)
{
    gw_file_text text;
    size_t len = strlen(one->source);
    if (!gw_file_read(arena, one->source, 0, &text, err))
        return false;
    bool script = (len > 3 && strcmp(one->source + len - 3, ".sh") == 0) ||
                  (text.len > 2 && memcmp(text.data, "#!", 2) == 0);
    return gw_file_create(one->target, text.data, text.len, script ? 0755 : 0644, err);
}

/* Where one cannot be written, those before it go again. */
static bool copy_all(gw_arena *arena, const copy_list *list, path_list *made, gw_err *err)
{
    for (size_t i = 0; i < list->len; i++) {
        const copied *one = &list->items[i];
        if (one->is_dir ? gw_file_make_dirs(one->target, 0755, err) : copy_file(arena, one, err)) {
            if (!one->is_dir)
                *gw_vec_push(arena, made) = one->target;
            continue;
        }
        for (size_t k = 0; k < made->len; k++)
            unlink(made->items[k]);
        return false;
    }
    return true;
}

bool gw_app_init_from(gw_arena *arena, const char *dir, const char *name, const char ***paths,
                      gw_err *err)
{
    path_list made = {0};
    copy_list list = {0};
    char *from = strchr(name, '/') ? NULL : find_template(arena, name, err);
    if (!from)
        return err->kind ? false : gw_err_set(err, GW_ERR_USAGE, "%s is not a template's name", name);
    char *file = gw_path_join(arena, dir, "godwit.yaml");
    if (gw_file_exists(file)) {
        gw_err_set(err, GW_ERR_USAGE, "%s exists: there is a project here already", file);
        return gw_err_hint(err, "start in an empty folder: godwit -C NEW_FOLDER init --from %s", name);
    }
    if (!list_tree(arena, from, dir, &list, err) || !refuse_clashes(arena, &list, name, err) ||
        !copy_all(arena, &list, &made, err))
        return false;
    *gw_vec_push(arena, &made) = NULL;
    *paths = made.items;
    return true;
}
