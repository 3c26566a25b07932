#include "benchmarks/harness/on_tbb.h"
#include "benchmarks/uts/uts.h"
#include "tbb/task_group.h"

namespace tally::benchmarks::uts {
namespace {

void Search(Node& node, int depth) {
  const int count = CountChildren(node, depth);
  std::array<Node, kChildrenMax> children;
  if (count > 0) {
    tbb::task_group group;
    for (int i = 0; i < count; ++i) {
      MakeChild(node, i, children[i]);
      if (i == count - 1) break;
      group.run([&child = children[i], depth] { Search(child, depth); });
    }
    Search(children[count - 1], depth);
    group.wait();
  }
  node.nodes = CountNodes(children, count);
}

}  // namespace

Measured Tbb(const Setting& setting) {
  const Size size = SizeOf(setting);
  return OnTbb(static_cast<double>(size.answer), setting, [&size] {
    Node root = Root();
    Search(root, size.depth);
    return root.nodes == size.answer;
  });
}

}  // namespace tally::benchmarks::uts
