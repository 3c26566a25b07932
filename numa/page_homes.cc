#include "numa/page_homes.h"

#include <algorithm>
#include <cerrno>
#include <numeric>
#include <span>
#include <system_error>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"

namespace tally {
namespace {

constexpr size_t kBatch = 512;
constexpr int kNotAsked = -4096;  // no errno

// No page yet: -ENOENT, and before Linux 6.2 -EFAULT (which is also a hole in the address space).
bool Absent(int status) { return status == -ENOENT || status == -EFAULT; }

void Count(const Topology& topology, std::span<const int> statuses, Residence& residence) {
  for (const int status : statuses) {
    if (status >= 0) {
      const NodeId node = topology.NodeByOsIndex(status);
      ++(node.valid() ? residence.on_node[node.index()] : residence.elsewhere);
    } else if (Absent(status)) {
      ++residence.absent;
    } else {
      ++residence.unknown;
      residence.why = absl::StrCat("the kernel does not say where pages are: ",
                                   std::generic_category().message(-status));
    }
  }
}

}  // namespace

uint64_t Residence::present() const {
  return std::accumulate(on_node.begin(), on_node.end(), elsewhere);
}

Residence ResidenceOf(const Topology& topology, const void* at, size_t bytes,
                      KernelMemory& kernel) {
  Residence residence;
  residence.on_node.resize(topology.nodes().size());
  if (bytes == 0) return residence;
  const size_t page_bytes = kernel.PageBytes();
  const uintptr_t first = reinterpret_cast<uintptr_t>(at) & ~(page_bytes - 1);
  const size_t pages =
      (reinterpret_cast<uintptr_t>(at) + bytes - first + page_bytes - 1) / page_bytes;
  if (!topology.is_this_machine()) {
    residence.unknown = pages;
    residence.why = "not this machine's topology";
    return residence;
  }
  std::array<void*, kBatch> asked;
  std::array<int, kBatch> status;
  for (size_t done = 0; done < pages;) {
    const size_t count = std::min(kBatch, pages - done);
    for (size_t i = 0; i < count; ++i) {
      asked[i] = reinterpret_cast<void*>(first + (done + i) * page_bytes);
    }
    // On failure the kernel leaves it as it was.
    std::fill_n(status.begin(), count, kNotAsked);
    const int error = kernel.QueryPages({asked.data(), count}, status.data());
    if (error != 0) std::fill_n(status.begin(), count, -error);
    // A kernel that answers success must have answered; else it is a lie like any other.
    std::replace(status.begin(), status.begin() + count, kNotAsked, -EIO);
    Count(topology, {status.data(), count}, residence);
    done += count;
  }
  return residence;
}

NodeId HomeCache::HomeOf(const void* pointer) {
  if (!topology_.is_this_machine()) return NodeId();
  const uint64_t page = reinterpret_cast<uintptr_t>(pointer) / kernel_.PageBytes();
  // relaxed, all: a word is whole in itself, and Forget() promises nothing to who asks meanwhile.
  const uint64_t generation = generation_.load(std::memory_order_relaxed) % kGenerations;
  std::atomic<uint64_t>& entry = entries_[page * 0x9E3779B97F4A7C15 >> 54];
  const uint64_t key = page << (kNodeBits + kGenerationBits) | generation;
  const uint64_t known = entry.load(std::memory_order_relaxed);
  constexpr uint64_t kNodeMask = ((uint64_t{1} << kNodeBits) - 1) << kGenerationBits;
  if (known != 0 && (known & ~kNodeMask) == key) {
    return NodeId(static_cast<int32_t>((known & kNodeMask) >> kGenerationBits));
  }
  void* at = const_cast<void*>(pointer);
  int status = kNotAsked;
  if (kernel_.QueryPages({&at, 1}, &status) != 0 || status < 0) return NodeId();
  const NodeId node = topology_.NodeByOsIndex(status);
  if (node.valid()) {
    entry.store(key | static_cast<uint64_t>(node.index()) << kGenerationBits,
                std::memory_order_relaxed);
  }
  return node;
}

void HomeCache::Forget() {
  // relaxed: as above. Before a generation comes round again, what was learnt in it goes.
  const uint64_t next = generation_.fetch_add(1, std::memory_order_relaxed) + 1;
  if (next % kGenerations != 0) return;
  for (std::atomic<uint64_t>& entry : entries_) entry.store(0, std::memory_order_relaxed);
}

namespace {
std::atomic<HomeCache*> homes_of_this_machine{nullptr};
}  // namespace

HomeCache& HomesOfThisMachine() {
  static HomeCache* const homes = [] {
    absl::StatusOr<Topology> live = Topology::FromSpec("live");
    auto* const made = new HomeCache(*new Topology(live.ok() ? *std::move(live) : Topology()));
    // release: pairs with the acquire in ForgetHomesOfThisMachine().
    homes_of_this_machine.store(made, std::memory_order_release);
    return made;
  }();
  return *homes;
}

void ForgetHomesOfThisMachine() {
  // acquire: pairs with the release in HomesOfThisMachine().
  HomeCache* const homes = homes_of_this_machine.load(std::memory_order_acquire);
  if (homes != nullptr) homes->Forget();
}

}  // namespace tally
