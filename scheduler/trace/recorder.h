// Collects events from every worker and turns them into chunks, for a file and for live views
// alike.
//
// Conflict: workers must not wait for a disk or a viewer, yet no decision may be lost. So each lane
// is a single-producer ring; one collector thread (real world only) drains it into self-delimiting
// chunks. A worker that finds its ring full drains it itself (decisions), or drops and counts
// (timeline, if Options::drop_timeline).
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "numa/ids.h"
#include "scheduler/trace/chunk_sink.h"
#include "scheduler/trace/event.h"
#include "scheduler/trace/recording_header.h"
#include "scheduler/trace/ring.h"

namespace tally {

class Recorder {
 public:
  struct Options {
    bool collector_thread = true;  // false in simulated worlds: lanes drain themselves
    bool drop_timeline = false;    // true: a full ring drops timeline events and counts them
    size_t ring_events = 0;        // per lane, a power of two; 0: by the number of workers
  };

  // One producer each. All methods: by the lane's owner only.
  class Lane;

  // `sinks` may be empty: then only the fingerprint is computed. They must outlive the recorder.
  Recorder(RecordingHeader header, std::vector<ChunkSink*> sinks, Options options);
  ~Recorder();

  // Also a spare's: they have the last of the workers' ids. An outside thread that is a spare for a
  // while is the lane's owner meanwhile.
  Lane* worker_lane(WorkerId worker);
  // For a scheduler of so many workers: how many spares the header has lanes for.
  uint32_t SparesOf(uint32_t workers) const;
  // Events from threads that are not workers, in one total order. Takes a lock.
  void EmitExternal(const Event& event);

  // Announces the text behind a name hash; cheap when already known to the caller (see Lane::Name).
  void Name(uint32_t hash, std::string_view text);

  // Drains every ring, writes the seal (event counts, digests) and stops. Idempotent. Workers must
  // have stopped.
  RecordingSummary Finish();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

class alignas(128) Recorder::Lane {
 public:
  // `event.time` must not be before the lane's previous event (it is clamped, never lost).
  void Emit(const Event& event) {
    if (!ring_.TryPush(event)) [[unlikely]]
      EmitToFullRing(event);
  }

  // Announces a name once per lane and hash. `text` may be nullptr: then there is no name.
  void Name(uint32_t hash, const char* text) {
    uint32_t& known = names_known_[hash % names_known_.size()];
    if (known == hash || text == nullptr) return;
    known = hash;
    Announce(hash, text);
  }

 private:
  friend struct Recorder::Impl;
  struct Log;  // the consumer's side: a lock, hashes, encoders

  Lane(Impl& recorder, uint16_t index, size_t ring_events);
  ~Lane();
  friend std::default_delete<Lane>;

  void EmitToFullRing(const Event& event);
  void Announce(uint32_t hash, const char* text);

  EventRing ring_;
  Impl& recorder_;
  // By the owner only: which names it has announced lately. A collision only costs a repetition.
  std::array<uint32_t, 64> names_known_{};
  // Timeline events that found the ring full. Written by the owner; relaxed: a statistic, nothing
  // is published with it.
  std::atomic<uint64_t> dropped_{0};
  std::unique_ptr<Log> log_;
};

}  // namespace tally
