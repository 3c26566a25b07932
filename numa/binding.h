// Binding threads: asked, granted, why. Never fatal.
//
// The kernel's "yes" to sched_setaffinity is not the end of it: a cpuset narrows what was asked,
// and one that changes later moves a bound thread to CPUs of its own choice without a word (a pin
// to CPU 6 silently became CPUs 2-3). So every binding is read back, and can be checked again at
// any time.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

#include "numa/ids.h"
#include "numa/topology.h"

namespace tally {

// How tightly. Where the machine describes no cores or no L3s, a core is one PU and an L3 group is
// the PUs of a node.
enum class BindingUnit : uint8_t { kPu, kCore, kL3 };

struct Binding {
  CpuId asked;
  BindingUnit unit = BindingUnit::kPu;  // asked: `asked`, with all of its core, or of its L3
  bool granted = false;                 // the kernel was asked afterwards and says so, CPU for CPU
  std::string why;        // empty when granted; else one clause: "not this machine's topology"
  std::vector<int> cpus;  // where the kernel lets the thread run, by its numbers; empty: not asked
  pid_t thread = 0;       // the kernel's number of the thread; 0: no binding was tried
  bool operator==(const Binding&) const = default;
};

// The kernel's numbers of the allowed PUs of the unit around `cpu`, sorted; `cpu` is among them.
std::vector<int> CpusOfUnit(const Topology& topology, CpuId cpu, BindingUnit unit);

// Binds the calling thread to `cpu` (or the core or L3 around it) and verifies with the kernel.
Binding BindThisThread(const Topology& topology, CpuId cpu, BindingUnit unit = BindingUnit::kPu);

// The kernel's number of the CPU that the calling thread runs on, a moment ago; -1: unknown.
int OsCpuOfThisThread();

// Asks the kernel whether `binding` still holds, and if not (the cpuset has changed, somebody used
// taskset) binds its thread again; says what holds now. A binding that was never tried stays as it
// is. From any thread.
Binding CheckBinding(const Topology& topology, const Binding& binding);

// The node (of `topology`) that holds the page of `pointer`, by the kernel's own word (move_pages);
// -1 if unknown: untouched page, no permission, or a topology that is not this machine.
NodeId HomeOf(const Topology& topology, const void* pointer);

// Number of CPUs this process may use (affinity mask), at least 1.
int AllowedCpus();

}  // namespace tally
