// The scheduler's own PRNG: seeded, integer, the same on every compiler.
#pragma once

#include <cstdint>

namespace tally {

// The finalizer of SplitMix64 (Steele, Lea, Flood, OOPSLA 2014): also our mixing function.
constexpr uint64_t Mix64(uint64_t x) {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ull;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebull;
  return x ^ (x >> 31);
}

class Random {
 public:
  constexpr explicit Random(uint64_t seed) : state_(seed) {}

  constexpr uint64_t Next() { return Mix64(state_ += 0x9e3779b97f4a7c15ull); }

  // Uniform in [0, n) up to a bias of n / 2^64. n > 0.
  constexpr uint32_t Below(uint32_t n) {
    return static_cast<uint32_t>((static_cast<unsigned __int128>(Next()) * n) >> 64);
  }

 private:
  uint64_t state_;
};

}  // namespace tally
