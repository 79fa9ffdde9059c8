/* sync mapping: how rows come from the source into the destination. */
#include <stdio.h>
#include <string.h>

#include "cmd/grid.h"
#include "cmd/report.h"
#include "cmd/sync.h"

/* ---- what a check found ------------------------------------------------------------------- */

static void show_finding(gw_invocation *invocation, const gw_finding *f)
{
    if (invocation->json) {
        gw_json_open(invocation->out, NULL, '{');
        gw_json_string(invocation->out, "severity", f->error ? "error" : "warning");
        gw_json_string(invocation->out, "entity", f->entity);
        gw_json_string(invocation->out, "file", f->file);
        gw_json_int(invocation->out, "line", f->line);
        gw_json_int(invocation->out, "column", f->col);
        gw_json_string(invocation->out, "message", f->message);
        gw_json_string(invocation->out, "hint", f->hint);
        gw_json_close(invocation->out, '}');
        return;
    }
    if (!f->error && invocation->quiet)
        return;
    gw_say(invocation, "%s:%u:%u: %s: %s", f->file, f->line, f->col,
           f->error ? "error" : "warning", f->message);
    if (f->hint)
        gw_say(invocation, "    %s", f->hint);
}

static void show_field(gw_json *json, const gw_field_plan *plan)
{
    const gw_map_field *field = plan->field;
    gw_json_open(json, NULL, '{');
    gw_json_string(json, "to", field->to.text);
    gw_json_string(json, "kind", gw_field_kind_word(field->kind));
    gw_json_open(json, "from", '[');
    for (size_t i = 0; i < field->from.len; i++)
        gw_json_string(json, NULL, field->from.items[i].text);
    gw_json_close(json, ']');
    gw_json_string(json, "source_type", plan->source_type);
    gw_json_string(json, "type", plan->type);
    gw_json_string(json, "conversion",
                   plan->source_type ? gw_conversion_word(plan->conversion) : NULL);
    gw_json_bool(json, "binary", plan->binary);
    gw_json_bool(json, "second_pass", plan->second_pass);
    gw_json_close(json, '}');
}

static void show_entities_json(gw_json *json, const gw_mapping_check *check)
{
    gw_json_open(json, "entities", '[');
    for (size_t i = 0; check->checked && i < check->check.entity_count; i++) {
        const gw_entity_plan *e = &check->check.entities[i];
        gw_json_open(json, NULL, '{');
        gw_json_string(json, "entity", e->mapping->entity.text);
        gw_json_string(json, "version", e->mapping->version.text);
        gw_json_string(json, "file", e->mapping->file);
        gw_json_string(json, "identity", gw_identity_word(e->mapping->identity));
        gw_json_bool(json, "ok", e->ok);
        gw_json_open(json, "needs", '[');
        for (size_t k = 0; k < e->needs.len; k++)
            gw_json_string(json, NULL, e->needs.items[k]);
        gw_json_close(json, ']');
        gw_json_open(json, "fields", '[');
        for (size_t k = 0; k < e->mapping->fields.len; k++)
            show_field(json, &e->fields[k]);
        gw_json_close(json, ']');
        gw_json_close(json, '}');
    }
    gw_json_close(json, ']');
}

/* Everything that was found; the exit code: 2 for a text that is none, 3 for what does not fit. */
static bool show_check(gw_invocation *invocation, const gw_mapping_check *check)
{
    size_t texts = check->problems.list.len, errors = texts + check->check.errors;
    if (texts)
        invocation->exit_code = GW_EXIT_USAGE;
    else if (errors)
        invocation->exit_code = GW_EXIT_CHECK;
    if (invocation->json) {
        gw_json_bool(invocation->out, "valid", !errors);
        gw_json_open(invocation->out, "findings", '[');
    }
    for (size_t i = 0; i < texts; i++) {
        const gw_problem *p = &check->problems.list.items[i];
        show_finding(invocation, &(gw_finding){.error = true,
                                               .file = p->file,
                                               .line = p->line,
                                               .col = p->col,
                                               .message = p->message,
                                               .hint = p->hint});
    }
    for (size_t i = 0; i < check->check.findings.len; i++)
        show_finding(invocation, &check->check.findings.items[i]);
    if (invocation->json) {
        gw_json_close(invocation->out, ']');
        show_entities_json(invocation->out, check);
    }
    return !errors;
}

static bool run_check(gw_invocation *invocation, gw_err *err)
{
    gw_mapping_check check;
    if (!gw_app_mapping_check(invocation->app, invocation->arena, invocation->words.arguments + 1,
                              invocation->words.argument_count - 1, &check, err))
        return false;
    bool ok = show_check(invocation, &check);
    size_t count = check.mappings.len;
    if (!invocation->json && ok) {
        gw_buf order = GW_BUF(invocation->arena);
        for (size_t i = 0; i < check.check.entity_count; i++)
            gw_buf_addf(&order, "%s%s", i ? ", " : "", check.check.entities[i].mapping->entity.text);
        gw_say(invocation, "%s: nothing against %s, in this order: %s",
               gw_plural(invocation->arena, count, "mapping"), count == 1 ? "it" : "them",
               gw_buf_str(&order));
    }
    return true;
}

/* ---- register, activate --------------------------------------------------------------------- */

static bool run_register(gw_invocation *invocation, gw_err *err)
{
    gw_mapping_check check;
    gw_mapping_registered *done;
    bool activate = !gw_flag(invocation, "inactive");
    if (!gw_app_mapping_register(invocation->app, invocation->arena,
                                 invocation->words.arguments + 1,
                                 invocation->words.argument_count - 1, activate, &check, &done,
                                 err))
        return false;
    bool ok = show_check(invocation, &check);
    if (!invocation->json && !ok)
        gw_say(invocation, "nothing was registered");
    if (invocation->json)
        gw_json_open(invocation->out, "registered", '[');
    for (size_t i = 0; ok && i < check.check.entity_count; i++) {
        bool again = done[i].what == GW_REGISTERED_AGAIN;
        if (!invocation->json) {
            gw_say(invocation, "%s %s: %s%s", done[i].entity, done[i].version,
                   again ? "registered before, both sides looked at again" : "registered",
                   activate ? ", active" : "");
            continue;
        }
        gw_json_open(invocation->out, NULL, '{');
        gw_json_string(invocation->out, "entity", done[i].entity);
        gw_json_string(invocation->out, "version", done[i].version);
        gw_json_bool(invocation->out, "new", !again);
        gw_json_bool(invocation->out, "active", activate);
        gw_json_close(invocation->out, '}');
    }
    if (invocation->json)
        gw_json_close(invocation->out, ']');
    return true;
}

static bool needs(gw_invocation *invocation, size_t count, const char *what, gw_err *err)
{
    if (invocation->words.argument_count == count)
        return true;
    gw_err_set(err, GW_ERR_USAGE, "godwit sync mapping %s takes %s", gw_argument_text(invocation, 0),
               what);
    return gw_err_hint(err, "godwit sync mapping --help shows what it takes");
}

static bool run_activate(gw_invocation *invocation, gw_err *err)
{
    const char *entity = gw_argument_text(invocation, 1), *version = gw_argument_text(invocation, 2);
    if (!needs(invocation, 3, "an entity and a version", err) ||
        !gw_app_mapping_activate(invocation->app, invocation->arena, entity, version, err))
        return false;
    if (invocation->json) {
        gw_json_string(invocation->out, "entity", entity);
        gw_json_string(invocation->out, "version", version);
        gw_json_bool(invocation->out, "active", true);
    }
    gw_say(invocation, "%s %s: active", entity, version);
    return true;
}

/* ---- list, show ------------------------------------------------------------------------------ */

static void definition_json(gw_json *json, const gw_definition *d, bool whole)
{
    gw_json_open(json, NULL, '{');
    gw_json_string(json, "id", d->id);
    gw_json_string(json, "entity", d->entity);
    gw_json_string(json, "version", d->version);
    gw_json_bool(json, "active", d->active);
    gw_json_string(json, "source_table", d->source_table);
    gw_json_string(json, "destination_table", d->destination_table);
    gw_json_string(json, "body_hash", d->body_hash);
    gw_json_time(json, "created_at", d->created_at);
    gw_json_time(json, "updated_at", d->updated_at);
    if (whole) {
        gw_json_string(json, "body", d->body);
        gw_json_string(json, "script", d->script);
        gw_json_raw(json, "described", d->described);
    }
    gw_json_close(json, '}');
}

static void list_json(gw_json *json, const gw_definition_list *list, bool whole)
{
    gw_json_open(json, "definitions", '[');
    for (size_t i = 0; i < list->len; i++)
        definition_json(json, &list->items[i], whole);
    gw_json_close(json, ']');
}

static bool run_list(gw_invocation *invocation, gw_err *err)
{
    static const char *const titles[] = {"ENTITY", "VERSION", "", "SOURCE", "DESTINATION", NULL};
    gw_definition_list list;
    if (invocation->words.argument_count > 2 && !needs(invocation, 2, "one entity, or none", err))
        return false;
    if (!gw_app_mapping_list(invocation->app, invocation->arena, gw_argument_text(invocation, 1),
                             &list, err))
        return false;
    if (invocation->json) {
        list_json(invocation->out, &list, false);
        return true;
    }
    if (!list.len) {
        gw_say(invocation, "no mapping is registered");
        return true;
    }
    gw_grid grid = gw_grid_start(invocation->arena, titles, NULL);
    for (size_t i = 0; i < list.len; i++) {
        gw_grid_add(&grid, list.items[i].entity);
        gw_grid_add(&grid, list.items[i].version);
        gw_grid_add(&grid, list.items[i].active ? "active" : "");
        gw_grid_add(&grid, list.items[i].source_table);
        gw_grid_add(&grid, list.items[i].destination_table);
    }
    gw_grid_print(&grid, stdout, invocation->color);
    return true;
}

static bool run_show(gw_invocation *invocation, gw_err *err)
{
    gw_definition_list list, one = {0};
    const char *entity = gw_argument_text(invocation, 1), *version = gw_argument_text(invocation, 2);
    size_t given = invocation->words.argument_count;
    if ((given < 2 || given > 3) && !needs(invocation, 2, "an entity, and a version", err))
        return false;
    if (!gw_app_mapping_list(invocation->app, invocation->arena, entity, &list, err))
        return false;
    for (size_t i = 0; i < list.len; i++)
        if (version ? strcmp(list.items[i].version, version) == 0 : list.items[i].active)
            one = (gw_definition_list){.items = &list.items[i], .len = 1};
    if (!one.len) {
        if (version)
            gw_err_set(err, GW_ERR_STATE, "version %s of %s is not registered", version, entity);
        else
            gw_err_set(err, GW_ERR_STATE, "no mapping of %s is active", entity);
        return gw_err_hint(err, "godwit sync mapping list shows what is registered");
    }
    if (invocation->json)
        list_json(invocation->out, &one, true);
    else
        fputs(one.items->body, stdout);
    return true;
}

/* ---- scaffold ----------------------------------------------------------------------------------- */

static bool run_scaffold(gw_invocation *invocation, gw_err *err)
{
    gw_scaffolded *items;
    size_t count, written = 0;
    if (!gw_app_mapping_scaffold(invocation->app, invocation->arena,
                                 invocation->words.arguments + 1,
                                 invocation->words.argument_count - 1, &items, &count, err))
        return false;
    if (invocation->json)
        gw_json_open(invocation->out, "drafts", '[');
    for (size_t i = 0; i < count; i++) {
        written += items[i].file != NULL;
        if (!invocation->json) {
            gw_say(invocation, items[i].file ? "%s  from %s" : "%s  left out: %s",
                   items[i].file ? items[i].file : items[i].table,
                   items[i].file ? items[i].table : items[i].reason);
            continue;
        }
        gw_json_open(invocation->out, NULL, '{');
        gw_json_string(invocation->out, "table", items[i].table);
        gw_json_string(invocation->out, "entity", items[i].entity);
        gw_json_string(invocation->out, "file", items[i].file);
        gw_json_string(invocation->out, "reason", items[i].reason);
        gw_json_close(invocation->out, '}');
    }
    if (invocation->json)
        gw_json_close(invocation->out, ']');
    if (written)
        gw_say(invocation, "read them, then: godwit sync mapping check");
    return true;
}

/* ---- the command --------------------------------------------------------------------------------- */

static const struct {
    const char *name;
    bool (*run)(gw_invocation *invocation, gw_err *err);
} actions[] = {
    {"scaffold", run_scaffold}, {"check", run_check}, {"register", run_register},
    {"list", run_list},         {"show", run_show},   {"activate", run_activate},
};

static bool run(gw_invocation *invocation, gw_err *err)
{
    const char *action = gw_argument_text(invocation, 0);
    for (size_t i = 0; i < sizeof actions / sizeof *actions; i++)
        if (strcmp(actions[i].name, action) == 0)
            return actions[i].run(invocation, err);
    return gw_err_set(err, GW_ERR_INTERNAL, "there is no action %s", action);
}

static const char *const words[] = {"scaffold", "check", "register", "list",
                                    "show",     "activate", NULL};

static const gw_argument arguments[] = {
    {.name = "ACTION",
     .help = "scaffold, check, register, list, show or activate",
     .required = true,
     .choices = words},
    {.name = "NAME",
     .help = "scaffold: tables of the source; check, register: files; list, show: an entity; "
             "show, activate: an entity and a version",
     .many = true,
     .completes = GW_COMPLETES_FILE},
    {.name = NULL},
};

static const gw_option options[] = {
    {.name = "inactive",
     .type = GW_OPTION_FLAG,
     .help = "register: leave the version active that is"},
    {.name = NULL},
};

const gw_command gw_command_sync_mapping = {
    .name = "mapping",
    .summary = "how rows come from the source: drafts, checks, versions",
    .text = "scaffold writes first drafts into the folder of mappings, from tables and columns "
            "that are called alike on both sides; files that are there stay.\n\n"
            "check reads both databases and says all that is wrong, each with its place in the "
            "file: columns, types and what becomes of them, keys, foreign keys, expressions, "
            "rules, entities that need each other. It exits 2 where a file cannot be read, 3 "
            "where one does not fit.\n\n"
            "register stores what the check finds sound, as a version that never changes, and "
            "makes it the active one of its entity. The same version with the same text again "
            "takes in how both sides look now.\n\n"
            "list and show read what is registered; activate makes another version the one that "
            "runs.",
    .examples = "godwit sync mapping scaffold\n"
                "godwit sync mapping check\n"
                "godwit sync mapping check sync/patients.yaml\n"
                "godwit sync mapping register\n"
                "godwit sync mapping activate patients 1.0.0",
    .options = options,
    .arguments = arguments,
    .flags = GW_COMMAND_PROJECT | GW_COMMAND_NEEDS_DB,
    .run = run,
};
