// StopToken: how a task asks whether somebody still wants what it does.
#pragma once

#include "scheduler/runtime/join.h"

namespace tally {

// Of one group; copy it into the group's tasks. Valid as long as the group.
template <class W>
class BasicStopToken {
 public:
  explicit BasicStopToken(const Join<W>& join) : join_(&join) {}
  // Whether the group was asked to stop, or one of its tasks threw. Tasks that have not begun are
  // then skipped anyway; a long one may look now and then and return early.
  bool stop_requested() const { return join_->StopRequested(); }

 private:
  const Join<W>* join_;
};

}  // namespace tally
