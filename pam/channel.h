/* The connection to the daemon for one login: whole frames until a deadline, unless nobody waits for them any more. */
#ifndef DUET_CHANNEL_H
#define DUET_CHANNEL_H

#include "wire.h"

#include <security/pam_modules.h>
#include <stdbool.h>
#include <stdint.h>

enum channel_status {
    CHANNEL_FAILED,      /* peer, protocol, resources or silence: logged */
    CHANNEL_UNREACHABLE, /* nobody listens, nothing was sent: logged */
    CHANNEL_TIMEOUT,
    CHANNEL_INTERRUPTED, /* SIGINT or SIGQUIT */
    CHANNEL_CLIENT_GONE,
    CHANNEL_TERMINAL_GONE, /* it hung up */
    CHANNEL_READY,
};

struct channel {
    pam_handle_t *pamh;

    /* CLOCK_MONOTONIC milliseconds. */
    int64_t deadline; /* of the whole login, the host's conversation included */
    int64_t heard;    /* when the last frame came, or when the next could first have been read */

    int daemon;
    int signals; /* SIGINT and SIGQUIT that the host blocks: polled, never read */
    int client;  /* the host's own: polled, never read, never closed */
    int terminal; /* the controlling one, of our own opening: polled for its hanging up, never read */

    size_t count;
    uint8_t bytes[WIRE_FRAME_MAX]; /* of the daemon; until the first have come, room for what is sent to it */
};

/* Time runs from here, and the terminal is held. Afterwards the channel is closed by channel_close, whatever became of it. */
void channel_prepare(struct channel *channel, pam_handle_t *pamh, unsigned seconds);
enum channel_status channel_open(struct channel *channel, const char *path, const char *ssh_connection);
void channel_close(struct channel *channel);

/* Milliseconds to the deadline, at least 1. */
uint32_t channel_left(const struct channel *channel);

/* Say that nothing could be read until now, because the host's conversation ran. */
void channel_resume(struct channel *channel);

enum channel_status channel_send(struct channel *channel, const uint8_t *frame, size_t size);

/* Take the next frame; unless `wait`, it is WIRE_NOTHING if no whole one has arrived. */
enum channel_status channel_receive(struct channel *channel, bool wait, struct wire_message *message);

#endif
