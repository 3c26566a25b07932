#include "tests/stress/soak.h"

#include <algorithm>
#include <cstdlib>
#include <functional>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "numa/check.h"

namespace tally::stress {

Soak::Soak(const SoakOptions& options)
    : options_(options),
      entries_{{"Invoke, from a task", &Soak::InvokeInside},
               {"Spawn, two threads outside", &Soak::SpawnOutside},
               {"Spawn, from tasks", &Soak::SpawnInside},
               {"SpawnBatch, both", &Soak::SpawnBatches},
               {"Submit, two threads outside", &Soak::SubmitOutside},
               {"Submit, from tasks", &Soak::SubmitInside},
               {"SubmitBatch, both", &Soak::SubmitBatches},
               {"ParallelFor, from outside", &Soak::ForOutside},
               {"ParallelFor, from a task", &Soak::ForInside},
               {"ParallelReduce, both", &Soak::Reduce},
               {"BlockingScope", &Soak::Blocking},
               {"stopped groups", &Soak::Stopped},
               {"Submit in order, one worker", &Soak::Ordered}} {
  auto scheduler = Scheduler::Create({.workers = options.workers, .watchdog = true});
  auto alone = Scheduler::Create({.workers = 1, .bind = false, .watchdog = true});
  TALLY_CHECK(scheduler.ok() && alone.ok(), "the kernel grants a few threads");
  scheduler_ = *std::move(scheduler);
  alone_ = *std::move(alone);
}

std::string Soak::Run() {
  for (int64_t tasks = 0; tasks < options_.tasks && wrong_.empty();) {
    for (Entry& entry : entries_) {
      const int64_t dealt = (this->*entry.round)();
      for (int64_t number = 0; number < kRound; ++number) {
        const int marks = marks_[static_cast<size_t>(number)].exchange(0, relaxed);
        if (marks == (number < dealt ? 1 : 0)) continue;
        Expect(false, absl::StrCat(entry.name, ": task ", number, " of ", dealt, " ran ", marks,
                                   " times"));
        break;
      }
      Expect(accepted_, absl::StrCat(entry.name, ": a task was refused"));
      entry.tasks += dealt;
      tasks += dealt;
      options_.progress(tasks);
    }
  }
  for (Scheduler* scheduler : {scheduler_.get(), alone_.get()}) {
    const auto report = scheduler->Shutdown();
    Expect(report.ok() && report->complete, "the scheduler does not shut down");
    Expect(scheduler->Stats().Total().queued == 0, "tasks are left in deques");
    Expect(scheduler->Stats().queued_in_injectors == 0, "tasks are left in injectors");
  }
  return wrong_;
}

void Soak::Expect(bool right, const std::string& what) {
  if (!right && wrong_.empty()) wrong_ = what;
}

void Soak::WaitForDetached(int64_t tasks) {
  while (over_.load() < tasks) std::this_thread::yield();
  over_ = 0;
}

template <class F>
void Soak::FromTwoThreads(const F& body) {
  std::thread other([&body] { body(int64_t{0}, kRound / 2); });
  body(kRound / 2, kRound);
  other.join();
}

void Soak::MarkHalves(int64_t first, int64_t last) {
  if (last - first == 1) return Mark(first);
  const int64_t middle = first + (last - first) / 2;
  Invoke([=, this] { MarkHalves(first, middle); }, [=, this] { MarkHalves(middle, last); });
}

int64_t Soak::InvokeInside() {
  OnWorker([this] { MarkHalves(0, kRound); });
  return kRound;
}

int64_t Soak::SpawnOutside() {
  TaskGroup group(*scheduler_);
  FromTwoThreads([&](int64_t first, int64_t last) {
    for (int64_t i = first; i < last; ++i)
      group.Spawn([this, i] { Mark(i); }, {.priority = Level(i)});
  });
  Expect(group.Wait(), "a task of a group that nobody stopped was skipped");
  return kRound;
}

// Marks `first`; the others are its children's.
void Soak::GrowTree(int64_t first, int64_t last) {
  constexpr int64_t kChildren = 5;
  Mark(first++);
  if (first == last) return;
  TaskGroup group(*scheduler_);
  for (int64_t child = 0, at = first; child < kChildren; ++child) {
    const int64_t end = first + (last - first) * (child + 1) / kChildren;
    if (end == at) continue;
    group.Spawn([this, at, end] { GrowTree(at, end); }, {.priority = Level(end)});
    at = end;
  }
  if (!group.Wait()) accepted_ = false;
}

int64_t Soak::SpawnInside() {
  OnWorker([this] { GrowTree(0, kRound); });
  return kRound;
}

int64_t Soak::SpawnBatches() {
  TaskGroup group(*scheduler_);
  group.Spawn(
      [&] { group.SpawnBatch(kRound / 4, [this](int64_t i) { Mark(i + kRound * 3 / 4); }); });
  for (int64_t first = 0; first < kRound * 3 / 4; first += kRound / 16) {
    group.SpawnBatch(kRound / 16, [this, first](int64_t i) { Mark(first + i); },
                     {.priority = Level(first * 16 / kRound)});
  }
  Expect(group.Wait(), "a task of a batch that nobody stopped was skipped");
  return kRound;
}

int64_t Soak::SubmitOutside() {
  FromTwoThreads([this](int64_t first, int64_t last) {
    for (int64_t i = first; i < last; ++i) {
      const auto mark = [this, i] { MarkDetached(i); };
      if (!scheduler_->Submit(mark, {.priority = Level(i)}).ok()) accepted_ = false;
    }
  });
  WaitForDetached(kRound);
  return kRound;
}

int64_t Soak::SubmitInside() {
  constexpr int64_t kEach = 16;
  for (int64_t first = 0; first < kRound; first += kEach) {
    const auto submit_rest = [this, first] {
      for (int64_t i = first + 1; i < first + kEach; ++i) {
        const auto mark = [this, i] { MarkDetached(i); };
        if (!scheduler_->Submit(mark, {.priority = Level(i)}).ok()) accepted_ = false;
      }
      MarkDetached(first);
    };
    if (!scheduler_->Submit(submit_rest).ok()) accepted_ = false;
  }
  WaitForDetached(kRound);
  return kRound;
}

int64_t Soak::SubmitBatches() {
  constexpr int64_t kOutside = kRound * 3 / 4;
  const auto inside = [this] {
    const auto mark = [this](int64_t i) { MarkDetached(kOutside + 1 + i); };
    if (!scheduler_->SubmitBatch(kRound - kOutside - 1, mark).ok()) accepted_ = false;
    MarkDetached(kOutside);
  };
  if (!scheduler_->Submit(inside).ok()) accepted_ = false;
  for (int64_t first = 0; first < kOutside; first += kRound / 16) {
    const auto mark = [this, first](int64_t i) { MarkDetached(first + i); };
    const TaskOptions options{.priority = Level(first * 16 / kRound)};
    if (!scheduler_->SubmitBatch(kRound / 16, mark, options).ok()) accepted_ = false;
  }
  WaitForDetached(kRound);
  return kRound;
}

int64_t Soak::ForOutside() {
  const auto mark = [this](int64_t i) { Mark(i); };
  for (int64_t part = 0; part < 4; ++part) {
    const int64_t first = kRound / 4 * part;
    const int64_t grain = std::array<int64_t, 4>{0, 1, 7, 1000}[static_cast<size_t>(part)];
    Expect(ParallelFor(*scheduler_, first, first + kRound / 4, mark, {.grain = grain}),
           "a loop that nobody stopped was");
  }
  return kRound;
}

int64_t Soak::ForInside() {
  // A loop of loops.
  OnWorker([this] {
    ParallelFor(0, 256,
                [this](int64_t row) {
                  ParallelFor(0, 256, [this, row](int64_t i) { Mark(row * 256 + i); });
                },
                {.grain = 1});
  });
  return kRound;
}

int64_t Soak::Reduce() {
  const auto mark = [this](int64_t i) {
    Mark(i);
    return i;
  };
  int64_t inside = 0;
  const int64_t outside =
      ParallelReduce(*scheduler_, int64_t{0}, kRound / 2, int64_t{0}, mark, std::plus());
  OnWorker([&] { inside = ParallelReduce(kRound / 2, kRound, int64_t{0}, mark, std::plus()); });
  Expect(outside + inside == kRound * (kRound - 1) / 2, "a sum is wrong");
  return kRound;
}

int64_t Soak::Blocking() {
  constexpr int64_t kTasks = 64;
  TaskGroup group(*scheduler_);
  for (int64_t i = 0; i < kTasks; ++i) {
    group.Spawn([this, i] {
      if (i % 2 == 0) {
        const BlockingScope scope;
        std::this_thread::yield();
      }
      Mark(i);
    });
  }
  Expect(group.Wait(), "a task that blocked was skipped");
  return kTasks;
}

int64_t Soak::Stopped() {
  constexpr int64_t kBefore = kRound / 2;
  TaskGroup group(*scheduler_);
  const uint64_t before = scheduler_->Stats().Total().skipped;
  for (int64_t i = 0; i < kBefore; ++i) group.Spawn([this, i] { MarkDetached(i); });
  // On a busy machine no worker may be awake yet, and then nothing would have run at all.
  while (over_.load() == 0) std::this_thread::yield();
  group.RequestStop();
  for (int64_t i = kBefore; i < kRound; ++i) group.Spawn([this, i] { MarkDetached(i); });
  Expect(!group.Wait(), "Wait() does not say that tasks were skipped");
  const int64_t skipped = static_cast<int64_t>(scheduler_->Stats().Total().skipped - before);
  int64_t ran = 0;
  for (int64_t i = 0; i < kRound; ++i) {
    const int marks = marks_[static_cast<size_t>(i)].exchange(0, relaxed);
    Expect(marks <= (i < kBefore ? 1 : 0),
           absl::StrCat("task ", i, " of a group that was stopped ran ", marks, " times"));
    ran += marks;
  }
  Expect(ran == over_.exchange(0) && ran + skipped == kRound,
         absl::StrCat(ran, " ran, ", skipped, " skipped, of ", kRound));
  for (int64_t i = 0; i < ran; ++i) Mark(i);
  return ran;
}

int64_t Soak::Ordered() {
  started_.fill(0);
  for (int64_t i = 0; i < kRound; ++i) {
    const auto mark = [this, i] {
      const int64_t turn = i / kPriorities;  // among those of its level
      int64_t& started = started_[static_cast<size_t>(i % kPriorities)];
      farthest_ = std::max(farthest_, std::abs(turn - started++));
      MarkDetached(i);
    };
    if (!alone_->Submit(mark, {.priority = Level(i)}).ok()) accepted_ = false;
  }
  WaitForDetached(kRound);
  Expect(farthest_ <= kFarthest,
         absl::StrCat("a task started ", farthest_, " places from its turn"));
  return kRound;
}

}  // namespace tally::stress
