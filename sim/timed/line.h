// One cache line of the imagined machine: who holds it, and until when it is on its way.
//
// Holders are fiber indexes in creation order, never host addresses, so that a run costs the same
// wherever its objects happen to lie. A line belongs to one simulation: it must not outlive it.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "numa/ids.h"

namespace tally::timed {

// A set of small integers: one word for the first 64, more only when somebody beyond asks.
class HolderSet {
 public:
  bool Contains(uint32_t index) const {
    if (index < 64) return (low_ >> index & 1) != 0;
    const size_t word = index / 64 - 1;
    return word < high_.size() && (high_[word] >> (index % 64) & 1) != 0;
  }
  void Add(uint32_t index) {
    if (index < 64) {
      low_ |= uint64_t{1} << index;
      return;
    }
    const size_t word = index / 64 - 1;
    if (word >= high_.size()) high_.resize(word + 1);
    high_[word] |= uint64_t{1} << (index % 64);
    high_used_ = true;
  }
  void Clear() {
    low_ = 0;
    if (!high_used_) return;
    std::fill(high_.begin(), high_.end(), 0);
    high_used_ = false;
  }

 private:
  uint64_t low_ = 0;
  std::vector<uint64_t> high_;
  bool high_used_ = false;
};

class Line {
 public:
  // Who builds a structure writes it, mostly into a stack frame or a slab that it has just used:
  // the builder holds the line. Built before the simulation: nobody does.
  Line();
  Line(const Line&) = delete;
  Line& operator=(const Line&) = delete;

 private:
  friend class Kernel;
  static constexpr int32_t kNobody = -1;

  int32_t only_holder_ = kNobody;  // set while exactly one fiber holds the line and may write it
  int32_t writer_ = kNobody;       // the last one
  int32_t reader_ = kNobody;       // the last one: it forwards the line to the next reader
  Nanos spread_ns_ = 0;            // how far the readers' copies are from the writer
  Nanos free_at_ = 0;              // a new writer waits for the transfers before it
  HolderSet readers_;
};

}  // namespace tally::timed
