#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/vec.h"
#include "cmd/commands.h"
#include "cmd/report.h"
#include "schema/kind.h"

static const gw_option options[] = {
    {.name = "from",
     .type = GW_OPTION_TEXT,
     .value = "X",
     .help = "what is there: migrations, database, a URL, a .sql file or a folder of them",
     .completes = GW_COMPLETES_FILE},
    {.name = "to",
     .type = GW_OPTION_TEXT,
     .value = "Y",
     .help = "what it should be: the same choices",
     .completes = GW_COMPLETES_FILE},
    GW_OPTION_RENAME,
    GW_OPTION_CONCURRENTLY,
    {.name = "no-owner", .type = GW_OPTION_FLAG, .help = "owners do not count"},
    {.name = "no-privileges", .type = GW_OPTION_FLAG, .help = "privileges do not count"},
    {.name = "no-proof",
     .type = GW_OPTION_FLAG,
     .help = "do not try the plan on a shadow database first: it is printed as not proven"},
    GW_OPTION_PROVE_ROWS,
    {.name = NULL},
};

const char *const *gw_option_texts(const gw_invocation *invocation, const char *name, size_t *count)
{
    GW_VEC(const char *) list = {0};
    for (size_t i = 0; i < invocation->words.value_count; i++)
        if (strcmp(invocation->words.values[i].option->name, name) == 0)
            *gw_vec_push(invocation->arena, &list) = invocation->words.values[i].text;
    *count = list.len;
    return list.items;
}

void gw_warnings_show(gw_invocation *invocation, const gw_texts *warnings)
{
    if (invocation->json) {
        gw_json_open(invocation->out, "warnings", '[');
        for (size_t i = 0; i < warnings->len; i++)
            gw_json_string(invocation->out, NULL, warnings->items[i]);
        gw_json_close(invocation->out, ']');
        return;
    }
    for (size_t i = 0; i < warnings->len && !invocation->quiet; i++)
        gw_term_write(invocation->term,
                      gw_printf(invocation->arena, "warning: %s\n",
                                gw_text_safe(invocation->arena, warnings->items[i])));
}

void gw_change_json(gw_json *json, const gw_change *change)
{
    const gw_object *object = change->y ? change->y : change->x;
    gw_json_open(json, NULL, '{');
    gw_json_string(json, "kind", object->kind->name);
    gw_json_string(json, "object", object->key);
    gw_json_string(json, "action", gw_ddl_action_name(change->action));
    if (change->details.len) {
        gw_json_open(json, "details", '[');
        for (size_t i = 0; i < change->details.len; i++)
            gw_json_string(json, NULL, change->details.items[i]);
        gw_json_close(json, ']');
    }
    if (change->rebuilt)
        gw_json_bool(json, "rebuilt", true);
    if (change->loses)
        gw_json_bool(json, "loses_data", true);
    gw_json_close(json, '}');
}

void gw_changes_json(gw_json *json, const gw_diff *diff)
{
    gw_json_open(json, "changes", '[');
    for (size_t i = 0; i < diff->renames.len; i++) {
        const gw_ddl_statement *s = &diff->renames.items[i];
        gw_json_open(json, NULL, '{');
        gw_json_string(json, "kind", s->object->kind->name);
        gw_json_string(json, "object", s->object->key);
        gw_json_string(json, "action", gw_ddl_action_name(GW_DDL_RENAME));
        gw_json_close(json, '}');
    }
    for (size_t i = 0; diff->plan && i < diff->plan->changes.len; i++)
        gw_change_json(json, &diff->plan->changes.items[i]);
    gw_json_close(json, ']');
}

static void rows_json(gw_json *json, const gw_rows_proof *proof)
{
    gw_json_open(json, "rows_proven", '{');
    gw_json_int(json, "tables", (int64_t)proof->tables);
    gw_json_int(json, "rows", (int64_t)proof->rows);
    gw_json_open(json, "not_tried", '[');
    for (size_t i = 0; i < proof->len; i++) {
        gw_json_open(json, NULL, '{');
        gw_json_string(json, "table", proof->items[i].table);
        gw_json_string(json, "reason", proof->items[i].reason);
        gw_json_close(json, '}');
    }
    gw_json_close(json, ']');
    gw_json_close(json, '}');
}

void gw_diff_json(gw_json *json, const gw_diff *diff)
{
    gw_json_bool(json, "equal", diff->equal);
    gw_changes_json(json, diff);
    gw_json_open(json, "sql", '[');
    if (diff->statements.len && *gw_diff_settings(diff))
        gw_json_string(json, NULL, gw_diff_settings(diff));
    for (size_t i = 0; i < diff->statements.len; i++)
        gw_json_string(json, NULL, diff->statements.items[i].sql);
    gw_json_close(json, ']');
    gw_json_string(json, "fingerprint", diff->fingerprint);
    gw_json_bool(json, "proven", diff->proven_on != NULL);
    if (diff->rows)
        rows_json(json, diff->rows);
}

static void place_json(gw_json *json, const gw_loss *loss)
{
    gw_json_bool(json, "accepted", loss->accepted);
    gw_json_string(json, "version", loss->version);
    gw_json_string(json, "file", loss->file);
    gw_json_int(json, "line", loss->line);
    if (loss->tenant && *loss->tenant)
        gw_json_string(json, "tenant", loss->tenant);
}

/* " (tenant a, migrations/3_x.up.sql:4; the file accepts it)" */
static const char *place(gw_arena *arena, const gw_loss *loss)
{
    bool tenant = loss->tenant && *loss->tenant;
    return loss->file ? gw_printf(arena, " (%s%s%s%s:%u%s)", tenant ? "tenant " : "",
                                  tenant ? loss->tenant : "", tenant ? ", " : "",
                                  gw_path_from_here(loss->file), loss->line,
                                  loss->accepted ? "; the file accepts it" : "")
                      : "";
}

void gw_losses_show(gw_invocation *invocation, const gw_losses *losses)
{
    gw_arena *arena = invocation->arena;
    if (invocation->json)
        gw_json_open(invocation->out, "data_loss", '[');
    for (size_t i = 0; i < losses->len; i++) {
        const gw_loss *loss = &losses->items[i];
        if (invocation->json) {
            gw_json_open(invocation->out, NULL, '{');
            gw_json_string(invocation->out, "kind", gw_loss_kind_name(loss->kind));
            gw_json_string(invocation->out, "object", loss->object);
            gw_json_int_or_null(invocation->out, "rows", loss->rows < 0 ? GW_NULL_INT : loss->rows);
            gw_json_bool(invocation->out, "estimated", loss->estimated);
            if (loss->unsure)
                gw_json_bool(invocation->out, "at_most", true);
            if (loss->by)
                gw_json_string(invocation->out, "by", loss->by);
            if (loss->file)
                place_json(invocation->out, loss);
            else if (loss->only_observed)
                gw_json_bool(invocation->out, "only_observed", true);
            gw_json_close(invocation->out, '}');
        } else if (!invocation->quiet) {
            const char *what = gw_loss_loses(loss) ? "data may be lost: " : "";
            gw_term_write(invocation->term,
                          gw_printf(arena, "warning: %s%s%s\n", what,
                                    gw_text_safe(arena, gw_loss_text(arena, loss)),
                                    gw_text_safe(arena, place(arena, loss))));
        }
    }
    if (invocation->json)
        gw_json_close(invocation->out, ']');
}

static bool run(gw_invocation *invocation, gw_err *err)
{
    gw_diff diff = {0};
    gw_diff_options wanted = {.from = gw_option_text(invocation, "from"),
                              .to = gw_option_text(invocation, "to"),
                              .concurrently = gw_flag(invocation, "concurrently"),
                              .no_owner = gw_flag(invocation, "no-owner"),
                              .no_privileges = gw_flag(invocation, "no-privileges"),
                              .unproven = gw_flag(invocation, "no-proof"),
                              .prove_rows = gw_flag(invocation, "prove-rows")};
    wanted.renames = gw_option_texts(invocation, "rename", &wanted.rename_count);
    if (!wanted.from || !wanted.to) {
        gw_err_set(err, GW_ERR_USAGE, "diff needs --from and --to");
        return gw_err_hint(err, "for example: godwit diff --from migrations --to database");
    }
    if (wanted.unproven && wanted.prove_rows)
        return gw_err_set(err, GW_ERR_USAGE, "--no-proof leaves out what --prove-rows asks for");
    if (!gw_app_diff(invocation->app, invocation->arena, &wanted, &diff, err))
        return false;
    if (invocation->json)
        gw_diff_json(invocation->out, &diff);
    else
        fputs(gw_diff_text(invocation->arena, &diff), stdout);
    gw_losses losses;
    gw_diff_losses(invocation->arena, &diff, &losses);
    gw_losses_show(invocation, &losses);
    gw_warnings_show(invocation, &diff.warnings);
    if (!diff.equal)
        invocation->exit_code = GW_EXIT_CHECK;
    else if (!invocation->json && !invocation->quiet)
        gw_term_write(invocation->term, "no difference\n");
    return true;
}

const gw_command gw_command_diff = {
    .name = "diff",
    .summary = "the DDL from one schema to another, proven before it is printed",
    .text =
        "X and Y are schemas: `migrations` (the project's files, replayed on a shadow database), "
        "`database` (the environment's), a URL, a .sql file, or a folder of .sql files in any "
        "order. Prints SQL to stdout and exits 3 where they differ, prints none and exits 0 where "
        "they are equal.\n"
        "\n"
        "Each plan has been run on a shadow database that is made like X, was read back, and came "
        "out equal to Y; where that fails there is an error that names what differs, and no plan. "
        "What cannot be rendered is named and never called equal. Nothing in your databases is "
        "changed.\n"
        "\n"
        "With --prove-rows it is run a second time on a shadow whose tables have rows, made up so "
        "that they satisfy the constraints (those that the migrations or files make stay): each "
        "one has to be there afterwards with its values, but for what the plan declares lost. "
        "Tables whose rows cannot be tried are named.\n"
        "\n"
        "A rename looks like one thing that goes and another that comes. --rename old=new says "
        "that it is one (a table, table.column, table.constraint, a type, view, sequence, index, "
        "function, schema …), and --rename a.t=b.t that it moved to another schema; so does a "
        "comment before it in a declared schema: -- godwit: renamed from OLD. What looks like a rename is "
        "pointed out, never assumed.\n"
        "\n"
        "The output is a migration as it stands: godwit diff … > migrations/NEW.up.sql.",
    .examples = "# what would a new migration have to do?\n"
                "godwit diff --from migrations --to schema.sql\n"
                "# has somebody changed the database by hand?\n"
                "godwit diff --from migrations --to database\n"
                "godwit diff --from database --to schema/ --rename public.user.name=full_name\n"
                "godwit diff --from \"$STAGING\" --to \"$PRODUCTION\" --no-owner --json",
    .options = options,
    .flags = GW_COMMAND_PROJECT,
    .run = run,
};
