#include <string.h>

#include "migrate/convention/convention.h"

static bool read_folder(gw_dir *dir, gw_err *err)
{
    return gw_numbered_read(dir, GW_FORMAT_SQLX, true, true, err);
}

/* sqlx refuses to mix: a new migration is what the others are. */
static bool has_pairs(const gw_dir *dir)
{
    for (size_t i = 0; i < dir->files.len; i++)
        if (gw_numbered(dir->files.items[i].name) == GW_NAME_UP)
            return true;
    return false;
}

static bool create(gw_dir *dir, const gw_new *wanted, gw_new_files *files, gw_err *err)
{
    if (has_pairs(dir))
        return gw_convention_godwit.create(dir, wanted, files, err);
    return gw_new_file(dir, files,
                       gw_printf(dir->arena, "%s_%s.sql", wanted->version, wanted->name), "", err);
}

const gw_convention gw_convention_sqlx = {
    .format = GW_FORMAT_SQLX,
    .pattern = "VERSION_NAME.sql, or VERSION_NAME.up.sql with VERSION_NAME.down.sql",
    .read = read_folder,
    .create = create,
};
