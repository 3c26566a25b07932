#include "numa/memory_resource.h"

#include <new>

namespace tally {

void* NodeMemoryResource::do_allocate(size_t bytes, size_t alignment) {
  void* const at = SlabPool::SizeClassOf(bytes, alignment) >= 0
                       ? pool_.Allocate(node_, bytes, alignment)
                       : pool_.MapLarge(node_, bytes, alignment);
  if (at == nullptr) throw std::bad_alloc();
  return at;
}

void NodeMemoryResource::do_deallocate(void* at, size_t bytes, size_t alignment) {
  if (SlabPool::SizeClassOf(bytes, alignment) >= 0) {
    pool_.Free(at);
  } else {
    pool_.UnmapLarge(at, bytes);
  }
}

bool NodeMemoryResource::do_is_equal(const std::pmr::memory_resource& other) const noexcept {
  const auto* that = dynamic_cast<const NodeMemoryResource*>(&other);
  return that != nullptr && &that->pool_ == &pool_;
}

}  // namespace tally
