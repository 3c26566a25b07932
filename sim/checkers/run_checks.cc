#include "sim/checkers/run_checks.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "absl/strings/str_cat.h"
#include "scheduler/trace/event.h"
#include "sim/metrics/metrics.h"
#include "sim/replay/replay.h"
#include "sim/replay/replayer.h"

namespace tally {
namespace {

// From the event that publishes a task, a publisher needs a few lines' way, perhaps two wakes of
// others and a heavy fence until it has called somebody.
constexpr Nanos kNeglectAllowed = 100'000;

// Who is where, in numbers.
class Idleness {
 public:
  explicit Idleness(const RecordingHeader& header) : workers_(header.workers.size()) {
    for (size_t w = header.regular_workers(); w < workers_.size(); ++w) workers_[w].rests = true;
  }

  void Add(size_t lane, const Event& event) {
    queued_ += QueueChange(event);
    if (lane >= workers_.size()) {
      if (event.kind == EventKind::kWake) Called(event.peer);
      return;
    }
    Worker& worker = workers_[lane];
    switch (event.kind) {
      case EventKind::kBegin:
        ++worker.depth;
        break;
      case EventKind::kEnd:
        --worker.depth;
        break;
      case EventKind::kPark:
        worker.parked = true;
        worker.rests = event.aux == kAtRest;
        worker.called = false;
        break;
      case EventKind::kUnpark:
        worker.parked = worker.rests = worker.called = false;
        break;
      case EventKind::kWake:
        Called(event.peer);
        break;
      default:
        break;
    }
  }

  bool Neglected() const {
    if (queued_ <= 0) return false;
    bool asleep = false;
    for (const Worker& worker : workers_) {
      if (worker.depth > 0) continue;  // busy, or waiting for a group
      if (worker.rests) continue;      // not there for what is queued
      if (!worker.parked || worker.called) return false;
      asleep = true;
    }
    return asleep;
  }

 private:
  struct Worker {
    int depth = 0;
    bool parked = false;
    bool rests = false;  // a spare
    bool called = false;
  };

  void Called(int worker) {
    if (worker >= 0 && static_cast<size_t>(worker) < workers_.size()) {
      workers_[static_cast<size_t>(worker)].called = true;
    }
  }

  static int QueueChange(const Event& event) {
    switch (event.kind) {
      case EventKind::kSpawn:
        return event.place() == Place::kOwnDeque || event.place() == Place::kInjector ? 1 : 0;
      case EventKind::kBegin:
        return event.place() == Place::kOwnDeque ? -1 : 0;
      case EventKind::kSteal:
      case EventKind::kTake:
        return event.place() == Place::kHand ? -1 : 0;
      case EventKind::kReclaim:
        return -1;
      default:
        return 0;
    }
  }

  std::vector<Worker> workers_;
  int64_t queued_ = 0;
};

}  // namespace

Nanos LongestNeglect(const Recording& recording) {
  Idleness idleness(recording.header);
  Replayer replayer(recording);
  Nanos longest = 0, since = 0, now = 0;
  bool neglected = false;
  while (const auto step = replayer.Next()) {
    const Event& event = replayer.EventOf(*step);
    now = std::max(now, event.time);
    if (neglected) longest = std::max(longest, now - since);
    if (!IsDecision(event.kind)) continue;
    idleness.Add(step->lane, event);
    const bool still = idleness.Neglected();
    if (still && !neglected) since = now;
    neglected = still;
  }
  return longest;
}

std::vector<std::string> CheckSimulatedRun(const Recording& recording) {
  std::vector<std::string> broken = Replay(recording).violations;
  const Metrics metrics = ComputeMetrics(recording);
  if (metrics.tasks + metrics.dropped != metrics.spawned) {
    broken.push_back(absl::StrCat(metrics.spawned, " tasks were spawned and ", metrics.tasks,
                                  " ran to their end"));
  }
  if (metrics.makespan_ns < metrics.span_ns) {
    broken.push_back(absl::StrCat("the run took ", metrics.makespan_ns,
                                  " ns, less than its span of ", metrics.span_ns, " ns"));
  }
  const uint64_t workers = std::max<uint64_t>(1, recording.header.workers.size());
  const uint64_t share = (metrics.work_ns + workers - 1) / workers;
  if (metrics.makespan_ns < share) {
    broken.push_back(absl::StrCat("the run took ", metrics.makespan_ns, " ns, less than the ",
                                  share, " ns that its work takes on ", workers, " workers"));
  }
  if (const Nanos neglect = LongestNeglect(recording); neglect > kNeglectAllowed) {
    broken.push_back(absl::StrCat("a worker slept for ", neglect,
                                  " ns while work waited and nobody was on the way"));
  }
  return broken;
}

}  // namespace tally
