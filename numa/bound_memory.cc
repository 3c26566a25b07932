#include "numa/bound_memory.h"

#include <cstddef>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "numa/check.h"
#include "numa/say_once.h"

namespace tally {
namespace {

// Nothing if the kernel does not say: then it places no memory either.
std::optional<NodeMask> NodesNow(KernelMemory& kernel) {
  NodeMask nodes;
  if (kernel.AllowedNodes(&nodes) != 0) return std::nullopt;
  return nodes;
}

}  // namespace

struct BoundMemory::Entry {
  Entry(const Topology& its_topology, void* its_memory, size_t its_bytes, KernelMemory& its_kernel)
      : topology(its_topology),
        kernel(its_kernel),
        at(its_memory),
        bytes(its_bytes),
        can_change(topology.is_this_machine() && topology.nodes().size() > 1 &&
                   bytes >= kernel.PageBytes()) {}

  const Topology& topology;
  KernelMemory& kernel;
  void* const at;
  const size_t bytes;
  const bool can_change;  // else it is not on the list: there is nothing to choose

  std::mutex mutex;  // held while the kernel is asked; taken before the list's
  bool gone = false;
  MemoryRequest asked{MemoryMode::kFirstTouch, {}};
  std::optional<NodeMask> bound_under;  // the nodes that were allowed then

  // The list's.
  size_t place = 0;
  std::string lost_why;  // why it could not be bound again; empty: it could
};

class BoundMemoryList {
 public:
  using Entry = BoundMemory::Entry;

  // Never destroyed: memory may outlive main().
  static BoundMemoryList& Get() {
    static BoundMemoryList* const list = new BoundMemoryList;
    return *list;
  }

  void Add(std::shared_ptr<Entry> entry) {
    const std::lock_guard<std::mutex> lock(mutex_);
    entry->place = entries_.size();
    entries_.push_back(std::move(entry));
  }
  void Remove(const Entry& entry) {
    const std::lock_guard<std::mutex> lock(mutex_);
    const size_t place = entry.place;
    TALLY_CHECK(entries_[place].get() == &entry, "bound memory is on the list until its release");
    std::swap(entries_[place], entries_.back());
    entries_[place]->place = place;
    entries_.pop_back();
  }
  // The owner has asked for something: what was lost has been found, or not.
  void Asked(Entry& entry, const MemoryBinding& binding) {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (!entry.lost_why.empty()) entry.lost_why = binding.why;
  }

  void Revalidate() {
    std::vector<std::shared_ptr<Entry>> entries;
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      entries = entries_;
    }
    const KernelMemory* asked = nullptr;  // they all have the same one, but in tests
    std::optional<NodeMask> nodes;
    bool looked = false;
    for (const std::shared_ptr<Entry>& entry : entries) {
      if (std::exchange(asked, &entry->kernel) != &entry->kernel) nodes = NodesNow(entry->kernel);
      if (nodes.has_value()) looked |= Revalidate(*entry, *nodes);
    }
    if (!looked) return;
    if (const std::string lost = Describe(); !lost.empty()) SayOnce(lost);
  }

  std::string Describe() {
    const std::lock_guard<std::mutex> lock(mutex_);
    size_t lost = 0;
    const std::string* first = nullptr;
    for (const std::shared_ptr<Entry>& entry : entries_) {
      if (entry->lost_why.empty()) continue;
      ++lost;
      // The first by its words: the list has no order.
      if (first == nullptr || entry->lost_why < *first) first = &entry->lost_why;
    }
    if (first == nullptr) return "";
    return absl::StrCat("Since this process's memory nodes have changed, ", lost,
                        lost == 1 ? " memory binding is" : " memory bindings are", " not as asked",
                        lost == 1 ? ": " : ", one of them because ", *first, ".");
  }

  uint64_t bound_again() {
    const std::lock_guard<std::mutex> lock(mutex_);
    return bound_again_;
  }

 private:
  // Whether there was something to look at.
  bool Revalidate(Entry& entry, const NodeMask& nodes) {
    const std::lock_guard<std::mutex> asking(entry.mutex);
    if (entry.gone || entry.bound_under == nodes) return false;
    entry.bound_under = nodes;
    MemoryBinding now =
        CheckMemory(entry.topology, entry.at, entry.bytes, entry.asked, entry.kernel);
    const bool again = !now.granted;
    if (again) now = BindMemory(entry.topology, entry.at, entry.bytes, entry.asked, entry.kernel);
    const std::lock_guard<std::mutex> lock(mutex_);
    entry.lost_why = std::move(now.why);
    if (again) ++bound_again_;
    return true;
  }

  std::mutex mutex_;
  std::vector<std::shared_ptr<Entry>> entries_;
  uint64_t bound_again_ = 0;
};

BoundMemory::BoundMemory(const Topology& topology, void* at, size_t bytes, KernelMemory& kernel)
    : entry_(std::make_shared<Entry>(topology, at, bytes, kernel)) {
  if (entry_->can_change) BoundMemoryList::Get().Add(entry_);
}

BoundMemory& BoundMemory::operator=(BoundMemory&& other) noexcept {
  if (this == &other) return *this;
  Release();
  entry_ = std::move(other.entry_);
  return *this;
}

void BoundMemory::Release() {
  if (entry_ == nullptr) return;
  if (entry_->can_change) BoundMemoryList::Get().Remove(*entry_);
  {
    const std::lock_guard<std::mutex> lock(entry_->mutex);
    entry_->gone = true;
  }
  entry_.reset();
}

MemoryBinding BoundMemory::Bind(MemoryRequest request) {
  const std::lock_guard<std::mutex> lock(entry_->mutex);
  entry_->asked = std::move(request);
  // Before the question: what changes in between is seen by the next look.
  if (entry_->can_change) entry_->bound_under = NodesNow(entry_->kernel);
  MemoryBinding binding =
      BindMemory(entry_->topology, entry_->at, entry_->bytes, entry_->asked, entry_->kernel);
  BoundMemoryList::Get().Asked(*entry_, binding);
  return binding;
}

MemoryBinding BoundMemory::Migrate(NodeId node) {
  const std::lock_guard<std::mutex> lock(entry_->mutex);
  if (entry_->can_change) entry_->bound_under = NodesNow(entry_->kernel);
  MemoryBinding binding =
      MigrateMemory(entry_->topology, entry_->at, entry_->bytes, node, entry_->kernel);
  entry_->asked = binding.asked;
  BoundMemoryList::Get().Asked(*entry_, binding);
  return binding;
}

MemoryBinding BoundMemory::Check() {
  const std::lock_guard<std::mutex> lock(entry_->mutex);
  return CheckMemory(entry_->topology, entry_->at, entry_->bytes, entry_->asked, entry_->kernel);
}

void RevalidateBoundMemory() { BoundMemoryList::Get().Revalidate(); }

std::string DescribeLostMemory() { return BoundMemoryList::Get().Describe(); }

uint64_t TimesMemoryWasBoundAgain() { return BoundMemoryList::Get().bound_again(); }

}  // namespace tally
