// What the user typed for a topology, sorted and checked before hwloc sees it: hwloc answers every
// mistake with "-1", takes minutes for 65536 PUs, and cannot say what to type instead.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace tally {

// hwloc's loading time grows with the square of a level's width or worse: minutes for 65536 PUs.
inline constexpr int kMaxPus = 8192;
inline constexpr int kMaxNodes = 1024;
inline constexpr int kMaxInOne = 4096;  // of a level, in one object of the level above; synthetic
inline constexpr int kMaxObjects = 4 * kMaxPus;  // on all levels; synthetic

struct TopologySource {
  enum class Kind { kLive, kXml, kSynthetic };
  Kind kind = Kind::kLive;
  std::string spec;  // as typed
  std::string text;  // kXml: the file's contents; kSynthetic: the spec
  size_t pus = 0;    // kSynthetic: as many as the spec says
};

// Reads the file if `spec` names one. A spec is a file if it ends in ".xml", holds a '/', or
// exists as one.
absl::StatusOr<TopologySource> ReadTopologySpec(std::string_view spec);

// How many PUs this synthetic text says, or what is wrong with it: too many PUs or nodes, a count
// that is no number. hwloc judges the rest.
absl::StatusOr<size_t> CheckSynthetic(std::string_view text);

// FailedPrecondition if this is XML of a version that hwloc 2.9 refuses.
absl::Status CheckXmlVersion(std::string_view spec, std::string_view xml);

// `spec` as messages show it: in quotes, on one line, not too long.
std::string QuoteSpec(std::string_view spec);

// The end of every sentence about a spec that cannot be used.
std::string WhatToTypeInstead();

}  // namespace tally
