#include "tests/gui/recorded_run.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <memory>
#include <utility>
#include <vector>

#include "scheduler/runtime/plan.h"
#include "scheduler/scheduler.h"
#include "scheduler/trace/file_sink.h"
#include "scheduler/trace/recorder.h"
#include "sim/workloads/workloads.h"

namespace tally {

std::string Scratch(const std::string& name) { return testing::TempDir() + "/" + name; }

std::string RecordRun(const std::string& workload, uint64_t size, int workers) {
  const std::string path = Scratch(workload + std::to_string(workers) + ".tally");
  SchedulerOptions options{.workers = workers};
  absl::StatusOr<SchedulerPlan> plan = PlanScheduler(options, false);
  absl::StatusOr<std::unique_ptr<FileSink>> file = FileSink::Create(path);
  if (!plan.ok() || !file.ok()) {
    ADD_FAILURE() << plan.status() << file.status();
    return "";
  }
  options.topology = plan->topology;
  RecordingHeader header = MakeRecordingHeader(*plan, options, false);
  header.workload = workload;
  header.size = size;
  Recorder recorder(std::move(header), {file->get()}, Recorder::Options{});
  options.recorder = &recorder;
  {
    absl::StatusOr<std::unique_ptr<Scheduler>> scheduler = Scheduler::Create(options);
    if (!scheduler.ok()) {
      ADD_FAILURE() << scheduler.status();
      return "";
    }
    EXPECT_TRUE(RunWorkload<RealWorld>(workload, size, **scheduler).ok());
  }
  recorder.Finish();
  EXPECT_TRUE((*file)->Close().ok());
  return path;
}

std::string Truncated(const std::string& path, double share) {
  std::ifstream whole(path, std::ios::binary);
  std::vector<char> bytes((std::istreambuf_iterator<char>(whole)),
                          std::istreambuf_iterator<char>());
  bytes.resize(static_cast<size_t>(static_cast<double>(bytes.size()) * share));
  const std::string cut = path + ".cut";
  std::ofstream(cut, std::ios::binary)
      .write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  return cut;
}

}  // namespace tally
