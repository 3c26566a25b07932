// The one place where chunks leave the recorder: start, names, events, seal, to every sink.
#pragma once

#include <cstdint>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "scheduler/trace/chunk.h"
#include "scheduler/trace/chunk_sink.h"
#include "scheduler/trace/header_json.h"
#include "scheduler/trace/recording_header.h"

namespace tally {

// Thread-safe. Names reach the sinks before the next events do, and each once.
class ChunkWriter {
 public:
  explicit ChunkWriter(std::vector<ChunkSink*> sinks) : sinks_(std::move(sinks)) {}

  bool has_sinks() const { return !sinks_.empty(); }
  void Start(const RecordingHeader& header);
  void Name(uint32_t hash, std::string_view text);  // cut after kNameBytesMax
  void Write(std::string_view event_chunks);        // whole chunks; empty: nothing happens
  void Finish(const Seal& seal);                    // the last call

 private:
  void WriteFileChunk(ChunkKind kind, std::string_view payload);  // under mutex_
  void FlushNames();                                              // under mutex_
  void ToSinks(std::string_view bytes);                           // under mutex_

  const std::vector<ChunkSink*> sinks_;
  std::mutex mutex_;
  std::set<uint32_t> names_known_;
  std::string names_;  // payload of the next names chunk
  uint32_t sequence_ = 0;
};

}  // namespace tally
