// A task: a closure, where it belongs, and room to be linked into the queues.
#pragma once

#include <cstddef>
#include <cstdint>
#include <new>
#include <type_traits>
#include <utility>

#include "scheduler/runtime/options.h"
#include "scheduler/trace/event.h"
#include "scheduler/world/world.h"

namespace tally {

template <class W>
class Join;

// What the queues hold: a QueuedTask, or a Fork (fork.h).
template <class W>
struct Task {
  // Runs the closure and destroys it; kDrop only destroys it.
  enum class Act : uint8_t { kRun, kDrop };
  using Closure = void (*)(Task*, Act);

  // Written by the spawner, read by whoever runs the task: published by the queue in between. Of 16
  // bytes, so that a fork costs two stores for it.
  struct Header {
    Closure closure = nullptr;
    uint32_t name_hash = 0;
    Priority priority = Priority::kNormal;  // not of a Fork: the level of its deque
    bool fork = false;                      // a Fork, else a QueuedTask
    bool claimable = false;                 // also on its group's list, see Join::AddClaimable
    bool counted = false;                   // in the crew's accounts of outstanding tasks
  };

  Task() = default;
  explicit Task(const Header& what) : header(what), id(kUnwritten), next(kUnwritten) {}

  typename W::template Plain<Header> header;
  typename W::template Plain<TaskId> id;   // only while recording
  typename W::template Plain<Task*> next;  // Injector's, or the free list's
};

// A task in a cell of its own.
template <class W>
struct QueuedTask : Task<W> {
  using Act = typename Task<W>::Act;

  QueuedTask() {}  // leaves the storage as it is

  // Written and published as the header.
  struct Body {
    Join<W>* join = nullptr;  // the group it belongs to; nullptr: detached
    NodeId node{};            // whose injector it was sent to, if it was
    bool held = false;        // claimable, and claimed for good: written by who claimed it
    bool part = false;        // of a task that has begun: never dropped
  };

  typename W::template Plain<Body> body;
  // Here, so that a task with a small closure is one cache line of 64 bytes for who steals it.
  static constexpr size_t kInlineBytes = 64;
  alignas(16) std::byte storage[kInlineBytes];

  typename W::template Plain<Nanos> queued_at;  // in an injector; 0: nobody has looked
  [[no_unique_address]] typename W::Line line;
  // Only for claimable tasks: 0 until somebody has the right to run it.
  typename W::template Atomic<uint32_t> claimed{line, 0};
  // Only for claimable tasks: the injector's and the list's.
  typename W::template Atomic<uint32_t> references{line, 0};
  typename W::template Plain<QueuedTask*> next_claimable{kUnwritten};  // Join's

  // Moves `closure` into the storage, or onto the heap if it is too big for it.
  template <class F>
  void Hold(F&& closure) {
    using Held = std::decay_t<F>;
    if constexpr (sizeof(Held) <= kInlineBytes && alignof(Held) <= 16) {
      new (storage) Held(std::forward<F>(closure));
      this->header.Write().closure = [](Task<W>* task, Act act) {
        std::byte* const bytes = static_cast<QueuedTask*>(task)->storage;
        Held* held = std::launder(reinterpret_cast<Held*>(bytes));
        const Destroy<Held> destroy{held};
        if (act == Act::kRun) (*held)();
      };
    } else {
      new (storage) Held*(new Held(std::forward<F>(closure)));
      this->header.Write().closure = [](Task<W>* task, Act act) {
        std::byte* const bytes = static_cast<QueuedTask*>(task)->storage;
        Held* held = *std::launder(reinterpret_cast<Held**>(bytes));
        const Delete<Held> destroy{held};
        if (act == Act::kRun) (*held)();
      };
    }
  }

  // Before it is put into the two places. relaxed: published by those.
  void MakeClaimable() {
    this->header.Write().claimable = true;
    claimed.store(0, std::memory_order_relaxed);
    references.store(2, std::memory_order_relaxed);
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
