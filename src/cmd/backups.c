/* backups list, verify, extract, prune; restore. */
#include "cmd/backups.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "cmd/grid.h"

char *gw_bytes_human(gw_arena *arena, int64_t bytes)
{
    gw_buf buf = GW_BUF(arena);
    gw_progress_bytes(&buf, (double)bytes);
    return buf.data;
}

/* ---- list -------------------------------------------------------------------------------------------- */

static void file_json(gw_json *json, const gw_backup_file *file)
{
    const gw_manifest *m = &file->manifest;
    gw_json_open(json, NULL, '{');
    gw_json_string(json, "id", m->id);
    gw_json_string(json, "path", file->path);
    gw_json_int(json, "bytes", file->bytes);
    gw_json_string(json, "trouble", file->trouble);
    gw_json_time(json, "created_at", m->created_at ? m->created_at : GW_NULL_INT);
    gw_json_string(json, "environment", m->environment);
    gw_json_string(json, "database", m->database);
    gw_json_string(json, "contents", m->contents);
    gw_json_string(json, "migration_version", m->migration_version);
    gw_json_string(json, "server_version", m->server_version);
    gw_json_string(json, "encryption", m->encryption);
    gw_json_string(json, "sha256", m->stored_sha256);
    gw_json_time(json, "verified_at", file->verified_at);
    gw_json_int_or_null(json, "restore_ms", file->restore_ms);
    gw_json_close(json, '}');
}

static void files_json(gw_json *json, const char *key, const gw_backup_files *files)
{
    gw_json_open(json, key, '[');
    for (size_t i = 0; i < files->len; i++)
        file_json(json, &files->items[i]);
    gw_json_close(json, ']');
}

static void files_show(gw_invocation *invocation, const gw_backup_files *files)
{
    static const char *const titles[] = {"ID",   "AGE",     "SIZE",      "ENVIRONMENT", "CONTENTS",
                                         "VERSION", "ENCRYPTION", "VERIFIED", NULL};
    static const bool right[] = {false, true, true, false, false, false, false, false};
    gw_arena *arena = invocation->arena;
    gw_grid grid = gw_grid_start(arena, titles, right);
    int64_t now = gw_now_us();
    for (size_t i = 0; i < files->len; i++) {
        const gw_backup_file *file = &files->items[i];
        const gw_manifest *m = &file->manifest;
        bool bad = file->trouble != NULL;
        gw_grid_add(&grid, gw_text_safe(arena, m->id));
        gw_grid_add(&grid, m->created_at ? gw_duration_human(arena, (now - m->created_at) / 1000)
                                         : NULL);
        gw_grid_add(&grid, gw_bytes_human(arena, file->bytes));
        gw_grid_add(&grid, m->environment ? gw_text_safe(arena, m->environment) : NULL);
        gw_grid_add(&grid, m->contents ? gw_text_safe(arena, m->contents) : NULL);
        gw_grid_add(&grid, m->migration_version ? gw_text_safe(arena, m->migration_version) : NULL);
        gw_grid_add(&grid, m->encryption ? gw_text_safe(arena, m->encryption) : NULL);
        if (bad)
            gw_grid_add_styled(&grid, GW_STYLE_RED, gw_text_safe(arena, file->trouble));
        else
            gw_grid_add_styled(&grid, GW_STYLE_GREEN,
                               file->verified_at == GW_NULL_INT
                                   ? NULL
                                   : gw_time_rfc3339(arena, file->verified_at / 1000000 * 1000000));
    }
    gw_grid_print(&grid, stdout, invocation->color);
}

static bool run_list(gw_invocation *invocation, gw_err *err)
{
    gw_backup_files files;
    if (!gw_app_backups(invocation->app, invocation->arena, &files, err))
        return false;
    if (invocation->json) {
        files_json(invocation->out, "backups", &files);
        return true;
    }
    if (!files.len)
        gw_say(invocation, "there are no backups in %s",
               gw_app_config(invocation->app)->backup.directory);
    else
        files_show(invocation, &files);
    return true;
}

const gw_command gw_command_backups_list = {
    .name = "list",
    .summary = "the backups, newest first, and when each was verified",
    .text = "Read from the heads of the files; no key is needed. A file that is cut off or cannot be "
            "read is shown with what is wrong with it.",
    .examples = "godwit backups list\ngodwit backups list --json",
    .flags = GW_COMMAND_PROJECT,
    .run = run_list,
};

/* ---- verify ------------------------------------------------------------------------------------------ */

static const gw_argument id_argument[] = {
    {.name = "ID", .help = "a backup's id, the beginning of one, or a path (the newest)"},
    {.name = NULL},
};
static const gw_option key_options[] = {GW_OPTION_PASSPHRASE_FILE, {.name = NULL}};

static bool run_verify(gw_invocation *invocation, gw_err *err)
{
    gw_verified verified;
    if (!gw_app_backup_verify(invocation->app, invocation->arena, gw_argument_text(invocation, 0),
                              gw_option_text(invocation, "passphrase-file"), &verified, err))
        return false;
    gw_progress_view_stop(invocation->progress);
    if (invocation->json) {
        gw_json_string(invocation->out, "id", verified.id);
        gw_json_bool(invocation->out, "equal", !verified.different);
        gw_json_string(invocation->out, "different", verified.different);
        gw_json_int(invocation->out, "tables", (int64_t)verified.tables);
        gw_json_int(invocation->out, "rows", verified.rows);
        gw_json_int(invocation->out, "restore_ms", verified.restore_ms);
    }
    if (verified.different) {
        invocation->exit_code = 3;
        gw_say(invocation, "%s does not restore to what it was: %s", verified.id,
               verified.different);
        return true;
    }
    gw_say(invocation, "%s restores: %s, %" PRId64 " rows, schema and counts as in the manifest; a "
                       "restore takes %s",
           verified.id, gw_plural(invocation->arena, verified.tables, "table"), verified.rows,
           gw_duration_human(invocation->arena, verified.restore_ms));
    return true;
}

const gw_command gw_command_backups_verify = {
    .name = "verify",
    .summary = "restore a backup into a temporary database and compare",
    .text = "Every byte is authenticated first. Then the backup is restored into a new database on "
            "the environment's server, the schema's fingerprint and the number of rows of every "
            "table are compared with the manifest, and the database is dropped. Exit 3 where they "
            "differ. What was verified, and how long the restore took, is kept beside the backup.\n"
            "\n"
            "The role needs CREATEDB. What a killed verification left is dropped by the next one.",
    .examples = "# the newest one\ngodwit backups verify\ngodwit backups verify 20260101120000",
    .options = key_options,
    .arguments = id_argument,
    .flags = GW_COMMAND_PROJECT | GW_COMMAND_NEEDS_DB,
    .run = run_verify,
};

/* ---- extract ----------------------------------------------------------------------------------------- */

static bool run_extract(gw_invocation *invocation, gw_err *err)
{
    const char *to = gw_option_text(invocation, "out");
    const char *id = gw_argument_text(invocation, 0);
    if (invocation->json && strcmp(to ? to : "-", "-") == 0)
        return gw_err_set(err, GW_ERR_USAGE, "--json and the backup cannot both go to standard "
                                             "output");
    fflush(stdout);
    if (!gw_app_backup_extract(invocation->app, invocation->arena, id, to ? to : "-",
                               gw_option_text(invocation, "passphrase-file"), err))
        return false;
    if (invocation->json)
        gw_json_string(invocation->out, "path", to);
    else if (to && strcmp(to, "-") != 0)
        gw_say(invocation, "%s: a file for pg_restore", to);
    return true;
}

static const gw_option extract_options[] = {
    GW_OPTION_OUT,
    GW_OPTION_PASSPHRASE_FILE,
    {.name = NULL},
};
static const gw_argument extract_argument[] = {
    {.name = "ID", .help = "a backup's id, the beginning of one, or a path", .required = true},
    {.name = NULL},
};

static const gw_command extract_command = {
    .name = "extract",
    .summary = "write the plain file that pg_restore reads",
    .text = "Every byte is authenticated before the first one is written. The result is not "
            "encrypted. Of a backup made with --directory it is a folder.",
    .examples = "godwit backups extract 20260101120000 -o plain.dump\n"
                "godwit backups extract 20260101120000 | pg_restore --list",
    .options = extract_options,
    .arguments = extract_argument,
    .flags = GW_COMMAND_PROJECT | GW_COMMAND_QUIET_LOG,
    .run = run_extract,
};

/* ---- prune ------------------------------------------------------------------------------------------- */

static const gw_option prune_options[] = {
    {.name = "keep",
     .type = GW_OPTION_TEXT,
     .value = "RULE",
     .help = "7: the newest 7; 30d: all that are younger; else backup: { keep: … }"},
    {.name = "daily",
     .type = GW_OPTION_COUNT,
     .value = "N",
     .help = "the newest of each of the last N days that have one"},
    {.name = "weekly", .type = GW_OPTION_COUNT, .value = "N", .help = "the same of weeks"},
    {.name = "monthly", .type = GW_OPTION_COUNT, .value = "N", .help = "the same of months"},
    {.name = "dry-run", .type = GW_OPTION_FLAG, .help = "say which would go, and remove nothing"},
    {.name = NULL},
};

static bool run_prune(gw_invocation *invocation, gw_err *err)
{
    gw_backup_files gone;
    gw_prune_options wanted = {.keep = gw_option_text(invocation, "keep"),
                               .daily = gw_option_number(invocation, "daily", 0),
                               .weekly = gw_option_number(invocation, "weekly", 0),
                               .monthly = gw_option_number(invocation, "monthly", 0),
                               .dry_run = gw_flag(invocation, "dry-run")};
    if (!gw_app_backup_prune(invocation->app, invocation->arena, &wanted, &gone, err))
        return false;
    if (invocation->json)
        files_json(invocation->out, wanted.dry_run ? "would_remove" : "removed", &gone);
    for (size_t i = 0; i < gone.len; i++)
        gw_say(invocation, "%s %s", wanted.dry_run ? "would remove" : "removed",
               gone.items[i].manifest.id);
    if (!gone.len)
        gw_say(invocation, "nothing to remove");
    return true;
}

static const gw_command prune_command = {
    .name = "prune",
    .summary = "remove old backups, never the newest verified one",
    .text = "What any of the rules keeps stays. Each database of each environment is counted by "
            "itself. Its newest verified backup always stays (where none is verified, its newest "
            "one), and so does a file that cannot be read.",
    .examples = "godwit backups prune --dry-run --keep 30d\n"
                "godwit backups prune --keep 7 --daily 14 --weekly 8 --monthly 12",
    .options = prune_options,
    .flags = GW_COMMAND_PROJECT,
    .run = run_prune,
};

static const gw_command *const subcommands[] = {&gw_command_backups_list, &gw_command_backups_verify,
                                                &extract_command, &prune_command, NULL};

const gw_command gw_command_backups = {
    .name = "backups",
    .summary = "list, prove, take out and prune backups",
    .text = "Backups are the files *.gwb in the folder of backups: (directory: in godwit.yaml). A "
            "backup counts once it has been restored: backups verify does it.",
    .examples = "godwit backups list",
    .subcommands = subcommands,
};

/* ---- restore ----------------------------------------------------------------------------------------- */

static const gw_option restore_options[] = {
    {.name = "into",
     .type = GW_OPTION_TEXT,
     .value = "URL",
     .help = "another database than the environment's; it has to exist"},
    {.name = "replace",
     .type = GW_OPTION_FLAG,
     .help = "the database is not empty: put the backup in its place, and drop what was there"},
    {.name = "to-new",
     .type = GW_OPTION_FLAG,
     .help = "put the backup in its place, and keep what was there as NAME_before_TIME"},
    GW_OPTION_PASSPHRASE_FILE,
    {.name = NULL},
};

static void show_history(gw_invocation *invocation, const gw_status *status)
{
    if (invocation->json) {
        gw_json_open(invocation->out, "history", '{');
        gw_json_string(invocation->out, "current", status->current);
        gw_json_int(invocation->out, "pending", (int64_t)status->pending);
        gw_json_int(invocation->out, "modified", (int64_t)status->modified);
        gw_json_int(invocation->out, "missing", (int64_t)status->missing);
        gw_json_int(invocation->out, "failed", (int64_t)status->failed);
        gw_json_close(invocation->out, '}');
        return;
    }
    if (!status->pending && !status->modified && !status->missing && !status->failed)
        gw_say(invocation, "its history matches the files");
    else
        gw_say(invocation, "its history and the files differ: %zu pending, %zu modified, %zu "
                           "missing, %zu failed (godwit status)",
               status->pending, status->modified, status->missing, status->failed);
}

static bool run_restore(gw_invocation *invocation, gw_err *err)
{
    gw_restored restored;
    gw_restore_options wanted = {.id = gw_argument_text(invocation, 0),
                                 .replace = gw_flag(invocation, "replace"),
                                 .to_new = gw_flag(invocation, "to-new"),
                                 .passphrase_file = gw_option_text(invocation, "passphrase-file")};
    if (wanted.replace && wanted.to_new)
        return gw_err_set(err, GW_ERR_USAGE, "--replace and --to-new exclude each other");
    if (wanted.replace &&
        !gw_confirm(invocation, "drops the database that is there, once the backup is restored",
                    "drop the database that is there", "nothing was changed", err))
        return false;
    if (!gw_app_restore(invocation->app, invocation->arena, gw_option_text(invocation, "into"),
                        &wanted, &restored, err))
        return false;
    gw_progress_view_stop(invocation->progress);
    if (invocation->json) {
        gw_json_string(invocation->out, "id", restored.id);
        gw_json_string(invocation->out, "database", restored.database);
        gw_json_string(invocation->out, "kept", restored.kept);
        gw_json_open(invocation->out, "before", '[');
        for (size_t i = 0; i < restored.before_count; i++)
            gw_json_string(invocation->out, NULL, restored.before[i]);
        gw_json_close(invocation->out, ']');
        gw_json_string(invocation->out, "different", restored.different);
        gw_json_int(invocation->out, "duration_ms", restored.duration_ms);
    }
    gw_say(invocation, "%s restored into %s in %s", restored.id, restored.database,
           gw_duration_human(invocation->arena, restored.duration_ms));
    if (restored.different)
        gw_say(invocation, "it is not what the backup says: %s", restored.different);
    if (restored.kept)
        gw_say(invocation, "what was there is called %s now", restored.kept);
    for (size_t i = 0; i < restored.before_count; i++)
        if (!restored.kept || strcmp(restored.before[i], restored.kept) != 0)
            gw_say(invocation, "an earlier restore has left %s: drop it when nobody needs it", restored.before[i]);
    if (restored.status)
        show_history(invocation, restored.status);
    return true;
}

const gw_command gw_command_restore = {
    .name = "restore",
    .summary = "restore a backup",
    .text =
        "Every byte is authenticated before anything is touched. An empty database is filled in one "
        "transaction: all of it, or nothing. One that is not empty is refused (exit 5) without "
        "--replace or --to-new: then the backup is restored into a new database beside it, with its "
        "owner, encoding, settings and privileges, and at the end the two change their names in one "
        "transaction. Killed anywhere, either the old one or the new one has the name.\n"
        "\n"
        "The history that is restored is compared with the files. Roles have to be there.",
    .examples = "# the environment's database is empty\n"
                "godwit restore 20260101120000\n"
                "godwit restore 20260101120000 --to-new\n"
                "godwit restore 20260101120000 --into postgresql://localhost/copy",
    .options = restore_options,
    .arguments = extract_argument,
    .flags = GW_COMMAND_PROJECT | GW_COMMAND_NEEDS_DB | GW_COMMAND_WRITES,
    .run = run_restore,
};
