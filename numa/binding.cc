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

}  // namespace

Binding BindThisThread(const Topology& topology, CpuId cpu) {
  TALLY_CHECK(cpu.valid() && cpu.index() < topology.pus().size(), "`cpu` is of this topology");
  Binding binding;
  binding.asked = cpu;
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
  if (const int error = SetAffinity(pu.os_index); error != 0) {
    binding.why = absl::StrCat("the kernel refused CPU ", pu.os_index, ": ", strerror(error));
    return binding;
  }
  const std::vector<int> granted = AffinityOf(0);
  if (granted != std::vector<int>{pu.os_index}) {
    binding.why = absl::StrCat("asked for CPU ", pu.os_index, ", but the kernel says ",
                               granted.empty() ? "nothing" : FormatCpuList(granted));
    return binding;
  }
  binding.granted = true;
  return binding;
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
