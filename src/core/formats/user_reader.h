// Every format that users are imported from, and how to open a file of one.
#pragma once

#include "core/base/json.h"
#include "core/formats/byte_source.h"
#include "core/formats/user_record.h"

#include <map>
#include <memory>
#include <optional>
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
    authelia,
    dovecot,
    wordpress,
};

// Names elsewhere and here.
using Renames = std::map<std::string, std::string, std::less<>>;

struct ReaderOptions {
    // Makes NAME@DOMAIN the address of a user of another system who has a name only.
    std::string domain{};
    // The text of a file that says how Firebase hashed: see open_firebase.
    std::string hash_config{};
    // What has expired by then keeps its user out.
    Time now{};
    // CSV cells are taken as they stand: no leading ' is removed that export put before a formula.
    bool raw_csv = false;
    // Reads YAML, for formats that are such.
    ParseYaml parse_yaml{};
    // What is between CSV cells; nothing to see it from the first row.
    std::optional<char> delimiter{};
    // Columns of CSV by their own names, and the fields ("name", "attributes.KEY") that they are.
    Renames columns{};
    std::vector<std::string> ignored_columns{};
    // Roles and groups by their own names, and what they are called here.
    Renames role_names{};
};

// The name that --from takes. Fails with usage, naming the nearest.
[[nodiscard]] std::string_view format_name(ImportFormat format);
[[nodiscard]] Result<ImportFormat> parse_format(std::string_view name);
[[nodiscard]] std::vector<std::string> format_names();
// Whether its files are of another system.
[[nodiscard]] bool is_foreign(ImportFormat format);

// What the first bytes are, helped by the file's name ("" for none). Fails with usage, saying what
// stands there and how to say the format.
[[nodiscard]] Result<ImportFormat> detect_format(std::string_view head, std::string_view file_name);

// Fails with usage where the options do not suit the format or the file's head is none of its own.
[[nodiscard]] Result<std::unique_ptr<UserReader>>
open_reader(ImportFormat format, ByteSource source, const ReaderOptions& options = {});

// A file of users as it arrives: see decoded() for what it may be packed in.
struct UsersFile {
    std::unique_ptr<UserReader> reader;
    ImportFormat format = ImportFormat::jsonl;
    double bytes_a_line = 0; // in its first part; 0 where lines and bytes have nothing in common
};
// `format` is nothing to detect it, with the file's name. Fails as decoded, detect_format and
// open_reader do.
[[nodiscard]] Result<UsersFile> open_users(ByteSource source, std::optional<ImportFormat> format,
                                           std::string_view file_name,
                                           const ReaderOptions& options);

} // namespace auth
