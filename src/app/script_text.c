/* The text of a script for those who read it without running it. */
#include "app/internal.h"
#include "base/buf.h"

/* What a variable is put in for need not be known to judge a statement. */
static const char *variable(void *self, const char *name)
{
    const char *value = gw_app_variable(self, name);
    return value ? value : name;
}

static bool read_all(gw_arena *arena, gw_sql_input *input, gw_buf *text, gw_err *err)
{
    enum { CHUNK = 64 * 1024 };
    char *chunk = gw_alloc(arena, CHUNK);
    for (;;) {
        long n = input->read(input->self, chunk, CHUNK, err);
        if (n <= 0)
            return n == 0;
        gw_buf_addn(text, chunk, (size_t)n);
    }
}

bool gw_app_script_text(gw_app *app, const gw_script *script, size_t section, gw_buf *text,
                        gw_err *err)
{
    gw_arena *scratch = gw_arena_new();
    const gw_script_context values = {.variable = variable,
                                      .variable_self = app,
                                      .placeholders = gw_app_placeholders(app, scratch),
                                      .database = "database",
                                      .user = "user",
                                      .environment = "environment",
                                      .schema = "public"};
    gw_sql_input input;
    bool ok = gw_section_open(scratch, script, section, &values, &input, err) &&
              read_all(scratch, &input, text, err);
    gw_arena_free(scratch);
    return ok;
}
