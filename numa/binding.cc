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

// Why the thread may run on `binding.cpus` and not on `wanted`, which it was bound to with `error`.
// sched_setaffinity(2) answers EINVAL if and only if none of the CPUs is online and in the
// process's cpuset, and narrows the mask without a word if some are.
std::string WhyNot(const std::vector<int>& wanted, const std::vector<int>& has, int error) {
  const std::string says =
      absl::StrCat(", but the kernel says ", has.empty() ? std::string("nothing") : Named(has));
  if (error == ESRCH) return "the thread has ended";
  if (error == EINVAL) {
    const std::vector<int> online = OnlineCpus().value_or(wanted);
    const bool any = std::any_of(wanted.begin(), wanted.end(), [&](int cpu) {
      return std::binary_search(online.begin(), online.end(), cpu);
    });
    return absl::StrCat(any ? "the cpuset of this process does not allow " : "the kernel has no ",
                        Named(wanted), any ? "" : " online", says);
  }
  if (error != 0)
    return absl::StrCat("the kernel refused ", Named(wanted), ": ", strerror(error), says);
  if (!has.empty() && std::includes(wanted.begin(), wanted.end(), has.begin(), has.end())) {
    return absl::StrCat("of ", Named(wanted), " the cpuset of this process allows only ",
                        FormatCpuList(has));
  }
  return absl::StrCat("asked for ", Named(wanted), says);
}

// Asks for `wanted` unless the thread has it already, and writes down what the kernel says then.
void AskAndVerify(const std::vector<int>& wanted, Binding& binding) {
  binding.cpus = AffinityOf(binding.thread);
  int error = 0;
  if (binding.cpus != wanted) {
    error = SetAffinity(wanted, binding.thread);
    binding.cpus = AffinityOf(binding.thread);
  }
  binding.granted = binding.cpus == wanted;
  binding.why = binding.granted ? "" : WhyNot(wanted, binding.cpus, error);
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

int OsCpuOfThisThread() { return sched_getcpu(); }

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
    binding.why = absl::StrCat("this process may not use CPU ", pu.os_index,
                               ", by its cpuset or its affinity mask");
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
