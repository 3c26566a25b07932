#include "benchmarks/harness/on_tally.h"
#include "benchmarks/uts/uts.h"
#include "scheduler/scheduler.h"

namespace tally::benchmarks::uts {
namespace {

void Search(Node& node, int depth) {
  const int count = CountChildren(node, depth);
  std::array<Node, kChildrenMax> children;
  for (int i = 0; i < count; ++i) MakeChild(node, i, children[i]);
  if (count > 0) ForkEach(0, count, [&children, depth](int i) { Search(children[i], depth); });
  node.nodes = CountNodes(children, count);
}

}  // namespace

Measured Ours(const Setting& setting) {
  const Size size = SizeOf(setting);
  return OnTally(static_cast<double>(size.answer), setting, [&size](Scheduler&) {
    Node root = Root();
    Search(root, size.depth);
    return root.nodes == size.answer;
  });
}

}  // namespace tally::benchmarks::uts
