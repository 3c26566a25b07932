// How long things took, counted in powers of two.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>

#include "numa/ids.h"

namespace tally {

// Bucket 0 counts what took less than 256 ns, bucket i what took less than 256 ns << i, the last
// one (from 1.07 s) everything else. Fixed size, so that its one writer never allocates.
struct LatencyHistogram {
  static constexpr int kBuckets = 24;
  static constexpr Nanos kFirstBound = 256;

  std::array<uint64_t, kBuckets> counts{};

  static constexpr int BucketOf(Nanos latency_ns) {
    const uint64_t units = static_cast<uint64_t>(std::max<Nanos>(latency_ns, 0)) / kFirstBound;
    return std::min(static_cast<int>(std::bit_width(units)), kBuckets - 1);
  }
  // What is counted in `bucket` took less; the last bucket has no bound: -1.
  static constexpr Nanos Bound(int bucket) {
    return bucket == kBuckets - 1 ? -1 : kFirstBound << bucket;
  }

  constexpr void Add(Nanos latency_ns) { ++counts[BucketOf(latency_ns)]; }
  constexpr uint64_t Count() const {
    uint64_t count = 0;
    for (const uint64_t each : counts) count += each;
    return count;
  }
  // The bound of the bucket in which the `per_mille`-th thousandth lies (500: the median); 0 when
  // nothing was counted, -1 beyond all bounds.
  constexpr Nanos Quantile(int per_mille) const {
    const uint64_t count = Count();
    if (count == 0) return 0;
    const uint64_t rank = std::max<uint64_t>((count * per_mille + 999) / 1000, 1);
    uint64_t seen = 0;
    for (int bucket = 0; bucket < kBuckets; ++bucket) {
      seen += counts[bucket];
      if (seen >= rank) return Bound(bucket);
    }
    return -1;
  }

  constexpr LatencyHistogram& operator+=(const LatencyHistogram& other) {
    for (int bucket = 0; bucket < kBuckets; ++bucket) counts[bucket] += other.counts[bucket];
    return *this;
  }
};

}  // namespace tally
