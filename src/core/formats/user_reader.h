// Every format that users are imported from, and how to open a file of one.
#pragma once

#include "core/formats/byte_source.h"
#include "core/formats/user_record.h"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace auth {

enum class ImportFormat {
    jsonl,
    csv,
    htpasswd,
    shadow,
    django,
    keycloak,
    firebase,
    auth0,
    kratos,
    supabase,
    ldif,
    passlib_csv,
};

struct ReaderOptions {
    // Makes NAME@DOMAIN the address of a user of another system who has a name only.
    std::string domain{};
    // The text of a file that says how Firebase hashed: see open_firebase.
    std::string hash_config{};
    // What has expired by then keeps its user out.
    Time now{};
    // CSV cells are taken as they stand: no leading ' is removed that export put before a formula.
    bool raw_csv = false;
};

// The name that --from takes. Fails with usage, naming the nearest.
[[nodiscard]] std::string_view format_name(ImportFormat format);
[[nodiscard]] Result<ImportFormat> parse_format(std::string_view name);
[[nodiscard]] std::vector<std::string> format_names();

// What the first bytes are, helped by the file's name ("" for none). Fails with usage, saying what
// stands there and how to say the format.
[[nodiscard]] Result<ImportFormat> detect_format(std::string_view head, std::string_view file_name);

// Fails with usage where the options do not suit the format or the file's head is none of its own.
[[nodiscard]] Result<std::unique_ptr<UserReader>>
open_reader(ImportFormat format, ByteSource source, const ReaderOptions& options = {});

} // namespace auth
