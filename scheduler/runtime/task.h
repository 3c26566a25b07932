// A task: a closure, where it belongs, and room to be linked into the queues.
#pragma once

#include <cstddef>
#include <cstdint>
#include <new>
#include <type_traits>
#include <utility>

#include "numa/ids.h"
#include "numa/slab_pool.h"
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
  explicit Task(const Header& what) : header(what), next(kUnwritten), id(kUnwritten) {}

  typename W::template Plain<Header> header;
  typename W::template Plain<Task*> next;  // Injector's, or the free list's
  // While recording its id; else, in an injector, a task that comes some places later.
  typename W::template Plain<TaskId> id;

  // For the injector, unless recording.
  void SetHint(const Task* later) { id.Write() = reinterpret_cast<uintptr_t>(later); }
  const void* Hint() const { return reinterpret_cast<const void*>(id.Read()); }
};

// A task in a cell of its own.
template <class W>
struct QueuedTask : Task<W> {
  using Act = typename Task<W>::Act;

  QueuedTask() {}  // leaves the storage as it is

  struct Marks {
    bool held : 1 = false;   // claimable, and claimed for good: written by who claimed it
    bool part : 1 = false;   // of a task that has begun: never dropped
    bool timed : 1 = false;  // queued_at is written
  };

  // All but the last two are in the first 64 bytes, and so is a small closure: of a short task
  // nobody needs the rest. Written and published as the header.
  typename W::template Plain<Join<W>*> join;  // the group it belongs to; nullptr: detached
  typename W::template Plain<NodeId> node;    // whose injector it was sent to, if it was
  typename W::template Plain<Marks> marks;
  [[no_unique_address]] typename W::Line line;
  // Only for claimable tasks: the places where it is, the injector's and the list's; and kClaimed
  // once somebody has the right to run it.
  typename W::template Atomic<uint16_t> places{line, 0};
  static constexpr size_t kInlineBytes = 64;
  alignas(16) std::byte storage[kInlineBytes];
  typename W::template Plain<Nanos> queued_at{kUnwritten};             // in an injector
  typename W::template Plain<QueuedTask*> next_claimable{kUnwritten};  // Join's

  // Moves `closure` into the storage; if it is too big for it, into a cell of `pool` on `node`, and
  // if it is too big for that as well, onto the heap. Throws what moving it throws, and
  // std::bad_alloc.
  template <class F>
  void Hold(F&& closure, SlabPool& pool, NodeId node) {
    using Held = std::decay_t<F>;
    if constexpr (sizeof(Held) <= kInlineBytes && alignof(Held) <= 16) {
      new (storage) Held(std::forward<F>(closure));
      this->header.Write().closure = [](Task<W>* task, Act act) {
        Held* const held =
            std::launder(reinterpret_cast<Held*>(static_cast<QueuedTask*>(task)->storage));
        const Destroy<Held> destroy{held};
        if (act == Act::kRun) (*held)();
      };
    } else if constexpr (SlabPool::SizeClassOf(sizeof(Held), alignof(Held)) >= 0) {
      void* const cell = pool.Allocate(node, sizeof(Held), alignof(Held));
      if (cell == nullptr) throw std::bad_alloc();
      try {
        HoldAt(new (cell) Held(std::forward<F>(closure)));
      } catch (...) {
        SlabPool::FreeInItsPool(cell, node);
        throw;
      }
      RunAndEnd<Held, DestroyInCell<Held>>();
    } else {
      HoldAt(new Held(std::forward<F>(closure)));
      RunAndEnd<Held, Delete<Held>>();
    }
  }

  // Before it is put into the two places. relaxed: published by those.
  void MakeClaimable() {
    this->header.Write().claimable = true;
    places.store(2, std::memory_order_relaxed);
  }
  // The claim of a task that is in two places; the loser leaves it alone.
  [[nodiscard]] bool Claim() {
    // acq_rel: one winner; pairs with itself.
    return (places.fetch_or(kClaimed, std::memory_order_acq_rel) & kClaimed) == 0;
  }
  // Lets go of one of the places. True: it was the last one, so the cell is to be freed.
  [[nodiscard]] bool LeavePlace() {
    // acq_rel: the last one must have seen the other's use.
    return (places.fetch_sub(1, std::memory_order_acq_rel) & ~kClaimed) == 1;
  }

 private:
  static constexpr uint16_t kClaimed = 1 << 8;

  // The closure is at `held`, which the storage remembers.
  template <class Held>
  void HoldAt(Held* held) {
    new (storage) Held*(held);
  }
  template <class Held, class End>
  void RunAndEnd() {
    this->header.Write().closure = [](Task<W>* task, Act act) {
      Held* const held =
          *std::launder(reinterpret_cast<Held**>(static_cast<QueuedTask*>(task)->storage));
      const End end{held};
      if (act == Act::kRun) (*held)();
    };
  }

  // Ends of closures, also when they throw.
  template <class Held>
  struct Destroy {
    Held* held;
    ~Destroy() { held->~Held(); }
  };
  template <class Held>
  struct DestroyInCell {
    Held* held;
    ~DestroyInCell() {
      held->~Held();
      SlabPool::FreeInItsPool(held);
    }
  };
  template <class Held>
  struct Delete {
    Held* held;
    ~Delete() { delete held; }
  };
};

}  // namespace tally
