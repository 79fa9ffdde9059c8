#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "script/internal.h"

/* Where Debian, Fedora, Arch and npm put the compiler. */
static const char *const compiler_folders[] = {
    "/usr/share/nodejs/typescript/lib",
    "/usr/lib/node_modules/typescript/lib",
    "/usr/local/lib/node_modules/typescript/lib",
    "node_modules/typescript/lib",
};

static bool runs(const char *path)
{
    return !gw_file_is_dir(path) && access(path, X_OK) == 0;
}

/* Beside this program: as it is installed under any prefix, and as it stands in a build folder. */
static const char *beside(gw_arena *arena)
{
    static const char *const places[] = {"../libexec/godwit/godwit-script",
                                         "src/script/worker/godwit-script"};
    char self[4096];
    ssize_t len = readlink("/proc/self/exe", self, sizeof self);
    if (len <= 0 || (size_t)len == sizeof self)
        return NULL;
    char *folder = gw_path_dir(arena, gw_strndup(arena, self, (size_t)len));
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        char *path = gw_path_join(arena, folder, places[i]);
        if (runs(path))
            return path;
    }
    return NULL;
}

const char *gw_script_find_worker(gw_arena *arena, gw_err *err)
{
    const char *named = getenv("GODWIT_SCRIPT_WORKER");
    if (named && *named) {
        if (runs(named))
            return gw_path_absolute(arena, named);
        gw_err_set(err, GW_ERR_UNSUPPORTED, "TypeScript functions cannot be run here");
        gw_err_detail(err, "GODWIT_SCRIPT_WORKER names %s, which is no program", named);
        gw_err_hint(err, "let it name a godwit-script, or unset it");
        return NULL;
    }
    const char *found = beside(arena);
    if (found)
        return found;
    if (runs(GW_LIBEXECDIR "/godwit-script"))
        return GW_LIBEXECDIR "/godwit-script";
    gw_err_set(err, GW_ERR_UNSUPPORTED, "TypeScript functions cannot be run here");
    gw_err_detail(err, "there is no godwit-script: this godwit was built without JavaScriptCore");
    gw_err_hint(err, "install libjavascriptcoregtk-4.1-dev and build godwit with -Dscript=enabled, "
                     "or write the field with sql:");
    return NULL;
}

static bool is_compiler(gw_arena *arena, const char *folder)
{
    return gw_file_exists(gw_path_join(arena, folder, "lib.es2020.d.ts")) &&
           (gw_file_exists(gw_path_join(arena, folder, "tsc.js")) ||
            gw_file_exists(gw_path_join(arena, folder, "typescript.js")));
}

const char *gw_script_find_compiler(gw_arena *arena, gw_err *err)
{
    const char *named = getenv("GODWIT_TYPESCRIPT");
    if (named && *named) {
        if (is_compiler(arena, named))
            return gw_path_absolute(arena, named);
        gw_err_set(err, GW_ERR_UNSUPPORTED, "TypeScript functions cannot be checked here");
        gw_err_detail(err, "GODWIT_TYPESCRIPT names %s, which has no tsc.js and lib.es2020.d.ts",
                      named);
        gw_err_hint(err, "let it name the lib folder of a TypeScript package, or unset it");
        return NULL;
    }
    for (size_t i = 0; i < sizeof compiler_folders / sizeof *compiler_folders; i++)
        if (is_compiler(arena, compiler_folders[i]))
            return gw_path_absolute(arena, compiler_folders[i]);
    gw_err_set(err, GW_ERR_UNSUPPORTED, "TypeScript functions cannot be checked here");
    gw_err_detail(err, "the TypeScript compiler was not found");
    gw_err_hint(err, "install it (apt-get install node-typescript, or npm install typescript), or "
                     "let GODWIT_TYPESCRIPT name its lib folder");
    return NULL;
}
