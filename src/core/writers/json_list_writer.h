// A JSON document with a list of users in it, written user by user.
#pragma once

#include "core/base/json.h"
#include "core/writers/user_writer.h"

namespace auth {

class JsonListWriter : public UserWriter {
  public:
    // The document is `head`, the users between brackets, and `tail`.
    JsonListWriter(std::string head, std::string tail)
        : head_(std::move(head)), tail_(std::move(tail)) {}

    void begin(std::string& out) final;
    void add(std::string& out, const UserRecord& user, LeftBehind& left) final;
    void end(std::string& out) final;

  protected:
    [[nodiscard]] virtual Json element(const UserRecord& user, LeftBehind& left) const = 0;

  private:
    std::string head_;
    std::string tail_;
    bool any_ = false;
};

// The user's attributes as an object of texts.
[[nodiscard]] Json attributes_of(const UserRecord& user);
// Puts the fields of those names that the user has into the object.
void put_profile(Json& object, const UserRecord& user,
                 std::initializer_list<std::string_view> names);

} // namespace auth
