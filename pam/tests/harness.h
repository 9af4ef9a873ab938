/* Runs tests, each in a process of its own that is killed when it hangs, and counts them. */
#ifndef DUET_TESTS_HARNESS_H
#define DUET_TESTS_HARNESS_H

#include <stdbool.h>

enum {
    HARNESS_SECONDS = 20, /* the longest that a test may take */
};

/* A test says the rule it holds. `argument` is its own. */
void harness_run(const char *rule, void (*test)(const void *argument), const void *argument);

/* Print the closing line; the exit status of the program. */
int harness_finish(void);

/* A fresh folder, 0700, of this program; all go away in harness_finish. */
const char *harness_folder(void);

void harness_check(bool condition, const char *file, int line, const char *text, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

/* Fails the running test and goes on with it; what follows the condition is a format for details. */
#define CHECK(condition, ...) harness_check((condition), __FILE__, __LINE__, #condition, __VA_ARGS__)

#endif
