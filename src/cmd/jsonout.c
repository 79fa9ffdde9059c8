#include "cmd/jsonout.h"

#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "pg/query.h"

enum { FULL = 64 * 1024 };

gw_json gw_json_start(gw_arena *arena, FILE *file)
{
    return (gw_json){.buf = GW_BUF(arena), .file = file};
}

void gw_json_flush(gw_json *json)
{
    if (!json->file || json->buf.len == 0)
        return;
    fwrite(json->buf.data, 1, json->buf.len, json->file);
    gw_buf_clear(&json->buf);
}

void gw_json_line(gw_json *json)
{
    gw_buf_addc(&json->buf, '\n');
    json->comma = false;
    gw_json_flush(json);
    if (json->file)
        fflush(json->file);
}

static void escaped(gw_buf *buf, unsigned char c)
{
    switch (c) {
    case '"':
        gw_buf_add(buf, "\\\"");
        break;
    case '\\':
        gw_buf_add(buf, "\\\\");
        break;
    case '\n':
        gw_buf_add(buf, "\\n");
        break;
    case '\r':
        gw_buf_add(buf, "\\r");
        break;
    case '\t':
        gw_buf_add(buf, "\\t");
        break;
    default:
        gw_buf_addf(buf, "\\u%04x", c);
    }
}

/* Text that is known to be UTF-8. */
static void add_text(gw_buf *buf, const char *text, size_t len)
{
    size_t from = 0;
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c >= 0x20 && c != '"' && c != '\\' && c != 0x7f)
            continue;
        gw_buf_addn(buf, text + from, i - from);
        escaped(buf, c);
        from = i + 1;
    }
    gw_buf_addn(buf, text + from, len - from);
}

static void quoted(gw_buf *buf, const char *text)
{
    size_t len = strlen(text), bad;
    gw_buf_addc(buf, '"');
    while ((bad = gw_utf8_check(text, len)) > 0) {
        add_text(buf, text, bad - 1);
        gw_buf_add(buf, "\xef\xbf\xbd");
        text += bad;
        len -= bad;
    }
    add_text(buf, text, len);
    gw_buf_addc(buf, '"');
}

static void begin(gw_json *json, const char *key)
{
    if (json->comma)
        gw_buf_addc(&json->buf, ',');
    json->comma = true;
    if (key) {
        quoted(&json->buf, key);
        gw_buf_addc(&json->buf, ':');
    }
}

static void end(gw_json *json)
{
    if (json->file && json->buf.len >= FULL)
        gw_json_flush(json);
}

void gw_json_open(gw_json *json, const char *key, char bracket)
{
    begin(json, key);
    gw_buf_addc(&json->buf, bracket);
    json->comma = false;
    json->depth++;
}

void gw_json_close(gw_json *json, char bracket)
{
    gw_buf_addc(&json->buf, bracket);
    json->comma = true;
    json->depth--;
    end(json);
}

void gw_json_string(gw_json *json, const char *key, const char *text)
{
    gw_json_raw(json, key, text ? "" : NULL);
    if (text)
        quoted(&json->buf, text);
    end(json);
}

void gw_json_int(gw_json *json, const char *key, int64_t number)
{
    begin(json, key);
    char digits[24];
    int len = snprintf(digits, sizeof digits, "%lld", (long long)number);
    gw_buf_addn(&json->buf, digits, (size_t)len);
}

void gw_json_bool(gw_json *json, const char *key, bool value)
{
    gw_json_raw(json, key, value ? "true" : "false");
}

void gw_json_null(gw_json *json, const char *key)
{
    gw_json_raw(json, key, NULL);
}

void gw_json_int_or_null(gw_json *json, const char *key, int64_t number)
{
    if (number == GW_NULL_INT)
        gw_json_null(json, key);
    else
        gw_json_int(json, key, number);
}

void gw_json_time(gw_json *json, const char *key, int64_t us)
{
    gw_json_string(json, key, us == GW_NULL_INT ? NULL : gw_time_rfc3339(json->buf.arena, us));
}

void gw_json_raw(gw_json *json, const char *key, const char *value)
{
    begin(json, key);
    gw_buf_add(&json->buf, value ? value : "null");
}
