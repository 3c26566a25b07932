#include "viz/model/worker_track.h"

namespace tally::viz {

WorkerTrack::WorkerTrack(WorkerId worker, const std::vector<NodeId>* node_of_worker, size_t nodes)
    : worker_(worker),
      node_of_worker_(node_of_worker),
      nodes_(nodes),
      fold_((*node_of_worker)[worker.index()], node_of_worker),
      counted_(kCounted),
      steals_(node_of_worker->size()),
      touches_(nodes + 1) {}

void WorkerTrack::Append(const Event& event) {
  states_.Append(event.time, fold_.Advance(event));
  switch (event.kind) {
    case EventKind::kSpawn:
      Count(event, Counted::kSpawned);
      break;
    case EventKind::kBegin:
      spans_.Begin({.begin = event.time,
                    .task = event.task,
                    .priority = event.priority(),
                    .place = event.place(),
                    .stolen = fold_.running_stolen()});
      Count(event, Counted::kBegun);
      break;
    case EventKind::kEnd:
      spans_.End(event.time);
      if (event.aux == 0) Count(event, Counted::kEnded);  // else it never ran
      break;
    case EventKind::kSteal:
      if (event.peer == worker_.value()) break;  // a spare has handed it over
      Count(event, Counted::kStolen);
      if (event.peer >= 0 && static_cast<size_t>(event.peer) < steals_.categories()) {
        steals_.Append(event.time, static_cast<size_t>(event.peer));
      }
      break;
    case EventKind::kTake:
      Count(event, Counted::kTaken);
      break;
    case EventKind::kPark:
      if (event.aux != kAtRest) Count(event, Counted::kParked);
      break;
    case EventKind::kWake:
      Count(event, Counted::kWoke);
      break;
    case EventKind::kStealFail:
      Count(event, Counted::kFailed);
      break;
    case EventKind::kTouch: {
      const auto home = static_cast<size_t>(event.peer);
      touches_.Append(event.time, event.peer >= 0 && home < nodes_ ? home : nodes_, event.arg);
      break;
    }
    default:
      break;
  }
}

void WorkerTrack::SetHorizon(Nanos horizon) {
  // A search ends in events all the time. One that does not is a worker that has left.
  const WorkerState state = fold_.state();
  states_.SetTail(state == WorkerState::kSearchNear ? WorkerState::kAbsent : state, horizon);
}

Counts WorkerTrack::CountsIn(TimeRange range) const {
  Counts counts{};
  counted_.AddTo(range, counts.data());
  return counts;
}

}  // namespace tally::viz
