// A realm with an audit log of some length, and files beside it.
#pragma once

#include "core/keys/discovery.h"
#include "core/keys/key_lifecycle.h"
#include "core/trail/archive.h"
#include "core/trail/checkpoint.h"
#include "core/trail/row_proof.h"
#include "core/trail/trail_check.h"
#include "support/test_realm.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace auth::test {

struct Trail : TestRealm {
    explicit Trail(int rows = 8) { add(rows); }

    // Each ten seconds after the one before.
    void add(int rows) {
        Transaction transaction(database());
        for (int i = 0; i < rows; ++i) {
            clock.advance(Seconds(10));
            record(realm(), {"user_updated",
                             "user" + std::to_string(i % 3),
                             i % 4 != 3,
                             {{"fields", {"näme", "\"x\"\n"}}, {"n", i}}});
        }
        transaction.commit();
    }
    void erase(const std::string& target) {
        Transaction transaction(database());
        erase_details(realm(), target);
        record(realm(), {deletion_event, target});
        transaction.commit();
    }
    [[nodiscard]] std::int64_t rows() { return audit_head(database()).rows; }

    std::filesystem::path file(const std::string& name = "archive.jsonl") const {
        return directory() / name;
    }
    // All but the latest rows, and their number, or why not.
    std::string archive(const std::string& name = "archive.jsonl", int but = 3) {
        const auto first = query("SELECT at FROM audit ORDER BY seq DESC LIMIT 1 OFFSET " +
                                 std::to_string(but - 1));
        const auto done = archive_rows(
            realm(), {file(name), from_unix_seconds(std::stoll(first)), [](std::int64_t) {}});
        return !done ? done.error().message : *done ? std::to_string((*done)->rows) : "none";
    }
    // What is wrong, or nothing.
    std::string check(const std::vector<std::string>& names = {},
                      const std::optional<Checkpoint>& checkpoint = std::nullopt) {
        std::vector<std::filesystem::path> files;
        for (const std::string& name : names)
            files.push_back(file(name));
        const auto checked = check_trail(realm(), files, checkpoint);
        return checked ? "" : checked.error().message;
    }
    std::string published() { return jwks_document(published_keys(realm())).dump(); }

    std::string read(const std::string& name = "archive.jsonl") const {
        std::ifstream in(file(name), std::ios::binary);
        return {std::istreambuf_iterator<char>(in), {}};
    }
    void write(const std::string& bytes, const std::string& name = "archive.jsonl") const {
        std::ofstream(file(name), std::ios::binary | std::ios::trunc) << bytes;
    }
};

} // namespace auth::test
