#include <stdio.h>
#include <string.h>

#include "app/schema.h"
#include "base/json.h"
#include "cmd/commands.h"
#include "cmd/report.h"

static const char *const formats[] = {"sql", "json", NULL};

static const gw_option options[] = {
    {.name = "format",
     .type = GW_OPTION_CHOICE,
     .value = "FORMAT",
     .help = "sql (what makes the schema again) or json (the objects as values)",
     .choices = formats},
    {.name = NULL},
};

static void as_json(gw_invocation *invocation, const gw_schema *schema)
{
    json_t *json = gw_schema_json(invocation->arena, schema);
    const char *key;
    json_t *value;
    /* The members of the one document that is printed. */
    json_object_foreach(json, key, value)
    {
        gw_json_raw(invocation->out, key, gw_json_dump(invocation->arena, value));
        gw_json_flush(invocation->out);
    }
}

static void as_sql(const gw_schema *schema, const gw_schema_plan *plan)
{
    printf("-- Schema of a PostgreSQL %d database, by godwit dump.\n\n"
           "SET client_encoding = 'UTF8';\n"
           "SET standard_conforming_strings = on;\n"
           "SET check_function_bodies = off;\n"
           "SET search_path = pg_catalog;\n",
           schema->server_version / 10000);
    const gw_object *last = NULL;
    for (size_t i = 0; i < plan->statements.len; i++) {
        const gw_ddl_statement *s = &plan->statements.items[i];
        const gw_object *top = s->object;
        while (top && top->parent)
            top = top->parent;
        if (top != last || i == 0)
            putchar('\n');
        last = top;
        fputs(s->sql, stdout);
        fputs(";\n", stdout);
    }
}

static bool run(gw_invocation *invocation, gw_err *err)
{
    const gw_schema *schema = NULL;
    const gw_schema_plan *plan = NULL;
    const char *format = gw_option_text(invocation, "format");
    bool json = invocation->json || (format && strcmp(format, "json") == 0);
    if (format && strcmp(format, "sql") == 0 && invocation->json)
        return gw_err_set(err, GW_ERR_USAGE, "--json and --format sql exclude each other");
    if (!gw_app_dump(invocation->app, invocation->arena, &schema, &plan, err))
        return false;
    if (json && !invocation->json) {
        invocation->json = true;
        gw_json_open(invocation->out, NULL, '{');
    }
    if (json)
        as_json(invocation, schema);
    else
        as_sql(schema, plan);
    for (size_t i = 0; i < schema->unrendered.len; i++)
        if (!schema->unrendered.items[i].quiet)
            gw_term_write(invocation->term,
                      gw_printf(invocation->arena, "warning: not in the dump: %s\n",
                                gw_text_safe(invocation->arena, schema->unrendered.items[i].what)));
    return true;
}

const gw_command gw_command_dump = {
    .name = "dump",
    .summary = "the schema of the database, one object after another",
    .text = "Reads the environment's database on one snapshot and prints what makes its schema "
            "again: the same schema gives the same text, so that it can be kept and compared. "
            "Schema godwit, rows and passwords are not in it. What Godwit cannot render is named "
            "on stderr.\n"
            "\n"
            "It can be loaded with psql, and taken by push and diff as a declared schema.",
    .examples = "godwit dump > schema.sql\n"
                "# two databases, object by object\n"
                "diff <(godwit --url \"$A\" dump) <(godwit --url \"$B\" dump)\n"
                "godwit dump --format json",
    .options = options,
    .flags = GW_COMMAND_PROJECT | GW_COMMAND_NEEDS_DB,
    .run = run,
};
