#include "benchmarks/docs/machine.h"

#include <sys/resource.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "tbb/version.h"

namespace tally::benchmarks {
namespace {

std::string CpuModel() {
  std::ifstream cpuinfo("/proc/cpuinfo");
  for (std::string line; std::getline(cpuinfo, line);) {
    if (line.rfind("model name", 0) == 0) return line.substr(line.find(':') + 2);
  }
  return "a CPU without a name";
}

double Seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

}  // namespace

std::string DescribeMachine() {
  utsname kernel{};
  uname(&kernel);
  const long cpus = sysconf(_SC_NPROCESSORS_ONLN);
  const double gib = static_cast<double>(sysconf(_SC_PHYS_PAGES)) *
                     static_cast<double>(sysconf(_SC_PAGESIZE)) / (1 << 30);
  return absl::StrCat(CpuModel(), ", ", cpus, " CPUs, ", static_cast<int>(gib + 0.5), " GiB; ",
                      kernel.sysname, " ", kernel.release, "; ",
#ifdef __clang__
                      "clang ", __clang_major__,
#else
                      "g++ ", __GNUC__, ".", __GNUC_MINOR__,
#endif
                      " -O3; oneTBB ", TBB_VERSION_MAJOR, ".", TBB_VERSION_MINOR);
}

OthersShare::Times OthersShare::Times::Now() {
  Times times;
  const auto tick_s = 1.0 / static_cast<double>(sysconf(_SC_CLK_TCK));
  std::ifstream stat("/proc/stat");
  std::string cpu;
  stat >> cpu;
  // user nice system idle iowait irq softirq steal
  double ticks = 0;
  for (int column = 0; column < 8 && stat >> ticks; ++column) {
    times.all_s += ticks * tick_s;
    if (column != 3 && column != 4) times.busy_s += ticks * tick_s;
  }
  for (const int who : {RUSAGE_SELF, RUSAGE_CHILDREN}) {
    rusage usage{};
    getrusage(who, &usage);
    times.ours_s += Seconds(usage.ru_utime) + Seconds(usage.ru_stime);
  }
  return times;
}

OthersShare::OthersShare() : start_(Times::Now()) {}

double OthersShare::SoFar() const {
  const Times now = Times::Now();
  const double all = now.all_s - start_.all_s;
  if (all <= 0) return 0;
  const double others = (now.busy_s - start_.busy_s) - (now.ours_s - start_.ours_s);
  return std::clamp(others / all, 0.0, 1.0);
}

}  // namespace tally::benchmarks
