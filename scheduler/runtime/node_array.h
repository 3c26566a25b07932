// NodeArray: one array over the memory of all nodes, each stretch of it made by the workers that
// will use it.
//
// Conflict: the first thread that touches a page decides where it lies, and a constructor that
// fills an array from one thread puts all of it on one node, where every worker then fetches it. So
// the elements are made by tasks on their nodes; and since a task may be robbed, the pages have a
// policy too, where the kernel grants one. Where it does not, a task that finds itself on another
// node sends itself on.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "numa/bound_memory.h"
#include "numa/ids.h"
#include "numa/memory_policy.h"
#include "scheduler/policy/partition.h"
#include "scheduler/runtime/array_pages.h"
#include "scheduler/runtime/basic_scheduler.h"
#include "scheduler/runtime/options.h"
#include "scheduler/runtime/task_group.h"
#include "scheduler/runtime/touch.h"
#include "scheduler/runtime/worker.h"

namespace tally {

struct NodeArrayOptions {
  // 0: one stretch per node, as long as its part of the workers. Else stretches of that many
  // elements (rounded up to whole pages), dealt out to the nodes in turn.
  size_t block = 0;
  // The pages prefer their node, whoever touches them first. False: first touch alone decides.
  bool prefer = true;
  TaskName name = "first touch";  // of the tasks that make the elements
};

// Must not outlive its scheduler. Reading and writing elements is the caller's to synchronise.
template <class W, class T>
class BasicNodeArray {
 public:
  // `make(i)` gives element i; called once for each, in parallel, on the nodes where they are to
  // live. Whatever the kernel does not grant, the array is there: Check() says where its pages are.
  // ResourceExhausted when there is no memory. Throws what `make` throws, first come; what was made
  // by then is destroyed. From tasks and from outside threads.
  template <class F>
  static absl::StatusOr<BasicNodeArray> Create(BasicScheduler<W>& scheduler, size_t count,
                                               const F& make, NodeArrayOptions options = {});
  // Value-initialised elements.
  static absl::StatusOr<BasicNodeArray> Create(BasicScheduler<W>& scheduler, size_t count) {
    return Create(scheduler, count, [](size_t) { return T(); });
  }

  size_t size() const { return elements_->count; }
  T* data() const { return elements_->data(); }
  T* begin() const { return data(); }
  T* end() const { return data() + size(); }
  T& operator[](size_t i) const { return data()[i]; }

  // In order; they cover the array.
  const std::vector<Stretch>& stretches() const { return stretches_; }
  // Where element `i` (< size()) was meant to live: for .node. No question to anybody.
  NodeId NodeOf(size_t i) const {
    const auto after =
        std::upper_bound(stretches_.begin(), stretches_.end(), i,
                         [](size_t element, const Stretch& s) { return element < s.first; });
    return std::prev(after)->node;
  }

  // Calls `body(piece, first)` for pieces of at most 256 KiB, or one element, that cover the array:
  // tasks that are sent to their nodes. `piece` is a std::span<T>, `first` the index of its first
  // element. Returns when all are over; throws the first exception.
  template <class F>
  void ForEachPiece(const F& body, TaskName name = "piece") const;
  // The same, `body(element)` for each.
  template <class F>
  void ForEach(const F& body, TaskName name = "piece") const {
    ForEachPiece(
        [&body](std::span<T> piece, size_t) {
          for (T& element : piece) body(element);
        },
        name);
  }

  // Asks the kernel where the pages are (a simulation: the imagined one), 0.2 us a page.
  ArrayPages Check() const {
    ArrayPages pages{.policy_why = policy_why_};
    for (const Stretch& s : stretches_) {
      internal::CountPages<W>(scheduler_->topology(), data() + s.first,
                              (s.last - s.first) * sizeof(T), s.node, pages);
    }
    pages.Conclude();
    return pages;
  }
  // Moves a stretch to another node. Real world only.
  MemoryBinding Migrate(size_t stretch, NodeId node);

 private:
  static constexpr size_t kPieceBytes = size_t{256} << 10;

  // Of a piece, [first, built) holds objects.
  struct Piece {
    size_t first, last, built;
    NodeId node;
  };
  struct Elements {
    explicit Elements(size_t bytes) : memory(bytes) {}
    Elements(const Elements&) = delete;
    Elements& operator=(const Elements&) = delete;
    ~Elements() {
      if constexpr (!std::is_trivially_destructible_v<T>) {
        for (const Piece& piece : pieces) std::destroy(data() + piece.first, data() + piece.built);
      }
    }
    T* data() const { return reinterpret_cast<T*>(memory.data()); }

    typename W::Memory memory;
    std::vector<BoundMemory> bound;  // by stretch; gone before the memory
    size_t count = 0;
    std::vector<Piece> pieces;
  };
  // What the tasks that make the elements share.
  template <class F>
  struct Making {
    Elements& elements;
    BasicTaskGroup<W>& group;
    const F& make;
    const TaskName name;
    const bool insist;  // on running at home

    void Make(size_t piece, int attempt);
  };

  BasicNodeArray(BasicScheduler<W>& scheduler, std::unique_ptr<Elements> elements)
      : scheduler_(&scheduler), elements_(std::move(elements)) {}
  void CutIntoPieces();

  BasicScheduler<W>* scheduler_;
  std::unique_ptr<Elements> elements_;
  std::vector<Stretch> stretches_;
  std::string policy_why_;  // empty: the kernel granted the policy
};

template <class W, class T>
template <class F>
absl::StatusOr<BasicNodeArray<W, T>> BasicNodeArray<W, T>::Create(BasicScheduler<W>& scheduler,
                                                                  size_t count, const F& make,
                                                                  NodeArrayOptions options) {
  static_assert(alignof(T) <= 4096, "elements are aligned to at most a page");
  if (count > PTRDIFF_MAX / sizeof(T)) {
    return absl::ResourceExhaustedError(absl::StrCat("no memory for ", count, " elements"));
  }
  auto elements = std::make_unique<Elements>(std::max<size_t>(count * sizeof(T), 1));
  if (elements->memory.data() == nullptr) {
    return absl::ResourceExhaustedError(
        absl::StrCat("no memory for ", count, " elements of ", sizeof(T), " bytes"));
  }
  elements->count = count;
  BasicNodeArray array(scheduler, std::move(elements));
  array.stretches_ = PartitionOverNodes(
      count, sizeof(T), internal::PageBytes<W>(),
      internal::WorkersByNode(scheduler.topology(), scheduler.Placement()), options.block);
  array.elements_->bound.resize(array.stretches_.size());
  for (size_t i = 0; options.prefer && i < array.stretches_.size(); ++i) {
    const Stretch& s = array.stretches_[i];
    std::string why =
        internal::PreferNode<W>(scheduler.topology(), array.data() + s.first,
                                (s.last - s.first) * sizeof(T), s.node, array.elements_->bound[i]);
    if (array.policy_why_.empty()) array.policy_why_ = std::move(why);
  }
  array.CutIntoPieces();

  BasicTaskGroup<W> group(scheduler);
  Making<F> making{*array.elements_, group, make, options.name,
                   !array.policy_why_.empty() && scheduler.topology().is_this_machine()};
  for (size_t p = 0; p < array.elements_->pieces.size(); ++p) {
    group.Spawn([&making, p] { making.Make(p, 0); },
                {.node = array.elements_->pieces[p].node, .name = options.name});
  }
  group.Wait();
  return array;
}

template <class W, class T>
void BasicNodeArray<W, T>::CutIntoPieces() {
  const size_t step = ElementsPerPages(sizeof(T), internal::PageBytes<W>());
  const size_t piece = std::max(step, kPieceBytes / sizeof(T) / step * step);
  for (const Stretch& s : stretches_) {
    for (size_t first = s.first; first < s.last; first += piece) {
      elements_->pieces.push_back({first, std::min(first + piece, s.last), first, s.node});
    }
  }
}

template <class W, class T>
template <class F>
void BasicNodeArray<W, T>::Making<F>::Make(size_t index, int attempt) {
  constexpr int kAttempts = 64;  // then it lies where it lies, and Check() says so
  Piece& piece = elements.pieces[index];
  const Worker<W>* const worker = Worker<W>::Current();
  if (insist && worker != nullptr && worker->node() != piece.node && attempt < kAttempts) {
    group.Spawn([this, index, attempt] { Make(index, attempt + 1); },
                {.node = piece.node, .name = name});
    return;
  }
  T* const data = elements.data();
  for (; piece.built < piece.last; ++piece.built) ::new (data + piece.built) T(make(piece.built));
  Touch<W>(data + piece.first, (piece.last - piece.first) * sizeof(T));
}

template <class W, class T>
template <class F>
void BasicNodeArray<W, T>::ForEachPiece(const F& body, TaskName name) const {
  BasicTaskGroup<W> group(*scheduler_);
  for (const Piece& piece : elements_->pieces) {
    group.Spawn(
        [this, &piece, &body] {
          body(std::span<T>(data() + piece.first, data() + piece.last), piece.first);
        },
        {.node = piece.node, .name = name});
  }
  group.Wait();
}

template <class W, class T>
MemoryBinding BasicNodeArray<W, T>::Migrate(size_t stretch, NodeId node) {
  static_assert(!W::kSimulated, "imagined pages do not move");
  Stretch& s = stretches_[stretch];
  s.node = node;
  for (Piece& piece : elements_->pieces) {
    if (piece.first >= s.first && piece.last <= s.last) piece.node = node;
  }
  MemoryBinding moved = internal::MigrateRealPages(
      scheduler_->topology(), data() + s.first,
      internal::WholePages<W>((s.last - s.first) * sizeof(T)), node, elements_->bound[stretch]);
  scheduler_->ForgetHomes();
  return moved;
}

}  // namespace tally
