#define _GNU_SOURCE
#include "epoll.h"
#include <poll.h>
#include <stddef.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

enum { MOST_EVENTS = 64 };

int duet_accept(int listener) { return accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC); }

int duet_epoll_create(void) { return epoll_create1(EPOLL_CLOEXEC); }

int duet_epoll_watch(int epoll, int descriptor, unsigned long id, int once)
{
    struct epoll_event event = {.events = EPOLLIN | EPOLLRDHUP | (once ? EPOLLET : 0), .data = {.u64 = id}};
    return epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event);
}

int duet_epoll_want(int epoll, int descriptor, int reads, int writes)
{
    struct epoll_event event = {.events = (reads ? EPOLLIN : 0u) | (writes ? EPOLLOUT : 0u), .data = {.u64 = (unsigned long)descriptor}};
    if (epoll_ctl(epoll, EPOLL_CTL_MOD, descriptor, &event) == 0) return 0;
    return epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event);
}

int duet_epoll_forget(int epoll, int descriptor) { return epoll_ctl(epoll, EPOLL_CTL_DEL, descriptor, NULL); }

int duet_epoll_wait(int epoll, unsigned long *ids, int most, int milliseconds)
{
    struct epoll_event events[MOST_EVENTS];
    int count = epoll_wait(epoll, events, most < MOST_EVENTS ? most : MOST_EVENTS, milliseconds);
    for (int i = 0; i < count; i++) ids[i] = events[i].data.u64;
    return count;
}

int duet_event_create(void) { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }

void duet_event_wait(int event, int descriptor, int milliseconds)
{
    struct pollfd watched[] = {{.fd = event, .events = POLLIN}, {.fd = descriptor, .events = POLLIN}};
    eventfd_t count;
    if (poll(watched, 2, milliseconds) > 0 && watched[0].revents) (void)!eventfd_read(event, &count);
}

void duet_event_set(int event) { (void)!eventfd_write(event, 1); }

unsigned int duet_peer_uid(int descriptor)
{
    struct ucred peer;
    socklen_t size = sizeof peer;
    return getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 && size == sizeof peer ? peer.uid : (unsigned int)-1;
}
