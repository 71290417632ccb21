#include "core/base/json.h"
#include "core/base/text.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <exception>
#include <sstream>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

namespace auth {
namespace {

constexpr std::size_t max_depth = 16;
// How much the aliases of a document may unfold to: bytes of text, and `node_weight` for each node.
constexpr std::size_t most_unfolded = 64U << 20U;
constexpr std::size_t node_weight = 64;

// Leaves the parser's callbacks.
struct Refusal {
    Error why;
};

Error malformed(const YAML::Mark& mark, std::string_view why) {
    return error(ErrorCode::usage, mark.is_null()
                                       ? fmt::format("the YAML is malformed: {}", why)
                                       : fmt::format("the YAML is malformed at line {}, column {}:"
                                                     " {}",
                                                     mark.line + 1, mark.column + 1, why))
        .with_reason("malformed");
}

class Builder final : public YAML::EventHandler {
  public:
    Json document;

    void OnDocumentStart(const YAML::Mark& mark) override {
        if (std::exchange(started_, true))
            throw Refusal{malformed(mark, "there is a second document")};
    }
    void OnDocumentEnd() override {}

    void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
        if (wants_key())
            throw Refusal{malformed(mark, "a key must be text")};
        place(mark, anchor, nullptr, node_weight);
    }

    void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
        const auto known = anchors_.find(anchor);
        if (wants_key() || known == anchors_.end())
            throw Refusal{malformed(mark, "an alias must stand for a value that ends before it")};
        // Counted before it is copied.
        const auto& [value, weight] = known->second;
        unfold(mark, weight);
        place(mark, 0, value, weight);
    }

    void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  const std::string& text) override {
        const bool plain = tag == "?";
        if (!plain && tag != "!" && !tag.empty() && tag != "tag:yaml.org,2002:str")
            throw Refusal{malformed(mark, "tags are not supported")};
        const std::size_t weight = node_weight + text.size();
        if (wants_key())
            add_key(mark, text, weight);
        else if (plain && (text == "true" || text == "false"))
            place(mark, anchor, text == "true", weight);
        else
            place(mark, anchor, text, weight);
    }

    void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                         YAML::EmitterStyle::value /*style*/) override {
        open(mark, tag, anchor, Json::array());
    }
    void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                    YAML::EmitterStyle::value /*style*/) override {
        open(mark, tag, anchor, Json::object());
    }
    void OnSequenceEnd() override { close(); }
    void OnMapEnd() override { close(); }

  private:
    struct Level {
        YAML::Mark mark;
        YAML::anchor_t anchor;
        Json value;
        std::size_t weight_before;
        std::unordered_set<std::string> keys{};
        std::string key{};
        bool has_key = false;
    };

    [[nodiscard]] bool wants_key() const {
        return !open_.empty() && open_.back().value.is_object() && !open_.back().has_key;
    }

    void unfold(const YAML::Mark& mark, std::size_t weight) {
        unfolded_ += weight;
        if (unfolded_ > most_unfolded)
            throw Refusal{malformed(mark, "its aliases unfold to more than 64 MiB")};
    }

    void add_key(const YAML::Mark& mark, const std::string& text, std::size_t weight) {
        weight_ += weight;
        Level& level = open_.back();
        if (!level.keys.insert(text).second)
            throw Refusal{malformed(mark, fmt::format("{} stands twice", in_quotes(text)))
                              .with_reason("duplicate_member")};
        level.key = text;
        level.has_key = true;
    }

    void open(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, Json empty) {
        if (wants_key())
            throw Refusal{malformed(mark, "a key must be text")};
        if (tag != "?" && tag != "!" && !tag.empty())
            throw Refusal{malformed(mark, "tags are not supported")};
        if (open_.size() == max_depth)
            throw Refusal{malformed(mark, fmt::format("it nests more than {} deep", max_depth))};
        open_.push_back({mark, anchor, std::move(empty), weight_});
    }

    void close() {
        Level done = std::move(open_.back());
        open_.pop_back();
        weight_ += node_weight;
        keep(done.mark, done.anchor, done.value, weight_ - done.weight_before);
        put(std::move(done.value));
    }

    void place(const YAML::Mark& mark, YAML::anchor_t anchor, Json value, std::size_t weight) {
        weight_ += weight;
        keep(mark, anchor, value, weight);
        put(std::move(value));
    }

    // What aliases stand for takes room as well.
    void keep(const YAML::Mark& mark, YAML::anchor_t anchor, const Json& value,
              std::size_t weight) {
        if (anchor == 0)
            return;
        unfold(mark, weight);
        anchors_[anchor] = {value, weight};
    }

    void put(Json value) {
        if (open_.empty()) {
            document = std::move(value);
            return;
        }
        Level& parent = open_.back();
        if (parent.value.is_array())
            parent.value.get_ref<Json::array_t&>().push_back(std::move(value));
        else
            parent.value.get_ref<Json::object_t&>().emplace_back(std::move(parent.key),
                                                                 std::move(value));
        parent.has_key = false;
    }

    std::vector<Level> open_;
    std::unordered_map<YAML::anchor_t, std::pair<Json, std::size_t>> anchors_;
    std::size_t weight_ = 0;   // of what was built
    std::size_t unfolded_ = 0; // of it by aliases
    bool started_ = false;
};

Result<Json> parse(std::string_view text) {
    // Otherwise the library guesses at UTF-16.
    if (!valid_utf8(text) || text.find('\0') != std::string_view::npos)
        return fail(malformed(YAML::Mark::null_mark(), "it is not valid UTF-8"));
    try {
        std::istringstream stream{std::string(text)};
        YAML::Parser parser(stream);
        Builder builder;
        while (parser.HandleNextDocument(builder)) {
        }
        return std::move(builder.document);
    } catch (const Refusal& refusal) {
        return fail(refusal.why);
    } catch (const YAML::Exception& failure) {
        return fail(malformed(failure.mark, printable(failure.msg)));
    }
}

} // namespace
} // namespace auth

extern "C" [[gnu::visibility("default")]] void yaml_parse(std::string_view text,
                                                          auth::Result<auth::Json>& document) {
    document = auth::parse(text);
}
