// What the kernel itself says of threads and pages: the truth that the scheduler's reports are held
// against. Nothing here uses the project's own libraries, nor hwloc.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <string>
#include <vector>

namespace tally::guest {

struct ThreadView {
  pid_t tid = 0;
  std::string name;
  int cpu = -1;              // where it ran last
  std::vector<int> allowed;  // its affinity mask
};

// This process's threads whose name is `prefix` and a number, in order ("tally-2" before
// "tally-10").
std::vector<ThreadView> ThreadsNamed(const std::string& prefix);

std::string Show(const ThreadView& thread);

// The node that sysfs lists the CPU under; -1 if none does. A node without memory counts.
int NodeOfCpu(int cpu);
bool HasMemory(int node);
bool MayUseMemoryOf(int node);       // this process, by its cpuset
std::vector<int> NodesWithCpus();    // online ones, in order
std::vector<int> NodesWithMemory();  // online ones, in order

// Each page's node by move_pages, in order; negative: an errno (no page yet, no permission).
std::vector<int> NodesOfPages(const void* start, size_t bytes);

// The policy that the memory at `at` has, by get_mempolicy.
struct PolicyView {
  int error = 0;  // an errno
  int mode = -1;  // MPOL_*
  std::vector<int> nodes;
};
PolicyView PolicyOf(const void* at);

// Whole pages, untouched, none of them huge (2 MiB would have one home).
class Area {
 public:
  explicit Area(size_t bytes);
  ~Area();
  Area(const Area&) = delete;
  Area& operator=(const Area&) = delete;
  char* data() const { return data_; }
  size_t size() const { return bytes_; }
  size_t pages() const;
  std::vector<int> Nodes() const { return NodesOfPages(data_, bytes_); }

 private:
  char* data_;
  size_t bytes_;
};

// The first line of a file, without its end; "" if it cannot be read.
std::string FirstLine(const std::string& path);
// False if the kernel does not take it.
bool WriteLine(const std::string& path, const std::string& line);

// "0-2,5" as the kernel writes sets.
std::vector<int> ParseSet(const std::string& text);
std::string FormatSet(const std::vector<int>& numbers);

}  // namespace tally::guest
