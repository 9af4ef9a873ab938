/* The floor and ours, in one run. Every call prints one line of JSON; times are in microseconds.
 *
 *   roundtrip serve SOCKET
 *        an epoll server that answers any bytes with 30, for ever
 *   roundtrip fresh ROUNDS USER FLAGS SERVICE…
 *        a login through each SERVICE in turn, each in a process of its own: from pam_start to pam_end
 *   roundtrip login ROUNDS USER FLAGS SERVICE…
 *        the same within one process
 *   roundtrip processor fresh|login ROUNDS USER FLAGS SERVICE…
 *        the processor time that the process of the login takes for it, in the place of the time that passes
 *   roundtrip beside ROUNDS USER FLAGS EMPTY SERVICE SOCKET FRAME WORD COMMAND…
 *        in turn: what COMMAND does when it reads the line WORD, by its own clock; a login through EMPTY, and one through SERVICE, in this
 *        process; one at SOCKET without libpam, which begins with the bytes of the file FRAME (with "-" for it, none). Each is done twice
 *        before it counts
 *   roundtrip socket ROUNDS FLOOR SOCKET FRAME
 *        in turn: connect, send 90 bytes, read 30 at FLOOR; connect, send the bytes of the file FRAME, read a frame at SOCKET
 *   roundtrip many CALLERS SECONDS SOCKET FRAME
 *        how many of the latter CALLERS processes do in SECONDS; with "-" for FRAME, of the former
 *   roundtrip memory USER SERVICE
 *        KiB that a login through SERVICE adds to its process: private pages, before pam_end
 *
 * FLAGS: "silent" passes PAM_SILENT (the host shows no progress), "-" nothing; "typing" is "silent" for a person who takes 500 ms for
 * each hidden prompt, from another address each time: timed from when the last one is answered. Prompts are answered with "1", hidden
 * ones with "first-factor".
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <security/pam_appl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { MOST_SERVICES = 8, FLOOR_REQUEST = 90, FLOOR_ANSWER = 30, FRAME_HEADER = 8, FRAME_MOST = 16384 };

static void die(const char *what) {
    fprintf(stderr, "roundtrip: %s: %s\n", what, strerror(errno));
    exit(1);
}

static clockid_t measured = CLOCK_MONOTONIC;

static double now(void) {
    struct timespec time;
    clock_gettime(measured, &time);
    return (double)time.tv_sec * 1e6 + (double)time.tv_nsec / 1e3;
}

/* ---- times ---- */

static int ascending(const void *left, const void *right) {
    double difference = *(const double *)left - *(const double *)right;
    return (difference > 0) - (difference < 0);
}

/* Every sample is kept, so that the percentiles are exact. */
static void print(const char *before, const char *name, double *times, size_t count) {
    qsort(times, count, sizeof *times, ascending);
    printf("%s\"%s\": {\"p10\": %.1f, \"p50\": %.1f, \"p99\": %.1f, \"min\": %.1f, \"count\": %zu}", before, name, times[count / 10],
           times[count / 2], times[count * 99 / 100], times[0], count);
}

static double *room(size_t count) {
    double *times = count == 0 || count > 100000000 ? NULL : calloc(count, sizeof *times);
    if (!times) die("rounds");
    return times;
}

/* ---- the floor ---- */

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
    if (listener < 0 || events < 0 || bind(listener, (struct sockaddr *)&address, sizeof address) || listen(listener, 1024))
        die("listen");
    struct epoll_event event = {.events = EPOLLIN, .data.fd = listener};
    if (epoll_ctl(events, EPOLL_CTL_ADD, listener, &event)) die("epoll_ctl");
    puts("ready");
    fflush(stdout);
    for (;;) {
        struct epoll_event ready[16];
        int count = epoll_wait(events, ready, 16, -1);
        for (int i = 0; i < count; i++) {
            char buffer[256] = {0};
            if (ready[i].data.fd == listener) {
                struct epoll_event peer = {.events = EPOLLIN};
                peer.data.fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
                if (peer.data.fd >= 0 && epoll_ctl(events, EPOLL_CTL_ADD, peer.data.fd, &peer)) die("epoll_ctl");
            } else {
                /* One that has hung up already gets nothing. */
                if (read(ready[i].data.fd, buffer, sizeof buffer) > 0)
                    (void)!send(ready[i].data.fd, buffer, FLOOR_ANSWER, MSG_NOSIGNAL);
                close(ready[i].data.fd);
            }
        }
    }
}

/* ---- one exchange on a socket ---- */

struct exchange {
    struct sockaddr_un address;
    uint8_t frame[FRAME_MOST]; /* empty: the floor's */
    size_t size;
};

static struct exchange exchange_of(const char *socket, const char *path) {
    struct exchange exchange = {.address = address_of(socket)};
    if (strcmp(path, "-") != 0) {
        FILE *file = fopen(path, "re");
        if (!file || (exchange.size = fread(exchange.frame, 1, sizeof exchange.frame, file)) < FRAME_HEADER) die(path);
        fclose(file);
    }
    return exchange;
}

static void exchange_once(const struct exchange *exchange) {
    uint8_t buffer[FRAME_MOST] = {1};
    const uint8_t *request = exchange->size ? exchange->frame : buffer;
    size_t size = exchange->size ? exchange->size : FLOOR_REQUEST;
    size_t filled = 0, wanted = exchange->size ? FRAME_HEADER : FLOOR_ANSWER;
    int peer = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (peer < 0 || connect(peer, (const struct sockaddr *)&exchange->address, sizeof exchange->address)) die("connect");
    if (send(peer, request, size, MSG_NOSIGNAL) != (ssize_t)size) die("send");
    while (filled < wanted) {
        ssize_t count = read(peer, buffer + filled, sizeof buffer - filled);
        if (count <= 0) die("read");
        filled += (size_t)count;
        if (exchange->size && filled >= FRAME_HEADER) wanted = FRAME_HEADER + ((size_t)buffer[6] << 8 | buffer[7]);
    }
    close(peer);
}

/* A whole frame of the daemon's; its size. */
static size_t read_frame(int peer, uint8_t *frame) {
    size_t filled = 0, wanted = FRAME_HEADER;
    while (filled < wanted) {
        ssize_t count = read(peer, frame + filled, wanted - filled);
        if (count <= 0) die("the daemon hung up");
        filled += (size_t)count;
        if (filled == FRAME_HEADER) wanted += (size_t)frame[4] << 24 | (size_t)frame[5] << 16 | (size_t)frame[6] << 8 | frame[7];
        if (wanted > FRAME_MOST) die("a frame is too long");
    }
    return filled;
}

/* What the module does for a login, as docs/protocol.md has it: prompts are answered with "1", the verdict has to be an allow. */
static void exchange_login(const struct exchange *exchange) {
    enum { PROMPT = 0x82, VERDICT = 0x83, PROMPT_NUMBER = 12, RESULT = 32 };
    uint8_t frame[FRAME_MOST];
    uint8_t answer[] = {'D', 'U', 1, 2, 0, 0, 0, 13, 0, 1, 0, 4, 0, 0, 0, 0, 0, 2, 0, 1, '1'};
    int peer = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (peer < 0 || connect(peer, (const struct sockaddr *)&exchange->address, sizeof exchange->address)) die("connect");
    if (send(peer, exchange->frame, exchange->size, MSG_NOSIGNAL) != (ssize_t)exchange->size) die("send");
    size_t size = read_frame(peer, frame);
    for (; frame[3] != VERDICT; size = read_frame(peer, frame)) {
        if (frame[3] != PROMPT || size < PROMPT_NUMBER + 4) continue;
        memcpy(answer + PROMPT_NUMBER, frame + PROMPT_NUMBER, 4);
        if (send(peer, answer, sizeof answer, MSG_NOSIGNAL) != sizeof answer) die("send");
    }
    if (size < RESULT + 4 || memcmp(frame + RESULT, "ALLW", 4) != 0) die("no allow");
    close(peer);
}

static void measure_socket(size_t rounds, const char *floor, const char *socket, const char *frame) {
    struct exchange theirs = exchange_of(floor, "-"), ours = exchange_of(socket, frame);
    double *floors = room(rounds), *logins = room(rounds);
    for (size_t i = 0; i < rounds; i++) {
        double start = now();
        exchange_once(&theirs);
        floors[i] = now() - start;
        start = now();
        exchange_once(&ours);
        logins[i] = now() - start;
    }
    print("{", "floor", floors, rounds);
    print(", ", "login", logins, rounds);
    puts("}");
}

static void measure_many(size_t callers, double seconds, const char *socket, const char *frame) {
    struct exchange exchange = exchange_of(socket, frame);
    size_t *counts = mmap(NULL, callers * sizeof *counts, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0), all = 0;
    if (counts == MAP_FAILED || callers > 1024) die("callers");
    double start = now(), end = start + seconds * 1e6;
    for (size_t i = 0; i < callers; i++) {
        pid_t child = fork();
        if (child < 0) die("fork");
        if (child == 0) {
            for (; now() < end; counts[i]++) exchange_once(&exchange);
            _exit(0);
        }
    }
    for (int status; wait(&status) > 0;)
        if (status != 0) die("a caller failed");
    double elapsed = (now() - start) / 1e6;
    for (size_t i = 0; i < callers; i++) all += counts[i];
    printf("{\"per_second\": %.0f}\n", (double)all / elapsed);
}

/* ---- logins ---- */

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

static pam_handle_t *start(const char *service, const char *user) {
    static const struct pam_conv conversation = {converse, NULL};
    pam_handle_t *handle = NULL;
    if (pam_start_confdir(service, user, &conversation, "/etc/pam.d", &handle) != PAM_SUCCESS) die("pam_start");
    return handle;
}

static int login(const char *service, const char *user, int flags) {
    static unsigned logins;
    char address[16];
    pam_handle_t *handle = start(service, user);
    snprintf(address, sizeof address, "192.0.2.%u", logins++ % 250);
    if (types && pam_set_item(handle, PAM_RHOST, address) != PAM_SUCCESS) die("pam_set_item");
    int result = pam_authenticate(handle, flags);
    pam_end(handle, result);
    return result;
}

struct sample {
    double time;
    int result;
};

static struct sample login_timed(const char *service, const char *user, int flags) {
    double began = now();
    int result = login(service, user, flags);
    return (struct sample){now() - (types ? typed : began), result};
}

/* As sshd and sudo do it: a process that has not loaded the module yet. */
static struct sample login_fresh(const char *service, const char *user, int flags) {
    struct sample sample;
    int ends[2];
    if (pipe(ends)) die("pipe");
    pid_t child = fork();
    if (child < 0) die("fork");
    if (child == 0) {
        sample = login_timed(service, user, flags);
        _exit(write(ends[1], &sample, sizeof sample) != sizeof sample);
    }
    close(ends[1]);
    if (read(ends[0], &sample, sizeof sample) != sizeof sample) die("a login died");
    close(ends[0]);
    while (waitpid(child, NULL, 0) < 0 && errno == EINTR) {}
    return sample;
}

static void measure_logins(size_t rounds, int is_fresh, const char *user, int flags, int count, char **services) {
    double *times[MOST_SERVICES];
    int results[MOST_SERVICES] = {0};
    if (count < 1 || count > MOST_SERVICES) die("services");
    for (int i = 0; i < count; i++) times[i] = room(rounds);
    for (size_t round = 0; round < rounds; round++)
        for (int i = 0; i < count; i++) {
            struct sample sample = (is_fresh ? login_fresh : login_timed)(services[i], user, flags);
            times[i][round] = sample.time;
            /* One failure is a failure. */
            if (results[i] == PAM_SUCCESS) results[i] = sample.result;
        }
    for (int i = 0; i < count; i++) print(i == 0 ? "{" : ", ", services[i], times[i], rounds);
    printf(", \"results\": [");
    for (int i = 0; i < count; i++) printf("%s%d", i == 0 ? "" : ", ", results[i]);
    puts("]}");
}

/* A program that does something for each line that it reads, and writes how long that took. */
struct command {
    FILE *requests, *answers;
    pid_t child;
};

static struct command command_start(char **arguments) {
    int to[2], from[2];
    if (pipe2(to, O_CLOEXEC) || pipe2(from, O_CLOEXEC)) die("pipe");
    struct command command = {.child = fork()};
    if (command.child < 0) die("fork");
    if (command.child == 0) {
        if (dup2(to[0], 0) == 0 && dup2(from[1], 1) == 1) execv(arguments[0], arguments);
        _exit(127);
    }
    close(to[0]);
    close(from[1]);
    command.requests = fdopen(to[1], "w");
    command.answers = fdopen(from[0], "r");
    if (!command.requests || !command.answers) die("fdopen");
    return command;
}

static double command_timed(const struct command *command, const char *word) {
    double time;
    if (fprintf(command->requests, "%s\n", word) < 0 || fflush(command->requests)) die("the command has gone");
    if (fscanf(command->answers, "%lf", &time) != 1) die("the command failed");
    return time;
}

static void command_end(const struct command *command) {
    int status;
    fclose(command->requests);
    if (waitpid(command->child, &status, 0) < 0 || status != 0) die("the command failed");
    fclose(command->answers);
}

static void measure_beside(size_t rounds, const char *user, int flags, char **services, const struct exchange *exchange,
                           const char *word, char **arguments) {
    enum { UNCOUNTED = 2 };
    double *floors = room(rounds), *empties = room(rounds), *logins = room(rounds), *alone = room(rounds);
    int result = PAM_SUCCESS;
    struct command command = command_start(arguments);
    for (size_t i = 0; i < rounds + UNCOUNTED; i++) {
        double floor = command_timed(&command, word);
        struct sample empty = login_timed(services[0], user, flags), sample = login_timed(services[1], user, flags);
        if (result == PAM_SUCCESS) result = empty.result == PAM_SUCCESS ? sample.result : empty.result;
        double start = now();
        if (exchange->size) exchange_login(exchange);
        double exchanged = now() - start;
        if (i < UNCOUNTED) continue;
        alone[i - UNCOUNTED] = exchanged;
        empties[i - UNCOUNTED] = empty.time;
        floors[i - UNCOUNTED] = floor;
        logins[i - UNCOUNTED] = sample.time;
    }
    command_end(&command);
    print("{", "floor", floors, rounds);
    print(", ", "empty", empties, rounds);
    print(", ", "login", logins, rounds);
    if (exchange->size) print(", ", "socket", alone, rounds);
    printf(", \"result\": %d}\n", result);
}

/* KiB of pages that are this process's alone. */
static long private_pages(void) {
    char line[256];
    long sum = 0, value;
    FILE *file = fopen("/proc/self/smaps_rollup", "re");
    if (!file) die("smaps_rollup");
    while (fgets(line, sizeof line, file))
        if (sscanf(line, "Private_Clean: %ld", &value) == 1 || sscanf(line, "Private_Dirty: %ld", &value) == 1) sum += value;
    fclose(file);
    return sum;
}

static void measure_memory(const char *user, const char *service) {
    long before = private_pages();
    pam_handle_t *handle = start(service, user);
    int result = pam_authenticate(handle, 0);
    printf("{\"result\": %d, \"kib\": %ld}\n", result, private_pages() - before);
    pam_end(handle, result);
}

int main(int argc, char **argv) {
    if (argc > 1 && !strcmp(argv[1], "processor")) {
        measured = CLOCK_PROCESS_CPUTIME_ID;
        argc--, argv++;
    }
    const char *what = argc > 1 ? argv[1] : "";
    int is_fresh = !strcmp(what, "fresh");
    types = argc > 4 && !strcmp(argv[4], "typing");
    if (!strcmp(what, "serve") && argc == 3)
        serve(argv[2]);
    else if ((is_fresh || !strcmp(what, "login")) && argc > 5)
        measure_logins(strtoul(argv[2], NULL, 10), is_fresh, argv[3], strcmp(argv[4], "-") ? PAM_SILENT : 0, argc - 5, argv + 5);
    else if (!strcmp(what, "beside") && argc > 10) {
        struct exchange exchange = exchange_of(argv[7], argv[8]);
        measure_beside(strtoul(argv[2], NULL, 10), argv[3], strcmp(argv[4], "-") ? PAM_SILENT : 0, argv + 5, &exchange, argv[9],
                       argv + 10);
    } else if (!strcmp(what, "socket") && argc == 6)
        measure_socket(strtoul(argv[2], NULL, 10), argv[3], argv[4], argv[5]);
    else if (!strcmp(what, "many") && argc == 6)
        measure_many(strtoul(argv[2], NULL, 10), strtod(argv[3], NULL), argv[4], argv[5]);
    else if (!strcmp(what, "memory") && argc == 4)
        measure_memory(argv[2], argv[3]);
    else {
        fprintf(stderr, "usage: see the top of roundtrip.c\n");
        return 2;
    }
    return 0;
}
