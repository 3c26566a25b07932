#include "viz/model/count_index.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <vector>

namespace tally::viz {
namespace {

TEST(CountIndexTest, AgreesWithANaiveCount) {
  for (const size_t categories : {1u, 3u, 64u, 192u}) {
    CountIndex index(categories);
    struct One {
      Nanos time;
      size_t category;
      uint64_t weight;
    };
    std::vector<One> all;
    uint64_t random = 1234567;
    for (int i = 0; i < 3000; ++i) {
      random = random * 6364136223846793005u + 1442695040888963407u;
      const Nanos time = i / 3;
      const size_t category = (random >> 33) % categories;
      const uint64_t weight = i < 1000 ? 0 : (random >> 40) % 100;  // the first ones weigh nothing
      index.Append(time, category, weight);
      all.push_back({time, category, weight});
    }
    for (const TimeRange range : {TimeRange{0, 1001}, TimeRange{0, 1}, TimeRange{17, 17},
                                  TimeRange{250, 700}, TimeRange{999, 5000}, TimeRange{-9, 0}}) {
      std::vector<uint64_t> counts(categories);
      std::vector<uint64_t> weights(categories);
      index.AddTo(range, counts.data(), weights.data());
      for (const One& one : all) {
        if (!range.Contains(one.time)) continue;
        --counts[one.category];
        weights[one.category] -= one.weight;
      }
      EXPECT_EQ(counts, std::vector<uint64_t>(categories)) << range.begin;
      EXPECT_EQ(weights, std::vector<uint64_t>(categories)) << range.begin;
    }
  }
}

}  // namespace
}  // namespace tally::viz
