#include "benchmarks/harness/on_tally.h"
#include "benchmarks/uts/uts.h"
#include "scheduler/scheduler.h"

namespace tally::benchmarks::uts {
namespace {

void Search(Scheduler& scheduler, Node& node, int depth) {
  const int count = CountChildren(node, depth);
  std::array<Node, kChildrenMax> children;
  if (count > 0) {
    TaskGroup group(scheduler);
    for (int i = 0; i < count; ++i) {
      MakeChild(node, i, children[i]);
      if (i == count - 1) break;
      group.Spawn([&scheduler, &child = children[i], depth] { Search(scheduler, child, depth); });
    }
    Search(scheduler, children[count - 1], depth);
    group.Wait();
  }
  node.nodes = CountNodes(children, count);
}

}  // namespace

Measured Ours(const Setting& setting) {
  const Size size = SizeOf(setting);
  return OnTally(static_cast<double>(size.answer), setting, [&size](Scheduler& scheduler) {
    Node root = Root();
    Search(scheduler, root, size.depth);
    return root.nodes == size.answer;
  });
}

}  // namespace tally::benchmarks::uts
