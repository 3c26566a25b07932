// How an array is shared out over the nodes of a machine.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "numa/ids.h"

namespace tally {

// Elements [first, last) and the node where they live.
struct Stretch {
  size_t first = 0, last = 0;
  NodeId node;
  friend bool operator==(const Stretch&, const Stretch&) = default;
};

// Elements whose number of bytes is a whole number of pages: no stretch shares a page with another.
size_t ElementsPerPages(size_t element_bytes, size_t page_bytes);

// Stretches that cover [0, count) in order, none empty, each beginning where a page does if the
// array does. Only nodes with workers get any (node 0, if there are no workers at all).
// `block` == 0: one stretch per node, as long as its part of the workers.
// `block` > 0: stretches of that many elements (rounded up to whole pages), dealt out in turn.
std::vector<Stretch> PartitionOverNodes(size_t count, size_t element_bytes, size_t page_bytes,
                                        const std::vector<uint32_t>& workers_by_node, size_t block);

}  // namespace tally
