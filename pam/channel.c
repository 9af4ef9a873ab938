/* The connection to the daemon for one login: whole frames until a deadline, unless nobody waits for them any more. */
#include "channel.h"

#include "client.h"
#include "session.h"
#include "socket.h"

#include <errno.h>
#include <poll.h>
#include <security/pam_ext.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

/* Milliseconds without a frame. The tests build with fewer. */
#ifndef DUET_SILENCE
#define DUET_SILENCE 15000
#endif

enum {
    BUSY_PAUSE = 20, /* milliseconds between attempts while the daemon's queue is full */
};

static int64_t clock_now(void)
{
    struct timespec now = {0};

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* sudo blocks these two: then they stay pending and can be polled. A host that does not block them gets them itself. */
static int watch_signals(void)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGQUIT);
    return socket_above_stdio(signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
}

/* Wait until the daemon's socket is ready for `events`, or until `until`; `*ready` if it is. Out of time and nobody
 * waiting come before a frame that is there: an allow that came too late, or that nobody waits for, is not taken. */
static enum channel_status channel_wait(struct channel *channel, short events, int64_t until, bool *ready)
{
    enum channel_status status = CHANNEL_FAILED;
    bool waiting = true;

    while (waiting) {
        struct pollfd fds[] = {
            {.fd = channel->daemon, .events = events},
            {.fd = channel->signals, .events = POLLIN},
            {.fd = channel->client, .events = POLLRDHUP},
            {.fd = channel->terminal}, /* hanging up needs not be asked for, and typing does not wake us */
        };
        int64_t silence = channel->heard + DUET_SILENCE;
        int64_t first = until < silence ? until : silence;
        int64_t left = (first < channel->deadline ? first : channel->deadline) - clock_now();
        int count = poll(fds, sizeof fds / sizeof fds[0], left > 0 ? (int)left : 0);
        bool failed = count < 0 && errno != EINTR; /* after EINTR no event is set */
        int64_t now;

        if (failed)
            pam_syslog(channel->pamh, LOG_CRIT, "cannot wait: %m");
        if ((fds[2].revents & POLLNVAL) != 0)
            channel->client = -1; /* the host has closed it */
        now = clock_now();
        *ready = fds[0].revents != 0;
        waiting = false;
        if (failed)
            status = CHANNEL_FAILED;
        else if (now >= channel->deadline)
            status = CHANNEL_TIMEOUT;
        else if ((fds[1].revents & POLLIN) != 0)
            status = CHANNEL_INTERRUPTED;
        else if ((fds[2].revents & ~POLLNVAL) != 0)
            status = CHANNEL_CLIENT_GONE;
        else if (fds[3].revents != 0)
            status = CHANNEL_TERMINAL_GONE;
        else if (*ready || now >= until)
            status = CHANNEL_READY;
        else if (now >= silence)
            pam_syslog(channel->pamh, LOG_ERR, "the daemon is silent");
        else
            waiting = true;
    }
    return status;
}

void channel_prepare(struct channel *channel, pam_handle_t *pamh, unsigned seconds)
{
    channel->pamh = pamh;
    channel->heard = clock_now();
    channel->deadline = channel->heard + (int64_t)seconds * 1000;
    channel->daemon = -1;
    channel->signals = -1;
    channel->client = -1;
    channel->terminal = session_terminal();
    channel->count = 0;
}

enum channel_status channel_open(struct channel *channel, const char *path, const char *ssh_connection)
{
    enum channel_status status = CHANNEL_READY;
    enum socket_status connected = SOCKET_BUSY;
    bool ready;

    channel->signals = watch_signals();
    channel->client = ssh_connection == NULL ? -1 : client_find(ssh_connection);
    channel->heard = clock_now();
    while (status == CHANNEL_READY && connected == SOCKET_BUSY) {
        connected = socket_connect(channel->pamh, path, &channel->daemon);
        if (connected == SOCKET_BUSY)
            status = channel_wait(channel, 0, clock_now() + BUSY_PAUSE, &ready);
    }
    if (connected == SOCKET_UNREACHABLE)
        status = CHANNEL_UNREACHABLE;
    else if (connected == SOCKET_FAILED || status == CHANNEL_TIMEOUT) /* a full queue is no answer of the daemon's */
        status = CHANNEL_FAILED;
    channel->heard = clock_now();
    return status;
}

void channel_close(struct channel *channel)
{
    if (channel->daemon >= 0)
        close(channel->daemon);
    if (channel->signals >= 0)
        close(channel->signals);
    if (channel->terminal >= 0)
        close(channel->terminal);
    channel->daemon = -1;
    channel->signals = -1;
    channel->client = -1;
    channel->terminal = -1;
}

uint32_t channel_left(const struct channel *channel)
{
    int64_t left = channel->deadline - clock_now();

    return left > 0 ? (uint32_t)left : 1;
}

void channel_resume(struct channel *channel)
{
    channel->heard = clock_now();
}

/* A daemon that has hung up is no failure here: its verdict may have come before, and is read next. */
enum channel_status channel_send(struct channel *channel, const uint8_t *frame, size_t size)
{
    enum channel_status status = CHANNEL_READY;
    size_t sent = 0;
    bool ready;

    while (status == CHANNEL_READY && sent < size) {
        ssize_t count = send(channel->daemon, frame + sent, size - sent, MSG_NOSIGNAL | MSG_DONTWAIT);

        if (count >= 0)
            sent += (size_t)count;
        else if (errno == EPIPE || errno == ECONNRESET)
            sent = size;
        else if (errno == EAGAIN || errno == EINTR)
            status = channel_wait(channel, POLLOUT, INT64_MAX, &ready);
        else {
            pam_syslog(channel->pamh, LOG_ERR, "cannot send to the daemon: %m");
            status = CHANNEL_FAILED;
        }
    }
    return status;
}

/* Read what has arrived. `*drained` when there was nothing. */
static enum channel_status channel_read(struct channel *channel, bool *drained)
{
    enum channel_status status = CHANNEL_READY;
    ssize_t count =
        recv(channel->daemon, channel->bytes + channel->count, sizeof channel->bytes - channel->count, MSG_DONTWAIT);

    *drained = false;
    if (count > 0)
        channel->count += (size_t)count;
    else if (count < 0 && (errno == EAGAIN || errno == EINTR))
        *drained = errno == EAGAIN;
    else {
        pam_syslog(channel->pamh, LOG_ERR, "the daemon hung up without a verdict");
        status = CHANNEL_FAILED;
    }
    return status;
}

enum channel_status channel_receive(struct channel *channel, bool wait, struct wire_message *message)
{
    enum channel_status status = CHANNEL_READY;
    enum wire_status decoded = WIRE_MORE;
    bool drained = false;
    bool looked = false; /* just before what was read last, whether anybody waits */
    size_t used = 0;

    while (status == CHANNEL_READY && decoded == WIRE_MORE && (wait || !drained)) {
        bool ready = false;

        decoded = wire_decode(channel->bytes, channel->count, message, &used);
        if (decoded == WIRE_MORE || !looked)
            status = channel_wait(channel, POLLIN, wait && decoded == WIRE_MORE ? INT64_MAX : 0, &ready);
        looked = true;
        if (status == CHANNEL_READY && decoded == WIRE_MORE && ready)
            status = channel_read(channel, &drained);
        else
            drained = true;
    }
    if (status == CHANNEL_READY && decoded == WIRE_MALFORMED) {
        pam_syslog(channel->pamh, LOG_ERR, "the daemon sent a malformed frame");
        status = CHANNEL_FAILED;
    } else if (status == CHANNEL_READY && decoded == WIRE_DONE) {
        channel->count -= used;
        memmove(channel->bytes, channel->bytes + used, channel->count);
        channel->heard = clock_now();
    }
    return status;
}
