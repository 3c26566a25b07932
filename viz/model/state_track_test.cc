#include "viz/model/state_track.h"

#include <gtest/gtest.h>

#include "viz/model/fake_recording.h"
#include "viz/model/trace_model.h"

namespace tally::viz {
namespace {

Nanos Sum(const StateTimes& times) {
  Nanos sum = 0;
  for (Nanos t : times) sum += t;
  return sum;
}

Nanos Of(const StateTimes& times, WorkerState state) { return times[static_cast<size_t>(state)]; }

// The slow and obvious way, straight from the events: what the index must agree with.
StateTimes NaiveTimes(const Recording& recording, const TraceModel& model, WorkerId worker,
                      TimeRange range) {
  StateTimes times{};
  std::vector<NodeId> nodes;
  for (const auto& w : recording.header.workers) nodes.push_back(w.node);
  LaneFold fold(model.NodeOf(worker), &nodes);
  Nanos at = model.extent().begin;
  const auto add = [&](Nanos until, WorkerState state) {
    const TimeRange part = TimeRange{at, until}.Clip(range);
    if (part.begin >= at && part.end <= until && !part.empty()) {
      times[static_cast<size_t>(state)] += part.length();
    }
    at = until;
  };
  for (const Event& event : recording.lanes[worker.index()]) add(event.time, fold.Advance(event));
  const bool left = fold.state() == WorkerState::kSearchNear;
  add(model.extent().end, left ? WorkerState::kAbsent : fold.state());
  times[static_cast<size_t>(WorkerState::kAbsent)] += range.length() - Sum(times);
  return times;
}

TEST(StateTrackTest, AnEmptyTrackKnowsNothing) {
  StateTrack track;
  EXPECT_EQ(Of(track.Times({0, 100}), WorkerState::kAbsent), 100);
  EXPECT_EQ(track.At(5), WorkerState::kAbsent);
}

TEST(StateTrackTest, WhatIsBeforeTheFirstEventIsAbsent) {
  StateTrack track;
  track.Append(10, WorkerState::kAbsent);
  track.Append(30, WorkerState::kRunOwn);
  track.SetTail(WorkerState::kParked, 50);
  const StateTimes times = track.Times({0, 60});
  EXPECT_EQ(Of(times, WorkerState::kRunOwn), 20);
  EXPECT_EQ(Of(times, WorkerState::kParked), 20);
  EXPECT_EQ(Of(times, WorkerState::kAbsent), 20);  // 10 before, 10 after
  EXPECT_EQ(track.At(9), WorkerState::kAbsent);
  EXPECT_EQ(track.At(10), WorkerState::kRunOwn);
  EXPECT_EQ(track.At(49), WorkerState::kParked);
  EXPECT_EQ(track.At(50), WorkerState::kAbsent);
}

TEST(StateTrackTest, EqualNeighboursAreOneSegment) {
  StateTrack track;
  track.Append(0, WorkerState::kAbsent);
  for (Nanos t = 1; t <= 100; ++t) track.Append(t, WorkerState::kRunOwn);
  track.SetTail(WorkerState::kParked, 100);
  EXPECT_EQ(track.segments(), 1u);
  EXPECT_EQ(track.SegmentAt(50), (TimeRange{0, 100}));
}

// The sums at every 16th segment must give what adding up every event gives, whatever the zoom.
TEST(StateTrackTest, EveryPixelHoldsWhatANaiveScanFinds) {
  for (const auto& [workers, nodes] : {std::pair{1, 1}, {8, 2}, {64, 8}}) {
    const Recording recording =
        FakeRecording({.workers = workers, .nodes = nodes, .length = 300'000, .seed = 5});
    TraceModel model;
    model.Update(recording);
    for (int w = 0; w < workers; w += 7) {
      const WorkerId worker(w);
      for (const TimeRange view : {model.extent(), TimeRange{-500, 400'000},
                                   TimeRange{100'000, 100'900}, TimeRange{299'000, 302'000}}) {
        for (const int columns : {1, 3, 97}) {
          std::vector<StateTimes> pixels;
          model.worker(worker).states().Columns(view, columns, &pixels);
          ASSERT_EQ(pixels.size(), static_cast<size_t>(columns));
          for (int c = 0; c < columns; ++c) {
            const TimeRange pixel{view.Edge(c, columns), view.Edge(c + 1, columns)};
            ASSERT_EQ(Sum(pixels[static_cast<size_t>(c)]), pixel.length());
            ASSERT_EQ(pixels[static_cast<size_t>(c)], NaiveTimes(recording, model, worker, pixel))
                << "worker " << w << ", column " << c << " of " << columns;
          }
        }
      }
    }
  }
}

// Looking at one moment must find what looking at a nanosecond's share of time finds.
TEST(StateTrackTest, AMomentIsANanosecondsShare) {
  const Recording recording = FakeRecording({.workers = 3, .nodes = 1, .length = 100'000});
  TraceModel model;
  model.Update(recording);
  for (Nanos t = model.extent().begin; t < model.extent().end; t += 137) {
    for (int w = 0; w < 3; ++w) {
      const StateTrack& track = model.worker(WorkerId(w)).states();
      EXPECT_EQ(Of(track.Times({t, t + 1}), track.At(t)), 1);
      if (track.At(t) != WorkerState::kAbsent) {
        EXPECT_TRUE(track.SegmentAt(t).Contains(t));
      }
    }
  }
}

}  // namespace
}  // namespace tally::viz
