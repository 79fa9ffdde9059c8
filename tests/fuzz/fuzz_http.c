/* What the HTTP edge reads itself: no bytes lead it outside of them, and what it takes is what it says. */
#include <string.h>

#include "check.h"
#include "http/text.h"

static void check_parts(const char *text)
{
    gw_path_part parts[GW_PATH_PARTS];
    int count = gw_path_match("/a/{x}/b/{y}", text, parts);
    for (int i = 0; i < count; i++) {
        CHECK(parts[i].len > 0 && parts[i].text >= text);
        CHECK(parts[i].text + parts[i].len <= text + strlen(text));
        CHECK(!memchr(parts[i].text, '/', parts[i].len));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const names[] = {"db.example", NULL};
    gw_arena *arena = gw_arena_new();
    gw_err err = {0};
    gw_address address;
    uint64_t epoch, sequence;
    char *text = gw_strndup(arena, (const char *)data, size);
    if (gw_address_read(arena, text, &address, &err))
        CHECK(address.port <= 65535 && *address.host);
    else
        CHECK(err.kind == GW_ERR_USAGE);
    gw_err_clear(&err);
    if (gw_host_known(text, names))
        CHECK(strlen(text) < 300 && !strpbrk(text, "\r\n /"));
    if (gw_origin_is(text, false, "localhost:1"))
        CHECK(strlen(text) == strlen("http://localhost:1"));
    const char *token = gw_bearer(text);
    CHECK(!token || (strlen(token) <= 256 && !strpbrk(token, " \r\n")));
    if (gw_event_id_read(text, &epoch, &sequence))
        CHECK(strchr(text, '-') != NULL);
    CHECK(!gw_header_word(text, 100) || strlen(text) <= 100);
    check_parts(text);
    size_t before = strlen(text), after = gw_unescape(text);
    CHECK(after <= before && strlen(text) == after);
    gw_arena_free(arena);
    return 0;
}
