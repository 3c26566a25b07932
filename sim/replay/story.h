// For tests: tells what workers did, event by event, and gives it as a recording.
//
//   Story story(2);
//   story.On(0).Spawn(1).Begin(1).End(1);
//   story.On(1).Park();
//   const Recording recording = story.Sealed();
//
// Time passes by 10 ns per event, over all lanes; After() lets more pass.
#pragma once

#include <cstddef>
#include <cstdint>

#include "scheduler/trace/event.h"
#include "scheduler/trace/recording.h"

namespace tally {

class Story {
 public:
  static constexpr Priority kNormal = Priority::kNormal;

  explicit Story(size_t workers, size_t nodes = 1);

  // The last of the workers are spares.
  Story& WithSpares(uint32_t spares);
  // Whose events follow.
  Story& On(size_t worker);
  Story& Outside() { return On(recording_.header.workers.size()); }
  Story& After(Nanos nanos);

  // Into the own deque, an injector, or the spawner's hands.
  Story& Spawn(TaskId task, uint64_t group = 0, Priority priority = kNormal);
  Story& SpawnTo(int node, TaskId task, uint64_t group = 0, Priority priority = kNormal);
  Story& SpawnInline(TaskId task, uint64_t group = 0);
  Story& Begin(TaskId task, Place place = Place::kOwnDeque, Priority priority = kNormal);
  Story& End(TaskId task, Priority priority = kNormal);
  Story& Steal(TaskId task, int victim, Place place = Place::kHand, Priority priority = kNormal);
  Story& Take(TaskId task, int node, Place place = Place::kHand, Priority priority = kNormal);
  Story& Reclaim(TaskId task, int node);
  Story& WaitBegin(TaskId task, uint64_t group);
  Story& WaitEnd(TaskId task, uint64_t group);
  Story& Park();
  Story& Unpark();
  Story& Serve();  // of a spare
  Story& Rest();
  Story& Wake(int worker);
  Story& Touch(TaskId task, uint64_t bytes, int home);
  Story& Depth(uint32_t depth);
  Story& StealFail(int victim);
  Story& Add(Event event);  // at the story's time

  // As a reader would give it: complete, with the recorder's seal.
  Recording Sealed() const;

 private:
  Recording recording_;
  size_t lane_ = 0;
  Nanos time_ = 0;
};

}  // namespace tally
