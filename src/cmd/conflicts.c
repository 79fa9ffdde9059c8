#include <stdio.h>

#include "app/conflicts.h"
#include "base/file.h"
#include "cmd/commands.h"
#include "cmd/report.h"

static const gw_option options[] = {
    {.name = "against",
     .type = GW_OPTION_TEXT,
     .value = "REF",
     .help = "also compare with this branch, tag or commit of git; nothing is checked out"},
    {.name = NULL},
};

static void place_json(gw_json *json, const gw_conflict_place *p)
{
    gw_json_open(json, NULL, '{');
    gw_json_string(json, "party", p->party);
    gw_json_string(json, "file", gw_path_from_here(p->file));
    gw_json_int(json, "line", p->line);
    gw_json_int(json, "column", p->col);
    gw_json_close(json, '}');
}

static void as_json(gw_json *json, const gw_conflict_list *list)
{
    gw_json_open(json, "conflicts", '[');
    for (size_t i = 0; i < list->len; i++) {
        const gw_conflict *c = &list->items[i];
        gw_json_open(json, NULL, '{');
        gw_json_string(json, "kind", c->kind);
        gw_json_string(json, "object", c->object);
        gw_json_string(json, "message", c->message);
        gw_json_string(json, "hint", c->hint);
        gw_json_open(json, "columns", '[');
        for (size_t k = 0; k < c->column_count; k++) {
            gw_json_open(json, NULL, '{');
            gw_json_string(json, "column", c->columns[k].name);
            gw_json_string(json, "first", *c->columns[k].first ? c->columns[k].first : NULL);
            gw_json_string(json, "second", *c->columns[k].second ? c->columns[k].second : NULL);
            gw_json_close(json, '}');
        }
        gw_json_close(json, ']');
        gw_json_open(json, "places", '[');
        place_json(json, &c->first);
        place_json(json, &c->second);
        gw_json_close(json, ']');
        gw_json_close(json, '}');
    }
    gw_json_close(json, ']');
}

static void say_place(gw_invocation *invocation, const gw_conflict_place *p)
{
    gw_say(invocation, "  %s:%u:%u%s%s%s", gw_path_from_here(p->file), p->line, p->col,
           *p->party ? " (" : "", p->party, *p->party ? ")" : "");
}

static void say(gw_invocation *invocation, const gw_conflict_list *list)
{
    for (size_t i = 0; i < list->len; i++) {
        const gw_conflict *c = &list->items[i];
        gw_say(invocation, "%s: %s [%s]", c->object, c->message, c->kind);
        say_place(invocation, &c->first);
        say_place(invocation, &c->second);
        for (size_t k = 0; k < c->column_count; k++) {
            const gw_conflict_column *column = &c->columns[k];
            gw_say(invocation, "    %s: %s | %s", column->name,
                   *column->first ? column->first : "(none)",
                   *column->second ? column->second : "(none)");
        }
        gw_say(invocation, "  hint: %s", c->hint);
    }
    gw_say(invocation, list->len ? "%s" : "no conflicts",
           gw_plural(invocation->arena, list->len, "conflict"));
}

static bool run(gw_invocation *invocation, gw_err *err)
{
    gw_conflict_list list;
    if (!gw_app_conflicts(invocation->app, invocation->arena, gw_option_text(invocation, "against"),
                          &list, err))
        return false;
    if (invocation->json)
        as_json(invocation->out, &list);
    else
        say(invocation, &list);
    if (list.len)
        invocation->exit_code = GW_EXIT_CHECK;
    return true;
}

const gw_command gw_command_conflicts = {
    .name = "conflicts",
    .summary = "clashes between services, and with another branch",
    .text = "Compares what the services of godwit.yaml make, change and use, and with --against what "
            "the files here and those of another branch do: a version that is taken twice, an "
            "object that both create, a table that both create IF NOT EXISTS with other columns "
            "(one of the two is ignored in silence), what one drops, renames or retypes and the other "
            "makes or uses, an enum here that is a text there. Each is told with its place on both "
            "sides. Asks no database and checks nothing out. Exits 3 where there is a conflict.\n"
            "\n"
            "Between branches only what one of them alone has can clash; what both have stands below "
            "them.",
    .examples = "godwit conflicts\n"
                "# in a pull request\n"
                "godwit conflicts --against origin/main\n"
                "godwit conflicts --json | jq -r '.conflicts[].places[].file'",
    .options = options,
    .flags = GW_COMMAND_PROJECT,
    .run = run,
};
