#include "sim/replay/machine.h"

#include <algorithm>

#include "absl/strings/str_format.h"

namespace tally {
namespace {

using Cause = Machine::Cause;
using Obstacle = Machine::Obstacle;
using Where = Machine::Where;

constexpr uint8_t kDetailBits = 0x0f;

uint64_t DequeId(size_t worker, Priority priority) {
  return worker * kPriorities + static_cast<uint64_t>(priority);
}

Obstacle Never(std::string_view rule) { return {.rule = rule, .cause = {}}; }
Obstacle Until(std::string_view rule, Cause::Kind kind, uint64_t id) {
  return {.rule = rule, .cause = {.kind = kind, .id = id}};
}

}  // namespace

Machine::Machine(const RecordingHeader& header)
    : workers_at_(header.workers),
      workers_(header.workers.size()),
      regular_workers_(header.regular_workers()),
      nodes_(header.node_os_indexes.size()),
      lanes_(workers_ + 1) {
  for (size_t spare = header.regular_workers(); spare < workers_; ++spare) {
    lanes_[spare].parked = lanes_[spare].at_rest = true;
  }
}

uint64_t Machine::InjectorId(size_t node, Priority priority, size_t producer) const {
  return (producer * nodes_ + node) * kPriorities + static_cast<uint64_t>(priority);
}

// Where a worker sends what it must not keep.
size_t Machine::InjectorNodeOf(size_t lane) const {
  if (lane == outside() || !workers_at_[lane].node.valid()) return 0;
  return workers_at_[lane].node.index();
}

TaskId Machine::Running(size_t lane) const {
  const std::vector<Frame>& stack = lanes_[lane].stack;
  const auto task =
      std::find_if(stack.rbegin(), stack.rend(), [](const Frame& frame) { return !frame.is_wait; });
  return task == stack.rend() ? 0 : task->id;
}

std::vector<TaskId> Machine::Deque(size_t worker, Priority priority) const {
  std::vector<TaskId> tasks;
  for (const auto& entry : lanes_[worker].deque[static_cast<size_t>(priority)].Entries(Valid())) {
    tasks.push_back(entry.task);
  }
  return tasks;
}

std::vector<TaskId> Machine::Injector(size_t node, Priority priority) const {
  std::vector<TaskQueue::Entry> entries;
  for (size_t producer = 0; producer < lanes_.size(); ++producer) {
    const auto queue = injectors_.find(InjectorId(node, priority, producer));
    if (queue == injectors_.end()) continue;
    const auto more = queue->second.Entries(Valid());
    entries.insert(entries.end(), more.begin(), more.end());
  }
  std::sort(entries.begin(), entries.end(),
            [](const auto& a, const auto& b) { return a.ticket < b.ticket; });
  std::vector<TaskId> tasks;
  for (const TaskQueue::Entry& entry : entries) tasks.push_back(entry.task);
  return tasks;
}

const Machine::Task* Machine::Find(TaskId task) const {
  const auto found = tasks_.find(task);
  return found == tasks_.end() ? nullptr : &found->second;
}

// --- what may happen -----------------------------------------------------------------------------

Obstacle Machine::Check(size_t lane, const Event& event) {
  if ((event.detail & ~kDetailBits) != 0) return Never("the detail bits mean something");
  if (lanes_[lane].parked && IsDecision(event.kind) && event.kind != EventKind::kUnpark) {
    return Never("a parked worker does nothing before it is awake again");
  }
  if (!lanes_[lane].batches.empty() && IsDecision(event.kind) && event.kind != EventKind::kTake &&
      event.kind != EventKind::kWake) {
    if (const Obstacle obstacle = CheckBatches(lane); !obstacle.none()) return obstacle;
  }
  switch (event.kind) {
    case EventKind::kSpawn:
      return CheckSpawn(lane, event);
    case EventKind::kBegin:
      return CheckBegin(lane, event);
    case EventKind::kEnd:
      return CheckEnd(lane, event);
    case EventKind::kSteal:
      return CheckSteal(lane, event);
    case EventKind::kTake:
      return CheckTake(lane, event);
    case EventKind::kReclaim:
      return CheckReclaim(lane, event);
    case EventKind::kWaitBegin:
      return CheckWaitBegin(lane, event);
    case EventKind::kWaitEnd:
      return CheckWaitEnd(lane, event);
    case EventKind::kPark:
      return CheckPark(lane, event);
    case EventKind::kUnpark:
      return CheckUnpark(lane, event);
    case EventKind::kWake:
      return IsWorker(event.peer) ? Obstacle{} : Never("who is woken is a worker");
    case EventKind::kStealFail:
      return IsWorker(event.peer) ? Obstacle{} : Never("a victim is a worker");
    case EventKind::kDepth:
      if (event.arg != 0 && event.arg > workers_) return Never("who was robbed is a worker");
      [[fallthrough]];
    case EventKind::kTouch:
      return event.peer == -1 || IsNode(event.peer) ? Obstacle{}
                                                    : Never("the node is one of the machine");
  }
  return Never("the kind of event is known");
}

Obstacle Machine::CheckSpawn(size_t lane, const Event& event) const {
  if (event.task == 0) return Never("0 is the outside, never a task");
  if (tasks_.contains(event.task)) return Never("a task is spawned once");
  if (event.place() == Place::kInjector) {
    return IsNode(event.peer) ? Obstacle{} : Never("an injector belongs to a node of the machine");
  }
  return lane != outside() ? Obstacle{} : Never("the outside can only spawn into an injector");
}

Obstacle Machine::CheckBegin(size_t lane, const Event& event) {
  if (lane == outside()) return Never("only workers run tasks");
  const Task* task = Find(event.task);
  if (task == nullptr) {
    return Until("a task is spawned before it begins", Cause::Kind::kTask, event.task);
  }
  if (task->where == Where::kOver) return Never("a task begins once");
  if (task->where == Where::kRunning) return Never("a task begins once");
  if (task->priority != event.priority()) return Never("a task keeps its priority");
  switch (event.place()) {
    case Place::kOwnDeque:
      if (task->where == Where::kDeque && task->place == lane &&
          (DequeOf(lane, task->priority).Newest(Valid()) == event.task ||
           DequeOf(lane, task->priority).Oldest(Valid()) == event.task)) {
        return {};
      }
      return Until("a worker begins the newest task of its own deque, or now and then the oldest",
                   Cause::Kind::kDeque, DequeId(lane, task->priority));
    case Place::kHand:
      if (task->where == Where::kHand && task->place == lane) return {};
      return Never("a task begun from the hand was stolen or taken by this worker before");
    case Place::kInline:
      if (task->where == Where::kInline && task->place == lane) return {};
      return Never("a task run in place was spawned by this worker just before");
    case Place::kInjector:
      break;
  }
  return Never("a task of an injector is taken before it begins");
}

Obstacle Machine::CheckEnd(size_t lane, const Event& event) const {
  const std::vector<Frame>& stack = lanes_[lane].stack;
  if (stack.empty() || stack.back().is_wait || stack.back().id != event.task) {
    return Never("the innermost task of a worker ends first");
  }
  return {};
}

Obstacle Machine::CheckSteal(size_t lane, const Event& event) {
  if (lane == outside()) return Never("only workers steal");
  if (event.peer == static_cast<int>(lane) && IsSpare(lane)) return CheckHandOver(lane, event);
  if (!IsWorker(event.peer) || static_cast<size_t>(event.peer) == lane) {
    return Never("a victim is another worker");
  }
  if (event.place() == Place::kInline) return Never("a stolen task was queued");
  const auto victim = static_cast<size_t>(event.peer);
  const Task* task = Find(event.task);
  if (task == nullptr || task->where != Where::kDeque || task->place != victim) {
    return Until("a task is stolen from the deque that it is in", Cause::Kind::kTask, event.task);
  }
  if (task->priority != event.priority()) return Never("a task keeps its priority");
  if (DequeOf(victim, task->priority).Oldest(Valid()) != event.task) {
    return Until("the oldest task of a deque is stolen first", Cause::Kind::kDeque,
                 DequeId(victim, task->priority));
  }
  return {};
}

// A spare puts what it has queued where others look.
Obstacle Machine::CheckHandOver(size_t lane, const Event& event) {
  if (event.place() != Place::kInjector) return Never("what a spare hands over is for others");
  const Task* task = Find(event.task);
  if (task == nullptr || task->where != Where::kDeque || task->place != lane) {
    return Never("a spare hands over what is in its own deque");
  }
  if (task->priority != event.priority()) return Never("a task keeps its priority");
  if (DequeOf(lane, task->priority).Newest(Valid()) != event.task) {
    return Never("a spare hands over its newest task first");
  }
  return {};
}

Obstacle Machine::CheckTake(size_t lane, const Event& event) {
  if (lane == outside()) return Never("only workers take tasks from an injector");
  if (event.place() == Place::kInline) return Never("a task taken from an injector was queued");
  if (const Obstacle obstacle = CheckInjected(event); !obstacle.none()) return obstacle;
  const Task& task = *Find(event.task);
  if (IsManyThreads(task.producer)) return {};  // not even their own order is known
  const uint64_t id = InjectorId(task.place, task.priority, task.producer);
  constexpr std::string_view kRule = "an injector gives the tasks of one worker in their order";
  const bool open = IsOpen(id);
  if (open && batches_[id].lane != lane) return Until(kRule, Cause::Kind::kInjector, id);
  if (injectors_[id].Oldest(Valid()) == event.task) return {};
  const bool in_batch =
      event.place() != Place::kHand && (!open || task.ticket < batches_[id].ticket);
  return in_batch ? Obstacle{} : Until(kRule, Cause::Kind::kInjector, id);
}

// Of a worker that does something else than take.
Obstacle Machine::CheckBatches(size_t lane) {
  std::vector<uint64_t>& batches = lanes_[lane].batches;
  while (!batches.empty()) {
    const uint64_t id = batches.back();
    // Perhaps the rest is a waiter's, who has claimed it.
    if (IsOpen(id)) {
      return Until("a worker takes a whole batch before it goes on", Cause::Kind::kInjector, id);
    }
    batches_.erase(id);
    batches.pop_back();
  }
  return {};
}

bool Machine::IsOpen(uint64_t injector) {
  const auto batch = batches_.find(injector);
  if (batch == batches_.end()) return false;
  const Task* oldest = Find(injectors_[injector].Oldest(Valid()));
  return oldest != nullptr && oldest->ticket < batch->second.ticket;
}

Obstacle Machine::CheckReclaim(size_t lane, const Event& event) const {
  if (lane == outside()) return Never("only workers take tasks from an injector");
  if (event.place() != Place::kHand) return Never("who reclaims a task runs it");
  return CheckInjected(event);
}

// In that injector, wherever in it.
Obstacle Machine::CheckInjected(const Event& event) const {
  if (!IsNode(event.peer)) return Never("an injector belongs to a node of the machine");
  const Task* task = Find(event.task);
  if (task == nullptr || task->where != Where::kInjector ||
      task->place != static_cast<size_t>(event.peer)) {
    return Until("a task is taken from the injector that it is in", Cause::Kind::kTask, event.task);
  }
  if (task->priority != event.priority()) return Never("a task keeps its priority");
  return {};
}

Obstacle Machine::CheckWaitBegin(size_t lane, const Event& event) const {
  if (event.task != Running(lane)) return Never("the running task is the one that waits");
  return {};
}

Obstacle Machine::CheckWaitEnd(size_t lane, const Event& event) const {
  const std::vector<Frame>& stack = lanes_[lane].stack;
  if (lane == outside()) {
    // Many threads wait here at the same time, in no order.
    const bool waits = std::any_of(stack.begin(), stack.end(),
                                   [&](const Frame& frame) { return frame.id == event.arg; });
    if (!waits) return Never("a wait begins before it ends");
  } else if (stack.empty() || !stack.back().is_wait || stack.back().id != event.arg) {
    return Never("the innermost wait ends first, after every task begun in it");
  }
  if (event.task != Running(lane)) return Never("the task that began a wait ends it");
  const auto open = open_.find(event.arg);
  if (open != open_.end() && open->second != 0) {
    return Until("a wait ends when every task of its group is over", Cause::Kind::kGroup,
                 event.arg);
  }
  return {};
}

Obstacle Machine::CheckPark(size_t lane, const Event& event) {
  const std::vector<Frame>& stack = lanes_[lane].stack;
  if (!stack.empty() && !stack.back().is_wait)
    return Never("a worker with a running task is awake");
  if (event.aux != kAtRest) return {};
  if (!IsSpare(lane)) return Never("only spares rest");
  if (!stack.empty()) return Never("a spare rests between two tasks");
  for (int level = 0; level < kPriorities; ++level) {
    const Priority priority = static_cast<Priority>(level);
    if (DequeOf(lane, priority).Oldest(Valid()) == 0) continue;
    // Perhaps another lane has stolen it before.
    return Until("a spare hands over what it has queued before it rests", Cause::Kind::kDeque,
                 DequeId(lane, priority));
  }
  return {};
}

Obstacle Machine::CheckUnpark(size_t lane, const Event& event) const {
  if (!lanes_[lane].parked) return Never("only who sleeps can awake");
  if (lanes_[lane].at_rest != (event.aux == kAtRest)) {
    return Never("a spare that rests is called in before it does anything else");
  }
  return {};
}

// --- what happens --------------------------------------------------------------------------------

void Machine::Apply(size_t lane, const Event& event, const std::function<void(Cause)>& changed) {
  switch (event.kind) {
    case EventKind::kSpawn:
      return Spawn(lane, event, changed);
    case EventKind::kBegin:
      lanes_[lane].stack.push_back({.is_wait = false, .id = event.task});
      return Move(lane, event.task, Where::kRunning, lane, changed);
    case EventKind::kEnd:
      return End(lane, event, changed);
    case EventKind::kSteal:
      return MoveTo(lane, event, InjectorNodeOf(lane), changed);
    case EventKind::kTake:
      NoteBatch(lane, event.task);
      [[fallthrough]];
    case EventKind::kReclaim:
      if (IsNode(event.peer)) MoveTo(lane, event, static_cast<size_t>(event.peer), changed);
      return;
    case EventKind::kWaitBegin:
      lanes_[lane].stack.push_back({.is_wait = true, .id = event.arg});
      return;
    case EventKind::kWaitEnd:
      return PopFrame(lane, {.is_wait = true, .id = event.arg});
    case EventKind::kPark:
      lanes_[lane].parked = true;
      lanes_[lane].at_rest = event.aux == kAtRest;
      return;
    case EventKind::kUnpark:
      lanes_[lane].parked = lanes_[lane].at_rest = false;
      return;
    default:
      return;  // changes nothing that is followed here
  }
}

void Machine::Spawn(size_t lane, const Event& event, const std::function<void(Cause)>& changed) {
  Task task;
  task.priority = event.priority();
  task.group = event.arg;
  if (!tasks_.try_emplace(event.task, task).second) return;
  if (event.arg != 0) ++open_[event.arg];
  if (event.place() == Place::kInjector && !IsNode(event.peer)) return;
  MoveTo(lane, event, static_cast<size_t>(event.peer), changed);
}

// To the place that the event says.
void Machine::MoveTo(size_t lane, const Event& event, size_t injector_node,
                     const std::function<void(Cause)>& changed) {
  switch (event.place()) {
    case Place::kHand:
      return Move(lane, event.task, Where::kHand, lane, changed);
    case Place::kOwnDeque:
      return Move(lane, event.task, Where::kDeque, lane, changed);
    case Place::kInline:
      return Move(lane, event.task, Where::kInline, lane, changed);
    case Place::kInjector:
      return Move(lane, event.task, Where::kInjector, injector_node, changed);
  }
}

// The lane takes this task from an injector.
void Machine::NoteBatch(size_t lane, TaskId id) {
  const Task* task = Find(id);
  if (task == nullptr || task->where != Where::kInjector || IsManyThreads(task->producer)) return;
  const uint64_t injector = InjectorId(task->place, task->priority, task->producer);
  if (injectors_[injector].Oldest(Valid()) == id) return;
  batches_[injector] = {.lane = lane, .ticket = task->ticket};
  std::vector<uint64_t>& batches = lanes_[lane].batches;
  if (std::find(batches.begin(), batches.end(), injector) == batches.end()) {
    batches.push_back(injector);
  }
}

// Takes the task from wherever it is to its new place.
void Machine::Move(size_t lane, TaskId id, Where where, size_t place,
                   const std::function<void(Cause)>& changed) {
  const auto found = tasks_.find(id);
  if (found == tasks_.end() || found->second.where == Where::kOver) return;
  Task& task = found->second;
  const Task before = task;
  task.where = where;
  task.place = static_cast<uint16_t>(place);
  task.producer = static_cast<uint16_t>(lane);
  task.ticket = ++tickets_;
  const TaskQueue::Entry entry = {.task = id, .ticket = task.ticket};
  if (where == Where::kDeque) DequeOf(place, task.priority).Push(entry);
  if (where == Where::kInjector) injectors_[InjectorId(place, task.priority, lane)].Push(entry);
  Leave(before, changed);
  changed({.kind = Cause::Kind::kTask, .id = id});
}

void Machine::Leave(const Task& task, const std::function<void(Cause)>& changed) {
  if (task.where == Where::kDeque) {
    changed({.kind = Cause::Kind::kDeque, .id = DequeId(task.place, task.priority)});
  }
  if (task.where == Where::kInjector) {
    changed({.kind = Cause::Kind::kInjector,
             .id = InjectorId(task.place, task.priority, task.producer)});
  }
}

void Machine::End(size_t lane, const Event& event, const std::function<void(Cause)>& changed) {
  PopFrame(lane, {.is_wait = false, .id = event.task});
  const auto found = tasks_.find(event.task);
  if (found == tasks_.end() || found->second.where == Where::kOver) return;
  Move(lane, event.task, Where::kOver, lane, changed);
  ++over_;
  const uint64_t group = found->second.group;
  if (group == 0) return;
  if (--open_[group] == 0) changed({.kind = Cause::Kind::kGroup, .id = group});
}

// The innermost such frame; what lies on it stays.
void Machine::PopFrame(size_t lane, Frame frame) {
  std::vector<Frame>& stack = lanes_[lane].stack;
  const auto found = std::find_if(stack.rbegin(), stack.rend(), [&](const Frame& other) {
    return other.is_wait == frame.is_wait && other.id == frame.id;
  });
  if (found != stack.rend()) stack.erase(std::next(found).base());
}

// --- the end -------------------------------------------------------------------------------------

std::vector<std::string> Machine::Unfinished(const RecordingHeader& header, size_t most) const {
  std::vector<std::string> sentences;
  const auto say = [&](std::string sentence) {
    if (sentences.size() < most) sentences.push_back(std::move(sentence));
  };
  for (size_t lane = 0; lane < lanes_.size(); ++lane) {
    for (const Frame& frame : lanes_[lane].stack) {
      say(absl::StrFormat("%s ends in the middle of %s %016x", header.NameOfLane(lane),
                          frame.is_wait ? "a wait for group" : "task", frame.id));
    }
  }
  // Smallest ids first: a hash table's order would differ from run to run.
  std::vector<TaskId> lost;
  for (const auto& [id, task] : tasks_) {
    if (task.where != Where::kOver && task.where != Where::kRunning) lost.push_back(id);
  }
  std::sort(lost.begin(), lost.end());
  for (TaskId id : lost) say(absl::StrFormat("task %016x was spawned and never ran", id));
  return sentences;
}

}  // namespace tally
