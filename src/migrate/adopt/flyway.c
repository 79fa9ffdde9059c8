#include <string.h>

#include "base/file.h"
#include "migrate/adopt/internal.h"
#include "migrate/foreign.h"

typedef struct flyway_row {
    const char *version, *description, *type, *script, *checksum;
    int64_t installed_on, execution_time;
    bool success;
} flyway_row;

static const char *const columns[] = {"installed_rank", "version", "description", "type",
                                      "script", "checksum", "installed_on", "execution_time",
                                      "success", NULL};

/* Numbers without leading zeros, no zeros at the end: 1.0, 01 and 1 are one version. */
static const char *plain_version(gw_arena *arena, const char *version)
{
    gw_buf out = GW_BUF(arena);
    size_t significant = 0;
    for (const char *at = version; *at;) {
        at += strspn(at, "0");
        size_t len = strcspn(at, "._");
        if (out.len)
            gw_buf_addc(&out, '.');
        gw_buf_addn(&out, len ? at : "0", len ? len : 1);
        if (len || !significant)
            significant = out.len;
        at += len;
        at += *at != '\0';
    }
    return gw_strndup(arena, gw_buf_str(&out), significant);
}

static const char *key_of(gw_arena *arena, char prefix, const char *version, const char *script)
{
    if (prefix == 'R')
        return gw_printf(arena, "R %s", gw_path_base(script));
    return gw_printf(arena, "%c %s", prefix, plain_version(arena, version));
}

static const char *key(gw_arena *arena, const gw_migration *file)
{
    char prefix = file->kind == GW_REPEATABLE ? 'R' : file->kind == GW_BASELINE ? 'B' : 'V';
    return key_of(arena, prefix, file->version, file->foreign_id ? file->foreign_id : "");
}

static void forget(gw_adoption *a, const char *wanted)
{
    size_t kept = 0;
    for (size_t i = 0; i < a->rows.len; i++)
        if (strcmp(a->rows.items[i].key, wanted) != 0)
            a->rows.items[kept++] = a->rows.items[i];
    a->rows.len = kept;
}

/* A baseline stands for every file up to its version, and needs none itself. */
static void take_baseline(gw_foreign_row *row, const flyway_row *from)
{
    row->kind = "baseline";
    row->version = row->sort_key = from->version;
    row->name = from->description;
    row->needs_no_file = true;
}

/* One row of the replay. The table is only ever added to: what was undone or deleted is still there. */
static bool replay(gw_adoption *a, const flyway_row *from, gw_err *err)
{
    bool baseline = strcmp(from->type, "BASELINE") == 0 || strcmp(from->type, "SQL_BASELINE") == 0;
    if (strcmp(from->type, "SCHEMA") == 0)
        return true;
    char prefix = !from->version ? 'R' : baseline ? 'B' : 'V';
    const char *wanted = key_of(a->arena, prefix, from->version, from->script);
    const char *shown = from->version ? from->version : from->script;
    if (!from->success)
        return gw_adopt_dirty(a, err, shown, "success is false",
                              "see what it left in the database, put that right, and run `flyway "
                              "repair`");
    forget(a, wanted);
    if (strcmp(from->type, "DELETE") == 0 || strncmp(from->type, "UNDO", 4) == 0)
        return true;
    gw_foreign_row *row = gw_adopt_row(a, wanted);
    row->version = shown;
    row->name = from->description;
    row->checksum = from->checksum;
    row->applied_at = from->installed_on;
    row->duration_ms = from->execution_time;
    row->note = gw_printf(a->arena, "%s, type %s", from->script, from->type);
    if (baseline)
        take_baseline(row, from);
    return true;
}

static bool read_rows(gw_adoption *a, gw_err *err)
{
    static const gw_col cols[] = {
        {"version", GW_COL_TEXT, false, offsetof(flyway_row, version)},
        {"description", GW_COL_TEXT, true, offsetof(flyway_row, description)},
        {"type", GW_COL_TEXT, true, offsetof(flyway_row, type)},
        {"script", GW_COL_TEXT, true, offsetof(flyway_row, script)},
        {"checksum", GW_COL_TEXT, false, offsetof(flyway_row, checksum)},
        {"installed_on", GW_COL_TIME, true, offsetof(flyway_row, installed_on)},
        {"execution_time", GW_COL_INT, true, offsetof(flyway_row, execution_time)},
        {"success", GW_COL_BOOL, true, offsetof(flyway_row, success)},
    };
    const char *what = gw_printf(a->arena,
                                 "version::text AS version, description::text AS description, "
                                 "type::text AS type, script::text AS script, "
                                 "checksum::text AS checksum, execution_time, success, "
                                 "%s AS installed_on",
                                 gw_adopt_time(a, "installed_on"));
    void *rows = NULL;
    size_t count = 0;
    if (!gw_adopt_select(a, what, "AS t ORDER BY t.installed_rank", cols,
                         sizeof cols / sizeof *cols, sizeof(flyway_row), &rows, &count, err))
        return false;
    for (size_t i = 0; i < count; i++)
        if (!replay(a, &((const flyway_row *)rows)[i], err))
            return false;
    return true;
}

/* Of a repeatable file Flyway keeps the checksum of what it ran, or of the file as it is. */
static bool check(gw_adoption *a, const gw_foreign_row *row, const char **verdict, gw_err *err)
{
    const gw_migration *file = row->file;
    if (!gw_adopt_checksum(a, row, verdict, err))
        return false;
    if (strcmp(*verdict, "mismatch") != 0 || file->kind != GW_REPEATABLE ||
        file->up.sections[0].substitution != GW_SUBST_PLACEHOLDERS)
        return true;
    gw_script_context context = {.placeholders = a->options->placeholders,
                                 .database = gw_session_database(a->session),
                                 .user = gw_session_role(a->session),
                                 .schema = a->schema};
    gw_arena *scratch = gw_arena_new();
    gw_err unreadable = {0}; /* a placeholder without a value: `up`, which fills it in, says so */
    const char *filled = NULL;
    if (gw_foreign_checksum_filled(scratch, file, &context, &filled, &unreadable) &&
        strcmp(filled, row->checksum) == 0)
        *verdict = "match";
    gw_err_clear(&unreadable);
    gw_arena_free(scratch);
    return true;
}

const gw_adopter gw_adopter_flyway = {
    .format = GW_FORMAT_FLYWAY,
    .table = "flyway_schema_history",
    .columns = columns,
    .counts = "WHERE type::text <> 'SCHEMA'",
    .keeps_checksums = true,
    .key = key,
    .read = read_rows,
    .check = check,
};
