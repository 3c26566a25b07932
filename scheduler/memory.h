// Memory with a place on the machine, and tasks that go to it. docs/numa.md has the whole story.
//
//   auto array = tally::NodeArray<double>::Create(*scheduler, 1'000'000);  // made on all nodes
//   array->ForEach([](double& x) { x += 1; });                             // where each x lives
//   group.Spawn(work, {.node = tally::HomeOf(pointer)});                   // to where the data is
//
//   auto buffer = tally::NodeBuffer::Create(scheduler->topology(), bytes,
//       {tally::MemoryMode::kInterleave, {tally::NodeId(0), tally::NodeId(1)}});
//   if (!buffer->binding().granted) puts(buffer->binding().why.c_str());   // asked, granted, why
//
//   tally::SlabPool pool(scheduler->topology());
//   tally::NodeMemoryResource on_node_1(pool, tally::NodeId(1));
//   std::pmr::vector<int> v(&on_node_1);
#pragma once

#include "numa/ids.h"
#include "numa/memory_policy.h"    // IWYU pragma: export
#include "numa/memory_pressure.h"  // IWYU pragma: export
#include "numa/memory_resource.h"  // IWYU pragma: export
#include "numa/node_buffer.h"      // IWYU pragma: export
#include "numa/page_homes.h"       // IWYU pragma: export
#include "numa/slab_pool.h"        // IWYU pragma: export
#include "scheduler/runtime/node_array.h"
#include "scheduler/runtime/worker.h"
#include "scheduler/world/real_world.h"

namespace tally {

// See runtime/node_array.h.
template <class T>
using NodeArray = BasicNodeArray<RealWorld, T>;

// The node that holds the page of `pointer`, in the numbers of the running task's scheduler
// (outside of tasks: of the live machine); -1 where nobody knows: an untouched page, no permission,
// a topology that is not this machine. Asks the kernel once a page; after that a few nanoseconds.
inline NodeId HomeOf(const void* pointer) {
  Worker<RealWorld>* const worker = Worker<RealWorld>::Current();
  return (worker != nullptr ? worker->crew().homes : HomesOfThisMachine()).HomeOf(pointer);
}

}  // namespace tally
