/// toml++ for Swift: hands over every key and value of a document with its line and column.
#pragma once
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum {
    CTOML_TABLE,   ///< begins; its entries follow, then CTOML_END
    CTOML_ARRAY,   ///< begins; its elements follow (without keys), then CTOML_END
    CTOML_END,
    CTOML_STRING,  ///< text
    CTOML_INTEGER, ///< integer
    CTOML_FLOAT,
    CTOML_BOOLEAN, ///< integer, 0 or 1
    CTOML_TIME,    ///< a date or time, which no setting takes
} ctoml_kind;

typedef struct {
    ctoml_kind kind;
    const char *key;  ///< UTF-8, `key_length` bytes; NULL at the top and for elements of an array
    size_t key_length;
    const char *text; ///< UTF-8, `text_length` bytes, for CTOML_STRING
    size_t text_length;
    int64_t integer;
    uint32_t line, column; ///< of the key, or of the value where there is no key; from 1, columns in characters
} ctoml_event;

typedef struct {
    char message[256];
    uint32_t line, column;
} ctoml_error;

/// Walks the document in `text` (UTF-8, `length` bytes); `visit` is called for each event, with `context`.
/// Returns 0, or -1 with `error` filled and nothing visited. The pointers of an event live until `visit` returns.
int ctoml_parse(const char *text, size_t length, void (*visit)(void *context, const ctoml_event *event),
                void *context, ctoml_error *error);

#ifdef __cplusplus
}
#endif
