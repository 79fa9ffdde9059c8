/* Lint as a person asks for it: which files, with what around them. */
#ifndef GW_APP_LINT_H
#define GW_APP_LINT_H

#include "app/app.h"
#include "app/schema.h"
#include "lint/lint.h"

typedef struct gw_lint_request {
    const char *const *files; /* files or folders; none = the project's folders */
    size_t file_count;
    bool pending;             /* only what the database has not applied; the rest is context */
    bool observe;             /* and run it on a shadow, for the rules of GW_RULES_SEEN */
} gw_lint_request;

/*
 * A file of a folder of migrations is read with the whole folder around it, so that the rules know
 * what the files before have made; only what was asked for is spoken of. Unknown rules in
 * godwit.yaml are kind CONFIG. Asks the database only for `pending` and `observe`; what could not be
 * seen goes into `warnings`.
 */
bool gw_app_lint(gw_app *app, gw_arena *arena, const gw_lint_request *request,
                 gw_finding_list *out, gw_texts *warnings, gw_err *err);

#endif
