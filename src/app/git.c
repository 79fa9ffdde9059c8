#include "app/git.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/proc.h"
#include "base/vec.h"

enum { WORDS = 12 };

static bool git(gw_arena *arena, const gw_git *g, const char *const *words, const char *input,
                gw_proc_result *out, gw_err *err)
{
    const char *argv[WORDS + 4] = {"git", "-C", g->dir};
    for (size_t i = 0; words[i] && i < WORDS; i++)
        argv[i + 3] = words[i];
    gw_proc proc = {.argv = argv, .input = input, .keep_output = true, .cancel = g->cancel};
    return gw_proc_run(arena, &proc, out, err);
}

static void chop(char *text)
{
    text[strcspn(text, "\r\n")] = '\0';
}

bool gw_git_open(gw_arena *arena, const char *dir, const char *ref, const gw_cancel *cancel,
                 gw_git *out, gw_err *err)
{
    *out = (gw_git){.dir = dir, .cancel = cancel};
    gw_proc_result result;
    if (!gw_proc_which(arena, "git"))
        return gw_err_set(err, GW_ERR_UNSUPPORTED, "the program git is not here");
    const char *const top[] = {"rev-parse", "--show-toplevel", NULL};
    if (!git(arena, out, top, NULL, &result, err))
        return false;
    if (result.exit_code != 0) {
        gw_err_set(err, GW_ERR_UNSUPPORTED, "%s is in no git repository", dir);
        chop(result.err);
        return gw_err_detail(err, "%s", result.err);
    }
    chop(result.out);
    out->top = result.out;
    const char *const verify[] = {"rev-parse", "--verify", "--quiet", "--end-of-options",
                                  gw_printf(arena, "%s^{commit}", ref), NULL};
    if (!git(arena, out, verify, NULL, &result, err))
        return false;
    chop(result.out);
    out->commit = result.out;
    if (result.exit_code == 0)
        return true;
    gw_err_set(err, GW_ERR_USAGE, "git knows no commit \"%s\"", ref);
    return gw_err_hint(err, "a branch of the server is origin/NAME, after git fetch; a shallow "
                            "clone may lack it");
}

/* A name as git prints it: in quotes, with escapes, where it has bytes that need them. */
static char *unquoted(gw_arena *arena, const char *line)
{
    if (*line != '"')
        return gw_strdup(arena, line);
    gw_buf name = GW_BUF(arena);
    for (const char *p = line + 1; *p && *p != '"'; p++) {
        static const char from[] = "abfnrtv", to[] = "\a\b\f\n\r\t\v";
        if (*p != '\\') {
            gw_buf_addc(&name, *p);
            continue;
        }
        const char *known = *++p ? strchr(from, *p) : NULL;
        if (known) {
            gw_buf_addc(&name, to[known - from]);
        } else if (*p >= '0' && *p <= '3' && p[1] && p[2]) {
            gw_buf_addc(&name, (char)((*p - '0') * 64 + (p[1] - '0') * 8 + (p[2] - '0')));
            p += 2;
        } else if (*p) {
            gw_buf_addc(&name, *p);
        } else {
            break;
        }
    }
    return gw_strdup(arena, gw_buf_str(&name));
}

typedef struct listed {
    GW_VEC(const char *) hashes, names;
} listed;

/* "100644 blob HASH<tab>NAME" a line. */
static void read_list(gw_arena *arena, char *text, listed *list)
{
    char *rest = NULL;
    for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
        char *tab = strchr(line, '\t'), *blob = strstr(line, " blob ");
        if (!tab || !blob || blob > tab)
            continue; /* a submodule */
        *gw_vec_push(arena, &list->hashes) =
            gw_strndup(arena, blob + 6, (size_t)(tab - blob - 6));
        *gw_vec_push(arena, &list->names) = unquoted(arena, tab + 1);
    }
}

/* The answer of cat-file --batch: "HASH blob SIZE", the bytes, a newline; one after another. */
static bool write_files(gw_arena *arena, const listed *list, const char *answer, const char *to,
                        gw_err *err)
{
    const char *p = answer;
    for (size_t i = 0; i < list->names.len; i++) {
        const char *line = strchr(p, '\n'), *size = strstr(p, " blob ");
        if (!line || !size || size > line)
            return gw_err_set(err, GW_ERR_IO, "git did not give %s", list->names.items[i]);
        size_t len = (size_t)strtoull(size + 6, NULL, 10);
        char *path = gw_path_join(arena, to, list->names.items[i]);
        if (!gw_file_make_dirs(gw_path_dir(arena, path), 0700, err) ||
            !gw_file_create(path, line + 1, len, 0600, err))
            return false;
        p = line + 1 + len + 1;
    }
    return true;
}

bool gw_git_copy(gw_arena *arena, const gw_git *g, const char *folder, const char *to,
                 size_t *count, gw_err *err)
{
    size_t top = strlen(g->top);
    listed list = {0};
    gw_proc_result result;
    *count = 0;
    if (strncmp(folder, g->top, top) != 0 || (folder[top] && folder[top] != '/')) {
        gw_err_set(err, GW_ERR_UNSUPPORTED, "%s is not in the repository %s", folder, g->top);
        return gw_err_hint(err, "conflicts --against compares one repository with itself");
    }
    const char *below = folder[top] ? folder + top + 1 : "";
    const char *tree = gw_printf(arena, "%s:%s", g->commit, below);
    const char *const exists[] = {"cat-file", "-e", tree, NULL};
    if (!git(arena, g, exists, NULL, &result, err))
        return false;
    if (result.exit_code != 0)
        return true;
    const char *const ls[] = {"-c", "core.quotePath=true", "ls-tree", "-r", "--full-tree", tree,
                              NULL};
    if (!git(arena, g, ls, NULL, &result, err))
        return false;
    read_list(arena, result.out, &list);
    gw_buf wanted = GW_BUF(arena);
    for (size_t i = 0; i < list.hashes.len; i++)
        gw_buf_addf(&wanted, "%s\n", list.hashes.items[i]);
    const char *const batch[] = {"cat-file", "--batch", NULL};
    *count = list.names.len;
    return list.names.len == 0 ||
           (git(arena, g, batch, gw_buf_str(&wanted), &result, err) &&
            write_files(arena, &list, result.out, to, err));
}
