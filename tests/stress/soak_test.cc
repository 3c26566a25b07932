// A short soak, for every day. The long one: bazel run //tests/stress:soak_main

#include "tests/stress/soak.h"

#include "gtest/gtest.h"
#include "tests/stress/slow_build.h"

namespace tally::stress {
namespace {

TEST(SoakTest, NothingIsLostDoubledOrOutOfOrder) {
  for (const int workers : {1, 2, 5}) {
    Soak soak({.tasks = Rounds(1'500'000), .workers = workers});
    EXPECT_EQ(soak.Run(), "") << "with " << workers << " workers";
    for (const Soak::Entry& entry : soak.entries()) EXPECT_GT(entry.tasks, 0) << entry.name;
  }
}

}  // namespace
}  // namespace tally::stress
