// Bound values that are kept until they are sent, for a Statement or a BulkInsert.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace auth {

struct KeptValue {
    enum class Kind { null, integer, text, blob };
    Kind kind = Kind::null;
    std::int64_t number = 0;
    std::string bytes{};

    // Only what its kind uses counts.
    friend bool operator==(const KeptValue& a, const KeptValue& b) {
        return a.kind == b.kind &&
               (a.kind == Kind::null ||
                (a.kind == Kind::integer ? a.number == b.number : a.bytes == b.bytes));
    }
};

template <class Base> class KeptValues : public Base {
  public:
    using Base::bind;
    Base& bind(int position, std::int64_t number) override {
        value(position, KeptValue::Kind::integer).number = number;
        return *this;
    }
    Base& bind(int position, std::string_view text) override {
        value(position, KeptValue::Kind::text).bytes.assign(text);
        return *this;
    }
    Base& bind_blob(int position, std::string_view bytes) override {
        value(position, KeptValue::Kind::blob).bytes.assign(bytes);
        return *this;
    }
    Base& bind_null(int position) override {
        (void)value(position, KeptValue::Kind::null);
        return *this;
    }

  protected:
    void clear_values() {
        for (KeptValue& one : values_)
            one.kind = KeptValue::Kind::null;
    }

    std::vector<KeptValue> values_; // as many as the highest position

  private:
    KeptValue& value(int position, KeptValue::Kind kind) {
        const auto index = static_cast<std::size_t>(position - 1);
        if (index >= values_.size())
            values_.resize(index + 1);
        values_[index].kind = kind;
        return values_[index];
    }
};

} // namespace auth
