#include "sim/timed/timed_world.h"

#include <atomic>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "gtest/gtest.h"
#include "numa/topology.h"
#include "sim/timed/run_timed.h"

namespace tally {
namespace {

using W = TimedWorld;
constexpr auto kRelaxed = std::memory_order_relaxed;
constexpr auto kSeqCst = std::memory_order_seq_cst;

Topology Imagine(std::string_view spec) { return Topology::FromSpec(spec).value(); }

// Two packages of two cores: CPUs 0 and 1 are 25 ns apart, 0 and 2 are 140.
absl::Status RunOnFourCores(std::function<void()> body, TimedReport* report = nullptr,
                            const TimedLimits& limits = {}) {
  return RunTimed(Imagine("package:2 numa:1 core:2 pu:1"), MachineModel(), std::move(body), report,
                  limits);
}

ThreadPlace Worker(int id) { return {WorkerId(id), CpuId(id), "worker " + std::to_string(id)}; }

Nanos Elapsed(const std::function<void()>& body) {
  const Nanos start = W::Now();
  body();
  return W::Now() - start;
}

// Runs each body as the worker of that number, all starting at the same time.
void RunWorkers(const std::vector<std::function<void()>>& bodies) {
  std::vector<W::Thread> threads(bodies.size());
  for (size_t i = 0; i < bodies.size(); ++i) {
    ASSERT_TRUE(threads[i]
                    .Start(Worker(static_cast<int>(i)),
                           [&, i] {
                             W::Work(1'000'000 - W::Now());
                             bodies[i]();
                           })
                    .ok());
  }
  for (W::Thread& thread : threads) thread.Join();
}

TEST(TimedWorldTest, OnlyWhatIsChargedTakesTime) {
  ASSERT_TRUE(RunOnFourCores([] {
                EXPECT_EQ(W::Now(), 0);
                W::Charge(250);
                W::Work(750);
                EXPECT_EQ(W::Now(), 1000);
                W::Counter counter;
                counter.Add(3);
                W::Plain<int> plain(4);
                plain.Write() += static_cast<int>(counter.Read());
                W::LightFence();
                EXPECT_EQ(plain.Read(), 7);
                EXPECT_EQ(W::Now(), 1000);
              }).ok());
}

TEST(TimedWorldTest, AnAccessCostsByWhoHeldTheLine) {
  W::Line line;  // built before the simulation: in nobody's cache
  W::Atomic<int> value(line, 0);
  ASSERT_TRUE(RunOnFourCores([&] {
                const auto load = [&] { value.load(kRelaxed); };
                const auto add = [&] { value.fetch_add(1, kRelaxed); };
                const auto at = [](Nanos time, const char* what, const auto& access, Nanos cost) {
                  W::Work(1'000'000 + time - W::Now());
                  EXPECT_EQ(Elapsed(access), cost) << what;
                };
                RunWorkers({[&] {
                              at(0, "from memory", load, 95);
                              at(1000, "held", load, 1);
                              at(2000, "held, read-modify-write", add, 7);
                              at(5000, "two readers' copies, the farther at 140", add, 147);
                            },
                            [&] {
                              at(3000, "from the same package", load, 25);
                              at(3500, "a reader's own copy", load, 1);
                              at(7000, "reader nearer than writer", load, 25);
                            },
                            [&] {
                              at(4000, "from the other package", load, 140);
                              at(6000, "the writer took my copy away", load, 140);
                            }});
              }).ok());
}

TEST(TimedWorldTest, WhoBuildsAStructureHoldsItsLines) {
  ASSERT_TRUE(RunOnFourCores([] {
                W::Line line;
                W::Atomic<int> value(line, 0);
                EXPECT_EQ(Elapsed([&] { value.load(kRelaxed); }), 1);
                RunWorkers({[] {
                              W::Line own_line;
                              W::Atomic<int> own(own_line, 0);
                              EXPECT_EQ(Elapsed([&] { own.fetch_add(1, kRelaxed); }), 7);
                            },
                            [&] {
                              EXPECT_EQ(Elapsed([&] { value.load(kRelaxed); }), 50);
                            }});  // the builder has no CPU
              }).ok());
}

TEST(TimedWorldTest, AStoreThatMissesWaitsInTheStoreBuffer) {
  ASSERT_TRUE(RunOnFourCores([] {
                W::Line line, mine;
                W::Atomic<int> value(line, 0);
                W::Atomic<int> own(mine, 0);
                RunWorkers({[&] { value.store(1, kRelaxed); },
                            [&] {
                              own.fetch_add(1, kRelaxed);
                              W::Work(1'001'000 - W::Now());
                              EXPECT_EQ(Elapsed([&] { value.store(2, kRelaxed); }), 1);
                              // The locked instruction waits until the store has drained.
                              EXPECT_EQ(Elapsed([&] { own.fetch_add(1, kRelaxed); }), 25 + 7);
                              EXPECT_EQ(Elapsed([&] { W::Fence(kSeqCst); }), 8);
                            }});
              }).ok());
}

TEST(TimedWorldTest, AReaderWaitsForAStoreThatIsOnItsWay) {
  W::Line line;
  W::Atomic<int> value(line, 0);
  ASSERT_TRUE(RunOnFourCores([&] {
                RunWorkers({[&] { value.fetch_add(1, kRelaxed); },
                            [&] {
                              W::Work(1'010);
                              // Issued at 1000, the store arrives at 1141; then 140 ns to here.
                              EXPECT_EQ(Elapsed([&] { value.load(kRelaxed); }), 131 + 140);
                            },
                            [&] {
                              W::Work(1'000);
                              value.store(2, kRelaxed);
                            }});
              }).ok());
}

TEST(TimedWorldTest, ContentionOnALineCostsTimeInTurn) {
  // Four cores, one counter: each read-modify-write waits for the line's way to the one before.
  Nanos ends[4] = {};
  W::Line line;
  W::Atomic<int> value(line, 0);
  ASSERT_TRUE(RunOnFourCores([&] {
                std::vector<std::function<void()>> bodies;
                for (Nanos& end : ends) {
                  bodies.push_back([&] {
                    value.fetch_add(1, kRelaxed);
                    end = W::Now() - 1'000'000;
                  });
                }
                RunWorkers(bodies);
                EXPECT_EQ(value.load(kRelaxed), 4);
              }).ok());
  EXPECT_EQ(ends[0], 95 + 7);
  EXPECT_EQ(ends[1], ends[0] + 25 + 7);
  EXPECT_EQ(ends[2], ends[1] + 140 + 7);
  EXPECT_EQ(ends[3], ends[2] + 25 + 7);
}

TEST(TimedWorldTest, TheEarliestClockActsFirstAndWorkersBreakTies) {
  std::vector<std::string> order;
  ASSERT_TRUE(RunOnFourCores([&] {
                W::Line line;
                W::Atomic<int> value(line, 0);
                const auto act = [&](Nanos time, const char* name) {
                  W::Work(1'000'000 + time - W::Now());
                  value.load(kRelaxed);  // ordered; the push_back that follows it is too
                  order.push_back(name);
                };
                W::Thread outside;
                ASSERT_TRUE(outside.Start({}, [&] { act(500, "outside at 500"); }).ok());
                RunWorkers({[&] {
                              act(500, "worker 0 at 500");
                              act(900, "worker 0 at 900");
                            },
                            [&] {
                              act(400, "worker 1 at 400");
                              act(900, "worker 1 at 900");
                            },
                            [&] { act(300, "worker 2 at 300"); }});
                outside.Join();
              }).ok());
  EXPECT_EQ(order,
            (std::vector<std::string>{"worker 2 at 300", "worker 1 at 400", "worker 0 at 500",
                                      "outside at 500", "worker 0 at 900", "worker 1 at 900"}));
}

TEST(TimedWorldTest, AParkerHoldsOneToken) {
  ASSERT_TRUE(RunOnFourCores([] {
                W::Parker parker;
                parker.Unpark();
                parker.Unpark();
                EXPECT_LT(Elapsed([&] { parker.Park(); }), 100) << "the token was there";
                EXPECT_FALSE(parker.ParkUntil(W::Now() + 1000)) << "tokens do not add up";
              }).ok());
}

TEST(TimedWorldTest, WakingCostsBothSides) {
  const MachineModel model;
  ASSERT_TRUE(RunOnFourCores([&] {
                W::Parker parker;
                RunWorkers({[&] {
                              parker.Park();
                              EXPECT_EQ(W::Now(), 1'050'000 + 25 + 7 + model.wake_latency_ns);
                            },
                            [&] {
                              W::Work(50'000);
                              EXPECT_EQ(Elapsed([&] { parker.Unpark(); }),
                                        25 + 7 + model.wake_call_ns);
                            }});
              }).ok());
}

TEST(TimedWorldTest, ParkUntilEndsAtItsDeadlineOrWhenUnparked) {
  const MachineModel model;
  ASSERT_TRUE(RunOnFourCores([&] {
                W::Parker parker;
                RunWorkers({[&] {
                              EXPECT_FALSE(parker.ParkUntil(W::Now() - 5)) << "in the past";
                              EXPECT_FALSE(parker.ParkUntil(1'200'000));
                              EXPECT_EQ(W::Now(),
                                        1'200'000 + model.timer_slack_ns + model.wake_latency_ns);
                              EXPECT_TRUE(parker.ParkUntil(900'000'000));
                              EXPECT_LT(W::Now(), 1'600'000);
                              EXPECT_FALSE(parker.ParkUntil(W::Now() + 5)) << "it was one token";
                            },
                            [&] {
                              W::Work(500'000);
                              parker.Unpark();
                            }});
              }).ok());
}

TEST(TimedWorldTest, ADeadlockNamesWhoWaits) {
  const absl::Status status = RunOnFourCores([] {
    W::Parker never;
    W::Thread thread;
    ASSERT_TRUE(thread.Start(Worker(1), [&] { never.Park(); }).ok());
    thread.Join();
  });
  EXPECT_EQ(status.code(), absl::StatusCode::kAborted);
  EXPECT_TRUE(absl::StrContains(status.message(), "worker 1 parked since ")) << status;
  EXPECT_TRUE(absl::StrContains(status.message(), "outside joins worker 1 since ")) << status;
}

TEST(TimedWorldTest, AThreadThatSleepsWhenTheMainBodyEndsIsADeadlockToo) {
  auto* never = new W::Parker;
  auto* thread = new W::Thread;  // both are still in use after the simulation
  const absl::Status status =
      RunOnFourCores([&] { ASSERT_TRUE(thread->Start(Worker(1), [=] { never->Park(); }).ok()); });
  EXPECT_EQ(status.code(), absl::StatusCode::kAborted) << status;
  static std::vector<void*> kept;
  kept = {never, thread};
}

TEST(TimedWorldTest, AnEndlessSpinHitsTheLimit) {
  const absl::Status status = RunOnFourCores(
      [] {
        for (;;) W::SpinPause();
      },
      nullptr, {.virtual_ns = 1'000'000});
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted) << status;
  const absl::Status steps = RunOnFourCores(
      [] {
        for (;;) W::SpinPause();
      },
      nullptr, {.steps = 1000});
  EXPECT_EQ(steps.code(), absl::StatusCode::kResourceExhausted) << steps;
}

TEST(TimedWorldTest, WhatTheMainBodyThrowsArrives) {
  EXPECT_THROW((void)RunOnFourCores([] {
                 W::Thread thread;
                 ASSERT_TRUE(thread.Start(Worker(0), [] { W::Work(100'000); }).ok());
                 thread.Join();
                 throw std::runtime_error("from inside");
               }),
               std::runtime_error);
}

TEST(TimedWorldTest, HandlersKeepTheirExceptionAcrossSwitches) {
  ASSERT_TRUE(RunOnFourCores([] {
                W::Line line;
                W::Atomic<int> value(line, 0);
                const auto body = [&](std::string mine) {
                  for (int i = 0; i < 20; ++i) {
                    try {
                      throw std::runtime_error(mine);
                    } catch (...) {
                      value.fetch_add(1, kRelaxed);  // somebody else runs, and throws
                      try {
                        throw;
                      } catch (const std::exception& caught) {
                        EXPECT_EQ(caught.what(), mine);
                      }
                    }
                  }
                };
                RunWorkers({[&] { body("of worker 0"); }, [&] { body("of worker 1"); }});
              }).ok());
}

TEST(TimedWorldTest, CurrentIsAFibersOwn) {
  ASSERT_TRUE(RunOnFourCores([] {
                W::Line line;
                W::Atomic<int> value(line, 0);
                const auto body = [&] {
                  EXPECT_EQ(W::Current(), nullptr);
                  int mine = 0;
                  W::Current() = &mine;
                  for (int i = 0; i < 10; ++i) value.fetch_add(1, kRelaxed);
                  EXPECT_EQ(W::Current(), &mine);
                };
                RunWorkers({body, body});
                EXPECT_EQ(W::Current(), nullptr);
              }).ok());
}

TEST(TimedWorldTest, APageLivesWithWhoTouchedItFirst) {
  ASSERT_TRUE(RunOnFourCores([] {
                W::Memory memory(3 * 4096);
                Nanos local = 0, remote = 0;
                RunWorkers({[&] {
                              EXPECT_EQ(W::Touch(memory.data(), 4096), NodeId(0));
                              local = Elapsed([&] { W::Touch(memory.data(), 4096); });
                            },
                            [] {},
                            [&] {
                              W::Work(10'000);
                              EXPECT_EQ(W::Touch(memory.data() + 4000, 10), NodeId(0));
                              remote = Elapsed([&] { W::Touch(memory.data(), 4096); });
                              EXPECT_EQ(W::Touch(memory.data() + 2 * 4096, 4096), NodeId(1));
                              int elsewhere = 0;
                              EXPECT_EQ(W::Touch(&elsewhere, sizeof(elsewhere)), NodeId())
                                  << "unregistered: nobody knows";
                            }});
                EXPECT_EQ(local, 95 + 256);
                EXPECT_EQ(remote, 2 * (95 + 256));
              }).ok());
}

TEST(TimedWorldTest, ConcurrentTouchesShareTheNode) {
  // 64 cores of one node stream a MiB each: 160 B/ns in all, so 64 MiB need 420 us, not 66.
  std::vector<Nanos> ends(64);
  ASSERT_TRUE(RunTimed(Imagine("package:1 core:64 pu:1"), {}, [&] {
                W::Memory memory(64 << 20);
                std::vector<std::function<void()>> bodies;
                for (int i = 0; i < 64; ++i) {
                  bodies.push_back([&, i] {
                    std::byte* mine = memory.data() + (i << 20);
                    W::Touch(mine, 1 << 20);
                    W::Work(10'000'000 - W::Now());
                    W::Touch(mine, 1 << 20);
                    ends[static_cast<size_t>(i)] = W::Now() - 10'000'000;
                  });
                }
                RunWorkers(bodies);
              }).ok());
  for (Nanos end : ends) {
    EXPECT_GT(end, 400'000);
    EXPECT_LT(end, 440'000);
  }
}

TEST(TimedWorldTest, AWrongCpuIsRefused) {
  ASSERT_TRUE(RunOnFourCores([] {
                W::Thread thread;
                EXPECT_EQ(thread.Start({WorkerId(0), CpuId(4), "lost"}, [] {}).code(),
                          absl::StatusCode::kInvalidArgument);
              }).ok());
}

TEST(TimedWorldTest, OutsideASimulationAtomicsAreVariables) {
  W::Line line;
  W::Atomic<int> value(line, 3);
  EXPECT_EQ(value.fetch_add(2, kRelaxed), 3);
  int expected = 5;
  EXPECT_TRUE(value.compare_exchange_strong(expected, 9, kRelaxed, kRelaxed));
  EXPECT_FALSE(value.compare_exchange_strong(expected, 1, kRelaxed, kRelaxed));
  EXPECT_EQ(expected, 9);
}

// A program with everything in it: contention, parking, deadlines, memory.
TimedReport RunAMix(int workers) {
  TimedReport report;
  EXPECT_TRUE(RunTimed(
                  Imagine("package:2 numa:2 l3:2 core:512 pu:1"), {},
                  [&] {
                    W::Line line;
                    W::Atomic<uint64_t> counter(line, 0);
                    W::Memory memory(1 << 20);
                    std::vector<W::Parker> parkers(static_cast<size_t>(workers));
                    std::vector<std::function<void()>> bodies;
                    for (int i = 0; i < workers; ++i) {
                      bodies.push_back([&, i] {
                        const size_t self = static_cast<size_t>(i);
                        for (int round = 0; round < 5; ++round) {
                          W::Charge(100 + 37 * i % 11);
                          counter.fetch_add(self, kSeqCst);
                          W::Touch(memory.data() + self * 64 % (1 << 20), 64);
                          parkers[(self + 1) % parkers.size()].Unpark();
                          parkers[self].ParkUntil(W::Now() + 20'000);
                        }
                      });
                    }
                    RunWorkers(bodies);
                  },
                  &report)
                  .ok());
  return report;
}

TEST(TimedWorldTest, TheSameProgramTakesTheSameTurnsEveryTime) {
  const TimedReport first = RunAMix(40);
  std::vector<std::unique_ptr<char[]>> shuffle;  // other host addresses, as they come
  for (int i = 1; i < 50; ++i) shuffle.push_back(std::make_unique<char[]>(i * 77));
  const TimedReport second = RunAMix(40);
  EXPECT_EQ(first.trace_hash, second.trace_hash);
  EXPECT_EQ(first.end_ns, second.end_ns);
  EXPECT_EQ(first.switches, second.switches);
  EXPECT_NE(first.trace_hash, RunAMix(41).trace_hash);
}

}  // namespace

class ManyThreadsTest : public testing::TestWithParam<int> {};

TEST_P(ManyThreadsTest, Run) {
  const TimedReport report = RunAMix(GetParam());
  EXPECT_GT(report.switches, static_cast<uint64_t>(5 * GetParam()));
}

#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define TALLY_FEW_THREADS 1  // its fibers cost about a megabyte each
#endif
#endif
#if defined(TALLY_FEW_THREADS)
INSTANTIATE_TEST_SUITE_P(TimedWorldTest, ManyThreadsTest, testing::Values(64));
#else
INSTANTIATE_TEST_SUITE_P(TimedWorldTest, ManyThreadsTest, testing::Values(64, 65, 4096));
#endif

}  // namespace tally
