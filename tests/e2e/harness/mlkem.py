"""ML-KEM-1024 as FIPS 203 describes it, for the second reader of backups: slow, and nothing in it is kept from prying eyes."""
import hashlib

Q, N, K, DU, DV = 3329, 256, 4, 11, 5
CIPHER = 32 * (DU * K + DV)


def _reversed(i):
    return int(f"{i:07b}"[::-1], 2)


ZETAS = [pow(17, _reversed(i), Q) for i in range(128)]
GAMMAS = [pow(17, 2 * _reversed(i) + 1, Q) for i in range(128)]


def ntt(poly):
    f, k, length = list(poly), 1, 128
    while length >= 2:
        for start in range(0, N, 2 * length):
            for j in range(start, start + length):
                t = ZETAS[k] * f[j + length]
                f[j], f[j + length] = (f[j] + t) % Q, (f[j] - t) % Q
            k += 1
        length //= 2
    return f


def inverse_ntt(poly):
    f, k, length = list(poly), 127, 2
    while length <= 128:
        for start in range(0, N, 2 * length):
            for j in range(start, start + length):
                f[j], f[j + length] = (f[j] + f[j + length]) % Q, ZETAS[k] * (f[j + length] - f[j]) % Q
            k -= 1
        length *= 2
    return [x * 3303 % Q for x in f]


def dot(a, b):
    """The sum of the products, all in the transformed domain."""
    out = [0] * N
    for f, g in zip(a, b):
        for i in range(128):
            f0, f1, g0, g1 = f[2 * i], f[2 * i + 1], g[2 * i], g[2 * i + 1]
            out[2 * i] = (out[2 * i] + f0 * g0 + f1 * g1 * GAMMAS[i]) % Q
            out[2 * i + 1] = (out[2 * i + 1] + f0 * g1 + f1 * g0) % Q
    return out


def add(*polys):
    return [sum(column) % Q for column in zip(*polys)]


def encode(poly, bits):
    return sum(x << (bits * i) for i, x in enumerate(poly)).to_bytes(32 * bits, "little")


def decode(data, bits):
    whole = int.from_bytes(data, "little")
    return [(whole >> (bits * i) & ((1 << bits) - 1)) % (Q if bits == 12 else 1 << bits) for i in range(N)]


def compress(poly, bits):
    return [((x << bits) + Q // 2) // Q % (1 << bits) for x in poly]


def decompress(poly, bits):
    return [(x * Q + (1 << (bits - 1))) >> bits for x in poly]


def sample_ntt(seed):
    stream, out = hashlib.shake_128(seed).digest(2048), []
    for a, b, c in zip(stream[0::3], stream[1::3], stream[2::3]):
        out += [d for d in (a + 256 * (b % 16), b // 16 + 16 * c) if d < Q]
    return out[:N]


def noise(seed, number):
    bits = int.from_bytes(hashlib.shake_256(seed + bytes([number])).digest(128), "little")
    bit = lambda i: bits >> i & 1  # noqa: E731
    return [(bit(4 * i) + bit(4 * i + 1) - bit(4 * i + 2) - bit(4 * i + 3)) % Q for i in range(N)]


def matrix(rho):
    return [[sample_ntt(rho + bytes([j, i])) for j in range(K)] for i in range(K)]


def split(data, bits):
    return [decode(data[i:i + 32 * bits], bits) for i in range(0, len(data), 32 * bits)]


def two_of(data):
    digest = hashlib.sha3_512(data).digest()
    return digest[:32], digest[32:]


def public_of(seed):
    """The encapsulation key and the secret vector of a seed (d ‖ z)."""
    rho, sigma = two_of(seed[:32] + bytes([K]))
    secret = [ntt(noise(sigma, i)) for i in range(K)]
    errors = [ntt(noise(sigma, K + i)) for i in range(K)]
    t = [add(dot(row, secret), e) for row, e in zip(matrix(rho), errors)]
    return b"".join(encode(p, 12) for p in t) + rho, secret


def encrypt(public, message, coins):
    t, a = split(public[:384 * K], 12), matrix(public[384 * K:])
    y = [ntt(noise(coins, i)) for i in range(K)]
    u = [add(inverse_ntt(dot([a[j][i] for j in range(K)], y)), noise(coins, K + i)) for i in range(K)]
    v = add(inverse_ntt(dot(t, y)), noise(coins, 2 * K), decompress(decode(message, 1), 1))
    return b"".join(encode(compress(p, DU), DU) for p in u) + encode(compress(v, DV), DV)


def encapsulate(public, message):
    """The ciphertext and the secret for 32 bytes that are otherwise drawn at random."""
    shared, coins = two_of(message + hashlib.sha3_256(public).digest())
    return encrypt(public, message, coins), shared


def decapsulate(seed, cipher):
    public, secret = public_of(seed)
    u = [ntt(decompress(p, DU)) for p in split(cipher[:32 * DU * K], DU)]
    v = decompress(decode(cipher[32 * DU * K:], DV), DV)
    w = add(v, [-x for x in inverse_ntt(dot(secret, u))])
    shared, coins = two_of((message := encode(compress(w, 1), 1)) + hashlib.sha3_256(public).digest())
    # What nobody encapsulated gives another secret, and no error.
    return shared if encrypt(public, message, coins) == cipher else hashlib.shake_256(seed[32:] + cipher).digest(32)
