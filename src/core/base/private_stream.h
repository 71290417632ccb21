// A private file that is written bit by bit: an export, the results of an import.
#pragma once

#include "core/base/private_descriptor.h"
#include "core/base/random.h"

#include <filesystem>
#include <string>
#include <string_view>

namespace auth {

class PrivateStream {
  public:
    // A new file, under another name until finish() gives it its own; takes the place of a file of
    // ours, or of none. Fails with unsafe_permissions or io.
    [[nodiscard]] static Result<PrivateStream> replace(const std::filesystem::path& path,
                                                       Random& random);
    // The same in a directory that exists. Without `replaces` fails with exists, at once or when it
    // is finished, where there is a file of that name.
    [[nodiscard]] static Result<PrivateStream> create(const std::filesystem::path& path,
                                                      bool replaces, Random& random);
    // Goes on after the first `size` bytes of a file of ours, or of a new one; what followed is cut
    // off. With `fresh` fails with exists where there is one.
    [[nodiscard]] static Result<PrivateStream> append(const std::filesystem::path& path,
                                                      std::uint64_t size, bool fresh);
    PrivateStream(PrivateStream&&) noexcept = default;
    PrivateStream& operator=(PrivateStream&&) = delete;
    ~PrivateStream(); // an unfinished replacement leaves nothing

    [[nodiscard]] Status write(std::string_view text); // may keep some of it back
    [[nodiscard]] Status sync();                       // all of it is on disk
    [[nodiscard]] Status finish();                     // the same, under its own name

  private:
    PrivateStream(Descriptor file, std::filesystem::path path, std::filesystem::path fresh,
                  bool replaces);

    Descriptor file_;
    std::filesystem::path path_;
    std::filesystem::path fresh_; // its name until it is finished, or empty
    bool replaces_;
    std::string held_;
};

} // namespace auth
