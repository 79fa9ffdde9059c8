#include <string.h>

#include "app/preview.h"
#include "base/clock.h"
#include "cmd/commands.h"
#include "schema/kind.h"

static const gw_option options[] = {
    {.name = "to", .type = GW_OPTION_TEXT, .value = "V", .help = "up to this version"},
    {.name = "steps", .type = GW_OPTION_COUNT, .value = "N", .help = "at most so many"},
    GW_OPTION_SERVICE,
    {.name = "out-of-order",
     .type = GW_OPTION_FLAG,
     .help = "also those whose version is below one that is applied"},
    {.name = NULL},
};

/* ---- for people -------------------------------------------------------------------------------- */

/* The first line of a statement, and that there is more. */
static const char *first_line(gw_arena *arena, const char *sql)
{
    size_t len = strcspn(sql, "\n");
    size_t shown = gw_text_clip(sql, 100);
    if (shown < len)
        len = shown;
    return gw_printf(arena, "%.*s%s", (int)len, sql, sql[len] ? " …" : "");
}

static void say_statement(gw_invocation *invocation, const gw_preview_statement *s)
{
    const gw_traced *t = s->traced;
    gw_say(invocation, "  %u: %s%s", t->line, first_line(invocation->arena, t->sql),
           t->outside_transaction ? "   (outside a transaction)" : "");
    for (size_t i = 0; i < t->lock_count; i++)
        gw_say(invocation, "      locks %s: %s", t->locks[i].relation, t->locks[i].mode);
    for (size_t i = 0; i < s->warning_count; i++)
        gw_say(invocation, "      warning: %s [%s]", s->warnings[i].message, s->warnings[i].rule);
}

/* A new table's columns, and a dropped one's, are not told one by one. */
static bool goes_with_parent(const gw_schema_plan *change, const gw_object *object,
                             gw_ddl_action action)
{
    for (size_t i = 0; object->parent && i < change->changes.len; i++) {
        const gw_change *c = &change->changes.items[i];
        if (c->action == action && (c->x == object->parent || c->y == object->parent))
            return true;
    }
    return false;
}

static void say_change(gw_invocation *invocation, const gw_schema_plan *change)
{
    static const char signs[] = {[GW_DDL_CREATE] = '+', [GW_DDL_ALTER] = '~', [GW_DDL_DROP] = '-',
                                 [GW_DDL_RENAME] = '~'};
    gw_say(invocation, change->changes.len ? "\nthe schema afterwards:"
                                           : "\nthe schema stays as it is");
    for (size_t i = 0; i < change->changes.len; i++) {
        const gw_change *c = &change->changes.items[i];
        const gw_object *object = c->y ? c->y : c->x;
        if (c->action != GW_DDL_ALTER && goes_with_parent(change, object, c->action))
            continue;
        gw_buf details = GW_BUF(invocation->arena);
        for (size_t d = 0; d < c->details.len; d++)
            gw_buf_addf(&details, "%s%s", d ? ", " : ": ", c->details.items[d]);
        gw_say(invocation, "  %c %s %s%s%s", signs[c->action], object->kind->name, object->key,
               gw_buf_str(&details), c->loses ? "   (data is lost)" : "");
    }
}

static void say(gw_invocation *invocation, const gw_preview *p)
{
    if (!p->count) {
        gw_say(invocation, "nothing to apply");
        return;
    }
    for (size_t i = 0; i < p->count; i++) {
        const gw_preview_migration *m = &p->migrations[i];
        gw_say(invocation, "%s%s %s", i ? "\n" : "", m->version, m->name);
        for (size_t s = 0; s < m->count; s++)
            say_statement(invocation, &m->statements[s]);
    }
    say_change(invocation, p->change);
    gw_say(invocation, "\ntried on a shadow of the database, PostgreSQL %s; nothing was changed",
           p->tried_on);
}

/* ---- for programs ------------------------------------------------------------------------------- */

static void texts(gw_json *json, const char *key, const char *const *items, size_t count)
{
    gw_json_open(json, key, '[');
    for (size_t i = 0; i < count; i++)
        gw_json_string(json, NULL, items[i]);
    gw_json_close(json, ']');
}

static void statement_json(gw_json *json, const gw_preview_statement *s)
{
    const gw_traced *t = s->traced;
    gw_json_open(json, NULL, '{');
    gw_json_string(json, "sql", t->sql);
    gw_json_int(json, "line", t->line);
    gw_json_bool(json, "transactional", !t->outside_transaction);
    gw_json_int(json, "duration_ms", t->duration_us / 1000);
    gw_json_open(json, "locks", '[');
    for (size_t i = 0; i < t->lock_count; i++) {
        gw_json_open(json, NULL, '{');
        gw_json_string(json, "relation", t->locks[i].relation);
        gw_json_string(json, "mode", t->locks[i].mode);
        gw_json_close(json, '}');
    }
    gw_json_close(json, ']');
    texts(json, "rewrites", t->rewrites, t->rewrite_count);
    texts(json, "scans", t->scans, t->scan_count);
    gw_json_open(json, "warnings", '[');
    for (size_t i = 0; i < s->warning_count; i++) {
        gw_json_open(json, NULL, '{');
        gw_json_string(json, "rule", s->warnings[i].rule);
        gw_json_string(json, "message", s->warnings[i].message);
        gw_json_close(json, '}');
    }
    gw_json_close(json, ']');
    gw_json_close(json, '}');
}

static void as_json(gw_json *json, const gw_preview *p)
{
    gw_json_open(json, "migrations", '[');
    for (size_t i = 0; i < p->count; i++) {
        const gw_preview_migration *m = &p->migrations[i];
        gw_json_open(json, NULL, '{');
        gw_json_string(json, "version", m->version);
        gw_json_string(json, "name", m->name);
        gw_json_string(json, "service", m->service);
        gw_json_open(json, "statements", '[');
        for (size_t s = 0; s < m->count; s++)
            statement_json(json, &m->statements[s]);
        gw_json_close(json, ']');
        gw_json_close(json, '}');
    }
    gw_json_close(json, ']');
    gw_json_open(json, "changes", '[');
    for (size_t i = 0; p->change && i < p->change->changes.len; i++)
        gw_change_json(json, &p->change->changes.items[i]);
    gw_json_close(json, ']');
}

static bool run(gw_invocation *invocation, gw_err *err)
{
    gw_preview preview;
    gw_run_options wanted = gw_run_wanted(invocation);
    if (!gw_app_preview(invocation->app, invocation->arena, &wanted, &preview, err))
        return false;
    if (invocation->json)
        as_json(invocation->out, &preview);
    else
        say(invocation, &preview);
    gw_losses_show(invocation, &preview.losses);
    gw_warnings_show(invocation, &preview.warnings);
    return true;
}

const gw_command gw_command_plan = {
    .name = "plan",
    .summary = "what up would do: locks, rewrites, the schema afterwards",
    .text = "Runs the pending migrations on a shadow database that has the schema the target has "
            "now (not the one its migrations say), statement by statement, and shows for each what "
            "it locks, which tables it writes anew or reads from end to end, what could not be "
            "tried, and how the schema would differ afterwards. What would be lost (rows of dropped "
            "tables, values of dropped or narrowed columns …) is counted in the target; after 10 s "
            "(count_timeout) it is an estimate. The target is only read.",
    .examples = "godwit plan\n"
                "godwit plan --to 20250601120000\n"
                "# in a pull request: the locks that keep readers out\n"
                "godwit plan --json | jq '.migrations[].statements[].locks[]'\n"
                "# what would be lost?\n"
                "godwit plan --json | jq .data_loss",
    .options = options,
    .flags = GW_COMMAND_PROJECT | GW_COMMAND_NEEDS_DB,
    .run = run,
};
