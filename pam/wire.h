/* The wire of docs/protocol.md: frames to bytes and bytes to frames, without I/O and without libpam. */
#ifndef DUET_WIRE_H
#define DUET_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    WIRE_HEADER_SIZE = 8,
    WIRE_FRAME_MAX = 16384,
    WIRE_NONCE_SIZE = 16,
    WIRE_USER_MAX = 256,
    WIRE_AUTH_INFO_MAX = 8192,
    WIRE_TIMEOUT_MAX = 600000,
    WIRE_ANSWER_MAX = 512,
    WIRE_TEXT_MAX = 500,
    WIRE_REASON_MAX = 64,
    WIRE_LOGIN_MAX = 32,
    WIRE_PROCESS_SIZE = 12,
    WIRE_ANCESTORS_MAX = 32,
    WIRE_COLUMNS_MAX = 65535,
    WIRE_COMMAND_MAX = 1024,
    /* Room for the longest BEGIN, and for the longest ANSWER. */
    WIRE_BEGIN_ROOM = 11784,
    WIRE_ANSWER_ROOM = WIRE_HEADER_SIZE + 4 + 4 + 4 + WIRE_ANSWER_MAX,
};

enum wire_type {
    WIRE_NOTHING = 0x00, /* never on the wire: no frame has arrived */
    WIRE_BEGIN = 0x01,
    WIRE_ANSWER = 0x02,
    WIRE_PREFETCH = 0x03,
    WIRE_SHOW = 0x81,
    WIRE_PROMPT = 0x82,
    WIRE_VERDICT = 0x83,
    WIRE_HEARTBEAT = 0x84,
};

/* The four letters of each result. None is 0, and no single byte turns a refusal into an allow. */
enum wire_result {
    WIRE_ALLOW = 0x414C4C57,
    WIRE_IGNORE = 0x49474E52,
    WIRE_RETRY = 0x52545259,
    WIRE_DENY = 0x44454E59,
    WIRE_UNKNOWN = 0x55534552,
};

enum wire_style {
    WIRE_INFORMATION = 1,
    WIRE_ERROR = 2,
};

enum wire_echo {
    WIRE_ECHO_ON = 1,
    WIRE_ECHO_OFF = 2,
};

enum {
    WIRE_FLAG_SILENT = 1U << 0,
};

/* One process of one boot. */
struct wire_process {
    uint32_t pid; /* 0: not known */
    uint64_t start; /* clock ticks since boot */
};

/* Where on the host a login comes from. What is 0 is not known, and left out. */
struct wire_session {
    uint32_t id;
    uint32_t terminal; /* tty_nr; not without a leader */
    struct wire_process leader;
    struct wire_process parent; /* not without its session */
    uint32_t parent_session;
    uint32_t parent_user;
    uint32_t columns;
    char command[WIRE_COMMAND_MAX + 1]; /* empty: not known */
    size_t ancestor_count;
    struct wire_process ancestors[WIRE_ANCESTORS_MAX]; /* the host process first */
};

/* What opens a login. Texts end with a NUL; an optional one is NULL when there is nothing to say. */
struct wire_begin {
    uint8_t nonce[WIRE_NONCE_SIZE];
    const char *user;
    const char *service;
    uint32_t caller;
    uint32_t flags;
    uint32_t timeout; /* milliseconds */
    const char *rhost;
    const char *tty;
    const char *ruser;
    const char *ssh_connection;
    const char *auth_info;
    struct wire_session session;
};

/* A frame from the daemon. Members that its type does not have are zero; texts end with a NUL. */
struct wire_message {
    enum wire_type type;
    uint8_t style; /* enum wire_style */
    uint8_t echo;  /* enum wire_echo */
    uint32_t prompt;
    enum wire_result result;
    uint8_t nonce[WIRE_NONCE_SIZE];
    char text[WIRE_TEXT_MAX + 1];
    char reason[WIRE_REASON_MAX + 1];
    char login[WIRE_LOGIN_MAX + 1];
};

enum wire_status {
    WIRE_MALFORMED,
    WIRE_MORE, /* the bytes are the beginning of a frame */
    WIRE_DONE,
};

/* Whether `length` bytes are UTF-8 without NUL and control characters; LF is permitted if `lines`. */
bool wire_is_text(const void *bytes, size_t length, bool lines);

/* Write a frame into `frame` and return its size, or 0 if a value is outside its row or there is no room. */
size_t wire_encode_begin(const struct wire_begin *begin, uint8_t *frame, size_t room);
/* The fields of BEGIN under another type. */
size_t wire_encode_prefetch(const struct wire_begin *begin, uint8_t *frame, size_t room);
size_t wire_encode_answer(uint32_t prompt, const char *text, uint8_t *frame, size_t room);

/* Read the first frame from the daemon in `bytes`; `*used` is its size when it is there. */
enum wire_status wire_decode(const uint8_t *bytes, size_t count, struct wire_message *message, size_t *used);

#endif
