/* Runs tests, each in a process of its own that is killed when it hangs, and counts them. */
#include "harness.h"

#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    FAULTS_SHOWN = 5,
};

static int passed;
static int failed;
static int faults; /* of the running test */
static int folders;
static char root[] = "/tmp/duet-test-XXXXXX";
static bool root_made;
static int report = STDERR_FILENO;

const char *harness_folder(void)
{
    static char folder[64];

    snprintf(folder, sizeof folder, "%s/%d-%d", root, (int)getpid(), folders++);
    if (mkdir(folder, 0700) != 0)
        abort();
    return folder;
}

void harness_check(bool condition, const char *file, int line, const char *text, const char *format, ...)
{
    if (!condition && faults++ < FAULTS_SHOWN) {
        va_list arguments;

        dprintf(report, "  %s:%d: not so: %s: ", file, line, text);
        va_start(arguments, format);
        vdprintf(report, format, arguments);
        va_end(arguments);
        dprintf(report, "\n");
    }
}

void harness_run(const char *rule, void (*test)(const void *argument), const void *argument)
{
    int status = 0;
    pid_t child;

    if (!root_made) {
        /* In a pid namespace that was made inside a session, that session has no number. The tests need one; a shell that
         * gave them a process group of their own has made one, too. */
        setsid();
        root_made = mkdtemp(root) != NULL;
        if (!root_made)
            abort();
    }
    fflush(NULL);
    child = fork();
    if (child == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        alarm(HARNESS_SECONDS);
        report = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 200); /* a test may close its own */
        test(argument);
        exit(faults > 0 ? 1 : 0);
    }
    while (waitpid(child, &status, 0) != child)
        ;
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) {
        passed++;
        printf("ok      %s\n", rule);
    } else {
        failed++;
        printf("FAILED  %s (%s %d)\n", rule, WIFSIGNALED(status) ? "killed by signal" : "exit",
               WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
    }
}

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *place)
{
    (void)status;
    (void)kind;
    (void)place;
    return remove(path);
}

int harness_finish(void)
{
    if (root_made)
        nftw(root, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    printf("%d passed, %d failed\n", passed, failed);
    return failed == 0 ? 0 : 1;
}
