/* The decoder reads any bytes without harm, and the encoder writes only what the daemon can read. */
#include "../wire.h"
#include "fuzz.h"

#include <string.h>

static void decode(const uint8_t *input, size_t size)
{
    size_t at = 0;
    enum wire_status status = WIRE_DONE;

    while (status == WIRE_DONE) {
        struct wire_message message;
        size_t used = 0;

        status = wire_decode(input + at, size - at, &message, &used);
        RULE((status == WIRE_DONE) == (used >= WIRE_HEADER_SIZE));
        RULE(used <= size - at && used <= WIRE_FRAME_MAX);
        RULE((status == WIRE_DONE) == (message.type != WIRE_NOTHING));
        RULE(status != WIRE_MORE || size - at < WIRE_FRAME_MAX);
        RULE(memchr(message.text, '\0', sizeof message.text) != NULL);
        RULE(memchr(message.reason, '\0', sizeof message.reason) != NULL);
        RULE(memchr(message.login, '\0', sizeof message.login) != NULL);
        RULE(wire_is_text(message.text, strlen(message.text), true));
        RULE(wire_is_text(message.login, strlen(message.login), false));
        if (status == WIRE_DONE) {
            struct wire_message again;
            size_t prefix = 0;

            RULE(message.type >= WIRE_SHOW && message.type <= WIRE_HEARTBEAT);
            RULE((message.type == WIRE_VERDICT) == (message.result != 0));
            RULE((message.type == WIRE_PROMPT) == (message.prompt != 0));
            RULE(wire_decode(input + at, used - 1, &again, &prefix) == WIRE_MORE && prefix == 0);
        }
        at += used;
    }
}

/* The texts of a BEGIN are the pieces of the input between NULs; its numbers are the first bytes. */
static void encode(const uint8_t *input, size_t size)
{
    struct wire_begin begin = {.timeout = 1};
    const char **texts[] = {&begin.user, &begin.service, &begin.rhost, &begin.tty, &begin.ruser, &begin.ssh_connection, &begin.auth_info};
    char *text = calloc(size + 1, 1);
    uint8_t *frame = malloc(WIRE_BEGIN_ROOM);
    char *at = text;
    size_t written;
    size_t room;

    if (text == NULL || frame == NULL)
        abort();
    memcpy(text, input, size);
    if (size >= sizeof begin.session) {
        memcpy(&begin.session, text, sizeof begin.session);
        begin.session.ancestor_count &= 0x3F;
        at += sizeof begin.session;
    }
    for (size_t i = 0; i < sizeof texts / sizeof texts[0] && at < text + size; i++) {
        *texts[i] = at;
        at += strlen(at) + 1;
    }
    written = wire_encode_begin(&begin, frame, WIRE_BEGIN_ROOM);
    RULE(written == 0 || (written >= 50 && written <= WIRE_BEGIN_ROOM));
    RULE(written == 0 || written == WIRE_HEADER_SIZE + (size_t)(frame[4] << 24 | frame[5] << 16 | frame[6] << 8 | frame[7]));
    free(frame);
    room = written > 0 ? written - 1 : size;
    frame = malloc(room > 0 ? room : 1);
    if (frame == NULL)
        abort();
    written = wire_encode_begin(&begin, frame, room);
    RULE(written <= room);
    written = wire_encode_answer(1, text, frame, room);
    RULE(written <= room);
    free(frame);
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size)
{
    decode(input, size);
    if (size <= 2 * WIRE_BEGIN_ROOM)
        encode(input, size);
    return 0;
}
