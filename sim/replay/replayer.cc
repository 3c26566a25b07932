#include "sim/replay/replayer.h"

#include <functional>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace tally {
namespace {

std::string_view Verb(EventKind kind) {
  switch (kind) {
    case EventKind::kSpawn:
      return "spawn";
    case EventKind::kBegin:
      return "begin";
    case EventKind::kEnd:
      return "end";
    case EventKind::kSteal:
      return "steal";
    case EventKind::kTake:
      return "take";
    case EventKind::kReclaim:
      return "reclaim";
    case EventKind::kWaitBegin:
      return "wait begin";
    case EventKind::kWaitEnd:
      return "wait end";
    case EventKind::kPark:
      return "park";
    case EventKind::kUnpark:
      return "unpark";
    case EventKind::kWake:
      return "wake";
    case EventKind::kDepth:
      return "depth";
    case EventKind::kTouch:
      return "touch";
    case EventKind::kStealFail:
      return "failed steal";
  }
  return "event of unknown kind";
}

}  // namespace

std::string DescribeEvent(const Recording& recording, size_t lane, size_t index) {
  const Event& event = recording.lanes[lane][index];
  std::string text = recording.header.NameOfLane(lane);
  absl::StrAppendFormat(&text, ", event %d (%s", index, Verb(event.kind));
  if (event.task != 0) absl::StrAppendFormat(&text, " of task %016x", event.task);
  if (event.peer != -1) absl::StrAppendFormat(&text, ", peer %d", event.peer);
  absl::StrAppendFormat(&text, ", at %d ns)", event.time);
  return text;
}

Replayer::Replayer(const Recording& recording)
    : recording_(recording),
      machine_(recording.header),
      position_(recording.lanes.size(), 0),
      clock_(recording.lanes.size(), INT64_MIN),
      blocked_(recording.lanes.size(), false) {
  for (size_t lane = 0; lane < recording.lanes.size(); ++lane) {
    if (!recording.lanes[lane].empty()) ready_.push({NextEvent(lane).time, lane});
  }
}

std::optional<Replayer::Step> Replayer::Next() {
  while (!ready_.empty()) {
    const size_t lane = ready_.top().second;
    ready_.pop();
    const Machine::Obstacle obstacle = machine_.Check(lane, NextEvent(lane));
    if (obstacle.none()) return Happen(lane, /*forced=*/false);
    if (obstacle.cause.kind == Machine::Cause::Kind::kNothing) {
      Violation(lane, obstacle.rule);
      return Happen(lane, /*forced=*/true);
    }
    Block(lane, obstacle.cause);
  }
  const std::optional<size_t> stuck = EarliestBlocked();
  if (!stuck) return std::nullopt;
  Violation(*stuck, machine_.Check(*stuck, NextEvent(*stuck)).rule);
  blocked_[*stuck] = false;
  --blocked_count_;
  return Happen(*stuck, /*forced=*/true);
}

Replayer::Step Replayer::Happen(size_t lane, bool forced) {
  const Event& event = NextEvent(lane);
  if (event.time < clock_[lane]) Violation(lane, "a worker's time does not run backwards");
  clock_[lane] = event.time;
  machine_.Apply(lane, event, [this](Machine::Cause cause) { Release(cause); });
  const Step step = {.lane = lane, .index = position_[lane]++, .forced = forced};
  if (position_[lane] < recording_.lanes[lane].size()) ready_.push({NextEvent(lane).time, lane});
  return step;
}

void Replayer::Block(size_t lane, Machine::Cause cause) {
  blocked_[lane] = true;
  ++blocked_count_;
  waiting_[cause].push_back(lane);
}

// Whoever awaited this may try again.
void Replayer::Release(Machine::Cause cause) {
  if (blocked_count_ == 0) return;
  const auto found = waiting_.find(cause);
  if (found == waiting_.end()) return;
  const std::vector<size_t> lanes = std::move(found->second);
  waiting_.erase(found);
  for (size_t lane : lanes) {
    if (!blocked_[lane]) continue;  // forced in the meantime
    blocked_[lane] = false;
    --blocked_count_;
    ready_.push({NextEvent(lane).time, lane});
  }
}

std::optional<size_t> Replayer::EarliestBlocked() const {
  std::optional<size_t> earliest;
  for (size_t lane = 0; lane < blocked_.size(); ++lane) {
    if (!blocked_[lane]) continue;
    if (!earliest || NextEvent(lane).time < NextEvent(*earliest).time) earliest = lane;
  }
  return earliest;
}

void Replayer::Violation(size_t lane, std::string_view rule) {
  if (++violation_count_ > kViolationsKept) return;
  violations_.push_back(
      absl::StrCat(DescribeEvent(recording_, lane, position_[lane]),
                   " breaks the rule: ", absl::string_view(rule.data(), rule.size())));
}

}  // namespace tally
