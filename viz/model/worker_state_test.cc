#include "viz/model/worker_state.h"

#include <gtest/gtest.h>

namespace tally::viz {
namespace {

// Worker 0 on node 0, with 1 beside it and 2 on the other node.
class LaneFoldTest : public testing::Test {
 protected:
  WorkerState Do(Event event) { return fold_.Advance(event); }

  std::vector<NodeId> nodes_ = {NodeId(0), NodeId(0), NodeId(1)};
  LaneFold fold_{NodeId(0), &nodes_};
};

TEST_F(LaneFoldTest, IsNotThereBeforeItsFirstEvent) {
  EXPECT_EQ(fold_.state(), WorkerState::kAbsent);
  EXPECT_EQ(Do({.kind = EventKind::kPark}), WorkerState::kAbsent);
  EXPECT_EQ(fold_.state(), WorkerState::kParked);
}

TEST_F(LaneFoldTest, ASearchIsNamedByWhatEndsIt) {
  Do({.kind = EventKind::kUnpark});
  EXPECT_EQ(Do({.peer = 1, .kind = EventKind::kStealFail}), WorkerState::kSearchNear);
  EXPECT_EQ(Do({.peer = 2, .kind = EventKind::kStealFail}), WorkerState::kSearchRemote);
  EXPECT_EQ(Do({.task = 7, .peer = 2, .kind = EventKind::kSteal}), WorkerState::kSearchRemote);
  EXPECT_EQ(Do({.peer = 1, .kind = EventKind::kTake}), WorkerState::kSearchRemote);
}

TEST_F(LaneFoldTest, AStolenTaskIsStolenWhenItRuns) {
  Do({.task = 7, .peer = 1, .kind = EventKind::kSteal});
  Do({.task = 7, .kind = EventKind::kBegin});
  EXPECT_EQ(fold_.state(), WorkerState::kRunStolen);
  // What it spawns and runs itself is its own.
  Do({.task = 8, .kind = EventKind::kBegin});
  EXPECT_EQ(fold_.state(), WorkerState::kRunOwn);
  EXPECT_EQ(fold_.running(), 2);
  Do({.task = 8, .kind = EventKind::kEnd});
  EXPECT_EQ(fold_.state(), WorkerState::kRunStolen);
  Do({.task = 7, .kind = EventKind::kEnd});
  EXPECT_EQ(fold_.state(), WorkerState::kSearchNear);
}

TEST_F(LaneFoldTest, AWaitingTaskSearchesHelpsAndSleeps) {
  Do({.task = 1, .kind = EventKind::kBegin});
  Do({.task = 1, .arg = 5, .kind = EventKind::kWaitBegin});
  EXPECT_EQ(fold_.state(), WorkerState::kSearchNear);
  Do({.task = 2, .kind = EventKind::kBegin});
  EXPECT_EQ(fold_.state(), WorkerState::kRunOwn);
  Do({.task = 2, .kind = EventKind::kEnd});
  Do({.kind = EventKind::kPark});
  EXPECT_EQ(fold_.state(), WorkerState::kWaitParked);
  Do({.kind = EventKind::kUnpark});
  Do({.task = 1, .arg = 5, .kind = EventKind::kWaitEnd});
  EXPECT_EQ(fold_.state(), WorkerState::kRunOwn);
}

TEST_F(LaneFoldTest, ADamagedLaneDoesNotConfuseItForEver) {
  Do({.task = 1, .kind = EventKind::kEnd});  // its begin was lost
  EXPECT_EQ(fold_.running(), 0);
  Do({.task = 2, .kind = EventKind::kBegin});
  Do({.task = 2, .arg = 5, .kind = EventKind::kWaitBegin});
  Do({.task = 2, .kind = EventKind::kEnd});  // the wait's end was lost
  EXPECT_EQ(fold_.state(), WorkerState::kSearchNear);
  EXPECT_EQ(fold_.running(), 0);
}

}  // namespace
}  // namespace tally::viz
