#include "benchmarks/metg/metg.h"
#include "gtest/gtest.h"

namespace tally::benchmarks::metg {
namespace {

std::vector<Batch> Grid() {
  std::vector<Batch> batches;
  for (int i = 0; i < 17; ++i) batches.push_back({.task_us = 0.02 * std::pow(2, i / 2.0)});
  return batches;
}

// A scheduler that adds so many microseconds to every task.
auto Overhead(double overhead_us) {
  return
      [overhead_us](const Batch& batch) { return batch.task_us / (batch.task_us + overhead_us); };
}

TEST(Metg, FindsTheOverheadWhereverItLiesOnTheGrid) {
  for (const double overhead_us : {0.021, 0.04, 0.1, 0.33, 1.0, 4.9}) {
    EXPECT_NEAR(Smallest(Grid(), Overhead(overhead_us)), overhead_us, overhead_us / 50);
  }
}

TEST(Metg, AtTheEndsOfTheGrid) {
  EXPECT_DOUBLE_EQ(Smallest(Grid(), Overhead(0.001)), 0.02);
  EXPECT_DOUBLE_EQ(Smallest(Grid(), Overhead(100)), Grid().back().task_us);
}

}  // namespace
}  // namespace tally::benchmarks::metg
