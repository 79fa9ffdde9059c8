/* Character classes of PostgreSQL's scanner. Bytes of 0x80 and above belong to names. */
#ifndef GW_SQL_CHARS_H
#define GW_SQL_CHARS_H

#include <stdbool.h>

static inline bool gw_ch_space(int c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static inline bool gw_ch_newline(int c)
{
    return c == '\n' || c == '\r';
}

static inline bool gw_ch_digit(int c)
{
    return c >= '0' && c <= '9';
}

static inline bool gw_ch_name_start(int c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c >= 0x80;
}

/* What may follow inside the tag of a dollar quote; a name may have '$' too. */
static inline bool gw_ch_tag(int c)
{
    return gw_ch_name_start(c) || gw_ch_digit(c);
}

static inline bool gw_ch_name(int c)
{
    return gw_ch_tag(c) || c == '$';
}

static inline bool gw_ch_operator(int c)
{
    switch (c) {
    case '~':
    case '!':
    case '@':
    case '#':
    case '^':
    case '&':
    case '|':
    case '`':
    case '?':
    case '+':
    case '-':
    case '*':
    case '/':
    case '%':
    case '<':
    case '>':
    case '=':
        return true;
    default:
        return false;
    }
}

static inline char gw_ch_lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

#endif
