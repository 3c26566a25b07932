// The scheduler's hooks: what a worker does, as events. One predictable branch when nobody records.
#pragma once

#include <cstdint>

#include "numa/ids.h"
#include "scheduler/policy/random.h"
#include "scheduler/runtime/options.h"
#include "scheduler/trace/event.h"
#include "scheduler/trace/recorder.h"

namespace tally {

// The pedigree of a task: a hash of its parent's and of its rank among the parent's spawns, so it
// is the same in every run in which the spawns do not depend on the schedule (Leiserson, Schardl
// and Sukha, "Deterministic parallel random-number generation", PPoPP 2012). Never 0.
constexpr TaskId Pedigree(TaskId parent, uint64_t rank) {
  const uint64_t id = Mix64(parent * 0x9e3779b97f4a7c15ull + Mix64(rank + 1));
  return id == 0 ? 1 : id;
}
// A group's id, apart from its creator's tasks.
constexpr uint64_t GroupPedigree(TaskId creator, uint64_t rank) { return Pedigree(~creator, rank); }

// A worker's view of the recorder. Only for the worker itself.
template <class W>
class Tracer {
 public:
  void Attach(Recorder::Lane* lane) { lane_ = lane; }
  bool on() const { return __builtin_expect(lane_ != nullptr, 0); }

  // on() was true in all of these.
  void Emit(EventKind kind, TaskId task, uint64_t arg, uint32_t aux, int32_t peer, uint8_t detail) {
    lane_->Emit({.time = W::Now(),
                 .task = task,
                 .arg = arg,
                 .aux = aux,
                 .peer = static_cast<int16_t>(peer),
                 .kind = kind,
                 .detail = detail});
  }
  void Name(TaskName name) { lane_->Name(name.hash(), name.text()); }

  // Queue depths change often: only changes are worth an event.
  void Depth(int64_t depth) {
    if (depth == last_depth_) return;
    last_depth_ = depth;
    Emit(EventKind::kDepth, 0, 0, static_cast<uint32_t>(depth), -1, 0);
  }

 private:
  Recorder::Lane* lane_ = nullptr;
  int64_t last_depth_ = 0;
};

}  // namespace tally
