#include "migrate/convention/json5.h"

#include <string.h>

#include "base/file.h"

enum { FILE_LIMIT = 1 << 20, DEEPEST = 32 };

typedef struct reader {
    gw_dir *dir;
    const gw_source *source;
    gw_json5 *out;
    const char *at, *line_start;
    unsigned line, depth;
} reader;

static bool fail(const reader *r, gw_err *err, const char *what)
{
    gw_source_error(err, r->source, r->line, "%s is not JSON that can be read: %s", r->source->shown, what);
    return gw_err_at(err, r->source->shown, r->line, (unsigned)(r->at - r->line_start) + 1);
}

static void step(reader *r)
{
    if (*r->at++ == '\n') {
        r->line++;
        r->line_start = r->at;
    }
}

static void skip_blanks(reader *r)
{
    for (;;) {
        bool block = r->at[0] == '/' && r->at[1] == '*';
        if (*r->at && strchr(" \t\r\n\f\v", *r->at)) {
            step(r);
        } else if (block) {
            r->at += 2;
            while (*r->at && !(r->at[0] == '*' && r->at[1] == '/'))
                step(r);
            r->at += *r->at ? 2 : 0;
        } else if (r->at[0] == '/' && r->at[1] == '/') {
            r->at += strcspn(r->at, "\n");
        } else {
            return;
        }
    }
}

static bool read_string(reader *r, const char **out, gw_err *err)
{
    static const char from[] = "ntrbfv0", to[] = "\n\t\r\b\f\v";
    gw_buf text = GW_BUF(r->dir->arena);
    char quote = *r->at++;
    while (*r->at && *r->at != quote) {
        const char *escape = *r->at == '\\' && r->at[1] ? strchr(from, r->at[1]) : NULL;
        if (*r->at != '\\') {
            gw_buf_addc(&text, *r->at);
            step(r);
            continue;
        }
        if (r->at[1] == 'u' || r->at[1] == 'x' || r->at[1] == '0' || !r->at[1])
            return fail(r, err, "write the character itself instead of this escape");
        if (r->at[1] != '\n')
            gw_buf_addc(&text, escape ? to[escape - from] : r->at[1]);
        r->at++;
        step(r);
    }
    if (!*r->at)
        return fail(r, err, "a text has no end");
    r->at++;
    *out = gw_buf_str(&text);
    return true;
}

static bool read_word(reader *r, const char **out, gw_err *err)
{
    size_t len = strcspn(r->at, " \t\r\n\f\v,:[]{}\"'/");
    if (!len)
        return fail(r, err, *r->at ? "this is neither a name nor a value" : "it ends too soon");
    *out = gw_strndup(r->dir->arena, r->at, len);
    r->at += len;
    return true;
}

static bool read_value(reader *r, const char *path, gw_err *err);

static bool read_members(reader *r, const char *path, char close, gw_err *err)
{
    for (;;) {
        const char *key = NULL, *inner = NULL;
        skip_blanks(r);
        if (*r->at == close) {
            r->at++;
            return true;
        }
        if (close == ']') {
            inner = gw_printf(r->dir->arena, "%s[]", path);
        } else {
            if (!(*r->at == '"' || *r->at == '\'' ? read_string(r, &key, err) : read_word(r, &key, err)))
                return false;
            skip_blanks(r);
            if (*r->at != ':')
                return fail(r, err, "a colon is missing");
            r->at++;
            inner = *path ? gw_printf(r->dir->arena, "%s.%s", path, key) : key;
        }
        if (!read_value(r, inner, err))
            return false;
        skip_blanks(r);
        if (*r->at == ',')
            r->at++;
        else if (*r->at != close)
            return fail(r, err, "a comma is missing");
    }
}

static bool read_value(reader *r, const char *path, gw_err *err)
{
    skip_blanks(r);
    size_t index = r->out->items.len;
    gw_json5_item item = {
        .path = path, .text = "", .line = r->line, .col = (unsigned)(r->at - r->line_start) + 1};
    bool ok = true, list = *r->at == '[', text = *r->at == '"' || *r->at == '\'';
    if (++r->depth > DEEPEST)
        return fail(r, err, "it is nested too deeply");
    if (list || *r->at == '{') {
        *gw_vec_push(r->dir->arena, &r->out->items) = item;
        r->at++;
        ok = read_members(r, path, list ? ']' : '}', err);
        r->out->items.items[index].children = r->out->items.len - index - 1;
    } else {
        item.word = !text;
        ok = text ? read_string(r, &item.text, err) : read_word(r, &item.text, err);
        *gw_vec_push(r->dir->arena, &r->out->items) = item;
    }
    r->depth--;
    return ok;
}

bool gw_json5_read(gw_dir *dir, const gw_source *source, gw_json5 *out, gw_err *err)
{
    gw_file_text text;
    *out = (gw_json5){0};
    if (!gw_file_read(dir->arena, source->path, FILE_LIMIT, &text, err))
        return false;
    const char *start = text.data + (strncmp(text.data, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0);
    reader r = {.dir = dir, .source = source, .out = out, .at = start, .line_start = start, .line = 1};
    if (!read_value(&r, "", err))
        return false;
    skip_blanks(&r);
    return !*r.at || fail(&r, err, "something stands behind its end");
}

const gw_json5_item *gw_json5_find(const gw_json5 *json, const char *path)
{
    const gw_json5_item *found = NULL;
    for (size_t i = 0; i < json->items.len; i++)
        if (strcmp(json->items.items[i].path, path) == 0)
            found = &json->items.items[i];
    if (!found || (!found->children && !*found->text) ||
        (found->word && (strcmp(found->text, "null") == 0 || strcmp(found->text, "false") == 0)))
        return NULL;
    return found;
}
