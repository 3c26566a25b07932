#include "scheduler/trace/recorder.h"

#include <pthread.h>
#include <signal.h>

#include <algorithm>
#include <bit>
#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>

#include "numa/check.h"
#include "scheduler/trace/chunk.h"
#include "scheduler/trace/chunk_writer.h"
#include "scheduler/trace/digest.h"
#include "scheduler/trace/header_json.h"
#include "scheduler/trace/lane_log.h"

namespace tally {
namespace {

using std::chrono::milliseconds;

// The collector looks this often while there is something to collect, and up to kNapMax when not.
constexpr milliseconds kNapMin{5};
constexpr milliseconds kNapMax{80};
// Chunks that are not full are sealed every so many looks: what a viewer waits, what a kill loses.
constexpr int kLooksPerFlush = 4;

// A burst of 16 Ki events is a few milliseconds of the busiest worker. Many (simulated) workers
// share 32 MiB instead.
constexpr size_t kRingEventsMax = 16 << 10;
constexpr size_t kRingEventsMin = 256;
constexpr size_t kRingEventsAll = 1 << 20;

size_t RingEvents(const Recorder::Options& options, size_t lanes) {
  if (options.ring_events != 0) return options.ring_events;
  return std::bit_floor(std::clamp(kRingEventsAll / lanes, kRingEventsMin, kRingEventsMax));
}

// The host program's signal handlers run on its own threads, never on ours.
class BlockedSignals {
 public:
  BlockedSignals() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~BlockedSignals() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

 private:
  sigset_t before_;
};

}  // namespace

struct Recorder::Lane::Log {
  Log(uint16_t lane, bool encode) : log(lane, encode) {}

  // Clocks may step back (a migrated thread, an outside thread that waited for the lock): a lane's
  // time never does.
  void Add(Event event) {
    event.time = std::min(std::max(event.time, last_time), kTimeMax);
    last_time = event.time;
    log.Add(event);
  }

  std::mutex mutex;  // one drains at a time: the collector, or the owner of a full ring
  LaneLog log;
  Nanos last_time = -kTimeMax;
};

struct Recorder::Impl {
  Impl(RecordingHeader header, std::vector<ChunkSink*> sinks, Options options)
      : options(options),
        workers(static_cast<uint32_t>(header.workers.size())),
        spares(header.spares),
        writer(std::move(sinks)) {
    TALLY_CHECK(!header.workers.empty() && header.workers.size() <= kWorkersMax,
                "a recording has 1 to 4096 workers");
    TALLY_CHECK(!header.node_os_indexes.empty(), "a recording has at least one node");
    const size_t count = header.workers.size() + 1;  // the outside's is the last
    for (size_t lane = 0; lane < count; ++lane) {
      lanes.emplace_back(new Lane(*this, static_cast<uint16_t>(lane), RingEvents(options, count)));
    }
    writer.Start(header);
    if (options.collector_thread) StartCollector();
  }
  ~Impl() { Finish(); }

  void StartCollector();
  void CollectUntilStopped();
  bool Collect(bool flush);
  size_t Drain(Lane& lane, bool flush);
  RecordingSummary Finish();
  Seal MakeSeal() const;

  const Options options;
  const uint32_t workers, spares;  // these are of those
  ChunkWriter writer;
  std::vector<std::unique_ptr<Lane>> lanes;
  std::mutex outside_mutex;  // makes threads that are not workers one producer
  bool finished = false;     // under outside_mutex
  RecordingSummary summary;  // once finished

  std::mutex stop_mutex;
  std::condition_variable stop_changed;
  bool stop = false;  // under stop_mutex
  std::thread collector;
};

void Recorder::Impl::StartCollector() {
  const BlockedSignals blocked;
  try {
    collector = std::thread([this] { CollectUntilStopped(); });
    pthread_setname_np(collector.native_handle(), "tally-trace");
  } catch (const std::system_error&) {
    // No more threads to be had: full rings are drained by their owners, as in simulated worlds.
  }
}

void Recorder::Impl::CollectUntilStopped() {
  milliseconds nap = kNapMin;
  int looks = 0;
  std::unique_lock lock(stop_mutex);
  while (!stop_changed.wait_for(lock, nap, [this] { return stop; })) {
    lock.unlock();
    const bool quiet = nap > kNapMin;
    const bool found = Collect(quiet || ++looks % kLooksPerFlush == 0);
    nap = found ? kNapMin : std::min(nap * 2, kNapMax);
    lock.lock();
  }
}

bool Recorder::Impl::Collect(bool flush) {
  size_t found = 0;
  for (const auto& lane : lanes) found += Drain(*lane, flush);
  return found != 0;
}

// Moves a ring's events into chunks; `flush`: seals also those that are not full.
size_t Recorder::Impl::Drain(Lane& lane, bool flush) {
  const std::lock_guard lock(lane.log_->mutex);
  LaneLog& log = lane.log_->log;
  log.SetDropped(lane.dropped_.load(std::memory_order_relaxed));
  const size_t count = lane.ring_.Drain([&](const Event& event) {
    lane.log_->Add(event);
    if (log.full()) writer.Write(log.TakeChunks());
  });
  if (flush) writer.Write(log.TakeChunks());
  return count;
}

RecordingSummary Recorder::Impl::Finish() {
  const std::lock_guard outside(outside_mutex);
  if (finished) return summary;
  finished = true;
  {
    const std::lock_guard lock(stop_mutex);
    stop = true;
  }
  stop_changed.notify_all();
  if (collector.joinable()) collector.join();
  Collect(/*flush=*/true);
  const Seal seal = MakeSeal();
  summary = seal.summary;
  writer.Finish(seal);
  return summary;
}

Seal Recorder::Impl::MakeSeal() const {
  Seal seal;
  std::vector<uint64_t> decisions;
  for (const auto& lane : lanes) {
    const LaneLog& log = lane->log_->log;
    decisions.push_back(log.hasher().decisions_hash());
    seal.lane_digests.push_back(log.hasher().digest());
    seal.lane_chunks.push_back(log.chunks());
    seal.summary.decisions += log.hasher().decisions();
    seal.summary.timeline += log.hasher().timeline();
    seal.summary.timeline_dropped += log.dropped();
  }
  seal.summary.fingerprint = CombineLanes(decisions, spares);
  return seal;
}

Recorder::Lane::Lane(Impl& recorder, uint16_t index, size_t ring_events)
    : ring_(ring_events),
      recorder_(recorder),
      log_(std::make_unique<Log>(index, recorder.writer.has_sinks())) {}

Recorder::Lane::~Lane() = default;

void Recorder::Lane::EmitToFullRing(const Event& event) {
  if (recorder_.options.drop_timeline && !IsDecision(event.kind)) {
    dropped_.store(dropped_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
    return;
  }
  recorder_.Drain(*this, /*flush=*/false);
  TALLY_CHECK(ring_.TryPush(event), "a ring that its owner has just drained has room");
}

void Recorder::Lane::Announce(uint32_t hash, const char* text) {
  recorder_.writer.Name(hash, text);
}

Recorder::Recorder(RecordingHeader header, std::vector<ChunkSink*> sinks, Options options)
    : impl_(std::make_unique<Impl>(std::move(header), std::move(sinks), options)) {}

Recorder::~Recorder() = default;

Recorder::Lane* Recorder::worker_lane(WorkerId worker) {
  TALLY_CHECK(worker.valid() && worker.index() + 1 < impl_->lanes.size(),
              "the header lists this worker");
  return impl_->lanes[worker.index()].get();
}

uint32_t Recorder::SparesOf(uint32_t workers) const {
  return impl_->workers - impl_->spares == workers ? impl_->spares : 0;
}

void Recorder::EmitExternal(const Event& event) {
  const std::lock_guard lock(impl_->outside_mutex);
  if (!impl_->finished) impl_->lanes.back()->Emit(event);
}

void Recorder::Name(uint32_t hash, std::string_view text) { impl_->writer.Name(hash, text); }

RecordingSummary Recorder::Finish() { return impl_->Finish(); }

}  // namespace tally
