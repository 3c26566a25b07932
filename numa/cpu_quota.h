// How much CPU time the cgroups of this process leave it.
//
// A container with "1.5 CPUs" sees all of its host's CPUs: cgroup quotas are no affinity mask. Who
// starts a worker per CPU there is stopped by the kernel for most of each 100 ms period, often with
// a lock held. And the quota need not sit on the process's own cgroup: any ancestor's holds as
// well, so all of them are read, up to the mount point; in cgroup v1 and v2, and where both are
// mounted.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace tally {

struct CpuQuota {
  int64_t quota_us = 0;   // of CPU time, in each period
  int64_t period_us = 0;  // at least 1
  std::string file;       // where it says so

  // Rounded up: the last, partial CPU is better used than left idle. At least 1.
  int Cpus() const;
  // "1.50 CPUs, says /sys/fs/cgroup/a/cpu.max".
  std::string InWords() const;
  bool operator==(const CpuQuota&) const = default;
};

// The tightest quota among this process's cgroups and all of their ancestors; nullopt if there is
// none, or nobody says (no /proc, no cgroups). `root` is where the file system begins: a test's own
// tree, with proc/self/cgroup, proc/self/mountinfo and the cgroup files.
std::optional<CpuQuota> TightestCpuQuota(const std::string& root = "/");

}  // namespace tally
