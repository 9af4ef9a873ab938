#pragma once
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

// Swift's module of the C library shows neither epoll nor eventfd, and not accept4, which takes a transparent union.

/* The next connection, non-blocking and closed on exec; -1 and errno as accept4(2). */
static inline int duet_accept(int listener) { return accept4(listener, (struct sockaddr *)0, (socklen_t *)0, SOCK_NONBLOCK | SOCK_CLOEXEC); }

static inline int duet_epoll_create(void) { return epoll_create1(EPOLL_CLOEXEC); }

/* Tells when `descriptor` can be read or was hung up, again and again, under the number `id`. With `once`, only what is new. */
static inline int duet_epoll_watch(int epoll, int descriptor, unsigned long id, int once) {
    struct epoll_event event = {.events = EPOLLIN | EPOLLRDHUP | (once ? EPOLLET : 0), .data = {.u64 = id}};
    return epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event);
}

static inline int duet_epoll_forget(int epoll, int descriptor) { return epoll_ctl(epoll, EPOLL_CTL_DEL, descriptor, (struct epoll_event *)0); }

/* Waits at most `milliseconds` (-1: for ever), and writes the numbers of those that have something to say into `ids`. */
static inline int duet_epoll_wait(int epoll, unsigned long *ids, int most, int milliseconds) {
    struct epoll_event events[64];
    int count = epoll_wait(epoll, events, most < 64 ? most : 64, milliseconds);
    for (int i = 0; i < count; i++) ids[i] = events[i].data.u64;
    return count;
}

static inline int duet_event_create(void) { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }

/* Wakes whoever watches the event. */
static inline void duet_event_set(int event) { (void)!eventfd_write(event, 1); }

/* The uid of the peer of a Unix socket (SO_PEERCRED); -1, which is nobody's, when the kernel does not say. */
static inline unsigned int duet_peer_uid(int descriptor) {
    struct { int pid; unsigned int uid, gid; } peer; /* struct ucred */
    socklen_t size = sizeof peer;
    return getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 && size == sizeof peer ? peer.uid : (unsigned int)-1;
}
