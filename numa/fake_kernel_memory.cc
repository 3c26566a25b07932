#include "numa/fake_kernel_memory.h"

#include <sys/mman.h>
#include <unistd.h>

namespace tally {

FakeKernelMemory::FakeKernelMemory(const std::vector<int>& nodes) {
  for (const int node : nodes) allowed.Add(node);
  running_on = nodes.front();
}

void FakeKernelMemory::ChangeCpuset(const std::vector<int>& nodes) {
  const std::lock_guard<std::mutex> lock(mutex_);
  allowed = NodeMask();
  for (const int node : nodes) allowed.Add(node);
  for (auto& [page, policy] : policies_) {
    NodeMask left;
    for (int node = 0; node < NodeMask::kMost; ++node) {
      if (policy.nodes.Has(node) && allowed.Has(node)) left.Add(node);
    }
    if (policy.nodes.empty()) continue;
    policy.nodes = left.empty() ? NodeMask(allowed.first()) : left;
  }
  for (auto& [page, home] : homes_) {
    if (!allowed.Has(home)) home = allowed.first();
  }
}

size_t FakeKernelMemory::PageBytes() const { return static_cast<size_t>(sysconf(_SC_PAGESIZE)); }

uintptr_t FakeKernelMemory::PageOf(const void* at) const {
  return reinterpret_cast<uintptr_t>(at) & ~(PageBytes() - 1);
}

void* FakeKernelMemory::Map(size_t bytes) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (no_memory) return nullptr;
  ++maps;
  mapped_bytes += bytes;
  void* at = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (at == MAP_FAILED) return nullptr;
  madvise(at, bytes, MADV_NOHUGEPAGE);  // touched means this page, not its 511 neighbours
  return at;
}

void FakeKernelMemory::Unmap(void* at, size_t bytes) {
  const std::lock_guard<std::mutex> lock(mutex_);
  ++unmaps;
  mapped_bytes -= bytes;
  const uintptr_t first = PageOf(at);
  policies_.erase(policies_.lower_bound(first), policies_.lower_bound(first + bytes));
  homes_.erase(homes_.lower_bound(first), homes_.lower_bound(first + bytes));
  munmap(at, bytes);
}

int FakeKernelMemory::Advise(void* at, size_t bytes, int advice) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (advice == MADV_DONTNEED) {
    dropped_bytes += bytes;
    const uintptr_t first = PageOf(at);
    homes_.erase(homes_.lower_bound(first), homes_.lower_bound(first + bytes));
  }
  return madvise(at, bytes, advice) == 0 ? 0 : errno;
}

int FakeKernelMemory::SetPolicy(void* at, size_t bytes, KernelPolicy policy, const NodeMask& nodes,
                                bool move) {
  const std::lock_guard<std::mutex> lock(mutex_);
  ++policies_set;
  if (set_policy_error != 0) return set_policy_error;
  if (set_policy_lies) return 0;
  if (reinterpret_cast<uintptr_t>(at) % PageBytes() != 0) return EINVAL;
  if (policy == KernelPolicy::kPreferredMany && before_5_15) return EINVAL;
  if (policy == KernelPolicy::kWeightedInterleave && before_6_9) return EINVAL;
  const bool takes_nodes = policy != KernelPolicy::kDefault && policy != KernelPolicy::kLocal;
  if (takes_nodes == nodes.empty()) return EINVAL;
  // Silently narrowed to what the cpuset allows, as the kernel does.
  NodeMask narrowed;
  for (int node = 0; node < NodeMask::kMost; ++node) {
    if (nodes.Has(node) && allowed.Has(node)) narrowed.Add(node);
  }
  if (takes_nodes && narrowed.empty()) return EINVAL;
  const uintptr_t first = PageOf(at);
  for (uintptr_t page = first; page < first + bytes; page += PageBytes()) {
    const bool there = HomeOf(page) >= 0;  // what is there keeps its home, unless moved
    policies_[page] = {policy, narrowed};
    if (there && move) homes_[page] = Place(policies_[page], page);
  }
  return 0;
}

int FakeKernelMemory::GetPolicy(const void* at, KernelPolicy* policy, NodeMask* nodes) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (get_policy_error != 0) return get_policy_error;
  const auto found = policies_.find(PageOf(at));
  *policy = found == policies_.end() ? KernelPolicy::kDefault : found->second.mode;
  *nodes = found == policies_.end() ? NodeMask() : found->second.nodes;
  return 0;
}

int FakeKernelMemory::AllowedNodes(NodeMask* nodes) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (get_policy_error != 0) return get_policy_error;
  *nodes = allowed;
  return 0;
}

int FakeKernelMemory::QueryPages(std::span<void* const> pages, int* status) {
  const std::lock_guard<std::mutex> lock(mutex_);
  ++queries;
  if (query_error != 0) return query_error;
  if (query_lies) return 0;
  for (size_t i = 0; i < pages.size(); ++i) status[i] = HomeOf(PageOf(pages[i]));
  return 0;
}

int FakeKernelMemory::MovePages(std::span<void* const> pages, const int* nodes, int* status) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (move_error != 0) return move_error;
  for (size_t i = 0; i < pages.size(); ++i) {
    if (!allowed.Has(nodes[i])) return EACCES;
  }
  for (size_t i = 0; i < pages.size(); ++i) {
    const uintptr_t page = PageOf(pages[i]);
    if (HomeOf(page) < 0) continue;
    // Those before it have moved.
    if (full.Has(nodes[i]) || (nodes[i] == 33 && room_on_33-- == 0)) return ENOMEM;
    homes_[page] = nodes[i];
    ++pages_moved;
  }
  for (size_t i = 0; i < pages.size(); ++i) status[i] = HomeOf(PageOf(pages[i]));
  return 0;
}

int FakeKernelMemory::HomeOf(uintptr_t page) {
  unsigned char resident = 0;
  if (mincore(reinterpret_cast<void*>(page), 1, &resident) != 0) return -EFAULT;
  if ((resident & 1) == 0) return -no_page_error;
  const auto known = homes_.find(page);
  if (known != homes_.end()) return known->second;
  const auto policy = policies_.find(page);
  const int home = Place(policy == policies_.end() ? Policy{} : policy->second, page);
  homes_[page] = home;
  return home;
}

int FakeKernelMemory::Place(const Policy& policy, uintptr_t page) {
  NodeMask wanted;
  switch (policy.mode) {
    case KernelPolicy::kDefault:
    case KernelPolicy::kLocal:
      wanted.Add(running_on);
      break;
    case KernelPolicy::kPreferred:
      wanted.Add(policy.nodes.first());
      break;
    case KernelPolicy::kInterleave:
    case KernelPolicy::kWeightedInterleave: {
      int turn =
          static_cast<int>(page / PageBytes() % static_cast<uintptr_t>(policy.nodes.count()));
      for (int node = 0; node < NodeMask::kMost; ++node) {
        if (policy.nodes.Has(node) && turn-- == 0) wanted.Add(node);
      }
      break;
    }
    case KernelPolicy::kBind:
    case KernelPolicy::kPreferredMany:
      wanted = policy.nodes;
      break;
  }
  if (const int node = FirstFree(wanted); node >= 0) return node;
  if (policy.mode == KernelPolicy::kBind) killed = true;
  return FirstFree(allowed);
}

int FakeKernelMemory::FirstFree(const NodeMask& nodes) const {
  for (int node = 0; node < NodeMask::kMost; ++node) {
    if (nodes.Has(node) && allowed.Has(node) && !full.Has(node)) return node;
  }
  return -1;
}

}  // namespace tally
