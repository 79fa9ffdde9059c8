#include "schema/ddl.h"

#include "sql/quote.h"

const char *gw_ddl_action_name(gw_ddl_action action)
{
    static const char *const names[] = {"create", "alter", "drop", "rename"};
    return names[action];
}

const char *gw_ddl_name(gw_arena *arena, const char *name)
{
    return gw_display_name(arena, NULL, name);
}

void gw_ddl_add(gw_ddl *ddl, unsigned flags, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    gw_ddl_statement statement = {gw_vprintf(ddl->arena, format, args), ddl->object, ddl->action,
                                  flags};
    va_end(args);
    *gw_vec_push(ddl->arena, &ddl->statements) = statement;
}

void gw_ddl_late(gw_ddl *ddl, unsigned flags, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    gw_ddl_statement statement = {gw_vprintf(ddl->arena, format, args), ddl->object, ddl->action,
                                  flags};
    va_end(args);
    *gw_vec_push(ddl->arena, &ddl->late) = statement;
}
