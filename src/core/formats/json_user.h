// One user of our own form, from JSON text: the members of auth-cli.user/1 and what export adds.
#pragma once

#include "core/formats/user_record.h"

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace auth {

class JsonUserParser {
  public:
    JsonUserParser();
    ~JsonUserParser();

    // InputWindow::padding bytes behind the text may be read. Text that held a secret is wiped.
    // Sets all but the line; what is wrong with the user becomes its error.
    void read(std::span<char> text, UserRecord& record);

    // The text of a JSON object of texts, checked and without white space. Fails with usage, field
    // "attributes".
    [[nodiscard]] Result<std::string> read_attributes(std::string_view text);

    // The same of a list of identities, field "identities".
    [[nodiscard]] Result<std::vector<IdentityRecord>> read_identities(std::string_view text);

  private:
    struct State;
    std::unique_ptr<State> state_;
};

} // namespace auth
