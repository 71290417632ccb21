// Merkle trees of RFC 9162 section 2.1 with SHA-256: one hash for a list of entries, and a short
// proof that one entry is in it.
#pragma once

#include "core/base/digest.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace auth {

using MerklePath = std::vector<std::string>; // from the leaf upwards, 32 bytes each

// A whole subtree of 2^level leaves.
struct MerkleNode {
    int level = 0;
    std::string hash; // 32 bytes
    [[nodiscard]] std::uint64_t leaves() const { return std::uint64_t{1} << unsigned(level); }
    bool operator==(const MerkleNode&) const = default;
};

// Takes the entries in order, and keeps no more than a few hashes however many there are.
class MerkleTree {
  public:
    // Of a list whose first `start` entries are left out: such a tree has nodes, but no root.
    explicit MerkleTree(std::uint64_t start = 0) : end_(start) {}
    // Keeps the path of the leaf with this index, counted from 0. Call it before the leaf comes.
    void watch(std::uint64_t index) { watched_ = index; }

    void add(std::string_view entry);
    // Entries that another tree took: its nodes, where that one began at this one's end.
    void add(const std::vector<MerkleNode>& nodes);

    [[nodiscard]] std::uint64_t size() const { return end_; } // those left out included
    // The largest whole subtrees, from left to right: all that goes on needs.
    [[nodiscard]] std::vector<MerkleNode> nodes() const;
    [[nodiscard]] std::string root();
    // Of the watched leaf, once it was added and while the tree does not grow any more.
    [[nodiscard]] MerklePath path();

  private:
    struct Part {
        MerkleNode node;
        std::uint64_t first; // index of its first leaf
        [[nodiscard]] bool holds(std::uint64_t index) const {
            return index >= first && index - first < node.leaves();
        }
    };
    void push(MerkleNode node);
    [[nodiscard]] std::string joined(std::string_view left, std::string_view right);

    Sha256 digest_;
    std::vector<Part> parts_;
    std::uint64_t end_;
    std::optional<std::uint64_t> watched_;
    MerklePath path_;
};

// The root that the path leads to from this entry (RFC 9162 section 2.1.3.2); nothing where the
// path has not the length of one in a tree of that size.
[[nodiscard]] std::optional<std::string> merkle_root(std::string_view entry, std::uint64_t index,
                                                     std::uint64_t size, const MerklePath& path);

// "3:HEX 0:HEX": level and hash of each.
[[nodiscard]] std::string to_text(const std::vector<MerkleNode>& nodes);
// Nothing for what to_text does not write.
[[nodiscard]] std::optional<std::vector<MerkleNode>> nodes_from(std::string_view text);

} // namespace auth
