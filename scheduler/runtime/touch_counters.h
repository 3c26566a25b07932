// What one worker's tasks declared they touch, by where it lies: a statistic with one writer.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "numa/ids.h"
#include "scheduler/trace/event.h"

namespace tally {

struct TouchCount {
  uint64_t accesses = 0;
  uint64_t bytes = 0;
  friend bool operator==(const TouchCount&, const TouchCount&) = default;
};

// By home: a NodeId; the last: of unknown home.
using TouchesByHome = std::vector<TouchCount>;

// Of the tasks of one name.
struct TypeTouches {
  uint32_t name_hash = 0;  // NameHash() of the task's name: the text is in recordings only
  TouchesByHome by_home;
  friend bool operator==(const TypeTouches&, const TypeTouches&) = default;
};

// Conflict: a program may have as many task types as it has call sites, and counting must neither
// allocate nor search long. So the first kTypes names that a worker meets have an account of their
// own, and the rest share one, which is called "other". Price: that much memory per worker, and
// which names share may differ from run to run where there are more.
template <class W>
class TouchCounters {
 public:
  static constexpr size_t kTypes = 16;
  static constexpr uint32_t kOther = NameHash("other");

  // `counts`: false if Add() is never called; then there is room for nothing.
  TouchCounters(size_t nodes, bool counts)
      : homes_(nodes + 1), cells_(homes_ * (counts ? kTypes + 2 : 1)) {}

  // By the worker only, for a task of this name. `home`: -1 if nobody knows.
  void Add(NodeId home, size_t bytes, uint32_t name_hash) {
    const size_t unknown = homes_ - 1;
    const size_t at = home.valid() && home.index() < unknown ? home.index() : unknown;
    Count(cells_[at], bytes);
    Count(cells_[(1 + TypeOf(name_hash)) * homes_ + at], bytes);
  }

  // By anyone.
  TouchesByHome Read() const { return ReadRow(0); }
  // Those with touches, in the order in which they came; "other" last.
  std::vector<TypeTouches> ReadByType() const {
    std::vector<TypeTouches> types;
    for (size_t type = 0; (type + 1) * homes_ < cells_.size(); ++type) {
      const uint64_t key = type < kTypes ? keys_[type].Read() : kOther;
      TypeTouches touches{static_cast<uint32_t>(key), ReadRow(type + 1)};
      const bool any = touches.by_home != TouchesByHome(homes_);
      if (any) types.push_back(std::move(touches));
    }
    return types;
  }

 private:
  struct Cell {
    typename W::Counter accesses, bytes;
  };

  static void Count(Cell& cell, size_t bytes) {
    cell.accesses.Add(1);
    cell.bytes.Add(bytes);
  }
  size_t TypeOf(uint32_t name_hash) {
    const uint64_t key = (uint64_t{1} << 32) | name_hash;  // never 0, which is nobody's
    for (size_t type = 0; type < kTypes; ++type) {
      const uint64_t known = keys_[type].Read();
      if (known == 0) keys_[type].Add(key);
      if (known == 0 || known == key) return type;
    }
    return kTypes;
  }
  TouchesByHome ReadRow(size_t row) const {
    TouchesByHome counts;
    counts.reserve(homes_);
    for (size_t home = 0; home < homes_; ++home) {
      const Cell& cell = cells_[row * homes_ + home];
      counts.push_back({cell.accesses.Read(), cell.bytes.Read()});
    }
    return counts;
  }

  const size_t homes_;
  std::array<typename W::Counter, kTypes> keys_{};
  std::vector<Cell> cells_;  // rows of homes_: of all types together, of each, of others
};

}  // namespace tally
