/* The way to the daemon: a path that only root could have laid, and a peer that is the daemon. */
#ifndef DUET_SOCKET_H
#define DUET_SOCKET_H

#include <security/pam_modules.h>

enum socket_status {
    SOCKET_FAILED,      /* untrusted path or peer, no resources: logged; never a reason to let a login pass */
    SOCKET_UNREACHABLE, /* connect() said ENOENT or ECONNREFUSED, and nothing else did: logged */
    SOCKET_BUSY,        /* the daemon's queue is full: try again */
    SOCKET_CONNECTED,
};

/* Check the path, connect, check the peer. `*fd` is nonblocking and closed on exec; -1 unless SOCKET_CONNECTED. Without a
 * `pamh` nothing is logged. */
enum socket_status socket_connect(pam_handle_t *pamh, const char *path, int *fd);

/* Move a new descriptor behind stderr (a host may have closed 0 to 2, and will write there). -1 stays -1. */
int socket_above_stdio(int fd);

#endif
