#include "core/trail/merkle_tree.h"

#include "core/base/encoding.h"
#include "core/base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace auth {
namespace {

// RFC 9162 section 2.1.1: so that no node passes for a leaf.
constexpr char leaf_prefix = 0;
constexpr char node_prefix = 1;
constexpr std::size_t hash_bytes = 32;
constexpr std::int64_t most_levels = 63;

} // namespace

std::string MerkleTree::joined(std::string_view left, std::string_view right) {
    return digest_(std::string(1, node_prefix).append(left).append(right));
}

void MerkleTree::add(std::string_view entry) {
    push({0, digest_(std::string(1, leaf_prefix).append(entry))});
}

void MerkleTree::add(const std::vector<MerkleNode>& nodes) {
    for (const MerkleNode& node : nodes)
        push(node);
}

void MerkleTree::push(MerkleNode node) {
    Part part{std::move(node), end_};
    end_ += part.node.leaves();
    // Two neighbours of one size are one subtree if the left one is a left child.
    while (!parts_.empty() && parts_.back().node.level == part.node.level &&
           (parts_.back().first >> unsigned(part.node.level)) % 2 == 0) {
        const Part left = std::move(parts_.back());
        parts_.pop_back();
        if (watched_ && left.holds(*watched_))
            path_.push_back(part.node.hash);
        else if (watched_ && part.holds(*watched_))
            path_.push_back(left.node.hash);
        part = {{left.node.level + 1, joined(left.node.hash, part.node.hash)}, left.first};
    }
    parts_.push_back(std::move(part));
}

std::vector<MerkleNode> MerkleTree::nodes() const {
    std::vector<MerkleNode> out;
    for (const Part& part : parts_)
        out.push_back(part.node);
    return out;
}

std::string MerkleTree::root() {
    if (parts_.empty())
        return sha256("");
    std::string hash = parts_.back().node.hash;
    for (auto part = std::next(parts_.rbegin()); part != parts_.rend(); ++part)
        hash = joined(part->node.hash, hash);
    return hash;
}

MerklePath MerkleTree::path() {
    MerklePath out = path_;
    std::string hash;
    bool below = false; // what `hash` covers holds the watched leaf
    for (auto part = parts_.rbegin(); part != parts_.rend(); ++part) {
        const bool here = part->holds(*watched_);
        if (part != parts_.rbegin() && (here || below))
            out.push_back(here ? hash : part->node.hash);
        hash = part == parts_.rbegin() ? part->node.hash : joined(part->node.hash, hash);
        below = below || here;
    }
    return out;
}

std::optional<std::string> merkle_root(std::string_view entry, std::uint64_t index,
                                       std::uint64_t size, const MerklePath& path) {
    if (index >= size)
        return std::nullopt;
    std::string hash = sha256(std::string(1, leaf_prefix).append(entry));
    std::uint64_t at = index;
    std::uint64_t last = size - 1;
    for (const std::string& other : path) {
        if (last == 0)
            return std::nullopt;
        const bool from_left = at % 2 == 1 || at == last;
        hash = sha256(std::string(1, node_prefix)
                          .append(from_left ? other : hash)
                          .append(from_left ? hash : other));
        while (from_left && at % 2 == 0 && at != 0) {
            at /= 2;
            last /= 2;
        }
        at /= 2;
        last /= 2;
    }
    return last == 0 ? std::optional(hash) : std::nullopt;
}

std::string to_text(const std::vector<MerkleNode>& nodes) {
    std::string out;
    for (const MerkleNode& node : nodes)
        out += fmt::format("{}{}:{}", out.empty() ? "" : " ", node.level, to_hex(node.hash));
    return out;
}

std::optional<std::vector<MerkleNode>> nodes_from(std::string_view text) {
    std::vector<MerkleNode> out;
    if (text.empty())
        return out;
    for (const std::string& part : split(text, ' ')) {
        const std::size_t colon = std::min(part.find(':'), part.size());
        const auto level = parse_integer(part.substr(0, colon));
        auto hash = from_hex(part.substr(std::min(colon + 1, part.size())));
        if (!level || *level < 0 || *level >= most_levels || !hash || hash->size() != hash_bytes)
            return std::nullopt;
        out.push_back({static_cast<int>(*level), *std::move(hash)});
    }
    return to_text(out) == text ? std::optional(std::move(out)) : std::nullopt;
}

} // namespace auth
