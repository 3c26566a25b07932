#include "numa/policy_request.h"

#include <cerrno>
#include <string_view>
#include <system_error>

#include "absl/strings/str_cat.h"

namespace tally {

std::string_view MemoryModeName(MemoryMode mode) {
  switch (mode) {
    case MemoryMode::kPreferred:
      return "preferred";
    case MemoryMode::kBind:
      return "bind";
    case MemoryMode::kInterleave:
      return "interleave";
    case MemoryMode::kWeightedInterleave:
      return "weighted interleave";
    case MemoryMode::kFirstTouch:
      break;
  }
  return "first touch";
}

std::string NodeText(const Topology& topology, NodeId node) {
  const int os_index = topology.nodes()[node.index()].os_index;
  return absl::StrCat(
      "node ", node.value(),
      os_index == node.value() ? "" : absl::StrCat(" (the kernel's ", os_index, ")"));
}

namespace internal {
namespace {

KernelPolicy PolicyFor(const MemoryRequest& request) {
  switch (request.mode) {
    case MemoryMode::kPreferred:
      return request.nodes.size() == 1 ? KernelPolicy::kPreferred : KernelPolicy::kPreferredMany;
    case MemoryMode::kBind:
      return KernelPolicy::kBind;
    case MemoryMode::kInterleave:
      return KernelPolicy::kInterleave;
    case MemoryMode::kWeightedInterleave:
      return KernelPolicy::kWeightedInterleave;
    case MemoryMode::kFirstTouch:
      break;
  }
  return KernelPolicy::kLocal;  // the default would be the thread's, which somebody may have set
}

}  // namespace

std::string ErrorText(int error) {
  std::string text = std::generic_category().message(error);
  if (error == EPERM) absl::StrAppend(&text, " (a container's seccomp filter?)");
  return text;
}

MemoryMode ModeOf(KernelPolicy policy, const NodeMask& nodes) {
  switch (policy) {
    case KernelPolicy::kPreferred:
      // How kernels before 5.14 spell "local".
      return nodes.empty() ? MemoryMode::kFirstTouch : MemoryMode::kPreferred;
    case KernelPolicy::kPreferredMany:
      return MemoryMode::kPreferred;
    case KernelPolicy::kBind:
      return MemoryMode::kBind;
    case KernelPolicy::kInterleave:
      return MemoryMode::kInterleave;
    case KernelPolicy::kWeightedInterleave:
      return MemoryMode::kWeightedInterleave;
    default:
      return MemoryMode::kFirstTouch;
  }
}

NodeMask MaskOf(const Topology& topology, const std::vector<NodeId>& nodes) {
  NodeMask mask;
  for (const NodeId node : nodes) mask.Add(topology.nodes()[node.index()].os_index);
  return mask;
}

std::string ListText(const Topology& topology, const std::vector<NodeId>& nodes) {
  std::string text;
  for (size_t i = 0; i < nodes.size(); ++i) {
    absl::StrAppend(&text,
                    i == 0                  ? ""
                    : i + 1 == nodes.size() ? " and "
                                            : ", ",
                    NodeText(topology, nodes[i]));
  }
  return text;
}

std::vector<NodeId> Forbidden(const Topology& topology, const std::vector<NodeId>& nodes,
                              KernelMemory& kernel) {
  std::vector<NodeId> forbidden;
  NodeMask allowed;
  if (kernel.AllowedNodes(&allowed) != 0) return forbidden;
  for (const NodeId node : nodes) {
    if (!allowed.Has(topology.nodes()[node.index()].os_index)) forbidden.push_back(node);
  }
  return forbidden;
}

std::string WhyRefused(const Topology& topology, const MemoryRequest& request, int error,
                       KernelMemory& kernel) {
  if (error == EINVAL) {
    const std::vector<NodeId> forbidden = Forbidden(topology, request.nodes, kernel);
    if (!forbidden.empty()) {
      return absl::StrCat("the cpuset of this process does not allow ",
                          ListText(topology, forbidden));
    }
  }
  return absl::StrCat("the kernel refused: ", ErrorText(error));
}

std::string SetPolicy(const Topology& topology, const Pages& pages, const MemoryRequest& request,
                      KernelMemory& kernel) {
  const auto set = [&](KernelPolicy policy, const NodeMask& mask) {
    return kernel.SetPolicy(pages.at(), pages.bytes(), policy, mask, true);
  };
  const NodeMask mask = MaskOf(topology, request.nodes);
  const KernelPolicy policy = PolicyFor(request);
  const int error = set(policy, mask);
  if (error == 0) return "";
  if (error == EINVAL && Forbidden(topology, request.nodes, kernel).empty()) {
    if (policy == KernelPolicy::kWeightedInterleave && set(KernelPolicy::kInterleave, mask) == 0) {
      return "this kernel cannot weigh nodes (Linux 6.9 can): interleaved evenly";
    }
    if (policy == KernelPolicy::kPreferredMany &&
        set(KernelPolicy::kPreferred, MaskOf(topology, {request.nodes.front()})) == 0) {
      return absl::StrCat("this kernel prefers one node only (Linux 5.15 can prefer several): ",
                          NodeText(topology, request.nodes.front()));
    }
  }
  return WhyRefused(topology, request, error, kernel);
}

}  // namespace internal
}  // namespace tally
