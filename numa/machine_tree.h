// A topology as a tree of boxes, before any of it is drawn.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "numa/topology.h"

namespace tally {

struct MachineBox {
  std::string kind;   // "Package", "Node", "L3", "L2"; empty: no box, just what is inside
  int id = -1;        // Tally's number
  std::string facts;  // " · 64 GiB · memory only"
  std::vector<MachineBox> inside;
  std::vector<std::string> cores;  // innermost only: "[0 128]", the kernel's PU numbers
  std::string shape;               // equal for boxes that differ in nothing but numbers
};

// "96.0 GiB", "1.25 MiB", "512 KiB".
std::string BytesText(uint64_t bytes);

// The whole machine; its own kind is empty. Package above node, or node above package on machines
// whose nodes span packages.
MachineBox MachineTree(const Topology& topology);

}  // namespace tally
