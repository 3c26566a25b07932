// How often each of K things happened in a stretch of time, and with what weight.
//
// The same idea as StateTrack: running totals after every so many events, so that a query over any
// range costs two binary searches and a short scan. The distance between totals grows with K, which
// keeps the price at about 16 bytes an event whatever K is.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "viz/model/time_range.h"

namespace tally::viz {

class CountIndex {
 public:
  explicit CountIndex(size_t categories)
      : categories_(categories), leaf_(categories < 64 ? 64 : categories) {}

  // Times must not go back; category < categories().
  void Append(Nanos time, size_t category, uint64_t weight = 0);

  size_t categories() const { return categories_; }
  size_t events() const { return times_.size(); }
  Nanos time(size_t event) const { return times_[event]; }
  size_t category(size_t event) const { return what_[event]; }
  // The first event at or after t.
  size_t FirstAt(Nanos t) const;

  // Adds the range's counts (and weights, unless null) to arrays of categories() entries.
  void AddTo(TimeRange range, uint64_t* counts, uint64_t* weights = nullptr) const;

 private:
  // Adds (or, with sign -1, takes away) the totals of the first `events` events.
  void AddFirst(size_t events, uint64_t sign, uint64_t* counts, uint64_t* weights) const;

  size_t categories_;
  size_t leaf_;
  std::vector<Nanos> times_;
  std::vector<uint16_t> what_;
  std::vector<uint64_t> weights_;      // empty while every weight was 0
  std::vector<uint64_t> leaf_counts_;  // [k * categories + c]: before event k * leaf
  std::vector<uint64_t> leaf_weights_;
};

}  // namespace tally::viz
