#include "numa/binding.h"

#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <vector>

#include "absl/strings/str_cat.h"
#include "numa/check.h"
#include "numa/cpu_list.h"

namespace tally {
namespace {

// The page's node by the kernel's numbers; negative if there is no page yet (-ENOENT, on older
// kernels -EFAULT), or the kernel does not say (EPERM in a container).
int KernelNodeOf(const void* pointer) {
  const auto page_bytes = static_cast<uintptr_t>(sysconf(_SC_PAGESIZE));
  void* page = reinterpret_cast<void*>(reinterpret_cast<uintptr_t>(pointer) & ~(page_bytes - 1));
  int status = -1;  // on failure the kernel leaves it as it was
  // Without target nodes move_pages moves nothing: it only reports.
  const long result = syscall(SYS_move_pages, 0, 1UL, &page, nullptr, &status, 0);
  return result == 0 ? status : -1;
}

template <class AnyId>
bool Same(AnyId a, AnyId b) {
  return a.valid() && a == b;
}

bool InUnit(const Topology& topology, const Pu& pu, const Pu& centre, BindingUnit unit) {
  if (pu.os_index == centre.os_index) return true;
  switch (unit) {
    case BindingUnit::kPu:
      return false;
    case BindingUnit::kCore:
      return Same(pu.core, centre.core);
    case BindingUnit::kL3:
      return topology.l3_groups() > 0 ? Same(pu.l3, centre.l3) : Same(pu.node, centre.node);
  }
  return false;
}

std::string Named(const std::vector<int>& cpus) {
  return absl::StrCat(cpus.size() == 1 ? "CPU " : "CPUs ", FormatCpuList(cpus));
}

// Asks for `wanted` unless the thread has it already, and writes down what the kernel says then.
void AskAndVerify(const std::vector<int>& wanted, Binding& binding) {
  binding.granted = false;
  binding.cpus = AffinityOf(binding.thread);
  int error = 0;
  if (binding.cpus != wanted) {
    error = SetAffinity(wanted, binding.thread);
    binding.cpus = AffinityOf(binding.thread);
  }
  if (binding.cpus == wanted) {
    binding.granted = true;
    binding.why.clear();
  } else if (error == ESRCH) {
    binding.why = "the thread has ended";
  } else {
    binding.why = absl::StrCat(
        error != 0 ? absl::StrCat("the kernel refused ", Named(wanted), ": ", strerror(error))
                   : absl::StrCat("asked for ", Named(wanted)),
        ", but the kernel says ", binding.cpus.empty() ? "nothing" : Named(binding.cpus));
  }
}

}  // namespace

std::vector<int> CpusOfUnit(const Topology& topology, CpuId cpu, BindingUnit unit) {
  const Pu& centre = topology.pus()[cpu.index()];
  std::vector<int> cpus;
  for (const Pu& pu : topology.pus()) {
    if (!InUnit(topology, pu, centre, unit)) continue;
    if (pu.allowed || pu.os_index == centre.os_index) cpus.push_back(pu.os_index);
  }
  std::sort(cpus.begin(), cpus.end());
  return cpus;
}

Binding BindThisThread(const Topology& topology, CpuId cpu, BindingUnit unit) {
  TALLY_CHECK(cpu.valid() && cpu.index() < topology.pus().size(), "`cpu` is of this topology");
  Binding binding;
  binding.asked = cpu;
  binding.unit = unit;
  const Pu& pu = topology.pus()[cpu.index()];
  if (!topology.is_this_machine()) {
    // hwloc's own calls would answer "success" here and do nothing.
    binding.why = "not this machine's topology";
    return binding;
  }
  if (!pu.allowed) {
    binding.why = absl::StrCat("this process may not use CPU ", pu.os_index);
    return binding;
  }
  binding.thread = gettid();
  AskAndVerify(CpusOfUnit(topology, cpu, unit), binding);
  return binding;
}

Binding CheckBinding(const Topology& topology, const Binding& binding) {
  Binding now = binding;
  if (binding.thread == 0) return now;
  AskAndVerify(CpusOfUnit(topology, binding.asked, binding.unit), now);
  return now;
}

NodeId HomeOf(const Topology& topology, const void* pointer) {
  if (!topology.is_this_machine()) return NodeId();
  const int node = KernelNodeOf(pointer);
  return node < 0 ? NodeId() : topology.NodeByOsIndex(node);
}

int AllowedCpus() {
  // The main thread's mask: the calling thread may be a worker that is bound already.
  return std::max<int>(1, static_cast<int>(AffinityOf(getpid()).size()));
}

}  // namespace tally
