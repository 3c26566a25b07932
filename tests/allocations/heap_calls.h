// Counts calls of the heap, by whomever in this process: malloc() and its like, and so operator
// new, which calls it.
#pragma once

#include <cstdint>

namespace tally::allocations {

// False under sanitizers, which have a heap of their own: then nothing is counted.
bool HeapIsCounted();

// Since the program began.
uint64_t HeapCalls();

}  // namespace tally::allocations
