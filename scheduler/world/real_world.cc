#include "scheduler/world/real_world.h"

#include <errno.h>
#include <linux/futex.h>
#include <linux/membarrier.h>
#include <pthread.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "numa/check.h"

namespace tally {

namespace internal {

constinit thread_local void* current_worker __attribute__((tls_model("initial-exec"))) = nullptr;

constinit thread_local uint32_t thread_number __attribute__((tls_model("initial-exec"))) = 0;

uint32_t NumberThisThread() {
  static std::atomic<uint32_t> threads{0};
  // relaxed: only a number. Skips 0 when it wraps.
  while (thread_number == 0) thread_number = threads.fetch_add(1, std::memory_order_relaxed) + 1;
  return thread_number;
}

bool RegisterMembarrier() {
  return syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0, 0) == 0;
}

void Membarrier() {
  RealWorld::Fence(std::memory_order_seq_cst);
  if (!kHasMembarrier) return;  // then LightFence() is a full fence
  const long result = syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0);
  TALLY_CHECK(result == 0, "membarrier was registered, so the kernel grants it");
}

namespace {
long Futex(std::atomic<uint32_t>* word, int operation, uint32_t value, const timespec* timeout) {
  static_assert(sizeof(*word) == 4);
  return syscall(SYS_futex, reinterpret_cast<uint32_t*>(word), operation, value, timeout, nullptr,
                 0);
}
}  // namespace

}  // namespace internal

bool RealWorld::Parker::ParkFor(Nanos timeout) {
  // acquire: pairs with the release in Unpark(); what the waker wrote before is visible after.
  if (state_.exchange(kEmpty, std::memory_order_acquire) == kToken) return true;
  uint32_t expected = kEmpty;
  // Failure means a token arrived in between; acquire as above.
  if (!state_.compare_exchange_strong(expected, kParked, std::memory_order_relaxed,
                                      std::memory_order_acquire)) {
    state_.store(kEmpty, std::memory_order_relaxed);
    return true;
  }
  const Nanos deadline = timeout < 0 ? 0 : internal::MonotonicNanos() + timeout;
  for (;;) {
    timespec left;
    timespec* left_or_null = nullptr;
    if (timeout >= 0) {
      const Nanos remaining = deadline - internal::MonotonicNanos();
      if (remaining <= 0) break;
      left = {.tv_sec = remaining / 1'000'000'000, .tv_nsec = remaining % 1'000'000'000};
      left_or_null = &left;
    }
    internal::Futex(&state_, FUTEX_WAIT_PRIVATE, kParked, left_or_null);
    // acquire: pairs with the release in Unpark().
    if (state_.load(std::memory_order_acquire) == kToken) break;
  }
  // Takes the token if it came, also in the last moment before the deadline.
  return state_.exchange(kEmpty, std::memory_order_acquire) == kToken;
}

bool RealWorld::Parker::ParkUntil(Nanos deadline) {
  const Nanos timeout = deadline - Now();
  return ParkFor(timeout > 0 ? timeout : 0);
}

void RealWorld::Parker::Unpark() {
  // release: pairs with the acquires in ParkFor().
  if (state_.exchange(kToken, std::memory_order_release) == kParked) {
    internal::Futex(&state_, FUTEX_WAKE_PRIVATE, 1, nullptr);
  }
}

namespace {

// Time slices as short as the kernel has them: who is woken with a shorter slice than the one who
// runs is let in at once (Linux 6.12 and later; no privilege needed). Elsewhere, and where it is
// not granted, the thread waits its turn. Only under the kernel's usual policy: others are
// somebody's choice.
void AskForShortSlices() {
  struct {  // struct sched_attr, version 0
    uint32_t size, policy;
    uint64_t flags;
    int32_t nice;
    uint32_t priority;
    uint64_t runtime, deadline, period;
  } attributes{};
  static_assert(sizeof(attributes) == 48);
  constexpr uint64_t kShortest = 100'000;  // ns
  if (syscall(SYS_sched_getattr, 0, &attributes, sizeof(attributes), 0) != 0) return;
  if (attributes.policy != SCHED_OTHER) return;
  attributes.size = sizeof(attributes);
  attributes.runtime = kShortest;
  (void)syscall(SYS_sched_setattr, 0, &attributes, 0);
}

}  // namespace

absl::Status RealWorld::Thread::Start(ThreadPlace place, std::function<void()> body) {
  try {
    thread_ = std::thread(
        [name = place.name.substr(0, 15), prompt = place.prompt, body = std::move(body)] {
          if (!name.empty()) pthread_setname_np(pthread_self(), name.c_str());
          if (prompt) AskForShortSlices();
          body();
        });
  } catch (const std::system_error& error) {
    return absl::ResourceExhaustedError(
        absl::StrCat("the kernel grants no more threads (", error.what(),
                     "): ask for fewer workers or raise the limit (ulimit -u, pids.max)"));
  }
  return absl::OkStatus();
}

void RealWorld::Thread::Join() {
  if (thread_.joinable()) thread_.join();
}

RealWorld::Memory::Memory(size_t bytes) : bytes_(bytes) {
  void* pages = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  data_ = pages == MAP_FAILED ? nullptr : static_cast<std::byte*>(pages);
  // A huge page would give 2 MiB one home, whoever touches the rest of it.
  if (data_ != nullptr) madvise(pages, bytes, MADV_NOHUGEPAGE);
}

RealWorld::Memory::~Memory() {
  if (data_ != nullptr) munmap(data_, bytes_);
}

}  // namespace tally
