// What things cost on the imagined machine: integer nanoseconds and bytes, each with its source.
//
// Sources: [C2C] nviennot/core-to-core-latency, median one-way cache line message per CPU model.
// [M] measured on a 2-vCPU EPYC Milan guest. [AT] AnandTech 14694 (EPYC Rome memory). [DDR]
// channels x 8 bytes x transfers per second. [K] common knowledge, to be replaced by `tally
// calibrate`.
#pragma once

#include <cstdint>

#include "numa/ids.h"

namespace tally {

struct MachineModel {
  // --- A cache line, by where its last holder sits ----------------------------------------------
  Nanos own_hit_ns = 1;  // [K] L1, mostly hidden by the pipeline
  Nanos smt_ns = 8;      // [C2C] 6.5 to 10
  Nanos l2_ns = 15;      // [K] cores of one cluster behind one L2
  Nanos l3_ns = 25;      // [C2C] Milan, Zen 2: 23, 24
  // A large L3 is a mesh: [C2C] Ice Lake 51, Cascade Lake 48. A node that describes no L3 counts as
  // one.
  Nanos mesh_ns = 50;
  int mesh_from_cores = 16;
  Nanos across_l3_ns = 105;  // [C2C] Milan 107, Zen 2 94: one node, several L3
  Nanos package_ns = 110;    // [C2C] another node of the same package
  // Another package, by firmware distance d (10 is local): base + per_distance * (d - 10), capped.
  // d = 20 gives 140 ([C2C] Cascade Lake 134, Ice Lake 108), d = 32 gives 188 (Milan 197).
  Nanos remote_base_ns = 100;
  Nanos remote_per_distance_ns = 4;
  Nanos remote_max_ns = 400;
  Nanos cold_ns = 95;  // [K] nobody holds the line: local DRAM

  // --- Atomic instructions ----------------------------------------------------------------------
  Nanos rmw_ns = 6;    // [M] own push and pop 6.9 ns, most of it one locked instruction
  Nanos fence_ns = 8;  // [K] mfence, about 33 cycles
  // A store that misses retires into the store buffer; the core stalls once it is that far behind.
  Nanos store_buffer_ns = 500;  // [K] some 50 entries
  Nanos heavy_fence_ns = 3500;  // [M] membarrier, 3.6 us

  // --- Spinning ---------------------------------------------------------------------------------
  Nanos pause_ns = 40;  // [K] 140 cycles since Skylake

  // --- The kernel -------------------------------------------------------------------------------
  Nanos park_ns = 1200;           // [M] switching away: 1.1 to 1.3 us
  Nanos wake_call_ns = 5000;      // [M] what FUTEX_WAKE costs the waker: 6.1 to 6.7 us in a guest
  Nanos wake_latency_ns = 7000;   // [M] until the woken thread runs: at least 6 to 9 us
  Nanos timer_slack_ns = 50'000;  // [K] Linux delays timeouts by up to that much by default
  Nanos thread_start_call_ns = 15'000;     // [K] clone()
  Nanos thread_start_latency_ns = 30'000;  // [K] until the new thread runs

  // --- Memory -----------------------------------------------------------------------------------
  Nanos memory_latency_ns = 95;  // [AT] Rome 113 to 122 fully random; [K] Milan 95 to 105
  // One core's stream; a remote one is slower by distance / 10 (fewer misses in flight reach).
  int64_t core_bytes_per_us = 16'000;  // [K] 12 to 40 GB/s
  // [DDR] 8 channels of DDR4-3200 give 204.8 GB/s, of which some 80 % is reached. Shared by the
  // nodes of the package.
  int64_t package_bytes_per_us = 160'000;
  int remote_link_percent = 40;  // [K] of the node's bandwidth reaches other nodes: 25 to 45
  Nanos page_fault_ns = 700;     // [K] first touch: fault and zeroing of 4 KiB

  // --- Sharing a core ---------------------------------------------------------------------------
  // Each further busy hardware thread of a core slows the others' bodies by that many percent: two
  // threads then do 1.29 times the work of one ([K] 1.2 to 1.3).
  int smt_slowdown_percent = 55;
};

}  // namespace tally
