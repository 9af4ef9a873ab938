/* The floor of a push login: the requests that it needs and nothing else, by libcurl's easy handle over one warm connection, signed as
 * Duo wants it.
 *
 *   https_floor API_HOST CA_FILE INTEGRATION_KEY SECRET_KEY USER
 *
 * Each line on standard input is one login that Duo has to allow, and is answered by its microseconds. "sync": POST preauth, POST auth.
 * "async": POST preauth, POST auth with async=1, GET auth_status until it waits for nothing. "auth": POST auth alone. The secret key is the
 * simulator's: a real one has no place in arguments.
 */
#define _GNU_SOURCE
#include <curl/curl.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { TEXT = 1024, ANSWER = 16384, MOST_POLLS = 16 };

static const char *host, *integration_key, *secret_key, *user;
static CURL *handle;
static char answer[ANSWER];
static size_t filled;

static void die(const char *what) {
    fprintf(stderr, "https_floor: %s: %s\n", what, answer);
    exit(1);
}

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1e6 + (double)time.tv_nsec / 1e3;
}

static size_t receive(char *bytes, size_t size, size_t count, void *context) {
    (void)context;
    if (size * count >= sizeof answer - filled) return 0;
    memcpy(answer + filled, bytes, size * count);
    filled += size * count;
    answer[filled] = 0;
    return size * count;
}

/* "Authorization: Basic " and the key with the HMAC-SHA512 of date, method, host without port, path and parameters. */
static void authorize(char *header, const char *date, const char *method, const char *path, const char *parameters) {
    char text[2 * TEXT], plain[256];
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    int length = snprintf(text, sizeof text, "%s\n%s\n%.*s\n%s\n%s", date, method, (int)strcspn(host, ":"), host, path, parameters);
    if (!HMAC(EVP_sha512(), secret_key, (int)strlen(secret_key), (unsigned char *)text, (size_t)length, digest, &size)) die("HMAC");
    length = snprintf(plain, sizeof plain, "%s:", integration_key);
    for (unsigned i = 0; i < size; i++) length += snprintf(plain + length, sizeof plain - (size_t)length, "%02x", digest[i]);
    length = snprintf(header, 32, "Authorization: Basic ");
    EVP_EncodeBlock((unsigned char *)header + length, (unsigned char *)plain, (int)strlen(plain));
}

/* One round trip; the answer has to be a success that contains `wanted`. */
static void ask(const char *method, const char *path, const char *parameters, const char *wanted) {
    char date[64], date_header[96], authorization[TEXT], url[2 * TEXT];
    int is_post = strcmp(method, "POST") == 0;
    time_t seconds = time(NULL);
    strftime(date, sizeof date, "%a, %d %b %Y %H:%M:%S -0000", gmtime(&seconds));
    snprintf(date_header, sizeof date_header, "X-Duo-Date: %s", date);
    authorize(authorization, date, method, path, parameters);
    struct curl_slist *headers = curl_slist_append(curl_slist_append(NULL, date_header), authorization);
    snprintf(url, sizeof url, "https://%s%s%s%s", host, path, is_post ? "" : "?", is_post ? "" : parameters);
    curl_easy_setopt(handle, CURLOPT_URL, url);
    curl_easy_setopt(handle, CURLOPT_HTTPHEADER, headers);
    if (is_post)
        curl_easy_setopt(handle, CURLOPT_POSTFIELDS, parameters);
    else
        curl_easy_setopt(handle, CURLOPT_HTTPGET, 1L);
    filled = 0;
    answer[0] = 0;
    CURLcode code = curl_easy_perform(handle);
    curl_slist_free_all(headers);
    if (code != CURLE_OK) die(curl_easy_strerror(code));
    if (!strstr(answer, "\"stat\":\"OK\"") || !strstr(answer, wanted)) die(path);
}

static void login(const char *kind) {
    char parameters[TEXT];
    if (strcmp(kind, "auth") != 0) {
        snprintf(parameters, sizeof parameters, "client_supports_verified_push=1&hostname=floor&username=%s", user);
        ask("POST", "/auth/v2/preauth", parameters, "\"result\":\"auth\"");
    }
    int is_async = strcmp(kind, "async") == 0;
    snprintf(parameters, sizeof parameters, "%sdevice=auto&factor=push&hostname=floor&username=%s", is_async ? "async=1&" : "", user);
    ask("POST", "/auth/v2/auth", parameters, is_async ? "\"txid\":\"" : "\"result\":\"allow\"");
    if (!is_async) return;
    const char *txid = strstr(answer, "\"txid\":\"") + strlen("\"txid\":\"");
    snprintf(parameters, sizeof parameters, "txid=%.*s", (int)strcspn(txid, "\""), txid);
    for (int i = 0; i < MOST_POLLS; i++) {
        ask("GET", "/auth/v2/auth_status", parameters, "\"result\":\"");
        if (!strstr(answer, "\"result\":\"waiting\"")) break;
    }
    if (!strstr(answer, "\"result\":\"allow\"")) die("auth_status");
}

int main(int argc, char **argv) {
    char line[32];
    if (argc != 6) {
        fprintf(stderr, "usage: see the top of https_floor.c\n");
        return 2;
    }
    host = argv[1], integration_key = argv[3], secret_key = argv[4], user = argv[5];
    if (curl_global_init(CURL_GLOBAL_SSL) != CURLE_OK || !(handle = curl_easy_init())) die("libcurl");
    curl_easy_setopt(handle, CURLOPT_CAINFO, argv[2]);
    curl_easy_setopt(handle, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, receive);
    curl_easy_setopt(handle, CURLOPT_PROXY, "");
    curl_easy_setopt(handle, CURLOPT_TIMEOUT, 30L);
    while (fgets(line, sizeof line, stdin)) {
        line[strcspn(line, "\n")] = 0;
        double start = now();
        login(line);
        printf("%.1f\n", now() - start);
        fflush(stdout);
    }
    curl_easy_cleanup(handle);
    return 0;
}
