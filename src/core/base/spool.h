// Lines held back until they may be shown: in memory at first, then in a file without a name, so
// that many of them take little memory.
#pragma once

#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace auth {

class Spool {
  public:
    // Adds one line, without its newline. Throws Failure, code io, where there is no room.
    void add(std::string_view line);
    // After the last add(): whole lines in order, some at a time; nothing at the end.
    [[nodiscard]] std::optional<std::string> next();
    // They come again.
    void rewind() { reading_ = false; }

  private:
    struct Close {
        void operator()(std::FILE* file) const { (void)std::fclose(file); }
    };
    void flush();

    std::string held_;
    std::unique_ptr<std::FILE, Close> file_;
    bool reading_ = false;
};

} // namespace auth
