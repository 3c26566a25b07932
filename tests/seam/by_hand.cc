#include "tests/seam/by_hand.h"

#include <cstdint>

#include "scheduler/concurrent/taken.h"

using ByHand = tally::by_hand::Deque<int>;

#define DEQUE ByHand
#define NAMED(operation) ByHand##operation
#include "tests/seam/operations.inc"
