// A storm: a random program that does everything that the scheduler allows, in either world.
// Producers outside submit, spawn groups and loops, and spawn into one group that is everybody's;
// tasks do the same, fork, block, throw (which stops their group), ask groups to stop, and leave
// groups behind without a Wait(). The seed decides what is done, not when.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "numa/ids.h"
#include "numa/placement.h"
#include "numa/topology.h"
#include "scheduler/policy/random.h"
#include "scheduler/runtime/basic_scheduler.h"
#include "scheduler/runtime/blocking_scope.h"
#include "scheduler/runtime/invoke.h"
#include "scheduler/runtime/options.h"
#include "scheduler/runtime/parallel_for.h"
#include "scheduler/runtime/task_group.h"
#include "scheduler/runtime/worker.h"
#include "scheduler/trace/event.h"
#include "tests/stress/ledger.h"

namespace tally::stress {

struct StormOptions {
  std::shared_ptr<const Topology> machine = nullptr;
  int workers = 2;
  uint64_t seed = 1;
  int producers = 2;
  int rounds = 10;  // of each producer
  int depth = 3;    // of the trees that tasks grow
  // Shutdown() while the producers are still at it, after about so long; < 0: after them.
  Nanos shutdown_after_ns = -1;
  bool cancel = false;
  size_t tickets = 1 << 14;
  // Called by whoever makes progress.
  std::function<void()> progress = [] {};
  // Called with the scheduler, and with nullptr before it goes.
  std::function<void(const std::function<SchedulerStats()>&)> watch =
      [](const std::function<SchedulerStats()>&) {};
};

template <class W>
class Storm {
 public:
  explicit Storm(const StormOptions& options)
      : options_(options), ledger_(options.tickets), nodes_(options.machine->nodes().size()) {}

  // In the world W, on a thread outside any scheduler.
  void Run() {
    auto created =
        BasicScheduler<W>::Create({.workers = options_.workers,
                                   .topology = options_.machine,
                                   .placement = PlacementPolicy::kScatter,
                                   .bind = false,
                                   .seed = options_.seed,
                                   .spares = static_cast<int>(options_.seed % 4),
                                   .outside_helpers = static_cast<int>(options_.seed / 4 % 3)});
    ASSERT_TRUE(created.ok()) << created.status();
    scheduler_ = created->get();
    options_.watch([this] { return scheduler_->Stats(); });
    ShutdownReport report;
    {
      BasicTaskGroup<W> everybodys(*scheduler_);
      everybodys_ = &everybodys;
      std::vector<typename W::Thread> producers(static_cast<size_t>(options_.producers));
      for (size_t i = 0; i < producers.size(); ++i) {
        const uint64_t seed = Mix64(options_.seed * 64 + i);
        ASSERT_TRUE(producers[i].Start({.name = "producer"}, [this, seed] { Produce(seed); }).ok());
      }
      if (options_.shutdown_after_ns >= 0) {
        W::Work(options_.shutdown_after_ns);
        Shutdown();
      }
      // It may be over several times before the last producer has left.
      WaitFor(everybodys, nullptr);
      for (typename W::Thread& producer : producers) producer.Join();
      // Detached tasks may still spawn into the group, so it has to be there until they are over.
      report = Shutdown();
      WaitFor(everybodys, nullptr);
    }
    options_.watch(nullptr);
    Check(report);
    created->reset();
  }

 private:
  struct Lightning {};
  // What has happened to the tasks that one waiter waits for.
  struct Fate {
    std::atomic<int> strikes{0};    // so many threw
    std::atomic<int> dropped{0};    // so many were skipped
    std::atomic<bool> stop{false};  // somebody called RequestStop()
  };

  ShutdownReport Shutdown() {
    const auto report = scheduler_->Shutdown({.drain = !options_.cancel});
    EXPECT_TRUE(report.ok()) << report.status();
    EXPECT_TRUE(report->complete);
    return *report;
  }

  void Check(const ShutdownReport& report) {
    const Ledger::Balance balance = ledger_.Close();
    const SchedulerStats stats = scheduler_->Stats();
    EXPECT_EQ(balance.more, 0u) << "ran twice, or although skipped or refused";
    EXPECT_EQ(balance.neither, 0u) << "lost";
    EXPECT_EQ(balance.dropped, workers_dropped_.load() + others_dropped_.load());
    // After a shutdown, also what was spawned outside into a stopped group.
    const uint64_t late = others_dropped_.load() - refused_.load() - skipped_forks_.load();
    if (options_.shutdown_after_ns < 0) {
      EXPECT_EQ(late, 0u);
    }
    EXPECT_LE(late, balance.dropped) << "more was refused than was dropped";
    EXPECT_EQ(workers_dropped_.load() + loops_dropped_.load(),
              stats.Total().skipped + report.dropped)
        << "the scheduler's accounts of what it has not run are wrong";
    if (!options_.cancel) {
      EXPECT_EQ(report.dropped, 0u);
    }
    EXPECT_EQ(report.uncaught, static_cast<uint64_t>(uncaught_.load()));
    EXPECT_EQ(stats.Total().queued, 0);
    EXPECT_EQ(stats.queued_in_injectors, 0);
  }

  // --- outside ----------------------------------------------------------------------------------

  void Produce(uint64_t seed) {
    Random random(seed);
    for (int round = 0; round < options_.rounds; ++round) {
      // Bursts, and pauses long enough for everybody to fall asleep.
      if (random.Below(4) == 0) W::Work(random.Below(60'000));
      switch (random.Below(6)) {
        case 0:
          Group(options_.depth, random);
          break;
        case 1:
          Loop(random);
          break;
        case 2:
          SpawnInto(*everybodys_, options_.depth, nullptr, random);
          break;
        default:
          Detach(options_.depth, random);
      }
      options_.progress();
    }
  }

  // --- inside -----------------------------------------------------------------------------------

  // What a task does. `fate`: where to say that it throws.
  void Grow(int depth, uint64_t seed, Fate* fate) {
    Random random(seed);
    if (random.Below(8) == 0) {
      const BasicBlockingScope<W> scope;
      W::Work(random.Below(15'000));
    } else {
      W::Work(random.Below(1500));
    }
    options_.progress();
    if (depth > 0) {
      switch (random.Below(7)) {
        case 0:
        case 1:
          Group(depth - 1, random);
          break;
        case 2:
        case 3:
          Fork(depth - 1, random);
          break;
        case 4:
          Loop(random);
          break;
        case 5:
          Detach(depth - 1, random);
          break;
        default:
          SpawnInto(*everybodys_, depth - 1, nullptr, random);
      }
    }
    if (random.Below(16) == 0) {
      if (fate != nullptr) fate->strikes.fetch_add(1);
      throw Lightning();
    }
  }

  TaskOptions AnyOptions(Random& random) {
    TaskOptions options;
    if (random.Below(2) == 0) options.priority = static_cast<Priority>(random.Below(kPriorities));
    if (random.Below(3) == 0) options.node = NodeId(static_cast<int>(random.Below(nodes_)));
    return options;
  }

  // `fate` == nullptr: of everybody's group.
  void SpawnInto(BasicTaskGroup<W>& group, int depth, Fate* fate, Random& random) {
    const Ledger::Ticket ticket = ledger_.Draw();
    const uint64_t seed = random.Next();
    const TaskOptions options = AnyOptions(random);
    auto grow = [this, held = Hold(ticket, fate), depth, seed, fate]() mutable {
      held.Use();
      Grow(depth, seed, fate);
    };
    if (random.Below(4) == 0) {  // too big for the task's own buffer
      group.Spawn([grow = std::move(grow),
                   ballast = std::array<uint64_t, 16>()]() mutable { grow(), (void)ballast; },
                  options);
    } else {
      group.Spawn(std::move(grow), options);
    }
  }

  // `fate` == nullptr: the group is everybody's, so nobody knows whose exception comes out.
  void WaitFor(BasicTaskGroup<W>& group, Fate* fate) {
    bool caught = false;
    bool all_ran = false;
    try {
      all_ran = group.Wait();
    } catch (const Lightning&) {
      caught = true;
    }
    if (fate != nullptr) {
      const int dropped = fate->dropped.exchange(0);
      EXPECT_EQ(caught, fate->strikes.exchange(0) > 0);
      if (!caught) {
        EXPECT_EQ(all_ran, dropped == 0);
      }
      const bool stopped = fate->stop.exchange(false);
      if (!caught && !stopped && !options_.cancel) {
        EXPECT_EQ(dropped, 0) << "nobody wanted it to stop";
      }
    }
    options_.progress();
  }

  void Group(int depth, Random& random) {
    Fate fate;
    BasicTaskGroup<W> group(*scheduler_);
    const uint32_t uses = 1 + random.Below(2);
    for (uint32_t use = 0; use < uses; ++use) {
      for (uint32_t i = 1 + random.Below(6); i > 0; --i) SpawnInto(group, depth, &fate, random);
      W::Work(random.Below(3000));
      if (random.Below(16) == 0) {
        fate.stop = true;
        group.RequestStop();
      }
      // Now and then the destructor waits.
      if (use + 1 < uses || random.Below(4) != 0) WaitFor(group, &fate);
    }
  }

  void Fork(int depth, Random& random) {
    Fate fate;
    const uint64_t left = random.Next();
    const uint64_t right = random.Next();
    const Ledger::Ticket ticket = ledger_.Draw();
    bool caught = false;
    try {
      Invoke<W>([&] { Grow(depth, left, &fate); },
                [&] {
                  ledger_.Use(ticket);
                  Grow(depth, right, &fate);
                });
    } catch (const Lightning&) {
      caught = true;
    }
    EXPECT_EQ(caught, fate.strikes.load() > 0);
    if (ledger_.Used(ticket)) return;
    EXPECT_TRUE(caught) << "Invoke() returned, but its right side did not run";
    // Skipped: the left side threw first.
    ledger_.Drop(ticket);
    others_dropped_.fetch_add(1);
    skipped_forks_.fetch_add(1);
  }

  void Loop(Random& random) {
    const int64_t size = random.Below(80);
    const int64_t struck = random.Below(8) == 0 ? random.Below(80) : -1;
    std::vector<std::atomic<int>> calls(static_cast<size_t>(size));
    bool caught = false;
    try {
      ParallelFor(*scheduler_, 0, size,
                  [&](int64_t i) {
                    calls[static_cast<size_t>(i)].fetch_add(1);
                    W::Work(100);
                    if (i == struck) throw Lightning();
                  },
                  {.grain = 1 + random.Below(8)});
    } catch (const Lightning&) {
      caught = true;
    }
    int64_t called = 0;
    for (const std::atomic<int>& each : calls) {
      EXPECT_LE(each.load(), 1);
      called += each.load();
    }
    // A cancelled shutdown drops a loop that has not started, as a whole.
    if (options_.cancel && called == 0 && size > 0) {
      loops_dropped_.fetch_add(1);
      return;
    }
    EXPECT_EQ(caught, struck >= 0 && struck < size);
    if (!caught) {
      EXPECT_EQ(called, size);
    }
  }

  void Detach(int depth, Random& random) {
    for (uint32_t i = 1 + random.Below(4); i > 0; --i) {
      const Ledger::Ticket ticket = ledger_.Draw();
      const uint64_t seed = random.Next();
      const absl::Status status = scheduler_->Submit(
          [this, held = Hold(ticket, nullptr), depth, seed]() mutable {
            held.Use();
            try {
              Grow(depth, seed, nullptr);
            } catch (...) {
              uncaught_.fetch_add(1);
              throw;
            }
          },
          AnyOptions(random));
      if (!status.ok()) refused_.fetch_add(1);
    }
  }

  // A ticket for a closure.
  HeldTicket Hold(Ledger::Ticket ticket, Fate* fate) {
    return HeldTicket(ledger_, ticket, [this, fate] {
      if (fate != nullptr) fate->dropped.fetch_add(1);
      (Worker<W>::Current() != nullptr ? workers_dropped_ : others_dropped_).fetch_add(1);
    });
  }

  const StormOptions options_;
  Ledger ledger_;
  const uint32_t nodes_;
  BasicScheduler<W>* scheduler_ = nullptr;
  BasicTaskGroup<W>* everybodys_ = nullptr;
  std::atomic<int> uncaught_{0};
  std::atomic<uint64_t> loops_dropped_{0};
  // Tickets that were dropped by workers, as tasks; and others.
  std::atomic<uint64_t> workers_dropped_{0}, others_dropped_{0};
  std::atomic<uint64_t> refused_{0}, skipped_forks_{0};
};

}  // namespace tally::stress
