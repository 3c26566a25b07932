// The unbalanced tree of Olivier, Huan, Liu, Prins, Dinan, Sadayappan and Tseng, "UTS: An
// Unbalanced Tree Search Benchmark", LCPC 2006: geometric, of fixed shape, b = 4, d = 10, seed 19
// ("T1", 4,130,071 nodes). A node's state is the SHA-1 of its parent's state and its own number, so
// nobody can know how large a subtree is. Same code for all contenders; SHA-1 is OpenSSL's, which
// uses the CPU's instructions for it where there are any.
#pragma once

#define OPENSSL_SUPPRESS_DEPRECATED  // one block of SHA-1 has no call in the new interface
#include <openssl/sha.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>

namespace tally::benchmarks::uts {

inline constexpr int kChildrenMax = 100;
inline constexpr double kBranching = 4;
inline constexpr int kSeed = 19;

// Built by the parent, in its frame, which also gets the answer.
struct Node {
  std::array<uint32_t, 5> state;  // SHA-1's, in the host's byte order
  int32_t height;
  int64_t nodes;  // of the subtree, once it has been searched
};

inline uint32_t BigEndian(uint32_t word) { return __builtin_bswap32(word); }

// SHA-1 of `count` (at most 13) words, which fit into one block with the padding.
template <size_t count>
std::array<uint32_t, 5> Sha1(const std::array<uint32_t, count>& words) {
  static_assert(std::endian::native == std::endian::little && count <= 13);
  std::array<uint32_t, 16> block{};
  for (size_t i = 0; i < count; ++i) block[i] = BigEndian(words[i]);
  block[count] = BigEndian(0x80000000);
  block[15] = BigEndian(count * 32);
  SHA_CTX sha{};
  sha.h0 = 0x67452301;
  sha.h1 = 0xefcdab89;
  sha.h2 = 0x98badcfe;
  sha.h3 = 0x10325476;
  sha.h4 = 0xc3d2e1f0;
  SHA1_Transform(&sha, reinterpret_cast<const unsigned char*>(block.data()));
  return {sha.h0, sha.h1, sha.h2, sha.h3, sha.h4};
}

inline Node Root() { return {.state = Sha1<5>({0, 0, 0, 0, kSeed}), .height = 0, .nodes = 0}; }

inline int CountChildren(const Node& node, int depth) {
  if (node.height >= depth) return 0;
  static const double log_of_rest = std::log(1 - 1 / (1 + kBranching));
  const double uniform = (node.state[4] & 0x7fffffff) / 2147483648.0;
  const int count = static_cast<int>(std::floor(std::log(1 - uniform) / log_of_rest));
  return std::min(count, kChildrenMax);
}

inline void MakeChild(const Node& parent, int number, Node& child) {
  std::array<uint32_t, 6> words;
  std::copy(parent.state.begin(), parent.state.end(), words.begin());
  words[5] = static_cast<uint32_t>(number);
  child.state = Sha1(words);
  child.height = parent.height + 1;
}

inline int64_t CountNodes(const std::array<Node, kChildrenMax>& children, int count) {
  int64_t nodes = 1;
  for (int i = 0; i < count; ++i) nodes += children[i].nodes;
  return nodes;
}

}  // namespace tally::benchmarks::uts
