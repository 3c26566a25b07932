#include "sim/metrics/metrics.h"

#include <algorithm>
#include <map>
#include <utility>

#include "sim/metrics/strands.h"
#include "sim/metrics/touch_counts.h"
#include "sim/replay/replayer.h"

namespace tally {
namespace {

// Adds up events one by one; everything but work, span, time per state and touches.
class Counting {
 public:
  Counting(const RecordingHeader& header, Metrics& metrics) : header_(header), metrics_(metrics) {
    metrics_.nodes = header.node_os_indexes.size();
    metrics_.workers.resize(header.workers.size());
    metrics_.spares = header.spares;
  }

  void Add(size_t lane, const Event& event) {
    ++metrics_.events;
    // Of worker lanes only; the outside counts for nobody.
    Metrics::Worker unused;
    Metrics::Worker& worker = lane < metrics_.workers.size() ? metrics_.workers[lane] : unused;
    switch (event.kind) {
      case EventKind::kSpawn:
        ++metrics_.spawned;
        break;
      case EventKind::kEnd:
        End(worker, event);
        break;
      case EventKind::kSteal:
        Steal(lane, event);
        break;
      case EventKind::kStealFail:
        ++metrics_.steal_fails;
        ++worker.steal_fails;
        break;
      case EventKind::kTake:
        ++metrics_.injector_takes;
        break;
      case EventKind::kReclaim:
        ++metrics_.reclaims;
        break;
      case EventKind::kPark:
        if (event.aux == kAtRest) break;
        ++metrics_.parks;
        ++worker.parks;
        break;
      case EventKind::kWake:
        ++metrics_.wakes;
        break;
      case EventKind::kDepth:
        Depth(worker, event);
        break;
      default:
        break;
    }
  }

  void Finish() {
    for (const auto& [pair, steals] : steals_) {
      metrics_.steal_matrix.push_back(
          {.thief = pair.first, .victim = pair.second, .steals = steals});
    }
  }

 private:
  bool IsWorker(int peer) const {
    return peer >= 0 && static_cast<size_t>(peer) < metrics_.workers.size();
  }

  void End(Metrics::Worker& worker, const Event& event) {
    if (event.aux != 0) {
      ++metrics_.dropped;
      return;
    }
    ++metrics_.tasks;
    ++metrics_.tasks_by_priority[static_cast<size_t>(event.priority())];
    ++worker.executed;
  }

  void Steal(size_t lane, const Event& event) {
    // A damaged recording may name nobody.
    if (lane >= metrics_.workers.size() || !IsWorker(event.peer)) return;
    const auto victim = static_cast<size_t>(event.peer);
    if (victim == lane) return;  // a spare has handed it over
    ++metrics_.steals;
    ++metrics_.steals_by_tier[static_cast<size_t>(TierOf(header_, lane, victim))];
    ++metrics_.workers[lane].steals;
    ++metrics_.workers[victim].stolen;
    ++steals_[{static_cast<uint32_t>(lane), static_cast<uint32_t>(victim)}];
  }

  void Depth(Metrics::Worker& worker, const Event& event) {
    const uint64_t depth = event.aux;
    if (event.peer >= 0) {
      metrics_.injector_depth_max = std::max(metrics_.injector_depth_max, depth);
      return;
    }
    if (event.arg != 0) return;  // a robbed deque: it was longer before
    worker.depth_max = std::max(worker.depth_max, depth);
    metrics_.depth_max = std::max(metrics_.depth_max, depth);
  }

  const RecordingHeader& header_;
  Metrics& metrics_;
  std::map<std::pair<uint32_t, uint32_t>, uint64_t> steals_;  // thief, victim
};

// From the first spawn to the last end.
struct Window {
  Nanos start = kNever;
  Nanos end = -kNever;
  static constexpr Nanos kNever = INT64_MAX / 2;

  void Add(const Event& event) {
    if (event.kind == EventKind::kSpawn) start = std::min(start, event.time);
    if (event.kind == EventKind::kEnd) end = std::max(end, event.time);
  }
  uint64_t length() const { return end > start ? static_cast<uint64_t>(end - start) : 0; }
  // Of [from, to].
  uint64_t Overlap(Nanos from, Nanos to) const {
    from = std::max(from, start);
    to = std::min(to, end);
    return to > from ? static_cast<uint64_t>(to - from) : 0;
  }
};

// `parked`: at first, as spares are.
uint64_t ParkedWithin(const Window& window, const std::vector<Event>& lane, bool parked) {
  uint64_t parked_ns = 0;
  Nanos since = window.start;
  for (const Event& event : lane) {
    if (event.kind == EventKind::kPark) {
      parked = true;
      since = event.time;
    } else if (event.kind == EventKind::kUnpark && parked) {
      parked = false;
      parked_ns += window.Overlap(since, event.time);
    }
  }
  // Still asleep when the last task ended.
  if (parked) parked_ns += window.Overlap(since, window.end);
  return parked_ns;
}

}  // namespace

uint64_t Metrics::workers_busy_ns() const {
  uint64_t busy_ns = 0;
  for (size_t w = 0; w < workers.size() - spares; ++w) busy_ns += workers[w].busy_ns;
  return busy_ns;
}

uint64_t Metrics::spares_busy_ns() const {
  uint64_t busy_ns = 0;
  for (size_t w = workers.size() - spares; w < workers.size(); ++w) busy_ns += workers[w].busy_ns;
  return busy_ns;
}

double Metrics::busy_share() const {
  const auto whole =
      static_cast<double>(makespan_ns) * static_cast<double>(workers.size() - spares);
  return whole == 0 ? 0 : static_cast<double>(workers_busy_ns()) / whole;
}

StealTier TierOf(const RecordingHeader& header, size_t thief, size_t victim) {
  const RecordingHeader::Worker& a = header.workers[thief];
  const RecordingHeader::Worker& b = header.workers[victim];
  if (a.node != b.node) return StealTier::kRemote;
  return a.l3.valid() && a.l3 == b.l3 ? StealTier::kL3 : StealTier::kNode;
}

const char* StealTierName(StealTier tier) {
  switch (tier) {
    case StealTier::kL3:
      return "l3";
    case StealTier::kNode:
      return "node";
    case StealTier::kRemote:
      return "remote";
  }
  return "unknown";
}

Metrics ComputeMetrics(const Recording& recording) {
  Metrics metrics;
  Counting counting(recording.header, metrics);
  TouchCounts touches(recording, metrics);
  Strands strands(recording.lanes.size());
  Window window;
  Replayer replayer(recording);
  while (const auto step = replayer.Next()) {
    const Event& event = replayer.EventOf(*step);
    counting.Add(step->lane, event);
    touches.Add(step->lane, event);
    strands.Add(step->lane, event);
    window.Add(event);
  }
  counting.Finish();
  touches.Finish();

  metrics.makespan_ns = window.length();
  metrics.work_ns = strands.work_ns();
  metrics.span_ns = strands.span_ns();
  for (size_t lane = 0; lane < metrics.workers.size(); ++lane) {
    Metrics::Worker& worker = metrics.workers[lane];
    worker.busy_ns = strands.busy_ns(lane);
    worker.parked_ns = ParkedWithin(window, recording.lanes[lane], recording.header.IsSpare(lane));
    const uint64_t told = worker.busy_ns + worker.parked_ns;
    worker.search_ns = metrics.makespan_ns - std::min(metrics.makespan_ns, told);
  }
  metrics.fingerprint = Fingerprint(recording);
  return metrics;
}

}  // namespace tally
