// What a command records of its own run: to a file if asked, and to memory for the numbers.
//
// Conflict: the numbers of a run come from its whole recording, but a run can be longer than
// memory. So memory keeps the first kMemoryBytes; a run that is longer has its fingerprint, its
// file and the scheduler's own counters, but no numbers that need every event.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "scheduler/trace/chunk_sink.h"
#include "scheduler/trace/file_sink.h"
#include "scheduler/trace/recorder.h"
#include "scheduler/trace/recording.h"
#include "scheduler/trace/recording_header.h"

namespace tally::cli {

class Tape {
 public:
  // Some fifteen million events, which are half a gigabyte once decoded.
  static constexpr size_t kMemoryBytes = 96 << 20;

  // Creates the file, if `path` is not empty: its errors should come before the work.
  static absl::StatusOr<std::unique_ptr<Tape>> Create(const std::string& path,
                                                      size_t memory_bytes = kMemoryBytes);

  // Begins to record. Once.
  Recorder* Start(RecordingHeader header, Recorder::Options options);
  // Seals. The scheduler must have shut down. Error: the file could not be written to its end.
  absl::Status Finish();

  // --- after Finish() ---------------------------------------------------------------------------
  const RecordingSummary& summary() const { return summary_; }
  const RecordingHeader& header() const { return header_; }
  // Nothing if the run was longer than memory.
  const std::optional<Recording>& recording() const { return recording_; }

 private:
  class CappedSink : public ChunkSink {
   public:
    explicit CappedSink(size_t most) : most_(most) {}
    void Write(std::string_view bytes) override;
    bool overflowed() const { return overflowed_; }
    std::string& bytes() { return bytes_; }

   private:
    const size_t most_;
    std::string bytes_;
    bool overflowed_ = false;
  };

  explicit Tape(size_t memory_bytes) : memory_(memory_bytes) {}

  std::unique_ptr<FileSink> file_;
  CappedSink memory_;
  RecordingHeader header_;
  std::unique_ptr<Recorder> recorder_;
  RecordingSummary summary_;
  std::optional<Recording> recording_;
};

}  // namespace tally::cli
