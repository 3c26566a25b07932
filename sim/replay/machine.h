// The scheduler's state as a recording implies it: who runs what, what lies in which queue, who
// sleeps.
//
// Check() and Apply() are apart: Check() says whether an event can happen now, and if not, whether
// another lane could change that; Apply() carries the event out as well as possible whatever
// Check() said, so that one wrong event does not hide everything after it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "scheduler/trace/event.h"
#include "scheduler/trace/recording_header.h"
#include "sim/replay/task_queue.h"

namespace tally {

class Machine {
 public:
  // What could make a blocked event possible: this changed.
  struct Cause {
    enum class Kind : uint8_t { kNothing, kTask, kDeque, kInjector, kGroup };
    Kind kind = Kind::kNothing;  // kNothing: the event is impossible whatever others do
    uint64_t id = 0;
    friend bool operator==(const Cause&, const Cause&) = default;
    template <class H>
    friend H AbslHashValue(H hash, const Cause& cause) {
      return H::combine(std::move(hash), cause.kind, cause.id);
    }
  };
  // Why an event cannot happen now. `rule` is what must hold, in words; empty: it can happen.
  struct Obstacle {
    std::string_view rule;
    Cause cause;
    bool none() const { return rule.empty(); }
  };

  enum class Where : uint8_t { kNowhere, kDeque, kInjector, kHand, kInline, kRunning, kOver };
  struct Task {
    Where where = Where::kNowhere;
    Priority priority = Priority::kNormal;
    uint16_t place = 0;     // worker or node, by `where`
    uint16_t producer = 0;  // the lane that put it there
    uint64_t group = 0;     // 0: detached
    uint64_t ticket = 0;    // of its entry in a queue
  };
  // What a lane is in the middle of: tasks and, on top of a task that waits, a wait.
  struct Frame {
    bool is_wait = false;
    uint64_t id = 0;  // TaskId or group
  };

  explicit Machine(const RecordingHeader& header);

  size_t workers() const { return workers_; }
  size_t outside() const { return workers_; }  // the lane of everybody else

  Obstacle Check(size_t lane, const Event& event);
  // Calls `changed` with every cause that may have released a blocked event.
  void Apply(size_t lane, const Event& event, const std::function<void(Cause)>& changed);
  // What a finished run leaves undone, one sentence each; at most `most`.
  std::vector<std::string> Unfinished(const RecordingHeader& header, size_t most) const;

  // --- for viewers ---
  bool parked(size_t lane) const { return lanes_[lane].parked; }
  bool at_rest(size_t lane) const { return lanes_[lane].at_rest; }
  const std::vector<Frame>& stack(size_t lane) const { return lanes_[lane].stack; }
  TaskId Running(size_t lane) const;                                  // the innermost task, 0: none
  std::vector<TaskId> Deque(size_t worker, Priority priority) const;  // oldest first
  std::vector<TaskId> Injector(size_t node, Priority priority) const;
  const Task* Find(TaskId task) const;
  uint64_t spawned() const { return tasks_.size(); }
  uint64_t over() const { return over_; }

 private:
  using Levels = std::array<TaskQueue, kPriorities>;
  struct Lane {
    std::vector<Frame> stack;
    bool parked = false;
    bool at_rest = false;  // a spare that does not serve
    Levels deque;
    std::vector<uint64_t> batches;  // InjectorId()s that it has an open batch of
  };
  // Tasks that a worker takes from an injector with one visit. The oldest is for its hand, and the
  // others come newest first, so that they lie in its deque with the oldest on top. Open while
  // tasks are there that are older than the last one taken.
  struct Batch {
    size_t lane = 0;
    uint64_t ticket = 0;  // of the last one taken
  };

  Obstacle CheckSpawn(size_t lane, const Event& event) const;
  Obstacle CheckBegin(size_t lane, const Event& event);
  Obstacle CheckEnd(size_t lane, const Event& event) const;
  Obstacle CheckSteal(size_t lane, const Event& event);
  Obstacle CheckTake(size_t lane, const Event& event);
  Obstacle CheckReclaim(size_t lane, const Event& event) const;
  Obstacle CheckInjected(const Event& event) const;
  Obstacle CheckBatches(size_t lane);
  Obstacle CheckWaitBegin(size_t lane, const Event& event) const;
  Obstacle CheckWaitEnd(size_t lane, const Event& event) const;
  Obstacle CheckPark(size_t lane, const Event& event);
  Obstacle CheckUnpark(size_t lane, const Event& event) const;
  Obstacle CheckHandOver(size_t lane, const Event& event);
  // The outside is; and a spare is an outside thread for a while, which pushes by its own door.
  bool IsManyThreads(size_t lane) const { return lane >= regular_workers_; }
  bool IsSpare(size_t lane) const { return lane >= regular_workers_ && lane < workers_; }

  void Move(size_t lane, TaskId id, Where where, size_t place,
            const std::function<void(Cause)>& changed);
  void MoveTo(size_t lane, const Event& event, size_t injector_node,
              const std::function<void(Cause)>& changed);
  void NoteBatch(size_t lane, TaskId id);
  bool IsOpen(uint64_t injector);
  void Leave(const Task& task, const std::function<void(Cause)>& changed);
  void Spawn(size_t lane, const Event& event, const std::function<void(Cause)>& changed);
  void End(size_t lane, const Event& event, const std::function<void(Cause)>& changed);
  void PopFrame(size_t lane, Frame frame);

  bool IsNode(int peer) const { return peer >= 0 && static_cast<size_t>(peer) < nodes_; }
  bool IsWorker(int peer) const { return peer >= 0 && static_cast<size_t>(peer) < workers_; }
  TaskQueue& DequeOf(size_t worker, Priority priority) {
    return lanes_[worker].deque[static_cast<size_t>(priority)];
  }
  uint64_t InjectorId(size_t node, Priority priority, size_t producer) const;
  size_t InjectorNodeOf(size_t lane) const;
  // Whether a queue's entry is still that task's place.
  auto Valid() const {
    return [this](const TaskQueue::Entry& entry) {
      const auto found = tasks_.find(entry.task);
      return found != tasks_.end() && found->second.ticket == entry.ticket;
    };
  }

  const std::vector<RecordingHeader::Worker> workers_at_;
  const size_t workers_;
  const size_t regular_workers_;  // the others are spares
  const size_t nodes_;
  std::vector<Lane> lanes_;  // workers, then the outside
  // Who pushes into an injector does so after its event, so the order of two producers' tasks is
  // not recorded; of one producer's it is. By InjectorId().
  absl::flat_hash_map<uint64_t, TaskQueue> injectors_;
  absl::flat_hash_map<uint64_t, Batch> batches_;  // likewise
  absl::flat_hash_map<TaskId, Task> tasks_;
  absl::flat_hash_map<uint64_t, uint64_t> open_;  // group -> its tasks that are not over
  uint64_t tickets_ = 0;
  uint64_t over_ = 0;
};

}  // namespace tally
