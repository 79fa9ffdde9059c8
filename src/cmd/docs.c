#include <string.h>

#include "app/pages.h"
#include "cmd/commands.h"

static const char *const formats[] = {"html", "markdown", NULL};

static const gw_option options[] = {
    {.name = "out",
     .type = GW_OPTION_TEXT,
     .value = "DIR",
     .help = "the folder to write into; it is made where it is missing",
     .completes = GW_COMPLETES_FOLDER},
    {.name = "format",
     .type = GW_OPTION_CHOICE,
     .value = "FORMAT",
     .help = "html (a site that works from the file system) or markdown (one file, with a Mermaid "
             "picture)",
     .choices = formats},
    GW_OPTION_SCHEMA_FROM,
    {.name = NULL},
};

static bool run(gw_invocation *invocation, gw_err *err)
{
    gw_pages pages;
    const char *format = gw_option_text(invocation, "format");
    gw_pages_options wanted = {.from = gw_option_text(invocation, "from"),
                               .out = gw_option_text(invocation, "out"),
                               .markdown = format && strcmp(format, "markdown") == 0};
    if (!wanted.out) {
        gw_err_set(err, GW_ERR_USAGE, "docs needs --out");
        return gw_err_hint(err, "for example: godwit docs --out site");
    }
    if (!gw_app_docs(invocation->app, invocation->arena, &wanted, &pages, err))
        return false;
    gw_warnings_show(invocation, &pages.warnings);
    if (invocation->json) {
        gw_json_open(invocation->out, "files", '[');
        for (size_t i = 0; i < pages.paths.len; i++)
            gw_json_string(invocation->out, NULL, pages.paths.items[i]);
        gw_json_close(invocation->out, ']');
    } else if (pages.paths.len) {
        gw_say(invocation, "%s written; begin at %s",
               gw_plural(invocation->arena, pages.paths.len, "file"), pages.paths.items[0]);
    }
    return true;
}

const gw_command gw_command_docs = {
    .name = "docs",
    .summary = "documentation of the schema: a static site, or Markdown",
    .text = "A page a table with its columns, keys, indexes, triggers, policies, sizes, comments and "
            "what refers to it; pictures of the references that one can drag and zoom (drawn by "
            "Graphviz, where its program dot is installed); every other object; the history as a "
            "changelog; a search over all of it. Works from the file system, light and dark, "
            "needs no server. The same database gives the same files.",
    .examples = "godwit docs --out site\n"
                "# for the repository: site/schema.md, drawn by GitHub and GitLab\n"
                "godwit docs --out docs/schema --format markdown --from migrations",
    .options = options,
    .flags = GW_COMMAND_PROJECT,
    .run = run,
};
