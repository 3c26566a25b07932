// Chunks for a viewer in the same process: the recorder appends, the viewer takes.
//
// Unbounded on purpose: dropping chunks would lose decisions, and blocking would stall a worker. A
// viewer takes at every frame, so what waits here is a frame's worth.
#pragma once

#include <mutex>
#include <string>
#include <string_view>
#include <utility>

#include "scheduler/trace/chunk_sink.h"

namespace tally {

class MemorySink : public ChunkSink {
 public:
  void Write(std::string_view bytes) override {
    const std::lock_guard lock(mutex_);
    bytes_ += bytes;
  }

  // Everything since the last call: whole chunks, in order, from any thread.
  std::string TakeAll() {
    const std::lock_guard lock(mutex_);
    return std::exchange(bytes_, std::string());
  }

 private:
  std::mutex mutex_;
  std::string bytes_;
};

}  // namespace tally
