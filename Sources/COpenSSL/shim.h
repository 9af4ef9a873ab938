#pragma once
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>

/* Macros of OpenSSL that Swift cannot import. */
static inline X509 *duet_ssl_peer_certificate(const SSL *ssl) {
    return SSL_get1_peer_certificate(ssl);
}

static inline int duet_ssl_session_reused(const SSL *ssl) {
    return SSL_session_reused(ssl);
}

static inline void duet_openssl_free(void *memory) {
    OPENSSL_free(memory);
}
