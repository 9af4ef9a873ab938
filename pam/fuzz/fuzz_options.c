/* No arguments open the door but fail=open, once, among others that are known. */
#include "../options.h"
#include "fuzz.h"

#include <string.h>

enum {
    ARGUMENTS = 16,
};

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size)
{
    char *text = calloc(size + 1, 1);
    const char *arguments[ARGUMENTS];
    struct options options;
    const char *culprit = NULL;
    enum options_status status;
    int count = 0;
    int opens = 0;
    int fails = 0;

    if (text == NULL)
        abort();
    memcpy(text, input, size);
    for (char *at = text; at < text + size && count < ARGUMENTS; at += strlen(at) + 1) {
        arguments[count++] = at;
        opens += strcmp(at, "fail=open") == 0;
        fails += strncmp(at, "fail=", 5) == 0;
    }
    status = options_parse(count, arguments, &options, &culprit);
    RULE((status == OPTIONS_DONE) == (culprit == NULL));
    if (status == OPTIONS_DONE) {
        RULE(options.fail_open == (opens == 1 && fails == 1));
        RULE(!options.prefetch || fails == 0);
        RULE(options.timeout >= 1 && options.timeout <= 600);
        RULE(options.socket != NULL && options.socket[0] != '\0');
    }
    free(text);
    return 0;
}
