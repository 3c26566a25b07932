// What the sanitizers must be told about fibers; empty inlines in other builds.
#pragma once

#include <cstddef>

#if defined(__SANITIZE_ADDRESS__)
#define TALLY_ADDRESS_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define TALLY_ADDRESS_SANITIZER 1
#endif
#endif

#if defined(__SANITIZE_THREAD__)
#define TALLY_THREAD_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define TALLY_THREAD_SANITIZER 1
#endif
#endif

#if defined(TALLY_ADDRESS_SANITIZER)
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#include <sanitizer/lsan_interface.h>
#endif
#if defined(TALLY_THREAD_SANITIZER)
#include <sanitizer/tsan_interface.h>
#endif

// Around a switch, entries and exits of instrumented functions would be booked on different fibers.
#define TALLY_SWITCHES_FIBERS __attribute__((no_sanitize("thread")))

namespace tally::timed {

#if defined(TALLY_ADDRESS_SANITIZER)
inline constexpr bool kAddressSanitizer = true;
inline void UnpoisonMemory(void* base, size_t size) { __asan_unpoison_memory_region(base, size); }
// What an abandoned stack points to is not a leak.
inline void KeepReachable(void* base, size_t size) { __lsan_register_root_region(base, size); }
#else
inline constexpr bool kAddressSanitizer = false;
inline void UnpoisonMemory(void*, size_t) {}
inline void KeepReachable(void*, size_t) {}
#endif

#if defined(TALLY_THREAD_SANITIZER)
inline constexpr bool kThreadSanitizer = true;
inline void* CurrentSanitizerFiber() { return __tsan_get_current_fiber(); }
inline void* CreateSanitizerFiber() { return __tsan_create_fiber(0); }
inline void DestroySanitizerFiber(void* fiber) { __tsan_destroy_fiber(fiber); }
#else
inline constexpr bool kThreadSanitizer = false;
inline void* CurrentSanitizerFiber() { return nullptr; }
inline void* CreateSanitizerFiber() { return nullptr; }
inline void DestroySanitizerFiber(void*) {}
#endif

// Right before the switch. `fake_stack` == nullptr: the running fiber is over.
TALLY_SWITCHES_FIBERS inline void StartSanitizerSwitch([[maybe_unused]] void** fake_stack,
                                                       [[maybe_unused]] const void* next_base,
                                                       [[maybe_unused]] size_t next_size,
                                                       [[maybe_unused]] void* next_fiber) {
#if defined(TALLY_ADDRESS_SANITIZER)
  __sanitizer_start_switch_fiber(fake_stack, next_base, next_size);
#endif
#if defined(TALLY_THREAD_SANITIZER)
  __tsan_switch_to_fiber(next_fiber, 0);
#endif
}

// Right after it, on the new stack; reports the bounds of the one that was left.
TALLY_SWITCHES_FIBERS inline void FinishSanitizerSwitch([[maybe_unused]] void* fake_stack,
                                                        [[maybe_unused]] const void** left_base,
                                                        [[maybe_unused]] size_t* left_size) {
#if defined(TALLY_ADDRESS_SANITIZER)
  __sanitizer_finish_switch_fiber(fake_stack, left_base, left_size);
#endif
}

}  // namespace tally::timed
