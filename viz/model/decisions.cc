#include "viz/model/decisions.h"

#include <algorithm>
#include <limits>

#include "absl/strings/str_cat.h"

namespace tally::viz {
namespace {

std::string Quoted(const TraceModel& model, TaskId task) {
  const std::string_view name = model.TaskName(task);
  if (name.empty()) return "a task";
  return absl::StrCat("\xe2\x80\x9c", std::string(name), "\xe2\x80\x9d");
}

// A damaged recording may name nobody.
std::string Worker(const TraceModel& model, int id) {
  if (id < 0 || id >= model.workers()) return absl::StrCat("worker ", id);
  return model.recording().header.NameOfLane(static_cast<size_t>(id));
}

}  // namespace

Moment MomentAfter(Nanos t) {
  return {t, std::numeric_limits<size_t>::max(), std::numeric_limits<size_t>::max()};
}

std::optional<Moment> NextDecision(const Recording& recording, Moment after) {
  std::optional<Moment> best;
  for (size_t lane = 0; lane < recording.lanes.size(); ++lane) {
    const std::vector<Event>& events = recording.lanes[lane];
    // Lanes are in time order, so everything before `after` is a prefix.
    auto at = std::partition_point(events.begin(), events.end(),
                                   [&](const Event& event) { return event.time < after.time; });
    for (; at != events.end(); ++at) {
      if (best && at->time > best->time) break;
      const Moment here{at->time, lane, static_cast<size_t>(at - events.begin())};
      if (here <= after || !IsDecision(at->kind)) continue;
      if (!best || here < *best) best = here;
      break;
    }
  }
  return best;
}

std::optional<Moment> PreviousDecision(const Recording& recording, Moment before) {
  std::optional<Moment> best;
  for (size_t lane = 0; lane < recording.lanes.size(); ++lane) {
    const std::vector<Event>& events = recording.lanes[lane];
    auto at = std::partition_point(events.begin(), events.end(),
                                   [&](const Event& event) { return event.time <= before.time; });
    while (at != events.begin()) {
      --at;
      if (best && at->time < best->time) break;
      const Moment here{at->time, lane, static_cast<size_t>(at - events.begin())};
      if (here >= before || !IsDecision(at->kind)) continue;
      if (!best || here > *best) best = here;
      break;
    }
  }
  return best;
}

std::string Describe(const TraceModel& model, Moment decision) {
  const Recording& recording = model.recording();
  if (decision.lane >= recording.lanes.size() ||
      decision.index >= recording.lanes[decision.lane].size()) {
    return "";
  }
  const Event& event = recording.lanes[decision.lane][decision.index];
  const bool outside = decision.lane + 1 == recording.lanes.size();
  const std::string who = outside ? "outside" : Worker(model, static_cast<int>(decision.lane));
  const std::string task = Quoted(model, event.task);
  const auto far = [&]() -> std::string {
    if (outside || event.peer < 0 || event.peer >= model.workers()) return "";
    const bool same = model.NodeOf(WorkerId(event.peer)) ==
                      model.NodeOf(WorkerId(static_cast<int>(decision.lane)));
    return same ? "" : ", on another node";
  };
  switch (event.kind) {
    case EventKind::kSpawn:
      switch (event.place()) {
        case Place::kInjector:
          return absl::StrCat(who, " spawned ", task, " into node ", event.peer, "'s injector");
        case Place::kInline:
          return absl::StrCat(who, " spawned ", task, " and runs it in place");
        default:
          return absl::StrCat(who, " spawned ", task);
      }
    case EventKind::kBegin:
      return absl::StrCat(who, " began ", task);
    case EventKind::kEnd:
      return absl::StrCat(who, " finished ", task);
    case EventKind::kSteal:
      if (event.peer == static_cast<int>(decision.lane)) {
        return absl::StrCat(who, " handed ", task, " over to its node's injector");
      }
      return absl::StrCat(who, " stole ", task, " from ", Worker(model, event.peer), far());
    case EventKind::kTake:
      return absl::StrCat(who, " took ", task, " from node ", event.peer, "'s injector");
    case EventKind::kReclaim:
      return absl::StrCat(who, " took back ", task, " from node ", event.peer, "'s injector");
    case EventKind::kWaitBegin:
      return absl::StrCat(who, " waits for a group");
    case EventKind::kWaitEnd:
      return absl::StrCat(who, " has its group complete");
    case EventKind::kPark:
      if (event.aux == kAtRest) return absl::StrCat(who, " stands in no longer and rests");
      return absl::StrCat(who, " found nothing and parked");
    case EventKind::kUnpark:
      if (event.aux == kAtRest) return absl::StrCat(who, " stands in from now on");
      return absl::StrCat(who, " woke up");
    case EventKind::kWake:
      return absl::StrCat(who, " woke ", Worker(model, event.peer), far());
    default:
      return "";
  }
}

}  // namespace tally::viz
