// How often the kernel gave pages to programs that ran on another node: the little that can be
// known of cross-node accesses where nothing else tells.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace tally {

// The sum of all nodes' "other_node" in numastat, of the whole machine since it was started: a page
// was given out on this node while the program ran on another. Nothing where the files are not
// there. One node has no other: nothing. `nodes`: where the kernel describes them.
std::optional<uint64_t> PagesGivenAcrossNodes(
    const std::string& nodes = "/sys/devices/system/node");

}  // namespace tally
