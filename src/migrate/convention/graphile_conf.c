#include "migrate/convention/graphile_conf.h"

#include <ctype.h>
#include <string.h>

#include "base/file.h"
#include "migrate/convention/json5.h"

enum { PROGRAM_LIMIT = 1 << 20 };

#define ELSEWHERE "; then take it out here, or keep the file under another name (graphile-migrate --config FILE)"

/* What runs or holds around each file. Of the others some are for current.sql and `reset`, which Godwit does not have,
 * some are godwit.yaml's to say. */
static const struct {
    const char *key, *hint;
} refused[] = {
    {"beforeAllMigrations", "write what it does as a migration, or run it before godwit up" ELSEWHERE},
    {"afterAllMigrations", "write what it does as a migration (-- godwit: repeatable), or run it after godwit up" ELSEWHERE},
    {"pgSettings", "let the role say it: ALTER ROLE … IN DATABASE … SET …" ELSEWHERE},
};

static bool refuse(const gw_source *source, const char *key, const char *hint, unsigned line, unsigned col, gw_err *err)
{
    gw_source_error(err, source, line, "setting `%s` of graphile-migrate is not followed by Godwit", key);
    gw_err_detail(err, "it changes what the migrations do, or what is done beside them");
    gw_err_hint(err, "%s", hint);
    return gw_err_at(err, source->shown, line, col);
}

/* Actions that are for the shadow database alone. */
static bool only_shadow(const gw_json5 *json, const gw_json5_item *list)
{
    size_t at = (size_t)(list - json->items.items), actions = 0, shadows = 0, len = strlen(list->path);
    for (size_t i = at; i <= at + list->children; i++) {
        const gw_json5_item *item = &json->items.items[i];
        const char *inner = item->path + len;
        bool in_list = strncmp(inner, "[]", 2) == 0;
        inner += in_list ? 2 : 0;
        actions += !*inner && (in_list || *item->text);
        shadows += strcmp(inner, ".shadow") == 0 && item->word && strcmp(item->text, "true") == 0;
    }
    return shadows && shadows >= actions;
}

static void add(gw_arena *arena, void *to, const char *name, const char *value)
{
    GW_VEC(const char *) *list = to;
    *gw_vec_push(arena, list) = name;
    *gw_vec_push(arena, list) = value;
}

static bool read_json(gw_dir *dir, const gw_source *source, const char *const **variables, gw_err *err)
{
    gw_json5 json;
    GW_VEC(const char *) list = {0};
    if (!gw_json5_read(dir, source, &json, err))
        return false;
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        const gw_json5_item *item = gw_json5_find(&json, refused[i].key);
        if (item && !only_shadow(&json, item))
            return refuse(source, refused[i].key, refused[i].hint, item->line, item->col, err);
    }
    const gw_json5_item *owner = gw_json5_find(&json, "databaseOwner");
    if (owner)
        add(dir->arena, &list, "DATABASE_OWNER", owner->text);
    for (size_t i = 0; i < json.items.len; i++) {
        const gw_json5_item *item = &json.items.items[i];
        if (strncmp(item->path, "placeholders.:", 14) == 0 && !item->word)
            add(dir->arena, &list, item->path + 14, item->text);
    }
    if (list.len)
        *gw_vec_push(dir->arena, &list) = NULL;
    *variables = list.items;
    return true;
}

/* A program says what it says when it runs: known is only which settings it names. */
static const char *find_word(const char *text, const char *word, unsigned *line, unsigned *col)
{
    size_t len = strlen(word);
    const char *start = text;
    *line = 1;
    for (const char *at = text; *at; at++) {
        if (*at == '\n') {
            ++*line;
            start = at + 1;
        } else if (at[0] == '/' && at[1] == '/') {
            at += strcspn(at, "\n") - 1;
        } else if (at[0] == '/' && at[1] == '*') {
            for (at += 2; *at && !(at[0] == '*' && at[1] == '/'); at++)
                if (*at == '\n') {
                    ++*line;
                    start = at + 1;
                }
            if (!*at)
                return NULL;
            at++;
        } else if (strncmp(at, word, len) == 0 && (at == text || !(isalnum((unsigned char)at[-1]) || at[-1] == '_')) &&
                   !(isalnum((unsigned char)at[len]) || at[len] == '_')) {
            *col = (unsigned)(at - start) + 1;
            return at;
        }
    }
    return NULL;
}

static bool read_program(gw_dir *dir, const gw_source *source, gw_err *err)
{
    static const char said[] = "its values are known only when it runs: write them under `placeholders:` in godwit.yaml";
    gw_file_text text;
    unsigned line, col;
    if (!gw_file_read(dir->arena, source->path, PROGRAM_LIMIT, &text, err))
        return false;
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
        if (find_word(text.data, refused[i].key, &line, &col))
            return refuse(source, refused[i].key, refused[i].hint, line, col, err);
    bool own = dir->options->placeholders && dir->options->placeholders[0];
    if (!own && (find_word(text.data, "placeholders", &line, &col)))
        return refuse(source, "placeholders", said, line, col, err);
    if (!own && find_word(text.data, "databaseOwner", &line, &col))
        return refuse(source, "databaseOwner",
                      "write `placeholders: { \":DATABASE_OWNER\": ROLE }` in godwit.yaml", line, col, err);
    return true;
}

static bool read_one(void *self, const gw_above *found, bool *enough, gw_err *err)
{
    *enough = true;
    if (gw_has_suffix(found->source->name, ".gmrc"))
        return read_json(found->dir, found->source, self, err);
    return read_program(found->dir, found->source, err);
}

bool gw_graphile_conf_read(gw_dir *dir, const char *const **variables, gw_err *err)
{
    static const char *const names[] = {".gmrc", ".gmrc.js", ".gmrc.cjs", NULL};
    *variables = NULL;
    return gw_dir_above(dir, names, read_one, (void *)variables, err);
}
