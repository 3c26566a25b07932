#include "tests/guest/kernel_view.h"

#include <dirent.h>
#include <linux/mempolicy.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>

namespace tally::guest {
namespace {

constexpr size_t kPageBytes = 4096;  // x86
const char* const kNodes = "/sys/devices/system/node/";

std::vector<int> AllowedOf(pid_t tid) {
  cpu_set_t set;
  CPU_ZERO(&set);
  std::vector<int> cpus;
  if (sched_getaffinity(tid, sizeof set, &set) != 0) return cpus;
  for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (CPU_ISSET(cpu, &set)) cpus.push_back(cpu);
  }
  return cpus;
}

// proc(5), /proc/[pid]/stat, field 39. The name, in parentheses, may hold spaces.
int LastCpuOf(const std::string& task) {
  std::string stat = FirstLine(task + "/stat");
  const size_t name_end = stat.rfind(')');
  if (name_end == std::string::npos) return -1;
  std::istringstream fields(stat.substr(name_end + 1));
  std::string field;
  for (int number = 3; number <= 39; ++number) fields >> field;
  return fields ? std::atoi(field.c_str()) : -1;
}

bool IsNumbered(const std::string& name, const std::string& prefix) {
  return name.compare(0, prefix.size(), prefix) == 0 && name.size() > prefix.size() &&
         name.find_first_not_of("0123456789", prefix.size()) == std::string::npos;
}

}  // namespace

std::vector<ThreadView> ThreadsNamed(const std::string& prefix) {
  std::vector<ThreadView> threads;
  DIR* const tasks = opendir("/proc/self/task");
  if (tasks == nullptr) return threads;
  while (const dirent* entry = readdir(tasks)) {
    const std::string task = std::string("/proc/self/task/") + entry->d_name;
    ThreadView thread;
    thread.tid = std::atoi(entry->d_name);
    thread.name = FirstLine(task + "/comm");
    if (thread.tid == 0 || !IsNumbered(thread.name, prefix)) continue;
    thread.cpu = LastCpuOf(task);
    thread.allowed = AllowedOf(thread.tid);
    threads.push_back(std::move(thread));
  }
  closedir(tasks);
  std::sort(threads.begin(), threads.end(), [](const ThreadView& a, const ThreadView& b) {
    return a.name.size() != b.name.size() ? a.name.size() < b.name.size() : a.name < b.name;
  });
  return threads;
}

std::string Show(const ThreadView& thread) {
  return thread.name + " runs on CPU " + std::to_string(thread.cpu) + ", may run on " +
         FormatSet(thread.allowed);
}

int NodeOfCpu(int cpu) {
  for (const int node : ParseSet(FirstLine(std::string(kNodes) + "online"))) {
    const std::vector<int> cpus =
        ParseSet(FirstLine(kNodes + ("node" + std::to_string(node)) + "/cpulist"));
    if (std::count(cpus.begin(), cpus.end(), cpu) > 0) return node;
  }
  return -1;
}

std::vector<int> NodesWithCpus() { return ParseSet(FirstLine(std::string(kNodes) + "has_cpu")); }

std::vector<int> NodesWithMemory() {
  return ParseSet(FirstLine(std::string(kNodes) + "has_memory"));
}

bool HasMemory(int node) {
  const std::vector<int> nodes = NodesWithMemory();
  return std::count(nodes.begin(), nodes.end(), node) > 0;
}

bool MayUseMemoryOf(int node) {
  std::ifstream status("/proc/self/status");
  const std::string field = "Mems_allowed_list:";
  for (std::string line; std::getline(status, line);) {
    if (line.compare(0, field.size(), field) != 0) continue;
    const std::vector<int> nodes = ParseSet(line.substr(field.size()));
    return HasMemory(node) && std::count(nodes.begin(), nodes.end(), node) > 0;
  }
  return false;
}

std::vector<int> NodesOfPages(const void* start, size_t bytes) {
  const auto first = reinterpret_cast<uintptr_t>(start) & ~(kPageBytes - 1);
  const auto end = reinterpret_cast<uintptr_t>(start) + bytes;
  std::vector<void*> pages;
  for (uintptr_t page = first; page < end; page += kPageBytes) {
    pages.push_back(reinterpret_cast<void*>(page));
  }
  // The kernel leaves the statuses alone when the call as a whole fails.
  std::vector<int> nodes(pages.size(), -ENODATA);
  if (syscall(SYS_move_pages, 0, pages.size(), pages.data(), nullptr, nodes.data(), 0) != 0) {
    std::fill(nodes.begin(), nodes.end(), -errno);
  }
  return nodes;
}

PolicyView PolicyOf(const void* at) {
  constexpr int kNodesMost = 1024, kWordBits = 8 * sizeof(unsigned long);
  unsigned long mask[kNodesMost / kWordBits] = {};
  PolicyView policy;
  if (syscall(SYS_get_mempolicy, &policy.mode, mask, kNodesMost + 1UL, at, MPOL_F_ADDR) != 0) {
    policy.error = errno;
    return policy;
  }
  policy.mode &= 0xff;  // mode flags are above
  for (int node = 0; node < kNodesMost; ++node) {
    if ((mask[node / kWordBits] >> (node % kWordBits) & 1) != 0) policy.nodes.push_back(node);
  }
  return policy;
}

Area::Area(size_t bytes)
    : data_(static_cast<char*>(
          mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0))),
      bytes_(bytes) {
  if (data_ == MAP_FAILED) {
    std::perror("mmap");
    std::abort();
  }
  madvise(data_, bytes, MADV_NOHUGEPAGE);
}

Area::~Area() { munmap(data_, bytes_); }

size_t Area::pages() const { return bytes_ / kPageBytes; }

std::string FirstLine(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

bool WriteLine(const std::string& path, const std::string& line) {
  std::ofstream file(path);
  file << line << std::endl;
  return file.good();
}

std::vector<int> ParseSet(const std::string& text) {
  std::vector<int> numbers;
  std::istringstream ranges(text);
  std::string range;
  while (std::getline(ranges, range, ',')) {
    int first = 0, last = 0;
    const int read = std::sscanf(range.c_str(), "%d-%d", &first, &last);
    if (read < 1) continue;
    for (int number = first; number <= (read == 2 ? last : first); ++number) {
      numbers.push_back(number);
    }
  }
  return numbers;
}

std::string FormatSet(const std::vector<int>& numbers) {
  std::string text;
  for (const int number : numbers) {
    if (!text.empty()) text += ',';
    text += std::to_string(number);
  }
  return text.empty() ? "none" : text;
}

}  // namespace tally::guest
