// Containers on a given node: a std::pmr::memory_resource over the slab pool.
//
//   tally::SlabPool pool(topology);
//   tally::NodeMemoryResource on_node_1(pool, NodeId(1));
//   std::pmr::vector<int> v(&on_node_1);
#pragma once

#include <cstddef>
#include <memory_resource>

#include "numa/ids.h"
#include "numa/slab_pool.h"

namespace tally {

// Thread-safe. Up to SlabPool::kMostBytes from the pool's slabs; more, from mappings of their own,
// preferred on the node too. Throws std::bad_alloc when there is no memory, as containers expect.
class NodeMemoryResource final : public std::pmr::memory_resource {
 public:
  // `node`: -1 for memory from anywhere. The pool outlives the resource.
  NodeMemoryResource(SlabPool& pool, NodeId node) : pool_(pool), node_(node) {}

  NodeId node() const { return node_; }

 private:
  void* do_allocate(size_t bytes, size_t alignment) override;
  void do_deallocate(void* at, size_t bytes, size_t alignment) override;
  // What one resource of a pool allocates any other may free: cells know where they belong.
  bool do_is_equal(const std::pmr::memory_resource& other) const noexcept override;

  SlabPool& pool_;
  const NodeId node_;
};

}  // namespace tally
