#include "numa/distance_matrix.h"

#include "gtest/gtest.h"

namespace tally {
namespace {

constexpr uint64_t kNone = kUnknownDistance;
using Values = std::vector<int>;
using Raw = std::vector<uint64_t>;

TEST(DistanceMatrix, IsTakenAsItIs) {
  const DistanceMatrix matrix = CompleteDistances(Raw{10, 21, 21, 10}, 2, {0, 1});
  EXPECT_EQ(matrix.values, (Values{10, 21, 21, 10}));
  EXPECT_TRUE(matrix.given);
  EXPECT_TRUE(matrix.notes.empty());
}

TEST(DistanceMatrix, ShrinksToTheNodesThatAreKept) {
  const Raw raw = {10, 12, 32, 12, 10, 22, 32, 22, 10};
  EXPECT_EQ(CompleteDistances(raw, 3, {0, 2}).values, (Values{10, 32, 32, 10}));
}

TEST(DistanceMatrix, WithoutOneEveryOtherNodeIsEquallyFar) {
  const DistanceMatrix matrix = CompleteDistances(std::nullopt, 2, {0, 1});
  EXPECT_EQ(matrix.values, (Values{10, 20, 20, 10}));
  EXPECT_FALSE(matrix.given);
  EXPECT_EQ(matrix.notes.size(), 1u);
}

TEST(DistanceMatrix, HolesCountAsTheFarthest) {
  const DistanceMatrix matrix =
      CompleteDistances(Raw{10, 16, kNone, 16, 10, 22, kNone, 22, kNone}, 3, {0, 1, 2});
  EXPECT_EQ(matrix.values, (Values{10, 16, 22, 16, 10, 22, 22, 22, 10}));
  EXPECT_EQ(matrix.notes.size(), 1u);
}

TEST(DistanceMatrix, SaysWhenItIsNotSymmetric) {
  const DistanceMatrix matrix = CompleteDistances(Raw{10, 14, 17, 10}, 2, {0, 1});
  EXPECT_EQ(matrix.values, (Values{10, 14, 17, 10}));  // row = from
  EXPECT_EQ(matrix.notes.size(), 1u);
}

TEST(DistanceMatrix, OtherUnitsAreScaledToLocalIsTen) {
  EXPECT_EQ(CompleteDistances(Raw{80, 130, 130, 80}, 2, {0, 1}).values, (Values{10, 16, 16, 10}));
}

TEST(DistanceMatrix, AbsurdValuesStayInRange) {
  const DistanceMatrix matrix = CompleteDistances(Raw{1, kNone - 1, 0, 1}, 2, {0, 1});
  EXPECT_EQ(matrix.values, (Values{10, 100000, 100000, 10}));
}

TEST(DistanceMatrix, OneNodeNeedsNoWords) {
  EXPECT_EQ(CompleteDistances(std::nullopt, 1, {0}).values, Values{10});
  EXPECT_TRUE(CompleteDistances(std::nullopt, 1, {0}).notes.empty());
  EXPECT_TRUE(CompleteDistances(std::nullopt, 0, {}).values.empty());
}

}  // namespace
}  // namespace tally
