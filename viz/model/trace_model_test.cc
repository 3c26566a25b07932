#include "viz/model/trace_model.h"

#include <gtest/gtest.h>

#include <vector>

#include "numa/ids.h"
#include "scheduler/trace/event.h"
#include "scheduler/trace/recording.h"

namespace tally::viz {
namespace {

TEST(TraceModelTest, AThiefReportsItsVictimsQueue) {
  // Worker 0 is in a long task; worker 1 robs it and says so.
  Recording recording;
  recording.header.workers.resize(2);
  recording.header.node_os_indexes = {0};
  recording.lanes.resize(3);
  recording.lanes[0] = {{.time = 10, .aux = 5, .kind = EventKind::kDepth}};
  recording.lanes[1] = {{.time = 20, .arg = 1, .aux = 4, .kind = EventKind::kDepth},
                        {.time = 30, .arg = 99, .aux = 7, .kind = EventKind::kDepth}};
  TraceModel model;
  ASSERT_TRUE(model.Update(recording));
  EXPECT_EQ(model.worker(WorkerId(0)).depth().At(15), 5u);
  EXPECT_EQ(model.worker(WorkerId(0)).depth().At(20), 4u);
  EXPECT_EQ(model.worker(WorkerId(1)).depth().At(30), 0u);
}

// A recorder has lanes for all that might serve, and most never do.
TEST(TraceModelTest, ASpareAppearsWithItsFirstEventAndStays) {
  Recording recording;
  recording.header.workers.resize(4);
  for (const size_t w : {0, 1, 2, 3}) recording.header.workers[w].node = NodeId(w % 2);
  recording.header.spares = 2;
  recording.header.node_os_indexes = {0, 1};
  recording.lanes.resize(5);
  recording.lanes[0] = {{.time = 10, .kind = EventKind::kPark}};
  TraceModel model;
  ASSERT_TRUE(model.Update(recording));
  const WorkerId spare(3);
  EXPECT_TRUE(model.IsSpare(spare));
  EXPECT_EQ(model.SpareNumber(spare), 1);
  EXPECT_EQ(model.WorkersOf(NodeId(0)), std::vector{WorkerId(0)});
  EXPECT_EQ(model.WorkersOf(NodeId(1)), std::vector{WorkerId(1)});

  recording.lanes[3] = {{.time = 20, .aux = kAtRest, .kind = EventKind::kUnpark},
                        {.time = 30, .aux = kAtRest, .kind = EventKind::kPark}};
  ASSERT_TRUE(model.Update(recording));
  EXPECT_EQ(model.WorkersOf(NodeId(0)), std::vector{WorkerId(0)});
  EXPECT_EQ(model.WorkersOf(NodeId(1)), (std::vector{WorkerId(1), spare}));
}

TEST(TraceModelTest, AVictimAppearsEvenIfItsOwnLaneIsLost) {
  Recording recording;
  recording.header.workers.resize(2);
  recording.header.spares = 1;
  recording.header.node_os_indexes = {0};
  recording.lanes.resize(3);
  recording.lanes[0] = {{.time = 10, .peer = 1, .kind = EventKind::kSteal}};
  TraceModel model;
  ASSERT_TRUE(model.Update(recording));
  EXPECT_EQ(model.WorkersOf(NodeId(0)).size(), 2u);
}

}  // namespace
}  // namespace tally::viz
