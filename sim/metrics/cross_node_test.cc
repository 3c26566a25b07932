#include "sim/metrics/cross_node.h"

#include <optional>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "scheduler/trace/recording.h"
#include "sim/metrics/metrics.h"
#include "sim/replay/story.h"

namespace tally {
namespace {

using ::testing::HasSubstr;

AccessReport Counted() {
  AccessReport report;
  report.source = "some counters";
  report.threads = {{.remote = 3, .local = 40}, {.remote = 4, .local = 50}};
  report.total = {.remote = 7, .local = 90};
  report.enabled_ns = 100;
  report.running_ns = 80;
  return report;
}

AccessReport Refused() {
  AccessReport report;
  report.why_not = "no counters here";
  return report;
}

// Two workers on two nodes.
Recording Touching(int home) {
  Story story(2, 2);
  story.On(0).SpawnInline(1).Begin(1, Place::kInline);
  if (home != -2) story.Touch(1, 64, home).Touch(1, 10, home == -1 ? -1 : 0);
  story.End(1);
  Recording recording = story.Sealed();
  recording.header.cross_node_source = "declared, says the header";
  return recording;
}
constexpr int kNothing = -2, kUnknownHome = -1;

TEST(CrossNode, TheTopmostRungThatKnowsGivesTheNumberAndItsName) {
  struct Row {
    AccessReport hardware;
    int home;
    std::optional<uint64_t> given;
    AccessRung rung;
    std::optional<uint64_t> accesses, bytes, local;
    const char* source;
  };
  const Row rows[] = {
      {Counted(), 1, 5, AccessRung::kHardware, 7, 448, 90, "some counters"},
      {Counted(), kNothing, std::nullopt, AccessRung::kHardware, 7, 448, 90, "hardware"},
      {Refused(), 1, 5, AccessRung::kDeclared, 1, 64, 1, "declared, says the header"},
      {Refused(), 0, 5, AccessRung::kDeclared, 0, 0, 2, "declared"},  // a true zero
      {Refused(), kUnknownHome, 5, AccessRung::kAllocations, 5, std::nullopt, std::nullopt,
       "numastat"},
      {Refused(), kNothing, 0, AccessRung::kAllocations, 0, std::nullopt, std::nullopt, "numastat"},
      {Refused(), kNothing, std::nullopt, AccessRung::kUnknown, std::nullopt, std::nullopt,
       std::nullopt, "unknown: no counters here; no task declared"},
      {Refused(), kUnknownHome, std::nullopt, AccessRung::kUnknown, std::nullopt, std::nullopt,
       std::nullopt, "the kernel does not say where"},
  };
  for (const Row& row : rows) {
    const Recording recording = Touching(row.home);
    const Metrics metrics = ComputeMetrics(recording);
    const CrossNode cross = CountCrossNode({row.hardware, row.given}, metrics, recording.header);
    EXPECT_STREQ(AccessRungName(cross.rung), AccessRungName(row.rung));
    EXPECT_EQ(cross.accesses, row.accesses);
    EXPECT_EQ(cross.bytes, row.bytes);
    EXPECT_EQ(cross.local_accesses, row.local);
    EXPECT_THAT(cross.source, HasSubstr(row.source));
  }
}

// As of a run that was too long to keep every touch: the scheduler counts by worker and home.
TEST(CrossNode, WithoutTheTasksNamesTheOtherSumsAreTold) {
  const Recording recording = Touching(1);
  Metrics metrics = ComputeMetrics(recording);
  metrics.touched_by_task.clear();
  const AccessFacts facts = {Refused(), std::nullopt};
  const CrossNode cross = CountCrossNode(facts, metrics, recording.header);
  EXPECT_EQ(cross.rung, AccessRung::kDeclared);
  EXPECT_EQ(cross.accesses, 1u);
  EXPECT_EQ(cross.local_accesses, 1u);
  const nlohmann::json json = CrossNodeJson(cross, facts, metrics, recording.header);
  EXPECT_TRUE(json["per_task_type"].is_null());
  EXPECT_EQ(json["per_worker"][0]["cross_node_accesses"], 1);
}

TEST(CrossNode, AWorkerWithoutANodeUsesAnothersMemoryAlways) {
  Recording recording = Touching(1);
  for (RecordingHeader::Worker& worker : recording.header.workers) worker.node = NodeId();
  const Metrics metrics = ComputeMetrics(recording);
  const AccessFacts facts = {Refused(), std::nullopt};
  const CrossNode cross = CountCrossNode(facts, metrics, recording.header);
  EXPECT_EQ(cross.rung, AccessRung::kDeclared);
  EXPECT_EQ(cross.accesses, 2u);
  EXPECT_EQ(cross.local_accesses, 0u);
  const nlohmann::json pairs =
      CrossNodeJson(cross, facts, metrics, recording.header)["per_node_pair"];
  ASSERT_EQ(pairs.size(), 2u);
  EXPECT_TRUE(pairs[0]["worker_node"].is_null());
  EXPECT_EQ(pairs[1]["memory_node"], 1);
}

// A header that was made before the run also has spares; the recording has those that served.
TEST(CrossNode, WorkersThatNobodyCountedAreNotTold) {
  const Recording recording = Touching(1);
  const Metrics metrics = ComputeMetrics(recording);
  RecordingHeader before = recording.header;
  before.workers.resize(before.workers.size() + 2, before.workers.back());
  before.spares = 2;
  for (const AccessFacts& facts : {AccessFacts{Refused(), 5}, AccessFacts{Counted(), 5}}) {
    const nlohmann::json json =
        CrossNodeJson(CountCrossNode(facts, metrics, before), facts, metrics, before);
    EXPECT_EQ(json["per_worker"].size(), recording.header.workers.size());
    EXPECT_EQ(json["per_worker"][1]["spare"], false);
  }
}

TEST(CrossNode, JsonTellsWorkersNodePairsAndTaskTypesAsFarAsTheyAreKnown) {
  const Recording recording = Touching(1);
  const Metrics metrics = ComputeMetrics(recording);
  const AccessFacts declared = {Refused(), 5};
  const nlohmann::json by_touch = CrossNodeJson(CountCrossNode(declared, metrics, recording.header),
                                                declared, metrics, recording.header);
  EXPECT_EQ(by_touch["rung"], "declared");
  EXPECT_EQ(by_touch["why_not_hardware"], "no counters here");
  EXPECT_TRUE(by_touch["time_running_ns"].is_null());
  EXPECT_EQ(by_touch["per_worker"][0]["cross_node_bytes"], 64);
  EXPECT_EQ(by_touch["per_worker"][0]["local_bytes"], 10);
  EXPECT_EQ(by_touch["per_worker"][1]["cross_node_accesses"], 0);
  ASSERT_EQ(by_touch["per_node_pair"].size(), 2u);
  EXPECT_EQ(by_touch["per_node_pair"][1]["memory_node"], 1);
  EXPECT_EQ(by_touch["per_node_pair"][1]["bytes"], 64);
  ASSERT_EQ(by_touch["per_task_type"].size(), 1u);
  EXPECT_EQ(by_touch["per_task_type"][0]["cross_node_accesses"], 1);

  const AccessFacts hardware = {Counted(), 5};
  const nlohmann::json by_counter = CrossNodeJson(
      CountCrossNode(hardware, metrics, recording.header), hardware, metrics, recording.header);
  EXPECT_EQ(by_counter["rung"], "hardware");
  EXPECT_EQ(by_counter["per_worker"][1]["cross_node_accesses"], 4);
  EXPECT_EQ(by_counter["per_worker"][1]["local_accesses"], 50);
  EXPECT_EQ(by_counter["time_enabled_ns"], 100);
  EXPECT_EQ(by_counter["time_running_ns"], 80);
  EXPECT_EQ(by_counter["per_task_type"].size(), 1u) << "tasks still know";
}

}  // namespace
}  // namespace tally
