#include "viz/model/tip.h"

#include <gtest/gtest.h>

#include <string>

#include "sim/replay/story.h"
#include "viz/model/worker_table.h"

namespace tally::viz {
namespace {

std::string Row(const Tip& tip, const std::string& name) {
  for (const auto& [label, value] : tip.rows) {
    if (label == name) return value;
  }
  return "(not told)";
}

// One worker of two is in a task that blocks, 1000 ns in all; a spare robs it and runs for 400.
class TipTest : public testing::Test {
 protected:
  TipTest() {
    Story story(3);
    story.WithSpares(1).On(1).Park();
    story.On(0).SpawnInline(1).Begin(1, Place::kInline).Spawn(2).After(100);
    story.On(2).Serve().Steal(2, 0).Begin(2, Place::kHand).After(390).End(2).Rest();
    story.On(0).After(420).End(1);
    recording_ = story.Sealed();
    model_.Update(recording_);
  }

  Recording recording_;
  TraceModel model_;
};

TEST_F(TipTest, BusyIsToldOfTheWorkersAndOfTheSpares) {
  const Tip tip = BusyTip(model_, SumOf(BuildWorkerTable(model_, model_.extent())));
  EXPECT_EQ(tip.title, "Busy 49 % of the workers' time");
  EXPECT_EQ(Row(tip, "running tasks"), "980 ns");
  EXPECT_EQ(Row(tip, "of"), "2 \xc3\x97 990 ns");
  EXPECT_EQ(Row(tip, "spares served"), "430 ns");
  EXPECT_EQ(Row(tip, "spares running tasks"), "400 ns");
}

TEST_F(TipTest, WithoutSparesNothingIsSaidOfThem) {
  const TimeRange before{model_.extent().begin, model_.extent().begin + 50};
  const Tip tip = BusyTip(model_, SumOf(BuildWorkerTable(model_, before)));
  EXPECT_EQ(Row(tip, "spares served"), "(not told)");
  EXPECT_EQ(tip.note, "");
}

TEST_F(TipTest, TheOverviewTellsSharesOfTheWorkersTime) {
  const Nanos begin = recording_.lanes[2][2].time;  // the spare's task
  const Tip tip = OverviewTip(model_, {begin, begin + 100});
  EXPECT_EQ(Row(tip, "running own work"), "50 %");
  EXPECT_EQ(Row(tip, "parked"), "50 %");
  EXPECT_EQ(Row(tip, "spares serving"), "1.0");
  EXPECT_EQ(Row(OverviewTip(model_, {30, 40}), "spares serving"), "(not told)");
}

TEST_F(TipTest, SparesAreCalledByTheirOwnNumbers) {
  EXPECT_EQ(TimelineTip(model_, WorkerId(2), {100, 101}).title.substr(0, 7), "Spare 0");
  EXPECT_EQ(TimelineTip(model_, WorkerId(1), {100, 101}).title.substr(0, 8), "Worker 1");
  const StealMatrix matrix = BuildStealMatrix(model_, model_.extent());
  EXPECT_EQ(StealTip(model_, matrix, 2, 0).title, "Spare 0 robbed worker 0");
}

TEST_F(TipTest, ASpareThatDoesNotServeIsAtRest) {
  const Tip tip = TimelineTip(model_, WorkerId(2), {20, 60});
  EXPECT_EQ(Row(tip, "at rest"), "until it is called in");
  EXPECT_EQ(tip.note, "") << "nothing changes";
}

}  // namespace
}  // namespace tally::viz
