// TALLY_CHECK: for our own mistakes, in release builds too. The world's mistakes (files, flags,
// kernels) are absl::Status instead. Debian's Abseil 20220623 has no absl/log.
#pragma once

#include <cstdio>
#include <cstdlib>

namespace tally::internal {

[[noreturn, gnu::cold, gnu::noinline]] inline void CheckFailed(const char* condition,
                                                               const char* message,
                                                               const char* file, int line) {
  std::fprintf(stderr, "tally: check failed at %s:%d: %s (%s)\n", file, line, condition, message);
  std::abort();
}

}  // namespace tally::internal

// `message` says in words what must hold, for the person who reads the abort.
#define TALLY_CHECK(condition, message)              \
  (__builtin_expect(static_cast<bool>(condition), 1) \
       ? static_cast<void>(0)                        \
       : ::tally::internal::CheckFailed(#condition, message, __FILE__, __LINE__))
