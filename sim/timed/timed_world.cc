#include "sim/timed/timed_world.h"

#include <sys/mman.h>

#include <utility>

#include "absl/status/statusor.h"

namespace tally {

bool TimedWorld::Parker::ParkFor(Nanos deadline) {
  timed::Kernel& kernel = Kernel();
  kernel.ReadModifyWrite(line_);  // nobody runs between this and Block()
  if (std::exchange(token_, false)) return true;
  if (deadline >= 0 && deadline <= kernel.Now()) return false;
  TALLY_CHECK(waiter_ == nullptr, "one thread parks on a parker");
  waiter_ = &kernel.current();
  if (kernel.Block(timed::Fiber::State::kParked, deadline)) return true;
  waiter_ = nullptr;
  return false;
}

void TimedWorld::Parker::Unpark() {
  timed::Kernel& kernel = Kernel();
  kernel.ReadModifyWrite(line_);
  if (waiter_ == nullptr) {
    token_ = true;
    return;
  }
  kernel.Wake(*std::exchange(waiter_, nullptr), kernel.model().wake_latency_ns);
  kernel.Advance(kernel.model().wake_call_ns);
}

absl::Status TimedWorld::Thread::Start(ThreadPlace place, std::function<void()> body) {
  TALLY_CHECK(fiber_ == nullptr, "a thread is started once");
  absl::StatusOr<timed::Fiber*> fiber =
      Kernel().Start(place.worker, place.cpu, std::move(place.name), std::move(body));
  if (!fiber.ok()) return fiber.status();
  fiber_ = *fiber;
  return absl::OkStatus();
}

void TimedWorld::Thread::Join() {
  TALLY_CHECK(fiber_ != nullptr, "only a started thread can be joined");
  Kernel().Join(*std::exchange(fiber_, nullptr));
}

TimedWorld::Memory::Memory(size_t bytes) : bytes_(bytes) {
  void* mapping = mmap(nullptr, bytes == 0 ? 1 : bytes, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  data_ = mapping == MAP_FAILED ? nullptr : static_cast<std::byte*>(mapping);
  if (data_ != nullptr && Running()) timed::running_kernel->pages().Register(data_, bytes);
}

TimedWorld::Memory::~Memory() {
  if (data_ == nullptr) return;
  if (Running()) timed::running_kernel->pages().Unregister(data_);
  munmap(data_, bytes_ == 0 ? 1 : bytes_);
}

}  // namespace tally
