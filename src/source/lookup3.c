#include "source/lookup3.h"

typedef struct state {
    uint32_t a, b, c;
} state;

static uint32_t rot(uint32_t x, unsigned k)
{
    return x << k | x >> (32 - k);
}

static void mix(state *s)
{
    s->a -= s->c, s->a ^= rot(s->c, 4), s->c += s->b;
    s->b -= s->a, s->b ^= rot(s->a, 6), s->a += s->c;
    s->c -= s->b, s->c ^= rot(s->b, 8), s->b += s->a;
    s->a -= s->c, s->a ^= rot(s->c, 16), s->c += s->b;
    s->b -= s->a, s->b ^= rot(s->a, 19), s->a += s->c;
    s->c -= s->b, s->c ^= rot(s->b, 4), s->b += s->a;
}

static void finish(state *s)
{
    s->c ^= s->b, s->c -= rot(s->b, 14);
    s->a ^= s->c, s->a -= rot(s->c, 11);
    s->b ^= s->a, s->b -= rot(s->a, 25);
    s->c ^= s->b, s->c -= rot(s->b, 16);
    s->a ^= s->c, s->a -= rot(s->c, 4);
    s->b ^= s->a, s->b -= rot(s->a, 14);
    s->c ^= s->b, s->c -= rot(s->b, 24);
}

static state begin(size_t len, uint64_t seed)
{
    uint32_t first = 0x9e3779b9u + (uint32_t)len + 3923095u;
    state s = {first, first, first};
    if (seed == 0)
        return s;
    s.a += (uint32_t)(seed >> 32);
    s.b += (uint32_t)seed;
    mix(&s);
    return s;
}

static uint64_t both(const state *s)
{
    return (uint64_t)s->b << 32 | s->c;
}

/* At most four bytes, the first the lowest. */
static uint32_t word(const unsigned char *data, size_t len)
{
    uint32_t made = 0;
    for (size_t i = 0; i < len && i < 4; i++)
        made |= (uint32_t)data[i] << (8 * i);
    return made;
}

uint64_t gw_lookup3(const void *data, size_t len, uint64_t seed)
{
    const unsigned char *at = data;
    state s = begin(len, seed);
    for (; len >= 12; len -= 12, at += 12) {
        s.a += word(at, 4);
        s.b += word(at + 4, 4);
        s.c += word(at + 8, 4);
        mix(&s);
    }
    /* The lowest byte of c is the length's. */
    s.a += word(at, len);
    if (len > 4)
        s.b += word(at + 4, len - 4);
    if (len > 8)
        s.c += word(at + 8, len - 8) << 8;
    finish(&s);
    return both(&s);
}

uint64_t gw_lookup3_word(uint32_t number, uint64_t seed)
{
    state s = begin(sizeof number, seed);
    s.a += number;
    finish(&s);
    return both(&s);
}
