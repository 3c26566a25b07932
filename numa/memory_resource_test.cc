#include "numa/memory_resource.h"

#include <cstring>
#include <list>
#include <map>
#include <new>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "numa/fake_kernel_memory.h"
#include "numa/fake_machine.h"
#include "numa/page_homes.h"

namespace tally {
namespace {

struct Ground {
  NodeId HomeOf(const void* at) { return HomeCache(machine, kernel).HomeOf(at); }
  uint64_t Live() const {
    uint64_t live = pool.LargeBytes();
    for (const SlabNodeStats& node : pool.Stats()) live += node.cells_live;
    return live;
  }
  Topology machine = FakeMachine({0, 1});
  FakeKernelMemory kernel{{0, 1}};
  SlabPool pool{machine, kernel};
};

TEST(NodeMemoryResource, ContainersOfAnySizeLiveOnItsNode) {
  Ground ground;
  NodeMemoryResource on_1(ground.pool, NodeId(1));
  {
    std::pmr::map<int, std::pmr::string> names(&on_1);
    std::pmr::vector<uint64_t> numbers(&on_1);
    for (int i = 0; i < 5000; ++i) {
      names[i] = std::pmr::string(static_cast<size_t>(i % 100), 'x', &on_1);
      numbers.push_back(static_cast<uint64_t>(i));
    }
    for (const auto& [number, name] : names) {
      EXPECT_EQ(name.size(), static_cast<size_t>(number % 100));
      EXPECT_EQ(ground.HomeOf(&name), NodeId(1));
    }
    for (const uint64_t& number : numbers) EXPECT_EQ(ground.HomeOf(&number), NodeId(1));
    EXPECT_GT(ground.pool.LargeBytes(), 0u);
  }
  EXPECT_EQ(ground.Live(), 0u);
}

TEST(NodeMemoryResource, AlignsAsAsked) {
  Ground ground;
  NodeMemoryResource anywhere(ground.pool, NodeId());
  for (size_t alignment = 1; alignment <= (size_t{1} << 21); alignment *= 2) {
    for (const size_t bytes : {size_t{1}, size_t{100}, size_t{9000}}) {
      void* const at = anywhere.allocate(bytes, alignment);
      EXPECT_EQ(reinterpret_cast<uintptr_t>(at) % alignment, 0u);
      std::memset(at, 1, bytes);
      anywhere.deallocate(at, bytes, alignment);
    }
  }
  EXPECT_EQ(ground.Live(), 0u);
}

TEST(NodeMemoryResource, ResourcesOfOnePoolMayFreeForEachOther) {
  Ground ground;
  SlabPool other_pool(ground.machine, ground.kernel);
  NodeMemoryResource on_0(ground.pool, NodeId(0)), on_1(ground.pool, NodeId(1));
  NodeMemoryResource elsewhere(other_pool, NodeId(0));
  EXPECT_TRUE(on_0.is_equal(on_1));
  EXPECT_FALSE(on_0.is_equal(elsewhere));
  EXPECT_FALSE(on_0.is_equal(*std::pmr::new_delete_resource()));
  on_1.deallocate(on_0.allocate(64), 64);
  on_1.deallocate(on_0.allocate(100'000), 100'000);
  EXPECT_EQ(ground.Live(), 0u);
}

TEST(NodeMemoryResource, ThrowsWhatContainersExpectWithoutMemory) {
  Ground ground;
  NodeMemoryResource on_0(ground.pool, NodeId(0));
  EXPECT_THROW((void)on_0.allocate(~size_t{0} / 2), std::bad_alloc);
  EXPECT_THROW((void)on_0.allocate(~size_t{0} - 100), std::bad_alloc);
  ground.kernel.no_memory = true;
  EXPECT_THROW((void)on_0.allocate(64), std::bad_alloc);
  EXPECT_THROW((void)on_0.allocate(64'000), std::bad_alloc);
}

}  // namespace
}  // namespace tally
