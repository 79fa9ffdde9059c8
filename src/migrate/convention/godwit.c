#include "migrate/convention/convention.h"

/* Godwit's own. Pairs are also golang-migrate's and sqlx's: `format:` says where it matters. */

static bool named(const char *name)
{
    gw_numbered_name kind = gw_numbered(name);
    return kind == GW_NAME_UP || kind == GW_NAME_DOWN;
}

static bool read_folder(gw_dir *dir, gw_err *err)
{
    return gw_numbered_read(dir, GW_FORMAT_GODWIT, true, true, err);
}

static bool create(gw_dir *dir, const gw_new *wanted, gw_new_files *files, gw_err *err)
{
    const char *stem = gw_printf(dir->arena, "%s_%s", wanted->version, wanted->name);
    return gw_new_file(dir, files, gw_printf(dir->arena, "%s.up.sql", stem), "", err) &&
           gw_new_file(dir, files, gw_printf(dir->arena, "%s.down.sql", stem), "", err);
}

const gw_convention gw_convention_godwit = {
    .format = GW_FORMAT_GODWIT,
    .pattern = "VERSION_NAME.up.sql, VERSION_NAME.down.sql or VERSION_NAME.sql",
    .named = named,
    .read = read_folder,
    .create = create,
};
