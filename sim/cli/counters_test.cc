#include "sim/cli/counters.h"

#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "numa/ids.h"
#include "scheduler/runtime/stats.h"

namespace tally::cli {
namespace {

SchedulerStats TwoWorkers() {
  SchedulerStats stats;
  stats.submitted_outside = 3;
  stats.workers.resize(2);
  stats.workers[0].executed[0] = 5;
  stats.workers[0].steals[3] = 7;
  stats.workers[0].time_ns = {60, 20, 10, 10};
  stats.workers[1].executed[0] = 1;
  stats.workers[1].steal_batches[BatchSizeOf(9)] = 2;
  stats.workers[1].aged = 4;
  stats.workers[1].time_ns = {90, 0, 10, 0};
  stats.workers[1].queue_wait.Add(300);
  stats.workers[1].queue_wait.Add(Nanos{1} << 50);
  return stats;
}

TEST(CountersTest, JsonNamesWhatIsCountedInTotalAndPerWorker) {
  const nlohmann::ordered_json json = CountersJson(TwoWorkers());
  EXPECT_EQ(json["submitted_outside"], 3);
  EXPECT_EQ(json["total"]["executed"]["critical"], 6);
  EXPECT_EQ(json["total"]["steals"]["l3"], 7);
  EXPECT_EQ(json["total"]["steal_batches"]["8-15"], 2);
  EXPECT_EQ(json["total"]["time_ns"]["busy"], 150);
  EXPECT_EQ(json["per_worker"][0]["executed"]["critical"], 5);
  EXPECT_EQ(json["per_worker"][1]["aged"], 4);
  const auto& wait = json["total"]["queue_wait"];
  EXPECT_EQ(wait["count"], 2);
  EXPECT_EQ(wait["buckets"].size(), 2u);
  EXPECT_EQ(wait["buckets"][0]["below_ns"], 512);
  EXPECT_TRUE(wait["buckets"][1]["below_ns"].is_null());
}

TEST(CountersTest, TextSaysWhereTheTimeWentAndLeavesOutWhatDidNotHappen) {
  const std::string text = CountersText(TwoWorkers());
  EXPECT_NE(text.find("busy 75.0 %, searching 10.0 %, asleep 10.0 %, waiting 5.0 %"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("4 aged, 0 inversions, 0 overflows"), std::string::npos) << text;
  EXPECT_NE(text.find("99 % more than 1 s"), std::string::npos) << text;
  EXPECT_EQ(CountersText(SchedulerStats{}), "");
}

TEST(CountersTest, SparesAreInTheTotalButTheirTimeIsNotTheWorkers) {
  SchedulerStats stats = TwoWorkers();
  stats.spares.executed[0] = 2;
  stats.spares.time_ns = {10, 0, 900, 0};
  const nlohmann::ordered_json json = CountersJson(stats);
  EXPECT_EQ(json["total"]["executed"]["critical"], 8);
  EXPECT_EQ(json["per_worker"].size(), 2u);
  EXPECT_EQ(json["spares"]["executed"]["critical"], 2);
  EXPECT_NE(CountersText(stats).find("busy 75.0 %"), std::string::npos) << CountersText(stats);
}

}  // namespace
}  // namespace tally::cli
