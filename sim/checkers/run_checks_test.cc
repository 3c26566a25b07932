#include "sim/checkers/run_checks.h"

#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "gtest/gtest.h"
#include "numa/ids.h"
#include "scheduler/trace/event.h"
#include "scheduler/trace/recording.h"
#include "scheduler/trace/recording_header.h"

namespace tally {
namespace {

constexpr size_t kOutside = 2;

// Two workers, by hand: worker 0 runs task 1, which spawns task 2 at 10 us and goes on until 900
// us; worker 1 sleeps.
class TwoWorkers {
 public:
  TwoWorkers() {
    for (int w : {0, 1}) {
      recording_.header.workers.push_back(
          {.cpu = CpuId(w), .os_cpu = w, .node = NodeId(0), .l3 = {}, .package = {}});
    }
    recording_.header.node_os_indexes = {0};
    recording_.header.node_distances = {10};
    recording_.lanes.resize(3);
    recording_.loss.sealed = true;
    Add(1, 0, EventKind::kPark, 0, Place::kHand);
    Add(kOutside, 1, EventKind::kSpawn, 1, Place::kInjector, 0);
    Add(0, 2, EventKind::kTake, 1, Place::kHand, 0);
    Add(0, 3, EventKind::kBegin, 1, Place::kHand);
    Add(0, 10, EventKind::kSpawn, 2, Place::kOwnDeque, 0);
  }

  TwoWorkers& Add(size_t lane, Nanos micros, EventKind kind, TaskId task, Place place,
                  int16_t peer = -1) {
    recording_.lanes[lane].push_back({.time = micros * 1000,
                                      .task = task,
                                      .peer = peer,
                                      .kind = kind,
                                      .detail = Event::Detail(Priority::kNormal, place)});
    return *this;
  }

  // Worker 0 calls worker 1 at that time, who then takes the task.
  TwoWorkers& WakeAt(Nanos micros) {
    Add(0, micros, EventKind::kWake, 1, Place::kHand, 1);
    Add(0, 900, EventKind::kEnd, 1, Place::kHand);
    Add(1, micros + 7, EventKind::kUnpark, 0, Place::kHand);
    Add(1, micros + 8, EventKind::kSteal, 2, Place::kHand, 0);
    Add(1, micros + 8, EventKind::kBegin, 2, Place::kHand);
    Add(1, micros + 9, EventKind::kEnd, 2, Place::kHand);
    return *this;
  }

  // Nobody is called: worker 0 runs the task afterwards.
  TwoWorkers& NeverWake() {
    Add(0, 900, EventKind::kEnd, 1, Place::kHand);
    Add(0, 901, EventKind::kBegin, 2, Place::kOwnDeque);
    Add(0, 902, EventKind::kEnd, 2, Place::kOwnDeque);
    return *this;
  }

  const Recording& recording() const { return recording_; }

 private:
  Recording recording_;
};

std::string Broken(const Recording& recording) {
  std::string text;
  for (const std::string& sentence : CheckSimulatedRun(recording)) text += sentence + "\n";
  return text;
}

TEST(RunChecksTest, AnAttentiveSchedulerPasses) {
  const TwoWorkers run = TwoWorkers().WakeAt(14);
  EXPECT_EQ(LongestNeglect(run.recording()), 4'000);
  EXPECT_EQ(Broken(run.recording()), "");
}

TEST(RunChecksTest, ALostWakeIsNoticed) {
  const TwoWorkers run = TwoWorkers().NeverWake();
  EXPECT_EQ(LongestNeglect(run.recording()), 890'000);
  EXPECT_TRUE(absl::StrContains(Broken(run.recording()), "slept for 890000 ns while work waited"))
      << Broken(run.recording());
}

TEST(RunChecksTest, ALostTaskIsNoticed) {
  TwoWorkers run;
  run.Add(0, 900, EventKind::kEnd, 1, Place::kHand);
  EXPECT_TRUE(absl::StrContains(Broken(run.recording()), "2 tasks were spawned and 1 ran"))
      << Broken(run.recording());
}

TEST(RunChecksTest, ATaskThatRunsTwiceIsNoticed) {
  TwoWorkers run = TwoWorkers().WakeAt(14);
  run.Add(0, 950, EventKind::kBegin, 2, Place::kOwnDeque);
  run.Add(0, 951, EventKind::kEnd, 2, Place::kOwnDeque);
  EXPECT_NE(Broken(run.recording()), "");
}

}  // namespace
}  // namespace tally
