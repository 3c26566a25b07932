// Adds up what tasks declared they touch: by node pair, by worker and by task type. Part of
// metrics.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

#include "scheduler/trace/event.h"
#include "scheduler/trace/recording.h"
#include "sim/metrics/metrics.h"

namespace tally {

class TouchCounts {
 public:
  // Both outlive it. Sizes of `metrics`' lists of workers and nodes are as in the recording.
  TouchCounts(const Recording& recording, Metrics& metrics);

  // A lane's events in order; of all kinds.
  void Add(size_t lane, const Event& event);
  // What is known only at the end.
  void Finish();

 private:
  void Touch(size_t lane, const Event& event);

  const Recording& recording_;
  Metrics& metrics_;
  std::vector<std::vector<uint32_t>> running_;    // by lane: names of tasks, innermost last
  std::map<uint32_t, Metrics::Touched> by_name_;  // by hash
};

}  // namespace tally
