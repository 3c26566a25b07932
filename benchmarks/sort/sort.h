// sort: merge sort of 2 million numbers, halves and merges in parallel, after Akl and Santoro,
// "Optimal parallel merging and sorting without memory conflicts", IEEE Trans. Computers 1987.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "benchmarks/harness/problem.h"

namespace tally::benchmarks::sort {

inline constexpr int64_t kSmall = 4'096;  // sorted or merged without tasks

// Merges two sorted ranges into `out`. `way.Both(f, g)` runs two functions, perhaps in parallel.
template <class Way>
void Merge(Way& way, const uint32_t* a, int64_t a_size, const uint32_t* b, int64_t b_size,
           uint32_t* out) {
  if (a_size < b_size) {
    std::swap(a, b);
    std::swap(a_size, b_size);
  }
  if (a_size + b_size <= kSmall) {
    std::merge(a, a + a_size, b, b + b_size, out);
    return;
  }
  // What is less than the middle of the longer one comes before it, whichever range it is from.
  const int64_t a_half = a_size / 2;
  const int64_t b_half = std::lower_bound(b, b + b_size, a[a_half]) - b;
  way.Both([&, a] { Merge(way, a, a_half, b, b_half, out); },
           [&, a] {
             Merge(way, a + a_half, a_size - a_half, b + b_half, b_size - b_half,
                   out + a_half + b_half);
           });
}

// Sorts `data`; the result is in `spare` if `into_spare`.
template <class Way>
void Sort(Way& way, uint32_t* data, int64_t size, uint32_t* spare, bool into_spare) {
  if (size <= kSmall) {
    std::sort(data, data + size);
    if (into_spare) std::copy(data, data + size, spare);
    return;
  }
  const int64_t half = size / 2;
  way.Both([&] { Sort(way, data, half, spare, !into_spare); },
           [&] { Sort(way, data + half, size - half, spare + half, !into_spare); });
  const uint32_t* const from = into_spare ? data : spare;
  Merge(way, from, half, from + half, size - half, into_spare ? spare : data);
}

class Numbers {
 public:
  explicit Numbers(const Setting& setting)
      : data_(setting.quick ? 20'000 : 2'000'000), spare_(data_.size()) {}

  // Shuffles, sorts, and says whether it is sorted and nothing was lost. Shuffling and checking
  // belong to what is measured, and are the same for all.
  template <class Way>
  bool SortOnce(Way& way) {
    uint64_t sum = 0;
    for (uint32_t& number : data_) {
      state_ = state_ * 6364136223846793005u + 1442695040888963407u;
      number = static_cast<uint32_t>(state_ >> 32);
      sum += number;
    }
    Sort(way, data_.data(), static_cast<int64_t>(data_.size()), spare_.data(), false);
    for (const uint32_t number : data_) sum -= number;
    return sum == 0 && std::is_sorted(data_.begin(), data_.end());
  }

 private:
  std::vector<uint32_t> data_, spare_;
  uint64_t state_ = 1;
};

Measured Ours(const Setting& setting);
Measured Tbb(const Setting& setting);
Measured OpenMp(const Setting& setting);
Measured Serial(const Setting& setting);

inline const Problem kProblem{
    .name = "sort",
    .help = "merge sort of 2 million numbers",
    .figures = {{"sort", "ms", false}},
    .contenders = {{"ours", Ours}, {"tbb", Tbb}, {"openmp", OpenMp}, {"serial", Serial}}};

}  // namespace tally::benchmarks::sort
