#include "benchmarks/harness/rounds.h"

#include <cmath>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace tally::benchmarks {
namespace {

using ::testing::ElementsAre;

constexpr Figure kFigure{"fib", "ns"};

TEST(Compare, RatiosAreOfTheSameRound) {
  // The machine was twice as slow in the second round: for both.
  const Series ours{{10}, {20}, {12}};
  const Series theirs{{40}, {80}, {36}};
  const Comparison row = Compare(kFigure, 2, "tbb", ours, theirs, 0);
  EXPECT_EQ(row.rounds, 3);
  EXPECT_EQ(row.ours, 12);
  EXPECT_EQ(row.theirs, 40);
  EXPECT_DOUBLE_EQ(row.ratio_median, 0.25);
  EXPECT_DOUBLE_EQ(row.ratio_min, 0.25);
  EXPECT_DOUBLE_EQ(row.ratio_max, 12.0 / 36);
}

TEST(Compare, ARoundThatOneOfThemFailedDoesNotCount) {
  const Series ours{{10}, {}, {30}, {40}};
  const Series theirs{{10}, {10}, {}, {20}};
  const Comparison row = Compare(kFigure, 1, "tbb", ours, theirs, 0);
  EXPECT_EQ(row.rounds, 2);
  EXPECT_EQ(row.ours, 25);
  EXPECT_DOUBLE_EQ(row.ratio_max, 2);
}

TEST(Compare, NothingMeasuredIsNoRatio) {
  EXPECT_EQ(Compare(kFigure, 1, "tbb", Series{{}}, Series{{1}}, 0).rounds, 0);
}

TEST(Compare, WhatTookNothingHasARatioToo) {
  const auto ratio = [](double ours, double theirs) {
    return Compare(kFigure, 1, "tbb", Series{{ours}}, Series{{theirs}}, 0).ratio_median;
  };
  EXPECT_EQ(ratio(0, 0), 1) << "equally well";
  EXPECT_EQ(ratio(0, 2), 0);
  EXPECT_TRUE(std::isinf(ratio(1, 0))) << "no multiple of nothing";
  // A round in which the peer took nothing is not left out: the others would flatter ours.
  const Comparison row =
      Compare(kFigure, 1, "tbb", Series{{1}, {1}, {0}}, Series{{0}, {0}, {2}}, 0);
  EXPECT_EQ(row.rounds, 3);
  EXPECT_EQ(row.ratio_min, 0);
  EXPECT_TRUE(std::isinf(row.ratio_median));
}

Measured Five(const Setting& setting) { return std::vector<double>{5.0 * setting.workers, 1}; }
Measured Ten(const Setting&) { return std::vector<double>{10, 4}; }
Measured Wrong(const Setting&) { return absl::InternalError("the answer is wrong"); }

TEST(Rounds, TakeTurnsAndCompareEachFigureWithEachPeer) {
  const Problem problem{.name = "p",
                        .help = "",
                        .figures = {{"first", "ns"}, {"second", "us"}},
                        .contenders = {{"ours", Five}, {"tbb", Ten}, {"openmp", Wrong}}};
  std::string turns;
  const Outcome outcome =
      RunRounds(problem, {.workers = 1}, {.most = 2}, [&](int round, const Contender& contender) {
        turns += std::to_string(round) + std::string(contender.name) + " ";
      });
  EXPECT_EQ(turns, "0ours 0tbb 0openmp 1ours 1tbb 1openmp ");
  std::vector<std::string> rows;
  for (const Comparison& row : outcome.comparisons) {
    rows.push_back(row.work + " " + row.peer + " " + std::to_string(row.rounds));
  }
  EXPECT_THAT(rows,
              ElementsAre("first tbb 2", "first openmp 0", "second tbb 2", "second openmp 0"));
  EXPECT_DOUBLE_EQ(outcome.comparisons[0].ratio_median, 0.5);
  EXPECT_DOUBLE_EQ(outcome.comparisons[2].ratio_median, 0.25);
  ASSERT_EQ(outcome.failures.size(), 1u);
  EXPECT_EQ(outcome.failures[0].contender, "openmp");
  EXPECT_EQ(outcome.failures[0].why, "the answer is wrong");
}

TEST(Rounds, OneIsRunHoweverLittleTimeThereIs) {
  const Problem problem{.name = "p",
                        .help = "",
                        .figures = {{"first", "ns"}, {"second", "us"}},
                        .contenders = {{"ours", Five}, {"tbb", Ten}}};
  const Outcome outcome =
      RunRounds(problem, {}, {.most = 9, .seconds = 0}, [](int, const Contender&) {});
  EXPECT_EQ(outcome.comparisons[0].rounds, 1);
}

}  // namespace
}  // namespace tally::benchmarks
