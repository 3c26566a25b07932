// Where every page lies.

#include <cerrno>
#include <cstring>
#include <string>
#include <thread>
#include <vector>

#include "numa/binding.h"
#include "numa/ids.h"
#include "numa/topology.h"
#include "tests/guest/kernel_view.h"
#include "tests/guest/probe.h"
#include "tests/guest/verdict.h"

namespace tally::guest {
namespace {

constexpr size_t kAreaBytes = 1 << 20;

// The kernel's number of a node of Tally's; -1 for none.
int KernelNumber(const Topology& topology, NodeId node) {
  return node.valid() ? topology.nodes()[node.index()].os_index : -1;
}

// A thread that Tally binds to `cpu` touches pages first.
void TouchFrom(const Topology& topology, CpuId cpu, Verdict& verdict) {
  const Binding binding = BindThisThread(topology, cpu);
  const Pu& pu = topology.pus()[cpu.index()];
  const std::string where = "touched from CPU " + std::to_string(pu.os_index);
  verdict.Claim(binding.granted, where + ": " + binding.why);
  const Area area(kAreaBytes);
  verdict.Claim(!HomeOf(topology, area.data()).valid(), where + ": home of an untouched page");
  std::memset(area.data(), 1, area.size());
  const std::vector<int> nodes = area.Nodes();
  for (const int node : nodes) {
    // Without a node of its own the CPU gets memory from wherever there is some.
    verdict.Page(pu.node.valid() ? node == KernelNumber(topology, pu.node) : MayUseMemoryOf(node),
                 where + ": a page on node " + std::to_string(node));
  }
  for (size_t page = 0; page < nodes.size(); page += 16) {
    const NodeId home = HomeOf(topology, area.data() + page * 4096 + 100);
    verdict.Claim(KernelNumber(topology, home) == nodes[page],
                  where + ": HomeOf() says node " + std::to_string(KernelNumber(topology, home)) +
                      ", the kernel " + std::to_string(nodes[page]));
  }
}

}  // namespace

int ProbeFirstTouch(const Arguments&) {
  Verdict verdict;
  const absl::StatusOr<Topology> topology = Topology::FromSpec("live");
  verdict.Claim(topology.ok(), topology.status().ToString());
  if (!topology.ok()) return verdict.Finish();
  for (size_t cpu = 0; cpu < topology->pus().size(); ++cpu) {
    std::thread([&] { TouchFrom(*topology, CpuId(static_cast<int32_t>(cpu)), verdict); }).join();
  }
  return verdict.Finish();
}

int ProbeHomesRefused(const Arguments&) {
  Verdict verdict;
  const absl::StatusOr<Topology> topology = Topology::FromSpec("live");
  verdict.Claim(topology.ok(), topology.status().ToString());
  if (!topology.ok()) return verdict.Finish();
  const Area area(kAreaBytes);
  std::memset(area.data(), 1, area.size());
  verdict.Claim(area.Nodes().front() == -EPERM, "the kernel refuses to say");
  verdict.Claim(!HomeOf(*topology, area.data()).valid(), "HomeOf() does not guess");
  return verdict.Finish();
}

}  // namespace tally::guest
