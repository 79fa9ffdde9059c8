#include <string.h>
#include <strings.h>

#include "base/json.h"
#include "http/server.h"

const char *gw_pair_find(const gw_pairs *pairs, const char *name)
{
    for (size_t i = 0; i < pairs->len; i++)
        if (strcmp(pairs->items[i].name, name) == 0)
            return pairs->items[i].value;
    return NULL;
}

const char *gw_request_header(const gw_request *request, const char *name)
{
    for (size_t i = 0; i < request->headers.len; i++)
        if (strcasecmp(request->headers.items[i].name, name) == 0)
            return request->headers.items[i].value;
    return NULL;
}

/* What a header may not hold would begin another one: it is left out, from there on. */
static const char *one_line(gw_arena *arena, const char *value)
{
    size_t len = 0;
    while (value[len] && ((unsigned char)value[len] >= 0x20 || value[len] == '\t'))
        len++;
    return gw_strndup(arena, value, len);
}

void gw_reply_header(gw_reply *reply, const char *name, const char *value)
{
    gw_pair *pair = gw_vec_push(reply->arena, &reply->headers);
    *pair = (gw_pair){name, one_line(reply->arena, value)};
}

void gw_reply_text(gw_reply *reply, unsigned status, const char *type, const char *body)
{
    reply->status = status;
    reply->type = type;
    reply->body = body;
    reply->len = strlen(body);
}

void gw_reply_error(gw_reply *reply, unsigned status, const char *kind, const char *message,
                    const char *hint)
{
    json_t *value = json_pack("{s:{s:s, s:o, s:n, s:o, s:n, s:n}}", "error", "kind", kind, "message",
                              gw_json_text(message), "detail", "hint", gw_json_text(hint),
                              "sqlstate", "where");
    gw_json_own(reply->arena, value);
    gw_reply_text(reply, status, "application/json", gw_json_dump(reply->arena, value));
}
