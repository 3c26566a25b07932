#include "sim/replay/story.h"

#include "numa/check.h"
#include "scheduler/trace/recording_writer.h"
#include "scheduler/trace/sample_recording.h"

namespace tally {
namespace {

constexpr Nanos kStep = 10;

}  // namespace

Story::Story(size_t workers, size_t nodes) {
  recording_.header = SampleHeader(workers, nodes);
  recording_.lanes.resize(workers + 1);
}

Story& Story::WithSpares(uint32_t spares) {
  recording_.header.spares = spares;
  return *this;
}

Story& Story::On(size_t worker) {
  lane_ = worker;
  return *this;
}

Story& Story::After(Nanos nanos) {
  time_ += nanos;
  return *this;
}

Story& Story::Add(Event event) {
  event.time = time_ += kStep;
  recording_.lanes[lane_].push_back(event);
  return *this;
}

Story& Story::Spawn(TaskId task, uint64_t group, Priority priority) {
  return Add({.task = task,
              .arg = group,
              .peer = static_cast<int16_t>(lane_),
              .kind = EventKind::kSpawn,
              .detail = Event::Detail(priority, Place::kOwnDeque)});
}

Story& Story::SpawnTo(int node, TaskId task, uint64_t group, Priority priority) {
  return Add({.task = task,
              .arg = group,
              .peer = static_cast<int16_t>(node),
              .kind = EventKind::kSpawn,
              .detail = Event::Detail(priority, Place::kInjector)});
}

Story& Story::SpawnInline(TaskId task, uint64_t group) {
  return Add({.task = task,
              .arg = group,
              .peer = static_cast<int16_t>(lane_),
              .kind = EventKind::kSpawn,
              .detail = Event::Detail(kNormal, Place::kInline)});
}

Story& Story::Begin(TaskId task, Place place, Priority priority) {
  return Add({.task = task, .kind = EventKind::kBegin, .detail = Event::Detail(priority, place)});
}

Story& Story::End(TaskId task, Priority priority) {
  return Add(
      {.task = task, .kind = EventKind::kEnd, .detail = Event::Detail(priority, Place::kOwnDeque)});
}

Story& Story::Steal(TaskId task, int victim, Place place, Priority priority) {
  return Add({.task = task,
              .peer = static_cast<int16_t>(victim),
              .kind = EventKind::kSteal,
              .detail = Event::Detail(priority, place)});
}

Story& Story::Take(TaskId task, int node, Place place, Priority priority) {
  return Add({.task = task,
              .peer = static_cast<int16_t>(node),
              .kind = EventKind::kTake,
              .detail = Event::Detail(priority, place)});
}

Story& Story::Reclaim(TaskId task, int node) {
  return Add({.task = task,
              .peer = static_cast<int16_t>(node),
              .kind = EventKind::kReclaim,
              .detail = Event::Detail(kNormal, Place::kHand)});
}

Story& Story::WaitBegin(TaskId task, uint64_t group) {
  return Add({.task = task, .arg = group, .kind = EventKind::kWaitBegin});
}

Story& Story::WaitEnd(TaskId task, uint64_t group) {
  return Add({.task = task, .arg = group, .kind = EventKind::kWaitEnd});
}

Story& Story::Park() { return Add({.kind = EventKind::kPark}); }
Story& Story::Unpark() { return Add({.kind = EventKind::kUnpark}); }
Story& Story::Serve() { return Add({.aux = kAtRest, .kind = EventKind::kUnpark}); }
Story& Story::Rest() { return Add({.aux = kAtRest, .kind = EventKind::kPark}); }

Story& Story::Wake(int worker) {
  return Add({.peer = static_cast<int16_t>(worker), .kind = EventKind::kWake});
}

Story& Story::Touch(TaskId task, uint64_t bytes, int home) {
  return Add(
      {.task = task, .arg = bytes, .peer = static_cast<int16_t>(home), .kind = EventKind::kTouch});
}

Story& Story::Depth(uint32_t depth) { return Add({.aux = depth, .kind = EventKind::kDepth}); }

Story& Story::StealFail(int victim) {
  return Add({.peer = static_cast<int16_t>(victim), .kind = EventKind::kStealFail});
}

Recording Story::Sealed() const {
  RecordingBuilder builder;
  TALLY_CHECK(builder.Append(WriteRecording(recording_)).ok(), "what we wrote can be read");
  TALLY_CHECK(builder.Finish().ok(), "what we wrote can be read");
  return builder.Take();
}

}  // namespace tally
