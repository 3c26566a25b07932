// Ids are types that cannot be swapped: passing a NodeId where a WorkerId is due does not compile.
#pragma once

#include <compare>
#include <cstdint>

namespace tally {

using Nanos = int64_t;  // time, real or virtual, since an origin that its owner names

// A small non-negative integer with a meaning; -1 is "none".
template <class Tag>
class Id {
 public:
  constexpr Id() = default;
  constexpr explicit Id(int32_t value) : value_(value) {}
  constexpr int32_t value() const { return value_; }
  constexpr bool valid() const { return value_ >= 0; }
  // As an index; the caller has checked valid().
  constexpr uint32_t index() const { return static_cast<uint32_t>(value_); }
  friend constexpr auto operator<=>(Id, Id) = default;

 private:
  int32_t value_ = -1;
};

using WorkerId = Id<struct WorkerTag>;    // 0 .. workers-1 of one scheduler
using NodeId = Id<struct NodeTag>;        // dense: 0 .. nodes-1, in hwloc's logical order
using CpuId = Id<struct CpuTag>;          // dense: 0 .. PUs-1, in hwloc's logical order
using CoreId = Id<struct CoreTag>;        // dense
using L2Id = Id<struct L2Tag>;            // dense
using L3Id = Id<struct L3Tag>;            // dense
using PackageId = Id<struct PackageTag>;  // dense

}  // namespace tally
