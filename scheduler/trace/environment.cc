#include "scheduler/trace/environment.h"

#include <stdlib.h>

#include <atomic>

#include "absl/strings/str_cat.h"

namespace tally {

std::optional<std::string> NextRecordingFromEnvironment() {
  const char* asked = getenv("TALLY_RECORD");
  if (asked == nullptr || *asked == '\0') return std::nullopt;
  static std::atomic<int> schedulers{0};
  // relaxed: a serial number.
  const int serial = schedulers.fetch_add(1, std::memory_order_relaxed) + 1;
  return serial == 1 ? asked : absl::StrCat(asked, ".", serial);
}

}  // namespace tally
