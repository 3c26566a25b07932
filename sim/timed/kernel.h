// The deterministic kernel under TimedWorld: fibers, virtual clocks, cache lines, parking.
//
// Conflict: a simulated machine has thousands of threads that race, a reproducible one has none. So
// all fibers share one host thread, and every action that another fiber could notice happens in one
// total order: by (clock, worker, creation). The rule that gives it: before such an action the
// running fiber makes sure that nobody is earlier (Settle), then acts and pays at once. What nobody
// else can notice (Charge, reading the own clock) needs no turn, so bodies run without a switch.
//
// An access takes effect when it is issued, and whoever depends on it pays for the line's way: a
// line that is being written to is on its way until Line::free_at_, and the next one waits for it.
// That is how contention costs time.
//
// Price: sequential consistency. TimedWorld prices memory orders but does not reorder; finding a
// missing fence is ExploreWorld's job.
#pragma once

#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "numa/check.h"
#include "numa/ids.h"
#include "numa/topology.h"
#include "sim/timed/fiber.h"
#include "sim/timed/line.h"
#include "sim/timed/machine.h"
#include "sim/timed/machine_model.h"
#include "sim/timed/pages.h"
#include "sim/timed/ready_queue.h"
#include "sim/timed/run_timed.h"

namespace tally::timed {

class Kernel {
 public:
  Kernel(const Topology& topology, const MachineModel& model, const TimedLimits& limits);
  ~Kernel();

  // Runs `main_body` and everything it starts. Rethrows what `main_body` throws.
  absl::Status Run(std::function<void()> main_body, TimedReport* report);

  // --- Called by the running fiber --------------------------------------------------------------
  Fiber& current() { return *current_; }
  Nanos Now() const { return current_->turn.clock; }
  // Time that only the running fiber notices.
  void Advance(Nanos nanos) { current_->turn.clock += nanos; }
  // The same for a task's own computation, which slows down where threads share a core.
  void ChargeBody(Nanos nanos) {
    if (machine_.cores_are_shared()) Settle();  // who else runs there at this time?
    Advance(machine_.Slowed(current_->cpu, nanos));
  }

  void Read(Line& line) {
    Settle();
    Fiber& fiber = *current_;
    if (line.only_holder_ == static_cast<int32_t>(fiber.index) ||
        line.readers_.Contains(fiber.index)) {
      fiber.turn.clock += model_.own_hit_ns;
    } else {
      ReadMiss(line);
    }
  }
  void Write(Line& line) {
    Settle();
    Fiber& fiber = *current_;
    fiber.turn.clock += model_.own_hit_ns;
    if (line.only_holder_ != static_cast<int32_t>(fiber.index)) WriteMiss(line);
  }
  void ReadModifyWrite(Line& line);
  void FullFence();
  void HeavyFence() { Advance(model_.heavy_fence_ns); }
  void SpinPause();

  // Blocks until Wake(), or until `deadline` (-1: none). False when time ran out.
  bool Block(Fiber::State state, Nanos deadline);
  // Makes a blocked fiber run `latency` after now, or after it fell asleep, if that is later.
  void Wake(Fiber& fiber, Nanos latency);

  // ResourceExhausted without memory for a stack; InvalidArgument for a CPU that does not exist.
  absl::StatusOr<Fiber*> Start(WorkerId worker, CpuId cpu, std::string name,
                               std::function<void()> body);
  void Join(Fiber& fiber);

  NodeId Touch(const void* pointer, size_t bytes);
  Pages& pages() { return pages_; }
  const MachineModel& model() const { return model_; }

  // Gives way to whoever is earlier. Afterwards the running fiber is the earliest of all.
  void Settle() {
    ++steps_;
    if (__builtin_expect(ready_.FirstTurn() < current_->turn, 0)) GiveWay();
  }

 private:
  void GiveWay();
  void SwitchTo(Fiber* next);
  void Count(Fiber* next);
  [[noreturn]] void Finish();
  [[noreturn]] void RunBody(Fiber& fiber);
  absl::StatusOr<Fiber*> Create(WorkerId worker, CpuId cpu, std::string name,
                                std::function<void()> body, Nanos start);
  void ReadMiss(Line& line);
  void WriteMiss(Line& line);
  Nanos TransferNs(const Line& line, const Fiber& to) const;
  Nanos Acquire(Line& line, Nanos from);
  void Stop(absl::Status why);
  void CheckLimits();
  absl::Status DeadlockReport() const;
  std::string Waiting() const;  // "; a parked since 5 ns, b joins c since 7 ns"

  const MachineModel model_;
  const TimedLimits limits_;
  Machine machine_;
  Pages pages_;
  ReadyQueue ready_;
  Fiber* current_ = nullptr;
  Fiber* over_ = nullptr;  // finished; its stack can go once somebody else runs
  std::vector<std::unique_ptr<Fiber>> fibers_;
  Context host_;
  std::exception_ptr thrown_;
  absl::Status stopped_;
  uint64_t steps_ = 0;
  uint64_t next_progress_ = 0;
  uint64_t switches_ = 0;
  uint64_t trace_hash_ = 0;
};

// The simulation that this host thread is running; nullptr outside.
extern constinit thread_local Kernel* running_kernel __attribute__((tls_model("initial-exec")));

}  // namespace tally::timed
