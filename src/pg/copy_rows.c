#include "pg/copy_rows.h"

#include <string.h>

static const char signature[11] = "PGCOPY\n\377\r\n"; /* its last byte is the NUL */
enum { HEADER = 19 };

static uint32_t get32(const char *at)
{
    const unsigned char *b = (const unsigned char *)at;
    return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

static uint16_t get16(const char *at)
{
    const unsigned char *b = (const unsigned char *)at;
    return (uint16_t)(b[0] << 8 | b[1]);
}

static bool broken(const char *what, gw_err *err)
{
    return gw_err_set(err, GW_ERR_INTERNAL, "data of COPY in binary format cannot be read: %s",
                      what);
}

static bool skip_header(const char **at, const char *end, gw_err *err)
{
    if (end - *at < HEADER || memcmp(*at, signature, sizeof signature) != 0)
        return broken("it does not begin with the signature", err);
    uint32_t extension = get32(*at + 15);
    *at += HEADER;
    if (extension > (size_t)(end - *at))
        return broken("its header is cut off", err);
    *at += extension;
    return true;
}

static bool take_field(const char **at, const char *end, gw_copy_field *out, gw_err *err)
{
    if (end - *at < 4)
        return broken("a row is cut off", err);
    int32_t len = (int32_t)get32(*at);
    *at += 4;
    if (len < -1 || (len > 0 && len > end - *at))
        return broken("a field is longer than its row", err);
    *out = (gw_copy_field){.data = len < 0 ? NULL : *at, .len = len};
    if (len > 0)
        *at += len;
    return true;
}

bool gw_copy_read_lead(gw_copy_reader *reader, const char *piece, size_t len, gw_copy_field *fields,
                       size_t lead, size_t count, gw_copy_field *rest, bool *is_row, gw_err *err)
{
    const char *at = piece, *end = piece + len;
    *is_row = false;
    if (!reader->begun && !skip_header(&at, end, err))
        return false;
    reader->begun = true;
    if (at == end)
        return true;
    if (end - at < 2 || reader->ended)
        return broken("there is something behind its end", err);
    uint16_t found = get16(at);
    at += 2;
    if (found == UINT16_MAX) {
        reader->ended = true;
        return at == end ? true : broken("there is something behind its end", err);
    }
    if (found != count)
        return broken("a row has another number of fields than was asked for", err);
    for (size_t i = 0; i < lead; i++)
        if (!take_field(&at, end, &fields[i], err))
            return false;
    *is_row = true;
    *rest = (gw_copy_field){.data = at, .len = (int32_t)(end - at)};
    return true;
}

bool gw_copy_read_row(gw_copy_reader *reader, const char *piece, size_t len, gw_copy_field *fields,
                      size_t count, bool *is_row, gw_err *err)
{
    gw_copy_field rest = {0};
    if (!gw_copy_read_lead(reader, piece, len, fields, count, count, &rest, is_row, err))
        return false;
    return !rest.len || broken("a row is longer than its fields", err);
}

static void put32(gw_buf *buf, uint32_t number)
{
    unsigned char b[4] = {(unsigned char)(number >> 24), (unsigned char)(number >> 16),
                          (unsigned char)(number >> 8), (unsigned char)number};
    gw_buf_addn(buf, b, sizeof b);
}

static void put16(gw_buf *buf, uint16_t number)
{
    unsigned char b[2] = {(unsigned char)(number >> 8), (unsigned char)number};
    gw_buf_addn(buf, b, sizeof b);
}

void gw_copy_add_header(gw_buf *buf)
{
    gw_buf_addn(buf, signature, sizeof signature);
    put32(buf, 0);
    put32(buf, 0);
}

void gw_copy_add_count(gw_buf *buf, size_t fields)
{
    put16(buf, (uint16_t)fields);
}

void gw_copy_add_field(gw_buf *buf, gw_copy_field field)
{
    put32(buf, (uint32_t)field.len);
    if (field.len > 0)
        gw_buf_addn(buf, field.data, (size_t)field.len);
}

void gw_copy_add_bytes(gw_buf *buf, const void *data, size_t len)
{
    gw_copy_add_field(buf, (gw_copy_field){.data = data, .len = (int32_t)len});
}

void gw_copy_add_rest(gw_buf *buf, gw_copy_field rest)
{
    gw_buf_addn(buf, rest.data, (size_t)rest.len);
}

void gw_copy_add_int64(gw_buf *buf, int64_t number)
{
    put32(buf, 8);
    put32(buf, (uint32_t)((uint64_t)number >> 32));
    put32(buf, (uint32_t)(uint64_t)number);
}

void gw_copy_add_trailer(gw_buf *buf)
{
    put16(buf, UINT16_MAX);
}

int64_t gw_copy_field_int64(gw_copy_field field)
{
    switch (field.len) {
    case 2:
        return (int16_t)get16(field.data);
    case 4:
        return (int32_t)get32(field.data);
    case 8:
        return (int64_t)((uint64_t)get32(field.data) << 32 | get32(field.data + 4));
    default:
        return 0;
    }
}

uint32_t gw_copy_field_block(gw_copy_field field)
{
    return field.len == 6 ? get32(field.data) : 0;
}

void gw_copy_add_text(gw_buf *out, gw_copy_field field)
{
    if (field.len < 0) {
        gw_buf_addn(out, "\\N", 2);
        return;
    }
    for (int32_t i = 0; i < field.len; i++) {
        char c = field.data[i];
        if (c == '\\' || c == '\n' || c == '\r' || c == '\t') {
            gw_buf_addc(out, '\\');
            c = c == '\n' ? 'n' : c == '\r' ? 'r' : c == '\t' ? 't' : c;
        }
        gw_buf_addc(out, c);
    }
}
