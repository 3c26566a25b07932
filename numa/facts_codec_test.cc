#include "numa/facts_codec.h"

#include "gtest/gtest.h"
#include "numa/machine_facts.h"

namespace tally {
namespace {

MachineFacts Facts() {
  MachineFacts facts;
  facts.spec = "a.xml";
  facts.pus = {{.os_index = 4,
                .core = 1,
                .l2 = 2,
                .l3 = -1,
                .package = 0,
                .kind = 0,
                .l2_bytes = 10,
                .l3_bytes = 11,
                .allowed = false},
               {.os_index = 5}};
  facts.kinds = {{.efficiency = 3, .core_type = "IntelAtom", .capacity = 200, .max_mhz = 4000}};
  facts.nodes = {{.os_index = 33,
                  .memory_bytes = 1ull << 40,
                  .special = true,
                  .memory = "HBM",
                  .bandwidth_mib_s = 7,
                  .latency_ns = 8,
                  .cache_bytes = 9,
                  .near_pus = {1}}};
  facts.pus_in_all = 9;
  facts.distances = {{10}};
  facts.distances_in_short = "NUMALatency";
  facts.notes = {"odd"};
  return facts;
}

TEST(FactsCodec, GoesThereAndBack) {
  const std::string bytes = EncodeFacts(Facts());
  const std::optional<MachineFacts> facts = DecodeFacts(bytes);
  ASSERT_TRUE(facts.has_value());
  EXPECT_EQ(EncodeFacts(*facts), bytes);
  EXPECT_EQ(facts->spec, "a.xml");
  EXPECT_EQ(facts->pus[0].os_index, 4);
  EXPECT_EQ(facts->pus[0].core, 1);
  EXPECT_EQ(facts->pus[0].l2, 2);
  EXPECT_EQ(facts->pus[0].l3, -1);
  EXPECT_EQ(facts->pus[0].package, 0);
  EXPECT_EQ(facts->pus[0].kind, 0);
  EXPECT_EQ(facts->pus[0].l2_bytes, 10u);
  EXPECT_EQ(facts->pus[0].l3_bytes, 11u);
  EXPECT_EQ(facts->kinds[0].efficiency, 3);
  EXPECT_EQ(facts->kinds[0].core_type, "IntelAtom");
  EXPECT_EQ(facts->kinds[0].capacity, 200);
  EXPECT_EQ(facts->kinds[0].max_mhz, 4000);
  EXPECT_EQ(facts->nodes[0].memory, "HBM");
  EXPECT_EQ(facts->nodes[0].bandwidth_mib_s, 7u);
  EXPECT_EQ(facts->nodes[0].latency_ns, 8u);
  EXPECT_EQ(facts->nodes[0].cache_bytes, 9u);
  EXPECT_FALSE(facts->pus[0].allowed);
  EXPECT_EQ(facts->pus_in_all, 9);
  EXPECT_EQ(facts->nodes[0].os_index, 33);
  EXPECT_TRUE(facts->nodes[0].special);
  EXPECT_EQ(facts->nodes[0].memory_bytes, 1ull << 40);
  EXPECT_EQ(facts->nodes[0].near_pus, std::vector<size_t>{1});
  EXPECT_EQ(facts->distances, Facts().distances);
  EXPECT_EQ(facts->distances_in_short, "NUMALatency");
  EXPECT_EQ(facts->notes, std::vector<std::string>{"odd"});
}

TEST(FactsCodec, WhatIsCutOrChangedIsRefusedOrReadButNeverBelievedBlindly) {
  const std::string whole = EncodeFacts(Facts());
  for (size_t cut = 0; cut < whole.size(); ++cut) {
    EXPECT_EQ(DecodeFacts(whole.substr(0, cut)), std::nullopt) << cut;
  }
  EXPECT_EQ(DecodeFacts(whole + "x"), std::nullopt);
  for (size_t at = 0; at < whole.size(); ++at) {
    std::string changed = whole;
    changed[at] = '\xff';
    const std::optional<MachineFacts> facts = DecodeFacts(changed);
    if (facts.has_value()) {
      EXPECT_LT(facts->nodes[0].near_pus[0], facts->pus.size());
      EXPECT_LT(facts->pus[0].kind, static_cast<int>(facts->kinds.size()));
    }
  }
}

}  // namespace
}  // namespace tally
