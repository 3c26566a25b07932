// Runs one test body in the real world and in virtual time: the scheduler is the same code in both.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "gtest/gtest.h"
#include "numa/topology.h"
#include "scheduler/runtime/basic_scheduler.h"
#include "scheduler/runtime/options.h"
#include "scheduler/world/real_world.h"
#include "sim/timed/machine_model.h"
#include "sim/timed/run_timed.h"
#include "sim/timed/timed_world.h"

namespace tally {

// `body` runs on a thread outside any scheduler, on (a machine like) `topology`.
template <class W>
void RunIn(const Topology& topology, const std::function<void()>& body) {
  if constexpr (W::kSimulated) {
    const absl::Status status = RunTimed(topology, MachineModel{}, body);
    EXPECT_TRUE(status.ok()) << status;
  } else {
    body();
  }
}

inline std::shared_ptr<const Topology> Machine(const std::string& spec) {
  absl::StatusOr<Topology> topology = Topology::FromSpec(spec);
  EXPECT_TRUE(topology.ok()) << topology.status();
  return std::make_shared<const Topology>(*std::move(topology));
}

// For suites of typed tests: TYPED_TEST_SUITE(SomeTest, Worlds, WorldNames).
using Worlds = testing::Types<RealWorld, TimedWorld>;
class WorldNames {
 public:
  template <class W>
  static std::string GetName(int) {
    return W::kSimulated ? "Timed" : "Real";
  }
};

// `body(scheduler)`, in its world, with a scheduler on such a machine.
template <class W, class Body>
void WithScheduler(const std::string& spec, SchedulerOptions options, const Body& body) {
  const auto machine = Machine(spec);
  RunIn<W>(*machine, [&] {
    options.topology = machine;
    auto scheduler = BasicScheduler<W>::Create(options);
    ASSERT_TRUE(scheduler.ok()) << scheduler.status();
    body(**scheduler);
  });
}

}  // namespace tally
