// What a worker was doing between two of its events.
//
// Conflict: events say what happened, people ask what it was like in between. A lane is therefore
// folded: a stack of begun tasks and open waits gives the state until the next event. Only the
// search is classified by the event that *ends* it: looking at a far worker's deque is known when
// the look is over.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "numa/ids.h"
#include "scheduler/trace/event.h"

namespace tally::viz {

enum class WorkerState : uint8_t {
  kRunOwn,        // runs a task that it had itself, or took from an injector
  kRunStolen,     // runs a task that it stole
  kSearchNear,    // looks for work, on its own node as far as is known
  kSearchRemote,  // looks for work on another node
  kWaitParked,    // sleeps inside a task that waits for its group
  kParked,        // sleeps
  kAbsent,        // before its first event, a spare at rest, or outside of the recording
};
inline constexpr int kWorkerStates = 7;

std::string_view WorkerStateName(WorkerState state);  // "running own work"
std::string_view WorkerStateKey(WorkerState state);   // "run_own": for paths and JSON

// Time by state, in nanoseconds.
using StateTimes = std::array<Nanos, kWorkerStates>;

class LaneFold {
 public:
  // `node_of_worker` by WorkerId; must outlive the fold.
  LaneFold(NodeId own, const std::vector<NodeId>* node_of_worker)
      : own_(own), node_of_worker_(node_of_worker) {}

  // Takes the lane's next event and returns the state of the time between the previous event and
  // this one. The first event ends kAbsent.
  WorkerState Advance(const Event& event);

  // From the last event on.
  WorkerState state() const;
  // Tasks begun and not ended, waits not counted: the nesting of the innermost one.
  int running() const { return running_; }
  bool running_stolen() const { return !frames_.empty() && frames_.back() == Frame::kStolen; }

 private:
  enum class Frame : uint8_t { kOwn, kStolen, kWait };

  bool IsRemote(const Event& event) const;
  bool Searching() const;

  NodeId own_;
  const std::vector<NodeId>* node_of_worker_;
  std::vector<Frame> frames_;
  absl::flat_hash_set<TaskId> stolen_;  // stolen, not begun yet
  int running_ = 0;
  bool parked_ = false;
  bool seen_ = false;  // and no spare that rests
};

}  // namespace tally::viz
