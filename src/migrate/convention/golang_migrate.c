#include "migrate/convention/convention.h"

static bool read_folder(gw_dir *dir, gw_err *err)
{
    return gw_numbered_read(dir, GW_FORMAT_GOLANG_MIGRATE, false, true, err);
}

static bool create(gw_dir *dir, const gw_new *wanted, gw_new_files *files, gw_err *err)
{
    return gw_convention_godwit.create(dir, wanted, files, err);
}

const gw_convention gw_convention_golang_migrate = {
    .format = GW_FORMAT_GOLANG_MIGRATE,
    .pattern = "VERSION_NAME.up.sql and VERSION_NAME.down.sql",
    .read = read_folder,
    .create = create,
};
