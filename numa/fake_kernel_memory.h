// A kernel for tests: a machine with as many nodes as one likes, that refuses or lies on request.
//
// Its memory is real, so what it does not keep is what it cannot know: who touched a page. A page
// gets its home when somebody first asks for it after it has been touched (mincore(2) knows that),
// by its policy, else `running_on`.
#pragma once

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <span>
#include <vector>

#include "numa/kernel_memory.h"

namespace tally {

class FakeKernelMemory final : public KernelMemory {
 public:
  explicit FakeKernelMemory(const std::vector<int>& nodes);

  // What a test sets, before or between calls. Errors are errno values; 0: as the kernel would.
  NodeMask allowed;     // by the cpuset
  NodeMask full;        // nodes without a free page
  int room_on_33 = -1;  // pages until MovePages() finds node 33 full; -1: any number
  int running_on = 0;   // the node of whoever touches
  int set_policy_error = 0, get_policy_error = 0, query_error = 0, move_error = 0;
  bool set_policy_lies = false;  // answers success and does nothing
  bool query_lies = false;       // answers success and no status
  bool no_memory = false;        // for Map()
  bool before_5_15 = false, before_6_9 = false;
  int no_page_error = ENOENT;  // EFAULT before Linux 6.2

  // As the kernel does it: pages leave the nodes that are no longer allowed, and policies that name
  // none of the others are rewritten.
  void ChangeCpuset(const std::vector<int>& nodes);

  // What a test looks at.
  int maps = 0, unmaps = 0, policies_set = 0, queries = 0, pages_moved = 0;
  uint64_t mapped_bytes = 0, dropped_bytes = 0;  // dropped: MADV_DONTNEED
  bool killed = false;  // a page was touched under kBind, and its nodes were full

  size_t PageBytes() const override;
  void* Map(size_t bytes) override;
  void Unmap(void* at, size_t bytes) override;
  int Advise(void* at, size_t bytes, int advice) override;
  int SetPolicy(void* at, size_t bytes, KernelPolicy policy, const NodeMask& nodes,
                bool move) override;
  int GetPolicy(const void* at, KernelPolicy* policy, NodeMask* nodes) override;
  int AllowedNodes(NodeMask* nodes) override;
  int QueryPages(std::span<void* const> pages, int* status) override;
  int MovePages(std::span<void* const> pages, const int* nodes, int* status) override;

 private:
  struct Policy {
    KernelPolicy mode = KernelPolicy::kDefault;
    NodeMask nodes;
  };
  uintptr_t PageOf(const void* at) const;
  int HomeOf(uintptr_t page);  // a node, or a negative errno
  int Place(const Policy& policy, uintptr_t page);
  int FirstFree(const NodeMask& nodes) const;

  std::mutex mutex_;
  std::map<uintptr_t, Policy> policies_;  // by page
  std::map<uintptr_t, int> homes_;        // by page
};

}  // namespace tally
