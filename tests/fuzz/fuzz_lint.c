/*
 * The linter over a run of files: texts between form feeds, every third one the down of the one
 * before. Whatever stands in them, it ends; each finding has its words and a place in its text.
 */
#include <string.h>

#include "base/file.h"
#include "check.h"
#include "lint/lint.h"

static unsigned lines_of(const char *text, size_t len)
{
    unsigned lines = 1;
    for (size_t i = 0; i < len; i++)
        lines += text[i] == '\n';
    return lines;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > 64 * 1024 || gw_utf8_check((const char *)data, size))
        return 0;
    gw_arena *arena = gw_arena_new();
    gw_lint_options options = {.whole = size % 2, .target_version = size % 3 ? 0 : 14};
    gw_linter *linter = gw_linter_new(arena, &options);
    char *text = gw_strndup(arena, (const char *)data, size);
    unsigned most = 1;
    for (size_t i = 0; text; i++) {
        char *end = strchr(text, '\f');
        gw_lint_script script = {.file = "x.sql",
                                 .text = text,
                                 .len = end ? (size_t)(end - text) : strlen(text),
                                 .migration = i - (i % 3 == 2),
                                 .down = i % 3 == 2,
                                 .wants_down = i % 3 == 0,
                                 .transactional = i % 4 != 3,
                                 .repeatable = i % 5 == 4,
                                 .lock_timeout_ms = -1};
        if (end)
            *end++ = '\0';
        unsigned lines = lines_of(script.text, script.len);
        most = lines > most ? lines : most;
        gw_linter_add(linter, &script);
        text = end;
    }
    gw_finding_list list;
    gw_linter_run(linter, &list);
    CHECK(list.errors + list.warnings + list.notes == list.len);
    for (size_t i = 0; i < list.len; i++) {
        const gw_finding *f = &list.items[i];
        CHECK(gw_rule_find(f->rule) && *f->message && *f->hint);
        CHECK(f->line >= 1 && f->line <= most && f->col >= 1);
        CHECK(!strstr(f->message, "{}"));
    }
    gw_arena_free(arena);
    return 0;
}
