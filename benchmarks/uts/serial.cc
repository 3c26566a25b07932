#include "benchmarks/harness/stopwatch.h"
#include "benchmarks/uts/uts.h"

namespace tally::benchmarks::uts {
namespace {

void Search(Node& node, int depth) {
  const int count = CountChildren(node, depth);
  std::array<Node, kChildrenMax> children;
  for (int i = 0; i < count; ++i) {
    MakeChild(node, i, children[i]);
    Search(children[i], depth);
  }
  node.nodes = CountNodes(children, count);
}

}  // namespace

Measured Serial(const Setting& setting) {
  const Size size = SizeOf(setting);
  return MedianNanosPer(static_cast<double>(size.answer), setting, [&size] {
    Node root = Root();
    Search(root, size.depth);
    return root.nodes == size.answer;
  });
}

}  // namespace tally::benchmarks::uts
