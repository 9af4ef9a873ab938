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

/* The chain that was verified, leaf first and root last; empty on a connection that resumed an earlier session. */
static inline int duet_ssl_chain_count(const SSL *ssl) {
    const STACK_OF(X509) *chain = SSL_get0_verified_chain(ssl);
    return chain == NULL ? 0 : sk_X509_num(chain);
}

static inline X509 *duet_ssl_chain_certificate(const SSL *ssl, int index) {
    return sk_X509_value(SSL_get0_verified_chain(ssl), index);
}

/* The reason of the thread's oldest OpenSSL error is that a PEM text has come to its end. */
static inline int duet_error_is_end_of_pem(void) {
    unsigned long error = ERR_peek_error();
    return ERR_GET_LIB(error) == ERR_LIB_PEM && ERR_GET_REASON(error) == PEM_R_NO_START_LINE;
}

static inline void duet_openssl_free(void *memory) {
    OPENSSL_free(memory);
}
