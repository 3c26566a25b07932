#include "viz/model/fake_recording.h"

#include <algorithm>
#include <iterator>
#include <string>

namespace tally::viz {
namespace {

// SplitMix64 (Steele, Lea, Flood 2014).
class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed) {}
  uint64_t Below(uint64_t n) {
    uint64_t z = state_ += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return (z ^ (z >> 31)) % n;
  }
  bool Percent(uint64_t p) { return Below(100) < p; }

 private:
  uint64_t state_;
};

constexpr const char* kNames[] = {"solve", "merge", "sweep", "pack", "leaf"};

// Spares sit where workers do, in turn.
int NodeOf(const FakeOptions& options, int worker) {
  return worker % options.workers * options.nodes / options.workers;
}

// One worker's life, written into its lane. Tasks are spawned by the outside just before they
// begin, so that every task has exactly one spawn and it comes first.
class FakeWorker {
 public:
  FakeWorker(int worker, const FakeOptions& options, Recording* recording)
      : worker_(worker),
        options_(options),
        recording_(recording),
        random_(options.seed * 1000003 + static_cast<uint64_t>(worker)) {}

  void Live() {
    now_ = 200 + static_cast<Nanos>(random_.Below(3000));
    LiveUntil(options_.length);
  }

  // A spare's life: rest, and some service.
  void Serve() {
    const auto length = static_cast<uint64_t>(options_.length);
    for (Pass(1, length * 8 / 10); now_ < options_.length; Pass(1, length)) {
      Emit({.aux = kAtRest, .kind = EventKind::kUnpark});
      LiveUntil(now_ + options_.length / 10);
      Emit({.aux = kAtRest, .kind = EventKind::kPark});
    }
  }

 private:
  void LiveUntil(Nanos end) {
    while (now_ < end) {
      // Load comes in waves that are out of phase between nodes, so that pictures have a shape.
      const Nanos phase = (now_ * 6 / options_.length + node(worker_) * 2) % 6;
      const uint64_t load = static_cast<uint64_t>(options_.load_percent) * (phase < 4 ? 100 : 35);
      if (random_.Below(100 * 100) < load) {
        RunOwn();
      } else if (options_.workers > 1 && random_.Percent(60)) {
        Steal();
      } else {
        Sleep(1500, 40000);
      }
    }
  }

  int16_t node(int worker) const { return static_cast<int16_t>(NodeOf(options_, worker)); }
  void Emit(Event event) {
    event.time = now_;
    recording_->lanes[static_cast<size_t>(worker_)].push_back(event);
  }
  void Pass(uint64_t low, uint64_t high) {
    now_ += static_cast<Nanos>(low + random_.Below(high - low));
  }

  TaskId Spawn(Priority priority) {
    const TaskId task = (static_cast<TaskId>(worker_) + 1) << 40 | ++spawned_;
    const char* name = kNames[random_.Below(std::size(kNames))];
    recording_->names[NameHash(name)] = name;
    recording_->lanes.back().push_back({.time = now_,
                                        .task = task,
                                        .aux = NameHash(name),
                                        .peer = node(worker_),
                                        .kind = EventKind::kSpawn,
                                        .detail = Event::Detail(priority, Place::kInjector)});
    return task;
  }

  void Depth() {
    depth_ = std::max(0, depth_ + static_cast<int>(random_.Below(7)) - 3);
    Emit({.aux = static_cast<uint32_t>(depth_), .kind = EventKind::kDepth});
  }

  void Sleep(uint64_t low, uint64_t high) {
    Emit({.kind = EventKind::kPark});
    Pass(low, high);
    Emit({.kind = EventKind::kUnpark});
    Pass(50, 400);
  }

  void Run(TaskId task, Place place, int nesting) {
    const auto priority = static_cast<Priority>(random_.Below(kPriorities));
    Emit({.task = task, .kind = EventKind::kBegin, .detail = Event::Detail(priority, place)});
    Pass(300, random_.Percent(10) ? 60000 : 6000);
    Depth();
    if (random_.Percent(50)) {
      const bool unknown = random_.Percent(5);
      const int home = random_.Percent(75)
                           ? node(worker_)
                           : static_cast<int>(random_.Below(static_cast<uint64_t>(options_.nodes)));
      Emit({.task = task,
            .arg = uint64_t{64} << random_.Below(12),
            .peer = static_cast<int16_t>(unknown ? -1 : home),
            .kind = EventKind::kTouch});
    }
    if (nesting < 3 && random_.Percent(30)) {
      const uint64_t group = ++groups_;
      Emit({.task = task, .arg = group, .kind = EventKind::kWaitBegin});
      Pass(20, 200);
      if (random_.Percent(70)) Run(Spawn(priority), Place::kOwnDeque, nesting + 1);
      if (random_.Percent(20)) Sleep(500, 5000);
      Emit({.task = task, .arg = group, .kind = EventKind::kWaitEnd});
      Pass(100, 1000);
    }
    Emit({.task = task, .kind = EventKind::kEnd});
    Pass(20, 120);
  }

  void RunOwn() {
    const TaskId task = Spawn(Priority::kNormal);
    Emit({.task = task,
          .peer = node(worker_),
          .kind = EventKind::kTake,
          .detail = Event::Detail(Priority::kNormal, Place::kHand)});
    Run(task, Place::kHand, 0);
  }

  int Victim() {
    const auto workers = static_cast<uint64_t>(options_.workers);
    for (int tries = 0;; ++tries) {
      const int victim = static_cast<int>(random_.Below(workers));
      if (victim == worker_) continue;
      if (node(victim) == node(worker_) || random_.Percent(25) || tries > 20) return victim;
    }
  }

  void Steal() {
    while (random_.Percent(55)) {
      Pass(80, 600);
      Emit({.aux = random_.Percent(20) ? 1u : 0u,
            .peer = static_cast<int16_t>(Victim()),
            .kind = EventKind::kStealFail});
    }
    Pass(100, 900);
    const TaskId task = Spawn(Priority::kNormal);
    Emit({.task = task,
          .peer = static_cast<int16_t>(Victim()),
          .kind = EventKind::kSteal,
          .detail = Event::Detail(Priority::kNormal, Place::kHand)});
    Pass(30, 100);
    Run(task, Place::kHand, 0);
  }

  int worker_;
  const FakeOptions& options_;
  Recording* recording_;
  Random random_;
  Nanos now_ = 0;
  TaskId spawned_ = 0;
  uint64_t groups_ = 0;
  int depth_ = 0;
};

}  // namespace

Recording FakeRecording(const FakeOptions& options) {
  Recording recording;
  RecordingHeader& header = recording.header;
  header.world = "timed";
  header.workload = "fake";
  header.topology = "synthetic";
  header.topology_summary =
      std::to_string(options.nodes) + " nodes, " + std::to_string(options.workers) + " workers";
  header.placement = "compact";
  header.policy = "nearest";
  header.seed = options.seed;
  header.cross_node_source = "declared touches";
  header.spares = static_cast<uint32_t>(options.spares + options.idle_spares);
  const int all = options.workers + options.spares + options.idle_spares;
  for (int w = 0; w < all; ++w) {
    RecordingHeader::Worker worker;
    worker.cpu = CpuId(w % options.workers);
    worker.os_cpu = w % options.workers;
    worker.node = NodeId(NodeOf(options, w));
    worker.package = PackageId(NodeOf(options, w));
    header.workers.push_back(worker);
  }
  for (int from = 0; from < options.nodes; ++from) {
    header.node_os_indexes.push_back(from);
    for (int to = 0; to < options.nodes; ++to) {
      header.node_distances.push_back(from == to ? 10 : from / 2 == to / 2 ? 16 : 28);
    }
  }
  recording.lanes.resize(static_cast<size_t>(all) + 1);
  for (int w = 0; w < options.workers; ++w) FakeWorker(w, options, &recording).Live();
  for (int w = 0; w < options.spares; ++w) {
    FakeWorker(options.workers + w, options, &recording).Serve();
  }
  std::stable_sort(recording.lanes.back().begin(), recording.lanes.back().end(),
                   [](const Event& a, const Event& b) { return a.time < b.time; });
  recording.loss.sealed = true;
  recording.has_seal = true;
  return recording;
}

}  // namespace tally::viz
