#include <cstddef>
#include <tuple>
#include <utility>

#include "benchmarks/harness/on_tally.h"
#include "benchmarks/skynet/skynet.h"
#include "scheduler/scheduler.h"

namespace tally::benchmarks::skynet {
namespace {

int64_t Sum(int64_t first, int64_t leaves);

template <size_t... child>
int64_t SumOf(int64_t first, int64_t leaves, std::index_sequence<child...>) {
  const auto sums =
      Invoke([first, leaves] { return Sum(first + int64_t{child} * leaves, leaves); }...);
  return std::apply([](auto... sum) { return (sum + ...); }, sums);
}

int64_t Sum(int64_t first, int64_t leaves) {
  if (leaves == 1) return first;
  return SumOf(first, leaves / 10, std::make_index_sequence<10>());
}

}  // namespace

Measured Ours(const Setting& setting) {
  const Size size = SizeOf(setting);
  return OnTally(static_cast<double>(size.leaves), setting,
                 [&size](Scheduler&) { return Sum(0, size.leaves) == size.answer; });
}

}  // namespace tally::benchmarks::skynet
