#include "cmd/logsink.h"

#include <inttypes.h>
#include <string.h>

#include "base/clock.h"

const char *gw_log_level_name(gw_log_level level)
{
    static const char *const names[] = {"debug", "info", "warning", "error"};
    return names[level];
}

void gw_log_fields_json(gw_json *json, const gw_field *fields)
{
    for (; fields->type != GW_FIELD_END; fields++) {
        if (fields->type == GW_FIELD_TEXT)
            gw_json_string(json, fields->key, fields->text);
        else if (fields->type == GW_FIELD_INT)
            gw_json_int_or_null(json, fields->key, fields->number);
        else
            gw_json_bool(json, fields->key, fields->number != 0);
    }
}

static void as_json(gw_arena *arena, gw_term *term, const gw_log_record *record)
{
    gw_json json = gw_json_start(arena, NULL);
    gw_json_open(&json, NULL, '{');
    gw_json_time(&json, "time", record->time_us);
    gw_json_string(&json, "level", gw_log_level_name(record->level));
    gw_json_string(&json, "message", record->message);
    if (record->span) {
        gw_json_string(&json, "run", record->span->trace_id);
        gw_json_string(&json, "span", record->span->span_id);
    }
    gw_json_open(&json, "fields", '{');
    gw_log_fields_json(&json, record->fields);
    gw_json_close(&json, '}');
    gw_json_close(&json, '}');
    gw_buf_addc(&json.buf, '\n');
    gw_term_write(term, json.buf.data);
}

static void as_text(gw_arena *arena, const gw_stderr_log *self, const gw_log_record *record)
{
    static const gw_style styles[] = {GW_STYLE_DIM, GW_STYLE_BOLD, GW_STYLE_YELLOW, GW_STYLE_RED};
    bool color = gw_term_color(self->term);
    gw_buf buf = GW_BUF(arena);
    if (self->times) {
        const char *time = gw_time_rfc3339(arena, record->time_us / 1000 * 1000);
        gw_style_add(&buf, color, GW_STYLE_DIM, gw_printf(arena, "%s ", time));
    }
    gw_style_add(&buf, color, styles[record->level],
                 gw_printf(arena, "%s:", gw_log_level_name(record->level)));
    gw_buf text = GW_BUF(arena);
    gw_buf_add(&text, record->message);
    for (const gw_field *f = record->fields; f->type != GW_FIELD_END; f++) {
        if (f->type == GW_FIELD_TEXT && f->text)
            gw_buf_addf(&text, strpbrk(f->text, " \t\n\"") ? " %s=\"%s\"" : " %s=%s", f->key,
                        f->text);
        else if (f->type == GW_FIELD_INT)
            gw_buf_addf(&text, " %s=%" PRId64, f->key, f->number);
        else if (f->type == GW_FIELD_BOOL)
            gw_buf_addf(&text, " %s=%s", f->key, f->number ? "true" : "false");
    }
    gw_buf_addf(&buf, " %s\n", gw_text_safe(arena, gw_buf_str(&text)));
    gw_term_write(self->term, gw_buf_str(&buf));
}

static void write_record(void *arg, const gw_log_record *record)
{
    gw_stderr_log *self = arg;
    gw_arena *scratch = gw_arena_new();
    if (self->json)
        as_json(scratch, self->term, record);
    else
        as_text(scratch, self, record);
    gw_arena_free(scratch);
}

gw_log_sink gw_stderr_sink(gw_stderr_log *self, gw_log_level least)
{
    return (gw_log_sink){.record = write_record, .self = self, .least = least};
}
