/* What Swift's module of the C library does not show: epoll, eventfd, and accept4, which takes a transparent union. Prototypes
   alone: a system header in here would be in two modules, and Swift would find some of its names in neither. */
#pragma once

/* The next connection, non-blocking and closed on exec; -1 and errno as accept4(2). */
int duet_accept(int listener);

int duet_epoll_create(void);

/* Tells when `descriptor` can be read or was hung up, again and again, under the number `id`. With `once`, only what is new. */
int duet_epoll_watch(int epoll, int descriptor, unsigned long id, int once);

/* Tells, from now on, when `descriptor` can be read (`reads`) or written (`writes`), under its own number. */
int duet_epoll_want(int epoll, int descriptor, int reads, int writes);

int duet_epoll_forget(int epoll, int descriptor);

/* Waits at most `milliseconds` (-1: for ever), and writes the numbers of those that have something to say into `ids`. */
int duet_epoll_wait(int epoll, unsigned long *ids, int most, int milliseconds);

int duet_event_create(void);

/* Waits at most `milliseconds` for something to read at `descriptor`, or for the event, which is taken. */
void duet_event_wait(int event, int descriptor, int milliseconds);

/* Wakes whoever watches the event. */
void duet_event_set(int event);

/* The uid of the peer of a Unix socket (SO_PEERCRED); -1, which is nobody's, when the kernel does not say. */
unsigned int duet_peer_uid(int descriptor);
