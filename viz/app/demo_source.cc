#include "viz/app/demo_source.h"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include "scheduler/runtime/plan.h"
#include "scheduler/scheduler.h"
#include "scheduler/trace/environment.h"
#include "scheduler/trace/file_sink.h"
#include "scheduler/trace/memory_sink.h"
#include "scheduler/trace/recorder.h"
#include "viz/app/demo_work.h"

namespace tally::viz {
namespace {

class DemoSource : public Source {
 public:
  explicit DemoSource(double seconds) : seconds_(seconds) {}

  ~DemoSource() override {
    {
      const std::lock_guard lock(mutex_);
      stop_ = true;
    }
    stopping_.notify_all();
    if (driver_.joinable()) driver_.join();
  }

  absl::Status Start() {
    SchedulerOptions options;
    absl::StatusOr<SchedulerPlan> plan = PlanScheduler(options, false);
    if (!plan.ok()) return plan.status();
    options.topology = plan->topology;
    RecordingHeader header = MakeRecordingHeader(*plan, options, false);
    header.workload = "demo";
    std::vector<ChunkSink*> sinks = {&sink_};
    if (const std::optional<std::string> path = NextRecordingFromEnvironment()) {
      absl::StatusOr<std::unique_ptr<FileSink>> file = FileSink::Create(*path);
      if (!file.ok()) return file.status();
      file_ = *std::move(file);
      sinks.push_back(file_.get());
    }
    recorder_ = std::make_unique<Recorder>(std::move(header), sinks,
                                           Recorder::Options{.drop_timeline = true});
    options.recorder = recorder_.get();
    absl::StatusOr<std::unique_ptr<Scheduler>> scheduler = Scheduler::Create(options);
    if (!scheduler.ok()) return scheduler.status();
    scheduler_ = *std::move(scheduler);
    driver_ = std::thread([this] { Drive(); });
    return absl::OkStatus();
  }

  absl::Status Poll() override {
    if (!live_) return absl::OkStatus();
    // Asked first: what was written before the end is taken below.
    const bool over = over_.load(std::memory_order_acquire);
    const std::string bytes = sink_.TakeAll();
    if (const absl::Status appended = builder_.Append(bytes); !appended.ok()) return appended;
    if (!over) return absl::OkStatus();
    live_ = false;
    return builder_.Finish();
  }

  const Recording* recording() const override {
    return builder_.has_header() ? &builder_.recording() : nullptr;
  }
  bool live() const override { return live_; }

 private:
  // True if it is time to stop.
  bool Pause(std::chrono::milliseconds time) {
    std::unique_lock lock(mutex_);
    return stopping_.wait_for(lock, time, [this] { return stop_; });
  }

  void Drive() {
    const auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>(seconds_);
    for (int i = 0; std::chrono::steady_clock::now() < end; ++i) {
      RunDemoPart(*scheduler_, i % kDemoParts, i / kDemoParts);
      if (Pause(std::chrono::milliseconds(20))) break;
    }
    scheduler_.reset();
    recorder_->Finish();
    // release: pairs with the acquire in Poll(): whoever sees it finds every chunk in the sink.
    over_.store(true, std::memory_order_release);
  }

  const double seconds_;
  MemorySink sink_;
  std::unique_ptr<FileSink> file_;  // nullptr unless TALLY_RECORD asks for it
  std::unique_ptr<Recorder> recorder_;
  std::unique_ptr<Scheduler> scheduler_;
  RecordingBuilder builder_;
  bool live_ = true;
  std::atomic<bool> over_{false};
  std::mutex mutex_;
  std::condition_variable stopping_;
  bool stop_ = false;  // under mutex_
  std::thread driver_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Source>> StartDemo(const DemoOptions& options) {
  auto demo = std::make_unique<DemoSource>(options.seconds);
  if (absl::Status started = demo->Start(); !started.ok()) return started;
  return demo;
}

}  // namespace tally::viz
