// A recording on disk, written chunk by chunk as it comes, so that a killed process loses little.
//
// Conflict: a full disk must not stop the program that is being recorded, and must not go
// unnoticed. So the first write error ends the file (what is there stays readable) and is kept
// until somebody asks.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "scheduler/trace/chunk_sink.h"

namespace tally {

class FileSink : public ChunkSink {
 public:
  // Creates or empties `path`. Errors say what to type instead: NotFound (no such directory),
  // PermissionDenied, InvalidArgument (a directory), else FailedPrecondition.
  static absl::StatusOr<std::unique_ptr<FileSink>> Create(const std::string& path);
  ~FileSink() override;
  FileSink(const FileSink&) = delete;
  FileSink& operator=(const FileSink&) = delete;

  void Write(std::string_view bytes) override;
  // Closes the file; OK, or the first error since Create. Idempotent.
  absl::Status Close();

  const std::string& path() const { return path_; }
  uint64_t bytes_written() const;

 private:
  FileSink(std::string path, int fd) : path_(std::move(path)), fd_(fd) {}
  void Fail(int error);  // under mutex_

  const std::string path_;
  mutable std::mutex mutex_;
  int fd_;
  uint64_t bytes_written_ = 0;
  absl::Status status_;
};

}  // namespace tally
