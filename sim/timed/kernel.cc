#include "sim/timed/kernel.h"

#include <algorithm>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"

namespace tally::timed {

constinit thread_local Kernel* running_kernel = nullptr;

Kernel::Kernel(const Topology& topology, const MachineModel& model, const TimedLimits& limits)
    : model_(model), limits_(limits), machine_(topology, model) {}

Kernel::~Kernel() {
  for (const std::unique_ptr<Fiber>& fiber : fibers_) {
    if (fiber->state != Fiber::State::kDone) fiber->stack.Abandon();
  }
}

absl::Status Kernel::Run(std::function<void()> main_body, TimedReport* report) {
  TALLY_CHECK(running_kernel == nullptr, "simulations do not nest");
  running_kernel = this;
  absl::Cleanup leave = [] { running_kernel = nullptr; };
  absl::StatusOr<Fiber*> main = Create(
      WorkerId(), CpuId(), "outside",
      [this, body = std::move(main_body)] {
        try {
          body();
        } catch (...) {
          thrown_ = std::current_exception();
        }
      },
      0);
  if (!main.ok()) return main.status();
  current_ = ready_.TakeFirst();
  Count(current_);
  Context::Switch(host_, current_->context);
  over_ = nullptr;
  if (report != nullptr) {
    for (const std::unique_ptr<Fiber>& fiber : fibers_) {
      report->end_ns = std::max(report->end_ns, fiber->turn.clock);
    }
    report->steps = steps_;
    report->switches = switches_;
    report->trace_hash = trace_hash_;
  }
  if (thrown_ != nullptr) std::rethrow_exception(std::exchange(thrown_, nullptr));
  return stopped_;
}

// --- Turns -------------------------------------------------------------------------------------

void Kernel::Count(Fiber* next) {
  ++switches_;
  // The FNV-1a step on 64-bit pieces; any change in order or time reaches the end.
  constexpr uint64_t kPrime = 1099511628211u;
  trace_hash_ = (trace_hash_ ^ static_cast<uint64_t>(next->turn.clock)) * kPrime;
  trace_hash_ = (trace_hash_ ^ (next->index + 1)) * kPrime;
}

void Kernel::GiveWay() {
  CheckLimits();
  SwitchTo(ready_.ReplaceFirst(current_));
}

void Kernel::CheckLimits() {
  constexpr uint64_t kStepsPerProgress = uint64_t{1} << 22;  // some tenth of a second
  if (limits_.progress != nullptr && steps_ >= next_progress_) {
    next_progress_ = steps_ + kStepsPerProgress;
    limits_.progress(Now());
  }
  if (limits_.virtual_ns != 0 && Now() > limits_.virtual_ns) {
    Stop(absl::ResourceExhaustedError(absl::StrCat("still running after ", limits_.virtual_ns,
                                                   " ns of virtual time", Waiting())));
  }
  if (limits_.steps != 0 && steps_ > limits_.steps) {
    Stop(absl::ResourceExhaustedError(
        absl::StrCat("still running after ", limits_.steps, " steps", Waiting())));
  }
}

void Kernel::SwitchTo(Fiber* next) {
  Fiber* self = current_;
  Count(next);
  current_ = next;
  Context::Switch(self->context, next->context);
  if (over_ != nullptr) std::exchange(over_, nullptr)->stack = Stack();
}

// Ends the simulation from inside a fiber that will not go on.
void Kernel::Stop(absl::Status why) {
  stopped_ = std::move(why);
  Context::Switch(current_->context, host_);
  TALLY_CHECK(false, "a stopped simulation does not go on");
}

bool Kernel::Block(Fiber::State state, Nanos deadline) {
  Fiber& fiber = *current_;
  fiber.state = state;
  fiber.timed_out = false;
  fiber.turn.clock = std::max(fiber.turn.clock, fiber.stores_drained_at) + model_.park_ns;
  fiber.asleep_at = fiber.turn.clock;
  machine_.CountRunning(fiber.cpu, -1);
  if (deadline >= 0) {
    fiber.timed_out = true;  // unless Wake() says otherwise
    fiber.turn.clock =
        std::max(fiber.asleep_at, deadline + model_.timer_slack_ns) + model_.wake_latency_ns;
    if (ready_.FirstTurn() < fiber.turn) GiveWay();
  } else if (ready_.empty()) {
    Stop(DeadlockReport());
  } else {
    SwitchTo(ready_.TakeFirst());
  }
  if (fiber.timed_out) {  // otherwise Wake() has counted it
    fiber.state = Fiber::State::kReady;
    machine_.CountRunning(fiber.cpu, +1);
  }
  return !fiber.timed_out;
}

void Kernel::Wake(Fiber& fiber, Nanos latency) {
  const Nanos runs_at = std::max(fiber.asleep_at, Now()) + latency;
  machine_.CountRunning(fiber.cpu, +1);
  fiber.state = Fiber::State::kReady;
  if (fiber.timed_out) {  // in the queue, at its deadline
    fiber.timed_out = false;
    fiber.turn.clock = std::min(fiber.turn.clock, runs_at);
    ready_.MovedForward(&fiber);
  } else {
    fiber.turn.clock = runs_at;
    ready_.Add(&fiber);
  }
}

// --- Fibers ------------------------------------------------------------------------------------

absl::StatusOr<Fiber*> Kernel::Create(WorkerId worker, CpuId cpu, std::string name,
                                      std::function<void()> body, Nanos start) {
  if (cpu.valid() && cpu.value() >= machine_.cpus()) {
    return absl::InvalidArgumentError(absl::StrCat("CPU ", cpu.value(), " of thread '", name,
                                                   "' does not exist: the simulated machine has ",
                                                   machine_.cpus()));
  }
  Stack stack = Stack::Take();
  if (!stack.ok()) {
    return absl::ResourceExhaustedError(
        absl::StrCat("no memory for the stack of simulated thread '", name, "'"));
  }
  auto fiber = std::make_unique<Fiber>();
  fiber->index = static_cast<uint32_t>(fibers_.size());
  fiber->turn = {start, Turn::Rank(worker, fiber->index)};
  fiber->cpu = cpu;
  fiber->name = std::move(name);
  fiber->body = std::move(body);
  fiber->stack = std::move(stack);
  fiber->context.Prepare(
      fiber->stack, [](void* self) { running_kernel->RunBody(*static_cast<Fiber*>(self)); },
      fiber.get());
  machine_.CountRunning(cpu, +1);
  ready_.Add(fiber.get());
  fibers_.push_back(std::move(fiber));
  return fibers_.back().get();
}

absl::StatusOr<Fiber*> Kernel::Start(WorkerId worker, CpuId cpu, std::string name,
                                     std::function<void()> body) {
  Settle();
  const Nanos start = Now() + model_.thread_start_latency_ns;
  Advance(model_.thread_start_call_ns);
  return Create(worker, cpu, std::move(name), std::move(body), start);
}

void Kernel::RunBody(Fiber& fiber) {
  if (over_ != nullptr) std::exchange(over_, nullptr)->stack = Stack();
  // An exception that leaves a thread's body ends the program, here as there.
  [&]() noexcept { fiber.body(); }();
  fiber.body = nullptr;
  Settle();
  Finish();
}

void Kernel::Finish() {
  Fiber& fiber = *current_;
  fiber.state = Fiber::State::kDone;
  fiber.turn.clock = std::max(fiber.turn.clock, fiber.stores_drained_at);
  machine_.CountRunning(fiber.cpu, -1);
  if (fiber.joiner != nullptr) Wake(*fiber.joiner, model_.wake_latency_ns);
  over_ = &fiber;
  if (!ready_.empty()) {
    Fiber* next = ready_.TakeFirst();
    Count(next);
    current_ = next;
    Context::Leave(fiber.context, next->context);
  }
  const bool all_done = std::all_of(fibers_.begin(), fibers_.end(), [](const auto& other) {
    return other->state == Fiber::State::kDone;
  });
  if (!all_done) stopped_ = DeadlockReport();
  Context::Leave(fiber.context, host_);
}

void Kernel::Join(Fiber& fiber) {
  Settle();
  if (fiber.state == Fiber::State::kDone) {
    Advance(std::max<Nanos>(0, fiber.turn.clock - Now()));
    return;
  }
  TALLY_CHECK(fiber.joiner == nullptr, "one Join per thread");
  fiber.joiner = current_;
  current_->joins = &fiber;
  Block(Fiber::State::kJoining, -1);
  current_->joins = nullptr;
}

absl::Status Kernel::DeadlockReport() const {
  return absl::AbortedError(absl::StrCat("deadlock: nobody can run", Waiting()));
}

std::string Kernel::Waiting() const {
  constexpr size_t kListed = 16;
  std::string text;
  size_t waiting = 0;
  for (const std::unique_ptr<Fiber>& fiber : fibers_) {
    const bool joins = fiber->state == Fiber::State::kJoining;
    if (fiber->state != Fiber::State::kParked && !joins) continue;
    if (++waiting > kListed) continue;
    absl::StrAppend(&text, waiting == 1 ? "; " : ", ", fiber->name, joins ? " joins " : " parked",
                    joins ? fiber->joins->name : "", " since ", fiber->asleep_at, " ns");
  }
  if (waiting > kListed) absl::StrAppend(&text, " and ", waiting - kListed, " more");
  return text;
}

// --- Cache lines -------------------------------------------------------------------------------

Line::Line() {
  if (running_kernel == nullptr) return;
  writer_ = only_holder_ = static_cast<int32_t>(running_kernel->current().index);
}

// From the nearer of the last writer and the last reader.
Nanos Kernel::TransferNs(const Line& line, const Fiber& to) const {
  if (line.writer_ == Line::kNobody) return model_.cold_ns;
  const Nanos from_writer =
      machine_.TransferNs(fibers_[static_cast<size_t>(line.writer_)]->cpu, to.cpu);
  if (line.reader_ == Line::kNobody) return from_writer;
  return std::min(from_writer,
                  machine_.TransferNs(fibers_[static_cast<size_t>(line.reader_)]->cpu, to.cpu));
}

void Kernel::ReadMiss(Line& line) {
  Fiber& fiber = *current_;
  fiber.turn.clock = std::max(fiber.turn.clock, line.free_at_) + TransferNs(line, fiber);
  const int32_t self = static_cast<int32_t>(fiber.index);
  if (line.writer_ == Line::kNobody) {
    line.writer_ = line.only_holder_ = self;  // exclusive, clean
    return;
  }
  if (line.only_holder_ != Line::kNobody) {
    line.readers_.Add(static_cast<uint32_t>(line.only_holder_));
    line.only_holder_ = Line::kNobody;
  }
  line.readers_.Add(fiber.index);
  line.reader_ = self;
  line.spread_ns_ =
      std::max(line.spread_ns_,
               machine_.TransferNs(fibers_[static_cast<size_t>(line.writer_)]->cpu, fiber.cpu));
}

// Takes the line for writing, not before `from`; returns when it has arrived. The copies of readers
// are withdrawn at the same time, so the farthest one decides.
Nanos Kernel::Acquire(Line& line, Nanos from) {
  Fiber& fiber = *current_;
  const int32_t self = static_cast<int32_t>(fiber.index);
  const Nanos transfer = line.writer_ == self ? 0 : TransferNs(line, fiber);
  const Nanos arrived = std::max(from, line.free_at_) + std::max(transfer, line.spread_ns_);
  line.writer_ = line.only_holder_ = self;
  line.reader_ = Line::kNobody;
  line.readers_.Clear();
  line.spread_ns_ = 0;
  line.free_at_ = arrived;
  return arrived;
}

void Kernel::WriteMiss(Line& line) {
  Fiber& fiber = *current_;
  // Into the store buffer, which empties in order while the fiber goes on.
  fiber.stores_drained_at = Acquire(line, std::max(fiber.turn.clock, fiber.stores_drained_at));
  fiber.turn.clock = std::max(fiber.turn.clock, fiber.stores_drained_at - model_.store_buffer_ns);
}

void Kernel::ReadModifyWrite(Line& line) {
  Settle();
  Fiber& fiber = *current_;
  Nanos now = std::max(fiber.turn.clock, fiber.stores_drained_at);
  if (line.only_holder_ != static_cast<int32_t>(fiber.index)) now = Acquire(line, now);
  fiber.turn.clock = now + model_.own_hit_ns + model_.rmw_ns;
  line.free_at_ = fiber.turn.clock;
}

void Kernel::FullFence() {
  Fiber& fiber = *current_;
  fiber.turn.clock = std::max(fiber.turn.clock, fiber.stores_drained_at) + model_.fence_ns;
}

void Kernel::SpinPause() {
  Settle();
  Fiber& fiber = *current_;
  CheckLimits();
  fiber.turn.clock += model_.pause_ns;
}

// --- Memory ------------------------------------------------------------------------------------

NodeId Kernel::Touch(const void* pointer, size_t bytes) {
  Settle();
  Fiber& fiber = *current_;
  Region* region = pages_.Find(pointer);
  const NodeId local = machine_.LocalNode(fiber.cpu);
  if (bytes == 0) return NodeId();
  size_t offset = 0;
  if (region != nullptr) {
    offset = static_cast<size_t>(static_cast<const std::byte*>(pointer) - region->data);
    bytes = std::min(bytes, region->bytes - offset);
  }
  NodeId first_home;
  for (size_t done = 0; done < bytes;) {
    const size_t piece = std::min(bytes - done, kPageBytes - (offset + done) % kPageBytes);
    Settle();
    NodeId home = local;
    if (region != nullptr) {
      NodeId& page = region->homes[(offset + done) / kPageBytes];
      if (!page.valid()) {
        page = region->FirstHome((offset + done) / kPageBytes, local);
        Advance(model_.page_fault_ns);
      }
      home = page;
      if (done == 0) first_home = home;
    }
    if (done == 0) Advance(machine_.LatencyNs(fiber.cpu, home));
    Settle();
    Advance(machine_.Move(Now(), fiber.cpu, home, piece) - Now());
    done += piece;
  }
  return first_home;
}

}  // namespace tally::timed

namespace tally {

absl::Status RunTimed(const Topology& topology, const MachineModel& model,
                      std::function<void()> main_body, TimedReport* report,
                      const TimedLimits& limits) {
  timed::Kernel kernel(topology, model, limits);
  return kernel.Run(std::move(main_body), report);
}

}  // namespace tally
