// Memory pressure: a cgroup with little memory, and whether the kernel's report arrives.

#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <condition_variable>
#include <cstring>
#include <mutex>
#include <string>
#include <vector>

#include "numa/ids.h"
#include "numa/memory_pressure.h"
#include "numa/node_buffer.h"
#include "numa/page_homes.h"
#include "numa/slab_pool.h"
#include "numa/topology.h"
#include "tests/guest/kernel_view.h"
#include "tests/guest/probe.h"
#include "tests/guest/verdict.h"

namespace tally::guest {
namespace {

constexpr size_t kLimit = 24 << 20;
constexpr size_t kCellBytes = 1024;
constexpr uint32_t kCells = 4096;

// The events so far, for the thread that waits for one.
class Events {
 public:
  void Add(const PressureEvent& event) {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (event.level == PressureLevel::kNone) {
      over_ = true;
    } else if (first_.level == PressureLevel::kNone) {
      first_ = event;
    }
    change_.notify_all();
  }
  PressureEvent First() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return first_;
  }
  // A minute is for a host that has no time for us.
  bool WaitUntilOver() {
    std::unique_lock<std::mutex> lock(mutex_);
    return change_.wait_for(lock, std::chrono::minutes(1), [this] { return over_; });
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable change_;
  PressureEvent first_;
  bool over_ = false;
};

}  // namespace

int ProbeMemoryPressure(const Arguments&) {
  Verdict verdict;
  const std::string group = "/sys/fs/cgroup/pressure" + std::to_string(getpid());
  verdict.Claim(mkdir(group.c_str(), 0755) == 0 &&
                    WriteLine(group + "/cgroup.procs", std::to_string(getpid())) &&
                    WriteLine(group + "/memory.high", std::to_string(kLimit)),
                "a cgroup with a soft limit can be made");
  const Topology topology = *Topology::FromSpec("live");
  SlabPool pool(topology);
  const CellChain cells = pool.Take(NodeId(0), SlabPool::SizeClassOf(kCellBytes), kCells);
  void* const a_cell = cells.first;
  for (Cell* cell = cells.first; cell != nullptr; cell = cell->next) {
    std::memset(static_cast<void*>(cell + 1), 1, kCellBytes - sizeof(Cell));
  }
  pool.Return(cells);
  verdict.Page(ResidenceOf(topology, a_cell, 1).present() == 1, "a cell that was used has a page");

  Events events;
  const auto pressure = MemoryPressure::Start(
      {.pools = {&pool}, .on_pressure = [&](const PressureEvent& event) { events.Add(event); }});
  bool watched = false;
  for (const std::string& source : pressure->sources()) {
    verdict.Say(source);
    watched |= source == group + "/memory.events: the kernel reports changes";
  }
  verdict.Claim(watched, "the cgroup's events are watched");

  // Page by page over the limit; beyond it the kernel makes us slow, and says so.
  {
    const NodeBuffer buffer =
        *NodeBuffer::Create(topology, 2 * kLimit, {MemoryMode::kFirstTouch, {}});
    for (size_t at = 0; at < buffer.size() && events.First().level == PressureLevel::kNone;
         at += 4096) {
      buffer.data()[at] = std::byte{1};
    }
  }
  WriteLine(group + "/memory.high", "max");
  verdict.Claim(events.WaitUntilOver(), "the end of the pressure is reported");
  const PressureEvent first = events.First();
  verdict.Say("event: " + std::string(PressureLevelName(first.level)) + ": " + first.why + "; " +
              std::to_string(first.bytes_handed_back) + " bytes handed back");
  verdict.Claim(first.bytes_handed_back >= kCells * kCellBytes, "the empty slabs are handed back");
  verdict.Page(ResidenceOf(topology, a_cell, 1).absent == 1, "and their pages are gone");
  return verdict.Finish();
}

}  // namespace tally::guest
