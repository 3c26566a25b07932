// Invoke: run closures, perhaps in parallel. The fork-join primitive.
//
// Work-first, after Frigo, Leiserson and Randall, "The implementation of the Cilk-5 multithreaded
// language", PLDI 1998: everything that a thief needs is made by the thief. What a fork costs that
// nobody steals: its closure and three words in this frame, one slot and one index of the deque,
// and three predictable branches (is the deque open, does anybody sleep, did anybody ask). No
// allocation, no fence, no atomic read-modify-write, no clock; and when somebody records, the
// deque is closed, so that all of that is the first branch's slow side.
#pragma once

#include <concepts>
#include <cstdint>
#include <exception>
#include <tuple>
#include <type_traits>
#include <utility>

#include "scheduler/runtime/fork.h"
#include "scheduler/runtime/options.h"
#include "scheduler/runtime/worker.h"
#include "scheduler/world/world.h"

namespace tally {

// What Invoke() returns in the place of a closure that returns nothing.
struct Nothing {};

namespace internal {

template <class F>
using RawResultOf = std::invoke_result_t<F>;
template <class F>
using ResultOf =
    std::conditional_t<std::is_void_v<RawResultOf<F>>, Nothing, std::decay_t<RawResultOf<F>>>;

template <class F>
TALLY_INLINE ResultOf<F> Call(F&& f) {
  if constexpr (std::is_void_v<RawResultOf<F>>) {
    std::forward<F>(f)();
    return {};
  } else {
    return std::forward<F>(f)();
  }
}

// A small temporary is passed on by value, so that the parent's own copy can stay in registers;
// anything else by reference, for its owner may look at it afterwards.
template <class G>
inline constexpr bool kByValue =
    !std::is_lvalue_reference_v<G> && std::is_trivially_copyable_v<std::remove_reference_t<G>> &&
    sizeof(std::decay_t<G>) <= 64;
template <class G>
using Passed = std::conditional_t<kByValue<G>, std::remove_reference_t<G>, G&&>;

// A fork that calls a G.
template <class W, class G>
class ForkOf : public Fork<W> {
 public:
  using Result = ResultOf<G>;
  using Callable = std::remove_reference_t<G>;
  TALLY_INLINE ForkOf(TaskName name, const Frame<W>* parent, Callable& g)
      : Fork<W>(&Run, name, parent), held_(Hold(g)) {}
  ~ForkOf() {}

  Result CallHeld() {
    if constexpr (kByValue<G>) {
      return Call(static_cast<G&&>(held_));
    } else {
      return Call(static_cast<G&&>(*held_));
    }
  }

  // After Done(), once.
  Result TakeResult() {
    this->Rethrow();
    const DestroyResult destroy{this};
    return std::move(result_);
  }
  // After Done(), instead: an earlier closure threw, so nobody wants it.
  void Forget() {
    if (!this->DropException()) result_.~Result();
  }

 private:
  using Held = std::conditional_t<kByValue<G>, Callable, Callable*>;
  struct DestroyResult {
    ForkOf* fork;
    ~DestroyResult() { fork->result_.~Result(); }
  };

  TALLY_INLINE static Held Hold(Callable& g) {
    if constexpr (kByValue<G>) {
      return g;
    } else {
      return &g;
    }
  }
  static void Run(Task<W>* task, typename Task<W>::Act) {
    ForkOf* const fork = static_cast<ForkOf*>(task);
    new (&fork->result_) Result(fork->CallHeld());
  }

  Held held_;
  union {
    Result result_;  // written by who runs it in the parent's stead
  };
};

// The fork is not the newest task, or somebody asks, or records: what it returns, whoever runs it.
template <class W, class G>
[[gnu::noinline]] ResultOf<G> JoinSlowly(ForkOf<W, G>& fork) {
  Worker<W>& worker = *Worker<W>::Current();
  if (worker.TakeBack(fork)) {
    return worker.RunInPlace(fork, [&fork] { return fork.CallHeld(); });
  }
  worker.HelpUntilOver(fork);
  return fork.TakeResult();
}

// An earlier closure threw: skips the fork if it has not begun, else waits for it and forgets it.
template <class W, class G>
[[gnu::noinline, gnu::cold]] void Abandon(ForkOf<W, G>& fork) {
  Worker<W>& worker = *Worker<W>::Current();
  if (worker.TakeBack(fork)) {
    worker.RunInPlace(fork, [] {});
  } else {
    worker.HelpUntilOver(fork);
    fork.Forget();
  }
}

// The object's address, made here. Else the compiler keeps it in a register across the closures,
// and each level of a recursion, its leaves too, saves and restores that: a tenth of what a fork
// costs.
template <class T>
TALLY_INLINE T& AddressedHere(T& object) {
#if defined(__x86_64__)
  T* address;
  asm("lea %1, %0" : "=r"(address) : "m"(object));
  return *address;
#else
  return object;
#endif
}

// The first `kCount` of the closures: the last of them as a fork, those before it meanwhile. So all
// are forked before the first one runs, the last one is what a thief gets first, and they are taken
// back in order.
template <size_t kCount, class W, class Closures>
TALLY_INLINE auto InvokeFirst(Worker<W>& worker, TaskName name, Closures& closures) {
  using G = std::tuple_element_t<kCount - 1, Closures>;
  auto& g = std::get<kCount - 1>(closures);
  if constexpr (kCount == 1) {
    return std::tuple<ResultOf<G>>(Call(std::forward<G>(g)));
  } else {
    ForkOf<W, G> fork(name, &worker.frame(), g);
    worker.PushFork(fork, name);
    const auto run_earlier = [&]() __attribute__((always_inline)) {
      try {
        return InvokeFirst<kCount - 1>(worker, name, closures);
      } catch (...) {
        Abandon<W, G>(AddressedHere(fork));
        throw;
      }
    };
    auto earlier = run_earlier();
    if (fork.Pop()) [[likely]] {
      return std::tuple_cat(std::move(earlier), std::tuple<ResultOf<G>>(Call(std::forward<G>(g))));
    }
    return std::tuple_cat(std::move(earlier),
                          std::tuple<ResultOf<G>>(JoinSlowly<W, G>(AddressedHere(fork))));
  }
}

// On a thread that is no worker: one after the other. (Braces evaluate in order.)
template <class... Fs>
[[gnu::noinline]] auto InvokeInOrder(Passed<Fs>... fs) {
  return std::tuple<ResultOf<Fs>...>{Call(static_cast<Fs&&>(fs))...};
}

template <class W, class... Fs>
TALLY_INLINE auto InvokeHere(TaskName name, Fs&&... fs) {
  Worker<W>* const worker = Worker<W>::Current();
  if (worker == nullptr) [[unlikely]]
    return InvokeInOrder<Fs...>(std::forward<Fs>(fs)...);
  std::tuple<Fs&&...> closures(std::forward<Fs>(fs)...);
  return InvokeFirst<sizeof...(Fs)>(*worker, name, closures);
}

// The name of what was given none: a type, so that it need not be passed on.
struct Unnamed {
  constexpr operator TaskName() const { return "invoke"; }  // NOLINT
};

// Two results, in registers if they are small; a std::tuple is returned through memory.
template <class First, class Second>
struct Two {
  First first;
  Second second;
};

// See kApart.
template <class W, class Name, class... Fs>
[[gnu::noinline]] auto InvokeApart(Name name, Passed<Fs>... fs) {
  if constexpr ((std::is_void_v<RawResultOf<Fs>> && ...)) {
    InvokeHere<W, Fs...>(name, static_cast<Fs&&>(fs)...);
  } else if constexpr (sizeof...(Fs) == 2) {
    auto [first, second] = InvokeHere<W, Fs...>(name, static_cast<Fs&&>(fs)...);
    return Two<decltype(first), decltype(second)>{std::move(first), std::move(second)};
  } else {
    return InvokeHere<W, Fs...>(name, static_cast<Fs&&>(fs)...);
  }
}

// How many registers it takes as an argument, if it is passed in some.
template <class T>
inline constexpr size_t kRegisters = std::is_empty_v<T> ? 0 : (sizeof(T) + 7) / 8;
template <class T>
inline constexpr bool kInRegisters = kByValue<T> && sizeof(std::decay_t<T>) <= 16;

// Whether to fork in a function of its own: if the closures reach it in registers, of which there
// are six, one for where larger results go. Then the caller, who often ends some other way (half of
// all calls in a recursion are leaves), saves no registers and makes no frame for it, and where he
// is forked he is mostly small enough to be inlined: a leaf is then no call at all. GCC does not
// split the caller so by itself, for it does not split what has an exception handler.
template <class Name, class... Fs>
inline constexpr bool kApart =
    (kInRegisters<Fs> && ...) && kRegisters<Name> + (kRegisters<std::decay_t<Fs>> + ...) <= 5;

template <class W, class Name, class... Fs>
TALLY_INLINE auto InvokeNamed(Name name, Fs&&... fs) {
  static_assert(sizeof...(Fs) >= 1, "nothing to invoke");
  constexpr bool kNoResults = (std::is_void_v<RawResultOf<Fs>> && ...);
  if constexpr (!kApart<Name, Fs...>) {
    if constexpr (kNoResults) {
      InvokeHere<W, Fs...>(name, std::forward<Fs>(fs)...);
    } else {
      return InvokeHere<W, Fs...>(name, std::forward<Fs>(fs)...);
    }
  } else if constexpr (kNoResults || sizeof...(Fs) != 2) {
    return InvokeApart<W, Name, Fs...>(name, std::forward<Fs>(fs)...);
  } else {
    auto two = InvokeApart<W, Name, Fs...>(name, std::forward<Fs>(fs)...);
    return std::tuple<ResultOf<Fs>...>(std::move(two.first), std::move(two.second));
  }
}

}  // namespace internal

// Runs the closures: the first one here, and each of the others here afterwards, or in parallel on
// a worker that steals it. Returns when all are over: a tuple of what they return, by value
// (Nothing for those that return nothing), or nothing if none returns anything. On a thread that is
// no worker: one after the other. If one throws, those that have not begun are skipped; the first
// exception, in the order of the closures, is thrown here.
template <class W, std::invocable... Fs>
TALLY_INLINE auto Invoke(Fs&&... fs) {
  return internal::InvokeNamed<W>(internal::Unnamed{}, std::forward<Fs>(fs)...);
}

// The same, with a name for what is forked, in recordings.
template <class W, std::invocable... Fs>
TALLY_INLINE auto Invoke(TaskName name, Fs&&... fs) {
  return internal::InvokeNamed<W>(name, std::forward<Fs>(fs)...);
}

}  // namespace tally
