// CPU sets as the kernel speaks them: lists in sysfs ("0-3,8"), masks of any size in affinity
// calls.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tally {

// "0-3,8" -> {0, 1, 2, 3, 8}; nullopt if it is not such a list. Empty text is the empty list.
std::optional<std::vector<int>> ParseCpuList(std::string_view text);

// {0, 1, 2, 3, 8} -> "0-3,8". `cpus` is sorted.
std::string FormatCpuList(const std::vector<int>& cpus);

// The CPUs in a thread's affinity mask (0: the calling thread), sorted; empty if the kernel does
// not say.
std::vector<int> AffinityOf(pid_t thread);

// Sets a thread's affinity (0: the calling thread) to one CPU, or to several; 0 or an errno.
int SetAffinity(int cpu, pid_t thread = 0);
int SetAffinity(const std::vector<int>& cpus, pid_t thread = 0);

// The CPUs that are online, by sysfs, sorted; nullopt if it does not say.
std::optional<std::vector<int>> OnlineCpus();

// The CPUs that the kernel counts to `node`, by sysfs; nullopt if it does not say.
std::optional<std::vector<int>> CpusOfKernelNode(int node);

}  // namespace tally
