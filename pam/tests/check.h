/* A named test that counts: the little that these programs need of a test library. */
#ifndef DUET_TESTS_CHECK_H
#define DUET_TESTS_CHECK_H

#include <stdbool.h>
#include <stdio.h>

struct check_counts {
    unsigned passed;
    unsigned failed;
};

/* Counts `holds` under `rule`, which may be followed by what it was tried with; what fails is printed. */
static inline void check_that(struct check_counts *counts, bool holds, const char *rule, const char *with)
{
    if (holds)
        counts->passed++;
    else {
        counts->failed++;
        printf("FAILED: %s (%s)\n", rule, with);
    }
}

/* The closing line, and the exit code. Nothing tried is a failure too. */
static inline int check_close(const struct check_counts *counts)
{
    printf("%u passed, %u failed\n", counts->passed, counts->failed);
    return counts->failed == 0 && counts->passed > 0 ? 0 : 1;
}

#endif
