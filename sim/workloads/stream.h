// stream: memory that lives on given nodes, streamed again and again by tasks that are sent to it,
// or, in the unplaced variant, by tasks that run wherever they happen to: the price of not placing.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "numa/ids.h"
#include "scheduler/runtime/basic_scheduler.h"
#include "scheduler/runtime/task_group.h"
#include "scheduler/runtime/touch.h"
#include "sim/workloads/workloads.h"

namespace tally::workloads {

inline constexpr WorkloadInfo kStream{
    .name = "stream",
    .help = "tasks that stream blocks of memory and are sent to the node where it lives",
    .size_means = "blocks of 256 KiB, each streamed 4 times",
    .default_size = 256,
    .min_size = 1,
    .max_size = 4'096};

inline constexpr WorkloadInfo kStreamUnplaced{
    .name = "stream-unplaced",
    .help = "the same memory, by tasks that nobody sends anywhere",
    .size_means = kStream.size_means,
    .default_size = kStream.default_size,
    .min_size = kStream.min_size,
    .max_size = kStream.max_size};

inline constexpr size_t kBlockWords = (256 << 10) / sizeof(uint64_t);

template <class W>
void FillBlock(uint64_t* block, uint64_t number) {
  std::fill_n(block, kBlockWords, number + 1);
  Touch<W>(block, kBlockWords * sizeof(uint64_t));
}

template <class W>
uint64_t AddUpBlock(const uint64_t* block) {
  uint64_t sum = 0;
  for (size_t i = 0; i < kBlockWords; ++i) sum += block[i];
  Touch<W>(block, kBlockWords * sizeof(uint64_t));
  return sum;
}

// The blocks, dealt out to the nodes in turn.
template <class W>
class Blocks {
 public:
  Blocks(BasicScheduler<W>& scheduler, uint64_t count, uint64_t* words)
      : scheduler_(scheduler),
        nodes_(std::max<uint64_t>(1, scheduler.topology().nodes().size())),
        words_(words),
        sums_(count) {}

  // First touched where they are to live.
  void Fill() {
    BasicTaskGroup<W> group(scheduler_);
    for (uint64_t b = 0; b < sums_.size(); ++b) {
      group.Spawn([this, b] { FillBlock<W>(Block(b), b); }, {.node = NodeOf(b), .name = "fill"});
    }
    group.Wait();
  }

  // Adds up every block once.
  void Stream(bool placed) {
    BasicTaskGroup<W> group(scheduler_);
    for (uint64_t b = 0; b < sums_.size(); ++b) {
      group.Spawn([this, b] { sums_[b] += AddUpBlock<W>(Block(b)); },
                  {.node = placed ? NodeOf(b) : NodeId(), .name = "stream"});
    }
    group.Wait();
  }

  uint64_t Sum() const { return std::accumulate(sums_.begin(), sums_.end(), uint64_t{0}); }

 private:
  uint64_t* Block(uint64_t b) { return words_ + b * kBlockWords; }
  NodeId NodeOf(uint64_t b) const { return NodeId(static_cast<int32_t>(b % nodes_)); }

  BasicScheduler<W>& scheduler_;
  const uint64_t nodes_;
  uint64_t* const words_;
  std::vector<uint64_t> sums_;
};

template <class W>
absl::StatusOr<WorkloadResult> RunStream(uint64_t count, BasicScheduler<W>& scheduler,
                                         bool placed) {
  constexpr int kRounds = 4;
  typename W::Memory memory(count * kBlockWords * sizeof(uint64_t));
  if (memory.data() == nullptr) {
    return absl::ResourceExhaustedError("no memory for the blocks: use a smaller size");
  }
  Blocks<W> blocks(scheduler, count, reinterpret_cast<uint64_t*>(memory.data()));
  // From inside: tasks that outside threads spawn are dealt out to the nodes, placed or not.
  BasicTaskGroup<W> group(scheduler);
  group.Spawn(
      [&] {
        blocks.Fill();
        for (int round = 0; round < kRounds; ++round) blocks.Stream(placed);
      },
      {.name = "rounds"});
  group.Wait();
  WorkloadResult result;
  result.answer = blocks.Sum();
  result.expected = kRounds * kBlockWords * (count * (count + 1) / 2);
  return result;
}

template <class W>
absl::StatusOr<WorkloadResult> RunStreamPlaced(uint64_t blocks, BasicScheduler<W>& scheduler) {
  return RunStream<W>(blocks, scheduler, true);
}

template <class W>
absl::StatusOr<WorkloadResult> RunStreamUnplaced(uint64_t blocks, BasicScheduler<W>& scheduler) {
  return RunStream<W>(blocks, scheduler, false);
}

}  // namespace tally::workloads
