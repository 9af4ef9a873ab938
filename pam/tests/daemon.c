/* A daemon that follows a script on a real socket, in a process of its own. It shares no code with the module. */
#include "daemon.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    FRAME = 16384,
    PATIENCE = 5000, /* milliseconds */
};

static int connection = -1;
static uint8_t begin[FRAME];
static size_t begin_size;
static const struct daemon_script *playing;

__attribute__((noreturn)) static void fail(const char *what)
{
    fprintf(stderr, "  the daemon: %s\n", what);
    _exit(1);
}

/* ---- frames ---- */

static size_t field(uint8_t *at, unsigned tag, const void *value, size_t length)
{
    at[0] = 0;
    at[1] = (uint8_t)tag;
    at[2] = (uint8_t)(length >> 8);
    at[3] = (uint8_t)length;
    memcpy(at + 4, value, length);
    return 4 + length;
}

static size_t seal(uint8_t *frame, unsigned type, size_t body)
{
    const uint8_t header[8] = {'D', 'U', 1, (uint8_t)type, 0, 0, (uint8_t)(body >> 8), (uint8_t)body};

    memcpy(frame, header, sizeof header);
    return sizeof header + body;
}

static void put(const uint8_t *bytes, size_t size)
{
    size_t piece = playing->bytewise ? 1 : size;

    for (size_t at = 0; at < size; at += piece) {
        if (send(connection, bytes + at, piece, MSG_NOSIGNAL) != (ssize_t)piece)
            break; /* the module has hung up: it is for the script's end to say whether it might */
        if (playing->bytewise)
            usleep(300);
    }
}

static void put_text(unsigned type, unsigned number_size, unsigned number, unsigned style, const char *text)
{
    uint8_t frame[FRAME];
    uint8_t bytes[4] = {(uint8_t)(number >> 24), (uint8_t)(number >> 16), (uint8_t)(number >> 8), (uint8_t)number};
    uint8_t one = (uint8_t)style;
    size_t size = 8;
    unsigned tag = 1;

    if (number_size == 4)
        size += field(frame + size, tag++, bytes, sizeof bytes);
    size += field(frame + size, tag++, &one, 1);
    size += field(frame + size, tag, text, strlen(text));
    put(frame, seal(frame, type, size - 8));
}

static void put_verdict(const char *result, uint8_t change, size_t cut)
{
    uint8_t frame[FRAME];
    uint8_t nonce[16];
    size_t size = 8;

    memcpy(nonce, begin + 12, sizeof nonce);
    nonce[15] ^= change;
    size += field(frame + size, 1, nonce, sizeof nonce);
    size += field(frame + size, 2, result, 4);
    size += field(frame + size, 3, "some_reason", 11);
    size += field(frame + size, 4, "f00dcafe", 8);
    size = seal(frame, 0x83, size - 8);
    put(frame, cut == 0 ? size : cut);
}

static size_t get(uint8_t *bytes, size_t size)
{
    size_t count = 0;
    struct pollfd fd = {.fd = connection, .events = POLLIN};

    while (count < size) {
        ssize_t got;

        if (poll(&fd, 1, PATIENCE) != 1)
            fail("waited too long for the module");
        got = recv(connection, bytes + count, size - count, 0);
        if (got <= 0)
            break;
        count += (size_t)got;
    }
    return count;
}

static size_t get_frame(uint8_t *frame)
{
    size_t size;

    if (get(frame, 8) != 8)
        fail("the module hung up and should have sent a frame");
    size = (size_t)(frame[6] << 8 | frame[7]);
    if (get(frame + 8, size) != size)
        fail("the module sent half a frame");
    return 8 + size;
}

static const uint8_t *begin_field(unsigned tag, size_t *length)
{
    const uint8_t *found = NULL;

    for (size_t at = 8; found == NULL && at + 4 <= begin_size;) {
        *length = (size_t)(begin[at + 2] << 8 | begin[at + 3]);
        if ((unsigned)(begin[at] << 8 | begin[at + 1]) == tag)
            found = begin + at + 4;
        at += 4 + *length;
    }
    return found;
}

static unsigned number_at(const uint8_t *at)
{
    return (unsigned)at[0] << 24 | (unsigned)at[1] << 16 | (unsigned)at[2] << 8 | at[3];
}

static unsigned begin_number(unsigned tag)
{
    size_t length = 0;
    const uint8_t *value = begin_field(tag, &length);

    if (value == NULL || length != 4)
        fail("BEGIN lacks a number");
    return number_at(value);
}

static void check_session(void)
{
    size_t length = 0;
    const uint8_t *value;

    if (begin_number(16) != (unsigned)getsid(getppid()))
        fail("BEGIN has another session");
    value = begin_field(18, &length);
    if (value == NULL || length != 20 || number_at(value + 16) != getuid())
        fail("BEGIN has another parent");
    value = begin_field(19, &length);
    if (value == NULL || length < 24 || length % 12 != 0 || number_at(value) != (unsigned)getppid() ||
        memcmp(value + 12, begin_field(18, &length), 12) != 0)
        fail("BEGIN has other ancestors");
}

/* ---- the script ---- */

static void play_begin(const struct step *step)
{
    size_t length = 0;
    const uint8_t *value;

    switch (step->kind) {
    case STEP_HAS:
        value = begin_field(step->number, &length);
        if (value == NULL || length != strlen(step->text) || memcmp(value, step->text, length) != 0)
            fail(step->text);
        break;
    case STEP_HAS_NOT:
        if (begin_field(step->number, &length) != NULL)
            fail("BEGIN has a field that it should not have");
        break;
    case STEP_HAS_NUMBER:
        if (begin_number(step->number) != (unsigned)strtoul(step->text, NULL, 10))
            fail("BEGIN has another number");
        break;
    case STEP_HAS_SESSION:
        check_session();
        break;
    case STEP_HAS_TIMEOUT:
        if (begin_number(6) > step->number || begin_number(6) + 1000 < step->number)
            fail("BEGIN has another timeout");
        break;
    default:
        break;
    }
}

static void play_answer(const struct step *step)
{
    uint8_t frame[FRAME];
    uint8_t expected[FRAME];
    const uint8_t number[4] = {0, 0, 0, (uint8_t)step->number};
    size_t size = 8;
    size_t got = get_frame(frame);

    size += field(expected + size, 1, number, sizeof number);
    size += field(expected + size, 2, step->text, strlen(step->text));
    size = seal(expected, 0x02, size - 8);
    if (got != size || memcmp(frame, expected, size) != 0)
        fail("the module sent another answer");
}

static void play_heartbeats(void)
{
    struct pollfd fd = {.fd = connection, .events = POLLIN};

    for (int i = 0; i < PATIENCE / 100 && poll(&fd, 1, 100) == 0; i++)
        put((const uint8_t *)"DU\1\x84\0\0\0\0", 8);
}

static void play_step(const struct step *step)
{
    switch (step->kind) {
    case STEP_SHOW:
        put_text(0x81, 0, 0, step->number, step->text);
        break;
    case STEP_PROMPT:
        put_text(0x82, 4, step->number, 1, step->text);
        break;
    case STEP_PROMPT_OFF:
        put_text(0x82, 4, step->number, 2, step->text);
        break;
    case STEP_ANSWER:
        play_answer(step);
        break;
    case STEP_HEARTBEAT:
        put((const uint8_t *)"DU\1\x84\0\0\0\0", 8);
        break;
    case STEP_HEARTBEATS:
        play_heartbeats();
        break;
    case STEP_VERDICT:
        put_verdict(step->text, 0, 0);
        break;
    case STEP_OTHER_VERDICT:
        put_verdict(step->text, 1, 0);
        break;
    case STEP_CUT_VERDICT:
        put_verdict(step->text, 0, step->number);
        break;
    case STEP_RAW:
        put((const uint8_t *)step->text, step->number);
        break;
    case STEP_PAUSE:
        usleep(step->number * 1000);
        break;
    case STEP_HANG_UP:
        shutdown(connection, SHUT_RDWR);
        close(connection);
        connection = -1;
        break;
    case STEP_SIGNAL:
        kill(getppid(), (int)step->number);
        break;
    case STEP_CLIENT_GONE:
        close(playing->client);
        break;
    case STEP_HAS:
    case STEP_HAS_NUMBER:
    case STEP_HAS_NOT:
    case STEP_HAS_SESSION:
    case STEP_HAS_TIMEOUT:
        play_begin(step);
        break;
    case STEP_END:
    case STEP_NO_BEGIN:
    case STEP_PREFETCH:
    case STEP_AGAIN:
    case STEP_ACCEPT_LATER:
        break;
    }
}

static void play_end(void)
{
    uint8_t byte;

    if (connection >= 0 && get(&byte, 1) != 0)
        fail("the module sent something more");
    close(connection);
    connection = -1;
}

static void play(int listener)
{
    const struct step *step = playing->steps;

    if (step->kind == STEP_ACCEPT_LATER) {
        usleep(step->number * 1000);
        for (int i = atoi(step->text); i > 0; i--)
            close(accept4(listener, NULL, NULL, SOCK_CLOEXEC));
        step++;
    }
    do {
        connection = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
        if (step->kind == STEP_NO_BEGIN)
            break;
        begin_size = get_frame(begin);
        if (begin[3] != (playing->steps->kind == STEP_PREFETCH ? 0x03 : 0x01) || begin[9] != 1 || begin[11] != 16)
            fail("the module opened with something else");
        for (step = playing->steps; step->kind != STEP_END && step->kind != STEP_AGAIN; step++)
            play_step(step);
        if (connection >= 0)
            play_end();
    } while (step->kind == STEP_AGAIN);
    if (connection >= 0)
        play_end();
}

pid_t daemon_start(int socket, const struct daemon_script *script)
{
    int ready[2];
    pid_t child;
    char byte;

    if (pipe2(ready, O_CLOEXEC) != 0)
        abort();
    child = fork();
    if (child == 0) {
        playing = script;
        alarm(15);
        signal(SIGHUP, SIG_IGN); /* which the module's terminal sends to all who share it */
        if (script->uid != 0 && setresuid(script->uid, script->uid, script->uid) != 0)
            fail("cannot become another user");
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (listen(socket, 8) != 0 || write(ready[1], "", 1) != 1)
            fail("cannot listen");
        play(socket);
        _exit(0);
    }
    close(ready[1]);
    if (read(ready[0], &byte, 1) != 1)
        abort();
    close(ready[0]);
    return child;
}

bool daemon_finished(pid_t daemon)
{
    int status = 1;

    return waitpid(daemon, &status, 0) == daemon && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}
