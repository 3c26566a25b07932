// Whether this build is many times slower than the others: sanitizers, and no optimisation.
#pragma once

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || !defined(__OPTIMIZE__)
#define TALLY_SLOW_BUILD 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define TALLY_SLOW_BUILD 1
#endif
#endif

namespace tally::stress {

#if defined(TALLY_SLOW_BUILD)
inline constexpr bool kSlowBuild = true;
#else
inline constexpr bool kSlowBuild = false;
#endif

// How many rounds to do of something that has `rounds` in a fast build.
constexpr int Rounds(int rounds) { return kSlowBuild ? (rounds + 7) / 8 : rounds; }

}  // namespace tally::stress
