#include "scheduler/runtime/latency_histogram.h"

#include "gtest/gtest.h"

namespace tally {
namespace {

TEST(LatencyHistogramTest, EachLatencyIsBelowItsBucketsBoundAndNotBelowTheOneBefore) {
  struct Row {
    Nanos latency_ns;
    int bucket;
  };
  constexpr Row kRows[] = {
      {-5, 0},
      {0, 0},
      {255, 0},
      {256, 1},
      {511, 1},
      {512, 2},
      {999, 2},
      {100'000, 9},
      {1'000'000'000, 22},
      {Nanos{1} << 62, 23},
  };
  for (const Row& row : kRows) {
    EXPECT_EQ(LatencyHistogram::BucketOf(row.latency_ns), row.bucket) << row.latency_ns;
    const Nanos bound = LatencyHistogram::Bound(row.bucket);
    if (bound >= 0) {
      EXPECT_LT(row.latency_ns, bound);
    }
    if (row.bucket > 0) {
      EXPECT_GE(row.latency_ns, LatencyHistogram::Bound(row.bucket - 1));
    }
  }
}

TEST(LatencyHistogramTest, AQuantileIsTheBoundOfTheBucketItLiesIn) {
  LatencyHistogram histogram;
  EXPECT_EQ(histogram.Quantile(500), 0);
  for (int i = 0; i < 99; ++i) histogram.Add(300);
  histogram.Add(70'000);
  EXPECT_EQ(histogram.Count(), 100u);
  EXPECT_EQ(histogram.Quantile(500), 512);
  EXPECT_EQ(histogram.Quantile(990), 512);
  EXPECT_EQ(histogram.Quantile(1000), 131'072);
  histogram.Add(Nanos{1} << 40);
  EXPECT_EQ(histogram.Quantile(1000), -1);
}

TEST(LatencyHistogramTest, SumsAddBucketByBucket) {
  LatencyHistogram a, b;
  a.Add(10);
  b.Add(10);
  b.Add(10'000);
  a += b;
  EXPECT_EQ(a.counts[0], 2u);
  EXPECT_EQ(a.Count(), 3u);
}

}  // namespace
}  // namespace tally
