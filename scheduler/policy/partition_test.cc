#include "scheduler/policy/partition.h"

#include <vector>

#include "gtest/gtest.h"

namespace tally {
namespace {

constexpr size_t kPage = 4096;

Stretch S(size_t first, size_t last, int node) { return {first, last, NodeId(node)}; }

TEST(Partition, Table) {
  const struct {
    const char* intent;
    size_t count, element_bytes;
    std::vector<uint32_t> workers;
    size_t block;
    std::vector<Stretch> expected;
  } rows[] = {
      {"equal parts", 4096, 8, {2, 2}, 0, {S(0, 2048, 0), S(2048, 4096, 1)}},
      {"parts like workers", 4096, 8, {3, 1}, 0, {S(0, 3072, 0), S(3072, 4096, 1)}},
      {"nodes without workers get nothing",
       4096,
       8,
       {0, 1, 0, 1},
       0,
       {S(0, 2048, 1), S(2048, 4096, 3)}},
      {"whole pages", 1500, 8, {1, 1, 1}, 0, {S(0, 512, 0), S(512, 1024, 1), S(1024, 1500, 2)}},
      {"less than a page", 10, 8, {1, 1}, 0, {S(0, 10, 1)}},
      {"fewer pages than nodes", 1024, 8, {1, 1, 1, 1}, 0, {S(0, 512, 0), S(512, 1024, 2)}},
      {"elements that do not divide a page",
       4096,
       24,
       {1, 1},
       0,
       {S(0, 2048, 0), S(2048, 4096, 1)}},
      {"elements larger than a page", 8, 10'000, {1, 1}, 0, {S(0, 8, 1)}},
      {"elements of two pages", 5, 8192, {1, 1}, 0, {S(0, 2, 0), S(2, 5, 1)}},
      {"dealt out",
       2048,
       8,
       {1, 1},
       512,
       {S(0, 512, 0), S(512, 1024, 1), S(1024, 1536, 0), S(1536, 2048, 1)}},
      {"blocks in whole pages",
       1100,
       8,
       {1, 1},
       1,
       {S(0, 512, 0), S(512, 1024, 1), S(1024, 1100, 0)}},
      {"nothing", 0, 8, {1, 1}, 0, {}},
      {"nothing, dealt out", 0, 8, {1, 1}, 512, {}},
      {"no workers", 1024, 8, {0, 0}, 0, {S(0, 1024, 0)}},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(PartitionOverNodes(row.count, row.element_bytes, kPage, row.workers, row.block),
              row.expected)
        << row.intent;
  }
}

TEST(Partition, CoversEverythingOnceInWholePages) {
  for (const size_t element : {1, 3, 8, 24, 100, 4096, 5000}) {
    for (const size_t count : {1, 1000, 123'457}) {
      for (const size_t block : {0, 1, 700}) {
        size_t next = 0;
        for (const Stretch& s : PartitionOverNodes(count, element, kPage, {1, 0, 5, 2}, block)) {
          ASSERT_EQ(s.first, next);
          ASSERT_GT(s.last, s.first);
          ASSERT_EQ(s.first * element % kPage, 0u);
          next = s.last;
        }
        ASSERT_EQ(next, count);
      }
    }
  }
}

TEST(Partition, OfVeryManyElementsDoesNotOverflow) {
  const size_t count = size_t{1} << 60;
  EXPECT_EQ(PartitionOverNodes(count, 1, kPage, {1000, 1000}, 0),
            (std::vector<Stretch>{S(0, count / 2, 0), S(count / 2, count, 1)}));
}

}  // namespace
}  // namespace tally
