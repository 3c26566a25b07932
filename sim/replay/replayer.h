// Steps through a recording in one order that respects cause and effect, and then time.
//
// Conflict: lanes were stamped by different cores, whose clocks may disagree by more than the time
// between cause and effect, so sorting by time would show a theft before the spawn. Idea: an event
// happens only when the machine's state allows it; among the lanes whose next event is possible,
// the earliest goes (ties: the lane's number). A task enters and leaves each queue once, so an
// event that is possible stays possible until it happens: if no lane can go on, no order of the
// recording is valid, and that is a violation. The event is then forced, so that stepping always
// ends.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <queue>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "scheduler/trace/event.h"
#include "scheduler/trace/recording.h"
#include "sim/replay/machine.h"

namespace tally {

class Replayer {
 public:
  struct Step {
    size_t lane = 0;
    size_t index = 0;     // in recording.lanes[lane]
    bool forced = false;  // it violates a rule
  };

  // The recording must outlive the replayer and stay as it is.
  explicit Replayer(const Recording& recording);

  // The next event has happened in machine(); nullopt: there is none.
  std::optional<Step> Next();

  const Machine& machine() const { return machine_; }
  const Event& EventOf(const Step& step) const { return recording_.lanes[step.lane][step.index]; }
  // The first kViolationsKept in words, and how many there were.
  const std::vector<std::string>& violations() const { return violations_; }
  uint64_t violation_count() const { return violation_count_; }

  static constexpr size_t kViolationsKept = 20;

 private:
  using Head = std::pair<Nanos, size_t>;  // time of a lane's next event, lane

  const Event& NextEvent(size_t lane) const { return recording_.lanes[lane][position_[lane]]; }
  Step Happen(size_t lane, bool forced);
  void Block(size_t lane, Machine::Cause cause);
  void Release(Machine::Cause cause);
  std::optional<size_t> EarliestBlocked() const;
  void Violation(size_t lane, std::string_view rule);

  const Recording& recording_;
  Machine machine_;
  std::vector<size_t> position_;  // by lane: its next event
  std::vector<Nanos> clock_;      // by lane: its last event's time
  std::priority_queue<Head, std::vector<Head>, std::greater<>> ready_;
  std::vector<bool> blocked_;  // by lane
  size_t blocked_count_ = 0;
  absl::flat_hash_map<Machine::Cause, std::vector<size_t>> waiting_;  // lanes, by what they await
  std::vector<std::string> violations_;
  uint64_t violation_count_ = 0;
};

// "worker 3, event 12 (steal of task 00...2a from worker 1 at 1,234 ns)"
std::string DescribeEvent(const Recording& recording, size_t lane, size_t index);

}  // namespace tally
