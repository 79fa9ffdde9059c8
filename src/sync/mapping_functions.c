/* `functions:` of a mapping: written in it, or a .ts file beside it. */
#include <string.h>

#include "base/file.h"
#include "sync/reader.h"

enum { MAX_SCRIPT = 1024 * 1024 };

/* ---- places in the file ----------------------------------------------------------------- */

/* Line `number` (from 1) of the file; its length without the line's end. */
static const char *line_of(const char *body, unsigned number, size_t *len)
{
    for (; body && number > 1; number--) {
        body = strchr(body, '\n');
        body = body ? body + 1 : NULL;
    }
    *len = body ? strcspn(body, "\r\n") : 0;
    return body;
}

/* The byte at which a column (in characters, from 1) begins. */
static size_t byte_of(const char *line, size_t len, unsigned col)
{
    size_t at = 0;
    for (unsigned c = 1; c < col && at < len; c++) {
        at++;
        while (at < len && ((unsigned char)line[at] & 0xc0) == 0x80)
            at++;
    }
    return at;
}

static unsigned chars_in(const char *text, size_t len)
{
    unsigned count = 0;
    for (size_t i = 0; i < len; i++)
        count += ((unsigned char)text[i] & 0xc0) != 0x80;
    return count;
}

/* Whether this line of a text stands at the end of that line of the file; by how much it is
 * indented there. */
static bool stands_in(const char *body, unsigned line, const char *text, size_t len, size_t *indent)
{
    size_t raw_len;
    const char *raw = line_of(body, line, &raw_len);
    if (!raw || raw_len < len || memcmp(raw + raw_len - len, text, len) != 0)
        return false;
    *indent = raw_len - len;
    return strspn(raw, " ") >= *indent;
}

/* A text on the line where it begins, as it is: where its first character stands. */
static bool stands_at(const char *body, const gw_said *said, size_t len, unsigned *col)
{
    size_t raw_len;
    const char *raw = line_of(body, said->line, &raw_len);
    if (!raw || !said->col)
        return false;
    size_t at = byte_of(raw, raw_len, said->col);
    bool quoted = at < raw_len && (raw[at] == '"' || raw[at] == '\'');
    at += quoted;
    *col = said->col + quoted;
    return raw_len - at >= len && memcmp(raw + at, said->text, len) == 0;
}

void gw_mapping_place(const gw_mapping *mapping, const gw_said *said, size_t offset,
                      unsigned *line, unsigned *col)
{
    const char *text = said->text;
    *line = said->line;
    *col = said->col;
    if (!text || !mapping->body)
        return;
    size_t row = 0, bytes = 0, start = 0, indent = 0;
    for (size_t c = 0; c < offset && text[bytes]; c++) {
        if (text[bytes] == '\n') {
            row++;
            start = bytes + 1;
        }
        bytes++;
        while (((unsigned char)text[bytes] & 0xc0) == 0x80)
            bytes++;
    }
    size_t row_len = strcspn(text + start, "\n");
    unsigned shift = chars_in(text + start, bytes - start), first;
    if (row == 0 && stands_at(mapping->body, said, row_len, &first)) {
        *col = first + shift;
    } else if (said->col == 1 && stands_in(mapping->body, said->line + (unsigned)row, text + start,
                                           row_len, &indent)) {
        *line = said->line + (unsigned)row;
        *col = (unsigned)indent + 1 + shift;
    }
}

/* ---- functions -------------------------------------------------------------------------- */

/* A name that TypeScript can call. */
static bool is_identifier(const char *name)
{
    if (!*name || (*name >= '0' && *name <= '9'))
        return false;
    for (; *name; name++)
        if (!(*name == '_' || *name == '$' || (*name >= '0' && *name <= '9') ||
              (*name >= 'a' && *name <= 'z') || (*name >= 'A' && *name <= 'Z')))
            return false;
    return true;
}

static void take_function(gw_mapping_reader *r, const gw_yaml_entry *entry)
{
    gw_said said;
    if (!is_identifier(entry->key)) {
        gw_problem_add(r->d.problems, entry->line, entry->col,
                       "\"%s\" is no name of a function: letters, digits and _", entry->key);
        return;
    }
    if (!gw_yaml_single(&r->d, entry, &said))
        return;
    if (!said.text[strspn(said.text, " \t\r\n")]) {
        gw_problem_add(r->d.problems, said.line, said.col, "the function \"%s\" is empty",
                       entry->key);
        return;
    }
    gw_mapping_function *f = gw_vec_push(r->d.arena, &r->mapping->functions);
    *f = (gw_mapping_function){
        .name = entry->key, .body = said.text, .line = entry->line, .col = entry->col};
    gw_mapping_place(r->mapping, &said, 0, &f->body_line, &f->body_col);
    f->body_col--;
    f->body_indent = said.col == 1 ? f->body_col : 0;
}

static void take_file(gw_mapping_reader *r, const gw_yaml *value)
{
    gw_mapping_functions *out = &r->mapping->functions;
    gw_problems *problems = r->d.problems;
    const char *text = value->text;
    size_t len = strlen(text);
    gw_file_text read;
    gw_err err = {0};
    if (len < 4 || strcmp(text + len - 3, ".ts") != 0) {
        gw_problem_add(problems, value->line, value->col,
                       "\"functions\" takes a mapping of functions, or the name of a .ts file");
        return;
    }
    out->file = (gw_said){.text = text, .line = value->line, .col = value->col};
    out->text = r->script;
    if (out->text)
        return;
    if (!r->path) {
        gw_problem_add(problems, value->line, value->col, "the file %s cannot be read from here",
                       text);
        return;
    }
    out->path = gw_path_join(r->d.arena, gw_path_dir(r->d.arena, r->path), text);
    if (!gw_file_read(r->d.arena, out->path, MAX_SCRIPT, &read, &err)) {
        gw_problem_add(problems, value->line, value->col, "%s", err.message);
        gw_err_clear(&err);
    } else if (gw_utf8_check(read.data, read.len)) {
        gw_problem_add(problems, value->line, value->col, "%s is not UTF-8 text", text);
    } else {
        out->text = read.data;
    }
}

void gw_mapping_take_functions(gw_mapping_reader *r, const gw_yaml_entry *entry)
{
    if (entry->value.kind == GW_YAML_SCALAR) {
        take_file(r, &entry->value);
        return;
    }
    if (entry->value.kind != GW_YAML_MAP) {
        gw_yaml_wrong_kind(&r->d, entry, "a mapping of functions, or the name of a .ts file");
        return;
    }
    for (size_t i = 0; i < entry->value.count; i++)
        take_function(r, &entry->value.entries[i]);
}
