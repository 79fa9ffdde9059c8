/* A project in a temporary folder with its own variables, for the tests of this layer. */
#ifndef GW_TEST_CONFIG_PROJECT_H
#define GW_TEST_CONFIG_PROJECT_H

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "config/config.h"

typedef struct project {
    gw_arena *arena;
    char *dir;
    const char *variables[8];
    gw_config_options options;
    gw_config config;
    gw_environment env;
    gw_err err;
} project;

static inline int project_open(void **state)
{
    project *p = calloc(1, sizeof *p);
    p->arena = gw_arena_new();
    char template[] = "/tmp/gw-config-XXXXXX";
    p->dir = gw_path_absolute(p->arena, mkdtemp(template));
    p->options.dir = p->dir;
    p->options.environ = p->variables;
    /* The search for godwit.yaml goes no higher than this. */
    gw_err err = {0};
    assert_true(gw_file_make_dirs(gw_path_join(p->arena, p->dir, ".git"), 0755, &err));
    *state = p;
    return 0;
}

static inline int project_close(void **state)
{
    project *p = *state;
    gw_err_clear(&p->err);
    assert_true(gw_file_remove_tree(p->dir, &p->err));
    gw_arena_free(p->arena);
    free(p);
    return 0;
}

static inline void project_write(project *p, const char *name, const char *text)
{
    gw_err err = {0};
    const char *path = gw_path_join(p->arena, p->dir, name);
    assert_true(gw_file_make_dirs(gw_path_dir(p->arena, path), 0755, &err));
    assert_true(gw_file_write(path, text, strlen(text), 0644, &err));
}

static inline void project_variable(project *p, const char *assignment)
{
    size_t i = 0;
    while (p->variables[i])
        i++;
    assert_true(i + 1 < sizeof p->variables / sizeof *p->variables);
    p->variables[i] = assignment;
}

static inline bool project_load(project *p)
{
    gw_err_clear(&p->err);
    return gw_config_load(p->arena, &p->options, &p->config, &p->err);
}

static inline bool project_environment(project *p, const char *name)
{
    return project_load(p) &&
           gw_config_environment(p->arena, &p->config, name, &p->env, &p->err);
}

static inline void assert_ok(project *p, bool ok)
{
    if (!ok)
        fail_msg("%s / %s / %s", p->err.message, p->err.detail, p->err.hint);
}

/* The load (and, with it, the environment) fails, and the error says `part` at this place. */
static inline void assert_fails(project *p, bool ok, const char *part, unsigned line, unsigned col)
{
    assert_false(ok);
    assert_int_equal(p->err.kind, GW_ERR_CONFIG);
    gw_arena *arena = p->arena;
    const char *all = gw_printf(arena, "%s\n%s\n%s", p->err.message,
                                p->err.detail ? p->err.detail : "",
                                p->err.hint ? p->err.hint : "");
    if (!strstr(all, part))
        fail_msg("\"%s\" is not in: %s", part, all);
    assert_int_equal(p->err.line, line);
    assert_int_equal(p->err.col, col);
}

#endif
