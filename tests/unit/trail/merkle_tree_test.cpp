#include "core/base/encoding.h"
#include "core/trail/merkle_tree.h"
#include "support/catch.h"

#include <numeric>

using namespace auth;

namespace {

using Entries = std::vector<std::string>;

Entries entries(std::size_t count) {
    Entries out;
    for (std::size_t i = 0; i < count; ++i)
        out.push_back("entry " + std::to_string(i));
    return out;
}

// RFC 9162 sections 2.1.1 and 2.1.3.1, word by word.
std::size_t split_of(std::size_t size) {
    std::size_t k = 1;
    while (k * 2 < size)
        k *= 2;
    return k;
}

std::string head(const Entries& list, std::size_t from, std::size_t to) {
    const std::size_t size = to - from;
    if (size == 0)
        return sha256("");
    if (size == 1)
        return sha256(std::string(1, '\0') + list[from]);
    const std::size_t k = split_of(size);
    return sha256("\1" + head(list, from, from + k) + head(list, from + k, to));
}

MerklePath path_of(const Entries& list, std::size_t index, std::size_t from, std::size_t to) {
    if (to - from == 1)
        return {};
    const std::size_t k = split_of(to - from);
    const bool left = index < k;
    MerklePath path =
        left ? path_of(list, index, from, from + k) : path_of(list, index - k, from + k, to);
    path.push_back(left ? head(list, from + k, to) : head(list, from, from + k));
    return path;
}

MerkleTree tree_of(const Entries& list, std::optional<std::size_t> watched = std::nullopt) {
    MerkleTree tree;
    if (watched)
        tree.watch(*watched);
    for (const std::string& entry : list)
        tree.add(entry);
    return tree;
}

} // namespace

TEST_CASE("roots of trees are those of Certificate Transparency's own tests") {
    // certificate-transparency-go, merkletree tests: eight entries and the roots of each prefix.
    Entries list;
    for (const char* hex : {"", "00", "10", "2021", "3031", "40414243", "5051525354555657",
                            "606162636465666768696a6b6c6d6e6f"})
        list.push_back(*from_hex(hex));
    const char* const roots[] = {
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"};
    MerkleTree tree;
    CHECK(to_hex(tree.root()) ==
          "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    for (std::size_t i = 0; i < list.size(); ++i) {
        tree.add(list[i]);
        CHECK(to_hex(tree.root()) == roots[i]);
    }
}

TEST_CASE("root and every path of every tree of up to 70 entries are those of RFC 9162") {
    for (std::size_t size = 1; size <= 70; ++size) {
        CAPTURE(size);
        const Entries list = entries(size);
        const std::string root = head(list, 0, size);
        REQUIRE(tree_of(list).root() == root);
        for (std::size_t index = 0; index < size; ++index) {
            CAPTURE(index);
            const MerklePath path = tree_of(list, index).path();
            REQUIRE(path == path_of(list, index, 0, size));
            REQUIRE(merkle_root(list[index], index, size, path) == root);
        }
    }
}

TEST_CASE("a path proves one entry at one place of one tree") {
    for (std::size_t size = 1; size <= 40; ++size) {
        CAPTURE(size);
        const Entries list = entries(size);
        const std::string root = head(list, 0, size);
        for (std::size_t index = 0; index < size; ++index) {
            const MerklePath path = tree_of(list, index).path();
            REQUIRE(merkle_root("another", index, size, path) != root);
            for (std::size_t other = 0; other < size + 2; ++other)
                if (other != index)
                    REQUIRE(merkle_root(list[index], other, size, path) != root);
            for (std::size_t i = 0; i < path.size(); ++i) {
                MerklePath shorter = path;
                shorter.erase(shorter.begin() + static_cast<std::ptrdiff_t>(i));
                REQUIRE_FALSE(merkle_root(list[index], index, size, shorter));
                MerklePath altered = path;
                altered[i][5] = static_cast<char>(altered[i][5] ^ 1);
                REQUIRE(merkle_root(list[index], index, size, altered) != root);
            }
            MerklePath longer = path;
            longer.push_back(root);
            REQUIRE_FALSE(merkle_root(list[index], index, size, longer));
        }
    }
}

TEST_CASE("a tree goes on from the nodes of its parts, wherever they are cut") {
    constexpr std::size_t size = 45;
    const Entries list = entries(size);
    const std::string root = head(list, 0, size);
    for (std::size_t first = 0; first <= size; ++first)
        for (std::size_t second = first; second <= size; ++second) {
            CAPTURE(first, second);
            MerkleTree part(first);
            for (std::size_t i = first; i < second; ++i)
                part.add(list[i]);
            // Whichever leaf is watched, the other parts come as nodes alone.
            for (const std::size_t watched : {first, (first + second) / 2, second - 1}) {
                if (watched < first || watched >= second)
                    continue;
                MerkleTree tree;
                tree.watch(watched);
                tree.add(
                    tree_of(Entries(list.begin(), list.begin() + std::ptrdiff_t(first))).nodes());
                for (std::size_t i = first; i < second; ++i)
                    tree.add(list[i]);
                MerkleTree rest(second);
                for (std::size_t i = second; i < size; ++i)
                    rest.add(list[i]);
                tree.add(rest.nodes());
                REQUIRE(tree.size() == size);
                REQUIRE(tree.root() == root);
                REQUIRE(tree.path() == path_of(list, watched, 0, size));
            }
            MerkleTree joined =
                tree_of(Entries(list.begin(), list.begin() + std::ptrdiff_t(first)));
            joined.add(part.nodes());
            for (std::size_t i = second; i < size; ++i)
                joined.add(list[i]);
            REQUIRE(joined.root() == root);
        }
}
