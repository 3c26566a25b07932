#include "sim/cli/tape.h"

#include <string>

#include "absl/status/statusor.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "numa/ids.h"
#include "scheduler/runtime/stats.h"
#include "scheduler/trace/event.h"
#include "scheduler/trace/recorder.h"
#include "scheduler/trace/recording_header.h"
#include "sim/cli/outcome.h"

namespace tally::cli {
namespace {

RecordingHeader OneWorker() {
  RecordingHeader header;
  header.world = "timed";
  header.workload = "test";
  header.workers = {{.cpu = CpuId(0), .os_cpu = 0, .node = NodeId(0), .l3 = {}, .package = {}}};
  header.node_os_indexes = {0};
  header.node_distances = {10};
  return header;
}

void RecordTasks(Tape& tape, uint64_t tasks) {
  Recorder* recorder = tape.Start(OneWorker(), {.collector_thread = false});
  Recorder::Lane* lane = recorder->worker_lane(WorkerId(0));
  Nanos now = 0;
  for (TaskId task = 1; task <= tasks; ++task) {
    const uint8_t detail = Event::Detail(Priority::kNormal, Place::kInline);
    for (const EventKind kind : {EventKind::kSpawn, EventKind::kBegin, EventKind::kEnd}) {
      lane->Emit({.time = ++now, .task = task, .kind = kind, .detail = detail});
    }
  }
  ASSERT_TRUE(tape.Finish().ok());
}

TEST(TapeTest, KeepsWhatFitsInMemory) {
  const auto tape = Tape::Create("").value();
  RecordTasks(*tape, 10);
  ASSERT_TRUE(tape->recording().has_value());
  EXPECT_EQ(tape->recording()->lanes[0].size(), 30u);
  const absl::StatusOr<std::string> text = Describe(*tape, Outcome(), true);
  ASSERT_TRUE(text.ok()) << text.status();
  EXPECT_EQ(nlohmann::json::parse(*text)["tasks"], 10);
}

TEST(TapeTest, ALongerRunStillHasItsFingerprintAndCounters) {
  const auto whole = Tape::Create("").value();
  RecordTasks(*whole, 5'000);
  const auto tape = Tape::Create("", 2'000).value();
  RecordTasks(*tape, 5'000);
  EXPECT_FALSE(tape->recording().has_value());
  EXPECT_EQ(tape->summary().fingerprint, whole->summary().fingerprint);

  Outcome outcome;
  outcome.stats.workers.resize(1);
  outcome.stats.workers[0].executed_inline = 5'000;
  outcome.stats.workers[0].touched = {{.accesses = 3, .bytes = 30}, {.accesses = 1, .bytes = 5}};
  outcome.accesses.emplace();  // as of a real run
  outcome.accesses->hardware.why_not = "no counters";
  outcome.elapsed_ns = 77;
  const auto json = nlohmann::json::parse(Describe(*tape, outcome, true).value());
  EXPECT_EQ(json["tasks"], 5'000);
  EXPECT_EQ(json["makespan_ns"], 77);
  EXPECT_TRUE(json["span_ns"].is_null());
  EXPECT_EQ(json["cross_node"]["rung"], "declared");
  EXPECT_EQ(json["cross_node_accesses"], 0);
  EXPECT_EQ(json["cross_node"]["local_accesses"], 3);
  EXPECT_EQ(json["touches_of_unknown_home"], 1);
  EXPECT_TRUE(json["cross_node"]["per_task_type"].is_null());
  EXPECT_EQ(json["fingerprint"],
            nlohmann::json::parse(Describe(*whole, Outcome(), true).value())["fingerprint"]);
}

// Somebody else's recorder, with a lane for each spare that might serve.
TEST(TapeTest, ALongerRunsSparesAreNoWorkers) {
  RecordingHeader header = OneWorker();
  header.spares = 2;
  header.workers.resize(3, header.workers[0]);
  Outcome outcome;
  outcome.stats.workers.resize(1);
  outcome.stats.workers[0].touched = {{.accesses = 3, .bytes = 30}, {}};
  outcome.stats.spares.touched = {{.accesses = 2, .bytes = 20}, {}};
  outcome.accesses.emplace();
  const auto describe = [&] {
    const auto tape = Tape::Create("", 1).value();
    tape->Start(header, {.collector_thread = false});
    EXPECT_TRUE(tape->Finish().ok());
    EXPECT_FALSE(tape->recording().has_value());
    return nlohmann::json::parse(Describe(*tape, outcome, true).value());
  };
  const nlohmann::json json = describe();
  EXPECT_EQ(json["workers"], 1);
  EXPECT_TRUE(json["spares"].is_null()) << "nobody has counted those that served";
  EXPECT_TRUE(json["busy_share"].is_null());
  EXPECT_EQ(json["cross_node"]["per_worker"].size(), 1u);
  EXPECT_EQ(json["cross_node"]["local_accesses"], 5) << "the spares' too";
  EXPECT_EQ(json["counters"]["per_worker"].size(), 1u);

  header.node_os_indexes = {0, 1};
  header.node_distances = {10, 20, 20, 10};
  header.workers[2].node = NodeId(1);
  outcome.stats.spares.touched = {{.accesses = 2, .bytes = 20}, {}, {}};
  const nlohmann::json on_two_nodes = describe();
  EXPECT_EQ(on_two_nodes["cross_node"]["local_accesses"], 3);
  EXPECT_EQ(on_two_nodes["touches_of_unknown_home"], 2) << "from which node?";
}

}  // namespace
}  // namespace tally::cli
