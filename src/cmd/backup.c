#include <inttypes.h>

#include "app/backup.h"
#include "base/clock.h"
#include "cmd/backups.h"

static const gw_option options[] = {
    {.name = "tables",
     .type = GW_OPTION_TEXT,
     .value = "T",
     .help = "only this table (schema.table) with its partitions; may be given again"},
    {.name = "schema-only", .type = GW_OPTION_FLAG, .help = "no rows"},
    {.name = "directory",
     .type = GW_OPTION_FLAG,
     .help = "dump and restore tables side by side, as many as the environment's connections"},
    GW_OPTION_PASSPHRASE_FILE,
    {.name = NULL},
};

void gw_backup_show(gw_invocation *invocation, const gw_backup_made *made)
{
    const gw_manifest *m = &made->manifest;
    int64_t rows = 0;
    for (size_t i = 0; i < m->tables.len; i++)
        rows += m->tables.items[i].rows > 0 ? m->tables.items[i].rows : 0;
    gw_say(invocation, "backup %s: %s, %" PRId64 " rows, %s in %s", made->id,
           gw_plural(invocation->arena, m->tables.len, "table"), rows,
           gw_bytes_human(invocation->arena, made->bytes),
           gw_duration_human(invocation->arena, m->duration_ms));
    gw_say(invocation, "  %s", made->path);
    if (!made->encrypted)
        gw_say(invocation, "  it is not encrypted: set GODWIT_PASSPHRASE, or backup: { "
                           "passphrase_file: … }");
}

static bool run(gw_invocation *invocation, gw_err *err)
{
    size_t count = 0;
    gw_backup_made made;
    gw_backup_options wanted = {.schema_only = gw_flag(invocation, "schema-only"),
                                .directory = gw_flag(invocation, "directory"),
                                .passphrase_file = gw_option_text(invocation, "passphrase-file")};
    const char *const *tables = gw_option_texts(invocation, "tables", &count);
    const char **named = gw_alloc_array(invocation->arena, count + 1, sizeof *named);
    for (size_t i = 0; i < count; i++)
        named[i] = tables[i];
    wanted.tables = count ? named : NULL;
    if (!gw_app_backup(invocation->app, invocation->arena, &wanted, &made, err))
        return false;
    gw_progress_view_stop(invocation->progress);
    if (invocation->json) {
        gw_json_string(invocation->out, "id", made.id);
        gw_json_string(invocation->out, "path", made.path);
        gw_json_int(invocation->out, "bytes", made.bytes);
        gw_json_string(invocation->out, "sha256", made.sha256);
        gw_json_bool(invocation->out, "encrypted", made.encrypted);
        gw_json_int(invocation->out, "duration_ms", made.manifest.duration_ms);
    }
    gw_backup_show(invocation, &made);
    return true;
}

const gw_command gw_command_backup = {
    .name = "backup",
    .summary = "make a backup: one snapshot, compressed, encrypted, in one file",
    .text =
        "pg_dump writes the database as it is in one snapshot; zstd compresses it and AES-256-GCM "
        "seals it, into one file in the folder of backups (backups/). In front of it stands what it "
        "is: schema fingerprint, migration version, every table with its rows, counted in the same "
        "snapshot, and digests. The file has its name only once it is whole and on disk.\n"
        "\n"
        "With a passphrase (GODWIT_PASSPHRASE, --passphrase-file, passphrase_file or "
        "passphrase_command of backup: in godwit.yaml) it is encrypted; without one it is not, and "
        "says so. What it is called, its tables and their numbers of rows are not secret.\n"
        "\n"
        "A backup counts once it has been restored: godwit backups verify does it. pg_dump has to "
        "be as new as the server.",
    .examples = "godwit backup\n"
                "godwit backup --passphrase-file /run/secrets/backup\n"
                "godwit backup --tables billing.invoices --tables billing.lines",
    .options = options,
    .flags = GW_COMMAND_PROJECT | GW_COMMAND_NEEDS_DB,
    .run = run,
};
