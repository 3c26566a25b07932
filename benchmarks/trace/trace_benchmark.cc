// The events of a fork-join program, from a worker's hand to a replay's verdict.
#include <benchmark/benchmark.h>

#include <cstdint>
#include <string>
#include <vector>

#include "numa/ids.h"
#include "scheduler/trace/chunk_sink.h"
#include "scheduler/trace/event.h"
#include "scheduler/trace/recorder.h"
#include "scheduler/trace/recording.h"
#include "scheduler/trace/recording_writer.h"
#include "scheduler/trace/ring.h"
#include "scheduler/trace/sample_recording.h"
#include "sim/metrics/metrics.h"
#include "sim/replay/replay.h"

namespace tally {
namespace {

// One task: spawned, shown in the depth, begun and ended by its spawner.
std::vector<Event> ForkJoin(uint64_t tasks) {
  std::vector<Event> events;
  const uint8_t detail = Event::Detail(Priority::kNormal, Place::kOwnDeque);
  const uint32_t name = NameHash("fib");
  Nanos time = 0;
  for (uint64_t i = 1; i <= tasks; ++i) {
    const TaskId task = i * 0x9E3779B97F4A7C15u;
    const auto add = [&](EventKind kind, TaskId id, uint64_t arg, uint32_t aux, uint8_t bits) {
      events.push_back({.time = time += static_cast<Nanos>(40 + task % 200),
                        .task = id,
                        .arg = arg,
                        .aux = aux,
                        .peer = static_cast<int16_t>(kind == EventKind::kSpawn ? 0 : -1),
                        .kind = kind,
                        .detail = bits});
    };
    add(EventKind::kSpawn, task, task, name, detail);
    add(EventKind::kDepth, 0, 0, static_cast<uint32_t>(task % 9), 0);
    add(EventKind::kBegin, task, 0, name, detail);
    add(EventKind::kEnd, task, 0, 0, detail);
  }
  return events;
}

class NowhereSink : public ChunkSink {
 public:
  void Write(std::string_view bytes) override { bytes_ += bytes.size(); }
  uint64_t bytes() const { return bytes_; }

 private:
  uint64_t bytes_ = 0;
};

// What a worker pays per event; arg 1: a collector thread drains, 0: the worker itself does.
void BM_Emit(benchmark::State& state) {
  const std::vector<Event> events = ForkJoin(1 << 12);
  NowhereSink sink;
  Recorder recorder(SampleHeader(1), {&sink}, {.collector_thread = state.range(0) != 0});
  Recorder::Lane* lane = recorder.worker_lane(WorkerId(0));
  for (auto _ : state) {
    for (const Event& event : events) lane->Emit(event);
  }
  const RecordingSummary summary = recorder.Finish();
  state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(events.size()));
  state.counters["bytes/event"] =
      static_cast<double>(sink.bytes()) / static_cast<double>(summary.decisions + summary.timeline);
}
BENCHMARK(BM_Emit)->Arg(0)->Arg(1)->UseRealTime();

// A burst that fits the ring: the worker's cost while the collector keeps up.
void BM_PushIntoRing(benchmark::State& state) {
  const std::vector<Event> events = ForkJoin(1 << 11);
  EventRing ring(1 << 14);
  for (auto _ : state) {
    for (const Event& event : events) benchmark::DoNotOptimize(ring.TryPush(event));
    state.PauseTiming();
    ring.Drain([](const Event&) {});
    state.ResumeTiming();
  }
  state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(events.size()));
}
BENCHMARK(BM_PushIntoRing);

Recording OneLane(uint64_t tasks) {
  Recording recording;
  recording.header = SampleHeader(1);
  recording.lanes = {ForkJoin(tasks), {}};
  return recording;
}

void BM_Read(benchmark::State& state) {
  const std::string bytes = WriteRecording(OneLane(1 << 18));
  for (auto _ : state) {
    RecordingBuilder builder;
    benchmark::DoNotOptimize(builder.Append(bytes));
    benchmark::DoNotOptimize(builder.recording());
  }
  state.SetItemsProcessed(state.iterations() * (4 << 18));
}
BENCHMARK(BM_Read);

void BM_Replay(benchmark::State& state) {
  const Recording recording = OneLane(1 << 18);
  for (auto _ : state) benchmark::DoNotOptimize(Replay(recording));
  state.SetItemsProcessed(state.iterations() * (4 << 18));
}
BENCHMARK(BM_Replay);

void BM_Metrics(benchmark::State& state) {
  const Recording recording = OneLane(1 << 18);
  for (auto _ : state) benchmark::DoNotOptimize(ComputeMetrics(recording));
  state.SetItemsProcessed(state.iterations() * (4 << 18));
}
BENCHMARK(BM_Metrics);

}  // namespace
}  // namespace tally

BENCHMARK_MAIN();
