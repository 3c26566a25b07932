#include "numa/kernel_grants.h"

#include <algorithm>
#include <cstddef>
#include <map>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "numa/binding.h"
#include "numa/cpu_list.h"
#include "numa/ids.h"
#include "numa/memory_policy.h"

namespace tally {
namespace {

using Refusals = std::map<std::string, std::vector<int>>;  // why -> the kernel's numbers

void Describe(const std::string& granted, const std::string& refused, const Refusals& refusals,
              KernelGrants& grants) {
  if (refusals.empty()) grants.sentences.push_back(granted);
  for (const auto& [why, numbers] : refusals) {
    grants.sentences.push_back(absl::StrCat(refused, FormatCpuList(numbers), ": ", why, "."));
  }
}

// One sentence for all CPUs: each one's reason has its number in it.
void TryThreads(const Topology& topology, KernelGrants& grants) {
  std::vector<int> refused;
  std::string why;
  int granted = 0;
  std::thread([&] {
    for (size_t i = 0; i < topology.pus().size(); ++i) {
      if (!topology.pus()[i].allowed) continue;
      const Binding binding = BindThisThread(topology, CpuId(static_cast<int32_t>(i)));
      granted += binding.granted;
      if (binding.granted) continue;
      if (refused.empty()) why = binding.why;
      refused.push_back(topology.pus()[i].os_index);
    }
  }).join();
  grants.threads = refused.empty();
  if (refused.empty()) {
    grants.sentences.push_back(
        granted == 1 ? std::string("Threads can be bound to the one CPU.")
                     : absl::StrCat("Threads can be bound to each of ", granted, " CPUs."));
    return;
  }
  std::sort(refused.begin(), refused.end());
  grants.sentences.push_back(absl::StrCat(
      "Threads cannot be bound to ", refused.size() == 1 ? "CPU " : "CPUs ", FormatCpuList(refused),
      refused.size() == 1 ? ": " : ", the first because ", why, "."));
}

// Why a page of this node's cannot be had; empty if it can.
std::string TryNode(const Topology& topology, NodeId node, KernelMemory& kernel) {
  const size_t bytes = kernel.PageBytes();
  void* const page = kernel.Map(bytes);
  if (page == nullptr) return "there is no memory left";
  const MemoryRequest request = {MemoryMode::kPreferred, {node}};
  MemoryBinding binding = BindMemory(topology, page, bytes, request, kernel);
  if (binding.granted) {
    *static_cast<volatile char*>(page) = 1;
    binding = CheckMemory(topology, page, bytes, request, kernel);
  }
  kernel.Unmap(page, bytes);
  if (!binding.granted) return binding.why;
  return binding.pages_right == 1 ? "" : "the kernel does not say where pages are";
}

void TryMemory(const Topology& topology, KernelMemory& kernel, KernelGrants& grants) {
  if (topology.nodes().size() < 2) {
    grants.memory = true;
    grants.sentences.push_back("Memory needs no placing: there is one node at most.");
    return;
  }
  Refusals refusals;
  int granted = 0;
  for (size_t n = 0; n < topology.nodes().size(); ++n) {
    const Node& node = topology.nodes()[n];
    if (!node.allowed || node.memory_bytes == 0) continue;
    const std::string why = TryNode(topology, NodeId(static_cast<int32_t>(n)), kernel);
    granted += why.empty();
    if (!why.empty()) refusals[why].push_back(node.os_index);
  }
  grants.memory = refusals.empty();
  Describe(granted == 1 ? std::string("Memory can be placed on one node.")
                        : absl::StrCat("Memory can be placed on each of ", granted, " nodes."),
           "Memory cannot be placed on the kernel's node ", refusals, grants);
}

}  // namespace

KernelGrants TryKernelGrants(const Topology& topology, KernelMemory& kernel) {
  KernelGrants grants;
  if (!topology.is_this_machine()) return grants;
  grants.tried = true;
  TryThreads(topology, grants);
  TryMemory(topology, kernel, grants);
  return grants;
}

std::vector<std::string> WhyMemoryCannotBePlaced(const Topology& topology, KernelMemory& kernel) {
  KernelGrants grants;
  if (topology.is_this_machine()) TryMemory(topology, kernel, grants);
  return grants.memory ? std::vector<std::string>() : grants.sentences;
}

}  // namespace tally
