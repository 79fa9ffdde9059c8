/*
 * Alembic's revision files are Python. Only what a revision says about itself is read, from the
 * text: assignments at the start of a line, outside strings and brackets. Nothing is run.
 */
#include <ctype.h>
#include <string.h>

#include "base/file.h"
#include "migrate/adopt/internal.h"

enum { FILE_LIMIT = 16 << 20 };

typedef struct reader {
    gw_arena *arena;
    const char *at;
} reader;

typedef GW_VEC(const char *) texts;

/* A literal that begins here, prefix letters before its quote included. */
static bool at_literal(const char *at)
{
    size_t prefix = strspn(at, "rRuUbBfF");
    return prefix <= 2 && (at[prefix] == '"' || at[prefix] == '\'');
}

/* Past a literal; its text, with simple escapes undone. */
static const char *take_literal(reader *r)
{
    gw_buf out = GW_BUF(r->arena);
    bool raw = false;
    for (; *r->at != '"' && *r->at != '\''; r->at++)
        raw |= *r->at == 'r' || *r->at == 'R';
    char quote = *r->at;
    size_t width = r->at[1] == quote && r->at[2] == quote ? 3 : 1;
    r->at += width;
    while (*r->at) {
        if (*r->at == quote && (width == 1 || (r->at[1] == quote && r->at[2] == quote))) {
            r->at += width;
            break;
        }
        if (*r->at == '\n' && width == 1)
            break;
        if (*r->at == '\\' && r->at[1] && !raw) {
            r->at++;
            if (*r->at != '\n')
                gw_buf_addc(&out, *r->at == 'n' ? '\n' : *r->at);
            r->at++;
            continue;
        }
        gw_buf_addc(&out, *r->at++);
    }
    return gw_buf_str(&out);
}

static void skip_comment(reader *r)
{
    r->at += strcspn(r->at, "\n");
}

/* The rest of a logical line; literals in it are added to `found` (NULL: not wanted). */
static void take_line(reader *r, texts *found)
{
    int depth = 0;
    while (*r->at) {
        if (at_literal(r->at)) {
            const char *text = take_literal(r);
            if (found)
                *gw_vec_push(r->arena, found) = text;
            continue;
        }
        if (*r->at == '#') {
            skip_comment(r);
            continue;
        }
        if (*r->at == '\\' && r->at[1] == '\n') {
            r->at += 2;
            continue;
        }
        if (strchr("([{", *r->at))
            depth++;
        else if (strchr(")]}", *r->at))
            depth--;
        else if (*r->at == '\n' && depth <= 0) {
            r->at++;
            return;
        } else if (isalnum((unsigned char)*r->at) || *r->at == '_') {
            r->at += strspn(r->at, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                   "0123456789_");
            continue;
        }
        r->at++;
    }
}

/* NAME [: TYPE] = …; leaves the reader behind the equals sign. */
static bool take_name(reader *r, const char *name)
{
    size_t len = strlen(name);
    const char *at = r->at + len;
    if (strncmp(r->at, name, len) != 0 || (*at != ' ' && *at != ':' && *at != '=' && *at != '\t'))
        return false;
    at += strcspn(at, "=\n#");
    if (*at != '=' || at[1] == '=')
        return false;
    r->at = at + 1;
    return true;
}

static const char **list_of(gw_arena *arena, texts *found)
{
    *gw_vec_push(arena, found) = NULL;
    return found->items;
}

static const char *first_line(gw_arena *arena, const char *text)
{
    text += strspn(text, " \t\r\n");
    return gw_strndup(arena, text, strcspn(text, "\r\n"));
}

bool gw_alembic_parse(gw_arena *arena, const char *text, gw_alembic_revision *out)
{
    reader r = {arena, text};
    texts id = {0}, down = {0}, labels = {0}, depends = {0};
    out->title = "";
    bool first = true;
    while (*r.at) {
        if (first && at_literal(r.at)) {
            out->title = first_line(arena, take_literal(&r));
            first = false;
            continue;
        }
        first &= *r.at == '#' || isspace((unsigned char)*r.at);
        texts *into = NULL;
        if (take_name(&r, "revision"))
            into = &id;
        else if (take_name(&r, "down_revision"))
            into = &down;
        else if (take_name(&r, "branch_labels"))
            into = &labels;
        else if (take_name(&r, "depends_on"))
            into = &depends;
        take_line(&r, into);
    }
    if (!id.len)
        return false;
    out->id = id.items[0];
    out->down = list_of(arena, &down);
    out->labels = list_of(arena, &labels);
    out->depends = list_of(arena, &depends);
    return true;
}

/* ---- where they are ---- */

static char *trim(char *text)
{
    text += strspn(text, " \t\r");
    size_t len = strlen(text);
    while (len && strchr(" \t\r", text[len - 1]))
        text[--len] = '\0';
    if (len > 1 && (*text == '"' || *text == '\'') && text[len - 1] == *text) {
        text[len - 1] = '\0';
        text++;
    }
    return text;
}

/* %(here)s is the folder of the file; "package:folder" is a folder below the package's. */
static const char *location(gw_arena *arena, const char *dir, const char *value)
{
    const char *here = strstr(value, "%(here)s");
    if (here)
        value = gw_printf(arena, "%.*s%s%s", (int)(here - value), value, dir, here + 8);
    char *text = gw_strdup(arena, value), *colon = strchr(text, ':');
    if (colon) {
        *colon = '/';
        for (char *at = text; at < colon; at++)
            if (*at == '.')
                *at = '/';
    }
    return gw_path_join(arena, dir, text);
}

/* A key of a section of alembic.ini, or of pyproject.toml, which is near enough. NULL: not there. */
static const char *setting(gw_arena *arena, char *text, const char *section, const char *key)
{
    bool inside = false;
    for (char *line, *next = text; (line = strsep(&next, "\n"));) {
        line = trim(line);
        if (*line == '[')
            inside = strcmp(line, section) == 0;
        char *equals = strchr(line, '=');
        if (!inside || !equals || *line == '#' || *line == ';')
            continue;
        *equals = '\0';
        if (strcmp(trim(line), key) == 0)
            return gw_strdup(arena, trim(equals + 1));
    }
    return NULL;
}

static bool read_setting(gw_arena *arena, const char *path, const char *section, const char *key,
                         const char **out, gw_err *err)
{
    gw_file_text text;
    *out = NULL;
    if (!gw_file_exists(path))
        return true;
    if (!gw_file_read(arena, path, FILE_LIMIT, &text, err))
        return false;
    *out = setting(arena, text.data, section, key);
    return true;
}

static void add_folder(gw_arena *arena, texts *folders, const char *path)
{
    if (gw_file_is_dir(path))
        *gw_vec_push(arena, folders) = path;
}

/* version_locations: several, separated by spaces, commas, semicolons or colons. */
static void add_locations(gw_arena *arena, texts *folders, const char *dir, const char *value)
{
    char *text = gw_strdup(arena, value), *next = text;
    for (char *one; (one = strsep(&next, " ,;\t\"'[]"));) {
        for (char *part, *more = one; (part = strsep(&more, ":"));)
            if (*part)
                add_folder(arena, folders, location(arena, dir, part));
    }
}

static bool from_settings(gw_arena *arena, const char *dir, const char *name, const char *section,
                          texts *folders, gw_err *err)
{
    const char *path = gw_path_join(arena, dir, name), *versions, *script;
    if (!read_setting(arena, path, section, "version_locations", &versions, err) ||
        !read_setting(arena, path, section, "script_location", &script, err))
        return false;
    if (versions)
        add_locations(arena, folders, dir, versions);
    else if (script)
        add_folder(arena, folders, gw_path_join(arena, location(arena, dir, script), "versions"));
    return true;
}

static bool find_folders(gw_arena *arena, const char *dir, texts *folders, gw_err *err)
{
    static const char *const usual[] = {"alembic/versions", "migrations/versions",
                                        "db/versions", "versions", NULL};
    if (!from_settings(arena, dir, "alembic.ini", "[alembic]", folders, err) ||
        (!folders->len &&
         !from_settings(arena, dir, "pyproject.toml", "[tool.alembic]", folders, err)))
        return false;
    for (size_t i = 0; !folders->len && usual[i]; i++)
        add_folder(arena, folders, gw_path_join(arena, dir, usual[i]));
    if (folders->len)
        return true;
    gw_err_set(err, GW_ERR_CONFIG, "the revisions of alembic were not found");
    gw_err_detail(err, "%s has no alembic.ini (or pyproject.toml) whose script_location holds "
                       "versions/, and no alembic/versions", dir);
    return gw_err_hint(err, "put godwit.yaml beside alembic.ini, or run with -C DIR");
}

static bool read_folder(gw_arena *arena, const char *folder, gw_alembic_list *out, gw_err *err)
{
    gw_file_list names;
    if (!gw_file_list_dir(arena, folder, &names, err))
        return false;
    for (size_t i = 0; i < names.len; i++) {
        const char *name = names.items[i].name;
        size_t len = strlen(name);
        if (names.items[i].is_dir || len < 4 || strcmp(name + len - 3, ".py") != 0)
            continue;
        gw_alembic_revision revision = {.file = gw_path_join(arena, folder, name)};
        gw_file_text text;
        if (!gw_file_read(arena, revision.file, FILE_LIMIT, &text, err))
            return false;
        if (gw_alembic_parse(arena, text.data, &revision))
            *gw_vec_push(arena, out) = revision;
    }
    return true;
}

bool gw_alembic_read(gw_arena *arena, const char *project_dir, gw_alembic_list *out, gw_err *err)
{
    texts folders = {0};
    *out = (gw_alembic_list){0};
    if (!find_folders(arena, project_dir ? project_dir : ".", &folders, err))
        return false;
    for (size_t i = 0; i < folders.len; i++)
        if (!read_folder(arena, folders.items[i], out, err))
            return false;
    return true;
}
