// ParallelFor: a loop whose iterations workers share out among themselves while it runs.
#pragma once

#include <algorithm>
#include <concepts>
#include <cstdint>
#include <iterator>
#include <ranges>
#include <type_traits>

#include "scheduler/concurrent/split_range.h"
#include "scheduler/runtime/basic_scheduler.h"
#include "scheduler/runtime/loop.h"
#include "scheduler/runtime/options.h"
#include "scheduler/runtime/stop_token.h"
#include "scheduler/runtime/task_group.h"
#include "scheduler/runtime/worker.h"

namespace tally {

struct LoopOptions {
  // Iterations that are run in one go, on one worker; a worker that is in such a piece keeps nobody
  // from the others. <= 0: automatic, for what the first ones take, about 2 us at a time, and never
  // more than a 16th of a worker's part.
  int64_t grain = 0;
  TaskName name = "loop";
  // Once it asks to stop, no piece begins any more.
  StopToken stop = {};
};

template <class I>
concept LoopIndex = std::integral<I> && !std::same_as<std::remove_cv_t<I>, bool>;

template <class R>
concept LoopRange = std::ranges::random_access_range<R> && std::ranges::sized_range<R>;

namespace internal {

// On `worker`'s thread: iterations [0, size), by `run(from, to)`. False, here and below: stopped
// before all of them had begun.
template <class W, class Run>
bool RunLoop(Worker<W>& worker, uint64_t size, const Run& run, const LoopOptions& options) {
  const uint64_t grain = options.grain > 0 ? static_cast<uint64_t>(options.grain) : 0;
  const uint64_t step = std::max<uint64_t>(grain, 1);
  constexpr uint64_t kMost = SplitRange<W>::kMostPieces;
  // In one turn, unless there are more pieces than a range has numbers for.
  for (uint64_t begin = 0; begin < size;) {
    const uint64_t pieces = std::min((size - begin - 1) / step + 1, kMost);
    const uint64_t length = pieces < kMost ? size - begin : pieces * step;
    const auto run_there = [&run, begin](uint64_t from, uint64_t to) {
      run(begin + from, begin + to);
    };
    if (pieces == 1) {
      if (options.stop.stop_requested()) return false;
      run_there(0, length);
    } else {
      Loop<W, decltype(run_there)> loop(worker, length, grain, run_there, options.name,
                                        options.stop);
      if (!loop.Go(static_cast<int64_t>(pieces))) return false;
    }
    begin += length;
  }
  return true;
}

// On no worker.
template <class Run>
bool RunLoopInOrder(uint64_t size, const Run& run, const LoopOptions& options) {
  if (!options.stop.stop_possible()) {
    run(0, size);
    return true;
  }
  const uint64_t step = options.grain > 0 ? static_cast<uint64_t>(options.grain) : 1;
  for (uint64_t begin = 0, end = 0; begin < size; begin = end) {
    if (options.stop.stop_requested()) return false;
    end = step < size - begin ? begin + step : size;
    run(begin, end);
  }
  return true;
}

template <class W, class Run>
bool RunLoopHere(uint64_t size, const Run& run, const LoopOptions& options) {
  if (size == 0) return true;
  if (Worker<W>* const worker = Worker<W>::Current()) return RunLoop(*worker, size, run, options);
  return RunLoopInOrder(size, run, options);
}

template <class W, class Run>
bool RunLoopOn(BasicScheduler<W>& scheduler, uint64_t size, const Run& run,
               const LoopOptions& options) {
  if (size == 0) return true;
  if (scheduler.OnWorker()) return RunLoop(*Worker<W>::Current(), size, run, options);
  bool all = false;
  BasicTaskGroup<W> group(scheduler);
  // A scheduler that has shut down runs it here, on no worker.
  group.Spawn([&] { all = RunLoopHere<W>(size, run, options); }, {.name = options.name});
  return group.Wait() && all;
}

// Both in the same type, which is what the body gets.
template <LoopIndex First, LoopIndex Last>
struct Indexes {
  using Index = std::common_type_t<First, Last>;

  Indexes(First from, Last to) : first(static_cast<Index>(from)), last(static_cast<Index>(to)) {}

  // The two's complement differences and sums of unsigned numbers: no overflow on the way.
  uint64_t size() const {
    return first < last ? static_cast<uint64_t>(last) - static_cast<uint64_t>(first) : 0;
  }
  Index At(uint64_t offset) const {
    return static_cast<Index>(static_cast<uint64_t>(first) + offset);
  }
  template <class Body>
  auto Runner(const Body& body) const {
    return [*this, &body](uint64_t from, uint64_t to) {
      const Index end = At(to);
      for (Index i = At(from); i != end; ++i) body(i);
    };
  }

  const Index first;
  const Index last;
};

template <std::random_access_iterator It>
struct Iterators {
  using Difference = std::iter_difference_t<It>;

  uint64_t size() const { return first < last ? static_cast<uint64_t>(last - first) : 0; }
  template <class Body>
  auto Runner(const Body& body) const {
    return [first = first, &body](uint64_t from, uint64_t to) {
      const It end = first + static_cast<Difference>(to);
      for (It it = first + static_cast<Difference>(from); it != end; ++it) body(*it);
    };
  }

  const It first;
  const It last;
};

template <LoopIndex First, LoopIndex Last>
Indexes<First, Last> IterationsOf(First first, Last last) {
  return {first, last};
}
template <std::random_access_iterator It>
Iterators<It> IterationsOf(It first, It last) {
  return {first, last};
}
template <LoopRange R>
auto IterationsOf(R& range) {
  const auto first = std::ranges::begin(range);
  const auto size = static_cast<std::iter_difference_t<decltype(first)>>(std::ranges::size(range));
  return Iterators<std::remove_const_t<decltype(first)>>{first, first + size};
}

}  // namespace internal

// Calls `body(i)` once for each integer i in [first, last), or `body(*it)` for each random-access
// iterator, in any order and in parallel, on the workers of `scheduler`; returns when all calls are
// over. On one worker they would come in order. `body` is called by several threads at a time.
//
// True: all of them were made. False: options.stop asked to stop before all had begun, or a
// shutdown has cancelled the loop (see below). Calls that have begun end; with automatic grain, so
// do those that a worker has taken with the one it is in.
//
// When calls throw, the first exception is thrown here, and iterations that have not begun by then
// are skipped (with automatic grain: or that a worker has taken with the one it is in).
//
// From tasks and from outside threads. Once the scheduler has shut down, the calls are made here,
// by the calling thread; during a shutdown that cancels, a loop that an outside thread asked for
// may be skipped as a whole. Loops nest.
//
// The idea is lazy splitting: runtime/loop.h, concurrent/split_range.h.
template <class W, class First, class Last, class Body>
requires requires(First f, Last l) { internal::IterationsOf(f, l); }
bool ParallelFor(BasicScheduler<W>& scheduler, First first, Last last, const Body& body,
                 const LoopOptions& options = {}) {
  const auto iterations = internal::IterationsOf(first, last);
  return internal::RunLoopOn(scheduler, iterations.size(), iterations.Runner(body), options);
}

// The same for each element of a container, span or view: `body(element)`.
template <class W, LoopRange R, class Body>
bool ParallelFor(BasicScheduler<W>& scheduler, R&& range, const Body& body,
                 const LoopOptions& options = {}) {
  const auto iterations = internal::IterationsOf(range);
  return internal::RunLoopOn(scheduler, iterations.size(), iterations.Runner(body), options);
}

// The same on the scheduler whose task calls this. On a thread that is no worker: here, in order.
template <class W, class First, class Last, class Body>
requires requires(First f, Last l) { internal::IterationsOf(f, l); }
bool ParallelFor(First first, Last last, const Body& body, const LoopOptions& options = {}) {
  const auto iterations = internal::IterationsOf(first, last);
  return internal::RunLoopHere<W>(iterations.size(), iterations.Runner(body), options);
}
template <class W, LoopRange R, class Body>
bool ParallelFor(R&& range, const Body& body, const LoopOptions& options = {}) {
  const auto iterations = internal::IterationsOf(range);
  return internal::RunLoopHere<W>(iterations.size(), iterations.Runner(body), options);
}

}  // namespace tally
