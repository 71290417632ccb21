// The key sets of issuers, kept in files between runs. A key set decides whose tokens pass, so an
// entry counts only as this program wrote it: it carries a MAC, whose key is not kept beside it.
#pragma once

#include "core/base/clock.h"
#include "core/base/private_file.h"
#include "core/base/random.h"
#include "core/base/result.h"
#include "core/base/secret.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace auth {

// Why the last attempt to fetch an issuer's keys failed.
struct Outage {
    Time at;
    std::string reason; // of the error, whose code is delivery
    std::string message;
    bool passing = false; // the issuer is down or busy; it did not give a wrong answer
};

// A key that a token named and the issuer did not have.
struct SoughtKey {
    std::string kid_hash;
    Time at;
};

struct IssuerEntry {
    std::int64_t serial = 0; // grows with every attempt to fetch
    std::string keys;        // the JWK set as it was fetched; "" where there is none
    Time fetched_at{};
    Time fresh_until{}; // by the issuer's word
    std::optional<Outage> outage{};
    std::vector<SoughtKey> sought{};
};

// For one process; any number of them may share the files.
class IssuerCache {
  public:
    struct Place {
        std::filesystem::path directory;
        std::filesystem::path mac_key; // the file that holds it; made at the first write
    };
    // `random` outlives it.
    IssuerCache(Place place, Random& random) : place_(std::move(place)), random_(&random) {}

    // Nothing where there is none. Fails with unsafe_permissions or io, and with io, reason
    // "altered", for what this program did not write for that issuer.
    [[nodiscard]] Result<std::optional<IssuerEntry>> read(std::string_view issuer) const;
    // While it is held, no other process fetches that issuer's keys. Fails as FileLock::acquire.
    [[nodiscard]] Result<FileLock> lock(std::string_view issuer) const;
    // Also in the place of a file that read() refuses, and forgets issuers that nobody has asked
    // about for two days. Fails with unsafe_permissions or io.
    [[nodiscard]] Status write(std::string_view issuer, const IssuerEntry& entry, Time now) const;

  private:
    [[nodiscard]] std::filesystem::path file_of(std::string_view issuer) const;
    [[nodiscard]] Result<std::optional<Secret>> read_mac_key() const;
    [[nodiscard]] Result<Secret> make_mac_key() const;
    void forget_old(const std::filesystem::path& kept, Time now) const;

    Place place_;
    Random* random_;
};

} // namespace auth
