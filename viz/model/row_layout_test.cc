#include "viz/model/row_layout.h"

#include <gtest/gtest.h>

#include "viz/model/fake_recording.h"

namespace tally::viz {
namespace {

// From one worker to many more than there are pixels: lanes neither overlap nor leave the panel.
TEST(RowLayoutTest, LanesNeverOverlapAndFitWhileTheyCan) {
  for (const auto& [workers, nodes] :
       {std::pair{1, 1}, {2, 1}, {8, 2}, {64, 8}, {192, 8}, {700, 8}}) {
    const Recording recording =
        FakeRecording({.workers = workers, .nodes = nodes, .length = 3'000});
    TraceModel model;
    model.Update(recording);
    for (const int height : {90, 280, 700}) {
      for (const bool injectors : {false, true}) {
        const RowLayout layout = LayOutRows(model, {.height = height, .injectors = injectors});
        ASSERT_EQ(layout.lanes.size(), static_cast<size_t>(workers + (injectors ? nodes : 0)));
        int bottom = 0;
        for (const Lane& lane : layout.lanes) {
          EXPECT_GE(lane.top, bottom);
          EXPECT_GE(lane.height, 1);
          EXPECT_EQ(layout.At(lane.top), &lane);
          bottom = lane.top + lane.height;
        }
        EXPECT_LE(bottom, layout.height);
        if (workers + nodes * 8 < height) {
          EXPECT_LE(layout.height, height) << workers;
        }
      }
    }
  }
}

}  // namespace
}  // namespace tally::viz
