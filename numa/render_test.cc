#include "numa/render.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "numa/machine_facts.h"
#include "numa/text_boxes.h"
#include "numa/topology.h"
#include "numa/topology_builder.h"

namespace tally {
namespace {

const char kMemoryOnly[] = "numa/testdata/memory-only-node.xml";
const char kCpuset[] = "numa/testdata/cpuset.xml";

Topology Machine(std::string_view spec, TopologyOptions options = {}) {
  absl::StatusOr<Topology> topology = Topology::FromSpec(spec, options);
  EXPECT_TRUE(topology.ok()) << topology.status();
  return *std::move(topology);
}

TEST(Render, ASmallMachineIsDrawnWhole) {
  EXPECT_EQ(
      RenderTopology(Machine("package:2 numa:1 l3:1 core:2 pu:2"), 100),
      R"("package:2 numa:1 l3:1 core:2 pu:2": 2 packages, 2 nodes, 2 L3, 4 cores, 8 PUs, 2.0 GiB

┌ Package 0 ────────────┐ ┌ Package 1 ────────────┐
│ ┌ Node 0 · 1.0 GiB ─┐ │ │ ┌ Node 1 · 1.0 GiB ─┐ │
│ │ ┌ L3 0 · 16 MiB ┐ │ │ │ │ ┌ L3 1 · 16 MiB ┐ │ │
│ │ │ [0 1] [2 3]   │ │ │ │ │ │ [4 5] [6 7]   │ │ │
│ │ └───────────────┘ │ │ │ │ └───────────────┘ │ │
│ └───────────────────┘ │ │ └───────────────────┘ │
└───────────────────────┘ └───────────────────────┘
[0 1] is a core with its PUs, by the kernel's numbers.

Workers by default: 4, one for each of 4 cores (of 8 PUs).

Good to know:
- Not this machine: threads and memory are not bound.
- No distances between nodes: every other node counts as equally far.
)");
}

TEST(Render, EqualBoxesOfALargeMachineAreDrawnOnce) {
  const std::string picture = RenderTopology(Machine("package:2 numa:4 l3:4 core:8 pu:2"), 80);
  EXPECT_TRUE(absl::StrContains(picture, "┌ 2 × Package 0 and 1, each like 0 ")) << picture;
  EXPECT_TRUE(absl::StrContains(picture, "┌ 4 × Node 0 to 3, each like 0 · 1.0 GiB ")) << picture;
  EXPECT_FALSE(absl::StrContains(picture, "L3 5")) << picture;
}

TEST(Render, WhateverIsUnequalIsNotLost) {
  const std::string uneven = RenderTopology(Machine(kMemoryOnly), 100);
  EXPECT_TRUE(absl::StrContains(uneven, "Node 1 (the kernel's 2) · 252 MiB · memory only"));
}

TEST(Render, DistancesAreByTallysNumbers) {
  EXPECT_TRUE(absl::StrContains(RenderTopology(Machine(kMemoryOnly), 100),
                                "from\\to   0   1   2\n"
                                "      0  10  17  21\n"
                                "      1  17  10  28\n"
                                "      2  21  28  10\n"));
}

TEST(Render, NotesCallNodesAsThePictureDoes) {
  EXPECT_TRUE(absl::StrContains(RenderTopology(Machine(kMemoryOnly), 100),
                                "- Node 1 (the kernel's 2): memory but no CPUs to use"));
}

TEST(Render, WhatMayNotBeUsedIsInParentheses) {
  const std::string picture = RenderTopology(Machine(kCpuset, {.include_disallowed = true}), 100);
  EXPECT_TRUE(absl::StrContains(picture, "[0] [(1)]")) << picture;
  EXPECT_TRUE(absl::StrContains(picture, " · not allowed")) << picture;
}

// One L3 over two nodes, HBM behind a cache, and three kinds of cores.
TEST(Render, UnusualThingsAreShown) {
  MachineFacts facts;
  facts.spec = "odd";
  facts.kinds = {{.efficiency = 0, .core_type = "IntelAtom"},
                 {.efficiency = 1, .core_type = "IntelAtom"},
                 {.efficiency = 2, .core_type = "IntelCore"}};
  const int kinds[] = {2, 2, 1, 0};
  const int cores[] = {0, 0, 1, 2};
  for (int pu = 0; pu < 4; ++pu) {
    facts.pus.push_back(
        {.os_index = pu, .core = cores[pu], .l3 = 0, .kind = kinds[pu], .l3_bytes = 24 << 20});
  }
  facts.nodes = {{.os_index = 0, .memory_bytes = 1 << 30, .near_pus = {0, 1}},
                 {.os_index = 1, .memory_bytes = 1 << 30, .near_pus = {2, 3}},
                 {.os_index = 7,
                  .memory_bytes = 16ull << 30,
                  .special = true,
                  .memory = "HBM",
                  .bandwidth_mib_s = 204800,
                  .latency_ns = 110,
                  .cache_bytes = 4ull << 30,
                  .near_pus = {0, 1, 2, 3}}};
  const std::string picture = RenderTopology(*TopologyBuilder::Build(facts, {}), 120);
  EXPECT_TRUE(absl::StrContains(picture, R"(
┌ L3 0 · 24 MiB ────────────────────────────┐
│ ┌ Node 0 · 1.0 GiB ┐ ┌ Node 1 · 1.0 GiB ┐ │
│ │ [0 1]            │ │ e[2] l[3]        │ │
│ └──────────────────┘ └──────────────────┘ │
└───────────────────────────────────────────┘
┌ Node 2 (the kernel's 7) · 16.0 GiB HBM behind 4.0 GiB of cache · memory only · 110 ns · 200.0 GiB/s ┐
)")) << picture;
  EXPECT_TRUE(absl::StrContains(picture, "e[ ] an efficient one; l[ ] a low-power one."));
  EXPECT_TRUE(absl::StrContains(
      picture, "Workers by default: 2, one for each of 2 cores (of 3 PUs); 1 low-power core is"))
      << picture;
}

TEST(Render, NoLineIsWiderThanTheTerminal) {
  for (const char* spec : {"package:2 numa:2 l3:2 core:4 pu:2", "numa:40 core:9 pu:8", "pu:300",
                           "live", kMemoryOnly, kCpuset}) {
    const Topology machine = Machine(spec);
    for (int width : {-5, 0, 40, 57, 80, 200}) {
      const std::string picture = RenderTopology(machine, width);
      for (absl::string_view line : absl::StrSplit(picture, '\n')) {
        EXPECT_LE(TextWidth(std::string(line)), std::max(40, width)) << spec << ": " << line;
      }
    }
  }
}

TEST(TopologyJson, HasTheKeysThatProgramsRead) {
  const nlohmann::json json = nlohmann::json::parse(TopologyJson(Machine(kMemoryOnly)));
  EXPECT_EQ(json["spec"], kMemoryOnly);
  EXPECT_EQ(json["this_machine"], false);
  EXPECT_EQ(json["packages"], 2);
  EXPECT_EQ(json["nodes"], 3);
  EXPECT_EQ(json["cores"], 4);
  EXPECT_EQ(json["pus"], 4);
  EXPECT_EQ(json["l2_groups"], 4);
  EXPECT_EQ(json["l3_groups"], 2);
  EXPECT_EQ(json["node_os_indexes"], (std::vector<int>{0, 2, 1}));
  EXPECT_EQ(json["memory_bytes"], (std::vector<uint64_t>{229310464, 263892992, 263561216}));
  EXPECT_EQ(json["node_pus"], (std::vector<std::vector<int>>{{0, 1}, {}, {2, 3}}));
  EXPECT_EQ(json["has_distances"], true);
  EXPECT_EQ(json["file"], "memory-only-node.xml");
  EXPECT_EQ(json["mode"], "default");
  EXPECT_EQ(json["complete_pus"], 4);
  EXPECT_EQ(json["nodes_empty_cpuset"], 0);
  EXPECT_EQ(json["nodes_sharing_cpus"], 2);
  EXPECT_EQ(json["cpukinds"], 0);
  EXPECT_EQ(json["distances"], "NUMALatency:3x3[10..28]");
  EXPECT_EQ(json["node_distances"],
            (std::vector<std::vector<int>>{{10, 17, 21}, {17, 10, 28}, {21, 28, 10}}));
  EXPECT_EQ(json["degraded"].size(), 2u);
}

TEST(TopologyJson, IsOneLineAndSaysWhatIsMissing) {
  const std::string text = TopologyJson(Machine(kCpuset, {.include_disallowed = true}));
  EXPECT_EQ(text.find('\n'), std::string::npos);
  const nlohmann::json json = nlohmann::json::parse(text);
  EXPECT_EQ(json["pus"], 8);
  EXPECT_EQ(json["allowed_pus"], 3);
  EXPECT_EQ(json["allowed_nodes"], 2);
  EXPECT_EQ(nlohmann::json::parse(TopologyJson(Machine(kCpuset)))["pus_without_node"], 1);
}

}  // namespace
}  // namespace tally
