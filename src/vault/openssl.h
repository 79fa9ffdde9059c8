/* What the files that speak with OpenSSL share; private to this folder. */
#ifndef GW_VAULT_OPENSSL_H
#define GW_VAULT_OPENSSL_H

#include <openssl/evp.h>
#include <stddef.h>

/* The library context of our own, with the default provider. */
OSSL_LIB_CTX *gw_openssl_library(void);

/* OpenSSL asks for pointers that are not const and leaves what they point at alone. */
void *gw_openssl_plain(const void *data);

/* A key made of one of its parts ("seed", "priv", "pub"); NULL: this OpenSSL cannot, or it is none. */
EVP_PKEY *gw_openssl_key(const char *algorithm, const char *part, int selection, const void *data,
                         size_t len);

#endif
