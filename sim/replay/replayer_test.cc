#include "sim/replay/replayer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "scheduler/trace/sample_recording.h"
#include "sim/replay/story.h"

namespace tally {
namespace {

using Tasks = std::vector<TaskId>;

std::vector<size_t> LanesInOrder(const Recording& recording) {
  Replayer replayer(recording);
  std::vector<size_t> lanes;
  while (const auto step = replayer.Next()) lanes.push_back(step->lane);
  EXPECT_EQ(replayer.violations(), std::vector<std::string>{});
  return lanes;
}

TEST(ReplayerTest, GoesByTimeAndThenByLane) {
  Recording recording = Story(2).Sealed();
  recording.lanes[0] = {{.time = 5, .kind = EventKind::kPark},
                        {.time = 9, .kind = EventKind::kUnpark}};
  recording.lanes[1] = {{.time = 5, .kind = EventKind::kPark},
                        {.time = 7, .kind = EventKind::kUnpark}};
  EXPECT_EQ(LanesInOrder(recording), (std::vector<size_t>{0, 1, 1, 0}));
}

// Worker 1's clock is a millisecond behind: by time alone it would steal before the spawn.
TEST(ReplayerTest, CauseComesBeforeTime) {
  Story story(2);
  story.Outside().SpawnTo(0, 1);
  story.On(0).Take(1, 0).Begin(1, Place::kHand).Spawn(2).Spawn(3, 9);
  story.On(1).Steal(2, 0).Begin(2, Place::kHand).End(2);
  story.On(0).WaitBegin(1, 9).Begin(3).End(3).WaitEnd(1, 9).End(1);
  Recording recording = story.Sealed();
  for (Event& event : recording.lanes[1]) event.time -= 1'000'000;
  const std::vector<size_t> lanes = LanesInOrder(recording);
  EXPECT_EQ(lanes.size(), 13u);
  EXPECT_EQ(std::vector<size_t>(lanes.begin(), lanes.begin() + 4),
            (std::vector<size_t>{2, 0, 0, 0}))
      << "the theft waits for take, begin and spawn";
  EXPECT_EQ(lanes[4], 1u) << "and then is the earliest";
}

TEST(ReplayerTest, AWaitEndsAfterItsGroupWhateverTheClocksSay) {
  Story story(2);
  story.On(0).SpawnInline(1).Begin(1, Place::kInline).Spawn(2, 9).WaitBegin(1, 9);
  story.On(1).Steal(2, 0).Begin(2, Place::kHand).End(2);
  story.On(0).WaitEnd(1, 9).End(1);
  Recording recording = story.Sealed();
  for (Event& event : recording.lanes[1]) event.time += 1'000'000;
  const std::vector<size_t> lanes = LanesInOrder(recording);
  EXPECT_EQ(lanes, (std::vector<size_t>{0, 0, 0, 0, 1, 1, 1, 0, 0}));
}

TEST(ReplayerTest, StateCanBeLookedAtBetweenSteps) {
  Story story(2, 2);
  story.On(0).SpawnInline(1).Begin(1, Place::kInline);
  story.Spawn(2, 9).Spawn(3, 9).SpawnTo(1, 4, 9, Priority::kHigh).WaitBegin(1, 9);
  story.On(1).Park();
  const Recording recording = story.Sealed();
  Replayer replayer(recording);
  while (replayer.Next()) {
  }
  const Machine& machine = replayer.machine();
  EXPECT_EQ(machine.Deque(0, Priority::kNormal), (Tasks{2, 3}));
  EXPECT_EQ(machine.Injector(1, Priority::kHigh), (Tasks{4}));
  EXPECT_EQ(machine.Injector(0, Priority::kHigh), (Tasks{}));
  EXPECT_EQ(machine.Running(0), 1u);
  EXPECT_EQ(machine.stack(0).size(), 2u);
  EXPECT_TRUE(machine.parked(1));
  EXPECT_FALSE(machine.parked(0));
  EXPECT_EQ(machine.spawned(), 4u);
  EXPECT_EQ(machine.over(), 0u);
}

TEST(ReplayerTest, AlwaysEndsAndShowsEveryEventOnce) {
  Recording nonsense = SampleRecording(4, 2000);
  Replayer replayer(nonsense);
  size_t steps = 0;
  while (replayer.Next()) ++steps;
  EXPECT_EQ(steps, 5 * 2000u);
  EXPECT_EQ(replayer.violations().size(), Replayer::kViolationsKept);
  EXPECT_GT(replayer.violation_count(), Replayer::kViolationsKept);
}

TEST(ReplayerTest, DescribesAnEvent) {
  Story story(2);
  story.On(1).Steal(0x2a, 0);
  Recording recording = story.Sealed();
  EXPECT_EQ(DescribeEvent(recording, 1, 0),
            "worker 1, event 0 (steal of task 000000000000002a, peer 0, at 10 ns)");
  recording.header.spares = 1;
  EXPECT_EQ(DescribeEvent(recording, 1, 0),
            "spare 0, event 0 (steal of task 000000000000002a, peer 0, at 10 ns)");
}

}  // namespace
}  // namespace tally
