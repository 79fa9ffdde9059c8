/* The dashboard's files: who is given them packed, and that they are what the table says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "http/site.h"

static void who_takes_gzip(void **state)
{
    (void)state;
    static const char *const yes[] = {"gzip", "GZip", "br, gzip", "deflate , gzip;q=0.5", "*", "gzip;q=1.0, br;q=0"};
    static const char *const no[] = {"", " ", "identity", "xgzip", "gzipx", "gzip;q=0", "gzip; q=0.0", "br;q=1, *;q=0", ",,,", ";", "gzip ;Q=0"};
    for (size_t i = 0; i < sizeof yes / sizeof *yes; i++)
        assert_true(gw_site_takes_gzip(yes[i]));
    for (size_t i = 0; i < sizeof no / sizeof *no; i++)
        assert_false(gw_site_takes_gzip(no[i]));
    assert_false(gw_site_takes_gzip(NULL));
}

/* Every file comes as it is in the table, packed and unpacked; another path is none. */
static void what_the_table_holds(void **state)
{
    (void)state;
    gw_arena *arena = gw_arena_new();
    gw_pair gzip = {"Accept-Encoding", "gzip"};
    for (size_t i = 0; i < gw_site_file_count; i++) {
        const gw_site_file *file = &gw_site_files[i];
        gw_request request = {.arena = arena, .path = file->path};
        gw_reply reply = {.arena = arena};
        gw_site_handle(NULL, &request, &reply);
        assert_int_equal(reply.status, 200);
        assert_int_equal(reply.len, file->plain_len);
        request.headers = (gw_pairs){.items = &gzip, .len = 1, .cap = 1};
        reply = (gw_reply){.arena = arena};
        gw_site_handle(NULL, &request, &reply);
        assert_ptr_equal(reply.body, file->data);
    }
    gw_request request = {.arena = arena, .path = "/nothing"};
    gw_reply reply = {.arena = arena};
    gw_site_handle(NULL, &request, &reply);
    assert_int_equal(reply.status, 404);
    gw_arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_takes_gzip),
        cmocka_unit_test(what_the_table_holds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
