#include "benchmarks/harness/report.h"

#include <limits>
#include <string>

#include "gtest/gtest.h"

namespace tally::benchmarks {
namespace {

TEST(Report, ARowIsOneJsonObject) {
  const Comparison row{.work = "fib",
                       .workers = 2,
                       .unit = "ns/fork",
                       .rounds = 5,
                       .peer = "tbb",
                       .ours = 3,
                       .theirs = 75,
                       .ratio_median = 0.04,
                       .ratio_min = 0.03,
                       .ratio_max = 0.05};
  EXPECT_EQ(JsonRow(row),
            R"({"work":"fib","workers":2,"unit":"ns/fork","rounds":5,"ours":3.0,"peer":"tbb",)"
            R"("theirs":75.0,"ratio_median":0.04,"ratio_min":0.03,"ratio_max":0.05})");
}

TEST(Report, WhatWasNotMeasuredIsNull) {
  const Comparison row{.work = "fib", .workers = 1, .unit = "ns", .peer = "tbb"};
  EXPECT_EQ(JsonRow(row),
            R"({"work":"fib","workers":1,"unit":"ns","rounds":0,"ours":null,"peer":"tbb",)"
            R"("theirs":null,"ratio_median":null,"ratio_min":null,"ratio_max":null})");
}

TEST(Report, WhatTookNothingHasARatioUnlessItIsInfinite) {
  Comparison row{.work = "idle_cpu",
                 .workers = 1,
                 .unit = "s",
                 .rounds = 3,
                 .peer = "tbb",
                 .ratio_median = 1,
                 .ratio_min = 0};
  row.ratio_max = std::numeric_limits<double>::infinity();
  EXPECT_EQ(JsonRow(row),
            R"({"work":"idle_cpu","workers":1,"unit":"s","rounds":3,"ours":0.0,"peer":"tbb",)"
            R"("theirs":0.0,"ratio_median":1.0,"ratio_min":0.0,"ratio_max":null})");
  EXPECT_NE(TableRow(row).find("1.00  (0 .. inf of 3)"), std::string::npos) << TableRow(row);
}

TEST(Report, ThreeDigits) {
  EXPECT_EQ(Value(0), "0");
  EXPECT_EQ(Value(2.8512), "2.85");
  EXPECT_EQ(Value(41.46), "41.5");
  EXPECT_EQ(Value(3120.4), "3120");
  EXPECT_EQ(Value(0.000213), "0.000213");
}

TEST(Report, RatiosBelowOneAreFractions) {
  EXPECT_EQ(Ratio(0.0415), "1/24.1");
  EXPECT_EQ(Ratio(1.31), "1.31");
  EXPECT_EQ(Ratio(0), "0");
}

}  // namespace
}  // namespace tally::benchmarks
