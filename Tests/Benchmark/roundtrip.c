/* The floor and ours, in one run: how long a login takes between pam_start and pam_end.
 *
 *   roundtrip serve SOCKET                            an epoll server that answers any 90 bytes with 30, for ever
 *   roundtrip measure ROUNDS SOCKET CONFDIR SERVICE USER FLAGS
 *        interleaves: connect, send 90 bytes, read 30 bytes from SOCKET ("-": leave it out) with a whole login through
 *        CONFDIR/SERVICE, which answers every prompt with "1", hidden ones with "first-factor"; prints one line of JSON,
 *        times in microseconds.
 *        FLAGS: "silent" passes PAM_SILENT (the host shows no progress), "-" nothing; "typing" is "silent" for a person who
 *        takes 500 ms for each hidden prompt, from another address each time: timed from when the last one is answered.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <security/pam_appl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

static void die(const char *what) {
    fprintf(stderr, "roundtrip: %s: %s\n", what, strerror(errno));
    exit(1);
}

static struct sockaddr_un address_of(const char *path) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof address.sun_path) die("path too long");
    strcpy(address.sun_path, path);
    return address;
}

static void serve(const char *path) {
    struct sockaddr_un address = address_of(path);
    int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int events = epoll_create1(EPOLL_CLOEXEC);
    unlink(path);
    if (listener < 0 || events < 0 || bind(listener, (struct sockaddr *)&address, sizeof address) || listen(listener, 128))
        die("listen");
    struct epoll_event event = {.events = EPOLLIN, .data.fd = listener};
    if (epoll_ctl(events, EPOLL_CTL_ADD, listener, &event)) die("epoll_ctl");
    puts("ready");
    fflush(stdout);
    for (;;) {
        struct epoll_event ready[16];
        int count = epoll_wait(events, ready, 16, -1);
        for (int i = 0; i < count; i++) {
            char buffer[256];
            if (ready[i].data.fd == listener) {
                struct epoll_event peer = {.events = EPOLLIN};
                peer.data.fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
                if (peer.data.fd >= 0 && epoll_ctl(events, EPOLL_CTL_ADD, peer.data.fd, &peer)) die("epoll_ctl");
            } else {
                if (read(ready[i].data.fd, buffer, sizeof buffer) > 0 && write(ready[i].data.fd, buffer, 30) != 30)
                    die("write");
                close(ready[i].data.fd);
            }
        }
    }
}

static void floor_login(const struct sockaddr_un *address) {
    char buffer[90] = {1};
    int peer = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (peer < 0 || connect(peer, (const struct sockaddr *)address, sizeof *address)) die("connect");
    if (write(peer, buffer, sizeof buffer) != (ssize_t)sizeof buffer || read(peer, buffer, sizeof buffer) != 30)
        die("floor");
    close(peer);
}

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1e6 + (double)time.tv_nsec / 1e3;
}

static int types;
static double typed;

static int converse(int count, const struct pam_message **messages, struct pam_response **responses, void *data) {
    (void)data;
    struct pam_response *answers = calloc((size_t)count, sizeof *answers);
    if (!answers) return PAM_BUF_ERR;
    for (int i = 0; i < count; i++)
        if (messages[i]->msg_style == PAM_PROMPT_ECHO_ON || messages[i]->msg_style == PAM_PROMPT_ECHO_OFF)
            answers[i].resp = strdup(messages[i]->msg_style == PAM_PROMPT_ECHO_ON ? "1" : "first-factor");
    for (int i = 0; types && i < count; i++)
        if (messages[i]->msg_style == PAM_PROMPT_ECHO_OFF) {
            usleep(500000);
            typed = now();
        }
    *responses = answers;
    return PAM_SUCCESS;
}

static int login(const char *folder, const char *service, const char *user, int flags) {
    struct pam_conv conversation = {converse, NULL};
    pam_handle_t *handle = NULL;
    if (pam_start_confdir(service, user, &conversation, folder, &handle) != PAM_SUCCESS) die("pam_start");
    static unsigned logins;
    char address[16];
    snprintf(address, sizeof address, "192.0.2.%u", logins++ % 250);
    if (types && pam_set_item(handle, PAM_RHOST, address) != PAM_SUCCESS) die("pam_set_item");
    int result = pam_authenticate(handle, flags);
    pam_end(handle, result);
    return result;
}

static int ascending(const void *left, const void *right) {
    double difference = *(const double *)left - *(const double *)right;
    return (difference > 0) - (difference < 0);
}

static void print(const char *name, double *times, size_t count) {
    qsort(times, count, sizeof *times, ascending);
    printf("\"%s\": {\"p50\": %.1f, \"p99\": %.1f, \"min\": %.1f, \"count\": %zu}", name, times[count / 2],
           times[count * 99 / 100], times[0], count);
}

int main(int argc, char **argv) {
    if (argc == 3 && !strcmp(argv[1], "serve")) serve(argv[2]);
    if (argc != 8 || strcmp(argv[1], "measure")) {
        fprintf(stderr, "usage: see the top of roundtrip.c\n");
        return 2;
    }
    size_t rounds = strtoul(argv[2], NULL, 10);
    int with_floor = strcmp(argv[3], "-") != 0, flags = strcmp(argv[7], "-") ? PAM_SILENT : 0, result = -1;
    struct sockaddr_un address = with_floor ? address_of(argv[3]) : (struct sockaddr_un){0};
    double *floors = calloc(rounds + 1, sizeof *floors), *logins = calloc(rounds + 1, sizeof *logins);
    types = !strcmp(argv[7], "typing");
    if (!floors || !logins || rounds == 0) die("rounds");
    for (size_t i = 0; i < rounds; i++) {
        double start = now();
        if (with_floor) floor_login(&address);
        floors[i] = now() - start;
        start = now();
        result = login(argv[4], argv[5], argv[6], flags);
        logins[i] = now() - (types ? typed : start);
    }
    printf("{\"result\": %d, ", result);
    if (with_floor) print("floor", floors, rounds), printf(", ");
    print("login", logins, rounds);
    puts("}");
    free(floors);
    free(logins);
    return 0;
}
