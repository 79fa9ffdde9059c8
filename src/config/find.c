/* Where the configuration is: --config, GODWIT_CONFIG, or godwit.yaml here or above. */
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "config/source.h"

static const char *file_in(gw_arena *arena, const char *dir)
{
    static const char *const names[] = {"godwit.yaml", "godwit.yml"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *path = dir ? gw_path_join(arena, dir, names[i]) : names[i];
        if (gw_file_exists(path))
            return path;
    }
    return NULL;
}

/* Up to the folder that holds .git: what is above belongs to somebody else. */
static const char *file_above(gw_arena *arena, const char *start)
{
    char *dir = gw_strdup(arena, start);
    while (strcmp(dir, "/") != 0 && !gw_file_exists(gw_path_join(arena, dir, ".git"))) {
        dir = gw_path_dir(arena, dir);
        const char *file = file_in(arena, dir);
        if (file)
            return file;
    }
    return NULL;
}

bool gw_config_find(gw_arena *arena, gw_config_source *source, gw_err *err)
{
    const gw_config_options *options = &source->options;
    const char *dir = options->dir;
    if (dir && !gw_file_is_dir(dir))
        return gw_err_set(err, GW_ERR_CONFIG, "%s is not a folder", dir);
    source->start = gw_path_absolute(arena, dir ? dir : ".");
    const char *named = options->file, *from = "--config";
    if (!named) {
        named = gw_source_variable(source, "GODWIT_CONFIG", NULL);
        from = "GODWIT_CONFIG";
    }
    if (named) {
        source->file = dir ? gw_path_join(arena, dir, named) : named;
        if (gw_file_exists(source->file))
            return true;
        gw_err_set(err, GW_ERR_CONFIG, "there is no file %s", source->file);
        return gw_err_detail(err, "%s names it", from);
    }
    source->file = file_in(arena, dir);
    if (!source->file)
        source->file = file_above(arena, source->start);
    return true;
}

const char *gw_config_usual_folder(gw_arena *arena, const char *project_dir)
{
    /* Godwit's own and sqlx's, dbmate's, drizzle's, Flyway's */
    static const char *const folders[] = {"migrations", "db/migrations", "drizzle",
                                          "src/main/resources/db/migration"};
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++)
        if (gw_file_is_dir(gw_path_join(arena, project_dir, folders[i])))
            return folders[i];
    if (gw_file_exists(gw_path_join(arena, project_dir, "sqitch.plan")))
        return ".";
    return NULL;
}
