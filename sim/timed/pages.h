// Where the pages of W::Memory regions live: with whoever touched them first.
//
// Host addresses only find the region; everything after that is (region, offset), so where the host
// happened to map it changes nothing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

#include "numa/ids.h"

namespace tally::timed {

struct Region {
  const std::byte* data = nullptr;
  size_t bytes = 0;
  std::vector<NodeId> homes;           // by page; -1: untouched
  std::vector<NodeId> preferred = {};  // by page; -1: the first toucher's. Empty: all are

  // Where a page goes that somebody on `local` touches first.
  NodeId FirstHome(size_t page, NodeId local) const {
    return preferred.empty() || !preferred[page].valid() ? local : preferred[page];
  }
};

class Pages {
 public:
  void Register(const std::byte* data, size_t bytes);
  void Unregister(const std::byte* data);
  // The region that holds `pointer`, nullptr if none does.
  Region* Find(const void* pointer);
  // From now on, pages that begin in [pointer, pointer + bytes), which is in one region, go to
  // `node` when they are touched first, as with mbind(2).
  void Prefer(const void* pointer, size_t bytes, NodeId node);
  // -1: untouched, or in no region.
  NodeId HomeOf(const void* pointer);

 private:
  std::map<const std::byte*, Region> regions_;  // by address, looked up and never iterated
};

}  // namespace tally::timed
