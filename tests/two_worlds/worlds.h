// Runs one test body in the real world and in virtual time: the scheduler is the same code in both.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "gtest/gtest.h"
#include "numa/topology.h"
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

}  // namespace tally
