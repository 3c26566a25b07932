#include "numa/kernel_memory.h"

#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <bit>
#include <cerrno>

namespace tally {
namespace {

constexpr unsigned kMoveExisting = 1 << 1;      // MPOL_MF_MOVE
constexpr unsigned long kOfAddress = 1 << 1;    // MPOL_F_ADDR
constexpr unsigned long kMemsAllowed = 1 << 2;  // MPOL_F_MEMS_ALLOWED
constexpr int kModeBits = (1 << 13) - 1;        // above them are MPOL_MODE_FLAGS

int ErrorOf(long result) { return result == 0 ? 0 : errno; }

class Real final : public KernelMemory {
 public:
  size_t PageBytes() const override { return page_bytes_; }

  void* Map(size_t bytes) override {
    void* at = mmap(nullptr, bytes, PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    return at == MAP_FAILED ? nullptr : at;
  }
  void Unmap(void* at, size_t bytes) override { munmap(at, bytes); }
  int Advise(void* at, size_t bytes, int advice) override {
    return ErrorOf(madvise(at, bytes, advice));
  }

  int SetPolicy(void* at, size_t bytes, KernelPolicy policy, const NodeMask& nodes,
                bool move) override {
    // A policy that names no nodes must not come with a mask.
    const bool named = !nodes.empty();
    return ErrorOf(syscall(SYS_mbind, at, bytes, static_cast<int>(policy),
                           named ? nodes.words() : nullptr, named ? NodeMask::kMaxNode : 0UL,
                           move ? kMoveExisting : 0U));
  }
  int GetPolicy(const void* at, KernelPolicy* policy, NodeMask* nodes) override {
    int mode = 0;
    *nodes = NodeMask();
    // Bits, not bytes: a larger number lets the kernel write beyond the mask.
    const int error = ErrorOf(
        syscall(SYS_get_mempolicy, &mode, nodes->words(), NodeMask::kMaxNode, at, kOfAddress));
    *policy = static_cast<KernelPolicy>(mode & kModeBits);
    return error;
  }
  int AllowedNodes(NodeMask* nodes) override {
    *nodes = NodeMask();
    return ErrorOf(syscall(SYS_get_mempolicy, nullptr, nodes->words(), NodeMask::kMaxNode, nullptr,
                           kMemsAllowed));
  }

  int QueryPages(std::span<void* const> pages, int* status) override {
    return Pages(pages, nullptr, status);
  }
  int MovePages(std::span<void* const> pages, const int* nodes, int* status) override {
    return Pages(pages, nodes, status);
  }

 private:
  static int Pages(std::span<void* const> pages, const int* nodes, int* status) {
    if (pages.empty()) return 0;
    const long result = syscall(SYS_move_pages, 0, pages.size(), pages.data(), nodes, status,
                                nodes == nullptr ? 0U : kMoveExisting);
    // Positive: that many pages were not moved; their status says why.
    return result >= 0 ? 0 : errno;
  }

  const size_t page_bytes_ = static_cast<size_t>(sysconf(_SC_PAGESIZE));
};

}  // namespace

void NodeMask::Add(int node) {
  if (node < 0 || node >= kMost) return;
  words_[static_cast<size_t>(node / kBits)] |= 1UL << (node % kBits);
}

void NodeMask::Remove(int node) {
  if (Has(node)) words_[static_cast<size_t>(node / kBits)] &= ~(1UL << (node % kBits));
}

bool NodeMask::Has(int node) const {
  return node >= 0 && node < kMost &&
         (words_[static_cast<size_t>(node / kBits)] >> (node % kBits) & 1) != 0;
}

int NodeMask::count() const {
  int count = 0;
  for (const unsigned long word : words_) count += std::popcount(word);
  return count;
}

int NodeMask::first() const {
  for (int node = 0; node < kMost; ++node) {
    if (Has(node)) return node;
  }
  return -1;
}

KernelMemory& RealKernelMemory() {
  static Real* const real = new Real;
  return *real;
}

}  // namespace tally
