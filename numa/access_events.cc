#include "numa/access_events.h"

#include <linux/perf_event.h>

#include <algorithm>
#include <iterator>

namespace tally {
namespace {

constexpr PerfEvent Raw(uint64_t event, uint64_t umask) {
  return {PERF_TYPE_RAW, event | umask << 8};
}

// Event 0x43, "demand data cache fills by data source" (ls_refills_from_sys before Zen 3). Bits of
// the unit mask: 0x01 own L2, 0x02 and 0x04 other caches of the node, 0x08 the node's memory, 0x10
// another node's caches, 0x40 another node's memory. AMD, Processor Programming References for
// families 17h, 19h and 1Ah; Linux, tools/perf/pmu-events/arch/x86/amdzen*.
constexpr AccessEvents kAmdFills = {.name = "AMD demand fills by data source (event 0x43)",
                                    .remote = Raw(0x43, 0x50),
                                    .local = Raw(0x43, 0x08),
                                    .alive = Raw(0x43, 0x5f)};

// Event 0xd3, MEM_LOAD_L3_MISS_RETIRED since Skylake-SP: 0x01 LOCAL_DRAM, 0x02 REMOTE_DRAM. Event
// 0xd0, 0x81: all retired loads. Intel, perfmon; Linux, tools/perf/pmu-events/arch/x86/skylakex.
constexpr AccessEvents kIntelSinceSkylake = {.name = "Intel mem_load_l3_miss_retired (event 0xd3)",
                                             .remote = Raw(0xd3, 0x02),
                                             .local = Raw(0xd3, 0x01),
                                             .alive = Raw(0xd0, 0x81)};

// MEM_LOAD_UOPS_L3_MISS_RETIRED on Haswell's and Broadwell's servers: the remote bit is another.
constexpr AccessEvents kIntelHaswell = {.name = "Intel mem_load_uops_l3_miss_retired (event 0xd3)",
                                        .remote = Raw(0xd3, 0x04),
                                        .local = Raw(0xd3, 0x01),
                                        .alive = Raw(0xd0, 0x81)};

constexpr PerfEvent Node(uint64_t result) {
  return {PERF_TYPE_HW_CACHE,
          PERF_COUNT_HW_CACHE_NODE | PERF_COUNT_HW_CACHE_OP_READ << 8 | result << 16};
}

// node-load-misses is what comes from other nodes. node-loads is local loads on some processors and
// all loads on others, so it does not tell the local ones.
constexpr AccessEvents kGeneric = {.name = "the kernel's node-load-misses",
                                   .remote = Node(PERF_COUNT_HW_CACHE_RESULT_MISS),
                                   .local = std::nullopt,
                                   .alive = {PERF_TYPE_HARDWARE, PERF_COUNT_HW_INSTRUCTIONS}};

bool IsOneOf(int model, std::initializer_list<int> models) {
  return std::find(models.begin(), models.end(), model) != models.end();
}

}  // namespace

std::vector<AccessEvents> AccessEventsFor(const CpuIdentity& cpu) {
  std::vector<AccessEvents> ways;
  if (cpu.vendor == CpuIdentity::Vendor::kAmd && IsOneOf(cpu.family, {0x17, 0x19, 0x1a})) {
    ways.push_back(kAmdFills);
  }
  if (cpu.vendor == CpuIdentity::Vendor::kIntel && cpu.family == 6) {
    // Servers only: others have one node, and their event 0xd3 has no remote bit.
    // Haswell, Broadwell, Broadwell-DE.
    if (IsOneOf(cpu.model, {0x3f, 0x4f, 0x56})) ways.push_back(kIntelHaswell);
    // Skylake to Cooper Lake; Ice Lake; Sapphire, Emerald and Granite Rapids.
    if (IsOneOf(cpu.model, {0x55, 0x6a, 0x6c, 0x8f, 0xcf, 0xad, 0xae})) {
      ways.push_back(kIntelSinceSkylake);
    }
  }
  ways.push_back(kGeneric);
  return ways;
}

}  // namespace tally
