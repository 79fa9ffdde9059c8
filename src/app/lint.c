#include "app/lint.h"

#include <string.h>

#include "app/internal.h"
#include "app/preview.h"
#include "base/buf.h"
#include "base/file.h"
#include "base/vec.h"

typedef struct linting {
    gw_app *app;
    gw_arena *arena;
    gw_linter *linter;
    const gw_lint_request *request;
    const gw_status *status; /* with pending */
    size_t migrations;
    const char **wanted;     /* the files that were named, absolute */
    bool *taken;             /* which of them were found in a folder */
} linting;

/* ---- settings -------------------------------------------------------------------------- */

static bool check_rule(const gw_config *config, const gw_config_rule *rule, gw_err *err)
{
    if (gw_rule_find(rule->rule))
        return true;
    gw_err_set(err, GW_ERR_CONFIG, "there is no lint rule \"%s\"", rule->rule);
    gw_err_at(err, config->file, rule->line, rule->col);
    const char *near = gw_rule_nearest(rule->rule);
    if (near)
        return gw_err_hint(err, "did you mean \"%s\"?", near);
    return gw_err_hint(err, "godwit lint --list names all rules");
}

static bool take_settings(gw_app *app, gw_arena *arena, gw_lint_options *out, gw_err *err)
{
    const gw_config *config = &app->config;
    const char **ignored = gw_alloc_array(arena, config->lint.ignore_count + 1, sizeof *ignored);
    gw_lint_level *levels =
        gw_alloc_array(arena, config->lint.severity_count + 1, sizeof *levels);
    for (size_t i = 0; i < config->lint.ignore_count; i++) {
        if (!check_rule(config, &config->lint.ignore[i], err))
            return false;
        ignored[i] = config->lint.ignore[i].rule;
    }
    for (size_t i = 0; i < config->lint.severity_count; i++) {
        const gw_config_rule *rule = &config->lint.severity[i];
        if (!check_rule(config, rule, err))
            return false;
        levels[i].rule = rule->rule;
        gw_severity_by_name(rule->severity, &levels[i].severity);
    }
    *out = (gw_lint_options){.ignored = ignored,
                             .ignored_count = config->lint.ignore_count,
                             .levels = levels,
                             .level_count = config->lint.severity_count,
                             .target_version = (int)config->lint.target_version};
    return true;
}

/* ---- texts ----------------------------------------------------------------------------- */

static bool add_script(linting *work, const gw_migration *m, const gw_script *script, bool down,
                       bool context, gw_err *err)
{
    for (size_t i = 0; script->present && i < script->section_count; i++) {
        gw_buf text = GW_BUF(work->arena);
        if (!gw_app_script_text(work->app, script, i, &text, err))
            return false;
        size_t stem = strlen(script->path);
        bool pair = m->format == GW_FORMAT_GODWIT || m->format == GW_FORMAT_GOLANG_MIGRATE ||
                    (stem > 7 && strcmp(script->path + stem - 7, ".up.sql") == 0);
        gw_lint_script s = {.file = script->path,
                            .text = gw_buf_str(&text),
                            .len = text.len,
                            .first_line = script->sections[i].line,
                            .migration = work->migrations,
                            .down = down,
                            .wants_down = !down && pair && m->kind == GW_VERSIONED,
                            .transactional = !script->directives.no_transaction,
                            .repeatable = m->kind == GW_REPEATABLE,
                            .batch = script->directives.batch.table != NULL,
                            .breakpoints = script->sections[i].breakpoints,
                            .context = context,
                            .lock_timeout_ms = script->directives.lock_timeout_ms};
        gw_linter_add(work->linter, &s);
    }
    return true;
}

/* ---- which are spoken of --------------------------------------------------------------- */

/* Was the file named, or a folder that it is in? */
static bool is_named(const linting *work, const char *path)
{
    const char *absolute = gw_path_absolute(work->arena, path);
    bool named = false;
    for (size_t i = 0; i < work->request->file_count; i++) {
        size_t len = strlen(work->wanted[i]);
        bool same = strncmp(absolute, work->wanted[i], len) == 0 &&
                    (!absolute[len] || absolute[len] == '/');
        if (same)
            work->taken[i] = named = true;
    }
    return named;
}

static bool is_pending(const linting *work, const gw_migration *m)
{
    for (size_t i = 0; i < work->status->len; i++) {
        const gw_status_item *item = &work->status->items[i];
        if (strcmp(item->version, m->version) == 0 && strcmp(item->service, m->service) == 0)
            return item->state != GW_STATE_APPLIED && item->state != GW_STATE_MODIFIED &&
                   !item->baseline;
    }
    return true;
}

static bool add_migrations(linting *work, const gw_migration_list *list, gw_err *err)
{
    for (size_t i = 0; i < list->len; i++) {
        const gw_migration *m = &list->items[i];
        bool context = work->status && !is_pending(work, m), all = !work->request->file_count;
        work->migrations++;
        bool up = all || is_named(work, m->up.path);
        bool down = all || (m->down.present && is_named(work, m->down.path));
        if (!add_script(work, m, &m->up, false, context || !up, err) ||
            !add_script(work, m, &m->down, true, context || !down, err))
            return false;
    }
    return true;
}

/* ---- files outside of the project ------------------------------------------------------ */

static bool ends_with(const char *text, const char *end)
{
    size_t n = strlen(text), m = strlen(end);
    return n >= m && strcmp(text + n - m, end) == 0;
}

/* One of no folder: with the files that were named beside it, in their order. */
static bool add_plain(linting *work, const char *path, gw_err *err)
{
    gw_file_text text;
    if (!gw_file_read(work->arena, path, 0, &text, err))
        return false;
    size_t bad = gw_utf8_check(text.data, text.len);
    if (bad) {
        unsigned line, col;
        gw_text_place(text.data, bad - 1, &line, &col);
        gw_err_set(err, GW_ERR_INPUT, "%s is not UTF-8", path);
        return gw_err_at(err, path, line, col);
    }
    gw_lint_script s = {.file = path,
                        .text = text.data,
                        .len = text.len,
                        .migration = ++work->migrations,
                        .down = ends_with(path, ".down.sql"),
                        .transactional = !strstr(text.data, "godwit: no-transaction"),
                        .lock_timeout_ms = -1};
    gw_linter_add(work->linter, &s);
    return true;
}

/* The folder of a file (or the folder itself) as migrations, where it can be read as such. */
static bool add_folder(linting *work, const char *folder, gw_err *err)
{
    gw_folder_options options = {.path = folder,
                                 .shown = folder,
                                 .service = "",
                                 .format = GW_FORMAT_AUTO,
                                 .placeholders = gw_app_placeholders(work->app, work->arena)};
    gw_folder read;
    gw_err ignored = {0};
    bool ok = gw_folder_read(work->arena, &options, &read, &ignored);
    gw_err_clear(&ignored);
    return !ok || add_migrations(work, &read.migrations, err);
}

static bool add_plain_folder(linting *work, const char *folder, gw_err *err)
{
    gw_file_list list;
    if (!gw_file_list_dir(work->arena, folder, &list, err))
        return false;
    for (size_t i = 0; i < list.len; i++)
        if (!list.items[i].is_dir && ends_with(list.items[i].name, ".sql") &&
            !add_plain(work, gw_path_join(work->arena, folder, list.items[i].name), err))
            return false;
    return true;
}

static bool add_others(linting *work, gw_err *err)
{
    const gw_lint_request *request = work->request;
    for (size_t i = 0; i < request->file_count; i++) {
        const char *path = request->files[i];
        bool folder = gw_file_is_dir(path);
        if (!gw_file_exists(path)) {
            gw_err_set(err, GW_ERR_USAGE, "there is no file %s", path);
            return false;
        }
        if (!work->taken[i] &&
            !add_folder(work, folder ? path : gw_path_dir(work->arena, path), err))
            return false;
        if (work->taken[i])
            continue;
        if (folder ? !add_plain_folder(work, path, err) : !add_plain(work, path, err))
            return false;
    }
    return true;
}

/* ---- the whole ------------------------------------------------------------------------- */

static bool ask_database(linting *work, gw_err *err)
{
    gw_status_list list;
    if (!work->request->pending)
        return true;
    if (!gw_app_status(work->app, work->arena, &list, err))
        return false;
    work->status = list.len ? &list.items[0] : NULL;
    return true;
}

/* The project's folders. Where files are named, a project that cannot be read is no obstacle. */
static bool add_project(linting *work, gw_err *err)
{
    gw_migration_list list;
    gw_err problem = {0};
    if (gw_app_migrations(work->app, work->arena, &list, NULL, &problem)) {
        bool any = !work->request->file_count;
        for (size_t i = 0; i < list.len && !any; i++)
            any = is_named(work, list.items[i].up.path) ||
                  (list.items[i].down.present && is_named(work, list.items[i].down.path));
        return !any || add_migrations(work, &list, err);
    }
    if (!work->request->file_count) {
        gw_err_move(err, &problem);
        return false;
    }
    gw_err_clear(&problem);
    return true;
}

/* What plan sees of the pending files, as findings. */
static bool observe(linting *work, gw_texts *warnings, gw_err *err)
{
    gw_preview preview;
    gw_run_options all = {0};
    if (!work->request->observe)
        return true;
    if (!gw_app_preview(work->app, work->arena, &all, &preview, err))
        return false;
    for (size_t i = 0; i < preview.count; i++)
        for (size_t s = 0; s < preview.migrations[i].count; s++) {
            const gw_preview_statement *seen = &preview.migrations[i].statements[s];
            for (size_t w = 0; w < seen->warning_count; w++)
                gw_linter_observe(work->linter, seen->warnings[w].rule, preview.migrations[i].file,
                                  seen->traced->line, seen->traced->col,
                                  seen->warnings[w].message);
        }
    *warnings = preview.warnings;
    return true;
}

bool gw_app_lint(gw_app *app, gw_arena *arena, const gw_lint_request *request,
                 gw_finding_list *out, gw_texts *warnings, gw_err *err)
{
    linting work = {.app = app, .arena = arena, .request = request};
    gw_lint_options options;
    const gw_environment *env;
    gw_err ignored = {0};
    *out = (gw_finding_list){0};
    work.taken = gw_alloc_array(arena, request->file_count + 1, sizeof *work.taken);
    if (!gw_app_environment(app, &env, &ignored)) /* only its placeholders are of use here */
        gw_err_clear(&ignored);
    if (!take_settings(app, arena, &options, err))
        return false;
    bool folders = true;
    work.wanted = gw_alloc_array(arena, request->file_count + 1, sizeof *work.wanted);
    for (size_t i = 0; i < request->file_count; i++) {
        folders &= gw_file_is_dir(request->files[i]);
        work.wanted[i] = gw_path_absolute(arena, request->files[i]);
    }
    options.whole = folders;
    options.observed = request->observe;
    work.linter = gw_linter_new(arena, &options);
    if (!ask_database(&work, err) || !add_project(&work, err) || !add_others(&work, err) ||
        !observe(&work, warnings, err))
        return false;
    gw_linter_run(work.linter, out);
    return true;
}
