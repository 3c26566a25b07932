// The memory side of the kernel, as an argument: what mmap, mbind, get_mempolicy and move_pages do,
// so that a test runs on a machine with several nodes, and with a kernel that refuses or lies.
//
// Node numbers here are the kernel's own (Node::os_index). Errors are errno values, 0 is success;
// neither says what happened to the pages: ask QueryPages() afterwards.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace tally {

// A set of the kernel's nodes, as large as any kernel for x86 or ARM is built for.
class NodeMask {
 public:
  static constexpr int kMost = 1024;
  NodeMask() = default;
  explicit NodeMask(int node) { Add(node); }

  // Numbers outside of 0 .. kMost-1 are not kept.
  void Add(int node);
  void Remove(int node);
  bool Has(int node) const;
  bool empty() const { return *this == NodeMask(); }
  int count() const;
  // The smallest number in the set; -1 if empty.
  int first() const;
  friend bool operator==(const NodeMask&, const NodeMask&) = default;

  // For the syscalls. The kernel counts bits from 1 and drops the last: with maxnode == kMost it
  // would not see node kMost-1.
  unsigned long* words() { return words_.data(); }
  const unsigned long* words() const { return words_.data(); }
  static constexpr unsigned long kMaxNode = kMost + 1;

 private:
  static constexpr int kBits = 8 * sizeof(unsigned long);
  std::array<unsigned long, kMost / kBits> words_{};
};

// The kernel's numbers (linux/mempolicy.h; Debian 12's copy lacks the last one).
enum class KernelPolicy : int {
  kDefault = 0,
  kPreferred = 1,
  kBind = 2,
  kInterleave = 3,
  kLocal = 4,
  kPreferredMany = 5,       // since Linux 5.15
  kWeightedInterleave = 6,  // since Linux 6.9
};

class KernelMemory {
 public:
  virtual ~KernelMemory() = default;

  virtual size_t PageBytes() const = 0;
  // Zeroed, private, untouched pages; nullptr if there is no more memory.
  virtual void* Map(size_t bytes) = 0;
  virtual void Unmap(void* at, size_t bytes) = 0;
  // madvise(2).
  virtual int Advise(void* at, size_t bytes, int advice) = 0;
  // mbind(2). `move`: also pages that are there already, as far as the kernel gets.
  virtual int SetPolicy(void* at, size_t bytes, KernelPolicy policy, const NodeMask& nodes,
                        bool move) = 0;
  // get_mempolicy(2) of the mapping that holds `at`; mode flags are cut off.
  virtual int GetPolicy(const void* at, KernelPolicy* policy, NodeMask* nodes) = 0;
  // The nodes that this process may take memory from now, by its cpuset.
  virtual int AllowedNodes(NodeMask* nodes) = 0;
  // move_pages(2) without targets: into each status the page's node, or a negative errno (-ENOENT,
  // before Linux 6.2 -EFAULT: there is no page yet). If the call fails, `status` is left as it was.
  virtual int QueryPages(std::span<void* const> pages, int* status) = 0;
  // move_pages(2). After a failure some pages may have moved, and `status` says nothing.
  virtual int MovePages(std::span<void* const> pages, const int* nodes, int* status) = 0;
};

// This machine's.
KernelMemory& RealKernelMemory();

}  // namespace tally
