// StopToken: how a task asks whether somebody still wants what it does.
#pragma once

#include "scheduler/runtime/join.h"

namespace tally {

// Of one group; copy it into the group's tasks, or give it to a loop (LoopOptions::stop). Valid as
// long as the group. One type for all worlds.
class StopToken {
 public:
  // Of nothing: nobody ever asks to stop.
  StopToken() = default;
  template <class W>
  explicit StopToken(const Join<W>& join)
      : group_(&join), asks_([](const void* group) {
          return static_cast<const Join<W>*>(group)->StopRequested();
        }) {}

  // Whether the group was asked to stop, or one of its tasks threw. Tasks that have not begun are
  // then skipped anyway; a long one may look now and then and return early. Costs a call and a
  // load.
  bool stop_requested() const { return group_ != nullptr && asks_(group_); }
  // Whether it is a group's.
  bool stop_possible() const { return group_ != nullptr; }

 private:
  const void* group_ = nullptr;
  bool (*asks_)(const void* group) = nullptr;
};

}  // namespace tally
