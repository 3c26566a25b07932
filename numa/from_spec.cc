#include <mutex>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "numa/hwloc_topology.h"
#include "numa/rehearsal.h"
#include "numa/topology.h"
#include "numa/topology_spec.h"

namespace tally {

absl::StatusOr<Topology> Topology::FromSpec(std::string_view spec, TopologyOptions options) {
  absl::StatusOr<TopologySource> source = ReadTopologySpec(spec);
  if (!source.ok()) return source.status();

  // hwloc keeps locks of its own; a child forked while another thread holds one would wait forever.
  static std::mutex* const mutex = new std::mutex;
  const std::lock_guard<std::mutex> lock(*mutex);
  if (source->kind == TopologySource::Kind::kXml) {
    absl::Status rehearsed = Rehearse([&] { return LoadWithHwloc(*source, options).status(); });
    if (absl::IsAborted(rehearsed)) {
      return absl::InvalidArgumentError(absl::StrCat("hwloc crashes on ", QuoteSpec(source->spec),
                                                     ", so it is damaged: ", WhatToTypeInstead()));
    }
    if (!rehearsed.ok()) return rehearsed;
  }
  return LoadWithHwloc(*source, options);
}

}  // namespace tally
