// What one worker's tasks declared they touch, by where it lies: a statistic with one writer.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "numa/ids.h"

namespace tally {

struct TouchCount {
  uint64_t accesses = 0;
  uint64_t bytes = 0;
  friend bool operator==(const TouchCount&, const TouchCount&) = default;
};

template <class W>
class TouchCounters {
 public:
  explicit TouchCounters(size_t nodes) : cells_(nodes + 1) {}

  // By the worker only. `home`: -1 if nobody knows.
  void Add(NodeId home, size_t bytes) {
    const size_t unknown = cells_.size() - 1;
    Cell& cell = cells_[home.valid() && home.index() < unknown ? home.index() : unknown];
    cell.accesses.Add(1);
    cell.bytes.Add(bytes);
  }

  // By NodeId, then one for memory of unknown home. By anyone.
  std::vector<TouchCount> Read() const {
    std::vector<TouchCount> counts;
    counts.reserve(cells_.size());
    for (const Cell& cell : cells_) counts.push_back({cell.accesses.Read(), cell.bytes.Read()});
    return counts;
  }

 private:
  struct Cell {
    typename W::Counter accesses, bytes;
  };
  std::vector<Cell> cells_;
};

}  // namespace tally
