#include "sim/metrics/metrics_report.h"

#include <gtest/gtest.h>

#include <string>

#include "nlohmann/json.hpp"
#include "sim/replay/story.h"

namespace tally {
namespace {

using Json = nlohmann::json;

Recording Sample() {
  Story story(2, 2);
  story.On(0).SpawnInline(1).Begin(1, Place::kInline).Spawn(2, 9);
  story.On(1).Steal(2, 0).Begin(2, Place::kHand).Touch(2, 64, 0).End(2);
  story.On(0).WaitBegin(1, 9).WaitEnd(1, 9).End(1);
  return story.Sealed();
}

TEST(MetricsJsonTest, HasWhatScriptsRelyOn) {
  const Recording recording = Sample();
  const std::string text = MetricsJson(recording, ComputeMetrics(recording));
  EXPECT_EQ(text.find('\n'), std::string::npos);
  const Json json = Json::parse(text);
  for (const char* key : {"workload",
                          "workers",
                          "topology",
                          "seed",
                          "tasks",
                          "makespan_ns",
                          "work_ns",
                          "span_ns",
                          "steals",
                          "cross_node_accesses",
                          "cross_node_bytes",
                          "cross_node_source",
                          "parks",
                          "wakes",
                          "fingerprint",
                          "loss",
                          "per_worker",
                          "per_task_type",
                          "steal_matrix",
                          "node_accesses",
                          "node_bytes"}) {
    EXPECT_TRUE(json.contains(key)) << key;
  }
  EXPECT_EQ(json["workers"], 2);
  EXPECT_EQ(json["tasks"], 2);
  EXPECT_EQ(json["seed"], 0xFEDCBA9876543210u);
  EXPECT_EQ(json["fingerprint"], FingerprintText(Fingerprint(recording)));
  EXPECT_EQ(json["steals"], Json::parse(R"({"total":1,"l3":0,"node":0,"remote":1,"failed":0})"));
  EXPECT_EQ(json["cross_node_accesses"], 1);
  EXPECT_EQ(json["cross_node_bytes"], 64);
  EXPECT_EQ(json["node_bytes"], Json::parse("[[0,0],[64,0]]"));
  EXPECT_EQ(json["steal_matrix"], Json::parse(R"([{"thief":1,"victim":0,"steals":1}])"));
  EXPECT_EQ(json["per_worker"][1]["executed"], 1);
  EXPECT_EQ(json["per_worker"][0]["cross_node_accesses"], 0);
  EXPECT_EQ(json["per_worker"][1]["cross_node_bytes"], 64);
  ASSERT_EQ(json["per_task_type"].size(), 1u);
  EXPECT_EQ(json["per_task_type"][0]["cross_node_bytes"], 64);
  EXPECT_EQ(json["per_task_type"][0]["local_accesses"], 0);
  EXPECT_EQ(json["loss"]["in_words"], "");
  EXPECT_EQ(json["loss"]["sealed"], true);
}

TEST(MetricsJsonTest, WhatNobodyKnowsIsNull) {
  Story story(1);
  story.On(0).SpawnInline(1).Begin(1, Place::kInline).End(1);
  const Recording recording = story.Sealed();
  const Json json = Json::parse(MetricsJson(recording, ComputeMetrics(recording)));
  EXPECT_TRUE(json["cross_node_accesses"].is_null());
  EXPECT_TRUE(json["cross_node_bytes"].is_null());
}

// Of three spares the second one never served.
Recording WithSpares() {
  Story story(5);
  story.WithSpares(3).On(0).SpawnInline(1).Begin(1, Place::kInline).Spawn(2).Spawn(3);
  story.On(2).Serve().Steal(2, 0).Begin(2, Place::kHand).End(2).Rest();
  story.On(4).Serve().Steal(3, 0).Begin(3, Place::kHand).End(3).Rest();
  story.On(0).End(1);
  return story.Sealed();
}

TEST(MetricsJsonTest, SparesAreNamedAndBusyIsOfTheWorkers) {
  const Recording recording = WithSpares();
  const Metrics metrics = ComputeMetrics(recording);
  const Json json = Json::parse(MetricsJson(recording, metrics));
  EXPECT_EQ(json["workers"], 2);
  EXPECT_EQ(json["spares"], 3);
  ASSERT_EQ(json["per_worker"].size(), 5u);
  EXPECT_EQ(json["per_worker"][1]["spare"], false);
  EXPECT_EQ(json["per_worker"][2]["spare"], true);
  EXPECT_EQ(json["busy_share"], metrics.busy_share());
  EXPECT_EQ(json["spares_busy_ns"], json["per_worker"][2]["busy_ns"].get<uint64_t>() +
                                        json["per_worker"][4]["busy_ns"].get<uint64_t>());
}

TEST(WorkersTextTest, SparesHaveNumbersOfTheirOwnAndCountOnceTheyHaveServed) {
  const Recording recording = WithSpares();
  EXPECT_EQ(recording.header.NameOfLane(1), "worker 1");
  EXPECT_EQ(recording.header.NameOfLane(2), "spare 0");
  EXPECT_EQ(WorkersText(recording), "2 workers and 2 spares");
  EXPECT_EQ(WorkersText(Sample()), "2 workers");
  EXPECT_EQ(WorkersText(Story(2).WithSpares(1).Sealed()), "1 worker");
}

TEST(DurationTextTest, HasThreeDigitsThatMeanSomething) {
  EXPECT_EQ(DurationText(0), "0 ns");
  EXPECT_EQ(DurationText(999), "999 ns");
  EXPECT_EQ(DurationText(1500), "1.5 us");
  EXPECT_EQ(DurationText(12'345'678), "12.3 ms");
  EXPECT_EQ(DurationText(61'000'000'000), "61 s");
}

}  // namespace
}  // namespace tally
