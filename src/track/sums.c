#include "track/sums.h"

#include <inttypes.h>
#include <string.h>

#include "base/vec.h"

enum { FIRST_SLOTS = 16 };

/* ---- amounts ----------------------------------------------------------------------------------- */

void gw_amount_add(gw_amount *sum, gw_u128 value)
{
    sum->low += value;
    sum->high += sum->low < value;
}

void gw_amount_add_sum(gw_amount *sum, const gw_amount *other)
{
    gw_amount_add(sum, other->low);
    sum->high += other->high;
}

void gw_amount_text(gw_buf *buf, const gw_amount *amount)
{
    /* Three digits of base 2^64, divided by ten until nothing is left. */
    uint64_t parts[3] = {amount->high, (uint64_t)(amount->low >> 64), (uint64_t)amount->low};
    char digits[64];
    size_t at = sizeof digits;
    do {
        gw_u128 rest = 0;
        for (size_t i = 0; i < 3; i++) {
            gw_u128 part = rest << 64 | parts[i];
            parts[i] = (uint64_t)(part / 10);
            rest = part % 10;
        }
        digits[--at] = (char)('0' + (int)rest);
    } while (parts[0] | parts[1] | parts[2]);
    gw_buf_addn(buf, digits + at, sizeof digits - at);
}

bool gw_u128_parse(const char *text, size_t len, gw_u128 *out)
{
    static const gw_u128 most = ~(gw_u128)0;
    gw_u128 value = 0;
    if (len == 0)
        return false;
    for (size_t i = 0; i < len; i++) {
        unsigned digit = (unsigned)(unsigned char)text[i] - '0';
        if (digit > 9 || value > most / 10 || value * 10 > most - digit)
            return false;
        value = value * 10 + digit;
    }
    *out = value;
    return true;
}

/* ---- counters by name ------------------------------------------------------------------------------ */

gw_sums gw_sums_start(gw_arena *arena)
{
    return (gw_sums){.arena = arena};
}

static uint32_t hash_of(gw_sum_kind kind, const char *a, size_t a_len, const char *b, size_t b_len)
{
    uint64_t hash = 0xcbf29ce484222325u + (unsigned)kind;
    for (size_t i = 0; i < a_len; i++)
        hash = (hash ^ (unsigned char)a[i]) * 0x100000001b3u;
    hash = (hash ^ 0xff) * 0x100000001b3u;
    for (size_t i = 0; i < b_len; i++)
        hash = (hash ^ (unsigned char)b[i]) * 0x100000001b3u;
    return (uint32_t)(hash ^ hash >> 32);
}

static bool is(const char *text, const char *name, size_t len)
{
    return strncmp(text, name, len) == 0 && text[len] == '\0';
}

static void grow(gw_sums *sums)
{
    size_t count = sums->slot_count ? sums->slot_count * 4 : FIRST_SLOTS;
    sums->slots = gw_alloc_array(sums->arena, count, sizeof *sums->slots);
    sums->slot_count = count;
    for (size_t i = 0; i < sums->len; i++) {
        size_t at = sums->items[i].hash & (count - 1);
        while (sums->slots[at])
            at = (at + 1) & (count - 1);
        sums->slots[at] = (uint32_t)(i + 1);
    }
}

gw_sum *gw_sums_get(gw_sums *sums, gw_sum_kind kind, const char *a, size_t a_len, const char *b,
                    size_t b_len)
{
    if ((sums->len + 1) * 2 > sums->slot_count)
        grow(sums);
    uint32_t hash = hash_of(kind, a, a_len, b, b_len);
    size_t at = hash & (sums->slot_count - 1);
    for (; sums->slots[at]; at = (at + 1) & (sums->slot_count - 1)) {
        gw_sum *sum = &sums->items[sums->slots[at] - 1];
        if (sum->hash == hash && sum->kind == kind && is(sum->a, a, a_len) &&
            is(sum->b, b ? b : "", b_len))
            return sum;
    }
    gw_sum *sum = gw_vec_push(sums->arena, sums);
    *sum = (gw_sum){.kind = kind,
                    .a = gw_strndup(sums->arena, a, a_len),
                    .b = gw_strndup(sums->arena, b ? b : "", b_len),
                    .declared = -1,
                    .hash = hash};
    sums->slots[at] = (uint32_t)sums->len;
    return sum;
}

void gw_sums_merge(gw_sums *sums, const gw_sums *other)
{
    for (size_t i = 0; i < other->len; i++) {
        const gw_sum *from = &other->items[i];
        gw_sum *to = gw_sums_get(sums, from->kind, from->a, strlen(from->a), from->b, strlen(from->b));
        for (size_t k = 0; k < 3; k++)
            to->n[k] += from->n[k];
        if (from->declared >= 0)
            to->declared = from->declared;
    }
    sums->balance.any |= other->balance.any;
    sums->balance.accounts += other->balance.accounts;
    sums->balance.failed += other->balance.failed;
    gw_amount_add_sum(&sums->balance.migrated, &other->balance.migrated);
    gw_amount_add_sum(&sums->balance.kept, &other->balance.kept);
    sums->teleport.any |= other->teleport.any;
    sums->teleport.mints += other->teleport.mints;
    sums->teleport.burns += other->teleport.burns;
    sums->teleport.failed += other->teleport.failed;
    gw_amount_add_sum(&sums->teleport.minted, &other->teleport.minted);
    gw_amount_add_sum(&sums->teleport.burned, &other->teleport.burned);
}

bool gw_sums_empty(const gw_sums *sums)
{
    return !sums->len && !sums->balance.any && !sums->teleport.any;
}

/* ---- as JSON ----------------------------------------------------------------------------------------- */

void gw_track_quote(gw_buf *buf, const char *text)
{
    gw_buf_addc(buf, '"');
    for (const char *c = text; *c; c++) {
        if (*c == '"' || *c == '\\')
            gw_buf_addc(buf, '\\');
        if ((unsigned char)*c < 0x20)
            gw_buf_addf(buf, "\\u%04x", (unsigned)*c);
        else
            gw_buf_addc(buf, *c);
    }
    gw_buf_addc(buf, '"');
}

static void add_kind(gw_buf *buf, const gw_sums *sums, gw_sum_kind kind, const char *key)
{
    size_t count = 0;
    for (size_t i = 0; i < sums->len; i++) {
        const gw_sum *sum = &sums->items[i];
        if (sum->kind != kind)
            continue;
        if (count++)
            gw_buf_add(buf, ",[");
        else
            gw_buf_addf(buf, "\"%s\":[[", key);
        gw_track_quote(buf, sum->a);
        if (kind == GW_SUM_STAGE) {
            gw_buf_addf(buf, ",%" PRId64 "]", sum->n[0]);
            continue;
        }
        gw_buf_addc(buf, ',');
        gw_track_quote(buf, sum->b);
        gw_buf_addf(buf, ",%" PRId64 ",%" PRId64 ",%" PRId64, sum->n[0], sum->n[1], sum->n[2]);
        if (kind == GW_SUM_PALLET && sum->declared >= 0)
            gw_buf_addf(buf, ",%" PRId64, sum->declared);
        gw_buf_addc(buf, ']');
    }
    if (count)
        gw_buf_add(buf, "],");
}

static void add_amounts(gw_buf *buf, const gw_amount *a, const gw_amount *b)
{
    gw_buf_add(buf, ",\"");
    gw_amount_text(buf, a);
    gw_buf_add(buf, "\",\"");
    gw_amount_text(buf, b);
    gw_buf_add(buf, "\",");
}

void gw_sums_json(gw_buf *buf, const gw_sums *sums)
{
    gw_buf_addc(buf, '{');
    add_kind(buf, sums, GW_SUM_STAGE, "s");
    add_kind(buf, sums, GW_SUM_PALLET, "p");
    add_kind(buf, sums, GW_SUM_XCM, "x");
    if (sums->balance.any) {
        gw_buf_addf(buf, "\"b\":[%" PRId64, sums->balance.accounts);
        add_amounts(buf, &sums->balance.migrated, &sums->balance.kept);
        gw_buf_addf(buf, "%" PRId64 "],", sums->balance.failed);
    }
    if (sums->teleport.any) {
        gw_buf_addf(buf, "\"t\":[%" PRId64 ",%" PRId64, sums->teleport.mints, sums->teleport.burns);
        add_amounts(buf, &sums->teleport.minted, &sums->teleport.burned);
        gw_buf_addf(buf, "%" PRId64 "],", sums->teleport.failed);
    }
    if (buf->data[buf->len - 1] == ',') {
        buf->len--;
        buf->data[buf->len] = '\0';
    }
    gw_buf_addc(buf, '}');
}
