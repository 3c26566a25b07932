// Storms in virtual time: hundreds of schedules of the real scheduler on a machine with four nodes
// and two threads a core, from one worker to twice as many as it has. A simulation ends or says who
// waits for whom.

#include <cstdint>

#include "gtest/gtest.h"
#include "scheduler/policy/random.h"
#include "sim/timed/timed_world.h"
#include "tests/stress/slow_build.h"
#include "tests/stress/storm.h"
#include "tests/two_worlds/worlds.h"

namespace tally::stress {
namespace {

constexpr uint64_t kSeeds = static_cast<uint64_t>(Rounds(60));

class TimedStormTest : public testing::TestWithParam<int> {
 protected:
  // Every seed is a program and a schedule of its own. Stops at the first that goes wrong.
  void Storms(const StormOptions& like) {
    const auto machine = Machine("package:2 numa:2 core:4 pu:2");
    for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
      StormOptions options = like;
      options.machine = machine;
      options.workers = GetParam();
      options.seed = seed;
      if (like.shutdown_after_ns >= 0) {
        options.shutdown_after_ns =
            Random(seed).Below(static_cast<uint32_t>(2 * like.shutdown_after_ns));
      }
      RunIn<TimedWorld>(*machine, [&] { Storm<TimedWorld>(options).Run(); });
      ASSERT_FALSE(HasFailure()) << "seed " << seed << " with " << GetParam() << " workers";
    }
  }
};

TEST_P(TimedStormTest, EveryTaskRunsOnce) { Storms({}); }

TEST_P(TimedStormTest, AShutdownAmidTheProducersLosesNothing) {
  Storms({.shutdown_after_ns = 200'000});
}

TEST_P(TimedStormTest, ACancelledShutdownCountsWhatItDrops) {
  Storms({.shutdown_after_ns = 200'000, .cancel = true});
}

INSTANTIATE_TEST_SUITE_P(Workers, TimedStormTest, testing::Values(1, 2, 3, 4, 7, 16, 33, 64),
                         testing::PrintToStringParamName());

}  // namespace
}  // namespace tally::stress
