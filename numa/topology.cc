#include "numa/topology.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "numa/check.h"

namespace tally {
namespace {

void AppendCount(std::string& text, int count, const char* singular, const char* plural) {
  if (count == 0) return;  // not described by the machine
  absl::StrAppend(&text, text.empty() ? "" : ", ", count, " ", count == 1 ? singular : plural);
}

template <class AnyId>
bool Share(AnyId a, AnyId b) {
  return a.valid() && a == b;
}

}  // namespace

std::string Topology::Summary() const {
  std::string text;
  AppendCount(text, packages_, "package", "packages");
  AppendCount(text, static_cast<int>(nodes_.size()), "node", "nodes");
  AppendCount(text, l3s_, "L3", "L3");
  AppendCount(text, cores_, "core", "cores");
  AppendCount(text, static_cast<int>(pus_.size()), "PU", "PUs");
  return text;
}

int Topology::NodeDistance(NodeId from, NodeId to) const {
  TALLY_CHECK(from.valid() && from.index() < nodes_.size(), "`from` is a node of this topology");
  TALLY_CHECK(to.valid() && to.index() < nodes_.size(), "`to` is a node of this topology");
  return distances_[from.index() * nodes_.size() + to.index()];
}

NodeId Topology::NodeByOsIndex(int os_index) const {
  for (size_t i = 0; i < nodes_.size(); ++i) {
    if (nodes_[i].os_index == os_index) return NodeId(static_cast<int32_t>(i));
  }
  return NodeId();
}

Proximity Topology::ProximityOf(CpuId a, CpuId b) const {
  TALLY_CHECK(a.valid() && a.index() < pus_.size(), "`a` is a PU of this topology");
  TALLY_CHECK(b.valid() && b.index() < pus_.size(), "`b` is a PU of this topology");
  if (a == b) return Proximity::kSelf;
  const Pu& x = pus_[a.index()];
  const Pu& y = pus_[b.index()];
  if (Share(x.core, y.core)) return Proximity::kSmt;
  if (Share(x.l2, y.l2)) return Proximity::kL2;
  if (Share(x.l3, y.l3)) return Proximity::kL3;
  if (Share(x.node, y.node)) return Proximity::kNode;
  if (Share(x.package, y.package)) return Proximity::kPackage;
  return Proximity::kRemote;
}

}  // namespace tally
