#include "numa/slab_pool.h"

#include <atomic>
#include <cstdlib>
#include <cstring>
#include <new>
#include <numeric>
#include <set>
#include <thread>
#include <vector>

#include "gtest/gtest.h"
#include "numa/fake_kernel_memory.h"
#include "numa/fake_machine.h"

// Counts what the pool takes from the heap.
namespace {
std::atomic<uint64_t> heap_allocations{0};
}
[[gnu::noinline]] void* operator new(size_t bytes) {
  heap_allocations.fetch_add(1, std::memory_order_relaxed);
  if (void* at = std::malloc(bytes)) return at;
  throw std::bad_alloc();
}
[[gnu::noinline]] void operator delete(void* at) noexcept { std::free(at); }
[[gnu::noinline]] void operator delete(void* at, size_t) noexcept { std::free(at); }

namespace tally {
namespace {

constexpr int kTaskClass = SlabPool::SizeClassOf(192, 64);

int HomeOf(FakeKernelMemory& kernel, void* cell) {
  int home = -1;
  EXPECT_EQ(kernel.QueryPages({&cell, 1}, &home), 0);
  return home;
}

std::vector<Cell*> Cells(const CellChain& chain) {
  std::vector<Cell*> cells;
  for (Cell* cell = chain.first; cell != nullptr; cell = cell->next) cells.push_back(cell);
  EXPECT_EQ(cells.size(), chain.count);
  return cells;
}

uint64_t Live(const SlabPool& pool) {
  uint64_t live = 0;
  for (const SlabNodeStats& node : pool.Stats()) live += node.cells_live;
  return live;
}

TEST(SlabPool, TheSmallestClassThatFitsAndIsAligned) {
  const struct {
    size_t bytes, alignment;
    int cell_bytes;  // -1: none
  } rows[] = {{1, 1, 16},        {16, 16, 16},       {17, 16, 32},       {64, 64, 64},
              {65, 16, 96},      {65, 64, 128},      {65, 128, 128},     {192, 64, 192},
              {192, 128, 256},   {200, 128, 256},    {4096, 4096, 4096}, {8192, 16, 8192},
              {8193, 16, 16384}, {16384, 16, 16384}, {16385, 16, -1},    {16, 8192, -1},
              {8192, 4096, 8192}};
  for (const auto& row : rows) {
    const int c = SlabPool::SizeClassOf(row.bytes, row.alignment);
    EXPECT_EQ(c < 0 ? -1 : static_cast<int>(SlabPool::kCellBytes[c]), row.cell_bytes)
        << row.bytes << " bytes aligned to " << row.alignment;
  }
}

TEST(SlabPool, CellsOfEveryClassAreAlignedApartAndOnTheirNode) {
  FakeKernelMemory kernel({0, 33});
  SlabPool pool(FakeMachine({0, 33}), kernel);
  for (int c = 0; c < SlabPool::kSizeClasses; ++c) {
    const uint32_t bytes = SlabPool::kCellBytes[c];
    const uint32_t want = 2 * slab::kSlabBytes / bytes + 3;  // three slabs
    CellChain chain = pool.Take(NodeId(1), c, want);
    std::set<uintptr_t> begins;
    for (Cell* cell : Cells(chain)) {
      const auto at = reinterpret_cast<uintptr_t>(cell);
      EXPECT_EQ(at % (bytes & -bytes), 0u);
      begins.insert(at);
      EXPECT_EQ(SlabPool::NodeOf(cell), NodeId(1));
    }
    ASSERT_EQ(begins.size(), want);
    uintptr_t end = 0;
    for (const uintptr_t begin : begins) {
      EXPECT_GE(begin, end);
      end = begin + bytes;
    }
    EXPECT_EQ(HomeOf(kernel, chain.first), 33);
    pool.Return(chain);
  }
  EXPECT_EQ(Live(pool), 0u);
}

TEST(SlabPool, ASteadyStateAsksNeitherTheKernelNorTheHeap) {
  FakeKernelMemory kernel({0, 1});
  SlabPool pool(FakeMachine({0, 1}), kernel);
  const auto one_round = [&] {
    for (int32_t node : {0, 1, -1}) {
      CellChain a = pool.Take(NodeId(node), kTaskClass, 1000);
      CellChain b = pool.Take(NodeId(node), kTaskClass, 1);
      void* c = pool.Allocate(NodeId(node), 40);
      pool.Return(b, NodeId(0));
      pool.Return(a, NodeId(1));
      pool.Free(c);
    }
  };
  one_round();
  const int maps = kernel.maps;
  const uint64_t heap = heap_allocations.load();
  for (int round = 0; round < 100; ++round) one_round();
  EXPECT_EQ(heap_allocations.load(), heap);
  EXPECT_EQ(kernel.maps, maps);
  EXPECT_EQ(Live(pool), 0u);
}

TEST(SlabPool, AMixedChainGoesHomeAndRemoteFreesAreCounted) {
  FakeKernelMemory kernel({0, 1});
  SlabPool pool(FakeMachine({0, 1}), kernel);
  CellChain chain;
  for (int i = 0; i < 1000; ++i) {  // more than one slab of each
    CellChain one = pool.Take(NodeId(i % 2), kTaskClass, 1);
    one.first->next = chain.first;
    chain = {one.first, chain.count + 1};
  }
  EXPECT_EQ(Live(pool), 1000u);
  pool.Return(chain, NodeId(0));
  const std::vector<SlabNodeStats> stats = pool.Stats();
  EXPECT_EQ(Live(pool), 0u);
  EXPECT_EQ(stats[0].remote_frees, 0u);
  EXPECT_EQ(stats[1].remote_frees, 500u);
  for (int node : {0, 1}) {
    EXPECT_EQ(stats[node].cells_taken, 500u);
    EXPECT_EQ(stats[node].slabs, 2u);
    for (Cell* cell : Cells(pool.Take(NodeId(node), kTaskClass, 500))) {
      EXPECT_EQ(HomeOf(kernel, cell), node);
    }
  }
}

TEST(SlabPool, HandsBackEmptySlabsAndOnlyThose) {
  FakeKernelMemory kernel({0, 1});
  SlabPool pool(FakeMachine({0, 1}), kernel);
  const uint32_t per_slab = slab::kSlabBytes / 192;
  CellChain chain = pool.Take(NodeId(0), kTaskClass, 3 * per_slab);
  std::vector<Cell*> cells = Cells(chain);
  // One cell of the second slab stays out.
  Cell* const kept = cells[per_slab + 7];
  std::memset(static_cast<void*>(kept), 0x5a, 192);
  for (Cell* cell : cells) {
    if (cell != kept) pool.Free(cell);
  }
  EXPECT_EQ(pool.HandBack(), 2 * slab::kSlabBytes);
  EXPECT_EQ(kernel.dropped_bytes, 2 * slab::kSlabBytes);
  SlabNodeStats stats = pool.Stats()[0];
  EXPECT_EQ(stats.slabs, 1u);
  EXPECT_EQ(stats.slabs_empty, 2u);
  EXPECT_EQ(stats.cells_live, 1u);
  EXPECT_EQ(stats.bytes_handed_back, 2 * slab::kSlabBytes);
  EXPECT_EQ(stats.bytes_touched, slab::kSlabBytes + 4096);
  for (int i = 0; i < 192; ++i) ASSERT_EQ(reinterpret_cast<unsigned char*>(kept)[i], 0x5a);
  // What was given back serves any size again, on its node, without a new mapping.
  const int maps = kernel.maps;
  EXPECT_EQ(HomeOf(kernel, pool.Allocate(NodeId(0), 8192)), 0);
  EXPECT_EQ(pool.Take(NodeId(0), kTaskClass, 2 * per_slab - 1).count, 2 * per_slab - 1);
  EXPECT_EQ(kernel.maps, maps);
  EXPECT_EQ(pool.HandBack(), 0u);
}

TEST(SlabPool, WhatTheKernelDidNotGrantIsSaidAndTheProgramGoesOn) {
  const struct {
    const char* intent;
    void (*spoil)(FakeKernelMemory&);
    const char* why;
  } rows[] = {{"granted", [](FakeKernelMemory&) {}, ""},
              {"seccomp", [](FakeKernelMemory& k) { k.set_policy_error = EPERM; },
               "the kernel refused to bind memory: Operation not permitted"},
              {"success, and nothing done", [](FakeKernelMemory& k) { k.set_policy_lies = true; },
               "asked for node 5 (the kernel's number), but the pages came from node 0"},
              {"a full node", [](FakeKernelMemory& k) { k.full.Add(5); },
               "asked for node 5 (the kernel's number), but the pages came from node 0"},
              {"the cpuset took the node away", [](FakeKernelMemory& k) { k.allowed.Remove(5); },
               "the kernel refused to bind memory: Invalid argument"},
              {"only the query is refused", [](FakeKernelMemory& k) { k.query_error = EPERM; },
               "the kernel does not say where pages are: Operation not permitted"}};
  for (const auto& row : rows) {
    FakeKernelMemory kernel({0, 5});
    row.spoil(kernel);
    SlabPool pool(FakeMachine({0, 5}), kernel);
    void* const cell = pool.Allocate(NodeId(1), 100);
    ASSERT_NE(cell, nullptr) << row.intent;
    std::memset(cell, 1, 100);
    const SlabNodeStats stats = pool.Stats()[1];
    EXPECT_EQ(stats.why, row.why) << row.intent;
    EXPECT_EQ(stats.granted, stats.why.empty()) << row.intent;
    EXPECT_FALSE(kernel.killed) << row.intent;
  }
}

TEST(SlabPool, WithoutMemoryItGivesWhatItHasAndLaterGoesOn) {
  FakeKernelMemory kernel({0, 1});
  SlabPool pool(FakeMachine({0, 1}), kernel);
  kernel.no_memory = true;
  EXPECT_EQ(pool.Allocate(NodeId(0), 8), nullptr);
  kernel.no_memory = false;
  void* const cell = pool.Allocate(NodeId(0), 8);
  kernel.no_memory = true;
  const uint32_t in_a_chunk = slab::kSlabsPerChunk * slab::kSlabBytes / 8192;
  const CellChain rest =
      pool.Take(NodeId(0), SlabPool::SizeClassOf(8192), in_a_chunk);  // one slab is of another size
  EXPECT_EQ(rest.count, in_a_chunk - slab::kSlabBytes / 8192);
  pool.Return(rest);
  pool.Free(cell);
  EXPECT_EQ(Live(pool), 0u);
  EXPECT_EQ(pool.Allocate(NodeId(0), SlabPool::kMostBytes + 1), nullptr);
}

TEST(SlabPool, OneNodeOrAnotherMachineBindsNothing) {
  FakeKernelMemory kernel({0});
  const Topology imagined = *Topology::FromSpec("numa:4 pu:1");
  for (const Topology& topology : {FakeMachine({0}), imagined}) {
    SlabPool pool(topology, kernel);
    for (size_t n = 0; n < topology.nodes().size(); ++n) {
      EXPECT_NE(pool.Allocate(NodeId(static_cast<int32_t>(n)), 64), nullptr);
    }
    EXPECT_TRUE(pool.Stats()[0].granted);
  }
  EXPECT_EQ(kernel.policies_set, 0);
}

TEST(SlabPool, UnmapsEverythingAtItsEnd) {
  FakeKernelMemory kernel({0, 1});
  {
    SlabPool pool(FakeMachine({0, 1}), kernel);
    pool.Take(NodeId(1), SlabPool::SizeClassOf(8192), 1000);
    EXPECT_GE(kernel.mapped_bytes, 8'192'000u);
  }
  EXPECT_EQ(kernel.mapped_bytes, 0u);
}

// Cells wander between threads, each writes its mark over the whole cell, and slabs are handed back
// all the while: a cell that is given twice loses a mark.
TEST(SlabPool, ManyThreadsLoseAndDoubleNothing) {
  constexpr int kThreads = 4, kRounds = 3000, kMost = 40;
  SlabPool pool(*Topology::FromSpec("numa:2 pu:2"));
  std::atomic<Cell*> crossing[kThreads] = {};  // a chain on its way to another thread
  std::atomic<int> wrong{0};
  const auto marked = [](Cell* cell, uint64_t mark) {
    const auto* words = reinterpret_cast<const uint64_t*>(cell);
    for (int i = 2; i < 24; ++i) {
      if (words[i] != mark) return false;
    }
    return words[1] == mark;
  };
  const auto body = [&](int self) {
    for (uint64_t round = 0; round < kRounds; ++round) {
      const NodeId node(static_cast<int32_t>((self + round) % 2));
      const auto want =
          static_cast<uint32_t>(1 + (round * 7 + static_cast<uint64_t>(self)) % kMost);
      CellChain chain = pool.Take(node, kTaskClass, want);
      const uint64_t mark = round * kThreads + static_cast<uint64_t>(self) + 1;
      for (Cell* cell = chain.first; cell != nullptr; cell = cell->next) {
        auto* words = reinterpret_cast<uint64_t*>(cell);
        for (int i = 1; i < 24; ++i) words[i] = mark;
      }
      // acq_rel: hands over, and takes over, the cells and their marks.
      Cell* got = crossing[(self + 1) % kThreads].exchange(chain.first, std::memory_order_acq_rel);
      if (got != nullptr) {
        const uint64_t theirs = reinterpret_cast<uint64_t*>(got)[1];
        uint32_t count = 0;
        for (Cell* cell = got; cell != nullptr; cell = cell->next, ++count) {
          if (!marked(cell, theirs)) ++wrong;
        }
        pool.Return({got, count}, node);
      }
      if (round % 64 == 0) pool.HandBack();
    }
  };
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) threads.emplace_back(body, t);
  for (std::thread& thread : threads) thread.join();
  for (std::atomic<Cell*>& left : crossing) {
    uint32_t count = 0;
    for (Cell* cell = left.load(); cell != nullptr; cell = cell->next) ++count;
    pool.Return({left.load(), count});
  }
  EXPECT_EQ(wrong.load(), 0);
  EXPECT_EQ(Live(pool), 0u);
  pool.HandBack();
  for (const SlabNodeStats& node : pool.Stats()) EXPECT_EQ(node.slabs, 0u);
}

}  // namespace
}  // namespace tally
