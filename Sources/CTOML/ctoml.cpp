#include "ctoml.h"

#define TOML_EXCEPTIONS 0
#include <cstring>
#include <new>
#include <string_view>
#include <toml++/toml.h>

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

int ctoml_parse(const char *text, size_t length, void (*visit)(void *, const ctoml_event *), void *context,
                ctoml_error *error) {
    const auto result = toml::parse(std::string_view(text, length));
    if (!result) {
        const auto message = result.error().description();
        const auto count = std::min(message.size(), sizeof error->message - 1);
        std::memcpy(error->message, message.data(), count);
        error->message[count] = '\0';
        error->line = result.error().source().begin.line;
        error->column = result.error().source().begin.column;
        return -1;
    }
    Walk{visit, context}.walk(result.table(), nullptr);
    return 0;
}
