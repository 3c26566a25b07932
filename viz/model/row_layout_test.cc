#include "viz/model/row_layout.h"

#include <gtest/gtest.h>

#include <algorithm>

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

TEST(RowLayoutTest, SparesAreSlimmerAndNeverMoreThanHalfOfTheHeight) {
  struct Row {
    int workers, nodes, spares, idle, height;
  };
  for (const Row& row : {Row{2, 1, 2, 0, 280},
                         {2, 1, 48, 0, 280},
                         {8, 2, 8, 3, 280},
                         {64, 8, 48, 0, 280},
                         {64, 2, 2, 0, 700},
                         {1, 1, 1, 48, 90}}) {
    const Recording recording = FakeRecording({.workers = row.workers,
                                               .nodes = row.nodes,
                                               .length = 3'000,
                                               .spares = row.spares,
                                               .idle_spares = row.idle});
    TraceModel model;
    model.Update(recording);
    const RowLayout layout = LayOutRows(model, {.height = row.height, .lane_max = row.height});
    ASSERT_EQ(layout.lanes.size(), static_cast<size_t>(row.workers + row.spares))
        << "who never serves has no lane";
    EXPECT_LE(layout.height, row.height);
    int least = row.height;  // of the workers' lanes
    int most = 0;            // of the spares'
    int spares = 0;
    int bottom = 0;
    for (const Lane& lane : layout.lanes) {
      EXPECT_GE(lane.top, bottom);
      EXPECT_GE(lane.height, 1);
      EXPECT_EQ(layout.At(lane.top), &lane);
      EXPECT_EQ(lane.is_spare(), lane.worker.value() >= row.workers);
      bottom = lane.top + lane.height;
      if (!lane.is_spare()) {
        least = std::min(least, lane.height);
        continue;
      }
      EXPECT_EQ(lane.spare, lane.worker.value() - row.workers);
      most = std::max(most, lane.height);
      spares += lane.height;
    }
    EXPECT_LE(most, 17);
    EXPECT_LE(most, std::max(1, (least + 2) / 2)) << row.workers << "+" << row.spares;
    EXPECT_LE(spares, row.height / 2);
  }
}

}  // namespace
}  // namespace tally::viz
