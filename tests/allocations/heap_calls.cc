#include "tests/allocations/heap_calls.h"

#include <errno.h>

#include <atomic>
#include <cstddef>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define TALLY_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define TALLY_SANITIZED 1
#endif
#endif

namespace tally::allocations {
namespace {
constinit std::atomic<uint64_t> calls{0};
}  // namespace

#if defined(TALLY_SANITIZED)
bool HeapIsCounted() { return false; }
#else
bool HeapIsCounted() { return true; }
#endif

uint64_t HeapCalls() { return calls.load(); }

}  // namespace tally::allocations

// A program's own definitions go before those of glibc, which keeps its own under other names.
#if !defined(TALLY_SANITIZED)
extern "C" {

void* __libc_malloc(size_t);            // NOLINT
void* __libc_calloc(size_t, size_t);    // NOLINT
void* __libc_realloc(void*, size_t);    // NOLINT
void* __libc_memalign(size_t, size_t);  // NOLINT

void* malloc(size_t bytes) {
  tally::allocations::calls.fetch_add(1, std::memory_order_relaxed);
  return __libc_malloc(bytes);
}
void* calloc(size_t count, size_t bytes) {
  tally::allocations::calls.fetch_add(1, std::memory_order_relaxed);
  return __libc_calloc(count, bytes);
}
void* realloc(void* at, size_t bytes) {
  tally::allocations::calls.fetch_add(1, std::memory_order_relaxed);
  return __libc_realloc(at, bytes);
}
void* aligned_alloc(size_t alignment, size_t bytes) {
  tally::allocations::calls.fetch_add(1, std::memory_order_relaxed);
  return __libc_memalign(alignment, bytes);
}
int posix_memalign(void** at, size_t alignment, size_t bytes) {
  tally::allocations::calls.fetch_add(1, std::memory_order_relaxed);
  *at = __libc_memalign(alignment, bytes);
  return *at != nullptr ? 0 : ENOMEM;
}

}  // extern "C"
#endif
