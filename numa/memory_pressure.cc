#include "numa/memory_pressure.h"

#include <pthread.h>

#include <optional>
#include <system_error>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace tally {
namespace {

// Unprivileged programs may ask for windows of whole 2 s only.
constexpr char kTrigger[] = "some 150000 2000000";
constexpr Nanos kTurn = Nanos{2} * 1'000'000'000;

// The folder of the program's own cgroup (v2); empty if it has none.
std::string OwnCgroup(PressureKernel& kernel) {
  const std::optional<std::string> own = kernel.Read("/proc/self/cgroup");
  if (!own) return "";
  for (const absl::string_view line : absl::StrSplit(*own, '\n')) {
    if (!absl::StartsWith(line, "0::/")) continue;
    const absl::string_view path = line.substr(3);
    for (const char* root : {"/sys/fs/cgroup", "/sys/fs/cgroup/unified"}) {
      std::string folder = path == "/" ? std::string(root) : absl::StrCat(root, path);
      if (kernel.Read(absl::StrCat(folder, "/cgroup.controllers"))) return folder;
    }
  }
  return "";
}

}  // namespace

std::unique_ptr<MemoryPressure> MemoryPressure::Start(MemoryPressureOptions options,
                                                      std::unique_ptr<PressureKernel> kernel) {
  std::unique_ptr<MemoryPressure> monitor(
      new MemoryPressure(std::move(options), std::move(kernel)));
  if (monitor->watched_.empty()) {
    monitor->sources_.push_back("this kernel says nothing about memory pressure");
    return monitor;
  }
  try {
    monitor->thread_ = std::thread([m = monitor.get()] { m->Run(); });
  } catch (const std::system_error& error) {
    monitor->sources_ = {
        absl::StrCat("nobody watches: the kernel grants no more threads (", error.what(), ")")};
  }
  return monitor;
}

MemoryPressure::MemoryPressure(MemoryPressureOptions options,
                               std::unique_ptr<PressureKernel> kernel)
    : options_(std::move(options)), kernel_(std::move(kernel)) {
  Watch(options_.system_file, false);
  const std::string cgroup =
      options_.cgroup_folder.empty() ? OwnCgroup(*kernel_) : options_.cgroup_folder;
  if (cgroup.empty()) return;
  Watch(absl::StrCat(cgroup, "/memory.pressure"), false);
  Watch(absl::StrCat(cgroup, "/memory.events"), true);
}

MemoryPressure::~MemoryPressure() {
  // release: pairs with the acquire in Run().
  stop_.store(true, std::memory_order_release);
  kernel_->Interrupt();
  if (thread_.joinable()) thread_.join();
  for (const Source& source : watched_) {
    if (source.handle >= 0) kernel_->Unwatch(source.handle);
  }
}

void MemoryPressure::Watch(std::string path, bool counts_events) {
  const std::optional<std::string> text = kernel_->Read(path);
  if (!text ||
      !(counts_events ? ParseMemoryEvents(*text).has_value() : ParsePressure(*text).has_value())) {
    return;
  }
  const int handle = kernel_->Watch(path, counts_events ? "" : kTrigger);
  sources_.push_back(
      absl::StrCat(path, ": ",
                   handle < 0 ? absl::StrCat("read every 2 s, for the kernel refused to report: ",
                                             std::generic_category().message(-handle))
                   : counts_events ? "the kernel reports changes"
                                   : "the kernel reports 150 ms of stalls within 2 s"));
  watched_.push_back({std::move(path), counts_events, handle});
}

// Reads all files. `reported`: the handle that made us look; a file whose cgroup is gone reports
// without end, and cannot be read.
PressureFacts MemoryPressure::Look(int reported) {
  PressureFacts facts{.at = kernel_->Now(), .triggered = false, .stalls = {}, .events = {}};
  for (Source& source : watched_) {
    const std::optional<std::string> text = kernel_->Read(source.path);
    if (source.counts_events) {
      facts.events = text ? ParseMemoryEvents(*text) : std::nullopt;
    } else {
      facts.stalls.push_back(text ? ParsePressure(*text) : std::nullopt);
    }
    if (source.handle < 0 || source.handle != reported) continue;
    facts.triggered |= !source.counts_events;
    if (text) continue;
    kernel_->Unwatch(source.handle);
    source.handle = -1;
  }
  return facts;
}

void MemoryPressure::Report(PressureVerdict verdict) {
  const PressureLevel before = level();
  level_.store(verdict.level, std::memory_order_relaxed);
  if (verdict.level == PressureLevel::kNone && before == PressureLevel::kNone) return;
  PressureEvent event{.level = verdict.level, .why = std::move(verdict.why)};
  if (event.level != PressureLevel::kNone) {
    events_.fetch_add(1, std::memory_order_relaxed);
    for (SlabPool* pool : options_.pools) event.bytes_handed_back += pool->HandBack();
  }
  if (options_.on_pressure) options_.on_pressure(event);
}

void MemoryPressure::Run() {
  pthread_setname_np(pthread_self(), "tally-memory");
  PressureFacts before = Look(-1);
  // acquire: pairs with the release in the destructor.
  while (!stop_.load(std::memory_order_acquire)) {
    // While there is pressure, it is looked at in turn until it is over: reports may come by the
    // thousand. Without, nobody wakes up, unless there is a file that does not report.
    std::vector<int> handles;
    bool in_turn = level() != PressureLevel::kNone;
    for (const Source& source : watched_) {
      if (source.handle < 0) in_turn = true;
      if (source.handle >= 0 && level() == PressureLevel::kNone) handles.push_back(source.handle);
    }
    const int reported = kernel_->Wait(handles, in_turn ? kTurn : -1);
    if (stop_.load(std::memory_order_acquire)) return;
    const PressureFacts now = Look(reported);
    Report(JudgePressure(before, now));
    before = now;
  }
}

}  // namespace tally
