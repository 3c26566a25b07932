#include "sim/cli/tape.h"

#include <utility>
#include <vector>

namespace tally::cli {

void Tape::CappedSink::Write(std::string_view bytes) {
  if (overflowed_) return;
  if (bytes_.size() + bytes.size() > most_) {
    overflowed_ = true;
    bytes_ = std::string();
    return;
  }
  bytes_ += bytes;
}

absl::StatusOr<std::unique_ptr<Tape>> Tape::Create(const std::string& path, size_t memory_bytes) {
  std::unique_ptr<Tape> tape(new Tape(memory_bytes));
  if (!path.empty()) {
    absl::StatusOr<std::unique_ptr<FileSink>> file = FileSink::Create(path);
    if (!file.ok()) return file.status();
    tape->file_ = *std::move(file);
  }
  return tape;
}

Recorder* Tape::Start(RecordingHeader header, Recorder::Options options) {
  std::vector<ChunkSink*> sinks = {&memory_};
  if (file_ != nullptr) sinks.push_back(file_.get());
  header_ = header;
  recorder_ = std::make_unique<Recorder>(std::move(header), std::move(sinks), options);
  return recorder_.get();
}

absl::Status Tape::Finish() {
  summary_ = recorder_->Finish();
  if (!memory_.overflowed()) {
    RecordingBuilder builder;
    if (absl::Status status = builder.Append(memory_.bytes()); !status.ok()) return status;
    memory_.bytes() = std::string();
    if (absl::Status status = builder.Finish(); !status.ok()) return status;
    recording_ = builder.Take();
  }
  return file_ == nullptr ? absl::OkStatus() : file_->Close();
}

}  // namespace tally::cli
