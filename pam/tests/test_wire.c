/* The module's wire against every vector of ../Tests/Vectors, which the Swift side reads too. docs/protocol.md. */
#include "../wire.h"
#include "check.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

enum {
    VECTOR_MAX = 2 * WIRE_FRAME_MAX,
    FIELDS_MAX = 16,
    LINE_MAX = 32768,
};

struct vector {
    char name[256];
    char expect[32];
    char names[FIELDS_MAX][32];
    char values[FIELDS_MAX][WIRE_AUTH_INFO_MAX + 1];
    size_t fields;
    uint8_t bytes[VECTOR_MAX];
    size_t size;
};

static struct check_counts counts;

/* ---- reading a vector ---- */

static uint8_t nibble(char digit)
{
    static const char digits[] = "0123456789abcdef";
    const char *at = strchr(digits, digit | 0x20);

    return at == NULL ? 0 : (uint8_t)(at - digits);
}

static size_t unhex(const char *text, uint8_t *bytes)
{
    size_t size = 0;

    for (; text[0] != '\0' && text[1] != '\0'; text++)
        if (text[0] != ' ') {
            bytes[size++] = (uint8_t)(nibble(text[0]) << 4 | nibble(text[1]));
            text++;
        }
    return size;
}

static void unescape(const char *from, char *to)
{
    for (; *from != '\0'; from++)
        if (from[0] == '\\' && from[1] == 'n') {
            *to++ = '\n';
            from++;
        } else
            *to++ = *from;
    *to = '\0';
}

static bool vector_read(const char *folder, const char *file, struct vector *vector)
{
    static char line[LINE_MAX];
    char path[4096];
    bool in_hex = false;
    FILE *stream;

    memset(vector, 0, sizeof *vector);
    snprintf(path, sizeof path, "%s/%s", folder, file);
    snprintf(vector->name, sizeof vector->name, "%s", file);
    stream = fopen(path, "r");
    if (stream == NULL)
        return false;
    while (fgets(line, sizeof line, stream) != NULL) {
        char *colon = strstr(line, ":");

        line[strcspn(line, "\n")] = '\0';
        if (line[0] == '#')
            continue;
        if (strcmp(line, "hex:") == 0)
            in_hex = true;
        else if (in_hex)
            vector->size += unhex(line, vector->bytes + vector->size);
        else if (colon != NULL && strncmp(line, "expect: ", 8) == 0)
            snprintf(vector->expect, sizeof vector->expect, "%s", colon + 2);
        else if (colon != NULL && vector->fields < FIELDS_MAX) {
            *colon = '\0';
            snprintf(vector->names[vector->fields], sizeof vector->names[0], "%.31s", line);
            unescape(colon + 2, vector->values[vector->fields++]);
        }
    }
    fclose(stream);
    return true;
}

static const char *field(const struct vector *vector, const char *name)
{
    for (size_t i = 0; i < vector->fields; i++)
        if (strcmp(vector->names[i], name) == 0)
            return vector->values[i];
    return NULL;
}

static uint32_t number(const struct vector *vector, const char *name)
{
    const char *text = field(vector, name);

    return text == NULL ? 0 : (uint32_t)strtoul(text, NULL, 10);
}

static bool text_is(const struct vector *vector, const char *name, const char *text)
{
    const char *expected = field(vector, name);

    return expected != NULL && strcmp(expected, text) == 0;
}

/* ---- what a vector says ---- */

static enum wire_result result_named(const char *name)
{
    enum wire_result result = WIRE_UNKNOWN;

    if (strcmp(name, "allow") == 0)
        result = WIRE_ALLOW;
    else if (strcmp(name, "ignore") == 0)
        result = WIRE_IGNORE;
    else if (strcmp(name, "retry") == 0)
        result = WIRE_RETRY;
    else if (strcmp(name, "deny") == 0)
        result = WIRE_DENY;
    return result;
}

static bool from_daemon(const struct vector *vector)
{
    return strcmp(vector->expect, "show") == 0 || strcmp(vector->expect, "prompt") == 0 ||
           strcmp(vector->expect, "verdict") == 0 || strcmp(vector->expect, "heartbeat") == 0;
}

static bool says(const struct vector *vector, const struct wire_message *message)
{
    uint8_t nonce[WIRE_NONCE_SIZE] = {0};

    switch (message->type) {
    case WIRE_SHOW:
        return strcmp(vector->expect, "show") == 0 && message->style == number(vector, "style") &&
               text_is(vector, "text", message->text);
    case WIRE_PROMPT:
        return strcmp(vector->expect, "prompt") == 0 && message->prompt == number(vector, "prompt") &&
               message->echo == number(vector, "echo") && text_is(vector, "text", message->text);
    case WIRE_VERDICT:
        unhex(field(vector, "nonce"), nonce);
        return strcmp(vector->expect, "verdict") == 0 && memcmp(nonce, message->nonce, sizeof nonce) == 0 &&
               message->result == result_named(field(vector, "result")) && text_is(vector, "reason", message->reason) &&
               text_is(vector, "login", message->login);
    case WIRE_HEARTBEAT:
        return strcmp(vector->expect, "heartbeat") == 0;
    case WIRE_NOTHING:
    case WIRE_BEGIN:
    case WIRE_ANSWER:
        break;
    }
    return false;
}

/* ---- the rules ---- */

/* The bytes lie in memory of exactly their size, so that the sanitiser sees every read beyond them. */
static enum wire_status decode(const uint8_t *bytes, size_t size, struct wire_message *message, size_t *used)
{
    uint8_t *exact = malloc(size == 0 ? 1 : size);
    enum wire_status status = WIRE_MALFORMED;

    if (exact != NULL) {
        memcpy(exact, bytes, size);
        status = wire_decode(exact, size, message, used);
        free(exact);
    }
    return status;
}

static void check_message(const struct vector *vector)
{
    static uint8_t joined[2 * VECTOR_MAX];
    struct wire_message message;
    size_t used = 0;
    bool waits = true;

    check_that(&counts, decode(vector->bytes, vector->size, &message, &used) == WIRE_DONE && used == vector->size &&
                            says(vector, &message),
               "a whole vector says what its fields say", vector->name);
    for (size_t size = 0; size < vector->size; size++)
        waits = waits && decode(vector->bytes, size, &message, &used) == WIRE_MORE;
    check_that(&counts, waits, "every prefix, so also byte by byte, waits for more", vector->name);
    memcpy(joined, vector->bytes, vector->size);
    memcpy(joined + vector->size, vector->bytes, vector->size);
    check_that(&counts, decode(joined, 2 * vector->size, &message, &used) == WIRE_DONE && used == vector->size &&
                            says(vector, &message) &&
                            decode(joined + used, vector->size, &message, &used) == WIRE_DONE && says(vector, &message),
               "a vector joined with another is two messages", vector->name);
}

static void check_encoding(const struct vector *vector)
{
    uint8_t frame[WIRE_BEGIN_ROOM];
    struct wire_message message;
    size_t size = 0;
    size_t used = 0;

    if (strcmp(vector->expect, "begin") == 0) {
        struct wire_begin begin = {
            .user = field(vector, "user"), .service = field(vector, "service"), .caller = number(vector, "caller"),
            .flags = number(vector, "flags"), .timeout = number(vector, "timeout"), .rhost = field(vector, "rhost"),
            .tty = field(vector, "tty"), .ruser = field(vector, "ruser"),
            .ssh_connection = field(vector, "ssh_connection"), .auth_info = field(vector, "auth_info"),
        };

        unhex(field(vector, "nonce"), begin.nonce);
        size = wire_encode_begin(&begin, frame, sizeof frame);
        check_that(&counts, wire_encode_begin(&begin, frame, vector->size - 1) == 0, "no room is no frame", vector->name);
        size = wire_encode_begin(&begin, frame, sizeof frame);
    } else if (strcmp(vector->expect, "answer") == 0)
        size = wire_encode_answer(number(vector, "prompt"), field(vector, "text"), frame, sizeof frame);
    check_that(&counts, size == vector->size && memcmp(frame, vector->bytes, size) == 0,
               "what is encoded from a vector's fields is its bytes again", vector->name);
    check_that(&counts, decode(vector->bytes, vector->size, &message, &used) == WIRE_MALFORMED,
               "a frame of the other direction is refused", vector->name);
}

/* Some refused vectors are an allow with one wrong byte on purpose: they may be mended, a refusal may not. */
static void check_changes(const struct vector *vector)
{
    static uint8_t bytes[VECTOR_MAX];
    struct wire_message message;
    bool allowed = false;
    size_t used = 0;

    memcpy(bytes, vector->bytes, vector->size);
    for (size_t i = 0; i < vector->size; i++) {
        for (unsigned value = 0; value <= UINT8_MAX; value++) {
            bytes[i] = (uint8_t)value;
            if (decode(bytes, vector->size, &message, &used) == WIRE_DONE && message.type == WIRE_VERDICT)
                allowed = allowed || message.result == WIRE_ALLOW;
        }
        bytes[i] = vector->bytes[i];
    }
    check_that(&counts, !allowed || strcmp(vector->expect, "refused") == 0 || text_is(vector, "result", "allow"),
               "no change of a single byte crashes, or makes an allow of another verdict", vector->name);
}

static void check_vector(const struct vector *vector)
{
    struct wire_message message;
    size_t used = 0;

    if (strcmp(vector->expect, "refused") == 0)
        check_that(&counts, decode(vector->bytes, vector->size, &message, &used) == WIRE_MALFORMED,
                   "a refused vector is refused", vector->name);
    else if (from_daemon(vector))
        check_message(vector);
    else if (strcmp(vector->expect, "begin") == 0 || strcmp(vector->expect, "answer") == 0)
        check_encoding(vector);
    else
        check_that(&counts, decode(vector->bytes, vector->size, &message, &used) == WIRE_MALFORMED,
                   "a frame of the control socket is refused", vector->name);
    check_changes(vector);
}

int main(int argc, char **argv)
{
    static struct vector vector;
    const char *folder = argc > 1 ? argv[1] : "../Tests/Vectors";
    DIR *directory = opendir(folder);
    unsigned vectors = 0;

    for (struct dirent *entry; directory != NULL && (entry = readdir(directory)) != NULL;) {
        size_t length = strlen(entry->d_name);

        if (length > 4 && strcmp(entry->d_name + length - 4, ".hex") == 0 &&
            vector_read(folder, entry->d_name, &vector)) {
            vectors++;
            check_vector(&vector);
        }
    }
    if (directory != NULL)
        closedir(directory);
    check_that(&counts, vectors >= 60, "the folder of vectors is there, and whole", folder);
    return check_close(&counts);
}
