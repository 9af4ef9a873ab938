/* The module's arguments in a PAM configuration line. */
#include "options.h"

#include <stddef.h>
#include <string.h>

#ifndef DUET_SOCKET
#define DUET_SOCKET "/run/duet/login.sock"
#endif

enum {
    TIMEOUT_DEFAULT = 110, /* below the 120 s of sshd's LoginGraceTime, above the 100 s of the daemon */
    TIMEOUT_MAX = 600,
};

/* Bits of what has been seen. */
enum {
    SEEN_SOCKET = 1U << 0,
    SEEN_FAIL = 1U << 1,
    SEEN_TIMEOUT = 1U << 2,
    SEEN_DEBUG = 1U << 3,
    SEEN_PREFETCH = 1U << 4,
};

/* What follows `name` in `argument`, NULL if it begins otherwise. */
static const char *value_of(const char *argument, const char *name)
{
    size_t length = strlen(name);

    return strncmp(argument, name, length) == 0 ? argument + length : NULL;
}

/* Decimal, no sign, no leading zero, 1 to TIMEOUT_MAX; 0 if it is not. */
static unsigned parse_timeout(const char *value)
{
    unsigned number = 0;
    bool valid = value[0] != '0';

    for (size_t i = 0; valid && value[i] != '\0'; i++) {
        valid = value[i] >= '0' && value[i] <= '9';
        if (valid) {
            number = number * 10 + (unsigned)(value[i] - '0');
            valid = number <= TIMEOUT_MAX;
        }
    }
    return valid ? number : 0;
}

static enum options_status parse_one(const char *argument, struct options *options, unsigned *seen)
{
    enum options_status status = OPTIONS_UNKNOWN;
    unsigned bit = 0;
    bool valid = false;
    const char *value;

    if ((value = value_of(argument, "socket=")) != NULL) {
        bit = SEEN_SOCKET;
        valid = value[0] != '\0';
        options->socket = value;
    } else if ((value = value_of(argument, "fail=")) != NULL) {
        bit = SEEN_FAIL;
        options->fail_open = strcmp(value, "open") == 0;
        valid = options->fail_open || strcmp(value, "closed") == 0;
    } else if ((value = value_of(argument, "timeout=")) != NULL) {
        bit = SEEN_TIMEOUT;
        options->timeout = parse_timeout(value);
        valid = options->timeout != 0;
    } else if (strcmp(argument, "debug") == 0) {
        bit = SEEN_DEBUG;
        valid = true;
        options->debug = true;
    } else if (strcmp(argument, "prefetch") == 0) {
        bit = SEEN_PREFETCH;
        valid = true;
        options->prefetch = true;
    }
    if (bit == 0)
        status = OPTIONS_UNKNOWN;
    else if ((*seen & bit) != 0)
        status = OPTIONS_REPEATED;
    else if (!valid)
        status = OPTIONS_MALFORMED;
    else
        status = OPTIONS_DONE;
    *seen |= bit;
    return status;
}

enum options_status options_parse(int argc, const char **argv, struct options *options, const char **culprit)
{
    enum options_status status = OPTIONS_DONE;
    unsigned seen = 0;

    *options = (struct options){.socket = DUET_SOCKET, .timeout = TIMEOUT_DEFAULT};
    *culprit = NULL;
    for (int i = 0; status == OPTIONS_DONE && i < argc; i++) {
        status = parse_one(argv[i], options, &seen);
        if (status != OPTIONS_DONE)
            *culprit = argv[i];
    }
    /* Whoever writes fail= wants a decision: a line that was meant to ask must not let everybody pass by. */
    if (status == OPTIONS_DONE && options->prefetch && (seen & (SEEN_FAIL | SEEN_TIMEOUT)) != 0) {
        status = OPTIONS_CONFLICT;
        *culprit = "prefetch";
    }
    return status;
}
