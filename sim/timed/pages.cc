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

}  // namespace tally::timed
