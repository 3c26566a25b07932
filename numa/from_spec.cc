#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "numa/confinement.h"
#include "numa/facts_codec.h"
#include "numa/hwloc_topology.h"
#include "numa/machine_facts.h"
#include "numa/topology.h"
#include "numa/topology_builder.h"
#include "numa/topology_spec.h"

namespace tally {
namespace {

absl::Status Damaged(const TopologySource& source) {
  return absl::InvalidArgumentError(absl::StrCat("hwloc crashes on ", QuoteSpec(source.spec),
                                                 ", so it is damaged: ", WhatToTypeInstead()));
}

absl::StatusOr<MachineFacts> ReadConfined(const TopologySource& source, TopologyOptions options) {
  const absl::StatusOr<Confined> read = RunConfined([&]() -> absl::StatusOr<std::string> {
    absl::StatusOr<MachineFacts> facts = ReadWithHwloc(source, options);
    if (!facts.ok()) return facts.status();
    return EncodeFacts(*facts);
  });
  if (absl::IsUnavailable(read.status())) return ReadWithHwloc(source, options);
  if (absl::IsAborted(read.status())) return Damaged(source);
  if (!read.ok()) return read.status();
  std::optional<MachineFacts> facts = DecodeFacts(read->result);
  if (!facts.has_value()) return Damaged(source);
  if (read->complained) {
    facts->notes.push_back("hwloc found contradictions in this file and left things out.");
  }
  return *std::move(facts);
}

}  // namespace

absl::StatusOr<Topology> Topology::FromSpec(std::string_view spec, TopologyOptions options) {
  absl::StatusOr<TopologySource> source = ReadTopologySpec(spec);
  if (!source.ok()) return source.status();

  // hwloc keeps locks of its own; a child forked while another thread holds one would wait forever.
  static std::mutex* const mutex = new std::mutex;
  const std::lock_guard<std::mutex> lock(*mutex);
  absl::StatusOr<MachineFacts> facts = source->kind == TopologySource::Kind::kXml
                                           ? ReadConfined(*source, options)
                                           : ReadWithHwloc(*source, options);
  if (!facts.ok()) return facts.status();
  if (facts->pus.size() < source->pus) {  // of PUs with equal numbers, hwloc keeps one
    return absl::InvalidArgumentError(absl::StrCat(QuoteSpec(spec), " says ", source->pus,
                                                   " PUs, of which hwloc makes ", facts->pus.size(),
                                                   ": give each a number of its own in indexes="));
  }
  absl::StatusOr<Topology> topology = TopologyBuilder::Build(*facts, options);
  if (topology.ok()) return topology;
  return absl::Status(
      topology.status().code(),
      absl::StrCat(QuoteSpec(spec), " is no machine: ", topology.status().message()));
}

}  // namespace tally
