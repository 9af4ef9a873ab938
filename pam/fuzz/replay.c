/* Runs a fuzz target over files, each in a process of its own, as a test. */
#include "../tests/harness.h"
#include "fuzz.h"

#include <string.h>

enum {
    ROOM = 65536,
};

static void test_file(const void *path)
{
    FILE *file = fopen(path, "re");
    uint8_t *all = malloc(ROOM);
    uint8_t *exact;
    size_t size;

    if (file == NULL || all == NULL)
        abort();
    size = fread(all, 1, ROOM, file);
    fclose(file);
    exact = malloc(size > 0 ? size : 1); /* so that reading behind it is seen */
    if (exact == NULL)
        abort();
    memcpy(exact, all, size);
    free(all);
    LLVMFuzzerTestOneInput(exact, size);
    free(exact);
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        harness_run(argv[i], test_file, argv[i]);
    return harness_finish();
}
