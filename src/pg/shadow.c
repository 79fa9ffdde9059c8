#include "pg/shadow.h"

#include <inttypes.h>
#include <string.h>

#include "base/clock.h"
#include "pg/shadow_internal.h"
#include "sql_pg.h"

char *gw_shadow_ident(const gw_shadow *shadow, gw_arena *arena, const char *name)
{
    char *quoted = PQescapeIdentifier(gw_session_raw(shadow->admin), name, strlen(name));
    char *copy = gw_strdup(arena, quoted ? quoted : "\"\"");
    PQfreemem(quoted);
    return copy;
}

char *gw_shadow_literal(const gw_shadow *shadow, gw_arena *arena, const char *text)
{
    char *quoted = PQescapeLiteral(gw_session_raw(shadow->admin), text, strlen(text));
    char *copy = gw_strdup(arena, quoted ? quoted : "''");
    PQfreemem(quoted);
    return copy;
}

bool gw_shadow_run(gw_shadow *shadow, gw_err *err, const char *format, ...)
{
    va_list args;
    gw_arena *scratch = gw_arena_new();
    va_start(args, format);
    bool ok = gw_exec(shadow->admin, gw_vprintf(scratch, format, args), err);
    va_end(args);
    gw_arena_free(scratch);
    return ok;
}

/* ---- open and close -------------------------------------------------------------------- */

static gw_shadow_target copy_target(gw_arena *arena, const gw_shadow_target *from)
{
    gw_shadow_target to = *from;
    gw_shadow_setting *settings = gw_alloc_array(arena, from->setting_count, sizeof *settings);
    to.encoding = gw_strdup(arena, from->encoding);
    to.collate = gw_strdup(arena, from->collate);
    to.ctype = gw_strdup(arena, from->ctype);
    to.provider = gw_strdup(arena, from->provider);
    to.locale = gw_strdup(arena, from->locale);
    to.icu_rules = gw_strdup(arena, from->icu_rules);
    to.user = gw_strdup(arena, from->user);
    to.database = gw_strdup(arena, from->database);
    to.public_owner = gw_strdup(arena, from->public_owner);
    to.default_schema = gw_strdup(arena, from->default_schema);
    for (size_t i = 0; i < from->setting_count; i++) {
        settings[i].name = gw_strdup(arena, from->settings[i].name);
        settings[i].value = gw_strdup(arena, from->settings[i].value);
    }
    to.settings = settings;
    return to;
}

static void close_shadow(void *arg)
{
    gw_shadow_close(arg);
}

static bool hold_token(gw_shadow *shadow, gw_err *err)
{
    gw_arena *scratch = gw_arena_new();
    gw_param token = gw_p_int((int64_t)shadow->token);
    gw_result result;
    bool ok = gw_query(shadow->admin, scratch, &gw_sql_shadow_hold, &token, 1, &result, err);
    gw_arena_free(scratch);
    return ok;
}

static void note_facts(gw_shadow *shadow)
{
    gw_shadow_facts *facts = &shadow->facts;
    int number = gw_session_version(shadow->admin);
    facts->is_private = !shadow->options.url;
    facts->major = number / 10000;
    facts->version = gw_printf(shadow->arena, "%d.%d", number / 10000, number % 10000);
    facts->other_major = shadow->options.target.major &&
                         shadow->options.target.major != facts->major;
    if (facts->is_private) {
        facts->directory = shadow->server.data_directory;
        facts->fenced_network = gw_fence_holds(shadow->server.pid);
        facts->fenced_files = facts->fenced_network && gw_fence_files_work();
    }
}

bool gw_shadow_open(gw_arena *arena, const gw_shadow_options *options, gw_shadow **out,
                    gw_err *err)
{
    gw_shadow *shadow = gw_alloc(arena, sizeof *shadow);
    *shadow = (gw_shadow){.arena = gw_arena_new(), .options = *options, .users = -1};
    gw_arena_defer(arena, close_shadow, shadow);
    shadow->options.project_dir = gw_strdup(shadow->arena, options->project_dir);
    shadow->options.bindir = gw_strdup(shadow->arena, options->bindir);
    shadow->options.directory = gw_strdup(shadow->arena, options->directory);
    shadow->options.url = gw_strdup(shadow->arena, options->url);
    shadow->options.target = copy_target(shadow->arena, &options->target);
    gw_random_bytes(&shadow->token, sizeof shadow->token);
    bool ok;
    if (options->url) {
        shadow->admin_url = shadow->options.url;
        ok = gw_shadow_open_admin(shadow, err) && gw_shadow_tidy(shadow, false, err);
    } else {
        ok = gw_shadow_server_enter(shadow, err);
    }
    if (!ok || !hold_token(shadow, err)) {
        gw_shadow_close(shadow);
        return gw_err_context(err, "opening a shadow database");
    }
    note_facts(shadow);
    *out = shadow;
    return true;
}

void gw_shadow_close(gw_shadow *shadow)
{
    if (!shadow || !shadow->arena)
        return;
    while (shadow->dbs)
        gw_shadow_drop(shadow->dbs);
    for (size_t i = 0; i < shadow->templates.len; i++) {
        gw_err ignored = {0}; /* the next run finds it */
        if (!gw_shadow_drop_named(shadow, shadow->templates.items[i], &ignored))
            gw_err_clear(&ignored);
    }
    gw_session_close(shadow->admin);
    gw_shadow_server_leave(shadow);
    gw_arena_free(shadow->arena);
    shadow->arena = NULL;
}

const gw_shadow_facts *gw_shadow_facts_of(const gw_shadow *shadow)
{
    return &shadow->facts;
}
