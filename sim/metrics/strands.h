// Work and span: follows every lane's running strand and the longest path that leads to it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "scheduler/trace/event.h"

namespace tally {

// Events come in an order in which causes precede effects.
class Strands {
 public:
  explicit Strands(size_t lanes) : lanes_(lanes) {}

  void Add(size_t lane, const Event& event);

  uint64_t work_ns() const { return work_ns_; }
  uint64_t span_ns() const { return span_ns_; }
  uint64_t busy_ns(size_t lane) const { return lanes_[lane].busy_ns; }

 private:
  struct Frame {
    bool is_wait = false;
    uint64_t id = 0;    // TaskId or group
    uint64_t path = 0;  // of a task: the longest chain of work up to now
  };
  struct Lane {
    std::vector<Frame> stack;
    Nanos since = 0;  // busy time is accounted for up to here
    uint64_t busy_ns = 0;
    uint64_t path = 0;  // of code outside tasks: no work of its own, but it joins and spawns
  };
  struct Child {
    uint64_t path = 0;
    uint64_t group = 0;
  };

  void Account(Lane& lane, Nanos now);
  uint64_t& PathOf(Lane& lane);
  void End(Lane& lane, TaskId task);
  void EndWait(Lane& lane, uint64_t group);

  std::vector<Lane> lanes_;
  absl::flat_hash_map<TaskId, Child> children_;         // spawned, not yet over
  absl::flat_hash_map<uint64_t, uint64_t> group_path_;  // the longest of its ended tasks
  uint64_t work_ns_ = 0;
  uint64_t span_ns_ = 0;
};

}  // namespace tally
