/* The wire of docs/protocol.md: frames to bytes and bytes to frames, without I/O and without libpam. */
#include "wire.h"

#include <string.h>

enum {
    MAGIC_0 = 0x44,
    MAGIC_1 = 0x55,
    VERSION = 1,
    BODY_MAX = WIRE_FRAME_MAX - WIRE_HEADER_SIZE,
    FIELD_HEADER_SIZE = 4,
};

/* Tags, by message. */
enum {
    BEGIN_NONCE = 1,
    BEGIN_USER,
    BEGIN_SERVICE,
    BEGIN_CALLER,
    BEGIN_FLAGS,
    BEGIN_TIMEOUT,
    BEGIN_RHOST,
    BEGIN_TTY,
    BEGIN_RUSER,
    BEGIN_SSH_CONNECTION,
    BEGIN_AUTH_INFO,

    ANSWER_PROMPT = 1,
    ANSWER_TEXT,

    SHOW_STYLE = 1,
    SHOW_TEXT,

    PROMPT_NUMBER = 1,
    PROMPT_ECHO,
    PROMPT_TEXT,

    VERDICT_NONCE = 1,
    VERDICT_RESULT,
    VERDICT_REASON,
    VERDICT_LOGIN,
};

static uint16_t load_u16(const uint8_t *bytes)
{
    return (uint16_t)((bytes[0] << 8) | bytes[1]);
}

static uint32_t load_u32(const uint8_t *bytes)
{
    return ((uint32_t)bytes[0] << 24) | ((uint32_t)bytes[1] << 16) | ((uint32_t)bytes[2] << 8) | bytes[3];
}

static void store_u16(uint8_t *bytes, size_t number)
{
    bytes[0] = (uint8_t)(number >> 8);
    bytes[1] = (uint8_t)number;
}

static void store_u32(uint8_t *bytes, uint32_t number)
{
    store_u16(bytes, number >> 16);
    store_u16(bytes + 2, number & 0xFFFF);
}

/* The size of the well-formed UTF-8 sequence at `bytes`, 0 if there is none (Unicode, table 3-7). */
static size_t utf8_size(const uint8_t *bytes, size_t length)
{
    uint8_t first = bytes[0];
    uint8_t low = 0x80;
    uint8_t high = 0xBF;
    size_t size = 0;

    if (first <= 0x7F)
        size = 1;
    else if (first >= 0xC2 && first <= 0xDF)
        size = 2;
    else if (first >= 0xE0 && first <= 0xEF)
        size = 3;
    else if (first >= 0xF0 && first <= 0xF4)
        size = 4;
    if (first == 0xE0)
        low = 0xA0; /* below: overlong */
    else if (first == 0xED)
        high = 0x9F; /* above: surrogates */
    else if (first == 0xF0)
        low = 0x90; /* below: overlong */
    else if (first == 0xF4)
        high = 0x8F; /* above: beyond U+10FFFF */
    if (size > length)
        size = 0;
    if (size > 1 && (bytes[1] < low || bytes[1] > high))
        size = 0;
    for (size_t i = 2; i < size; i++)
        if (bytes[i] < 0x80 || bytes[i] > 0xBF)
            size = 0;
    return size;
}

bool wire_is_text(const void *bytes, size_t length, bool lines)
{
    const uint8_t *at = bytes;
    bool valid = true;

    while (valid && length > 0) {
        size_t size = utf8_size(at, length);
        bool c0 = size == 1 && (at[0] < 0x20 || at[0] == 0x7F) && !(lines && at[0] == '\n');
        bool c1 = size == 2 && at[0] == 0xC2 && at[1] <= 0x9F;

        valid = size > 0 && !c0 && !c1;
        if (valid) {
            at += size;
            length -= size;
        }
    }
    return valid;
}

/* ---- to the daemon ---- */

/* A frame in the making. Once something did not fit, nothing more is written. */
struct writer {
    uint8_t *frame;
    size_t room;
    size_t count;
    bool valid;
};

static void writer_open(struct writer *writer, enum wire_type type)
{
    writer->count = WIRE_HEADER_SIZE;
    writer->valid = writer->room >= WIRE_HEADER_SIZE;
    if (writer->valid) {
        writer->frame[0] = MAGIC_0;
        writer->frame[1] = MAGIC_1;
        writer->frame[2] = VERSION;
        writer->frame[3] = (uint8_t)type;
    }
}

static void writer_field(struct writer *writer, unsigned tag, const void *value, size_t length)
{
    writer->valid = writer->valid && length <= UINT16_MAX && writer->room - writer->count >= FIELD_HEADER_SIZE + length;
    if (writer->valid) {
        uint8_t *at = writer->frame + writer->count;

        store_u16(at, tag);
        store_u16(at + 2, length);
        memcpy(at + FIELD_HEADER_SIZE, value, length);
        writer->count += FIELD_HEADER_SIZE + length;
    }
}

static void writer_u32(struct writer *writer, unsigned tag, uint32_t number)
{
    uint8_t bytes[4];

    store_u32(bytes, number);
    writer_field(writer, tag, bytes, sizeof bytes);
}

static void writer_text(struct writer *writer, unsigned tag, const char *text, size_t least, size_t most, bool lines)
{
    size_t length = text == NULL ? 0 : strnlen(text, most + 1);

    writer->valid = writer->valid && text != NULL && length >= least && length <= most && wire_is_text(text, length, lines);
    if (writer->valid)
        writer_field(writer, tag, text, length);
}

static void writer_item(struct writer *writer, unsigned tag, const char *text, size_t most)
{
    if (text != NULL)
        writer_text(writer, tag, text, 1, most, false);
}

static size_t writer_close(struct writer *writer)
{
    size_t size = 0;

    if (writer->valid && writer->count <= WIRE_FRAME_MAX) {
        store_u32(writer->frame + 4, (uint32_t)(writer->count - WIRE_HEADER_SIZE));
        size = writer->count;
    }
    return size;
}

size_t wire_encode_begin(const struct wire_begin *begin, uint8_t *frame, size_t room)
{
    struct writer writer = {.frame = frame, .room = room};

    writer_open(&writer, WIRE_BEGIN);
    writer_field(&writer, BEGIN_NONCE, begin->nonce, sizeof begin->nonce);
    writer_text(&writer, BEGIN_USER, begin->user, 1, WIRE_USER_MAX, false);
    writer_text(&writer, BEGIN_SERVICE, begin->service, 1, WIRE_ITEM_MAX, false);
    writer_u32(&writer, BEGIN_CALLER, begin->caller);
    writer_u32(&writer, BEGIN_FLAGS, begin->flags);
    writer.valid = writer.valid && begin->timeout >= 1 && begin->timeout <= WIRE_TIMEOUT_MAX;
    writer_u32(&writer, BEGIN_TIMEOUT, begin->timeout);
    writer_item(&writer, BEGIN_RHOST, begin->rhost, WIRE_ITEM_MAX);
    writer_item(&writer, BEGIN_TTY, begin->tty, WIRE_ITEM_MAX);
    writer_item(&writer, BEGIN_RUSER, begin->ruser, WIRE_USER_MAX);
    writer_item(&writer, BEGIN_SSH_CONNECTION, begin->ssh_connection, WIRE_ITEM_MAX);
    if (begin->auth_info != NULL)
        writer_text(&writer, BEGIN_AUTH_INFO, begin->auth_info, 1, WIRE_AUTH_INFO_MAX, true);
    return writer_close(&writer);
}

size_t wire_encode_answer(uint32_t prompt, const char *text, uint8_t *frame, size_t room)
{
    struct writer writer = {.frame = frame, .room = room};

    writer_open(&writer, WIRE_ANSWER);
    writer.valid = writer.valid && prompt >= 1;
    writer_u32(&writer, ANSWER_PROMPT, prompt);
    writer_text(&writer, ANSWER_TEXT, text, 0, WIRE_ANSWER_MAX, false);
    return writer_close(&writer);
}

/* ---- from the daemon ---- */

struct field {
    uint16_t tag;
    uint16_t length;
    const uint8_t *value;
};

static bool field_text(const struct field *field, char *text, size_t most, bool lines)
{
    bool valid = field->length >= 1 && field->length <= most && wire_is_text(field->value, field->length, lines);

    if (valid) {
        memcpy(text, field->value, field->length);
        text[field->length] = '\0';
    }
    return valid;
}

static bool field_show(const struct field *field, struct wire_message *message)
{
    bool valid = true; /* a tag that nobody knows is skipped */

    switch (field->tag) {
    case SHOW_STYLE:
        valid = field->length == 1 && (field->value[0] == WIRE_INFORMATION || field->value[0] == WIRE_ERROR);
        if (valid)
            message->style = (enum wire_style)field->value[0];
        break;
    case SHOW_TEXT:
        valid = field_text(field, message->text, WIRE_TEXT_MAX, true);
        break;
    default:
        break;
    }
    return valid;
}

static bool field_prompt(const struct field *field, struct wire_message *message)
{
    bool valid = true; /* a tag that nobody knows is skipped */

    switch (field->tag) {
    case PROMPT_NUMBER:
        valid = field->length == 4 && load_u32(field->value) >= 1;
        if (valid)
            message->prompt = load_u32(field->value);
        break;
    case PROMPT_ECHO:
        valid = field->length == 1 && (field->value[0] == WIRE_ECHO_ON || field->value[0] == WIRE_ECHO_OFF);
        if (valid)
            message->echo = (enum wire_echo)field->value[0];
        break;
    case PROMPT_TEXT:
        valid = field_text(field, message->text, WIRE_TEXT_MAX, true);
        break;
    default:
        break;
    }
    return valid;
}

static bool field_result(const struct field *field, struct wire_message *message)
{
    uint32_t number = field->length == 4 ? load_u32(field->value) : 0;
    bool valid = number == WIRE_ALLOW || number == WIRE_IGNORE || number == WIRE_RETRY || number == WIRE_DENY ||
                 number == WIRE_UNKNOWN;

    if (valid)
        message->result = (enum wire_result)number;
    return valid;
}

static bool field_reason(const struct field *field, struct wire_message *message)
{
    bool valid = field_text(field, message->reason, WIRE_REASON_MAX, false);

    for (size_t i = 0; valid && i < field->length; i++) {
        char c = message->reason[i];

        valid = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
    }
    return valid;
}

static bool field_verdict(const struct field *field, struct wire_message *message)
{
    bool valid = true; /* a tag that nobody knows is skipped */

    switch (field->tag) {
    case VERDICT_NONCE:
        valid = field->length == sizeof message->nonce;
        if (valid)
            memcpy(message->nonce, field->value, sizeof message->nonce);
        break;
    case VERDICT_RESULT:
        valid = field_result(field, message);
        break;
    case VERDICT_REASON:
        valid = field_reason(field, message);
        break;
    case VERDICT_LOGIN:
        valid = field_text(field, message->login, WIRE_LOGIN_MAX, false);
        break;
    default:
        break;
    }
    return valid;
}

static bool field_decode(const struct field *field, struct wire_message *message)
{
    bool valid = false;

    switch (message->type) {
    case WIRE_SHOW:
        valid = field_show(field, message);
        break;
    case WIRE_PROMPT:
        valid = field_prompt(field, message);
        break;
    case WIRE_VERDICT:
        valid = field_verdict(field, message);
        break;
    case WIRE_HEARTBEAT:
        valid = true;
        break;
    case WIRE_NOTHING:
    case WIRE_BEGIN:
    case WIRE_ANSWER:
        break;
    }
    return valid;
}

/* Bit n stands for tag n. */
static uint32_t required_tags(enum wire_type type)
{
    uint32_t tags = 0;

    switch (type) {
    case WIRE_SHOW:
        tags = 1U << SHOW_STYLE | 1U << SHOW_TEXT;
        break;
    case WIRE_PROMPT:
        tags = 1U << PROMPT_NUMBER | 1U << PROMPT_ECHO | 1U << PROMPT_TEXT;
        break;
    case WIRE_VERDICT:
        tags = 1U << VERDICT_NONCE | 1U << VERDICT_RESULT | 1U << VERDICT_REASON | 1U << VERDICT_LOGIN;
        break;
    case WIRE_NOTHING:
    case WIRE_BEGIN:
    case WIRE_ANSWER:
    case WIRE_HEARTBEAT:
        break;
    }
    return tags;
}

static bool body_decode(const uint8_t *body, size_t length, struct wire_message *message)
{
    uint32_t seen = 0;
    uint16_t before = 0;
    size_t at = 0;
    bool valid = true;

    while (valid && at < length) {
        struct field field = {0};

        valid = length - at >= FIELD_HEADER_SIZE;
        if (valid) {
            field.tag = load_u16(body + at);
            field.length = load_u16(body + at + 2);
            field.value = body + at + FIELD_HEADER_SIZE;
            valid = field.tag > before && length - at - FIELD_HEADER_SIZE >= field.length && field_decode(&field, message);
        }
        if (valid) {
            before = field.tag;
            seen |= field.tag < 32 ? 1U << field.tag : 0;
            at += FIELD_HEADER_SIZE + (size_t)field.length;
        }
    }
    return valid && (seen & required_tags(message->type)) == required_tags(message->type);
}

static bool is_from_daemon(uint8_t type)
{
    return type == WIRE_SHOW || type == WIRE_PROMPT || type == WIRE_VERDICT || type == WIRE_HEARTBEAT;
}

enum wire_status wire_decode(const uint8_t *bytes, size_t count, struct wire_message *message, size_t *used)
{
    enum wire_status status = WIRE_MALFORMED;
    bool header_valid = (count < 1 || bytes[0] == MAGIC_0) && (count < 2 || bytes[1] == MAGIC_1) &&
                        (count < 3 || bytes[2] == VERSION) && (count < 4 || is_from_daemon(bytes[3])) &&
                        (count < WIRE_HEADER_SIZE || load_u32(bytes + 4) <= BODY_MAX);

    memset(message, 0, sizeof *message);
    *used = 0;
    if (!header_valid)
        status = WIRE_MALFORMED;
    else if (count < WIRE_HEADER_SIZE || count - WIRE_HEADER_SIZE < load_u32(bytes + 4))
        status = WIRE_MORE;
    else {
        size_t length = load_u32(bytes + 4);

        message->type = (enum wire_type)bytes[3];
        if (body_decode(bytes + WIRE_HEADER_SIZE, length, message)) {
            *used = WIRE_HEADER_SIZE + length;
            status = WIRE_DONE;
        }
    }
    if (status != WIRE_DONE)
        message->type = WIRE_NOTHING;
    return status;
}
