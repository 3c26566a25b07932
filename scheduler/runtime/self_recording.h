// TALLY_RECORD=FILE: any program that links Tally records itself, unchanged.
#pragma once

#include <memory>

#include "absl/status/statusor.h"
#include "scheduler/runtime/options.h"
#include "scheduler/runtime/plan.h"
#include "scheduler/trace/file_sink.h"
#include "scheduler/trace/recorder.h"

namespace tally {

class SelfRecording {
 public:
  // nullptr if the environment does not ask for it; else a recorder that writes to the file, or why
  // that is impossible. The second scheduler of a process writes to FILE.2, and so on.
  static absl::StatusOr<std::unique_ptr<SelfRecording>> FromEnvironment(
      const SchedulerPlan& plan, const SchedulerOptions& options);

  Recorder* recorder() { return recorder_.get(); }
  // The workers have stopped. Says on stderr if the file could not be written to its end.
  void Finish();

 private:
  SelfRecording() = default;
  std::unique_ptr<FileSink> file_;
  std::unique_ptr<Recorder> recorder_;
};

}  // namespace tally
