#include "numa/memory_policy.h"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <utility>

#include "absl/strings/str_cat.h"
#include "numa/check.h"
#include "numa/policy_request.h"

namespace tally {

using internal::ErrorText;
using internal::Forbidden;
using internal::ListText;
using internal::MaskOf;
using internal::Pages;

namespace {

// What the kernel says the policy is, against what was asked.
std::string ComparePolicy(const Topology& topology, const Pages& pages, MemoryBinding& binding,
                          KernelMemory& kernel) {
  KernelPolicy policy{};
  NodeMask mask;
  if (const int error = kernel.GetPolicy(pages.at(), &policy, &mask); error != 0) {
    return absl::StrCat("the kernel does not say what it granted: ", ErrorText(error));
  }
  binding.granted_mode = internal::ModeOf(policy, mask);
  for (size_t n = 0; n < topology.nodes().size(); ++n) {
    if (mask.Has(topology.nodes()[n].os_index)) {
      binding.granted_nodes.push_back(NodeId(static_cast<int32_t>(n)));
    }
  }
  if (binding.granted_mode != binding.asked.mode) {
    const std::string_view mode = MemoryModeName(binding.granted_mode);
    return absl::StrCat("the kernel says ", absl::string_view(mode.data(), mode.size()));
  }
  if (mask == MaskOf(topology, binding.asked.nodes)) return "";
  const std::vector<NodeId> forbidden = Forbidden(topology, binding.asked.nodes, kernel);
  return absl::StrCat(forbidden.empty() ? ""
                                        : absl::StrCat("the cpuset of this process does not allow ",
                                                       ListText(topology, forbidden), ": "),
                      "the kernel granted ",
                      binding.granted_nodes.empty() ? "no node of this topology"
                                                    : ListText(topology, binding.granted_nodes));
}

// Where the pages are, against what was asked.
std::string ComparePages(const Topology& topology, const Pages& pages, MemoryBinding& binding,
                         KernelMemory& kernel) {
  const Residence residence = ResidenceOf(topology, pages.at(), pages.bytes(), kernel);
  const MemoryRequest& asked = binding.asked;
  for (size_t n = 0; n < residence.on_node.size(); ++n) {
    const bool right = asked.mode == MemoryMode::kFirstTouch ||
                       std::find(asked.nodes.begin(), asked.nodes.end(),
                                 NodeId(static_cast<int32_t>(n))) != asked.nodes.end();
    (right ? binding.pages_right : binding.pages_wrong) += residence.on_node[n];
  }
  binding.pages_wrong += residence.elsewhere;
  binding.pages_absent = residence.absent;
  binding.pages_unknown = residence.unknown;
  if (binding.pages_wrong != 0) {
    return absl::StrCat(binding.pages_wrong, " of ", residence.present(),
                        " pages are on other nodes (no room, or nobody moved them)");
  }
  return residence.why;
}

// The first reason is the cause of the others.
void Conclude(MemoryBinding& binding, std::initializer_list<std::string> reasons) {
  for (const std::string& reason : reasons) {
    if (binding.why.empty()) binding.why = reason;
  }
  binding.granted = binding.why.empty();
}

// Nothing to ask the kernel for. True: `binding` is the answer.
bool Trivial(const Topology& topology, const Pages& pages, MemoryBinding& binding) {
  const MemoryRequest& asked = binding.asked;
  TALLY_CHECK(asked.nodes.empty() == (asked.mode == MemoryMode::kFirstTouch),
              "a memory request names nodes, except for first touch");
  for (const NodeId node : asked.nodes) {
    TALLY_CHECK(node.valid() && node.index() < topology.nodes().size(),
                "the nodes of a memory request are of its topology");
  }
  if (!topology.is_this_machine()) {
    binding.why = "not this machine's topology";
    return true;
  }
  if (topology.nodes().size() < 2) {  // wherever it lies, it lies there
    binding.granted_mode = asked.mode;
    binding.granted_nodes = asked.nodes;
    binding.granted = true;
    return true;
  }
  if (pages.empty()) binding.why = "no whole page in that memory";
  return pages.empty();
}

// move_pages in batches. One that fails has moved some pages and says nothing about them, so the
// result is asked for afterwards.
int MoveAll(const Pages& pages, int node, KernelMemory& kernel) {
  constexpr size_t kBatch = 512;
  std::array<void*, kBatch> asked;
  std::array<int, kBatch> nodes, status;
  nodes.fill(node);
  int error = 0;
  size_t count = 0;
  for (uintptr_t page = pages.begin; page < pages.end; page += pages.page_bytes) {
    asked[count++] = reinterpret_cast<void*>(page);
    if (count < kBatch && page + pages.page_bytes < pages.end) continue;
    const int failed = kernel.MovePages({asked.data(), count}, nodes.data(), status.data());
    if (failed != 0) error = failed;
    count = 0;
  }
  return error;
}

}  // namespace

MemoryBinding BindMemory(const Topology& topology, void* at, size_t bytes, MemoryRequest request,
                         KernelMemory& kernel) {
  MemoryBinding binding{.asked = std::move(request)};
  const Pages pages(at, bytes, kernel.PageBytes());
  if (Trivial(topology, pages, binding)) return binding;
  const std::string set = internal::SetPolicy(topology, pages, binding.asked, kernel);
  const std::string policy = ComparePolicy(topology, pages, binding, kernel);
  Conclude(binding, {set, policy, ComparePages(topology, pages, binding, kernel)});
  return binding;
}

MemoryBinding CheckMemory(const Topology& topology, const void* at, size_t bytes,
                          const MemoryRequest& asked, KernelMemory& kernel) {
  MemoryBinding binding{.asked = asked};
  const Pages pages(at, bytes, kernel.PageBytes());
  if (Trivial(topology, pages, binding)) return binding;
  const std::string policy = ComparePolicy(topology, pages, binding, kernel);
  Conclude(binding, {policy, ComparePages(topology, pages, binding, kernel)});
  return binding;
}

MemoryBinding MigrateMemory(const Topology& topology, void* at, size_t bytes, NodeId node,
                            KernelMemory& kernel) {
  MemoryBinding binding{.asked = {MemoryMode::kPreferred, {node}}};
  const Pages pages(at, bytes, kernel.PageBytes());
  if (Trivial(topology, pages, binding)) return binding;
  const int os_index = topology.nodes()[node.index()].os_index;
  const int set = kernel.SetPolicy(pages.at(), pages.bytes(), KernelPolicy::kPreferred,
                                   NodeMask(os_index), false);
  const int moved = MoveAll(pages, os_index, kernel);
  const std::string policy = ComparePolicy(topology, pages, binding, kernel);
  const std::string homes = ComparePages(topology, pages, binding, kernel);
  const bool all_there = binding.pages_wrong == 0 && binding.pages_unknown == 0;
  Conclude(binding,
           {set != 0 ? internal::WhyRefused(topology, binding.asked, set, kernel) : "",
            moved != 0 && !all_there
                ? absl::StrCat("the kernel stopped moving pages: ", ErrorText(moved),
                               binding.pages_wrong == 0
                                   ? ""
                                   : absl::StrCat("; ", binding.pages_wrong, " are elsewhere"))
                : "",
            policy, homes});
  return binding;
}

}  // namespace tally
