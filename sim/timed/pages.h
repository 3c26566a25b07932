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
  std::vector<NodeId> homes;  // by page; -1: untouched
};

class Pages {
 public:
  void Register(const std::byte* data, size_t bytes);
  void Unregister(const std::byte* data);
  // The region that holds `pointer`, nullptr if none does.
  Region* Find(const void* pointer);

 private:
  std::map<const std::byte*, Region> regions_;  // by address, looked up and never iterated
};

}  // namespace tally::timed
