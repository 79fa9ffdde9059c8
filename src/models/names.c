#include <ctype.h>
#include <string.h>

#include "models/model.h"

static bool word_char(char c)
{
    return isalnum((unsigned char)c) && (unsigned char)c < 128;
}

/* Letters of other scripts stay out of identifiers: each byte becomes two hexadecimal digits. */
static void add_char(gw_buf *buf, char c, bool upper)
{
    if ((unsigned char)c >= 128)
        gw_buf_addf(buf, "%02x", (unsigned char)c);
    else
        gw_buf_addc(buf, (char)(upper ? toupper((unsigned char)c) : c));
}

char *gw_pascal_case(gw_arena *arena, const char *name)
{
    gw_buf buf = GW_BUF(arena);
    bool start = true;
    for (const char *p = name; *p; p++) {
        if (!word_char(*p) && (unsigned char)*p < 128) {
            start = true;
            continue;
        }
        if (buf.len == 0 && (isdigit((unsigned char)*p) || (unsigned char)*p >= 128))
            gw_buf_addc(&buf, 'T');
        add_char(&buf, *p, start);
        start = false;
    }
    return gw_strdup(arena, buf.len ? buf.data : "Unnamed");
}

char *gw_snake_case(gw_arena *arena, const char *name)
{
    gw_buf buf = GW_BUF(arena);
    for (const char *p = name; *p; p++) {
        if (buf.len == 0 && isdigit((unsigned char)*p))
            gw_buf_addc(&buf, '_');
        if (isupper((unsigned char)*p)) {
            if (p > name && (islower((unsigned char)p[-1]) || isdigit((unsigned char)p[-1])))
                gw_buf_addc(&buf, '_');
            gw_buf_addc(&buf, (char)tolower((unsigned char)*p));
        } else if (word_char(*p) || (unsigned char)*p >= 128) {
            add_char(&buf, *p, false);
        } else if (buf.len == 0 || buf.data[buf.len - 1] != '_') {
            gw_buf_addc(&buf, '_');
        }
    }
    return gw_strdup(arena, buf.len ? buf.data : "unnamed");
}

bool gw_plain_name(const char *name, const char *const *reserved)
{
    if (!*name || isdigit((unsigned char)*name))
        return false;
    for (const char *p = name; *p; p++)
        if (!word_char(*p) && *p != '_')
            return false;
    for (const char *const *word = reserved; word && *word; word++)
        if (strcmp(*word, name) == 0)
            return false;
    return true;
}

static bool taken(const char *const *names, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

const char **gw_field_names(gw_arena *arena, const gw_model_table *table,
                            const char *const *reserved)
{
    const char **names = gw_alloc_array(arena, table->count + 1, sizeof *names);
    for (size_t i = 0; i < table->count; i++) {
        const char *wanted = gw_snake_case(arena, table->columns[i].name);
        if (!gw_plain_name(wanted, reserved))
            wanted = gw_printf(arena, "%s_", wanted);
        names[i] = wanted;
        for (int n = 2; taken(names, i, names[i]); n++)
            names[i] = gw_printf(arena, "%s%d", wanted, n);
    }
    return names;
}

void gw_buf_add_quoted(gw_buf *buf, const char *text)
{
    gw_buf_addc(buf, '"');
    for (const char *p = text; *p; p++) {
        if (*p == '"' || *p == '\\')
            gw_buf_addf(buf, "\\%c", *p);
        else if (*p == '\n')
            gw_buf_add(buf, "\\n");
        else if (*p == '\r')
            gw_buf_add(buf, "\\r");
        else if (*p == '\t')
            gw_buf_add(buf, "\\t");
        else if ((unsigned char)*p < 32 || *p == 127)
            gw_buf_addc(buf, '?'); /* no escape is the same in all four languages */
        else
            gw_buf_addc(buf, *p);
    }
    gw_buf_addc(buf, '"');
}

void gw_buf_add_comment(gw_buf *buf, const char *prefix, const char *comment)
{
    if (!comment)
        return;
    gw_buf_add(buf, prefix);
    for (const char *p = comment; *p; p++) {
        if (*p == '\n') {
            gw_buf_addc(buf, '\n');
            gw_buf_add(buf, prefix);
        } else if (*p == '\r' || (*p == '*' && p[1] == '/') ||
                   (*p == '\\' && p[1 + strspn(p + 1, " \t\r")] == '\n') ||
                   (*p == '\\' && !p[1 + strspn(p + 1, " \t\r\\")])) {
            gw_buf_addc(buf, ' '); /* must not end a block comment, nor join two lines */
        } else {
            gw_buf_addc(buf, *p);
        }
    }
    gw_buf_addc(buf, '\n');
}
