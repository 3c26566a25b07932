#include "scheduler/world/clock.h"

#include <time.h>

#if defined(__x86_64__)
#include <cpuid.h>
#endif

namespace tally::internal {

int64_t MonotonicNanos() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

#if defined(__x86_64__)
namespace {

// CPUID 80000007h, EDX bit 8: the TSC ticks at one rate in every power state and never stops.
bool TscIsInvariant() {
  unsigned eax = 0, ebx = 0, ecx = 0, edx = 0;
  if (__get_cpuid(0x80000007u, &eax, &ebx, &ecx, &edx) == 0) return false;
  return (edx & (1u << 8)) != 0;
}

struct Sample {
  uint64_t ticks;
  int64_t nanos;
};

// The tightest of several readings: one that no interrupt stretched.
Sample ReadBoth() {
  Sample best{};
  uint64_t best_width = UINT64_MAX;
  for (int i = 0; i < 16; ++i) {
    const uint64_t before = __rdtsc();
    const int64_t nanos = MonotonicNanos();
    const uint64_t after = __rdtsc();
    if (after - before < best_width) {
      best_width = after - before;
      best = {before + (after - before) / 2, nanos};
    }
  }
  return best;
}

}  // namespace

TscScale CalibrateTsc() {
  TscScale scale;
  scale.origin_nanos = MonotonicNanos();
  if (!TscIsInvariant()) return scale;
  constexpr int64_t kCalibrationNanos = 2'000'000;  // 25 ns of error in 2 ms: about 13 ppm
  const Sample first = ReadBoth();
  while (MonotonicNanos() - first.nanos < kCalibrationNanos) {
  }
  const Sample second = ReadBoth();
  if (second.ticks <= first.ticks) return scale;  // a TSC that goes backwards is no clock
  scale.origin = first.ticks;
  scale.origin_nanos = first.nanos;
  scale.ratio =
      static_cast<uint64_t>((static_cast<unsigned __int128>(second.nanos - first.nanos) << 32) /
                            (second.ticks - first.ticks));
  return scale;
}
#else
TscScale CalibrateTsc() { return {.origin_nanos = MonotonicNanos()}; }
#endif

}  // namespace tally::internal
