#include "core/jose/token_wrapping.h"
#include "support/catch.h"

#include <string>
#include <vector>

using namespace auth;

namespace {

using Taken = std::vector<std::string_view>;

const std::string token = "eyJhbGciOiJIUzI1NiJ9.e30.c2ln";

std::string unwrapped(const std::string& before, const std::string& after = "") {
    const std::string text = before + token + after;
    return std::string(unwrap_token(text).token);
}

Taken taken(const std::string& text) {
    return unwrap_token(text).taken;
}

} // namespace

TEST_CASE("what stands round a token is taken off") {
    for (const auto& [before, after] :
         std::vector<std::pair<std::string, std::string>>{{"", ""},
                                                          {"  ", "\t"},
                                                          {"", "\r\n"},
                                                          {"\n\n", "\n\n"},
                                                          {"Bearer ", ""},
                                                          {"bearer ", ""},
                                                          {"BEARER \t ", "\r\n"},
                                                          {"Authorization: Bearer ", "\r\n"},
                                                          {"authorization:bearer ", ""},
                                                          {"Authorization: ", ""},
                                                          {"\"", "\""},
                                                          {"'", "'\n"},
                                                          {"`", "`"},
                                                          {" \" ", " \" "},
                                                          {"\"Bearer ", "\""},
                                                          {"Bearer \"", "\""},
                                                          {"'Authorization: Bearer ", "'\n"},
                                                          {"Authorization: \"Bearer ", "\""},
                                                          {"\xef\xbb\xbf", "\n"}}) {
        CAPTURE(before, after);
        CHECK(unwrapped(before, after) == token);
    }
}

TEST_CASE("it is told what was taken off, each once") {
    CHECK(taken(token).empty());
    CHECK(taken("Bearer " + token) == Taken{"'Bearer'", "white space"});
    CHECK(taken(" \"Authorization: Bearer " + token + "\"\r") ==
          Taken{"white space", "quotes", "'Authorization:'", "'Bearer'"});
    CHECK(taken("'" + token + "'") == Taken{"quotes"});
    CHECK(taken("\xef\xbb\xbf" + token) == Taken{"a byte order mark"});
}

TEST_CASE("inside a token nothing is forgiven, nor what is wrapped twice or by halves") {
    for (const std::string& text : std::vector<std::string>{
             token + ".", "." + token, "\"" + token, token + "'", "\"" + token + "'",
             "Bearer" + token, "Bearer:" + token, "Bearer Bearer " + token, "Basic " + token,
             "X-Authorization: " + token, "access_token=" + token, "<" + token + ">", token + ",",
             "eyJhbGciOiJIUzI1NiJ9. e30.c2ln", "eyJhbGciOiJIUzI1NiJ9.\"e30\".c2ln",
             "eyJhbGciOiJIUzI1NiJ9.e30\r.c2ln"}) {
        CAPTURE(text);
        const std::string_view left = unwrap_token(text).token;
        CHECK(left != token);
        CHECK(left.size() >= token.size());
    }
    CHECK(unwrap_token("\"\"" + token + "\"\"").token == "\"" + token + "\"");
}

TEST_CASE("nothing is left of text that is only wrapping") {
    for (const char* text : {"", " ", "\r\n", "\"\"", "Authorization:", "Authorization: \"\""})
        CHECK(unwrap_token(text).token.empty());
    for (const char* text : {"Bearer", "Bearer ", "'"})
        CHECK(unwrap_token(text).token ==
              std::string_view(text).substr(0, text[0] == '\'' ? 1 : 6));
}
