/*
 * The reader of migration folders. The first byte says what is written: a file of each of the
 * conventions that divide their files, or one of the lists that others keep (sqitch.plan,
 * atlas.sum, drizzle's journal). Whatever the text: no crash, an error is INPUT and has a place,
 * and of what is read every section lies inside its file and can be read.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "check.h"
#include "base/file.h"
#include "migrate/folder.h"
#include "migrate/foreign.h"

static const struct {
    const char *name;
    gw_format format;
} kinds[] = {
    {"1_a.up.sql", GW_FORMAT_AUTO},
    {"1_a.sql", GW_FORMAT_AUTO},
    {"1_a.sql", GW_FORMAT_SQLX},
    {"1_a.sql", GW_FORMAT_DBMATE},
    {"1_a.sql", GW_FORMAT_GOOSE},
    {"1_a.sql", GW_FORMAT_NODE_PG_MIGRATE},
    {"V1__a.sql", GW_FORMAT_FLYWAY},
    {"V1__a.sql.conf", GW_FORMAT_FLYWAY},
    {"000001.sql", GW_FORMAT_GRAPHILE_MIGRATE},
    {"atlas.sum", GW_FORMAT_ATLAS},
    {"1_a.sql", GW_FORMAT_ATLAS},
    {"sqitch.plan", GW_FORMAT_SQITCH},
    {"sqitch.conf", GW_FORMAT_SQITCH},
    {"meta/_journal.json", GW_FORMAT_DRIZZLE},
};
enum { KINDS = sizeof kinds / sizeof *kinds };

static char root[64];

static void clean(void)
{
    gw_err err = {0};
    if (!gw_file_remove_tree(root, &err))
        gw_err_clear(&err);
}

static void write_file(int dir, const char *name, const void *data, size_t size)
{
    int fd = openat(dir, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    CHECK(fd >= 0);
    CHECK(write(fd, data, size) == (ssize_t)size);
    close(fd);
}

/* A folder a kind, made once; what the input does not write is small and right. */
static int folder(size_t kind)
{
    static int dirs[KINDS];
    if (!*root) {
        strcpy(root, "/tmp/godwit-fuzz-XXXXXX");
        CHECK(mkdtemp(root));
        atexit(clean);
    }
    if (dirs[kind])
        return dirs[kind];
    char path[128];
    snprintf(path, sizeof path, "%s/%zu/meta", root, kind);
    gw_err err = {0};
    CHECK(gw_file_make_dirs(path, 0755, &err));
    *strrchr(path, '/') = '\0';
    dirs[kind] = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    CHECK(dirs[kind] >= 0);
    const char *beside = kinds[kind].format == GW_FORMAT_FLYWAY    ? "V1__a.sql"
                         : kinds[kind].format == GW_FORMAT_ATLAS   ? "1_a.sql"
                         : kinds[kind].format == GW_FORMAT_DRIZZLE ? "0000_a.sql"
                                                                   : NULL;
    if (beside)
        write_file(dirs[kind], beside, "", 0);
    if (kinds[kind].format == GW_FORMAT_ATLAS)
        write_file(dirs[kind], "atlas.sum", "h1:x\n", 5);
    if (kinds[kind].format == GW_FORMAT_SQITCH)
        write_file(dirs[kind], "sqitch.plan", "%project=p\n", 11);
    return dirs[kind];
}

static const char *variable(void *self, const char *name)
{
    (void)self;
    return *name == 'A' ? name : NULL;
}

static void read_script(gw_arena *arena, const gw_script *script)
{
    static const char *const placeholders[] = {"a", "b", ":AB", "c", NULL};
    gw_script_context context = {.variable = variable,
                                 .placeholders = placeholders,
                                 .database = "d",
                                 .user = "u",
                                 .schema = "s"};
    CHECK(!script->present || script->section_count > 0);
    for (size_t i = 0; i < script->section_count; i++) {
        const gw_section *section = &script->sections[i];
        CHECK(section->line > 0 && section->offset + section->len <= script->size);
        gw_sql_input input;
        gw_err err = {0};
        CHECK(gw_section_open(arena, script, i, &context, &input, &err));
        char buf[97];
        uint64_t total = 0;
        long n;
        while ((n = input.read(input.self, buf, sizeof buf, &err)) > 0)
            total += (uint64_t)n;
        if (n < 0)
            CHECK(err.kind == GW_ERR_INPUT && err.line >= section->line);
        else if (section->substitution == GW_SUBST_NONE)
            CHECK(total == section->len);
        gw_err_clear(&err);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!size)
        return 0;
    size_t kind = data[0] % KINDS;
    write_file(folder(kind), kinds[kind].name, data + 1, size - 1);
    char path[128];
    snprintf(path, sizeof path, "%s/%zu", root, kind);
    gw_arena *arena = gw_arena_new();
    gw_folder_options options = {.path = path, .format = kinds[kind].format};
    gw_folder out;
    gw_err err = {0};
    if (gw_folder_read(arena, &options, &out, &err)) {
        for (size_t i = 0; i < out.migrations.len; i++) {
            const gw_migration *m = &out.migrations.items[i];
            const char *sum;
            CHECK(m->version && m->order && m->name && m->up.present && strlen(m->checksum) == 64);
            CHECK(gw_foreign_checksum(arena, m, true, &sum, &err));
            read_script(arena, &m->up);
            read_script(arena, &m->down);
        }
    } else {
        CHECK(err.message && err.file && (err.kind == GW_ERR_INPUT || err.kind == GW_ERR_IO));
        gw_err_clear(&err);
    }
    gw_arena_free(arena);
    return 0;
}
