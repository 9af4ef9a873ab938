#include "ctoml.h"

#define TOML_EXCEPTIONS 0
// toml++ 3.3 asserts what a document can break ("1979-05-27TA7:32:00Z"), and with NDEBUG takes it for granted. An
// assertion that fails is a document that is refused: the daemon must not die of it.
#undef NDEBUG
namespace {
struct broken_assertion {};
}
#define TOML_ASSERT(condition) ((condition) ? static_cast<void>(0) : throw broken_assertion())
#include <algorithm>
#include <cstring>
#include <new>
#include <string_view>
#include <toml++/toml.h>
#include <vector>

namespace {

struct Walk {
    void (*visit)(void *, const ctoml_event *);
    void *context;

    void walk(const toml::node &node, const toml::key *key) const {
        ctoml_event event{};
        const auto &where = key ? key->source().begin : node.source().begin;
        event.line = where.line;
        event.column = where.column;
        if (key) {
            event.key = key->str().data();
            event.key_length = key->str().size();
        }
        switch (node.type()) {
        case toml::node_type::table: event.kind = CTOML_TABLE; break;
        case toml::node_type::array: event.kind = CTOML_ARRAY; break;
        case toml::node_type::string: {
            const auto &text = node.as_string()->get();
            event.kind = CTOML_STRING;
            event.text = text.data();
            event.text_length = text.size();
            break;
        }
        case toml::node_type::integer:
            event.kind = CTOML_INTEGER;
            event.integer = node.as_integer()->get();
            break;
        case toml::node_type::floating_point: event.kind = CTOML_FLOAT; break;
        case toml::node_type::boolean:
            event.kind = CTOML_BOOLEAN;
            event.integer = node.as_boolean()->get() ? 1 : 0;
            break;
        case toml::node_type::date:
        case toml::node_type::time:
        case toml::node_type::date_time: event.kind = CTOML_TIME; break;
        case toml::node_type::none: return;
        }
        visit(context, &event);
        if (const auto *table = node.as_table()) {
            for (const auto &[name, child] : *table) walk(child, &name);
        } else if (const auto *array = node.as_array()) {
            for (const auto &child : *array) walk(child, nullptr);
        } else {
            return;
        }
        event.kind = CTOML_END;
        visit(context, &event);
    }
};

} // namespace

static void fill(ctoml_error &error, std::string_view message, uint32_t line, uint32_t column) {
    const auto count = std::min(message.size(), sizeof error.message - 1);
    std::memcpy(error.message, message.data(), count);
    error.message[count] = '\0';
    error.line = line;
    error.column = column;
}

static bool breaks_assertion(std::string_view text) {
    try {
        static_cast<void>(toml::parse(text));
    } catch (const broken_assertion &) {
        return true;
    }
    return false;
}

/// The line on which the parser breaks down: it reads from the start, so what ends before that line does not break it.
static uint32_t broken_line(std::string_view text) {
    std::vector<size_t> ends;
    for (size_t at = 0; at < text.size(); at++)
        if (text[at] == '\n') ends.push_back(at + 1);
    size_t sound = 0, broken = ends.size(); // lines, counted from 0: broken is one of them, or the last without an end
    while (sound < broken) {
        const size_t middle = sound + (broken - sound) / 2;
        if (breaks_assertion(text.substr(0, ends[middle])))
            broken = middle;
        else
            sound = middle + 1;
    }
    return static_cast<uint32_t>(broken + 1);
}

int ctoml_parse(const char *text, size_t length, void (*visit)(void *, const ctoml_event *), void *context,
                ctoml_error *error) {
    const std::string_view document(text, length);
    try {
        const auto result = toml::parse(document);
        if (!result) {
            const auto &where = result.error().source().begin;
            fill(*error, result.error().description(), where.line, where.column);
            return -1;
        }
        Walk{visit, context}.walk(result.table(), nullptr);
        return 0;
    } catch (const broken_assertion &) {
        fill(*error, "this is not TOML: is it a date or a time?", broken_line(document), 1);
        return -1;
    }
}
