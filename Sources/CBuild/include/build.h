/* What the build knew of itself. */
#pragma once

/* The commit, "" where nobody said (DUET_COMMIT in the environment of swift build). */
const char *duet_build_commit(void);
