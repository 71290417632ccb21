#include "core/base/json.h"
#include "core/formats/record_fields.h"
#include "core/writers/user_writer.h"
#include "support/sources.h"

#include <random>

using namespace auth;

namespace {

// Any of what one field may hold, from a fixed seed.
class Chance {
  public:
    explicit Chance(unsigned seed) : engine_(seed) {}

    std::size_t below(std::size_t limit) { return engine_() % limit; }
    bool coin() { return below(2) == 0; }

    std::string text() {
        static const std::string pieces[] = {"a",
                                             "Z",
                                             "\"",
                                             "\"\"",
                                             "'",
                                             "''",
                                             "=",
                                             "+",
                                             "-",
                                             "@",
                                             "\t",
                                             "\r",
                                             "\n",
                                             "\r\n",
                                             ",",
                                             ";",
                                             " ",
                                             "\\",
                                             "/",
                                             "\\u00",
                                             std::string(1, '\0'),
                                             "\x01",
                                             "\x1f",
                                             "\x7f",
                                             "\xc3\xa5",
                                             "e\xcc\x81",
                                             "\xe2\x80\xa8",
                                             "\xef\xbb\xbf",
                                             "\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x92\xbb",
                                             "\xef\xbf\xbf",
                                             "\xf4\x8f\xbf\xbf",
                                             "{}",
                                             "null",
                                             "true"};
        std::string out;
        for (std::size_t i = below(6); i > 0; --i)
            out += pieces[below(std::size(pieces))];
        return out;
    }
    std::string role() { return "r" + std::to_string(below(1000)) + ".:_-"; }
    Time time() {
        return from_unix_seconds(
            static_cast<std::int64_t>(below(253'402'300'799 + 62'135'596'800)) - 62'135'596'800);
    }

    void operator()(std::string UserRecord::*) {}
    template <class T> void fill(std::optional<T> UserRecord::*place, UserRecord& record) {
        if (coin())
            set(record.*place);
    }
    void set(std::optional<std::string>& value) { value = text(); }
    void set(std::optional<bool>& value) { value = coin(); }
    void set(std::optional<Time>& value) { value = time(); }
    void set(std::optional<Secret>& value) { value.emplace(text()); }
    void set(std::optional<std::vector<IdentityRecord>>& value) {
        value.emplace();
        for (std::size_t i = below(4); i > 0; --i) {
            IdentityRecord identity{text(), "", text(), {}, {}};
            if (identity.issuer.empty())
                identity.provider = text();
            if (coin())
                identity.linked_at = time();
            if (coin())
                identity.last_login_at = time();
            value->push_back(std::move(identity));
        }
    }
    void set(std::optional<std::vector<std::string>>& value) {
        value.emplace();
        for (std::size_t i = below(40); i > 0; --i)
            value->push_back(role());
    }
    std::string attributes() {
        std::string out = "{";
        for (std::size_t i = below(5); i > 0; --i) {
            append_json_string(out, "k" + std::to_string(i) + text());
            out += ':';
            append_json_string(out, text());
            out += i > 1 ? "," : "";
        }
        return out + "}";
    }

    UserRecord record() {
        UserRecord made;
        made.email = "a" + text() + "z";
        for (const RecordField& field : record_fields())
            std::visit(
                [&](auto place) {
                    using Place = decltype(place);
                    if constexpr (std::is_same_v<Place, ObjectText>) {
                        if (coin())
                            made.attributes = attributes();
                    } else if constexpr (!std::is_same_v<Place, std::string UserRecord::*>) {
                        fill(place, made);
                    }
                },
                field.place);
        if (made.password)
            made.password_hash.reset();
        return made;
    }

  private:
    std::mt19937_64 engine_;
};

bool same(const std::optional<Secret>& a, const std::optional<Secret>& b) {
    return a.has_value() == b.has_value() && (!a || a->reveal() == b->reveal());
}
template <class T> bool same(const T& a, const T& b) {
    return a == b;
}

void check_same(const UserRecord& a, const UserRecord& b) {
    for (const RecordField& field : record_fields()) {
        INFO(field.name);
        std::visit(
            [&](auto place) {
                if constexpr (std::is_same_v<decltype(place), ObjectText>)
                    CHECK(a.attributes == b.attributes);
                else
                    CHECK(same(a.*place, b.*place));
            },
            field.place);
    }
}

} // namespace

TEST_CASE("what is written reads as it was", "[provisioning][writer]") {
    constexpr unsigned count = 2000;
    const auto json = make_jsonl_writer({.secrets = true});
    const auto csv = make_csv_writer({.secrets = true});
    const auto raw = make_csv_writer({.secrets = true, .raw = true});
    std::string in_json;
    std::string in_csv;
    std::string in_raw;
    csv->begin(in_csv);
    raw->begin(in_raw);
    LeftBehind left;
    std::vector<UserRecord> records;
    Chance chance(20260131);
    for (unsigned i = 0; i < count; ++i) {
        records.push_back(chance.record());
        json->add(in_json, records.back(), left);
        csv->add(in_csv, records.back(), left);
        raw->add(in_raw, records.back(), left);
    }
    CHECK(left.empty());
    const std::vector<UserRecord> read_back[] = {
        read_users(ImportFormat::jsonl, in_json), read_users(ImportFormat::csv, in_csv),
        read_users(ImportFormat::csv, in_raw, 1000, {.raw_csv = true})};
    for (const auto& users : read_back) {
        REQUIRE(users.size() == count);
        for (std::size_t i = 0; i < count; ++i) {
            INFO(i);
            INFO((users[i].error ? users[i].error->message : ""));
            REQUIRE(!users[i].error);
            check_same(users[i], records[i]);
        }
    }
}

TEST_CASE("a user has one text", "[provisioning][writer]") {
    UserRecord ada;
    ada.email = "ada@example.org";
    ada.name = "Ada";
    ada.phone = "+4712345678";
    ada.roles = std::vector<std::string>{"admin", "tester"};
    ada.attributes = R"({"team":"blue"})";
    ada.verified = true;
    ada.created_at = from_unix_seconds(1769850300);
    ada.password_hash = "$2b$10$x";
    LeftBehind left;
    std::string json;
    make_jsonl_writer({})->add(json, ada, left);
    CHECK(
        json ==
        R"({"id":null,"email":"ada@example.org","username":null,"name":"Ada","phone":"+4712345678","address":null,"national_id":null,"roles":["admin","tester"],"attributes":{"team":"blue"},"verified":true,"disabled":null,"disabled_reason":null,"must_change_password":null,"created_at":"2026-01-31T09:05:00Z","updated_at":null,"last_login_at":null,"password_hash":"$2b$10$x"})"
        "\n");
    std::string csv;
    const auto writer = make_csv_writer({});
    writer->begin(csv);
    writer->add(csv, ada, left);
    CHECK(csv ==
          "id,email,username,name,phone,address,national_id,roles,attributes,verified,"
          "verified_at,disabled,disabled_at,disabled_reason,must_change_password,created_at,"
          "updated_at,last_login_at\r\n"
          ",ada@example.org,,Ada,'+4712345678,,,admin;tester,\"{\"\"team\"\":\"\"blue\"\"}\","
          "true,,,,,,2026-01-31T09:05:00Z,,\r\n");
}
