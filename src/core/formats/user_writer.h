// Writes users in the forms that our own readers take back: read(write(x)) is x, and one user has
// one text.
#pragma once

#include "core/formats/user_record.h"

#include <string>

namespace auth {

// One line of NDJSON, with its end. Members stand in one order; what a profile has not is null,
// what only some users have (password_hash, totp, dates of verification…) is left out. Holds
// secrets where the record does. All texts must be valid UTF-8, and the attributes be as a reader
// gives them.
void append_json_user(std::string& out, const UserRecord& record);

// Columns are the same for every user of a file. With `secrets` also password_hash, totp,
// identities and what goes with them.
struct CsvForm {
    bool secrets = false;
    bool raw = false; // cells that a spreadsheet takes for formulas get no ' before them
};
void append_csv_header(std::string& out, CsvForm form);
void append_csv_user(std::string& out, const UserRecord& record, CsvForm form);

} // namespace auth
