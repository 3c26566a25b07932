#include "sim/cli/values.h"

#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "scheduler/runtime/options.h"
#include "scheduler/trace/environment.h"
#include "sim/cli/nearest.h"

namespace tally::cli {

absl::StatusOr<int> WorkersFrom(const Words& words) {
  const std::optional<std::string> text = words.Value("--workers");
  if (!text) return 0;
  int workers = 0;
  if (absl::SimpleAtoi(*text, &workers) && workers >= 1 && workers <= kMaxWorkers) return workers;
  return absl::InvalidArgumentError(absl::StrCat("--workers must be a number from 1 to ",
                                                 kMaxWorkers, ", not '", *text,
                                                 "': try --workers=4"));
}

std::string RecordPathFrom(const Words& words) {
  if (words.Has("--record")) return *words.Value("--record");
  return NextRecordingFromEnvironment().value_or("");
}

absl::StatusOr<uint64_t> SeedFrom(const Words& words) {
  const std::optional<std::string> text = words.Value("--seed");
  if (!text) return 1;
  uint64_t seed = 0;
  if (absl::SimpleAtoi(*text, &seed)) return seed;
  return absl::InvalidArgumentError(
      absl::StrCat("--seed must be a number from 0 to 2^64 - 1, not '", *text, "': try --seed=7"));
}

absl::StatusOr<Placement> PlacementFrom(const Words& words) {
  const std::optional<std::string> text = words.Value("--placement");
  if (!text) return Placement();
  return ParsePlacement(*text);
}

absl::Status BindFrom(const Words& words, SchedulerOptions& options) {
  if (!words.Has("--bind")) return absl::OkStatus();
  const std::string to = *words.Value("--bind");
  const std::pair<const char*, BindingUnit> kUnits[] = {
      {"pu", BindingUnit::kPu}, {"core", BindingUnit::kCore}, {"l3", BindingUnit::kL3}};
  for (const auto& [name, unit] : kUnits) {
    if (to != name) continue;
    options.bind_to = unit;
    return absl::OkStatus();
  }
  options.bind = false;
  if (to == "none") return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("--bind must be pu, core, l3 or none, not '", to, "': try --bind=l3"));
}

absl::StatusOr<std::shared_ptr<const Topology>> TopologyFrom(const Words& words,
                                                             TopologyOptions options) {
  absl::StatusOr<Topology> topology =
      Topology::FromSpec(words.Value("--topology").value_or("live"), options);
  if (!topology.ok()) return topology.status();
  return std::make_shared<const Topology>(*std::move(topology));
}

absl::StatusOr<WorkloadChoice> WorkloadFrom(const Words& words) {
  const WorkloadInfo* info = FindWorkload(words.argument());
  if (info == nullptr) {
    std::vector<std::string> names;
    for (const WorkloadInfo& workload : Workloads()) names.emplace_back(workload.name);
    const std::string nearest = Nearest(words.argument(), names);
    return absl::InvalidArgumentError(absl::StrCat(
        "there is no workload '", words.argument(), "'",
        nearest.empty() ? std::string() : absl::StrCat(" (did you mean ", nearest, "?)"),
        ": use one of ", WorkloadNames()));
  }
  WorkloadChoice choice{.name = std::string(info->name), .size = info->default_size};
  if (const std::optional<std::string> text = words.Value("--size")) {
    if (!absl::SimpleAtoi(*text, &choice.size)) {
      return absl::InvalidArgumentError(
          absl::StrFormat("--size must be a number from %d to %d for %s, not '%s': try --size=%d",
                          info->min_size, info->max_size, choice.name, *text, info->default_size));
    }
    if (absl::Status status = CheckWorkloadSize(*info, choice.size); !status.ok()) return status;
  }
  return choice;
}

Flag SizeFlag() { return {"--size", "N", "how much; what it counts is listed below", "see below"}; }
Flag WorkersFlag(std::string default_value) {
  return {"--workers", "N", "1 to 4096", std::move(default_value)};
}
Flag SeedFlag() { return {"--seed", "S", "of the scheduler's choices among equals", "1"}; }
Flag PlacementFlag() {
  return {"--placement", "P", absl::StrCat("where workers sit: ", PlacementNames()), "compact"};
}
Flag BindFlag() {
  return {"--bind", "UNIT", "what each worker is bound to: pu, core, l3 or none",
          "l3; pu for list:, round-robin and critical-on-p"};
}
Flag TopologyFlag() {
  return {"--topology", "SPEC",
          "the machine: live, an hwloc FILE.xml, or text as in \"package:2 numa:1 core:8 pu:1\"",
          "live"};
}
Flag RecordFlag() {
  return {"--record", "FILE", "keep what happens, for replay, stats and dash", ""};
}
Flag JsonFlag() { return {"--json", "", "one JSON object instead of text", ""}; }

std::string WorkloadNames() {
  std::string text;
  for (const WorkloadInfo& info : Workloads()) {
    absl::StrAppend(&text, text.empty() ? "" : ", ", std::string(info.name));
  }
  return text;
}

std::string WorkloadTable() {
  std::string text = "Workloads, and what their size counts [default; range]:\n";
  for (const WorkloadInfo& info : Workloads()) {
    absl::StrAppendFormat(&text, "  %-16s %s\n  %16s size: %s [%d; %d to %d]\n",
                          std::string(info.name), std::string(info.help), "",
                          std::string(info.size_means), info.default_size, info.min_size,
                          info.max_size);
  }
  return text;
}

}  // namespace tally::cli
