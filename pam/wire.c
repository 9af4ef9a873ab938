/* The wire of docs/protocol.md: frames to bytes and bytes to frames, without I/O and without libpam. */
#include "wire.h"

#include <string.h>

_Static_assert(sizeof(enum wire_result) == 4, "a result is set through its four bytes");

enum {
    MAGIC_0 = 0x44,
    MAGIC_1 = 0x55,
    VERSION = 1,
    TYPE_OFFSET = 3,
    BODY_MAX = WIRE_FRAME_MAX - WIRE_HEADER_SIZE,
    FIELD_HEADER_SIZE = 4,
};

/* What a value may hold. */
enum kind {
    KIND_BYTES,  /* anything */
    KIND_CHOICE, /* u8: 1 or 2 */
    KIND_NUMBER, /* u32: from 1 */
    KIND_RESULT, /* u32: an enum wire_result */
    KIND_TEXT,   /* UTF-8 without control characters */
    KIND_LINES,  /* the same, with LF */
    KIND_WORD,   /* a-z, 0-9 and _ */
};

/* A row of the tables in docs/protocol.md. */
struct row {
    enum wire_type type;
    uint16_t tag;
    enum kind kind;
    uint16_t least; /* bytes */
    uint16_t most;
    bool required;
    size_t member; /* where the decoder puts it in struct wire_message */
};

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
    BEGIN_SESSION = 16,
    BEGIN_TERMINAL,
    BEGIN_PARENT,
    BEGIN_ANCESTORS,
    BEGIN_COLUMNS,
    BEGIN_COMMAND,
    ANSWER_PROMPT = 1,
    ANSWER_TEXT,
};

/* clang-format off */
static const struct row rows[] = {
    {WIRE_BEGIN, BEGIN_NONCE, KIND_BYTES, WIRE_NONCE_SIZE, WIRE_NONCE_SIZE, true, 0},
    {WIRE_BEGIN, BEGIN_USER, KIND_TEXT, 1, WIRE_USER_MAX, true, 0},
    {WIRE_BEGIN, BEGIN_SERVICE, KIND_TEXT, 1, 255, true, 0},
    {WIRE_BEGIN, BEGIN_CALLER, KIND_BYTES, 4, 4, true, 0},
    {WIRE_BEGIN, BEGIN_FLAGS, KIND_BYTES, 4, 4, true, 0},
    {WIRE_BEGIN, BEGIN_TIMEOUT, KIND_NUMBER, 4, 4, true, 0},
    {WIRE_BEGIN, BEGIN_RHOST, KIND_TEXT, 1, 255, false, 0},
    {WIRE_BEGIN, BEGIN_TTY, KIND_TEXT, 1, 255, false, 0},
    {WIRE_BEGIN, BEGIN_RUSER, KIND_TEXT, 1, 256, false, 0},
    {WIRE_BEGIN, BEGIN_SSH_CONNECTION, KIND_TEXT, 1, 255, false, 0},
    {WIRE_BEGIN, BEGIN_AUTH_INFO, KIND_LINES, 1, WIRE_AUTH_INFO_MAX, false, 0},
    {WIRE_BEGIN, BEGIN_SESSION, KIND_NUMBER, 4, 4, false, 0},
    {WIRE_BEGIN, BEGIN_TERMINAL, KIND_BYTES, 4 + WIRE_PROCESS_SIZE, 4 + WIRE_PROCESS_SIZE, false, 0},
    {WIRE_BEGIN, BEGIN_PARENT, KIND_BYTES, WIRE_PROCESS_SIZE + 8, WIRE_PROCESS_SIZE + 8, false, 0},
    {WIRE_BEGIN, BEGIN_ANCESTORS, KIND_BYTES, WIRE_PROCESS_SIZE, WIRE_ANCESTORS_MAX * WIRE_PROCESS_SIZE, false, 0},
    {WIRE_BEGIN, BEGIN_COLUMNS, KIND_NUMBER, 4, 4, false, 0},
    {WIRE_BEGIN, BEGIN_COMMAND, KIND_TEXT, 1, WIRE_COMMAND_MAX, false, 0},
    {WIRE_ANSWER, ANSWER_PROMPT, KIND_NUMBER, 4, 4, true, 0},
    {WIRE_ANSWER, ANSWER_TEXT, KIND_TEXT, 0, WIRE_ANSWER_MAX, true, 0},
    {WIRE_SHOW, 1, KIND_CHOICE, 1, 1, true, offsetof(struct wire_message, style)},
    {WIRE_SHOW, 2, KIND_LINES, 1, WIRE_TEXT_MAX, true, offsetof(struct wire_message, text)},
    {WIRE_PROMPT, 1, KIND_NUMBER, 4, 4, true, offsetof(struct wire_message, prompt)},
    {WIRE_PROMPT, 2, KIND_CHOICE, 1, 1, true, offsetof(struct wire_message, echo)},
    {WIRE_PROMPT, 3, KIND_LINES, 1, WIRE_TEXT_MAX, true, offsetof(struct wire_message, text)},
    {WIRE_VERDICT, 1, KIND_BYTES, WIRE_NONCE_SIZE, WIRE_NONCE_SIZE, true, offsetof(struct wire_message, nonce)},
    {WIRE_VERDICT, 2, KIND_RESULT, 4, 4, true, offsetof(struct wire_message, result)},
    {WIRE_VERDICT, 3, KIND_WORD, 1, WIRE_REASON_MAX, true, offsetof(struct wire_message, reason)},
    {WIRE_VERDICT, 4, KIND_TEXT, 1, WIRE_LOGIN_MAX, true, offsetof(struct wire_message, login)},
};
/* clang-format on */

enum {
    ROWS = sizeof rows / sizeof rows[0],
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
        bool plain = at[0] >= 0x20 && at[0] < 0x7F; /* as most are */
        size_t size = plain ? 1 : utf8_size(at, length);
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

/* ---- values ---- */

static const struct row *row_find(enum wire_type type, uint16_t tag)
{
    const struct row *found = NULL;

    for (size_t i = 0; found == NULL && i < ROWS; i++)
        if (rows[i].type == type && rows[i].tag == tag)
            found = &rows[i];
    return found;
}

static bool is_result(uint32_t number)
{
    return number == WIRE_ALLOW || number == WIRE_IGNORE || number == WIRE_RETRY || number == WIRE_DENY ||
           number == WIRE_UNKNOWN;
}

static bool is_word(const uint8_t *bytes, size_t length)
{
    bool valid = true;

    for (size_t i = 0; valid && i < length; i++)
        valid = (bytes[i] >= 'a' && bytes[i] <= 'z') || (bytes[i] >= '0' && bytes[i] <= '9') || bytes[i] == '_';
    return valid;
}

static bool row_permits(const struct row *row, const uint8_t *value, size_t length)
{
    bool permitted = length >= row->least && length <= row->most;

    if (permitted)
        switch (row->kind) {
        case KIND_BYTES:
            break;
        case KIND_CHOICE:
            permitted = value[0] == 1 || value[0] == 2;
            break;
        case KIND_NUMBER:
            permitted = load_u32(value) >= 1;
            break;
        case KIND_RESULT:
            permitted = is_result(load_u32(value));
            break;
        case KIND_TEXT:
            permitted = wire_is_text(value, length, false);
            break;
        case KIND_LINES:
            permitted = wire_is_text(value, length, true);
            break;
        case KIND_WORD:
            permitted = is_word(value, length);
            break;
        }
    return permitted;
}

/* ---- to the daemon ---- */

/* A frame in the making. After something that did not fit or is not permitted, nothing more is written. */
struct writer {
    enum wire_type type;
    uint8_t *frame;
    size_t room;
    size_t count;
    bool valid;
};

static struct writer writer_open(enum wire_type type, uint8_t *frame, size_t room)
{
    const uint8_t header[WIRE_HEADER_SIZE] = {MAGIC_0, MAGIC_1, VERSION, (uint8_t)type};
    struct writer writer = {type, frame, room, sizeof header, room >= sizeof header};

    if (writer.valid)
        memcpy(frame, header, sizeof header);
    return writer;
}

static void writer_bytes(struct writer *writer, uint16_t tag, const void *value, size_t length)
{
    const struct row *row = row_find(writer->type, tag);

    writer->valid = writer->valid && row != NULL && row_permits(row, value, length) &&
                    writer->room - writer->count >= FIELD_HEADER_SIZE + length;
    if (writer->valid) {
        uint8_t *at = writer->frame + writer->count;

        store_u16(at, tag);
        store_u16(at + 2, length);
        memcpy(at + FIELD_HEADER_SIZE, value, length);
        writer->count += FIELD_HEADER_SIZE + length;
    }
}

static void writer_number(struct writer *writer, uint16_t tag, uint32_t number)
{
    uint8_t bytes[4];

    store_u32(bytes, number);
    writer_bytes(writer, tag, bytes, sizeof bytes);
}

static void writer_text(struct writer *writer, uint16_t tag, const char *text)
{
    if (text != NULL) {
        writer_bytes(writer, tag, text, strlen(text));
    } else {
        const struct row *row = row_find(writer->type, tag);

        writer->valid = writer->valid && row != NULL && !row->required;
    }
}

/* A process behind `at`; what stands behind it. */
static uint8_t *store_process(uint8_t *at, const struct wire_process *process)
{
    store_u32(at, process->pid);
    store_u32(at + 4, (uint32_t)(process->start >> 32));
    store_u32(at + 8, (uint32_t)process->start);
    return at + WIRE_PROCESS_SIZE;
}

/* What a row does not say: parts that need each other, and nobody's pid. */
static bool session_is_permitted(const struct wire_session *session)
{
    bool permitted = (session->terminal == 0 || session->leader.pid != 0) &&
                     (session->parent.pid == 0 || (session->parent.pid > 1 && session->parent_session != 0)) &&
                     session->ancestor_count <= WIRE_ANCESTORS_MAX && session->columns <= WIRE_COLUMNS_MAX;

    for (size_t i = 0; permitted && i < session->ancestor_count; i++)
        permitted = session->ancestors[i].pid > 1;
    return permitted;
}

static void writer_session(struct writer *writer, const struct wire_session *session)
{
    uint8_t value[WIRE_ANCESTORS_MAX * WIRE_PROCESS_SIZE];
    uint8_t *end;

    writer->valid = writer->valid && session_is_permitted(session);
    if (session->id != 0)
        writer_number(writer, BEGIN_SESSION, session->id);
    if (session->terminal != 0) {
        store_u32(value, session->terminal);
        end = store_process(value + 4, &session->leader);
        writer_bytes(writer, BEGIN_TERMINAL, value, (size_t)(end - value));
    }
    if (session->parent.pid != 0) {
        end = store_process(value, &session->parent);
        store_u32(end, session->parent_session);
        store_u32(end + 4, session->parent_user);
        writer_bytes(writer, BEGIN_PARENT, value, (size_t)(end - value) + 8);
    }
    end = value;
    for (size_t i = 0; writer->valid && i < session->ancestor_count; i++)
        end = store_process(end, &session->ancestors[i]);
    if (end != value)
        writer_bytes(writer, BEGIN_ANCESTORS, value, (size_t)(end - value));
    if (session->columns != 0)
        writer_number(writer, BEGIN_COLUMNS, session->columns);
    if (session->command[0] != '\0')
        writer_text(writer, BEGIN_COMMAND, session->command);
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
    struct writer writer = writer_open(WIRE_BEGIN, frame, room);

    writer_bytes(&writer, BEGIN_NONCE, begin->nonce, sizeof begin->nonce);
    writer_text(&writer, BEGIN_USER, begin->user);
    writer_text(&writer, BEGIN_SERVICE, begin->service);
    writer_number(&writer, BEGIN_CALLER, begin->caller);
    writer_number(&writer, BEGIN_FLAGS, begin->flags);
    writer_number(&writer, BEGIN_TIMEOUT, begin->timeout);
    writer_text(&writer, BEGIN_RHOST, begin->rhost);
    writer_text(&writer, BEGIN_TTY, begin->tty);
    writer_text(&writer, BEGIN_RUSER, begin->ruser);
    writer_text(&writer, BEGIN_SSH_CONNECTION, begin->ssh_connection);
    writer_text(&writer, BEGIN_AUTH_INFO, begin->auth_info);
    writer_session(&writer, &begin->session);
    return begin->timeout <= WIRE_TIMEOUT_MAX ? writer_close(&writer) : 0;
}

size_t wire_encode_prefetch(const struct wire_begin *begin, uint8_t *frame, size_t room)
{
    size_t size = wire_encode_begin(begin, frame, room);

    if (size > 0)
        frame[TYPE_OFFSET] = WIRE_PREFETCH;
    return size;
}

size_t wire_encode_answer(uint32_t prompt, const char *text, uint8_t *frame, size_t room)
{
    struct writer writer = writer_open(WIRE_ANSWER, frame, room);

    writer_number(&writer, ANSWER_PROMPT, prompt);
    writer_text(&writer, ANSWER_TEXT, text);
    return writer_close(&writer);
}

/* ---- from the daemon ---- */

/* Put a permitted value into its member. Texts have room for a NUL behind the longest, which is there already. */
static void message_set(struct wire_message *message, const struct row *row, const uint8_t *value, size_t length)
{
    uint8_t *member = (uint8_t *)message + row->member;
    uint32_t number;

    if (row->kind == KIND_NUMBER || row->kind == KIND_RESULT) {
        number = load_u32(value);
        memcpy(member, &number, sizeof number);
    } else
        memcpy(member, value, length);
}

/* Read the field at `body` into the message; its whole size, or 0 if it is malformed. */
static size_t message_take(struct wire_message *message, const uint8_t *body, size_t room, uint16_t *tag, size_t *required)
{
    size_t size = 0;
    size_t length = room >= FIELD_HEADER_SIZE ? load_u16(body + 2) : 0;

    if (room >= FIELD_HEADER_SIZE + length && load_u16(body) > *tag) {
        const uint8_t *value = body + FIELD_HEADER_SIZE;
        const struct row *row = row_find(message->type, load_u16(body));

        *tag = load_u16(body);
        if (row == NULL) { /* a tag that nobody knows yet is skipped */
            size = FIELD_HEADER_SIZE + length;
        } else if (row_permits(row, value, length)) {
            message_set(message, row, value, length);
            *required -= row->required;
            size = FIELD_HEADER_SIZE + length;
        }
    }
    return size;
}

static bool message_decode(struct wire_message *message, const uint8_t *body, size_t length)
{
    size_t required = 0; /* rows that have not come yet; each comes once at most, as tags ascend */
    size_t at = 0;
    uint16_t tag = 0;
    bool valid = true;

    for (size_t i = 0; i < ROWS; i++)
        required += rows[i].type == message->type && rows[i].required;
    while (valid && at < length) {
        size_t size = message_take(message, body + at, length - at, &tag, &required);

        valid = size > 0;
        at += size;
    }
    return valid && required == 0;
}

static bool is_from_daemon(uint8_t type)
{
    return type == WIRE_SHOW || type == WIRE_PROMPT || type == WIRE_VERDICT || type == WIRE_HEARTBEAT;
}

enum wire_status wire_decode(const uint8_t *bytes, size_t count, struct wire_message *message, size_t *used)
{
    enum wire_status status = WIRE_MALFORMED;
    bool header = (count < 1 || bytes[0] == MAGIC_0) && (count < 2 || bytes[1] == MAGIC_1) &&
                  (count < 3 || bytes[2] == VERSION) && (count < 4 || is_from_daemon(bytes[3])) &&
                  (count < WIRE_HEADER_SIZE || load_u32(bytes + 4) <= BODY_MAX);

    memset(message, 0, sizeof *message);
    *used = 0;
    if (header && (count < WIRE_HEADER_SIZE || count - WIRE_HEADER_SIZE < load_u32(bytes + 4))) {
        status = WIRE_MORE;
    } else if (header) {
        message->type = (enum wire_type)bytes[3];
        if (message_decode(message, bytes + WIRE_HEADER_SIZE, load_u32(bytes + 4))) {
            *used = WIRE_HEADER_SIZE + load_u32(bytes + 4);
            status = WIRE_DONE;
        }
    }
    if (status == WIRE_MALFORMED)
        memset(message, 0, sizeof *message);
    return status;
}
