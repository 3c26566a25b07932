// Binding the calling thread to a PU: asked, granted, why. Never fatal.
#pragma once

#include <string>

#include "numa/ids.h"
#include "numa/topology.h"

namespace tally {

struct Binding {
  CpuId asked;
  bool granted = false;  // the kernel was asked afterwards and says so
  std::string why;       // empty when granted; else one clause: "not this machine's topology"
};

// Binds the calling thread to `cpu` and verifies with the kernel.
Binding BindThisThread(const Topology& topology, CpuId cpu);

// The node (of `topology`) that holds the page of `pointer`, by the kernel's own word (move_pages);
// -1 if unknown: untouched page, no permission, or a topology that is not this machine.
NodeId HomeOf(const Topology& topology, const void* pointer);

// Number of CPUs this process may use (affinity mask), at least 1.
int AllowedCpus();

}  // namespace tally
