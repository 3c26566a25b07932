// What users type, as they type it.
#include "scheduler/memory.h"

#include <atomic>
#include <memory>
#include <memory_resource>
#include <vector>

#include "gtest/gtest.h"
#include "scheduler/scheduler.h"

namespace tally {
namespace {

TEST(Memory, ArraysBuffersContainersAndTasksThatGoToTheirData) {
  std::unique_ptr<Scheduler> scheduler = *Scheduler::Create({.workers = 2});
  auto array = NodeArray<double>::Create(*scheduler, 100'000);
  ASSERT_TRUE(array.ok());
  array->ForEach([](double& x) { x += 1; });
  std::atomic<int> at_home{0}, unknown{0};
  TaskGroup group(*scheduler);
  for (size_t i = 0; i < array->size(); i += 10'000) {
    const double* const data = &(*array)[i];
    const NodeId home = HomeOf(data);
    if (home.valid()) {
      EXPECT_EQ(home, array->NodeOf(i));
    } else {
      ++unknown;
    }
    group.Spawn(
        [&, data, home] {
          EXPECT_EQ(HomeOf(data), home);
          EXPECT_EQ(*data, 1.0);
          ++at_home;
        },
        {.node = home});
  }
  group.Wait();
  EXPECT_EQ(at_home.load(), 10);
  if (unknown != 0) std::puts("note: the kernel does not say where pages are");

  auto buffer =
      NodeBuffer::Create(scheduler->topology(), 1 << 20, {MemoryMode::kPreferred, {NodeId(0)}});
  ASSERT_TRUE(buffer.ok());
  SlabPool pool(scheduler->topology());
  NodeMemoryResource on_node_0(pool, NodeId(0));
  std::pmr::vector<int> v(1000, 7, &on_node_0);
  EXPECT_EQ(v[999], 7);
}

}  // namespace
}  // namespace tally
