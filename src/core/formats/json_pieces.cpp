#include "core/formats/json_pieces.h"

#include "core/formats/json_shape.h"
#include "core/formats/lines.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace auth {
namespace {

bool is_space(char c) {
    return json_space.find(c) != std::string_view::npos;
}

// One value a line; blank lines mean nothing.
class LinePieces : public JsonPieces {
  public:
    explicit LinePieces(ByteSource source) : lines_(std::move(source)) {}

    Result<bool> next(JsonPiece& piece) override {
        for (Line line;;) {
            AUTH_TRY(const bool more, lines_.next(line));
            if (!more)
                return false;
            piece = {line.number, line.text, std::nullopt};
            if (line.too_long)
                piece.error = record_too_long();
            while (!piece.text.empty() && is_space(piece.text.front()))
                piece.text = piece.text.subspan(1);
            while (!piece.text.empty() && is_space(piece.text.back()))
                piece.text = piece.text.first(piece.text.size() - 1);
            if (!piece.text.empty() || line.too_long)
                return true;
        }
    }

  private:
    Lines lines_;
};

enum class Layout { values, array, member };

// Elements by their outsides: strings, and brackets that match.
class ElementPieces : public JsonPieces {
  public:
    ElementPieces(ByteSource source, Layout layout, std::string_view collection)
        : window_(std::move(source)), layout_(layout), collection_(collection) {
        text_.reserve(max_record_bytes + InputWindow::padding); // growing would leave copies behind
    }
    ~ElementPieces() override { wipe(text_); }
    ElementPieces(const ElementPieces&) = delete;
    ElementPieces& operator=(const ElementPieces&) = delete;

    Result<bool> next(JsonPiece& piece) override {
        if (!std::exchange(open_, true))
            AUTH_CHECK(open());
        AUTH_TRY(const bool more, to_next_element());
        if (!more)
            return false;
        piece.line = line_;
        AUTH_CHECK(read_value(true));
        piece.error = too_long_ ? std::optional(record_too_long()) : std::nullopt;
        const std::size_t size = too_long_ ? 0 : text_.size();
        text_.resize(text_.size() + InputWindow::padding);
        piece.text = std::span(text_).first(size);
        return true;
    }

  private:
    static constexpr int end = -1;

    [[nodiscard]] tl::unexpected<Error> malformed(std::string_view what) const {
        return fail(ErrorCode::usage, fmt::format("line {}: {}", line_, what));
    }

    // The next character that is no white space, still in the window; or `end`.
    Result<int> peek() {
        for (;;) {
            const std::span<char> held = window_.bytes();
            const auto found = std::find_if_not(held.begin(), held.end(), is_space);
            line_ += std::count(held.begin(), found, '\n');
            window_.drop(static_cast<std::size_t>(found - held.begin()));
            if (found != held.end())
                return static_cast<unsigned char>(*found);
            AUTH_TRY(const bool more, window_.fill());
            if (!more)
                return end;
        }
    }

    Status expect(char wanted) {
        AUTH_TRY(const int c, peek());
        if (c == end)
            return malformed(fmt::format("the file ends where '{}' should stand", wanted));
        if (c != wanted)
            return malformed(fmt::format("'{}' should stand here", wanted));
        window_.drop(1);
        return {};
    }

    Result<bool> take(char wanted) {
        AUTH_TRY(const int c, peek());
        if (c == wanted)
            window_.drop(1);
        return c == wanted;
    }

    Status open() {
        if (layout_ == Layout::values)
            return {};
        AUTH_CHECK(expect(layout_ == Layout::array ? '[' : '{'));
        return layout_ == Layout::array ? Status() : to_collection();
    }

    // Passes over members until the array of the one wanted has been opened.
    Status to_collection() {
        for (;;) {
            AUTH_TRY(const int c, peek());
            if (c != '"')
                return malformed(fmt::format("there is no array '{}' in this file", collection_));
            AUTH_CHECK(read_value(true));
            const bool wanted =
                std::string_view(text_.data(), text_.size()) == '"' + collection_ + '"';
            AUTH_CHECK(expect(':'));
            if (wanted) {
                AUTH_TRY(const bool is_array, take('['));
                if (is_array)
                    return {};
            }
            AUTH_CHECK(read_value(false));
            AUTH_TRY(const bool more, take(','));
            if (!more)
                return malformed(fmt::format("there is no array '{}' in this file", collection_));
        }
    }

    Result<bool> to_next_element() {
        const bool first = std::exchange(first_, false);
        if (done_)
            return false;
        if (layout_ == Layout::values) {
            AUTH_TRY(const int c, peek());
            return c != end;
        }
        AUTH_TRY(const bool closed, take(']'));
        if (closed) {
            done_ = true;
            AUTH_CHECK(to_end());
            return false;
        }
        if (!first)
            AUTH_CHECK(expect(','));
        AUTH_CHECK(peek());
        return true;
    }

    // What stands behind the array must be there, too: a file that was cut off is no good file.
    Status to_end() {
        while (layout_ == Layout::member) {
            AUTH_TRY(const bool closed, take('}'));
            if (closed)
                break;
            AUTH_CHECK(expect(','));
            AUTH_CHECK(read_value(false));
            AUTH_CHECK(expect(':'));
            AUTH_CHECK(read_value(false));
        }
        AUTH_TRY(const int c, peek());
        return c == end ? Status() : Status(malformed("text behind the end of the document"));
    }

    // Takes one value off the window, into text_ if it is to be kept.
    Status read_value(bool keep) {
        AUTH_TRY(const int first, peek());
        if (first == end)
            return malformed("the file ends where a value should stand");
        if (std::string_view(",:]}").find(static_cast<char>(first)) != std::string_view::npos)
            return malformed(
                fmt::format("'{}' where a value should stand", static_cast<char>(first)));
        wipe(text_);
        text_.clear();
        too_long_ = false;
        for (Outside outside; !outside.complete;) {
            const std::span<char> held = window_.bytes();
            const std::size_t size = outside.pass(held);
            line_ +=
                std::count(held.begin(), held.begin() + static_cast<std::ptrdiff_t>(size), '\n');
            too_long_ = too_long_ || text_.size() + size > max_record_bytes;
            if (keep && !too_long_)
                text_.insert(text_.end(), held.begin(),
                             held.begin() + static_cast<std::ptrdiff_t>(size));
            window_.drop(size);
            if (outside.complete)
                break;
            AUTH_TRY(const bool more, window_.fill());
            if (!more && !outside.scalar())
                return malformed("the file ends within a value");
            if (!more)
                break;
        }
        return {};
    }

    // Follows a value without reading it.
    struct Outside {
        int depth = 0;
        bool in_string = false;
        bool escaped = false;
        bool complete = false;

        [[nodiscard]] bool scalar() const { return depth == 0 && !in_string; }

        // How many of the bytes belong to the value.
        std::size_t pass(std::span<const char> bytes) {
            for (std::size_t i = 0; i < bytes.size(); ++i) {
                const char c = bytes[i];
                if (in_string) {
                    in_string = escaped || c != '"';
                    escaped = !escaped && c == '\\';
                    complete = !in_string && depth == 0;
                } else if (c == '"') {
                    in_string = true;
                } else if (c == '{' || c == '[') {
                    ++depth;
                } else if (depth > 0) {
                    depth -= c == '}' || c == ']' ? 1 : 0;
                    complete = depth == 0;
                } else if (is_space(c) || c == ',' || c == ']' || c == '}') {
                    complete = true;
                    return i;
                }
                if (complete)
                    return i + 1;
            }
            return bytes.size();
        }
    };

    InputWindow window_;
    Layout layout_;
    std::string collection_;
    std::vector<char> text_;
    std::int64_t line_ = 1;
    bool open_ = false;
    bool first_ = true;
    bool done_ = false;
    bool too_long_ = false;
};

} // namespace

Result<std::unique_ptr<JsonPieces>> cut_json(ByteSource source, std::string_view collection,
                                             bool lines_too) {
    AUTH_TRY(Opening opening, look_ahead(without_byte_order_mark(std::move(source))));
    const JsonOutline outline = outline_json(opening.head());
    if (const bool json = outline.opener == '{' || outline.opener == '['; !json && !lines_too)
        if (auto failure = text_before_json(opening.head()))
            return fail(*std::move(failure));
    const auto elements = [&](Layout layout) {
        return std::make_unique<ElementPieces>(std::move(opening.source), layout, collection);
    };
    if (outline.opener == '[')
        return elements(Layout::array);
    if (outline.elements.contains(collection) ||
        (!lines_too && outline.opener == '{' && !outline.closed))
        return elements(Layout::member);
    if (!outline.one_line)
        return elements(Layout::values);
    return std::make_unique<LinePieces>(std::move(opening.source));
}

} // namespace auth
