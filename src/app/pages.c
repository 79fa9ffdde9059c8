#include "app/pages.h"

#include <string.h>

#include "app/side.h"
#include "base/file.h"
#include "docs/docs.h"
#include "models/models.h"

enum { CHANGES_SHOWN = 1000 };

typedef struct source {
    gw_side side;
    gw_trial *trial;
} source;

/* Files as they run for the tenant that was named: beside what all share, in its schema. */
static bool open_for_tenant(gw_app *app, gw_arena *arena, source *s, gw_err *err)
{
    gw_side tenant;
    if (!gw_side_parse(app, arena, "database", &tenant, err) ||
        !gw_side_connect(app, arena, &tenant, err))
        return false;
    bool ok = gw_trial_open(app, arena, tenant.session, &s->trial, err) &&
              (!tenant.scope ||
               gw_trial_stand_on_shared(s->trial, tenant.scope, tenant.session, err));
    gw_side_close(&tenant);
    return ok;
}

static bool read_source(gw_app *app, gw_arena *arena, const char *from, source *s, gw_err *err)
{
    if (!gw_side_parse(app, arena, from ? from : "database", &s->side, err) ||
        (gw_side_is_live(&s->side) && !gw_side_connect(app, arena, &s->side, err)))
        return false;
    bool of_tenant = app->options.tenant && !gw_side_is_live(&s->side);
    return (of_tenant ? open_for_tenant(app, arena, s, err)
                      : gw_trial_open(app, arena, s->side.session, &s->trial, err)) &&
           gw_side_read(s->trial, &s->side, NULL, err);
}

static void close_source(source *s, gw_arena *arena, gw_pages *out)
{
    gw_side_close(&s->side);
    if (!s->trial)
        return;
    for (size_t i = 0; i < s->trial->warnings.len; i++)
        *gw_vec_push(arena, &out->warnings) = s->trial->warnings.items[i];
    gw_shadow_close(s->trial->shadow);
}

/* ---- docs --------------------------------------------------------------------------------------- */

static bool belongs(const gw_event *event, const gw_scope *scope)
{
    static const char *const actions[] = {"apply", "revert", "baseline", "adopt", "push"};
    if (scope && event->tenant && *event->tenant && strcmp(event->tenant, scope->schema) != 0)
        return false;
    for (size_t i = 0; i < sizeof actions / sizeof *actions; i++)
        if (strcmp(event->action, actions[i]) == 0)
            return strcmp(event->outcome, "ok") == 0;
    return false;
}

/* No history is no error: then the changelog is empty. */
static void read_history(gw_session *session, gw_arena *arena, const gw_scope *scope,
                         gw_docs_input *input)
{
    gw_event_list events = {0};
    gw_err ignored = {0};
    if (gw_events_read(session, arena, NULL, NULL, NULL, CHANGES_SHOWN, &events, &ignored)) {
        gw_docs_change *changes = gw_alloc_array(arena, events.len + 1, sizeof *changes);
        for (size_t i = 0; i < events.len; i++) {
            const gw_event *e = &events.items[i];
            if (belongs(e, scope))
                changes[input->change_count++] =
                    (gw_docs_change){e->at, e->action, e->version, e->name, e->service, e->actor};
        }
        input->changes = changes;
    }
    gw_err_clear(&ignored);
}

static bool write_files(gw_arena *arena, const char *dir, const gw_docs_files *files, gw_pages *out,
                        gw_err *err)
{
    for (size_t i = 0; i < files->len; i++) {
        char *path = gw_path_join(arena, dir, files->items[i].path);
        if (!gw_file_make_dirs(gw_path_dir(arena, path), 0777, err) ||
            !gw_file_write(path, files->items[i].text, strlen(files->items[i].text), 0666, err))
            return false;
        *gw_vec_push(arena, &out->paths) = path;
    }
    return true;
}

bool gw_app_docs(gw_app *app, gw_arena *arena, const gw_pages_options *options, gw_pages *out,
                 gw_err *err)
{
    source s = {0};
    gw_docs_files files = {0};
    *out = (gw_pages){0};
    bool ok = read_source(app, arena, options->from, &s, err);
    gw_docs_input input = {.schema = s.side.schema,
                           .title = app->config.project,
                           .cancel = app->options.cancel};
    if (ok && s.side.session) {
        ok = gw_docs_sizes_read(s.side.session, arena, &input.sizes, err);
        read_history(s.side.session, arena, s.side.scope, &input);
    }
    close_source(&s, arena, out);
    ok = ok && (options->markdown ? gw_docs_markdown(arena, &input, &files, err)
                                  : gw_docs_html(arena, &input, &files, err));
    if (ok && files.note)
        *gw_vec_push(arena, &out->warnings) = files.note;
    return ok && write_files(arena, options->out, &files, out, err);
}

bool gw_app_picture(gw_app *app, gw_arena *arena, const gw_docs_view *view, char **svg, gw_err *err)
{
    gw_schema *read = NULL;
    return gw_app_schema(app, arena, &read, err) &&
           gw_docs_svg(arena, read, view, app->options.cancel, svg, err);
}

/* ---- models -------------------------------------------------------------------------------------- */

bool gw_app_models(gw_app *app, gw_arena *arena, const gw_pages_options *options, gw_pages *out,
                   gw_err *err)
{
    source s = {0};
    char *text = NULL;
    gw_models_options wanted = {options->language, options->schemas};
    *out = (gw_pages){0};
    bool ok = read_source(app, arena, options->from, &s, err) &&
              gw_models_render(arena, s.side.schema, &wanted, &text, err);
    close_source(&s, arena, out);
    out->text = text;
    return ok;
}
