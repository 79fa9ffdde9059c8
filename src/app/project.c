/* A new project, and new migrations in it. */
#include <string.h>

#include "app/internal.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/vec.h"

bool gw_app_new(gw_app *app, gw_arena *arena, const char *name, const char *service,
                const char ***paths, gw_err *err)
{
    const gw_config *config = &app->config;
    const gw_config_folder *folder = NULL;
    if (!service && config->folder_count == 1)
        folder = &config->folders[0];
    for (size_t i = 0; i < config->folder_count && service; i++)
        if (strcmp(config->folders[i].service, service) == 0)
            folder = &config->folders[i];
    if (!folder) {
        gw_err_set(err, GW_ERR_USAGE, service ? "there is no service %s" : "which service is it for?",
                   service);
        return gw_err_hint(err, "name one of those under migrations: in godwit.yaml: --service NAME");
    }
    gw_folder_options options = {.path = folder->path,
                                 .shown = folder->shown,
                                 .service = folder->service,
                                 .format = folder->format ? gw_format_by_name(folder->format)
                                                          : GW_FORMAT_AUTO};
    return gw_file_make_dirs(folder->path, 0755, err) &&
           gw_folder_new(arena, &options, name, gw_now_us(), paths, err);
}

static const char NEW_PROJECT[] =
    "project: %s\n"
    "migrations: migrations\n"
    "default: dev\n"
    "environments:\n"
    "  dev:  { url: embedded }\n"
    "  prod: { url: \"${DATABASE_URL}\", protected: true, lock_timeout: 2s, statement_timeout: 15min }\n";

/* Letters, digits, - and _: fit for YAML as it is. */
static char *project_name(gw_arena *arena, const char *dir)
{
    char *name = gw_strdup(arena, gw_path_base(gw_path_absolute(arena, dir)));
    for (char *c = name; *c; c++)
        if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_", *c))
            *c = '-';
    return *name ? name : gw_strdup(arena, "project");
}

bool gw_app_init(gw_arena *arena, const char *dir, const char *template, const char ***paths,
                 gw_err *err)
{
    GW_VEC(const char *) made = {0};
    if (template)
        return gw_app_init_from(arena, dir, template, paths, err);
    char *file = gw_path_join(arena, dir, "godwit.yaml");
    char *migrations = gw_path_join(arena, dir, "migrations");
    char *ignore = gw_path_join(arena, dir, ".gitignore");
    char *text = gw_printf(arena, NEW_PROJECT, project_name(arena, dir));
    if (gw_file_exists(file)) {
        gw_err_set(err, GW_ERR_USAGE, "%s exists already", file);
        return gw_err_hint(err, "this is a project already, and stays as it is: godwit new NAME makes "
                                "its first migration, and the folder where that is missing");
    }
    if (!gw_file_make_dirs(dir, 0755, err) || !gw_file_create(file, text, strlen(text), 0644, err))
        return false;
    *gw_vec_push(arena, &made) = file;
    if (!gw_file_is_dir(migrations)) {
        if (!gw_file_make_dirs(migrations, 0755, err))
            return false;
        *gw_vec_push(arena, &made) = migrations;
    }
    if (!gw_file_exists(ignore)) {
        static const char lines[] = "/.godwit/\n/.env\n/backups/\n";
        if (!gw_file_create(ignore, lines, sizeof lines - 1, 0644, err))
            return false;
        *gw_vec_push(arena, &made) = ignore;
    }
    *gw_vec_push(arena, &made) = NULL;
    *paths = made.items;
    return true;
}
