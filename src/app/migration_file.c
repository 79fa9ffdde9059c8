/* One migration's files as they are on the disk. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "app/internal.h"
#include "app/migration_file.h"

/* A file of data is cut at the end of a line: it is shown, not run. */
static bool read_some(gw_arena *arena, const gw_script *script, const char *way,
                      gw_migration_file *out, gw_err *err)
{
    char *text = gw_alloc_array(arena, GW_MIGRATION_FILE_MOST + 1, sizeof *text);
    FILE *file = fopen(script->path, "rb");
    if (!file)
        return gw_err_errno(err, errno, "cannot read %s", script->path);
    size_t len = fread(text, 1, GW_MIGRATION_FILE_MOST, file);
    bool more = len == GW_MIGRATION_FILE_MOST && fgetc(file) != EOF;
    fclose(file);
    while (more && len && text[len - 1] != '\n')
        len--;
    text[len] = '\0';
    *gw_vec_push(arena, &out->texts) = (gw_migration_text){
        .way = way, .path = script->path, .sql = text, .bytes = (int64_t)script->size, .cut = more};
    return true;
}

static bool read_files(gw_arena *arena, const gw_migration *m, gw_migration_file *out, gw_err *err)
{
    bool together = m->down.present && strcmp(m->down.path, m->up.path) == 0;
    return read_some(arena, &m->up, together ? "both" : "up", out, err) &&
           (!m->down.present || together || read_some(arena, &m->down, "down", out, err));
}

/* Is it in the history of any of the databases? */
static bool is_known(gw_app *app, gw_arena *arena, gw_migration_file *out, bool *known, gw_err *err)
{
    gw_status_list list = {0};
    *known = false;
    if (!gw_app_status(app, arena, &list, err))
        return false;
    for (size_t i = 0; i < list.len; i++)
        for (size_t k = 0; k < list.items[i].len; k++) {
            const gw_status_item *item = &list.items[i].items[k];
            if (strcmp(item->version, out->version) == 0 && strcmp(item->service, out->service) == 0) {
                out->name = item->name;
                *known = true;
            }
        }
    return true;
}

bool gw_app_migration_file(gw_app *app, gw_arena *arena, const char *service, const char *version,
                           gw_migration_file *out, gw_err *err)
{
    gw_migration_list list = {0};
    const char *format;
    bool known;
    *out = (gw_migration_file){.version = version, .service = service, .name = ""};
    if (!gw_app_migrations(app, arena, &list, &format, err))
        return false;
    for (size_t i = 0; i < list.len; i++) {
        const gw_migration *m = &list.items[i];
        if (strcmp(m->version, version) != 0 || strcmp(m->service, service) != 0)
            continue;
        out->name = m->name;
        return read_files(arena, m, out, err);
    }
    if (!is_known(app, arena, out, &known, err))
        return false;
    return known || gw_err_set(err, GW_ERR_STATE, "there is no migration %s%s%s", version,
                               *service ? " of service " : "", service);
}
