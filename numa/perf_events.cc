#include "numa/perf_events.h"

#include <linux/perf_event.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#if defined(__x86_64__)
#include <cpuid.h>
#endif

namespace tally {
namespace {

class Kernel : public PerfEvents {
 public:
  int Open(const PerfEvent& event) override {
    perf_event_attr attributes{};
    attributes.size = sizeof attributes;
    attributes.type = event.type;
    attributes.config = event.config;
    // The kernel's own accesses are not ours, and are refused to ordinary users.
    attributes.exclude_kernel = 1;
    attributes.exclude_hv = 1;
    attributes.read_format = PERF_FORMAT_TOTAL_TIME_ENABLED | PERF_FORMAT_TOTAL_TIME_RUNNING;
    constexpr int kThisThread = 0, kAnyCpu = -1, kNoGroup = -1;
    const long descriptor = syscall(SYS_perf_event_open, &attributes, kThisThread, kAnyCpu,
                                    kNoGroup, PERF_FLAG_FD_CLOEXEC);
    return descriptor < 0 ? -errno : static_cast<int>(descriptor);
  }

  bool Read(int descriptor, PerfReading* reading) override {
    uint64_t values[3];  // as read_format lays them out
    if (read(descriptor, values, sizeof values) != static_cast<ssize_t>(sizeof values)) {
      return false;
    }
    *reading = {.value = values[0], .enabled_ns = values[1], .running_ns = values[2]};
    return true;
  }

  void Close(int descriptor) override { close(descriptor); }
};

}  // namespace

PerfEvents& RealPerfEvents() {
  static Kernel* const kernel = new Kernel;
  return *kernel;
}

CpuIdentity ThisCpu() {
  CpuIdentity cpu;
#if defined(__x86_64__)
  unsigned eax = 0, ebx = 0, ecx = 0, edx = 0;
  if (__get_cpuid(0, &eax, &ebx, &ecx, &edx) == 0) return cpu;
  char name[12];
  std::memcpy(name, &ebx, 4);
  std::memcpy(name + 4, &edx, 4);
  std::memcpy(name + 8, &ecx, 4);
  if (std::memcmp(name, "AuthenticAMD", 12) == 0) cpu.vendor = CpuIdentity::Vendor::kAmd;
  if (std::memcmp(name, "GenuineIntel", 12) == 0) cpu.vendor = CpuIdentity::Vendor::kIntel;
  if (__get_cpuid(1, &eax, &ebx, &ecx, &edx) == 0) return cpu;
  const unsigned family = eax >> 8 & 0xf, model = eax >> 4 & 0xf;
  const unsigned extended_family = eax >> 20 & 0xff, extended_model = eax >> 16 & 0xf;
  cpu.family = static_cast<int>(family == 0xf ? family + extended_family : family);
  cpu.model = static_cast<int>(family == 0xf || family == 6 ? extended_model << 4 | model : model);
#endif
  return cpu;
}

}  // namespace tally
