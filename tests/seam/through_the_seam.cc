#include <cstdint>

#include "scheduler/concurrent/deque.h"
#include "scheduler/concurrent/taken.h"
#include "scheduler/world/real_world.h"

using ThroughTheSeam = tally::Deque<tally::RealWorld, int>;

#define DEQUE ThroughTheSeam
#define NAMED(operation) ThroughTheSeam##operation
#include "tests/seam/operations.inc"
