#include "scheduler/trace/chunk_writer.h"

#include <utility>

#include "scheduler/trace/names.h"

namespace tally {

void ChunkWriter::Start(const RecordingHeader& header) {
  const std::lock_guard lock(mutex_);
  ToSinks(FileStart());
  WriteFileChunk(ChunkKind::kHeader, HeaderToJson(header));
}

void ChunkWriter::Name(uint32_t hash, std::string_view text) {
  const std::lock_guard lock(mutex_);
  if (!names_known_.insert(hash).second) return;
  PutName(hash, text, names_);
  if (names_.size() >= kPayloadBytesGoal) FlushNames();
}

void ChunkWriter::Write(std::string_view event_chunks) {
  if (event_chunks.empty()) return;
  const std::lock_guard lock(mutex_);
  FlushNames();
  ToSinks(event_chunks);
}

void ChunkWriter::Finish(const Seal& seal) {
  const std::lock_guard lock(mutex_);
  FlushNames();
  WriteFileChunk(ChunkKind::kSeal, SealToJson(seal));
}

void ChunkWriter::WriteFileChunk(ChunkKind kind, std::string_view payload) {
  ToSinks(EncodeChunk({.lane = kFileLane, .kind = kind, .sequence = sequence_++}, payload));
}

void ChunkWriter::FlushNames() {
  if (names_.empty()) return;
  WriteFileChunk(ChunkKind::kNames, names_);
  names_.clear();
}

void ChunkWriter::ToSinks(std::string_view bytes) {
  for (ChunkSink* sink : sinks_) sink->Write(bytes);
}

}  // namespace tally
