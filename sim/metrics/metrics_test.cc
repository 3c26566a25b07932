#include "sim/metrics/metrics.h"

#include <gtest/gtest.h>

#include <vector>

#include "scheduler/trace/sample_recording.h"
#include "sim/replay/story.h"

namespace tally {
namespace {

// Four workers, two per L3 and two L3s; the second pair is on node 1.
TEST(MetricsTest, CountsWhatHappened) {
  Story story(4, 2);
  story.Outside().SpawnTo(0, 1, 9).WaitBegin(0, 9);
  story.On(0).Take(1, 0).Begin(1, Place::kHand);
  story.Spawn(10).Spawn(11).Spawn(12).Spawn(13, 0, Priority::kCritical).Depth(4).Wake(1);
  story.On(1).Park().StealFail(3).Unpark().Steal(10, 0).Begin(10, Place::kHand).End(10);
  story.On(2).Steal(11, 0).Begin(11, Place::kHand).End(11);
  story.On(2).Steal(12, 0).Begin(12, Place::kHand).End(12).Depth(2);
  story.On(0).Begin(13, Place::kOwnDeque, Priority::kCritical).End(13, Priority::kCritical).End(1);
  story.Outside().WaitEnd(0, 9);
  const Metrics metrics = ComputeMetrics(story.Sealed());
  EXPECT_EQ(metrics.tasks, 5u);
  EXPECT_EQ(metrics.spawned, 5u);
  EXPECT_EQ(metrics.tasks_by_priority, (std::array<uint64_t, 4>{1, 0, 4, 0}));
  EXPECT_EQ(metrics.steals, 3u);
  EXPECT_EQ(metrics.steals_by_tier, (std::array<uint64_t, 3>{1, 0, 2}));
  EXPECT_EQ(metrics.steal_fails, 1u);
  EXPECT_EQ(metrics.steal_matrix, (std::vector<Metrics::StealCell>{{1, 0, 1}, {2, 0, 2}}));
  EXPECT_EQ(metrics.parks, 1u);
  EXPECT_EQ(metrics.wakes, 1u);
  EXPECT_EQ(metrics.injector_takes, 1u);
  EXPECT_EQ(metrics.depth_max, 4u);
  EXPECT_EQ(metrics.workers[0].executed, 2u);
  EXPECT_EQ(metrics.workers[0].stolen, 3u);
  EXPECT_EQ(metrics.workers[2].executed, 2u);
  EXPECT_EQ(metrics.workers[2].steals, 2u);
  EXPECT_EQ(metrics.workers[3].executed, 0u);
  EXPECT_EQ(metrics.fingerprint, Fingerprint(story.Sealed()));
}

TEST(MetricsTest, TiersAreByWhatTheyShare) {
  RecordingHeader header = SampleHeader(6, 2);  // L3s {0,1} {2,3} {4,5}; nodes {0,1,2} {3,4,5}
  EXPECT_EQ(TierOf(header, 0, 1), StealTier::kL3);
  EXPECT_EQ(TierOf(header, 0, 2), StealTier::kNode);
  EXPECT_EQ(TierOf(header, 2, 3), StealTier::kRemote) << "another node, whatever the L3";
  header.workers[0].l3 = header.workers[1].l3 = L3Id();
  EXPECT_EQ(TierOf(header, 0, 1), StealTier::kNode) << "a machine that describes no L3";
}

TEST(MetricsTest, TimePerStateAddsUpToTheMakespan) {
  Story story(2);
  story.On(1).Park();  // before anything happens
  story.On(0).After(1000).SpawnInline(1).Begin(1, Place::kInline).After(490).End(1);
  story.On(1).After(200).Unpark();  // after everything has
  const Metrics metrics = ComputeMetrics(story.Sealed());
  EXPECT_EQ(metrics.makespan_ns, 510u);
  EXPECT_EQ(metrics.workers[0].busy_ns, 500u);
  EXPECT_EQ(metrics.workers[0].search_ns, 10u);
  EXPECT_EQ(metrics.workers[1].parked_ns, 510u);
  EXPECT_EQ(metrics.workers[1].search_ns, 0u);
}

// Two workers, of which one blocks while a spare runs what the other one has spawned.
TEST(MetricsTest, BusyIsOfTheWorkersTime) {
  Story story(3);
  story.WithSpares(1).On(0).SpawnInline(1).Begin(1, Place::kInline).Spawn(2).After(100);
  story.On(2).Serve().Steal(2, 0).Begin(2, Place::kHand).After(390).End(2).Rest();
  story.On(0).End(1);
  const Metrics metrics = ComputeMetrics(story.Sealed());
  ASSERT_EQ(metrics.makespan_ns, 570u);
  EXPECT_EQ(metrics.spares, 1u);
  EXPECT_EQ(metrics.workers_busy_ns(), 560u);
  EXPECT_EQ(metrics.spares_busy_ns(), 400u);
  EXPECT_DOUBLE_EQ(metrics.busy_share(), 560.0 / (2 * 570.0));
  EXPECT_EQ(Metrics().busy_share(), 0) << "nobody, in no time";
}

TEST(MetricsTest, CrossNodeAccessesAreUnknownUntilAHomeIsKnown) {
  Story story(2, 2);
  story.On(0).SpawnInline(1).Begin(1, Place::kInline).Touch(1, 100, -1).End(1);
  const Metrics unknown = ComputeMetrics(story.Sealed());
  EXPECT_FALSE(unknown.cross_node.has_value());
  EXPECT_EQ(unknown.touches_unknown, (Metrics::Touches{1, 100}));

  story.SpawnInline(2)
      .Begin(2, Place::kInline)
      .Touch(2, 10, 0)
      .Touch(2, 7, 1)
      .Touch(2, 8, 1)
      .End(2);
  story.On(1).SpawnInline(3).Begin(3, Place::kInline).Touch(3, 1, 0).End(3);
  const Metrics known = ComputeMetrics(story.Sealed());
  EXPECT_EQ(known.cross_node, (Metrics::Touches{3, 16}));
  EXPECT_EQ(known.touches, (std::vector<Metrics::Touches>{{1, 10}, {2, 15}, {1, 1}, {0, 0}}));
  EXPECT_EQ(known.touches_unknown.accesses, 1u);
}

TEST(MetricsTest, TouchesAreCountedByWorkerAndByTheInnermostTasksName) {
  constexpr uint32_t kFill = NameHash("fill"), kRead = NameHash("read");
  const auto begin = [](TaskId task, uint32_t name) {
    return Event{.task = task, .aux = name, .kind = EventKind::kBegin, .detail = 6};
  };
  Story story(2, 2);  // a worker on each node
  story.On(0).Spawn(1).Add(begin(1, kFill)).Touch(1, 10, 0);
  // A task that runs while the first one waits.
  story.Spawn(2).Add(begin(2, kRead)).Touch(2, 4, 1).Touch(2, 2, -1).End(2).Touch(1, 30, 0).End(1);
  story.On(1).Spawn(3).Add(begin(3, kRead)).Touch(3, 1, 0).End(3);
  Recording recording = story.Sealed();
  recording.names[kFill] = "fill";
  const Metrics metrics = ComputeMetrics(recording);
  EXPECT_EQ(metrics.workers[0].touched,
            (Metrics::Touched{.local = {2, 40}, .remote = {1, 4}, .unknown = {1, 2}}));
  EXPECT_EQ(metrics.workers[1].touched,
            (Metrics::Touched{.local = {}, .remote = {1, 1}, .unknown = {}}));
  ASSERT_EQ(metrics.touched_by_task.size(), 2u);
  const Metrics::TaskTouched& read = metrics.touched_by_task[0];
  EXPECT_EQ(read.name.size(), 8u) << "a name that the recording lacks is its hash: " << read.name;
  EXPECT_EQ(read.touched, (Metrics::Touched{.local = {}, .remote = {2, 5}, .unknown = {1, 2}}));
  EXPECT_EQ(metrics.touched_by_task[1].name, "fill");
  EXPECT_EQ(metrics.touched_by_task[1].touched,
            (Metrics::Touched{.local = {2, 40}, .remote = {}, .unknown = {}}));
}

TEST(MetricsTest, DroppedTasksAreNotExecuted) {
  Story story(1);
  story.On(0).Spawn(1).Begin(1).Add({.task = 1, .aux = 1, .kind = EventKind::kEnd, .detail = 6});
  const Metrics metrics = ComputeMetrics(story.Sealed());
  EXPECT_EQ(metrics.tasks, 0u);
  EXPECT_EQ(metrics.dropped, 1u);
  EXPECT_EQ(metrics.workers[0].executed, 0u);
}

TEST(MetricsTest, NonsenseIsCountedWithoutHarm) {
  Recording recording = SampleRecording(3, 3000);
  for (size_t i = 0; i < 3000; ++i) {
    Event& event = recording.lanes[1][i];
    event.peer = static_cast<int16_t>(i * 7919);
    event.time = static_cast<Nanos>(i * 0x9E3779B97F4A7C15u) >> 3;
  }
  EXPECT_EQ(ComputeMetrics(recording).events, 12'000u);
}

TEST(MetricsTest, AnEmptyRecordingHasEmptyNumbers) {
  const Metrics metrics = ComputeMetrics(Story(2).Sealed());
  EXPECT_EQ(metrics.makespan_ns, 0u);
  EXPECT_EQ(metrics.span_ns, 0u);
  EXPECT_EQ(metrics.tasks, 0u);
}

}  // namespace
}  // namespace tally
