#include "scheduler/trace/recorder.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "scheduler/trace/memory_sink.h"
#include "scheduler/trace/recording.h"
#include "scheduler/trace/sample_recording.h"

namespace tally {
namespace {

constexpr Recorder::Options kSimulated = {.collector_thread = false, .ring_events = 4};
constexpr Recorder::Options kReal = {.collector_thread = true, .ring_events = 64};

Recording Read(std::string_view bytes) {
  RecordingBuilder builder;
  EXPECT_TRUE(builder.Append(bytes).ok());
  EXPECT_TRUE(builder.Finish().ok());
  return builder.Take();
}

TEST(RecorderTest, WhatWasEmittedIsRead) {
  MemorySink sink;
  Recorder recorder(SampleHeader(2), {&sink}, kSimulated);
  std::vector<std::vector<Event>> lanes(3);
  for (uint64_t i = 0; i < 100; ++i) {
    for (size_t lane = 0; lane < 3; ++lane) {
      const Event event = SampleEvent(i * 3 + lane);
      lanes[lane].push_back(event);
      if (lane == 2) {
        recorder.EmitExternal(event);
      } else {
        recorder.worker_lane(WorkerId(static_cast<int32_t>(lane)))->Emit(event);
      }
    }
  }
  const RecordingSummary summary = recorder.Finish();
  const Recording recording = Read(sink.TakeAll());
  EXPECT_EQ(recording.lanes, lanes);
  EXPECT_TRUE(recording.loss.sealed);
  EXPECT_FALSE(recording.loss.any()) << recording.loss.InWords();
  EXPECT_EQ(recording.seal.fingerprint, summary.fingerprint);
  EXPECT_EQ(Fingerprint(recording), summary.fingerprint);
  EXPECT_EQ(summary.decisions + summary.timeline, 300u);
  for (size_t lane = 0; lane < 3; ++lane) {
    EXPECT_EQ(LaneDigest(recording.lanes[lane]), recording.lane_digests[lane]);
  }
}

TEST(RecorderTest, TheFingerprintDoesNotCountSparesThatNeverServed) {
  const auto record = [](size_t workers, uint32_t spares) {
    RecordingHeader header = SampleHeader(workers);
    header.spares = spares;
    Recorder recorder(header, {}, kSimulated);
    EXPECT_EQ(recorder.SparesOf(static_cast<uint32_t>(workers) - spares), spares);
    EXPECT_EQ(recorder.SparesOf(7), 0u) << "another crew's";
    for (uint64_t i = 0; i < 100; ++i) recorder.worker_lane(WorkerId(0))->Emit(SampleEvent(i));
    return recorder.Finish().fingerprint;
  };
  EXPECT_EQ(record(2, 0), record(5, 3));
  EXPECT_NE(record(2, 0), record(5, 2));
}

// Ring size, chunking, sinks and threads leave no trace in the fingerprint.
TEST(RecorderTest, TheFingerprintIsOfTheDecisionsAlone) {
  std::vector<uint64_t> fingerprints;
  for (const size_t ring_events : {size_t{2}, size_t{64}, size_t{0}}) {
    for (const bool collector : {false, true}) {
      for (const bool with_sink : {false, true}) {
        MemorySink sink;
        RecordingHeader header = SampleHeader(2);
        header.seed = ring_events;
        Recorder recorder(header,
                          with_sink ? std::vector<ChunkSink*>{&sink} : std::vector<ChunkSink*>{},
                          {.collector_thread = collector, .ring_events = ring_events});
        for (uint64_t i = 0; i < 500; ++i) {
          Event event = SampleEvent(i);
          event.time += static_cast<Nanos>(ring_events);
          recorder.worker_lane(WorkerId(1))->Emit(event);
        }
        fingerprints.push_back(recorder.Finish().fingerprint);
      }
    }
  }
  EXPECT_EQ(fingerprints, std::vector<uint64_t>(12, fingerprints[0]));
}

TEST(RecorderTest, ManyWorkersLoseNothing) {
  constexpr uint64_t kEvents = 20'000;
  constexpr int kWorkers = 4;
  MemorySink sink;
  Recorder recorder(SampleHeader(kWorkers), {&sink}, kReal);
  std::vector<std::thread> threads;
  for (int worker = 0; worker < kWorkers; ++worker) {
    threads.emplace_back([&, worker] {
      Recorder::Lane* lane = recorder.worker_lane(WorkerId(worker));
      for (uint64_t i = 0; i < kEvents; ++i) lane->Emit(SampleEvent(i));
    });
    threads.emplace_back([&] {
      for (uint64_t i = 0; i < kEvents / 10; ++i) recorder.EmitExternal(SampleEvent(i));
    });
  }
  for (std::thread& thread : threads) thread.join();
  const RecordingSummary summary = recorder.Finish();
  const Recording recording = Read(sink.TakeAll());
  EXPECT_FALSE(recording.loss.any()) << recording.loss.InWords();
  EXPECT_EQ(summary.decisions + summary.timeline, kWorkers * (kEvents + kEvents / 10));
  EXPECT_EQ(summary.timeline_dropped, 0u);
  EXPECT_EQ(Fingerprint(recording), summary.fingerprint);
  EXPECT_EQ(recording.lanes[0].size(), kEvents);
  EXPECT_EQ(recording.lanes[0], recording.lanes[3]);
  EXPECT_EQ(recording.lanes[kWorkers].size(), kWorkers * kEvents / 10);
}

TEST(RecorderTest, AFullRingMayDropTimelineButNoDecision) {
  MemorySink sink;
  Recorder recorder(SampleHeader(1), {&sink},
                    {.collector_thread = false, .drop_timeline = true, .ring_events = 4});
  Recorder::Lane* lane = recorder.worker_lane(WorkerId(0));
  for (uint64_t i = 0; i < 6; ++i) lane->Emit({.time = 1, .kind = EventKind::kDepth});
  for (uint64_t i = 0; i < 6; ++i) lane->Emit({.time = 2, .kind = EventKind::kPark});
  const RecordingSummary summary = recorder.Finish();
  EXPECT_EQ(summary.timeline, 4u);
  EXPECT_EQ(summary.timeline_dropped, 2u);
  EXPECT_EQ(summary.decisions, 6u);
  const Recording recording = Read(sink.TakeAll());
  EXPECT_EQ(recording.loss.timeline_dropped, 2u);
  EXPECT_FALSE(recording.loss.any());
  EXPECT_EQ(recording.loss.InWords(), "2 timeline events were dropped under load");
}

TEST(RecorderTest, TimeNeverRunsBackwardsInALane) {
  MemorySink sink;
  Recorder recorder(SampleHeader(1), {&sink}, kSimulated);
  for (const Nanos time : {Nanos{100}, Nanos{90}, Nanos{110}}) {
    recorder.EmitExternal({.time = time, .kind = EventKind::kSpawn});
  }
  recorder.Finish();
  const Recording recording = Read(sink.TakeAll());
  ASSERT_EQ(recording.lanes[1].size(), 3u);
  EXPECT_EQ(recording.lanes[1][1].time, 100);
  EXPECT_EQ(recording.lanes[1][2].time, 110);
}

TEST(RecorderTest, NamesArriveOnceAndBeforeTheEvents) {
  MemorySink sink;
  Recorder recorder(SampleHeader(2), {&sink}, kSimulated);
  for (int worker = 0; worker < 2; ++worker) {
    Recorder::Lane* lane = recorder.worker_lane(WorkerId(worker));
    for (int i = 0; i < 10; ++i) {
      lane->Name(NameHash("fib"), "fib");
      lane->Name(NameHash("sort"), "sort");
      lane->Name(1, nullptr);
    }
  }
  recorder.Name(NameHash("outside"), "outside");
  recorder.EmitExternal({.time = 1, .aux = NameHash("outside")});
  recorder.Finish();
  const std::string bytes = sink.TakeAll();
  const Recording recording = Read(bytes);
  EXPECT_EQ(recording.names.size(), 3u);
  EXPECT_EQ(recording.NameOf(NameHash("fib")), "fib");
  EXPECT_EQ(recording.NameOf(NameHash("outside")), "outside");
  EXPECT_EQ(recording.NameOf(1), "");
  EXPECT_EQ(bytes.find("sort"), bytes.rfind("sort"));
}

// What a viewer in the same process waits for.
TEST(RecorderTest, TheCollectorDeliversWhileTheProgramRuns) {
  MemorySink sink;
  Recorder recorder(SampleHeader(1), {&sink}, kReal);
  RecordingBuilder builder;
  recorder.worker_lane(WorkerId(0))->Emit({.time = 1, .kind = EventKind::kPark});
  for (int tries = 0; tries < 1000; ++tries) {
    ASSERT_TRUE(builder.Append(sink.TakeAll()).ok());
    if (builder.has_header() && !builder.recording().lanes[0].empty()) break;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  EXPECT_EQ(builder.recording().lanes[0].size(), 1u);
  EXPECT_FALSE(builder.recording().loss.sealed);
}

TEST(RecorderTest, FinishIsIdempotentAndTheLastWord) {
  MemorySink sink;
  Recorder recorder(SampleHeader(1), {&sink}, kReal);
  recorder.EmitExternal({.time = 1});
  const RecordingSummary first = recorder.Finish();
  const std::string bytes = sink.TakeAll();
  recorder.EmitExternal({.time = 2});
  EXPECT_EQ(recorder.Finish().fingerprint, first.fingerprint);
  EXPECT_EQ(sink.TakeAll(), "");
  EXPECT_TRUE(Read(bytes).loss.sealed);
}

TEST(RecorderTest, EverySinkGetsTheSameBytes) {
  MemorySink a, b;
  Recorder recorder(SampleHeader(1), {&a, &b}, kSimulated);
  for (uint64_t i = 0; i < 50; ++i) recorder.worker_lane(WorkerId(0))->Emit(SampleEvent(i));
  recorder.Finish();
  EXPECT_EQ(a.TakeAll(), b.TakeAll());
}

}  // namespace
}  // namespace tally
