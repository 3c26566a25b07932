#include "numa/cpu_list.h"

#include <sched.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <fstream>
#include <memory>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"

namespace tally {
namespace {

constexpr int kMaxCpus = 1 << 20;  // Linux allows 8192 today

struct FreeMask {
  void operator()(cpu_set_t* mask) const { CPU_FREE(mask); }
};
using Mask = std::unique_ptr<cpu_set_t, FreeMask>;

bool ParseCpu(absl::string_view text, int* cpu) {
  return absl::SimpleAtoi(text, cpu) && *cpu >= 0 && *cpu < kMaxCpus;
}

// A file of one list.
std::optional<std::vector<int>> ReadCpuList(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  if (!file || (!std::getline(file, line) && !file.eof())) return std::nullopt;
  return ParseCpuList(line);
}

}  // namespace

std::optional<std::vector<int>> ParseCpuList(std::string_view text) {
  const absl::string_view list =
      absl::StripAsciiWhitespace(absl::string_view(text.data(), text.size()));
  std::vector<int> cpus;
  if (list.empty()) return cpus;
  for (absl::string_view range : absl::StrSplit(list, ',')) {
    const std::pair<absl::string_view, absl::string_view> ends =
        absl::StrSplit(range, absl::MaxSplits('-', 1));
    int first = 0, last = 0;
    if (!ParseCpu(ends.first, &first)) return std::nullopt;
    last = first;
    if (absl::StrContains(range, "-") && !ParseCpu(ends.second, &last)) return std::nullopt;
    for (int cpu = first; cpu <= last; ++cpu) cpus.push_back(cpu);
  }
  return cpus;
}

std::string FormatCpuList(const std::vector<int>& cpus) {
  std::string text;
  for (size_t i = 0; i < cpus.size();) {
    size_t end = i + 1;
    while (end < cpus.size() && cpus[end] == cpus[end - 1] + 1) ++end;
    absl::StrAppend(&text, text.empty() ? "" : ",", cpus[i]);
    if (end - i > 1) absl::StrAppend(&text, "-", cpus[end - 1]);
    i = end;
  }
  return text;
}

std::vector<int> AffinityOf(pid_t thread) {
  // The kernel refuses a mask smaller than its own, and does not say how large that is.
  for (int size = 1024; size <= kMaxCpus; size *= 2) {
    const Mask mask(CPU_ALLOC(size));
    if (mask == nullptr) return {};
    const size_t bytes = CPU_ALLOC_SIZE(size);
    CPU_ZERO_S(bytes, mask.get());
    if (sched_getaffinity(thread, bytes, mask.get()) == 0) {
      std::vector<int> cpus;
      for (int cpu = 0; cpu < size; ++cpu) {
        if (CPU_ISSET_S(cpu, bytes, mask.get())) cpus.push_back(cpu);
      }
      return cpus;
    }
    if (errno != EINVAL) return {};
  }
  return {};
}

int SetAffinity(int cpu, pid_t thread) { return SetAffinity(std::vector<int>{cpu}, thread); }

int SetAffinity(const std::vector<int>& cpus, pid_t thread) {
  if (cpus.empty()) return EINVAL;
  const auto [least, most] = std::minmax_element(cpus.begin(), cpus.end());
  if (*least < 0 || *most >= kMaxCpus) return EINVAL;
  const Mask mask(CPU_ALLOC(*most + 1));
  if (mask == nullptr) return ENOMEM;
  const size_t bytes = CPU_ALLOC_SIZE(*most + 1);
  CPU_ZERO_S(bytes, mask.get());
  for (int cpu : cpus) CPU_SET_S(static_cast<size_t>(cpu), bytes, mask.get());
  return sched_setaffinity(thread, bytes, mask.get()) == 0 ? 0 : errno;
}

std::optional<std::vector<int>> OnlineCpus() {
  return ReadCpuList("/sys/devices/system/cpu/online");
}

std::optional<std::vector<int>> CpusOfKernelNode(int node) {
  return ReadCpuList(absl::StrCat("/sys/devices/system/node/node", node, "/cpulist"));
}

}  // namespace tally
