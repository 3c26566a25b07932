#include "numa/access_counters.h"

#include <cerrno>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "numa/check.h"

namespace tally {
namespace {

absl::string_view View(std::string_view text) { return {text.data(), text.size()}; }

std::string WhyRefused(int error) {
  switch (error) {
    case EACCES:
      return "permission denied (kernel.perf_event_paranoid)";
    case EPERM:
      return "not permitted (a container's seccomp filter?)";
    case ENOSYS:
      return "this kernel has no perf events";
    case ENOENT:
    case EOPNOTSUPP:
    case ENODEV:
      return "this processor, or its hypervisor, has no such counters";
    default:
      return strerror(error);
  }
}

// What the counter would have said, had it counted all the time. Nothing if it never did.
std::optional<uint64_t> Scaled(const PerfReading& reading) {
  if (reading.running_ns == reading.enabled_ns) return reading.value;
  if (reading.running_ns == 0) return std::nullopt;
  __extension__ typedef unsigned __int128 Wide;
  return static_cast<uint64_t>(static_cast<Wide>(reading.value) * reading.enabled_ns /
                               reading.running_ns);
}

}  // namespace

AccessCounters::AccessCounters(size_t threads, const CpuIdentity& cpu, PerfEvents& events)
    : events_(events), threads_(threads), slots_(new Slot[threads]) {
  for (const AccessEvents& way : AccessEventsFor(cpu)) {
    if (Granted(way)) {
      way_ = way;
      return;
    }
  }
}

AccessCounters::~AccessCounters() {
  for (size_t i = 0; i < threads_; ++i) {
    for (const std::atomic<int>* slot : {&slots_[i].remote, &slots_[i].local, &slots_[i].alive}) {
      const int descriptor = slot->load(std::memory_order_relaxed);  // all threads have ended
      if (descriptor >= 0) events_.Close(descriptor);
    }
  }
}

// Tried on the calling thread, which is not counted.
bool AccessCounters::Granted(const AccessEvents& way) {
  std::vector<PerfEvent> wanted = {way.remote, way.alive};
  if (way.local) wanted.push_back(*way.local);
  std::vector<int> opened;
  for (const PerfEvent& event : wanted) {
    const int descriptor = events_.Open(event);
    if (descriptor < 0) {
      absl::StrAppend(&refused_, refused_.empty() ? "" : "; ", View(way.name), ": ",
                      WhyRefused(-descriptor));
      break;
    }
    opened.push_back(descriptor);
  }
  for (const int descriptor : opened) events_.Close(descriptor);
  return opened.size() == wanted.size();
}

void AccessCounters::Start(size_t index) {
  TALLY_CHECK(index < threads_, "there are as many threads as the constructor was told");
  if (!way_) return;
  // An error is kept as one less, since -1 stands for "not started". release: pairs with Add().
  const auto open = [&](std::atomic<int>& slot, const PerfEvent& event) {
    const int descriptor = events_.Open(event);
    slot.store(descriptor < 0 ? descriptor - 1 : descriptor, std::memory_order_release);
  };
  open(slots_[index].remote, way_->remote);
  if (way_->local) open(slots_[index].local, *way_->local);
  open(slots_[index].alive, way_->alive);
}

std::string AccessCounters::Add(const Slot& slot, AccessReport& report, uint64_t& alive) const {
  std::string missing;
  const auto read = [&](const std::atomic<int>& from) -> uint64_t {
    const int descriptor = from.load(std::memory_order_acquire);  // pairs with Start()
    if (descriptor == kNotStarted) {
      missing = "a thread that did not start counting";
      return 0;
    }
    if (descriptor < 0) {
      missing = absl::StrCat("a thread was refused: ", WhyRefused(-(descriptor + 1)));
      return 0;
    }
    PerfReading reading;
    if (!events_.Read(descriptor, &reading)) {
      missing = "a counter cannot be read";
      return 0;
    }
    report.enabled_ns += reading.enabled_ns;
    report.running_ns += reading.running_ns;
    const std::optional<uint64_t> value = Scaled(reading);
    if (!value) missing = "a counter was never given its turn (too many events at once)";
    return value.value_or(0);
  };
  AccessCount& count = report.threads.emplace_back();
  count.remote = read(slot.remote);
  if (way_->local) count.local = read(slot.local);
  alive += read(slot.alive);
  return missing;
}

AccessReport AccessCounters::Read() const {
  AccessReport report;
  const auto none = [&](std::string why_not) {
    report = AccessReport();
    report.why_not = std::move(why_not);
    return report;
  };
  if (!way_) return none(refused_);
  uint64_t alive = 0;
  for (size_t i = 0; i < threads_; ++i) {
    if (const std::string missing = Add(slots_[i], report, alive); !missing.empty()) {
      return none(absl::StrCat(View(way_->name), ": ", missing));
    }
  }
  // Some hypervisors grant counters that never move.
  if (alive == 0) return none(absl::StrCat(View(way_->name), ": the counters do not count"));
  if (way_->local) report.total.local = 0;
  for (const AccessCount& thread : report.threads) {
    report.total.remote += thread.remote;
    if (thread.local) *report.total.local += *thread.local;
  }
  report.source = way_->name;
  return report;
}

}  // namespace tally
