// wake: a thread outside submits a task now and then; how long until the task runs?
//
// After 5 ms everybody sleeps, and the floor is what the kernel needs to wake a thread: a bare
// futex. After 200 us a scheduler may still be looking for work, which costs CPU time: that is
// measured with it.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "benchmarks/harness/problem.h"
#include "benchmarks/harness/stopwatch.h"

namespace tally::benchmarks::wake {

// What the task does: says when it began.
class Began {
 public:
  void Now() {
    // release: pairs with the acquire in Wait().
    at_.store(NowNanos(), std::memory_order_release);
  }
  // Sleeps `pause_ns` and more, until the task has begun; returns when it did, 0 if it never does.
  int64_t Wait(int64_t pause_ns) {
    for (int tries = 0; tries < 10'000; ++tries) {
      SleepNanos(pause_ns);
      if (const int64_t at = at_.exchange(0, std::memory_order_acquire); at != 0) return at;
    }
    return 0;
  }

 private:
  std::atomic<int64_t> at_{0};
};

// `submit(began)` makes somebody else call began.Now(). Values: p50 and p99 in microseconds, and
// the CPU time that all but the calling thread used, in CPUs.
template <class Submit>
Measured Latencies(int64_t pause_ns, const Setting& setting, const Submit& submit) {
  constexpr int kWarmUp = 5;
  const int samples = setting.quick ? 3 : pause_ns > 1'000'000 ? 200 : 2'000;
  std::vector<double> latencies_us;
  Began began;
  const auto others_cpu = [] {
    return NanosOn(CLOCK_PROCESS_CPUTIME_ID) - NanosOn(CLOCK_THREAD_CPUTIME_ID);
  };
  const int64_t start = NowNanos(), cpu_start = others_cpu();
  for (int i = -kWarmUp; i < samples; ++i) {
    const int64_t submitted = NowNanos();
    submit(began);
    const int64_t at = began.Wait(pause_ns);
    if (at == 0) return absl::InternalError("a task never began");
    if (i >= 0) latencies_us.push_back(static_cast<double>(at - submitted) / 1e3);
  }
  const double cpus =
      static_cast<double>(others_cpu() - cpu_start) / static_cast<double>(NowNanos() - start);
  return std::vector<double>{Percentile(latencies_us, 0.5), Percentile(latencies_us, 0.99), cpus};
}

inline constexpr int64_t kLong = 5'000'000;
inline constexpr int64_t kShort = 200'000;

Measured OursLong(const Setting& setting);
Measured OursShort(const Setting& setting);
Measured TbbLong(const Setting& setting);
Measured TbbShort(const Setting& setting);
Measured FutexLong(const Setting& setting);
Measured FutexShort(const Setting& setting);

inline const Problem kAfterLong{
    .name = "wake",
    .help = "waking a worker after 5 ms of idleness, against a bare futex",
    .figures = {{"wake_p50", "us"}, {"wake_p99", "us"}, {"wake_cpu", "CPUs", false}},
    .contenders = {{"ours", OursLong}, {"futex", FutexLong}, {"tbb", TbbLong}}};

inline const Problem kAfterShort{
    .name = "wake_200us",
    .help = "the same after 200 us, with the CPU time that looking for work costs",
    .figures = {{"wake_200us_p50", "us", false},
                {"wake_200us_p99", "us", false},
                {"wake_200us_cpu", "CPUs", false}},
    .contenders = {{"ours", OursShort}, {"futex", FutexShort}, {"tbb", TbbShort}}};

}  // namespace tally::benchmarks::wake
