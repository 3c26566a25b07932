#include "sim/metrics/strands.h"

#include <algorithm>
#include <iterator>

namespace tally {

void Strands::Add(size_t index, const Event& event) {
  if (!IsDecision(event.kind)) return;
  Lane& lane = lanes_[index];
  Account(lane, event.time);
  switch (event.kind) {
    case EventKind::kSpawn:
      children_[event.task] = {.path = PathOf(lane), .group = event.arg};
      return;
    case EventKind::kBegin: {
      const auto child = children_.find(event.task);
      const uint64_t path = child == children_.end() ? 0 : child->second.path;
      lane.stack.push_back({.is_wait = false, .id = event.task, .path = path});
      return;
    }
    case EventKind::kEnd:
      return End(lane, event.task);
    case EventKind::kWaitBegin:
      lane.stack.push_back({.is_wait = true, .id = event.arg});
      return;
    case EventKind::kWaitEnd:
      return EndWait(lane, event.arg);
    default:
      return;
  }
}

// The time since the last event belongs to the innermost frame, if that is a task.
void Strands::Account(Lane& lane, Nanos now) {
  const uint64_t passed = now > lane.since ? static_cast<uint64_t>(now - lane.since) : 0;
  lane.since = now;
  if (lane.stack.empty() || lane.stack.back().is_wait) return;
  lane.stack.back().path += passed;
  lane.busy_ns += passed;
  work_ns_ += passed;
}

// Of the innermost task.
uint64_t& Strands::PathOf(Lane& lane) {
  for (auto frame = lane.stack.rbegin(); frame != lane.stack.rend(); ++frame) {
    if (!frame->is_wait) return frame->path;
  }
  return lane.path;
}

void Strands::End(Lane& lane, TaskId task) {
  // In a whole recording it is the innermost frame; in a damaged one it may not be there.
  if (lane.stack.empty() || lane.stack.back().is_wait || lane.stack.back().id != task) return;
  const uint64_t path = lane.stack.back().path;
  lane.stack.pop_back();
  span_ns_ = std::max(span_ns_, path);
  const auto child = children_.find(task);
  if (child == children_.end()) return;
  const uint64_t group = child->second.group;
  children_.erase(child);
  if (group == 0) return;
  // A group named after its only task is Invoke's. Its waiter, who runs the task in place, does not
  // say that it waits.
  if (group == task && !lane.stack.empty() && !lane.stack.back().is_wait) {
    lane.stack.back().path = std::max(lane.stack.back().path, path);
    return;
  }
  uint64_t& joined = group_path_[group];
  joined = std::max(joined, path);
}

void Strands::EndWait(Lane& lane, uint64_t group) {
  // Outside threads share a lane, so the wait need not be the innermost.
  const auto wait = std::find_if(lane.stack.rbegin(), lane.stack.rend(), [&](const Frame& frame) {
    return frame.is_wait && frame.id == group;
  });
  if (wait == lane.stack.rend()) return;
  lane.stack.erase(std::next(wait).base());
  const auto joined = group_path_.find(group);
  if (joined == group_path_.end()) return;
  uint64_t& path = PathOf(lane);
  path = std::max(path, joined->second);
}

}  // namespace tally
