#pragma once
#include <sqlite3.h>

// Swift can neither call variadic functions nor see SQLITE_TRANSIENT, which is a cast.

/* SQLite copies the `count` bytes. Never a null: that would bind NULL. */
static inline int duet_sqlite_bind_text(sqlite3_stmt *statement, int index, const char *bytes, int count) {
    return sqlite3_bind_text(statement, index, bytes ? bytes : "", count, SQLITE_TRANSIENT);
}

static inline int duet_sqlite_bind_blob(sqlite3_stmt *statement, int index, const void *bytes, int count) {
    return sqlite3_bind_blob(statement, index, bytes ? bytes : "", count, SQLITE_TRANSIENT);
}

/* No statement may write where only SQLite itself writes. */
static inline int duet_sqlite_set_defensive(sqlite3 *database) {
    return sqlite3_db_config(database, SQLITE_DBCONFIG_DEFENSIVE, 1, (int *)0);
}
