#include "scheduler/runtime/self_recording.h"

#include <errno.h>
#include <stdio.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "scheduler/trace/environment.h"

namespace tally {

absl::StatusOr<std::unique_ptr<SelfRecording>> SelfRecording::FromEnvironment(
    const SchedulerPlan& plan, const SchedulerOptions& options) {
  const std::optional<std::string> path = NextRecordingFromEnvironment();
  if (!path.has_value()) return nullptr;
  absl::StatusOr<std::unique_ptr<FileSink>> file = FileSink::Create(*path);
  if (!file.ok()) {
    return absl::Status(file.status().code(),
                        absl::StrCat("TALLY_RECORD: ", file.status().message()));
  }
  RecordingHeader header = MakeRecordingHeader(plan, options, false);
  header.workload = program_invocation_short_name;
  auto recording = std::unique_ptr<SelfRecording>(new SelfRecording);
  recording->file_ = *std::move(file);
  recording->recorder_ = std::make_unique<Recorder>(
      std::move(header), std::vector<ChunkSink*>{recording->file_.get()}, Recorder::Options{});
  return recording;
}

void SelfRecording::Finish() {
  recorder_->Finish();
  const absl::Status status = file_->Close();
  if (!status.ok()) {
    fprintf(stderr, "tally: the recording is incomplete: %s\n",
            std::string(status.message()).c_str());
  }
}

}  // namespace tally
