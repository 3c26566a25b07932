// soak [--tasks=N] [--workers=N]: N tasks (10^9) through every entry of the API. Prints how many by
// each; exit code 1 if one was lost, ran twice, or started too far from its turn.

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <string>

#include "absl/strings/numbers.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "tests/stress/soak.h"

namespace {

bool ParseFlag(absl::string_view argument, absl::string_view name, int64_t& value) {
  return absl::ConsumePrefix(&argument, name) && absl::SimpleAtoi(argument, &value) && value > 0;
}

}  // namespace

int main(int argc, char** argv) {
  int64_t tasks = 1'000'000'000, workers = 2;
  for (int i = 1; i < argc; ++i) {
    if (ParseFlag(argv[i], "--tasks=", tasks) || ParseFlag(argv[i], "--workers=", workers))
      continue;
    std::fprintf(stderr, "soak: not understood: %s. Type: soak [--tasks=N] [--workers=N]\n",
                 argv[i]);
    return 2;
  }
  using Clock = std::chrono::steady_clock;
  const Clock::time_point start = Clock::now();
  Clock::time_point told = start;
  tally::stress::Soak soak(
      {.tasks = tasks, .workers = static_cast<int>(workers), .progress = [&](int64_t so_far) {
         if (Clock::now() - told < std::chrono::seconds(10)) return;
         told = Clock::now();
         std::fprintf(stderr, "%lld tasks\n", static_cast<long long>(so_far));
       }});
  const std::string wrong = soak.Run();
  const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
  int64_t total = 0;
  for (const tally::stress::Soak::Entry& entry : soak.entries()) {
    std::printf("%-28s %14lld tasks\n", entry.name, static_cast<long long>(entry.tasks));
    total += entry.tasks;
  }
  std::printf("%-28s %14lld tasks in %.1f s; at most %lld places from their turns\n", "all",
              static_cast<long long>(total), seconds, static_cast<long long>(soak.farthest()));
  if (wrong.empty()) return 0;
  std::printf("WRONG: %s\n", wrong.c_str());
  return 1;
}
