#include <stdio.h>

#include "app/squash.h"
#include "base/file.h"
#include "cmd/commands.h"

static const gw_option options[] = {
    {.name = "to",
     .type = GW_OPTION_TEXT,
     .value = "V",
     .help = "the newest version that goes into it; the new file takes this version"},
    {.name = "service",
     .type = GW_OPTION_TEXT,
     .value = "S",
     .help = "whose migrations; needed where there are several services"},
    {.name = "dry-run", .type = GW_OPTION_FLAG, .help = "print the file, and change nothing"},
    {.name = "delete",
     .type = GW_OPTION_FLAG,
     .help = "delete the old files; they are moved into squashed/ otherwise"},
    {.name = NULL},
};

static void texts_json(gw_json *json, const char *key, const gw_texts *texts)
{
    gw_json_open(json, key, '[');
    for (size_t i = 0; i < texts->len; i++)
        gw_json_string(json, NULL, texts->items[i]);
    gw_json_close(json, ']');
}

static void as_json(gw_invocation *invocation, const gw_squash *squash)
{
    gw_json *json = invocation->out;
    gw_json_bool(json, "finished", squash->finished);
    gw_json_string(json, "path", squash->path);
    texts_json(json, "replaces", &squash->replaced);
    texts_json(json, "old_files", &squash->moved);
    gw_json_string(json, "moved_to", squash->moved_to);
    gw_json_int(json, "rows", squash->rows);
    gw_json_string(json, "proven_on", squash->proven_on);
    gw_json_string(json, "sql", squash->text);
}

static bool run(gw_invocation *invocation, gw_err *err)
{
    gw_squash squash = {0};
    gw_squash_options wanted = {.to = gw_option_text(invocation, "to"),
                                .service = gw_option_text(invocation, "service"),
                                .dry_run = gw_flag(invocation, "dry-run"),
                                .delete = gw_flag(invocation, "delete")};
    if (!gw_app_squash(invocation->app, invocation->arena, &wanted, &squash, err))
        return false;
    if (invocation->json)
        as_json(invocation, &squash);
    else if (squash.finished)
        gw_say(invocation, "a squash that was interrupted is finished");
    else if (wanted.dry_run)
        fputs(squash.text, stdout);
    else
        gw_say(invocation, "%s stands for %s, proven on PostgreSQL %s; the old files are %s%s",
               squash.path,
               gw_plural(invocation->arena, squash.replaced.len, "migration"), squash.proven_on,
               squash.moved_to ? "in " : "deleted", squash.moved_to ? squash.moved_to : "");
    gw_warnings_show(invocation, &squash.warnings);
    return true;
}

const gw_command gw_command_squash = {
    .name = "squash",
    .summary = "make one initial migration of many, proven equal",
    .text =
        "Replays the migrations up to V on a shadow database and writes one file that gives the "
        "same: schema, rows that they bring, how far sequences are. The file has been run on "
        "another shadow, with the later migrations behind it, and came out equal; otherwise there "
        "is an error, and nothing is changed.\n"
        "\n"
        "The new file has version V and names what it stands for (-- godwit: replaces=…). Where "
        "all of that is applied, status, up and verify take it for applied; up records it. Where "
        "nothing is, it runs. Where a part is, up refuses: apply the rest with the old files "
        "first. A squash has no down.\n"
        "\n"
        "Refused by name: files with only= or env, statements about roles and other things "
        "outside a database, more than 10,000 rows, conventions in which each file is known by "
        "those before it (Sqitch, graphile-migrate, drizzle 1.0), and compat: sqlx. "
        "A squash that was interrupted is finished by the next call.",
    .examples = "godwit squash --to 20260101120000 --dry-run\n"
                "godwit squash --to 20260101120000\n"
                "godwit squash --to 40 --service billing --delete",
    .options = options,
    .flags = GW_COMMAND_PROJECT,
    .run = run,
};
