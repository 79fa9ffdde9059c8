/* Shared by the tests of the linter. */
#ifndef GW_LINT_TEST_H
#define GW_LINT_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/file.h"
#include "lint/lint.h"

/* A script in a transaction, with nothing special. */
static inline gw_lint_script script_of(const char *file, const char *text)
{
    return (gw_lint_script){.file = file,
                            .text = text,
                            .len = strlen(text),
                            .transactional = true,
                            .lock_timeout_ms = -1};
}

static inline bool has_finding(const gw_finding_list *list, const char *rule, unsigned line)
{
    for (size_t i = 0; i < list->len; i++)
        if (strcmp(list->items[i].rule, rule) == 0 && (!line || list->items[i].line == line))
            return true;
    return false;
}

/* The findings of one file. */
static inline gw_finding_list lint_text(gw_arena *arena, const char *text)
{
    gw_lint_options options = {0};
    gw_linter *linter = gw_linter_new(arena, &options);
    gw_lint_script script = script_of("a.sql", text);
    gw_finding_list list;
    gw_linter_add(linter, &script);
    gw_linter_run(linter, &list);
    return list;
}

#endif
