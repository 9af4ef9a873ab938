/* A daemon that follows a script on a real socket, in a process of its own. It shares no code with the module. */
#ifndef DUET_TESTS_DAEMON_H
#define DUET_TESTS_DAEMON_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum step_kind {
    STEP_END, /* of the script: the module must hang up, and send nothing more */
    STEP_NO_BEGIN,
    STEP_PREFETCH,   /* first of all: the module sends PREFETCH, not BEGIN */
    STEP_HAS,        /* BEGIN has this text behind the tag */
    STEP_HAS_NUMBER, /* BEGIN has this number behind the tag */
    STEP_HAS_NOT,    /* BEGIN does not have the tag */
    STEP_HAS_SESSION, /* BEGIN has the facts about the session of the module's process */
    STEP_HAS_TIMEOUT, /* BEGIN's timeout is at most so many milliseconds, and at least a second less */
    STEP_SHOW,
    STEP_PROMPT,
    STEP_PROMPT_OFF,
    STEP_ANSWER, /* the module must send this answer */
    STEP_HEARTBEAT,
    STEP_HEARTBEATS, /* one each 100 ms until the module hangs up */
    STEP_VERDICT,
    STEP_OTHER_VERDICT, /* with another nonce */
    STEP_CUT_VERDICT,   /* its first bytes */
    STEP_RAW,
    STEP_PAUSE, /* milliseconds */
    STEP_HANG_UP,
    STEP_SIGNAL,       /* to the module's process */
    STEP_CLIENT_GONE,  /* closes the client's descriptor, or the master of the terminal */
    STEP_AGAIN,        /* the script from the start, for another login */
    STEP_ACCEPT_LATER, /* first of all: milliseconds before accept, and so many connections that say nothing */
};

struct step {
    enum step_kind kind;
    unsigned number;
    const char *text;
};

struct daemon_script {
    const struct step *steps;
    bool bytewise; /* each byte is sent alone */
    uid_t uid;     /* who listens */
    int client;    /* for STEP_CLIENT_GONE */
};

/* Start a daemon at the bound `socket`; it listens when this returns. */
pid_t daemon_start(int socket, const struct daemon_script *script);

/* Whether it followed its script to the end. What went wrong is on stderr. */
bool daemon_finished(pid_t daemon);

#endif
