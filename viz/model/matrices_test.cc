#include "viz/model/matrices.h"

#include <gtest/gtest.h>

#include "sim/metrics/metrics.h"
#include "viz/model/fake_recording.h"
#include "viz/model/figures.h"
#include "viz/model/worker_table.h"

namespace tally::viz {
namespace {

struct Machine {
  int workers;
  int nodes;
  int spares = 0;
};

class MatricesTest : public testing::TestWithParam<Machine> {
 protected:
  void SetUp() override {
    recording_ = FakeRecording({.workers = GetParam().workers,
                                .nodes = GetParam().nodes,
                                .length = 400'000,
                                .seed = 3,
                                .spares = GetParam().spares});
    model_.Update(recording_);
    metrics_ = ComputeMetrics(recording_);
  }

  Recording recording_;
  TraceModel model_;
  Metrics metrics_;
};

// What is drawn from the index must be what stats prints from the events.
TEST_P(MatricesTest, TotalsAreTheMetrics) {
  const StealMatrix steals = BuildStealMatrix(model_, model_.extent());
  EXPECT_EQ(steals.total, metrics_.steals);
  EXPECT_EQ(steals.remote, metrics_.steals_by_tier[static_cast<size_t>(StealTier::kRemote)]);
  const CrossNodeMatrix memory = BuildCrossNodeMatrix(model_, model_.extent());
  EXPECT_EQ(memory.unknown_total.accesses, metrics_.touches_unknown.accesses);
  EXPECT_EQ(memory.unknown_total.bytes, metrics_.touches_unknown.bytes);
  for (size_t i = 0; i < memory.cells.size(); ++i) {
    EXPECT_EQ(memory.cells[i].accesses, metrics_.touches[i].accesses);
    EXPECT_EQ(memory.cells[i].bytes, metrics_.touches[i].bytes);
  }
  EXPECT_EQ(memory.cross.accesses, metrics_.cross_node ? metrics_.cross_node->accesses : 0);
}

TEST_P(MatricesTest, CellsAreTheMetrics) {
  const StealMatrix steals = BuildStealMatrix(model_, model_.extent());
  EXPECT_EQ(steals.by_node, GetParam().workers > StealMatrix::kWorkersShown);
  if (steals.by_node) return;
  std::vector<int> position(static_cast<size_t>(steals.n));
  for (int i = 0; i < steals.n; ++i)
    position[static_cast<size_t>(steals.order[static_cast<size_t>(i)])] = i;
  uint64_t sum = 0;
  for (const Metrics::StealCell& cell : metrics_.steal_matrix) {
    EXPECT_EQ(steals.at(position[cell.thief], position[cell.victim]), cell.steals);
    sum += cell.steals;
  }
  EXPECT_EQ(sum, steals.total);
}

TEST_P(MatricesTest, TheTablesRowsAreTheMetricsWorkers) {
  const std::vector<WorkerRow> rows = BuildWorkerTable(model_, model_.extent());
  ASSERT_EQ(rows.size(), metrics_.workers.size());
  for (const WorkerRow& row : rows) {
    const Metrics::Worker& worker = metrics_.workers[row.worker.index()];
    EXPECT_EQ(Of(row.counts, Counted::kEnded), worker.executed);
    EXPECT_EQ(Of(row.counts, Counted::kStolen), worker.steals);
    EXPECT_EQ(Of(row.counts, Counted::kParked), worker.parks);
    EXPECT_EQ(row.depth_max, worker.depth_max);
    EXPECT_EQ(static_cast<uint64_t>(row.busy()), worker.busy_ns);
    EXPECT_EQ(static_cast<uint64_t>(row.of), metrics_.makespan_ns);
  }
}

// The top bar switches between the two when a range is selected; nobody must notice.
TEST_P(MatricesTest, KeyNumbersFromTheIndexAndFromTheMetricsAgree) {
  const Totals totals = SumOf(BuildWorkerTable(model_, model_.extent()));
  const KeyNumbers counted =
      KeyNumbersOf(totals, BuildStealMatrix(model_, model_.extent()),
                   BuildCrossNodeMatrix(model_, model_.extent()), model_.extent());
  const KeyNumbers whole = KeyNumbersOf(metrics_);
  EXPECT_EQ(counted.tasks, whole.tasks);
  EXPECT_EQ(counted.steals, whole.steals);
  EXPECT_EQ(counted.cross_node, whole.cross_node);
  EXPECT_EQ(counted.parks, whole.parks);
  EXPECT_EQ(totals.busy_share, metrics_.busy_share());
  EXPECT_EQ(static_cast<uint64_t>(totals.busy), metrics_.workers_busy_ns());
  EXPECT_EQ(static_cast<uint64_t>(totals.spares_busy), metrics_.spares_busy_ns());
}

// As long as the workers' makespans, whoever stands in for them.
TEST_P(MatricesTest, StatesAreSharesOfTheWorkersTime) {
  const Totals totals = SumOf(BuildWorkerTable(model_, model_.extent()));
  Nanos sum = 0;
  for (const Nanos time : totals.times) sum += time;
  EXPECT_EQ(sum, model_.run().length() * GetParam().workers);
  EXPECT_EQ(totals.of, sum);
  EXPECT_EQ(totals.spares_served > 0, GetParam().spares > 0);
  EXPECT_LE(totals.spares_busy, totals.spares_served);
}

TEST_P(MatricesTest, TwoHalvesMakeAWhole) {
  const TimeRange all = model_.extent();
  const Nanos middle = all.begin + all.length() / 3;
  const auto total = [&](TimeRange range) { return BuildStealMatrix(model_, range).total; };
  EXPECT_EQ(total({all.begin, middle}) + total({middle, all.end}), total(all));
  const auto bytes = [&](TimeRange range) {
    return BuildCrossNodeMatrix(model_, range).cross.bytes;
  };
  EXPECT_EQ(bytes({all.begin, middle}) + bytes({middle, all.end}), bytes(all));
}

INSTANTIATE_TEST_SUITE_P(Machines, MatricesTest,
                         testing::Values(Machine{1, 1}, Machine{8, 2}, Machine{8, 2, 5},
                                         Machine{64, 8}, Machine{192, 8}),
                         [](const testing::TestParamInfo<Machine>& info) {
                           return "w" + std::to_string(info.param.workers) + "s" +
                                  std::to_string(info.param.spares);
                         });

}  // namespace
}  // namespace tally::viz
