// critical: every worker is busy with tasks of 10 us and Low priority, for which more wait than can
// run; a thread outside submits a Critical one now and then. How long until it runs?
#pragma once

#include <atomic>
#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "benchmarks/harness/problem.h"
#include "benchmarks/harness/stopwatch.h"

namespace tally::benchmarks::critical {

inline constexpr int kQueuedPerWorker = 8;  // each task submits its successor

inline void LowTask() {
  const int64_t end = NowNanos() + 10'000;
  while (NowNanos() < end) {
  }
}

// When a task was submitted and when it began.
class Sample {
 public:
  void Submitted() { submitted_ = NowNanos(); }
  void Began() {
    // release: pairs with the acquire in WaitMicros().
    began_.store(NowNanos(), std::memory_order_release);
  }
  // Sleeps a millisecond and more, until it has begun; less than 0 if it never does.
  double WaitMicros() {
    for (int tries = 0; tries < 2'000; ++tries) {
      SleepNanos(1'000'000);
      const int64_t began = began_.exchange(0, std::memory_order_acquire);
      if (began != 0) return static_cast<double>(began - submitted_) / 1e3;
    }
    return -1;
  }

 private:
  int64_t submitted_ = 0;
  std::atomic<int64_t> began_{0};
};

// The load runs. `submit(sample)` submits a Critical task that calls sample.Began(). Values: p99
// and p50 in microseconds.
template <class Submit>
Measured Latencies(const Setting& setting, const Submit& submit) {
  std::vector<double> latencies_us;
  Sample sample;
  SleepNanos(5'000'000);
  // So many that the 99th percentile is that of twenty, not of the five that somebody disturbed.
  for (int i = 0; i < (setting.quick ? 3 : 2000); ++i) {
    sample.Submitted();
    submit(sample);
    latencies_us.push_back(sample.WaitMicros());
    if (latencies_us.back() < 0) return absl::InternalError("a Critical task never began");
  }
  return std::vector<double>{Percentile(latencies_us, 0.99), Percentile(latencies_us, 0.5)};
}

Measured Ours(const Setting& setting);
Measured Tbb(const Setting& setting);
Measured OpenMp(const Setting& setting);

inline const Problem kProblem{
    .name = "critical",
    .help = "how long a Critical task waits under saturating Low load of 10 us tasks",
    .figures = {{"critical_p99", "us"}, {"critical_p50", "us", false}},
    .contenders = {{"ours", Ours}, {"tbb", Tbb}, {"openmp", OpenMp}}};

}  // namespace tally::benchmarks::critical
