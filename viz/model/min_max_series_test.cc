#include "viz/model/min_max_series.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

namespace tally::viz {
namespace {

using Samples = std::vector<std::pair<Nanos, uint32_t>>;

MinMax Naive(const Samples& samples, TimeRange range) {
  uint32_t before = 0;
  for (const auto& [time, value] : samples) {
    if (time < range.begin || time == range.begin) before = value;
  }
  MinMax extremes{before, before};
  for (const auto& [time, value] : samples) {
    if (time <= range.begin || time >= range.end) continue;
    extremes.min = std::min(extremes.min, value);
    extremes.max = std::max(extremes.max, value);
  }
  return extremes;
}

TEST(MinMaxSeriesTest, IsZeroBeforeItsFirstSample) {
  MinMaxSeries series;
  EXPECT_EQ(series.At(5), 0u);
  EXPECT_EQ(series.Over({0, 10}), (MinMax{0, 0}));
  series.Append(6, 4);
  EXPECT_EQ(series.At(5), 0u);
  EXPECT_EQ(series.At(6), 4u);
  EXPECT_EQ(series.Over({0, 10}), (MinMax{0, 4}));
  EXPECT_EQ(series.Over({6, 10}), (MinMax{4, 4}));
  EXPECT_EQ(series.Over({0, 6}), (MinMax{0, 0}));  // half-open
}

// Every level of the pyramid, ragged ends included: sizes around the powers of the fan-out.
TEST(MinMaxSeriesTest, AgreesWithANaiveScanAtEverySize) {
  for (const int count : {1, 15, 16, 17, 255, 256, 257, 4095, 4097}) {
    MinMaxSeries series;
    Samples samples;
    uint64_t random = 88172645463325252u;
    Nanos time = 0;
    for (int i = 0; i < count; ++i) {
      random ^= random << 13, random ^= random >> 7, random ^= random << 17;
      time += static_cast<Nanos>(random % 5);  // several at one time, too
      const auto value = static_cast<uint32_t>((random >> 20) % 1000);
      series.Append(time, value);
      samples.emplace_back(time, value);
    }
    EXPECT_EQ(series.samples(), static_cast<size_t>(count));
    for (int q = 0; q < 200; ++q) {
      random ^= random << 13, random ^= random >> 7, random ^= random << 17;
      const Nanos a = static_cast<Nanos>(random % static_cast<uint64_t>(time + 3));
      const Nanos b = a + 1 + static_cast<Nanos>((random >> 32) % static_cast<uint64_t>(time + 3));
      ASSERT_EQ(series.Over({a, b}), Naive(samples, {a, b})) << count << ": " << a << ".." << b;
    }
  }
}

// Two workers report one queue, and the second one's reports arrive late.
TEST(MinMaxSeriesTest, LateSamplesFindTheirPlace) {
  for (const int size : {3, 40, 700, 5000}) {
    // Rare peaks and troughs: an entry whose end is forgotten must still know those before it.
    MinMaxSeries merged;
    MinMaxSeries in_order;
    std::vector<MinMaxSeries::Sample> late;
    for (int i = 0; i < size; ++i) {
      const uint32_t value = i % 211 == 50 ? 999 : i % 223 == 70 ? 1 : 500;
      in_order.Append(i, value);
      if (i % 3 == 0) {
        late.push_back({i, value});
      } else {
        merged.Append(i, value);
      }
    }
    // The earliest first: a later piece would append again, and so repair, what an earlier broke.
    while (!late.empty()) {
      const auto piece = late.begin() + static_cast<std::ptrdiff_t>((late.size() + 12) / 13);
      merged.Merge({late.begin(), piece});
      late.erase(late.begin(), piece);
    }
    for (Nanos a = 0; a < size; a += 1 + size / 50) {
      for (Nanos b = a + 1; b <= size; b += 1 + size / 40) {
        ASSERT_EQ(merged.Over({a, b}), in_order.Over({a, b})) << size << ": " << a << ".." << b;
      }
    }
  }
}

TEST(MinMaxSeriesTest, ColumnsMissNoSample) {
  MinMaxSeries series;
  for (int i = 0; i < 10'000; ++i) series.Append(i, i == 5'678 ? 99u : 1u);
  std::vector<MinMax> columns;
  series.Columns({0, 10'000}, 300, &columns);
  int peaks = 0;
  for (const MinMax& column : columns) peaks += column.max == 99 ? 1 : 0;
  EXPECT_EQ(peaks, 1) << "one sample of ten thousand must still be seen, and once";
}

}  // namespace
}  // namespace tally::viz
