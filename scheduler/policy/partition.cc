#include "scheduler/policy/partition.h"

#include <algorithm>
#include <numeric>

namespace tally {
namespace {

void Add(std::vector<Stretch>& stretches, size_t last, size_t count, NodeId node) {
  const size_t first = stretches.empty() ? 0 : stretches.back().last;
  if (first < std::min(last, count)) stretches.push_back({first, std::min(last, count), node});
}

}  // namespace

size_t ElementsPerPages(size_t element_bytes, size_t page_bytes) {
  return page_bytes / std::gcd(element_bytes, page_bytes);
}

std::vector<Stretch> PartitionOverNodes(size_t count, size_t element_bytes, size_t page_bytes,
                                        const std::vector<uint32_t>& workers_by_node,
                                        size_t block) {
  std::vector<NodeId> nodes;
  uint64_t workers = 0;
  for (size_t n = 0; n < workers_by_node.size(); ++n) {
    if (workers_by_node[n] > 0) nodes.push_back(NodeId(static_cast<int32_t>(n)));
    workers += workers_by_node[n];
  }
  if (nodes.empty()) nodes.push_back(NodeId(0));
  const size_t step = ElementsPerPages(element_bytes, page_bytes);

  std::vector<Stretch> stretches;
  if (block > 0) {
    const size_t rounded = (block + step - 1) / step * step;
    size_t turn = 0;
    for (size_t first = 0; first < count; first += rounded) {
      Add(stretches, first + rounded, count, nodes[turn++ % nodes.size()]);
    }
    return stretches;
  }
  uint64_t before = 0;
  for (const NodeId node : nodes) {
    if (node == nodes.back()) break;
    before += workers_by_node[node.index()];
    const auto share =
        static_cast<size_t>(static_cast<unsigned __int128>(count) * before / workers);
    Add(stretches, (share + step / 2) / step * step, count, node);
  }
  Add(stretches, count, count, nodes.back());
  return stretches;
}

}  // namespace tally
