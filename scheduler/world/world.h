// The seam: everything that the scheduler asks of its surroundings.
//
// Conflict: a simulator that re-implements a scheduler drifts from it, but a scheduler that calls
// through an interface is slow. So the scheduler is a template on a World, a class of types and
// static functions; RealWorld's are thin inlines over the hardware, the simulated worlds' are calls
// into a deterministic kernel. This file names the parts and checks that a world has them.
//
//   Line                     one cache line, declared by a member ([[no_unique_address]]) before
//   the
//                            atomics that live on it. Simulated worlds charge an access by who last
//                            held the line. The struct around them is alignas(W::kLineBytes).
//   Atomic<T>(line, value)   std::atomic's load, store, exchange, compare_exchange_strong,
//                            fetch_add/sub/or/and, orders always spelled out. Peek(): a relaxed
//                            look for statistics and pictures, free and never a choice; no
//                            decision may rest on it.
//   Plain<T>                 a non-atomic field that another worker may read once an atomic has
//                            published it. Write() by its one owner of the moment, Read() by anyone
//                            who may. A world can check that claim (a vector-clock race check).
//                            Plain(kUnwritten): not initialised, to be written before it is read.
//   Counter                  a statistic with a single writer; Read() by anyone, never a choice.
//   LightFence, HeavyFence   an asymmetric pair: a store before LightFence() and a load after it
//                            are ordered against any other thread's HeavyFence() between its own.
//                            The light side costs nothing where membarrier(2) exists:
//                            LightFenceIsFree(). Who knows that may say FreeLightFence().
//   Fence(order)             a plain fence.
//   Now()                    Nanos since some origin; monotone per thread.
//   SpinPause()              one turn of a bounded spin.
//   Parker                   Park() blocks until Unpark() has been called since the last Park()
//                            returned (one token). ParkUntil(deadline): false when time ran out.
//   Thread                   Start(where, body) -> Status, Join().
//   Current()                this thread's slot for the worker it runs, nullptr outside.
//   ThreadNumber()           a small number, different for each thread.
//   Memory(bytes)            pages whose home is decided by first touch.
//
// and what task bodies ask, in any world:
//   Work(nanos)              burns that much time.
//   Charge(nanos)            nothing in the real world (a real body accompanies it).
//   Touch(pointer, bytes)    declares memory use; NodeId of its home, -1 if the world cannot know.
//
// At most one world access per full expression: compilers differ in the order of operands, and
// equal fingerprints on every compiler depend on it.
#pragma once

#include <atomic>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

#include "absl/status/status.h"
#include "numa/ids.h"

// For what is a handful of instructions on a hot path.
#define TALLY_INLINE [[gnu::always_inline]] inline

namespace tally {

// Constructs a Plain that holds nothing yet, for a field that is rarely used.
struct Unwritten {};
inline constexpr Unwritten kUnwritten;

// Where a world's thread runs and what it is called.
struct ThreadPlace {
  WorkerId worker{};    // -1: not a worker
  CpuId cpu{};          // of the scheduler's topology; -1: anywhere
  std::string name{};   // at most 15 characters reach the kernel
  bool prompt = false;  // is to run as soon as it is woken, whoever runs where it is
};

template <class W>
concept World = requires(typename W::template Atomic<uint64_t>& atomic, uint64_t value,
                         typename W::template Plain<int>& plain, typename W::Counter& counter,
                         typename W::Parker& parker, typename W::Thread& thread,
                         const void* pointer, Nanos nanos) {
  requires std::constructible_from < typename W::template Atomic<uint64_t>,
  typename W::Line&, uint64_t > ;
  { atomic.load(std::memory_order_relaxed) } -> std::same_as<uint64_t>;
  atomic.store(value, std::memory_order_release);
  { atomic.exchange(value, std::memory_order_seq_cst) } -> std::same_as<uint64_t>;
  {
    atomic.compare_exchange_strong(value, value, std::memory_order_seq_cst,
                                   std::memory_order_relaxed)
    } -> std::same_as<bool>;
  { atomic.fetch_add(value, std::memory_order_relaxed) } -> std::same_as<uint64_t>;
  { atomic.fetch_sub(value, std::memory_order_relaxed) } -> std::same_as<uint64_t>;
  { atomic.fetch_or(value, std::memory_order_relaxed) } -> std::same_as<uint64_t>;
  { atomic.fetch_and(value, std::memory_order_relaxed) } -> std::same_as<uint64_t>;
  { atomic.Peek() } -> std::same_as<uint64_t>;
  requires std::constructible_from<typename W::template Plain<int>, Unwritten>;
  { plain.Read() } -> std::convertible_to<const int&>;
  { plain.Write() } -> std::convertible_to<int&>;
  counter.Add(value);
  { counter.Read() } -> std::same_as<uint64_t>;
  W::LightFence();
  { W::LightFenceIsFree() } -> std::same_as<bool>;
  W::FreeLightFence();
  W::HeavyFence();
  W::Fence(std::memory_order_seq_cst);
  { W::Now() } -> std::same_as<Nanos>;
  W::SpinPause();
  parker.Park();
  { parker.ParkUntil(nanos) } -> std::same_as<bool>;
  parker.Unpark();
  { thread.Start(ThreadPlace{}, std::function<void()>{}) } -> std::same_as<absl::Status>;
  thread.Join();
  { W::Current() } -> std::same_as<void*&>;
  { W::ThreadNumber() } -> std::same_as<uint32_t>;
  W::Work(nanos);
  W::Charge(nanos);
  { W::Touch(pointer, size_t{}) } -> std::same_as<NodeId>;
  { W::kSimulated } -> std::convertible_to<bool>;
  { W::kLineBytes } -> std::convertible_to<size_t>;
};

}  // namespace tally
