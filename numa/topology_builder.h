// From facts about a machine to a Topology: everything that is decided, and nothing that is read.
//
// hwloc, the kernel and hostile files disagree about what a machine looks like; here their raw
// statements become dense ids, one home node per PU, a full distance matrix, and a list of what was
// missing. Being pure, it is tested on machines that nobody has.
#pragma once

#include <cstddef>
#include <map>
#include <vector>

#include "absl/status/statusor.h"
#include "numa/ids.h"
#include "numa/machine_facts.h"
#include "numa/topology.h"

namespace tally {

class TopologyBuilder {
 public:
  // InvalidArgument if the facts contradict themselves (no PU, two PUs with one number, ...): files
  // can say anything.
  static absl::StatusOr<Topology> Build(const MachineFacts& facts, TopologyOptions options);

 private:
  // Group numbers as they come (with gaps) to dense ids, in the same order.
  class DenseIds {
   public:
    void Note(int key);
    int Number();  // how many there are
    int Of(int key) const;

   private:
    std::map<int, int> dense_;
  };

  TopologyBuilder(const MachineFacts& facts, TopologyOptions options)
      : facts_(facts), options_(options) {}

  template <class Object>
  bool Kept(const Object& object) const {
    return object.allowed || options_.include_disallowed;
  }
  // In this order.
  void NumberGroups();
  void AddNodes();
  void AddPus();
  void AddDistancesAndNotes();

  const MachineFacts& facts_;
  const TopologyOptions options_;
  Topology topology_;
  DenseIds cores_, l2s_, l3s_, packages_;
  std::vector<NodeId> node_ids_;    // by index into facts_.nodes; invalid if it is not kept
  std::vector<size_t> kept_nodes_;  // by NodeId: the index into facts_.nodes
};

}  // namespace tally
