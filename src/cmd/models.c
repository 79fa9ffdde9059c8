#include <stdio.h>
#include <string.h>

#include "app/pages.h"
#include "base/file.h"
#include "cmd/commands.h"
#include "models/models.h"

static const gw_option options[] = {
    {.name = "lang",
     .type = GW_OPTION_CHOICE,
     .value = "LANG",
     .help = "ts, rust, c or json-schema",
     .choices = gw_models_languages},
    {.name = "out",
     .type = GW_OPTION_TEXT,
     .value = "FILE",
     .help = "write there (replaced as a whole) and not to stdout",
     .completes = GW_COMPLETES_FILE},
    {.name = "schema",
     .type = GW_OPTION_TEXT,
     .value = "NAME",
     .help = "only the tables and enums of this schema; may be given several times"},
    GW_OPTION_SCHEMA_FROM,
    {.name = NULL},
};

static bool run(gw_invocation *invocation, gw_err *err)
{
    gw_pages pages;
    size_t count = 0;
    const char *const *schemas = gw_option_texts(invocation, "schema", &count);
    const char *path = gw_option_text(invocation, "out");
    gw_pages_options wanted = {.from = gw_option_text(invocation, "from"),
                               .language = gw_option_text(invocation, "lang")};
    if (count) {
        const char **list = gw_alloc_array(invocation->arena, count + 1, sizeof *list);
        memcpy(list, schemas, count * sizeof *list);
        wanted.schemas = list;
    }
    if (!wanted.language) {
        gw_err_set(err, GW_ERR_USAGE, "models needs --lang");
        return gw_err_hint(err, "one of ts, rust, c, json-schema");
    }
    if (!gw_app_models(invocation->app, invocation->arena, &wanted, &pages, err))
        return false;
    if (path && !gw_file_write(path, pages.text, strlen(pages.text), 0666, err))
        return false;
    gw_warnings_show(invocation, &pages.warnings);
    if (invocation->json)
        gw_json_string(invocation->out, path ? "file" : "text", path ? path : pages.text);
    else if (path)
        gw_say(invocation, "%s written", path);
    else
        fputs(pages.text, stdout);
    return true;
}

const gw_command gw_command_models = {
    .name = "models",
    .summary = "types for a service's code, made from the schema",
    .text = "For each table the type of a row that is read and of one that is inserted (what a "
            "default fills is optional there, what the database always makes is left out), each "
            "enum with its values, and a check of a row before it is sent: what may not be null, "
            "lengths, ranges, enum values. Views are read only; partitions are their table. The "
            "same schema gives the same text, to be checked in.\n"
            "\n"
            "bigint and numeric are exact: digits in TypeScript and JSON, int64_t and i64 or "
            "digits in C and Rust. Rust uses sqlx's derives. Arrays are taken as of one dimension: the "
            "catalog has no other.",
    .examples = "godwit models --lang ts --out src/db.ts\n"
                "godwit models --lang rust --from migrations > src/models.rs\n"
                "# in CI: are the checked-in types still those of the schema?\n"
                "godwit models --lang c --from migrations | diff - include/models.h",
    .options = options,
    .flags = GW_COMMAND_PROJECT,
    .run = run,
};
