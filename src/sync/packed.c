#include "sync/packed.h"

#include <string.h>

enum { VERSION = 1, OWN_DESTINATION = 1 };

static void put_varint(gw_buf *buf, uint64_t number)
{
    unsigned char bytes[10];
    size_t len = 0;
    do {
        bytes[len] = (unsigned char)(number & 0x7f);
        number >>= 7;
        if (number)
            bytes[len] |= 0x80;
        len++;
    } while (number);
    gw_buf_addn(buf, bytes, len);
}

static void put64(gw_buf *buf, uint64_t number)
{
    unsigned char bytes[8];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (unsigned char)(number >> (8 * i));
    gw_buf_addn(buf, bytes, sizeof bytes);
}

void gw_pack_begin(gw_packer *packer, gw_arena *arena)
{
    *packer = (gw_packer){.buf = GW_BUF(arena)};
    gw_buf_addc(&packer->buf, VERSION);
}

void gw_pack_clear(gw_packer *packer)
{
    gw_buf buf = packer->buf;
    gw_buf_clear(&buf);
    *packer = (gw_packer){.buf = buf};
    gw_buf_addc(&packer->buf, VERSION);
}

void gw_pack_add(gw_packer *packer, const gw_fingerprint *one)
{
    gw_buf *buf = &packer->buf;
    int64_t step = (int64_t)one->block - packer->block;
    gw_buf_addc(buf, one->own_destination ? OWN_DESTINATION : 0);
    put_varint(buf, step < 0 ? (uint64_t)(-step) * 2 - 1 : (uint64_t)step * 2);
    put_varint(buf, one->key_len);
    gw_buf_addn(buf, one->key, one->key_len);
    put64(buf, one->source);
    if (one->own_destination)
        put64(buf, one->destination);
    packer->block = one->block;
    packer->count++;
    packer->sum += (int64_t)one->source;
}

static bool damaged(const char *what, gw_err *err)
{
    gw_err_set(err, GW_ERR_STATE, "packed fingerprints cannot be read: %s", what);
    return gw_err_hint(err, "Something other than Godwit has written to godwit.sync_segments. "
                            "Remove the entity's rows there: "
                            "the next detection reads the source anew.");
}

bool gw_unpack_begin(gw_unpacker *unpacker, const void *data, size_t len, gw_err *err)
{
    const unsigned char *bytes = data;
    if (len == 0)
        return damaged("there are none", err);
    if (bytes[0] != VERSION)
        return damaged("they are of a version that is not known", err);
    *unpacker = (gw_unpacker){.at = bytes + 1, .end = bytes + len};
    return true;
}

static bool take_varint(gw_unpacker *unpacker, uint64_t *out)
{
    uint64_t number = 0;
    for (unsigned shift = 0; shift < 64 && unpacker->at < unpacker->end; shift += 7) {
        unsigned char byte = *unpacker->at++;
        number |= (uint64_t)(byte & 0x7f) << shift;
        if (!(byte & 0x80)) {
            *out = number;
            return true;
        }
    }
    return false;
}

static bool take64(gw_unpacker *unpacker, uint64_t *out)
{
    if (unpacker->end - unpacker->at < 8)
        return false;
    uint64_t number = 0;
    for (unsigned i = 0; i < 8; i++)
        number |= (uint64_t)unpacker->at[i] << (8 * i);
    unpacker->at += 8;
    *out = number;
    return true;
}

static bool take_block(gw_unpacker *unpacker, uint32_t *out)
{
    uint64_t zigzag;
    if (!take_varint(unpacker, &zigzag) || zigzag > 2 * (uint64_t)UINT32_MAX)
        return false;
    int64_t step = zigzag & 1 ? -(int64_t)(zigzag / 2 + 1) : (int64_t)(zigzag / 2);
    int64_t block = (int64_t)unpacker->block + step;
    if (block < 0 || block > UINT32_MAX)
        return false;
    unpacker->block = *out = (uint32_t)block;
    return true;
}

bool gw_unpack_next(gw_unpacker *unpacker, gw_fingerprint *out, bool *more, gw_err *err)
{
    *more = unpacker->at < unpacker->end;
    if (!*more)
        return true;
    unsigned char flags = *unpacker->at++;
    if (flags & ~OWN_DESTINATION)
        return damaged("a flag is not known", err);
    uint64_t len;
    *out = (gw_fingerprint){.own_destination = flags & OWN_DESTINATION};
    if (!take_block(unpacker, &out->block) || !take_varint(unpacker, &len) ||
        len > (uint64_t)(unpacker->end - unpacker->at))
        return damaged("they are cut off", err);
    out->key = (const char *)unpacker->at;
    out->key_len = (size_t)len;
    unpacker->at += len;
    if (!take64(unpacker, &out->source) ||
        (out->own_destination && !take64(unpacker, &out->destination)))
        return damaged("they are cut off", err);
    if (!out->own_destination)
        out->destination = out->source;
    return true;
}

const char *gw_int128_digits(gw_int128 number, char digits[GW_INT128_TEXT])
{
    size_t at = GW_INT128_TEXT;
    bool minus = number < 0;
    gw_uint128 rest = minus ? -(gw_uint128)number : (gw_uint128)number;
    digits[--at] = '\0';
    do {
        digits[--at] = (char)('0' + (int)(rest % 10));
        rest /= 10;
    } while (rest);
    if (minus)
        digits[--at] = '-';
    return digits + at;
}

const char *gw_int128_text(gw_arena *arena, gw_int128 number)
{
    char digits[GW_INT128_TEXT];
    return gw_strdup(arena, gw_int128_digits(number, digits));
}

bool gw_int128_read(const char *text, gw_int128 *out)
{
    bool minus = *text == '-';
    const char *digits = text + minus;
    size_t len = strspn(digits, "0123456789");
    if (len == 0 || len > 38 || digits[len])
        return false;
    gw_int128 number = 0;
    for (size_t i = 0; i < len; i++)
        number = number * 10 + (digits[i] - '0');
    *out = minus ? -number : number;
    return true;
}
