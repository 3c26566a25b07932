// stream: memory that lives on given nodes, streamed again and again by tasks that are sent to it,
// or, in the unplaced variant, by tasks that run wherever they happen to: the price of not placing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <numeric>
#include <optional>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "numa/ids.h"
#include "scheduler/runtime/array_pages.h"
#include "scheduler/runtime/basic_scheduler.h"
#include "scheduler/runtime/node_array.h"
#include "scheduler/runtime/task_group.h"
#include "scheduler/runtime/touch.h"
#include "scheduler/runtime/worker.h"
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
uint64_t AddUpBlock(const uint64_t* block) {
  uint64_t sum = 0;
  for (size_t i = 0; i < kBlockWords; ++i) sum += block[i];
  Touch<W>(block, kBlockWords * sizeof(uint64_t));
  return sum;
}

// The blocks, dealt out to the nodes in turn and first touched where they are to live.
template <class W>
class Blocks {
 public:
  static constexpr int kRounds = 4;

  Blocks(BasicScheduler<W>& scheduler, uint64_t count)
      : scheduler_(scheduler), sums_(count), streamed_by_(count * kRounds) {}

  absl::Status Fill() {
    absl::StatusOr<BasicNodeArray<W, uint64_t>> words = BasicNodeArray<W, uint64_t>::Create(
        scheduler_, sums_.size() * kBlockWords, [](size_t i) { return i / kBlockWords + 1; },
        // In virtual time first touch alone decides: what thieves do to it is part of the picture.
        {.block = kBlockWords, .prefer = !W::kSimulated, .name = "fill"});
    if (!words.ok()) return words.status();
    words_.emplace(*std::move(words));
    return absl::OkStatus();
  }

  // Adds up every block once.
  void Stream(int round, bool placed) {
    BasicTaskGroup<W> group(scheduler_);
    for (uint64_t b = 0; b < sums_.size(); ++b) {
      NodeId* const by = &streamed_by_[b * kRounds + static_cast<uint64_t>(round)];
      group.Spawn(
          [this, b, by] {
            sums_[b] += AddUpBlock<W>(Block(b));
            *by = Worker<W>::Current()->node();
          },
          {.node = placed ? words_->NodeOf(b * kBlockWords) : NodeId(), .name = "stream"});
    }
    group.Wait();
  }

  uint64_t Sum() const { return std::accumulate(sums_.begin(), sums_.end(), uint64_t{0}); }

  // Every page of every block that was streamed, against the node of the worker that did it. Homes
  // are asked for now.
  PageAccesses Accesses() const {
    PageAccesses accesses;
    for (uint64_t b = 0; b < sums_.size(); ++b) {
      for (int round = 0; round < kRounds; ++round) {
        const NodeId by = streamed_by_[b * kRounds + static_cast<uint64_t>(round)];
        ArrayPages pages;
        internal::CountPages<W>(scheduler_.topology(), Block(b), kBlockWords * sizeof(uint64_t), by,
                                pages);
        accesses.local += pages.right;
        accesses.remote += pages.wrong;
        accesses.unknown += pages.absent + pages.unknown;
      }
    }
    accesses.source = W::kSimulated ? "simulated homes" : "move_pages";
    return accesses;
  }

 private:
  uint64_t* Block(uint64_t b) const { return words_->data() + b * kBlockWords; }

  BasicScheduler<W>& scheduler_;
  std::optional<BasicNodeArray<W, uint64_t>> words_;
  std::vector<uint64_t> sums_;
  std::vector<NodeId> streamed_by_;  // by block and round
};

template <class W>
absl::StatusOr<WorkloadResult> RunStream(uint64_t count, BasicScheduler<W>& scheduler,
                                         bool placed) {
  Blocks<W> blocks(scheduler, count);
  absl::Status filled;
  const auto rounds = [&] {
    filled = blocks.Fill();
    if (!filled.ok()) return;
    for (int round = 0; round < Blocks<W>::kRounds; ++round) blocks.Stream(round, placed);
  };
  if (placed && !W::kSimulated) {
    // From outside: a worker that waits takes back its group's tasks, wherever they were sent.
    rounds();
  } else {
    // From inside: tasks that outside threads spawn are dealt out to the nodes, placed or not.
    BasicTaskGroup<W> group(scheduler);
    group.Spawn(rounds, {.name = "rounds"});
    group.Wait();
  }
  if (!filled.ok())
    return absl::ResourceExhaustedError("no memory for the blocks: use a smaller size");
  WorkloadResult result;
  result.answer = blocks.Sum();
  result.expected = Blocks<W>::kRounds * kBlockWords * (count * (count + 1) / 2);
  result.pages = blocks.Accesses();
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
