// The real world's clock: nanoseconds since the process first asked.
#pragma once

#include <cstdint>

#if defined(__x86_64__)
#include <x86intrin.h>
#endif

namespace tally::internal {

int64_t MonotonicNanos();  // clock_gettime(CLOCK_MONOTONIC)

// TSC ticks to nanoseconds as a 32.32 fixed-point product. `ratio` == 0: no usable TSC (it stops in
// sleep states, or this is not x86); then the kernel's clock is asked every time.
struct TscScale {
  uint64_t origin = 0;
  uint64_t ratio = 0;  // nanoseconds per tick, 32 fractional bits
  int64_t origin_nanos = 0;
};
TscScale CalibrateTsc();
inline const TscScale kTscScale = CalibrateTsc();

inline int64_t ClockNanos() {
#if defined(__x86_64__)
  if (__builtin_expect(kTscScale.ratio != 0, 1)) {
    const uint64_t ticks = __rdtsc() - kTscScale.origin;
    return static_cast<int64_t>((static_cast<unsigned __int128>(ticks) * kTscScale.ratio) >> 32);
  }
#endif
  return MonotonicNanos() - kTscScale.origin_nanos;
}

}  // namespace tally::internal
