#include "tests/gui/recorded_run.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <fstream>
#include <functional>
#include <iterator>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

#include "scheduler/runtime/plan.h"
#include "scheduler/scheduler.h"
#include "scheduler/trace/file_sink.h"
#include "scheduler/trace/recorder.h"
#include "sim/workloads/workloads.h"

namespace tally {

std::string Scratch(const std::string& name) { return testing::TempDir() + "/" + name; }

namespace {

// `body` does the work.
std::string Record(const std::string& workload, uint64_t size, int workers,
                   const std::function<void(Scheduler&)>& body) {
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
    body(**scheduler);
  }
  recorder.Finish();
  EXPECT_TRUE((*file)->Close().ok());
  return path;
}

}  // namespace

std::string RecordRun(const std::string& workload, uint64_t size, int workers) {
  return Record(workload, size, workers, [&](Scheduler& scheduler) {
    EXPECT_TRUE(RunWorkload<RealWorld>(workload, size, scheduler).ok());
  });
}

std::string RecordBlockingRun(int workers) {
  return Record("blocking", 0, workers, [&](Scheduler& scheduler) {
    TaskGroup group(scheduler);
    std::atomic<int> blocked{0};
    std::atomic<bool> ran{false};
    const auto wait_until = [](const auto& holds) {
      while (!holds()) std::this_thread::sleep_for(std::chrono::microseconds(200));
    };
    for (int i = 0; i < workers; ++i) {
      group.Spawn([&] {
        const BlockingScope scope;
        ++blocked;
        wait_until([&] { return ran.load(); });
      });
    }
    // Now only a spare can run it.
    wait_until([&] { return blocked == workers; });
    group.Spawn([&] { ran = true; });
    group.Wait();
  });
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
