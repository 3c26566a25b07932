// ParallelReduce: combines a value for each iteration of a loop into one, with the same bits
// however many workers there are.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <optional>
#include <utility>

#include "scheduler/runtime/basic_scheduler.h"
#include "scheduler/runtime/parallel_for.h"

namespace tally {
namespace internal {

// Iterations per leaf of the tree by which values are combined: a function of these two numbers and
// nothing else, for the result depends on it.
constexpr uint64_t ReduceLeaf(uint64_t size, int64_t grain) {
  constexpr uint64_t kLeaves = 1024;          // when the grain is automatic
  constexpr uint64_t kMostLeaves = 1u << 20;  // each needs memory for a value
  const uint64_t most = grain > 0 ? kMostLeaves : kLeaves;
  const uint64_t least = grain > 0 ? static_cast<uint64_t>(grain) : 1;
  return std::max(least, size / most + (size % most != 0 ? 1 : 0));
}

// Combines the values of leaves in a fixed binary tree: at each level neighbours 2k and 2k+1, and
// an odd one out goes up as it is. Whoever brings the second of two neighbours combines them, so
// nobody waits, and long combinations are parallel too.
template <class W, class T, class Combine>
class ReduceTree {
 public:
  ReduceTree(uint64_t leaves, const Combine& combine) : leaves_(leaves), combine_(combine) {
    if (leaves > kInline) {
      heap_ = std::make_unique<Slot[]>(leaves);
      slots_ = heap_.get();
      return;
    }
    slots_ = reinterpret_cast<Slot*>(inline_);
    for (uint64_t i = 0; i < leaves; ++i) new (&slots_[i]) Slot;
  }
  ReduceTree(const ReduceTree&) = delete;
  ReduceTree& operator=(const ReduceTree&) = delete;
  ~ReduceTree() {
    if (heap_ == nullptr) std::destroy_n(slots_, leaves_);
  }

  // Leaf `leaf` has this value. Once for each leaf.
  void Bring(uint64_t leaf, T value) {
    slots_[leaf].value.Write().emplace(std::move(value));
    uint64_t base = leaf;  // the first leaf of the block whose value we have; it is in that slot
    for (uint64_t width = 1; width < leaves_; width *= 2) {
      const uint64_t left = base & ~(2 * width - 1);
      const uint64_t right = left + width;
      if (right >= leaves_) continue;
      // acq_rel: the second one to come sees what the first one has written.
      if (slots_[right].brought.exchange(1, std::memory_order_acq_rel) == 0) return;
      std::optional<T>& value_left = slots_[left].value.Write();
      std::optional<T>& value_right = slots_[right].value.Write();
      *value_left = combine_(*std::move(value_left), *std::move(value_right));
      value_right.reset();
      base = left;
    }
    whole_.Write() = true;
  }

  // Nobody brings any more. `otherwise`: not all leaves were brought.
  T Take(T otherwise) {
    return whole_.Read() ? *std::move(slots_[0].value.Write()) : std::move(otherwise);
  }

 private:
  struct Slot {
    [[no_unique_address]] typename W::Line line;
    // Whether one of the two blocks that meet here has its value. A leaf is the first one of a
    // right block at one level only, so this word belongs to one pair.
    typename W::template Atomic<uint32_t> brought{line, 0};
    typename W::template Plain<std::optional<T>> value;
  };
  // Without the heap up to here: as many leaves of a double as an automatic grain makes.
  static constexpr size_t kInlineBytes = 24 << 10;
  static constexpr uint64_t kInline = kInlineBytes / sizeof(Slot);

  const uint64_t leaves_;
  const Combine& combine_;
  typename W::template Plain<bool> whole_;
  std::unique_ptr<Slot[]> heap_;
  Slot* slots_;
  alignas(Slot) std::byte inline_[std::max<size_t>(kInline, 1) * sizeof(Slot)];
};

// `run_loop(leaves, run, options)` runs run(from, to) for the numbers of all leaves.
template <class W, class Iterations, class T, class Map, class Combine, class RunLoopOver>
T Reduce(const Iterations& iterations, T identity, const Map& map, const Combine& combine,
         const LoopOptions& options, const RunLoopOver& run_loop) {
  const uint64_t size = iterations.size();
  if (size == 0) return identity;
  const uint64_t length = ReduceLeaf(size, options.grain);
  const uint64_t leaves = (size - 1) / length + 1;
  ReduceTree<W, T, Combine> tree(leaves, combine);
  const auto run = [&](uint64_t from, uint64_t to) {
    for (uint64_t leaf = from; leaf < to; ++leaf) {
      T sum = identity;
      const auto add = [&](auto&& element) {
        sum = combine(std::move(sum), map(std::forward<decltype(element)>(element)));
      };
      const uint64_t first = leaf * length;
      iterations.Runner(add)(first, length < size - first ? first + length : size);
      tree.Bring(leaf, std::move(sum));
    }
  };
  LoopOptions each_leaf = options;
  each_leaf.grain = 1;
  run_loop(leaves, run, each_leaf);
  return tree.Take(std::move(identity));
}

template <class W, class Iterations, class T, class Map, class Combine>
T ReduceOn(BasicScheduler<W>& scheduler, const Iterations& iterations, T identity, const Map& map,
           const Combine& combine, const LoopOptions& options) {
  return Reduce<W>(iterations, std::move(identity), map, combine, options,
                   [&](uint64_t leaves, const auto& run, const LoopOptions& each_leaf) {
                     RunLoopOn(scheduler, leaves, run, each_leaf);
                   });
}

template <class W, class Iterations, class T, class Map, class Combine>
T ReduceHere(const Iterations& iterations, T identity, const Map& map, const Combine& combine,
             const LoopOptions& options) {
  return Reduce<W>(iterations, std::move(identity), map, combine, options,
                   [&](uint64_t leaves, const auto& run, const LoopOptions& each_leaf) {
                     RunLoopHere<W>(leaves, run, each_leaf);
                   });
}

}  // namespace internal

// Combines map(i) for each integer i in [first, last), or map(*it) for each random-access iterator,
// by `combine(T, T) -> T`, in parallel; `identity` for an empty range. T is the type of `identity`.
//
// Deterministic: neighbours are combined, left with right, in a tree that depends on the size of
// the range and on options.grain only. So the result has the same bits for any number of workers,
// in every run, on no worker at all, also where combine() only nearly associates, as a floating-
// point sum does. combine() need not commute.
//
// options.grain: iterations that are folded one after the other, from `identity` on, into a leaf of
// that tree; more of them where there would be more than 2^20 leaves. <= 0: automatic, a 1024th of
// the range. `identity` is copied for each leaf and must be neutral.
//
// Exceptions, threads, shutdown: as ParallelFor(). (Where ParallelFor() skips a loop as a whole,
// the result is `identity`; likewise where options.stop stops it early.) Allocates only when the
// leaves' values need more than 24 KiB.
template <class W, class First, class Last, class T, class Map, class Combine>
requires requires(First f, Last l) { internal::IterationsOf(f, l); }
[[nodiscard]] T ParallelReduce(BasicScheduler<W>& scheduler, First first, Last last, T identity,
                               const Map& map, const Combine& combine,
                               const LoopOptions& options = {}) {
  return internal::ReduceOn(scheduler, internal::IterationsOf(first, last), std::move(identity),
                            map, combine, options);
}

// The same for each element of a container, span or view: map(element).
template <class W, LoopRange R, class T, class Map, class Combine>
[[nodiscard]] T ParallelReduce(BasicScheduler<W>& scheduler, R&& range, T identity, const Map& map,
                               const Combine& combine, const LoopOptions& options = {}) {
  return internal::ReduceOn(scheduler, internal::IterationsOf(range), std::move(identity), map,
                            combine, options);
}

// The same on the scheduler whose task calls this. On a thread that is no worker: here.
template <class W, class First, class Last, class T, class Map, class Combine>
requires requires(First f, Last l) { internal::IterationsOf(f, l); }
[[nodiscard]] T ParallelReduce(First first, Last last, T identity, const Map& map,
                               const Combine& combine, const LoopOptions& options = {}) {
  return internal::ReduceHere<W>(internal::IterationsOf(first, last), std::move(identity), map,
                                 combine, options);
}
template <class W, LoopRange R, class T, class Map, class Combine>
[[nodiscard]] T ParallelReduce(R&& range, T identity, const Map& map, const Combine& combine,
                               const LoopOptions& options = {}) {
  return internal::ReduceHere<W>(internal::IterationsOf(range), std::move(identity), map, combine,
                                 options);
}

}  // namespace tally
