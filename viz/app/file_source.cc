#include <utility>

#include "viz/app/source.h"

namespace tally::viz {
namespace {

class FileSource : public Source {
 public:
  explicit FileSource(Recording recording) : recording_(std::move(recording)) {}
  absl::Status Poll() override { return absl::OkStatus(); }
  const Recording* recording() const override { return &recording_; }
  bool live() const override { return false; }

 private:
  Recording recording_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Source>> OpenFile(const std::string& path) {
  absl::StatusOr<Recording> recording = ReadRecording(path);
  if (!recording.ok()) return recording.status();
  return std::make_unique<FileSource>(*std::move(recording));
}

}  // namespace tally::viz
