#include "base/json.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/file.h"

static void drop(void *arg)
{
    json_decref(arg);
}

json_t *gw_json_own(gw_arena *arena, json_t *value)
{
    if (value)
        gw_arena_defer(arena, drop, value);
    return value;
}

/* Each byte that is not part of a UTF-8 character becomes U+FFFD. */
static json_t *repaired(const char *text)
{
    gw_arena *scratch = gw_arena_new();
    gw_buf buf = GW_BUF(scratch);
    size_t len = strlen(text), bad;
    while ((bad = gw_utf8_check(text, len)) > 0) {
        gw_buf_addn(&buf, text, bad - 1);
        gw_buf_add(&buf, "\xef\xbf\xbd");
        text += bad;
        len -= bad;
    }
    gw_buf_addn(&buf, text, len);
    json_t *value = json_stringn(gw_buf_str(&buf), buf.len);
    gw_arena_free(scratch);
    return value;
}

json_t *gw_json_text(const char *text)
{
    if (!text)
        return json_null();
    json_t *value = json_string(text);
    if (!value)
        value = repaired(text);
    if (!value)
        gw_out_of_memory(strlen(text));
    return value;
}

json_t *gw_json_parse(gw_arena *arena, const char *what, const char *text, size_t len, gw_err *err)
{
    json_error_t found;
    json_t *value = json_loadb(text, len, JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, &found);
    if (value)
        return gw_json_own(arena, value);
    gw_err_set(err, GW_ERR_INPUT, "%s is not valid JSON", what);
    gw_err_detail(err, "%s", found.text);
    gw_err_at(err, what, found.line > 0 ? (unsigned)found.line : 0,
              found.column > 0 ? (unsigned)found.column : 0);
    return NULL;
}

char *gw_json_dump(gw_arena *arena, const json_t *value)
{
    char *text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
    if (!text)
        gw_out_of_memory(sizeof *value);
    char *copy = gw_strdup(arena, text);
    free(text);
    return copy;
}
