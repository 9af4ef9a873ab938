/* The module's arguments in a PAM configuration line. */
#ifndef DUET_OPTIONS_H
#define DUET_OPTIONS_H

#include <stdbool.h>

#define OPTIONS_VALID "socket=PATH fail=closed|open timeout=1..600 debug prefetch"

struct options {
    const char *socket;
    unsigned timeout; /* seconds, 1 to 600 */
    bool fail_open;   /* a daemon that is unreachable lets the login pass */
    bool debug;
    bool prefetch; /* only tell the daemon who is coming */
};

enum options_status {
    OPTIONS_UNKNOWN,
    OPTIONS_REPEATED,
    OPTIONS_MALFORMED,
    OPTIONS_CONFLICT, /* a line that prefetches decides nothing, so it has neither fail= nor timeout= */
    OPTIONS_DONE,
};

/* Read all arguments; `*culprit` is the one that could not be read. */
enum options_status options_parse(int argc, const char **argv, struct options *options, const char **culprit);

#endif
