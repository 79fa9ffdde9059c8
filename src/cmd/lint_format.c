#include "cmd/lint_format.h"

#include <ctype.h>
#include <string.h>

#include "base/build.h"
#include "base/file.h"
#include "cmd/commands.h"
#include "cmd/report.h"
#include "cmd/term.h"

/* ---- text ------------------------------------------------------------------------------ */

void gw_wrap(gw_buf *buf, const char *text, size_t indent, size_t columns)
{
    size_t at = columns; /* the first word begins a line */
    while (*text) {
        size_t len = strcspn(text, " \n");
        char *word = gw_strndup(buf->arena, text, len);
        size_t width = gw_text_columns(word);
        if (at + 1 + width > columns) {
            gw_buf_addf(buf, "%s%*s", at == columns && !buf->len ? "" : "\n", (int)indent, "");
            at = indent;
        } else if (at > indent) {
            gw_buf_addc(buf, ' ');
            at++;
        }
        gw_buf_add(buf, word);
        at += width;
        text += len + (text[len] != '\0');
    }
}

static gw_style style_of(gw_severity severity)
{
    return severity == GW_SEVERITY_ERROR     ? GW_STYLE_RED
           : severity == GW_SEVERITY_WARNING ? GW_STYLE_YELLOW
                                             : GW_STYLE_DIM;
}

void gw_lint_as_text(gw_buf *buf, const gw_finding_list *list, bool color)
{
    for (size_t i = 0; i < list->len; i++) {
        const gw_finding *f = &list->items[i];
        gw_buf place = GW_BUF(buf->arena);
        gw_buf_addf(&place, "%s:%u:%u:", gw_text_safe(buf->arena, gw_path_from_here(f->file)), f->line,
                    f->col);
        gw_style_add(buf, color, GW_STYLE_BOLD, gw_buf_str(&place));
        gw_buf_addc(buf, ' ');
        gw_style_add(buf, color, style_of(f->severity), gw_severity_name(f->severity));
        gw_buf_addf(buf, ": %s ", gw_text_safe(buf->arena, f->message));
        gw_style_add(buf, color, GW_STYLE_DIM, gw_printf(buf->arena, "[%s]", f->rule));
        gw_buf_addc(buf, '\n');
        gw_report_line(buf, f->file, f->line, f->col, color);
        gw_style_add(buf, color, GW_STYLE_DIM, " hint:");
        gw_buf_addf(buf, " %s\n", gw_text_safe(buf->arena, f->hint));
    }
}

/* ---- JSON ------------------------------------------------------------------------------ */

void gw_lint_as_json(gw_json *json, const gw_finding_list *list)
{
    gw_json_open(json, "findings", '[');
    for (size_t i = 0; i < list->len; i++) {
        const gw_finding *f = &list->items[i];
        gw_json_open(json, NULL, '{');
        gw_json_string(json, "rule", f->rule);
        gw_json_string(json, "severity", gw_severity_name(f->severity));
        gw_json_string(json, "file", gw_path_from_here(f->file));
        gw_json_int(json, "line", f->line);
        gw_json_int(json, "column", f->col);
        gw_json_string(json, "message", f->message);
        gw_json_string(json, "hint", f->hint);
        gw_json_close(json, '}');
    }
    gw_json_close(json, ']');
    gw_json_int(json, "errors", (int64_t)list->errors);
    gw_json_int(json, "warnings", (int64_t)list->warnings);
    gw_json_int(json, "notes", (int64_t)list->notes);
    gw_json_int(json, "ignored", (int64_t)list->ignored);
    gw_json_int(json, "files", (int64_t)list->files);
    gw_json_int(json, "statements", (int64_t)list->statements);
}

void gw_lint_rule_json(gw_json *json, const gw_rule_text *rule)
{
    gw_json_string(json, "rule", rule->name);
    gw_json_string(json, "severity", gw_severity_name(rule->severity));
    gw_json_string(json, "group", gw_rule_group_title(rule->group));
    gw_json_string(json, "message", rule->message);
    gw_json_string(json, "explanation", rule->explanation);
    gw_json_string(json, "fix", rule->fix);
}

/* ---- SARIF 2.1.0 ----------------------------------------------------------------------- */

/* The message without its names: "…" for each {}. */
static const char *general(gw_arena *arena, const char *message)
{
    gw_buf text = GW_BUF(arena);
    for (const char *at = message; *at; at++) {
        bool name = at[0] == '{' && at[1] == '}';
        gw_buf_add(&text, name ? "…" : (char[]){*at, '\0'});
        at += name;
    }
    return gw_buf_str(&text);
}

/* A path as a relative reference (RFC 3986). */
static const char *as_uri(gw_arena *arena, const char *path)
{
    gw_buf text = GW_BUF(arena);
    if (*path == '/')
        gw_buf_add(&text, "file://");
    for (const unsigned char *c = (const unsigned char *)path; *c; c++) {
        if (isalnum(*c) || strchr("/-._~", *c))
            gw_buf_addc(&text, (char)*c);
        else
            gw_buf_addf(&text, "%%%02X", *c);
    }
    return gw_buf_str(&text);
}

static const char *sarif_level(gw_severity severity)
{
    return severity == GW_SEVERITY_OFF ? "none" : gw_severity_name(severity);
}

static void sarif_text(gw_json *json, const char *key, const char *text)
{
    gw_json_open(json, key, '{');
    gw_json_string(json, "text", text);
    gw_json_close(json, '}');
}

static void sarif_rule(gw_json *json, const gw_rule_text *rule)
{
    gw_arena *arena = json->buf.arena;
    gw_json_open(json, NULL, '{');
    gw_json_string(json, "id", rule->name);
    sarif_text(json, "shortDescription", general(arena, rule->message));
    sarif_text(json, "fullDescription", rule->explanation);
    sarif_text(json, "help", rule->fix);
    gw_json_open(json, "defaultConfiguration", '{');
    gw_json_string(json, "level", sarif_level(rule->severity));
    gw_json_close(json, '}');
    gw_json_open(json, "properties", '{');
    gw_json_open(json, "tags", '[');
    gw_json_string(json, NULL, gw_rule_group_title(rule->group));
    gw_json_close(json, ']');
    gw_json_close(json, '}');
    gw_json_close(json, '}');
}

static void sarif_result(gw_json *json, const gw_finding *f, int64_t index)
{
    gw_arena *arena = json->buf.arena;
    gw_json_open(json, NULL, '{');
    gw_json_string(json, "ruleId", f->rule);
    gw_json_int(json, "ruleIndex", index);
    gw_json_string(json, "level", sarif_level(f->severity));
    sarif_text(json, "message", gw_printf(arena, "%s\n%s", f->message, f->hint));
    gw_json_open(json, "locations", '[');
    gw_json_open(json, NULL, '{');
    gw_json_open(json, "physicalLocation", '{');
    gw_json_open(json, "artifactLocation", '{');
    gw_json_string(json, "uri", as_uri(arena, gw_path_from_here(f->file)));
    gw_json_close(json, '}');
    gw_json_open(json, "region", '{');
    gw_json_int(json, "startLine", f->line);
    gw_json_int(json, "startColumn", f->col);
    gw_json_close(json, '}');
    gw_json_close(json, '}');
    gw_json_close(json, '}');
    gw_json_close(json, ']');
    gw_json_close(json, '}');
}

static bool was_found(const gw_finding_list *list, const char *rule)
{
    for (size_t i = 0; i < list->len; i++)
        if (strcmp(list->items[i].rule, rule) == 0)
            return true;
    return false;
}

void gw_lint_as_sarif(gw_json *json, const gw_finding_list *list)
{
    int64_t *places = gw_alloc_array(json->buf.arena, gw_rule_count(), sizeof *places);
    int64_t next = 0;
    gw_json_string(json, "$schema", "https://json.schemastore.org/sarif-2.1.0.json");
    gw_json_string(json, "version", "2.1.0");
    gw_json_open(json, "runs", '[');
    gw_json_open(json, NULL, '{');
    gw_json_open(json, "tool", '{');
    gw_json_open(json, "driver", '{');
    gw_json_string(json, "name", "Godwit");
    gw_json_string(json, "semanticVersion", GW_VERSION);
    gw_json_open(json, "rules", '[');
    for (size_t i = 0; i < gw_rule_count(); i++)
        if (was_found(list, gw_rule_at(i)->name)) {
            places[i] = next++;
            sarif_rule(json, gw_rule_at(i));
        }
    gw_json_close(json, ']');
    gw_json_close(json, '}');
    gw_json_close(json, '}');
    gw_json_string(json, "columnKind", "unicodeCodePoints");
    gw_json_open(json, "results", '[');
    for (size_t i = 0; i < list->len; i++)
        for (size_t k = 0; k < gw_rule_count(); k++)
            if (strcmp(gw_rule_at(k)->name, list->items[i].rule) == 0)
                sarif_result(json, &list->items[i], places[k]);
    gw_json_close(json, ']');
    gw_json_close(json, '}');
    gw_json_close(json, ']');
}

/* ---- GitHub's annotations -------------------------------------------------------------- */

/* What would end a message, or (in a property) a property. */
static void add_escaped(gw_buf *buf, const char *text, bool property)
{
    for (; *text; text++) {
        if (*text == '%' || *text == '\r' || *text == '\n' ||
            (property && (*text == ':' || *text == ',')))
            gw_buf_addf(buf, "%%%02X", (unsigned char)*text);
        else
            gw_buf_addc(buf, *text);
    }
}

void gw_lint_as_github(gw_buf *buf, const gw_finding_list *list)
{
    for (size_t i = 0; i < list->len; i++) {
        const gw_finding *f = &list->items[i];
        bool note = f->severity == GW_SEVERITY_NOTE;
        gw_buf_addf(buf, "::%s file=", note ? "notice" : gw_severity_name(f->severity));
        add_escaped(buf, gw_path_from_here(f->file), true);
        gw_buf_addf(buf, ",line=%u,col=%u,title=", f->line, f->col);
        add_escaped(buf, f->rule, true);
        gw_buf_add(buf, "::");
        add_escaped(buf, gw_printf(buf->arena, "%s\n%s", f->message, f->hint), false);
        gw_buf_addc(buf, '\n');
    }
}

/* ---- the rules ------------------------------------------------------------------------- */

void gw_lint_explain(gw_buf *buf, const gw_rule_text *rule, bool color)
{
    enum { COLUMNS = 92, INDENT = 2 };
    gw_style_add(buf, color, GW_STYLE_BOLD, rule->name);
    gw_buf_addf(buf, " (%s, %s)\n", gw_severity_name(rule->severity),
                gw_rule_group_title(rule->group));
    gw_buf_addf(buf, "\n  %s\n", general(buf->arena, rule->message));
    gw_wrap(buf, rule->explanation, INDENT, COLUMNS);
    gw_buf_add(buf, "\n\n");
    gw_style_add(buf, color, GW_STYLE_BOLD, "Safely:");
    gw_wrap(buf, rule->fix, INDENT, COLUMNS);
    gw_buf_addf(buf, "\n\nOn purpose: -- godwit: ignore %s REASON\n", rule->name);
}

void gw_lint_page(gw_buf *buf)
{
    gw_buf_addf(buf,
                "# Lint rules\n\n"
                "<!-- Made by `godwit lint --markdown`. -->\n\n"
                "%zu rules. A rule's severity is `error` (godwit lint exits 3), `warning`, `note`, or "
                "`off` until\n[godwit.yaml](godwit-yaml.md#lint) gives it one. How to silence a "
                "finding: [how to lint](../how-to/lint.md).\n",
                gw_rule_count());
    for (int group = 0; group < GW_RULE_GROUPS; group++) {
        gw_buf_addf(buf, "\n## %s\n", gw_rule_group_title((gw_rule_group)group));
        for (size_t i = 0; i < gw_rule_count(); i++) {
            const gw_rule_text *rule = gw_rule_at(i);
            if ((int)rule->group != group)
                continue;
            gw_buf_addf(buf, "\n### %s\n\n**%s**: %s\n\n%s\n\n*Safely:* %s\n", rule->name,
                        gw_severity_name(rule->severity), general(buf->arena, rule->message),
                        rule->explanation, rule->fix);
        }
    }
}
