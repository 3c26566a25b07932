#include "viz/model/worker_state.h"

namespace tally::viz {

std::string_view WorkerStateName(WorkerState state) {
  switch (state) {
    case WorkerState::kRunOwn:
      return "running own work";
    case WorkerState::kRunStolen:
      return "running stolen work";
    case WorkerState::kSearchNear:
      return "searching its node";
    case WorkerState::kSearchRemote:
      return "searching other nodes";
    case WorkerState::kWaitParked:
      return "waiting for a group, parked";
    case WorkerState::kParked:
      return "parked";
    case WorkerState::kAbsent:
      return "not there";
  }
  return "";
}

std::string_view WorkerStateKey(WorkerState state) {
  switch (state) {
    case WorkerState::kRunOwn:
      return "run_own";
    case WorkerState::kRunStolen:
      return "run_stolen";
    case WorkerState::kSearchNear:
      return "search_near";
    case WorkerState::kSearchRemote:
      return "search_remote";
    case WorkerState::kWaitParked:
      return "wait_parked";
    case WorkerState::kParked:
      return "parked";
    case WorkerState::kAbsent:
      return "absent";
  }
  return "";
}

bool LaneFold::Searching() const {
  return !parked_ && (frames_.empty() || frames_.back() == Frame::kWait);
}

bool LaneFold::IsRemote(const Event& event) const {
  switch (event.kind) {
    case EventKind::kSteal:
    case EventKind::kStealFail: {
      const auto victim = static_cast<size_t>(event.peer);
      return event.peer >= 0 && victim < node_of_worker_->size() &&
             (*node_of_worker_)[victim] != own_;
    }
    case EventKind::kTake:
      return event.peer >= 0 && NodeId(event.peer) != own_;
    default:
      return false;
  }
}

WorkerState LaneFold::state() const {
  if (!seen_) return WorkerState::kAbsent;
  const bool waits = !frames_.empty() && frames_.back() == Frame::kWait;
  if (parked_) return waits ? WorkerState::kWaitParked : WorkerState::kParked;
  if (Searching()) return WorkerState::kSearchNear;
  return running_stolen() ? WorkerState::kRunStolen : WorkerState::kRunOwn;
}

WorkerState LaneFold::Advance(const Event& event) {
  WorkerState before = state();
  if (before == WorkerState::kSearchNear && IsRemote(event)) before = WorkerState::kSearchRemote;
  seen_ = true;
  switch (event.kind) {
    case EventKind::kBegin: {
      const bool stolen = stolen_.erase(event.task) != 0;
      frames_.push_back(stolen ? Frame::kStolen : Frame::kOwn);
      ++running_;
      break;
    }
    case EventKind::kEnd:
      // A damaged recording may have lost the begin, or a wait's end: the task ends in any case.
      while (!frames_.empty() && frames_.back() == Frame::kWait) frames_.pop_back();
      if (!frames_.empty()) {
        frames_.pop_back();
        --running_;
      }
      break;
    case EventKind::kWaitBegin:
      frames_.push_back(Frame::kWait);
      break;
    case EventKind::kWaitEnd:
      if (!frames_.empty() && frames_.back() == Frame::kWait) frames_.pop_back();
      break;
    case EventKind::kSteal:
      if (event.place() != Place::kInjector) stolen_.insert(event.task);
      break;
    case EventKind::kPark:
      parked_ = true;
      if (event.aux == kAtRest) seen_ = false;
      break;
    case EventKind::kUnpark:
      parked_ = false;
      break;
    default:
      break;
  }
  return before;
}

}  // namespace tally::viz
