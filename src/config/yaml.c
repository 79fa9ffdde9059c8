#include "config/yaml.h"

#include <libfyaml.h>
#include <stdint.h>
#include <string.h>

#include "base/file.h"
#include "base/vec.h"
#include "config/flow.h"

/* Aliases can make a small file an endless tree. */
enum { MAX_DEPTH = 32, MAX_NODES = 20000 };

typedef struct reader {
    gw_arena *arena;
    gw_problems *problems;
    unsigned nodes;
    const char *text;
    size_t len;
} reader;

typedef GW_VEC(gw_yaml_entry) entry_list;

const char *gw_yaml_kind_name(gw_yaml_kind kind)
{
    switch (kind) {
    case GW_YAML_NULL:
        return "nothing";
    case GW_YAML_SCALAR:
        return "a single value";
    case GW_YAML_LIST:
        return "a list";
    case GW_YAML_MAP:
        return "a mapping";
    }
    return "something else";
}

static void place_of(struct fy_token *token, unsigned *line, unsigned *col)
{
    const struct fy_mark *mark = token ? fy_token_start_mark(token) : NULL;
    if (!mark || mark->line < 0 || mark->column < 0)
        return;
    *line = (unsigned)mark->line + 1;
    *col = (unsigned)mark->column + 1;
    /* libfyaml's mark of a quoted text stands behind the quote. */
    enum fy_scalar_style style = fy_token_scalar_style(token);
    if ((style == FYSS_SINGLE_QUOTED || style == FYSS_DOUBLE_QUOTED) && *col > 1)
        --*col;
}

static bool convert(reader *r, struct fy_node *node, unsigned depth, gw_yaml *out);

static bool is_null_text(const char *text)
{
    return !*text || strcmp(text, "~") == 0 || strcmp(text, "null") == 0 ||
           strcmp(text, "Null") == 0 || strcmp(text, "NULL") == 0;
}

/* The text of a scalar; "" with a problem where it holds a NUL. */
static const char *scalar_text(reader *r, struct fy_node *node, unsigned line, unsigned col)
{
    size_t len = 0;
    const char *text = fy_node_get_scalar(node, &len);
    if (!text)
        return "";
    if (memchr(text, '\0', len)) {
        gw_problem_add(r->problems, line, col, "a value holds a NUL character");
        return "";
    }
    return gw_strndup(r->arena, text, len);
}

static void convert_scalar(reader *r, struct fy_node *node, gw_yaml *out)
{
    struct fy_token *token = fy_node_get_scalar_token(node);
    place_of(token, &out->line, &out->col);
    out->text = scalar_text(r, node, out->line, out->col);
    bool plain = !token || fy_token_scalar_style(token) == FYSS_PLAIN;
    out->kind = plain && is_null_text(out->text) ? GW_YAML_NULL : GW_YAML_SCALAR;
}

static gw_yaml_entry *find_key(entry_list *entries, const char *key)
{
    for (size_t i = 0; i < entries->len; i++)
        if (strcmp(entries->items[i].key, key) == 0)
            return &entries->items[i];
    return NULL;
}

static bool convert_pair(reader *r, struct fy_node_pair *pair, unsigned depth,
                         entry_list *entries, entry_list *merges, const gw_yaml *map)
{
    struct fy_node *key = fy_node_pair_key(pair);
    gw_yaml_entry entry = {.line = map->line, .col = map->col};
    if (!key || !fy_node_is_scalar(key) || fy_node_is_alias(key)) {
        gw_problem_add(r->problems, map->line, map->col, "a key has to be a plain word");
        return true;
    }
    struct fy_token *token = fy_node_get_scalar_token(key);
    place_of(token, &entry.line, &entry.col);
    entry.key = scalar_text(r, key, entry.line, entry.col);
    bool merge = strcmp(entry.key, "<<") == 0;
    const gw_yaml_entry *twin = merge ? NULL : find_key(entries, entry.key);
    if (twin) {
        gw_problem_add(r->problems, entry.line, entry.col, "the key \"%s\" is given twice",
                       entry.key);
        gw_problem_hint(r->problems, "it was given first in line %u", twin->line);
        return true;
    }
    entry.value.line = entry.line;
    entry.value.col = entry.col;
    if (!convert(r, fy_node_pair_value(pair), depth + 1, &entry.value))
        return false;
    *gw_vec_push(r->arena, merge ? merges : entries) = entry;
    return true;
}

/* `<<: *base` or `<<: [*a, *b]`: what is given in place is stronger, then the earlier one. */
static void merge_into(reader *r, const gw_yaml_entry *merge, entry_list *entries)
{
    const gw_yaml *from = &merge->value;
    if (from->kind == GW_YAML_LIST) {
        for (size_t i = 0; i < from->count; i++) {
            gw_yaml_entry each = {.line = merge->line, .col = merge->col,
                                  .value = from->entries[i].value};
            if (each.value.kind == GW_YAML_LIST)
                gw_problem_add(r->problems, merge->line, merge->col,
                               "\"<<\" takes a mapping or a list of mappings");
            else
                merge_into(r, &each, entries);
        }
        return;
    }
    if (from->kind != GW_YAML_MAP) {
        gw_problem_add(r->problems, merge->line, merge->col,
                       "\"<<\" takes a mapping or a list of mappings, not %s",
                       gw_yaml_kind_name(from->kind));
        return;
    }
    for (size_t i = 0; i < from->count; i++)
        if (!find_key(entries, from->entries[i].key))
            *gw_vec_push(r->arena, entries) = from->entries[i];
}

static bool convert_map(reader *r, struct fy_node *node, unsigned depth, gw_yaml *out)
{
    entry_list entries = {0}, merges = {0};
    void *at = NULL;
    struct fy_node_pair *pair;
    out->kind = GW_YAML_MAP;
    while ((pair = fy_node_mapping_iterate(node, &at)))
        if (!convert_pair(r, pair, depth, &entries, &merges, out))
            return false;
    for (size_t i = 0; i < merges.len; i++)
        merge_into(r, &merges.items[i], &entries);
    out->entries = entries.items;
    out->count = entries.len;
    return true;
}

static bool convert_list(reader *r, struct fy_node *node, unsigned depth, gw_yaml *out)
{
    entry_list entries = {0};
    void *at = NULL;
    struct fy_node *item;
    out->kind = GW_YAML_LIST;
    while ((item = fy_node_sequence_iterate(node, &at))) {
        gw_yaml_entry entry = {.line = out->line, .col = out->col};
        entry.value.line = out->line;
        entry.value.col = out->col;
        if (!convert(r, item, depth + 1, &entry.value))
            return false;
        /* A mapping has no place of its own: that of its first key. */
        if (entry.value.kind == GW_YAML_MAP && entry.value.count) {
            entry.value.line = entry.value.entries[0].line;
            entry.value.col = entry.value.entries[0].col;
        }
        *gw_vec_push(r->arena, &entries) = entry;
    }
    out->entries = entries.items;
    out->count = entries.len;
    return true;
}

static bool convert(reader *r, struct fy_node *node, unsigned depth, gw_yaml *out)
{
    if (!node) {
        out->kind = GW_YAML_NULL;
        return true;
    }
    if (depth > MAX_DEPTH || ++r->nodes > MAX_NODES)
        return gw_problem_add(r->problems, out->line, out->col,
                              "this is nested too deeply, or its aliases make it too big");
    if (fy_node_is_alias(node)) {
        struct fy_node *target = fy_node_resolve_alias(node);
        if (!target) {
            size_t len = 0;
            const char *name = fy_node_get_scalar(node, &len);
            gw_problem_add(r->problems, out->line, out->col, "there is no anchor \"&%.*s\"",
                           (int)len, name ? name : "");
            out->kind = GW_YAML_NULL;
            return true;
        }
        return convert(r, target, depth + 1, out);
    }
    if (fy_node_is_mapping(node))
        return convert_map(r, node, depth, out);
    if (fy_node_is_sequence(node))
        return convert_list(r, node, depth, out);
    convert_scalar(r, node, out);
    return true;
}

/* The parser finds out at the end of the text, or where the next key stands. */
static bool add_unclosed(reader *r)
{
    size_t offset;
    unsigned line, col;
    if (!gw_yaml_unclosed(r->text, r->len, &offset))
        return false;
    char open = r->text[offset];
    gw_text_place(r->text, offset, &line, &col);
    gw_problem_add(r->problems, line, col, "this is not YAML: \"%c\" is opened and never closed", open);
    gw_problem_hint(r->problems, "close it with \"%c\"", open == '[' ? ']' : '}');
    return true;
}

static void add_syntax_errors(reader *r, struct fy_diag *diag)
{
    void *at = NULL;
    struct fy_diag_error *error;
    bool said = add_unclosed(r), unclosed = said;
    while (!unclosed && (error = fy_diag_errors_iterate(diag, &at))) {
        unsigned line = error->line > 0 ? (unsigned)error->line : 1;
        unsigned col = error->column > 0 ? (unsigned)error->column : 1;
        gw_problem_add(r->problems, line, col, "this is not YAML: %s", error->msg);
        said = true;
    }
    if (!said)
        gw_problem_add(r->problems, 1, 1, "this is not YAML");
}

static bool read_document(reader *r, struct fy_parser *parser, struct fy_diag *diag,
                          gw_yaml *out)
{
    struct fy_document *document = fy_parse_load_document(parser);
    bool ok = true;
    if (document) {
        ok = convert(r, fy_document_root(document), 0, out);
        fy_document_destroy(document);
    }
    struct fy_document *second = NULL;
    if (ok && document && !fy_parser_get_stream_error(parser))
        second = fy_parse_load_document(parser);
    if (second) {
        fy_document_destroy(second);
        gw_problem_add(r->problems, 1, 1, "there is more than one YAML document in this file");
        gw_problem_hint(r->problems, "take out the second \"---\"");
        return false;
    }
    if (fy_parser_get_stream_error(parser)) {
        add_syntax_errors(r, diag);
        return false;
    }
    return ok;
}

bool gw_yaml_read(gw_arena *arena, const char *text, size_t len, gw_problems *problems,
                  gw_yaml *out)
{
    reader r = {.arena = arena, .problems = problems, .text = text, .len = len};
    *out = (gw_yaml){.kind = GW_YAML_NULL, .line = 1, .col = 1};
    size_t bad = gw_utf8_check(text, len);
    if (bad) {
        unsigned line, col;
        gw_text_place(text, bad - 1, &line, &col);
        return gw_problem_add(problems, line, col, "this is not UTF-8 text");
    }
    struct fy_diag_cfg diag_cfg;
    fy_diag_cfg_default(&diag_cfg);
    diag_cfg.fp = NULL;
    struct fy_diag *diag = fy_diag_create(&diag_cfg);
    if (!diag)
        gw_out_of_memory(sizeof diag_cfg);
    fy_diag_set_collect_errors(diag, true);
    struct fy_parse_cfg cfg = {
        .flags = FYPCF_QUIET | FYPCF_COLLECT_DIAG | FYPCF_ALLOW_DUPLICATE_KEYS, .diag = diag};
    struct fy_parser *parser = fy_parser_create(&cfg);
    if (!parser)
        gw_out_of_memory(sizeof cfg);
    bool ok = fy_parser_set_string(parser, text, len) == 0;
    if (!ok)
        gw_problem_add(problems, 1, 1, "this is not YAML");
    else
        ok = read_document(&r, parser, diag, out);
    fy_parser_destroy(parser);
    fy_diag_destroy(diag);
    return ok;
}
