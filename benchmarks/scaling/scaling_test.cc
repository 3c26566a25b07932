#include "benchmarks/scaling/scaling.h"

#include "gtest/gtest.h"

namespace tally::benchmarks {
namespace {

TEST(Scaling, WorkTakesAtLeastItsTimeAndTheSameEveryTime) {
  const absl::StatusOr<std::vector<ScalingRow>> rows = MeasureScaling(4);
  ASSERT_TRUE(rows.ok()) << rows.status();
  ASSERT_EQ(rows->size(), 3u);
  const absl::StatusOr<std::vector<ScalingRow>> again = MeasureScaling(4);
  ASSERT_TRUE(again.ok()) << again.status();
  for (size_t i = 0; i < rows->size(); ++i) {
    const ScalingRow& row = (*rows)[i];
    EXPECT_EQ(row.workers, 1 << i);
    EXPECT_GE(row.spawned_ns, 100'000);
    EXPECT_GE(row.submitted_ns, 100'000);
    EXPECT_EQ(row.spawned_ns, (*again)[i].spawned_ns);
    EXPECT_EQ(row.submitted_ns, (*again)[i].submitted_ns);
  }
}

}  // namespace
}  // namespace tally::benchmarks
