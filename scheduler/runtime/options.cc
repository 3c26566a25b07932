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
