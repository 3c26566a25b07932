// A task: a closure, where it belongs, and room to be linked into the queues.
#pragma once

#include <cstddef>
#include <cstdint>
#include <new>
#include <type_traits>
#include <utility>

#include "scheduler/runtime/options.h"
#include "scheduler/trace/event.h"

namespace tally {

template <class W>
class Join;

template <class W>
struct Task {
  // Runs the closure and destroys it; kDrop only destroys it.
  enum class Act : uint8_t { kRun, kDrop };
  using Closure = void (*)(Task*, Act);

  // Written by the spawner, read by whoever runs the task: published by the queue in between.
  struct Body {
    Closure closure = nullptr;
    Join<W>* join = nullptr;  // the group it belongs to; nullptr: detached
    TaskId id = 0;            // 0 unless recording
    uint32_t name_hash = 0;
    NodeId node{};  // whose injector it was sent to, if it was
    Priority priority = Priority::kNormal;
    bool on_stack = false;   // an Invoke child in its parent's frame: never freed
    bool claimable = false;  // also on its group's list, see Join::AddClaimable
    bool held = false;       // ... and claimed for good: written by who claimed it
    bool part = false;       // of a task that has begun: never dropped
    bool counted = false;    // in the crew's accounts of outstanding tasks
  };

  typename W::template Plain<Body> body;
  typename W::template Plain<Task*> next;            // Injector's, or the free list's
  typename W::template Plain<Task*> next_claimable;  // Join's
  [[no_unique_address]] typename W::Line line;
  // Only for claimable tasks: 0 until somebody has the right to run it.
  typename W::template Atomic<uint32_t> claimed{line, 0};
  // Only for claimable tasks: the injector's and the list's.
  typename W::template Atomic<uint32_t> references{line, 0};

  static constexpr size_t kInlineBytes = 64;
  alignas(16) std::byte storage[kInlineBytes];

  // Moves `closure` into the storage, or onto the heap if it is too big for it.
  template <class F>
  void Hold(F&& closure) {
    using Held = std::decay_t<F>;
    if constexpr (sizeof(Held) <= kInlineBytes && alignof(Held) <= 16) {
      new (storage) Held(std::forward<F>(closure));
      body.Write().closure = [](Task* task, Act act) {
        Held* held = std::launder(reinterpret_cast<Held*>(task->storage));
        const Destroy<Held> destroy{held};
        if (act == Act::kRun) (*held)();
      };
    } else {
      new (storage) Held*(new Held(std::forward<F>(closure)));
      body.Write().closure = [](Task* task, Act act) {
        Held* held = *std::launder(reinterpret_cast<Held**>(task->storage));
        const Delete<Held> destroy{held};
        if (act == Act::kRun) (*held)();
      };
    }
  }

  // The claim of a task that is in two places; the loser leaves it alone.
  [[nodiscard]] bool Claim() {
    // acq_rel: one winner; pairs with itself.
    return claimed.exchange(1, std::memory_order_acq_rel) == 0;
  }

 private:
  // Also when the closure throws.
  template <class Held>
  struct Destroy {
    Held* held;
    ~Destroy() { held->~Held(); }
  };
  template <class Held>
  struct Delete {
    Held* held;
    ~Delete() { delete held; }
  };
};

}  // namespace tally
