// Topologies of real and nasty machines. Two small ones live here; many more, with what hwloc
// itself says of each (expected.tsv), are used when a folder shared/data/topologies lies beside or
// above the source tree, or TALLY_TOPOLOGIES names one.
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "numa/ids.h"
#include "numa/placement.h"
#include "numa/placement_properties.h"
#include "numa/render.h"
#include "numa/topology.h"

namespace tally {
namespace {

namespace fs = std::filesystem;

Topology Load(const std::string& path, TopologyOptions options = {}) {
  absl::StatusOr<Topology> topology = Topology::FromSpec(path, options);
  EXPECT_TRUE(topology.ok()) << topology.status();
  return *std::move(topology);
}

const char kOurs[] = "numa/testdata/memory-only-node.xml";

// Where the collection is, or empty. Bazel's runfiles are links into the source tree.
fs::path Collection() {
  if (const char* named = std::getenv("TALLY_TOPOLOGIES")) return named;
  std::error_code error;
  for (fs::path up = fs::canonical(kOurs, error); up.has_relative_path(); up = up.parent_path()) {
    const fs::path found = up.parent_path() / "shared/data/topologies";
    if (fs::exists(found / "expected.tsv", error)) return found;
  }
  return {};
}

using Row = std::map<std::string, std::string>;  // column -> cell

std::vector<Row> ReadTable(const fs::path& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  const std::vector<std::string> columns = absl::StrSplit(line, '\t');
  std::vector<Row> rows;
  while (std::getline(file, line)) {
    const std::vector<std::string> cells = absl::StrSplit(line, '\t');
    Row& row = rows.emplace_back();
    for (size_t i = 0; i < columns.size() && i < cells.size(); ++i) row[columns[i]] = cells[i];
  }
  return rows;
}

// A value of `tally topo --json` as the table writes it.
std::string Cell(const nlohmann::json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_array()) return absl::StrJoin(value.get<std::vector<int>>(), ",");
  return value.dump();
}

// The JSON has every column of the table as a key, with its value.
void Compare(const Topology& machine, const Row& expected) {
  const nlohmann::json json = nlohmann::json::parse(TopologyJson(machine));
  for (const auto& [column, cell] : expected) {
    ASSERT_TRUE(json.contains(column)) << column;
    EXPECT_EQ(Cell(json[column]), cell) << column;
  }
}

// True of every machine: ids point to what exists, and both ends agree about who is at home where.
void CheckConsistency(const Topology& machine) {
  size_t at_home = 0;
  for (size_t n = 0; n < machine.nodes().size(); ++n) {
    for (CpuId cpu : machine.nodes()[n].cpus) {
      EXPECT_EQ(machine.pus()[cpu.index()].node, NodeId(static_cast<int>(n)));
      ++at_home;
    }
  }
  for (const Pu& pu : machine.pus()) {
    if (pu.node.valid()) --at_home;
    EXPECT_LT(pu.core.value(), machine.cores());
    EXPECT_LT(pu.l2.value(), machine.l2_groups());
    EXPECT_LT(pu.l3.value(), machine.l3_groups());
    EXPECT_LT(pu.package.value(), machine.packages());
  }
  EXPECT_EQ(at_home, 0u);
  EXPECT_FALSE(machine.is_this_machine());
}

void CheckPlacements(const Topology& machine) {
  std::vector<int> numbers;
  for (const Pu& pu : machine.pus()) {
    if (pu.allowed) numbers.push_back(pu.os_index);
  }
  const int pus = static_cast<int>(numbers.size());
  std::reverse(numbers.begin(), numbers.end());
  const Placement kPlacements[] = {PlacementPolicy::kCompact,          PlacementPolicy::kScatter,
                                   PlacementPolicy::kRoundRobinNodes,  PlacementPolicy::kOnePerL3,
                                   PlacementPolicy::kCriticalOnPCores, Placement::List(numbers)};
  for (const Placement& placement : kPlacements) {
    for (int workers : {1, 7, pus, 3 * pus}) {
      const std::vector<CpuId> placed = PlaceWorkers(machine, placement, workers);
      EXPECT_EQ(placed.size(), static_cast<size_t>(workers));
      EXPECT_EQ(BrokenPlacement(machine, placement, placed), "")
          << PlacementName(placement) << ", " << workers << " workers";
    }
  }
}

TEST(TopologyFiles, EachCountsAsHwlocItselfCounts) {
  const fs::path collection = Collection();
  if (collection.empty()) {
    GTEST_SKIP() << "no collection of topologies at hand: set TALLY_TOPOLOGIES to a folder with "
                    "hwloc XML files and their expected.tsv";
  }
  size_t files = 0;
  for (const Row& row : ReadTable(collection / "expected.tsv")) {
    SCOPED_TRACE(absl::StrCat(row.at("file"), " ", row.at("mode")));
    const Topology machine = Load((collection / row.at("file")).string(),
                                  {.include_disallowed = row.at("mode") == "disallowed"});
    Compare(machine, row);
    CheckConsistency(machine);
    CheckPlacements(machine);
    ++files;
  }
  EXPECT_GT(files, 0u);
}

// Node 2 (the kernel's number) has no CPUs; hwloc hangs it on node 0's and lists it second, while
// its distances are ordered 0, 1, 2.
TEST(TopologyFiles, AMemoryOnlyNodeIsNobodysHomeAndDistancesGoByObject) {
  const Topology machine = Load(kOurs);
  ASSERT_EQ(machine.nodes().size(), 3u);
  EXPECT_EQ(machine.nodes()[1].os_index, 2);
  EXPECT_TRUE(machine.nodes()[1].cpus.empty());
  EXPECT_EQ(machine.nodes()[0].cpus.size(), 2u);
  EXPECT_EQ(machine.nodes()[2].cpus.size(), 2u);
  const auto distance = [&](int from, int to) {
    return machine.NodeDistance(machine.NodeByOsIndex(from), machine.NodeByOsIndex(to));
  };
  EXPECT_EQ(distance(0, 1), 21);
  EXPECT_EQ(distance(0, 2), 17);
  EXPECT_EQ(distance(1, 2), 28);
}

// Somebody's own measurements, in nanoseconds, stand before the firmware's matrix.
TEST(TopologyFiles, OfSeveralMatricesTheFirmwaresCountsAndTheOthersAreNamed) {
  std::ifstream file(kOurs);
  std::string xml((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  const size_t first = xml.find("<distances2 ");
  ASSERT_NE(first, std::string::npos);
  xml.insert(first,
             "<distances2 type=\"NUMANode\" nbobjs=\"3\" kind=\"6\" name=\"Mine\" "
             "indexing=\"os\">"
             "<indexes length=\"6\">0 1 2 </indexes>"
             "<u64values length=\"33\">80 150 250 150 80 250 250 250 90 </u64values>"
             "</distances2>\n");
  const std::string path = testing::TempDir() + "/two-matrices.xml";
  std::ofstream(path) << xml;
  const Topology machine = Load(path);
  EXPECT_EQ(machine.NodeDistance(machine.NodeByOsIndex(0), machine.NodeByOsIndex(1)), 21);
  EXPECT_EQ(machine.distances_in_short(), "Mine:3x3[80..250];NUMALatency:3x3[10..28]");
  const std::vector<std::string>& notes = machine.degraded();
  EXPECT_EQ(std::count(notes.begin(), notes.end(),
                       "There are 2 matrices of distances between nodes: "
                       "NUMALatency:3x3[10..28] is used."),
            1);
}

TEST(TopologyFiles, UnderACpusetSomePusHaveNoNode) {
  const std::string path = "numa/testdata/cpuset.xml";
  const Topology machine = Load(path);
  ASSERT_EQ(machine.pus().size(), 3u);
  EXPECT_TRUE(machine.pus()[0].node.valid());
  EXPECT_FALSE(machine.pus()[2].node.valid());
  const Topology whole = Load(path, {.include_disallowed = true});
  EXPECT_EQ(whole.pus().size(), 8u);
  EXPECT_EQ(whole.nodes().size(), 4u);
  EXPECT_TRUE(whole.nodes()[0].allowed);
  EXPECT_FALSE(whole.nodes()[3].allowed);
}

// A file can hold anything, and hwloc 2.9 dies on some of it. Cut after every 97th byte, and with
// each attribute in turn renamed.
TEST(TopologyFiles, DamagedFilesAreRefusedAndNothingDies) {
  std::ifstream file(kOurs);
  const std::string whole((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  ASSERT_FALSE(whole.empty());
  const std::string path = testing::TempDir() + "/damaged.xml";
  std::vector<std::string> damaged;
  for (size_t cut = 0; cut < whole.size(); cut += 97) damaged.push_back(whole.substr(0, cut));
  for (size_t at = whole.find("set=\"0x"); at != std::string::npos;
       at = whole.find("set=\"0x", at + 1)) {
    damaged.push_back(std::string(whole).replace(at, 3, "sex"));
  }
  int refused = 0;
  testing::internal::CaptureStderr();  // hwloc's banners are not for our users
  for (const std::string& text : damaged) {
    std::ofstream(path) << text;
    const absl::StatusOr<Topology> topology = Topology::FromSpec(path);
    if (topology.ok()) {
      CheckConsistency(*topology);
      continue;
    }
    ++refused;
    EXPECT_EQ(std::string(topology.status().message()).find('\n'), std::string::npos);
  }
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
  EXPECT_GT(refused, 100);
}

// A small generator of our own, so that a failure is the same everywhere.
class Dice {
 public:
  explicit Dice(uint64_t seed) : state_(seed) {}
  size_t Below(size_t limit) {
    state_ = state_ * 6364136223846793005u + 1442695040888963407u;
    return (state_ >> 33) % limit;
  }

 private:
  uint64_t state_;
};

// The positions and lengths of all attribute values: os_index="|3|".
std::vector<std::pair<size_t, size_t>> Values(const std::string& xml) {
  std::vector<std::pair<size_t, size_t>> values;
  for (size_t at = xml.find("=\""); at != std::string::npos; at = xml.find("=\"", at)) {
    at += 2;
    const size_t end = xml.find('"', at);
    if (end == std::string::npos) break;
    values.push_back({at, end - at});
    at = end + 1;
  }
  return values;
}

std::string Mutated(std::string xml, Dice& dice) {
  const char* const kWords[] = {"0",     "-1",       "4294967295", "18446744073709551615",
                                "0x0",   "0xf...f",  "0x00000001", "0xffffffff,,,0x1",
                                "",      "abc",      "NUMANode",   "Package",
                                "Group", "MemCache", "PU",         "Core"};
  for (size_t changes = 1 + dice.Below(4); changes > 0; --changes) {
    const std::vector<std::pair<size_t, size_t>> values = Values(xml);
    const auto [at, length] = values[dice.Below(values.size())];
    const auto [from, from_length] = values[dice.Below(values.size())];
    const size_t line = xml.find('\n', dice.Below(xml.size()));
    switch (dice.Below(4)) {
      case 0:
        xml.replace(at, length, kWords[dice.Below(std::size(kWords))]);
        break;
      case 1:  // one thing's value for another's
        xml.replace(at, length, xml.substr(from, from_length));
        break;
      case 2:  // a line is lost
        if (line != std::string::npos) xml.erase(line, xml.find('\n', line + 1) - line);
        break;
      case 3:  // or there twice
        if (line != std::string::npos) {
          xml.insert(line, xml.substr(line, xml.find('\n', line + 1) - line));
        }
        break;
    }
  }
  return xml;
}

// Contradictions between objects rather than broken syntax: about half of them are still machines,
// and what hwloc makes of them must be one that everything else can live with.
TEST(TopologyFiles, ContradictoryFilesAreMachinesOrErrors) {
  const std::string path = testing::TempDir() + "/mutated.xml";
  int machines = 0, refused = 0;
  testing::internal::CaptureStderr();
  for (const char* original : {kOurs, "numa/testdata/cpuset.xml"}) {
    std::ifstream file(original);
    const std::string whole((std::istreambuf_iterator<char>(file)),
                            std::istreambuf_iterator<char>());
    Dice dice(20260101);
    for (int round = 0; round < 60; ++round) {
      const std::string text = Mutated(whole, dice);
      std::ofstream(path) << text;
      const absl::StatusOr<Topology> machine =
          Topology::FromSpec(path, {.include_disallowed = round % 2 == 1});
      if (!machine.ok()) {
        ++refused;
        EXPECT_EQ(std::string(machine.status().message()).find('\n'), std::string::npos);
        continue;
      }
      ++machines;
      SCOPED_TRACE(absl::StrCat(original, " round ", round));
      CheckConsistency(*machine);
      CheckPlacements(*machine);
      EXPECT_FALSE(RenderTopology(*machine, 80).empty());
      EXPECT_TRUE(nlohmann::json::accept(TopologyJson(*machine)));
    }
  }
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
  EXPECT_GT(machines, 20);
  EXPECT_GT(refused, 20);
}

}  // namespace
}  // namespace tally
