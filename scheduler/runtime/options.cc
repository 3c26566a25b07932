#include "scheduler/runtime/options.h"

#include "absl/strings/str_cat.h"

namespace tally {

bool IsDebugBuild() {
#ifdef NDEBUG
  return false;
#else
  return true;
#endif
}

BindingUnit BindingUnitOf(const SchedulerOptions& options) {
  const PlacementPolicy policy = options.placement.policy;
  const bool one_cpu = policy == PlacementPolicy::kList ||
                       policy == PlacementPolicy::kRoundRobinNodes ||
                       policy == PlacementPolicy::kCriticalOnPCores;
  return options.bind_to.value_or(one_cpu ? BindingUnit::kPu : BindingUnit::kL3);
}

std::string ShutdownReport::InWords() const {
  std::string words =
      absl::StrCat(complete ? "stopped" : "still stopping", ": ", executed, " tasks executed");
  if (dropped > 0) absl::StrAppend(&words, ", ", dropped, " dropped before they started");
  if (outstanding > 0) {
    absl::StrAppend(&words, ", ", outstanding, " submitted tasks still queued or running");
  }
  if (uncaught > 0) {
    absl::StrAppend(&words, ", ", uncaught,
                    " exceptions left a submitted task (first: ", first_uncaught, ")");
  }
  return words;
}

}  // namespace tally
