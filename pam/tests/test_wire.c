/* The wire against Tests/Vectors, and against what the vectors do not say. */
#include "../wire.h"
#include "harness.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    FIELDS = 16,
};

struct vector {
    char file[128];
    char expect[32];
    size_t fields;
    char names[FIELDS][32];
    char values[FIELDS][2048];
    uint8_t *frame;
    size_t size;
};

static struct vector vectors[128];
static size_t vector_count;

/* ---- reading the vectors ---- */

static void unescape(char *text)
{
    char *to = text;

    for (const char *from = text; *from != '\0'; from++)
        if (from[0] == '\\' && from[1] == 'n') {
            *to++ = '\n';
            from++;
        } else
            *to++ = *from;
    *to = '\0';
}

static size_t unhex(const char *text, uint8_t *bytes)
{
    size_t count = 0;
    unsigned byte;
    int used;

    while (sscanf(text, " %2x%n", &byte, &used) == 1) {
        bytes[count++] = (uint8_t)byte;
        text += used;
    }
    return count;
}

static void load(const char *folder, const char *name)
{
    struct vector *vector = &vectors[vector_count++];
    uint8_t bytes[WIRE_FRAME_MAX];
    char path[512];
    char line[4096];
    bool hex = false;
    FILE *file;

    snprintf(vector->file, sizeof vector->file, "%s", name);
    snprintf(path, sizeof path, "%s/%s", folder, name);
    file = fopen(path, "re");
    while (file != NULL && fgets(line, sizeof line, file) != NULL) {
        char *colon;

        line[strcspn(line, "\n")] = '\0';
        colon = strstr(line, ": ");
        if (line[0] == '#')
            continue;
        if (hex)
            vector->size += unhex(line, bytes + vector->size);
        else if (strcmp(line, "hex:") == 0)
            hex = true;
        else if (colon != NULL && vector->fields < FIELDS) {
            *colon = '\0';
            unescape(colon + 2);
            if (strcmp(line, "expect") == 0)
                snprintf(vector->expect, sizeof vector->expect, "%.31s", colon + 2);
            else {
                snprintf(vector->names[vector->fields], sizeof vector->names[0], "%.31s", line);
                snprintf(vector->values[vector->fields++], sizeof vector->values[0], "%.2047s", colon + 2);
            }
        }
    }
    if (file != NULL)
        fclose(file);
    vector->frame = malloc(vector->size); /* as long as the frame, so that reading behind it is seen */
    memcpy(vector->frame, bytes, vector->size);
}

static int is_vector(const struct dirent *entry)
{
    const char *dot = strrchr(entry->d_name, '.');

    return dot != NULL && strcmp(dot, ".hex") == 0;
}

static void load_all(const char *folder)
{
    struct dirent **names = NULL;
    int count = scandir(folder, &names, is_vector, alphasort);

    for (int i = 0; i < count; i++) {
        if (vector_count < sizeof vectors / sizeof vectors[0])
            load(folder, names[i]->d_name);
        free(names[i]);
    }
    free(names);
}

static const char *value(const struct vector *vector, const char *name)
{
    const char *found = NULL;

    for (size_t i = 0; i < vector->fields; i++)
        if (strcmp(vector->names[i], name) == 0)
            found = vector->values[i];
    return found;
}

static uint32_t number(const struct vector *vector, const char *name)
{
    const char *text = value(vector, name);

    return text == NULL ? 0 : (uint32_t)strtoul(text, NULL, 10);
}

static enum wire_type type_of(const struct vector *vector)
{
    static const struct {
        const char *name;
        enum wire_type type;
    } types[] = {
        {"begin", WIRE_BEGIN},   {"answer", WIRE_ANSWER},   {"show", WIRE_SHOW},
        {"prompt", WIRE_PROMPT}, {"verdict", WIRE_VERDICT}, {"heartbeat", WIRE_HEARTBEAT},
        {"prefetch", WIRE_PREFETCH},
    };
    enum wire_type type = WIRE_NOTHING;

    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
        if (strcmp(vector->expect, types[i].name) == 0)
            type = types[i].type;
    return type;
}

static bool from_daemon(const struct vector *vector)
{
    return type_of(vector) >= WIRE_SHOW;
}

static uint32_t result_named(const char *name)
{
    uint32_t result = 0;

    if (strcmp(name, "allow") == 0)
        result = WIRE_ALLOW;
    else if (strcmp(name, "ignore") == 0)
        result = WIRE_IGNORE;
    else if (strcmp(name, "retry") == 0)
        result = WIRE_RETRY;
    else if (strcmp(name, "deny") == 0)
        result = WIRE_DENY;
    else if (strcmp(name, "unknown") == 0)
        result = WIRE_UNKNOWN;
    return result;
}

/* "pid@start"; what stands behind it. */
static const char *process_of(const char *text, struct wire_process *process)
{
    char *end = NULL;

    process->pid = (uint32_t)strtoul(text, &end, 10);
    process->start = strtoull(end + 1, &end, 10);
    return end + (*end == ' ');
}

static struct wire_session session_of(const struct vector *vector)
{
    struct wire_session session = {.id = number(vector, "session"), .columns = number(vector, "columns")};
    const char *at = value(vector, "terminal");
    char *end = NULL;

    if (at != NULL) {
        session.terminal = (uint32_t)strtoul(at, &end, 10);
        process_of(end + 1, &session.leader);
    }
    at = value(vector, "parent");
    if (at != NULL) {
        session.parent_session = (uint32_t)strtoul(process_of(at, &session.parent), &end, 10);
        session.parent_user = (uint32_t)strtoul(end + 1, NULL, 10);
    }
    at = value(vector, "ancestors");
    while (at != NULL && *at != '\0' && session.ancestor_count < WIRE_ANCESTORS_MAX)
        at = process_of(at, &session.ancestors[session.ancestor_count++]);
    at = value(vector, "command");
    snprintf(session.command, sizeof session.command, "%s", at == NULL ? "" : at);
    return session;
}

/* ---- the rules ---- */

static void test_decodes(const void *argument)
{
    const struct vector *vector = argument;
    struct wire_message message;
    uint8_t nonce[64] = {0};
    size_t used = 99;

    CHECK(wire_decode(vector->frame, vector->size, &message, &used) == WIRE_DONE, "%s", vector->file);
    CHECK(used == vector->size, "%zu of %zu", used, vector->size);
    CHECK(message.type == type_of(vector), "type %02x", (unsigned)message.type);
    if (value(vector, "nonce") != NULL)
        unhex(value(vector, "nonce"), nonce);
    CHECK(memcmp(message.nonce, nonce, sizeof message.nonce) == 0, "nonce");
    CHECK(message.style == number(vector, "style"), "style %u", message.style);
    CHECK(message.echo == number(vector, "echo"), "echo %u", message.echo);
    CHECK(message.prompt == number(vector, "prompt"), "prompt %u", message.prompt);
    CHECK(strcmp(message.text, value(vector, "text") ? value(vector, "text") : "") == 0, "text '%s'", message.text);
    CHECK(strcmp(message.reason, value(vector, "reason") ? value(vector, "reason") : "") == 0, "'%s'", message.reason);
    CHECK(strcmp(message.login, value(vector, "login") ? value(vector, "login") : "") == 0, "'%s'", message.login);
    if (value(vector, "result") != NULL)
        CHECK(message.result == result_named(value(vector, "result")), "result %08x", (unsigned)message.result);
}

static void test_refused(const void *argument)
{
    const struct vector *vector = argument;
    struct wire_message message;
    size_t used = 99;

    CHECK(wire_decode(vector->frame, vector->size, &message, &used) == WIRE_MALFORMED, "%s", vector->file);
    CHECK(message.type == WIRE_NOTHING && message.text[0] == '\0' && used == 0, "something is left in the message");
}

static void test_encodes(const void *argument)
{
    const struct vector *vector = argument;
    uint8_t frame[WIRE_FRAME_MAX];
    size_t size = 0;

    if (type_of(vector) == WIRE_BEGIN || type_of(vector) == WIRE_PREFETCH) {
        size_t (*encode)(const struct wire_begin *, uint8_t *, size_t) =
            type_of(vector) == WIRE_BEGIN ? wire_encode_begin : wire_encode_prefetch;
        struct wire_begin begin = {
            .user = value(vector, "user"),
            .service = value(vector, "service"),
            .caller = number(vector, "caller"),
            .flags = number(vector, "flags"),
            .timeout = number(vector, "timeout"),
            .rhost = value(vector, "rhost"),
            .tty = value(vector, "tty"),
            .ruser = value(vector, "ruser"),
            .ssh_connection = value(vector, "ssh_connection"),
            .auth_info = value(vector, "auth_info"),
            .session = session_of(vector),
        };

        unhex(value(vector, "nonce"), begin.nonce);
        size = encode(&begin, frame, sizeof frame);
        CHECK(encode(&begin, frame, vector->size) == vector->size, "exact room");
        for (size_t room = 0; room < vector->size; room++) {
            uint8_t *small = malloc(room + 1);

            CHECK(encode(&begin, small, room) == 0, "room for %zu", room);
            free(small);
        }
    } else
        size = wire_encode_answer(number(vector, "prompt"), value(vector, "text"), frame, sizeof frame);
    CHECK(size == vector->size, "%zu, not %zu", size, vector->size);
    CHECK(memcmp(frame, vector->frame, vector->size) == 0, "other bytes");
}

/* Also the byte by byte reading: the prefixes are what a reader sees on the way. */
static void test_prefixes(const void *argument)
{
    const struct vector *vector = argument;
    bool valid = from_daemon(vector);
    struct wire_message message;
    size_t used;

    for (size_t count = 0; count < vector->size; count++) {
        uint8_t *prefix = malloc(count + (count == 0));
        enum wire_status status;

        memcpy(prefix, vector->frame, count);
        status = wire_decode(prefix, count, &message, &used);
        CHECK(status == WIRE_MORE || (!valid && status == WIRE_MALFORMED), "%s: %zu bytes", vector->file, count);
        CHECK(used == 0 && message.type == WIRE_NOTHING, "%s: %zu bytes", vector->file, count);
        free(prefix);
    }
}

static void test_joined(const void *argument)
{
    const struct vector *vector = argument;
    struct wire_message message;
    size_t used;

    for (size_t i = 0; i < vector_count; i++)
        if (from_daemon(&vectors[i])) {
            size_t size = vector->size + vectors[i].size;
            uint8_t *both = malloc(size);

            memcpy(both, vector->frame, vector->size);
            memcpy(both + vector->size, vectors[i].frame, vectors[i].size);
            CHECK(wire_decode(both, size, &message, &used) == WIRE_DONE && used == vector->size, "%s", vector->file);
            CHECK(message.type == type_of(vector), "%s", vector->file);
            CHECK(wire_decode(both + used, size - used, &message, &used) == WIRE_DONE, "%s", vectors[i].file);
            CHECK(message.type == type_of(&vectors[i]), "%s", vectors[i].file);
            free(both);
        }
}

static void test_changed(const void *argument)
{
    const struct vector *vector = argument;
    const char *result = value(vector, "result");
    bool allow = result != NULL && strcmp(result, "allow") == 0;
    struct wire_message message;
    size_t used;

    /* A refused vector that is an allow but for one byte is one change from it: only those of other verdicts count. */
    if (type_of(vector) == WIRE_NOTHING)
        allow = true;
    for (size_t at = 0; at < vector->size; at++)
        for (unsigned change = 1; change <= 255; change++) {
            enum wire_status status;

            vector->frame[at] ^= (uint8_t)change;
            status = wire_decode(vector->frame, vector->size, &message, &used);
            CHECK(allow || !(status == WIRE_DONE && message.type == WIRE_VERDICT && message.result == WIRE_ALLOW),
                  "%s: byte %zu ^ %02x is an allow", vector->file, at, change);
            CHECK(status != WIRE_DONE || used <= vector->size, "%s", vector->file);
            vector->frame[at] ^= (uint8_t)change;
        }
}

static void test_text(const void *argument)
{
    static const struct {
        const char *bytes;
        bool text;
    } rows[] = {
        {"", true},
        {"plain ~", true},
        {"\xC2\xA0", true},         /* U+00A0 */
        {"\xDF\xBF", true},         /* U+07FF */
        {"\xE0\xA0\x80", true},     /* U+0800 */
        {"\xED\x9F\xBF", true},     /* U+D7FF */
        {"\xEE\x80\x80", true},     /* U+E000 */
        {"\xEF\xBF\xBF", true},     /* U+FFFF */
        {"\xF0\x90\x80\x80", true}, /* U+10000 */
        {"\xF4\x8F\xBF\xBF", true}, /* U+10FFFF */
        {"\x7F", false},
        {"\x1F", false},
        {"\t", false},
        {"\r", false},
        {"\xC2\x80", false}, /* U+0080 */
        {"\xC2\x9F", false}, /* U+009F */
        {"\x80", false},
        {"\xC0\x80", false},
        {"\xC1\xBF", false},
        {"\xC2", false},
        {"\xC2 ", false},
        {"\xE0\x9F\xBF", false},
        {"\xE2\x82", false},
        {"\xE2\x82 ", false},
        {"\xED\xA0\x80", false},
        {"\xED\xBF\xBF", false},
        {"\xF0\x8F\xBF\xBF", false},
        {"\xF0\x90\x80", false},
        {"\xF4\x90\x80\x80", false},
        {"\xF5\x80\x80\x80", false},
        {"\xFF", false},
    };

    (void)argument;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        size_t length = strlen(rows[i].bytes);
        char *exact = malloc(length + (length == 0));

        memcpy(exact, rows[i].bytes, length);
        CHECK(wire_is_text(exact, length, false) == rows[i].text, "row %zu", i);
        CHECK(wire_is_text(exact, length, true) == rows[i].text, "row %zu, lines", i);
        free(exact);
    }
    CHECK(!wire_is_text("a\nb", 3, false) && wire_is_text("a\nb", 3, true), "LF only where lines are");
    CHECK(!wire_is_text("a\0b", 3, true), "NUL");
}

static void test_encoder_refuses(const void *argument)
{
    static char long_text[WIRE_AUTH_INFO_MAX + 2];
    struct wire_begin good = {.user = "u", .service = "s", .timeout = 1};
    const struct wire_session initial_parent = {.parent = {1, 0}, .parent_session = 1};
    const struct wire_session initial_ancestor = {.ancestor_count = 2, .ancestors = {{4711, 0}, {1, 0}}};
    struct wire_session too_many = {.ancestor_count = WIRE_ANCESTORS_MAX + 1};
    struct wire_begin begin;
    uint8_t frame[WIRE_BEGIN_ROOM];

    (void)argument;
    for (size_t i = 0; i < WIRE_ANCESTORS_MAX; i++)
        too_many.ancestors[i].pid = 4711;
    memset(long_text, 'a', sizeof long_text - 1);
#define REFUSED(change)                                                                                                \
    do {                                                                                                               \
        begin = good;                                                                                                  \
        begin.change;                                                                                                  \
        CHECK(wire_encode_begin(&begin, frame, sizeof frame) == 0, #change);                                           \
    } while (0)
    CHECK(wire_encode_begin(&good, frame, sizeof frame) > 0, "the good one");
    REFUSED(user = NULL);
    REFUSED(user = "");
    REFUSED(user = "a\nb");
    REFUSED(user = long_text + sizeof long_text - 1 - 257);
    REFUSED(service = NULL);
    REFUSED(service = "");
    REFUSED(service = long_text + sizeof long_text - 1 - 256);
    REFUSED(timeout = 0);
    REFUSED(timeout = 600001);
    REFUSED(rhost = "");
    REFUSED(rhost = "\x1b[2J");
    REFUSED(rhost = long_text + sizeof long_text - 1 - 256);
    REFUSED(tty = "");
    REFUSED(tty = long_text + sizeof long_text - 1 - 256);
    REFUSED(ruser = "\xff");
    REFUSED(ruser = long_text + sizeof long_text - 1 - 257);
    REFUSED(ssh_connection = "a\nb");
    REFUSED(ssh_connection = long_text + sizeof long_text - 1 - 256);
    REFUSED(auth_info = "");
    REFUSED(auth_info = long_text);
    REFUSED(session.terminal = 1);
    REFUSED(session.parent.pid = 4711);
    REFUSED(session = initial_parent);
    REFUSED(session.ancestor_count = 1);
    REFUSED(session = initial_ancestor);
    REFUSED(session = too_many);
    REFUSED(session.columns = 65536);
    REFUSED(session.command[0] = '\x1b');
#undef REFUSED
    CHECK(wire_encode_answer(0, "1", frame, sizeof frame) == 0, "prompts count from 1");
    CHECK(wire_encode_answer(1, NULL, frame, sizeof frame) == 0, "an answer has text");
    CHECK(wire_encode_answer(1, "\x1b", frame, sizeof frame) == 0, "a control character");
    CHECK(wire_encode_answer(1, long_text + sizeof long_text - 1 - 513, frame, sizeof frame) == 0, "513 bytes");
    CHECK(wire_encode_answer(1, long_text + sizeof long_text - 1 - 512, frame, WIRE_ANSWER_ROOM) == WIRE_ANSWER_ROOM,
          "512 bytes fill the room");
}

static void test_longest_begin(const void *argument)
{
    static char longest[WIRE_AUTH_INFO_MAX + 1];
    const char *end = longest + WIRE_AUTH_INFO_MAX;
    struct wire_begin begin = {.timeout = 600000};
    uint8_t frame[WIRE_BEGIN_ROOM];

    (void)argument;
    memset(longest, 'a', WIRE_AUTH_INFO_MAX);
    begin.user = begin.ruser = end - 256;
    begin.service = begin.rhost = begin.tty = begin.ssh_connection = end - 255;
    begin.auth_info = longest;
    memset(&begin.session, 0xFF, sizeof begin.session);
    begin.session.columns = WIRE_COLUMNS_MAX;
    memset(begin.session.command, 'a', WIRE_COMMAND_MAX);
    begin.session.command[WIRE_COMMAND_MAX] = '\0';
    begin.session.ancestor_count = WIRE_ANCESTORS_MAX;
    CHECK(wire_encode_begin(&begin, frame, sizeof frame) > 10000, "the longest BEGIN has room");
}

static void run_for(const char *rule, void (*test)(const void *), const struct vector *vector)
{
    char name[256];

    snprintf(name, sizeof name, "%s: %s", vector->file, rule);
    harness_run(name, test, vector);
}

int main(int argc, char **argv)
{
    load_all(argc > 1 ? argv[1] : "../Tests/Vectors");
    if (vector_count < 50) {
        fprintf(stderr, "the vectors are not there\n");
        return 1;
    }
    for (size_t i = 0; i < vector_count; i++) {
        const struct vector *vector = &vectors[i];

        if (from_daemon(vector)) {
            run_for("is decoded", test_decodes, vector);
            run_for("is decoded joined with another", test_joined, vector);
        } else
            run_for(type_of(vector) == WIRE_NOTHING ? "is refused" : "of the other direction is refused", test_refused,
                    vector);
        if (type_of(vector) == WIRE_BEGIN || type_of(vector) == WIRE_ANSWER || type_of(vector) == WIRE_PREFETCH)
            run_for("is encoded to the same bytes", test_encodes, vector);
        run_for("a prefix is never a frame", test_prefixes, vector);
        run_for("a changed byte is decoded or refused, and makes no allow", test_changed, vector);
    }
    harness_run("text is UTF-8 without control characters", test_text, NULL);
    harness_run("what is outside its row is not encoded", test_encoder_refuses, NULL);
    harness_run("the longest BEGIN is encoded", test_longest_begin, NULL);
    for (size_t i = 0; i < vector_count; i++)
        free(vectors[i].frame);
    return harness_finish();
}
