#include "base/uuid.h"

#include <stdatomic.h>
#include <stdint.h>

#include "base/clock.h"

static gw_uuid format_uuid(unsigned char bytes[16], unsigned version)
{
    static const char digits[] = "0123456789abcdef";
    gw_uuid uuid = {0};
    char *to = uuid.text;
    bytes[6] = (unsigned char)((bytes[6] & 0x0f) | version << 4);
    bytes[8] = (unsigned char)((bytes[8] & 0x3f) | 0x80);
    for (unsigned i = 0; i < 16; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            *to++ = '-';
        *to++ = digits[bytes[i] >> 4];
        *to++ = digits[bytes[i] & 15];
    }
    return uuid;
}

gw_uuid gw_uuid_v4(void)
{
    unsigned char bytes[16];
    gw_random_bytes(bytes, sizeof bytes);
    return format_uuid(bytes, 4);
}

/* Milliseconds and a 12-bit fraction; each call gives more than the one before. */
static uint64_t next_tick(void)
{
    static _Atomic uint64_t last;
    uint64_t us = (uint64_t)gw_now_us();
    uint64_t now = us / 1000 << 12 | us % 1000 * 4096 / 1000;
    uint64_t seen = atomic_load(&last), tick;
    do
        tick = now > seen ? now : seen + 1;
    while (!atomic_compare_exchange_weak(&last, &seen, tick));
    return tick;
}

gw_uuid gw_uuid_v7(void)
{
    unsigned char bytes[16];
    uint64_t tick = next_tick();
    gw_random_bytes(bytes + 8, 8);
    for (int i = 0; i < 6; i++)
        bytes[i] = (unsigned char)(tick >> (52 - 8 * i));
    bytes[6] = (unsigned char)(tick >> 8 & 0x0f);
    bytes[7] = (unsigned char)tick;
    return format_uuid(bytes, 7);
}
