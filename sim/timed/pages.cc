#include "sim/timed/pages.h"

#include <iterator>

#include "sim/timed/machine.h"

namespace tally::timed {

void Pages::Register(const std::byte* data, size_t bytes) {
  regions_[data] = Region{data, bytes, std::vector<NodeId>((bytes + kPageBytes - 1) / kPageBytes)};
}

void Pages::Unregister(const std::byte* data) { regions_.erase(data); }

Region* Pages::Find(const void* pointer) {
  const std::byte* address = static_cast<const std::byte*>(pointer);
  auto after = regions_.upper_bound(address);
  if (after == regions_.begin()) return nullptr;
  Region& region = std::prev(after)->second;
  return address < region.data + region.bytes ? &region : nullptr;
}

void Pages::Prefer(const void* pointer, size_t bytes, NodeId node) {
  Region* region = Find(pointer);
  if (region == nullptr) return;
  region->preferred.resize(region->homes.size());
  const size_t offset = static_cast<size_t>(static_cast<const std::byte*>(pointer) - region->data);
  const size_t first = (offset + kPageBytes - 1) / kPageBytes;
  const size_t last = (offset + bytes + kPageBytes - 1) / kPageBytes;
  for (size_t page = first; page < last && page < region->preferred.size(); ++page) {
    region->preferred[page] = node;
  }
}

NodeId Pages::HomeOf(const void* pointer) {
  const Region* region = Find(pointer);
  if (region == nullptr) return NodeId();
  return region->homes[static_cast<size_t>(static_cast<const std::byte*>(pointer) - region->data) /
                       kPageBytes];
}

}  // namespace tally::timed
