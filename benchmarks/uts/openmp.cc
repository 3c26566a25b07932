#include "benchmarks/harness/on_openmp.h"
#include "benchmarks/uts/uts.h"

namespace tally::benchmarks::uts {
namespace {

void Search(Node& node, int depth) {
  const int count = CountChildren(node, depth);
  std::array<Node, kChildrenMax> children;
  if (count > 0) {
    for (int i = 0; i < count; ++i) {
      MakeChild(node, i, children[i]);
      if (i == count - 1) break;
#pragma omp task shared(children) firstprivate(i, depth)
      Search(children[i], depth);
    }
    Search(children[count - 1], depth);
#pragma omp taskwait
  }
  node.nodes = CountNodes(children, count);
}

}  // namespace

Measured OpenMp(const Setting& setting) {
  const Size size = SizeOf(setting);
  return OnOpenMp(static_cast<double>(size.answer), setting, [&size] {
    Node root = Root();
    Search(root, size.depth);
    return root.nodes == size.answer;
  });
}

}  // namespace tally::benchmarks::uts
