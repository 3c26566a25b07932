#include "viz/model/trace_model.h"

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace tally::viz
