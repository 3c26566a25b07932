#include "sim/cli/summary.h"

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "scheduler/trace/digest.h"
#include "sim/metrics/metrics_report.h"

namespace tally::cli {
namespace {

constexpr size_t kMostWorkerRows = 32;
constexpr int kBarWidth = 32;

double Ratio(uint64_t a, uint64_t b) {
  return b == 0 ? 0 : static_cast<double>(a) / static_cast<double>(b);
}

int Percent(uint64_t part, uint64_t whole) {
  return static_cast<int>(100 * Ratio(part, whole) + 0.5);
}

void Line(std::string& text, const char* label, const std::string& content) {
  absl::StrAppendFormat(&text, "  %-12s %s\n", label, absl::StripTrailingAsciiWhitespace(content));
}

std::string Title(const Recording& recording) {
  const RecordingHeader& header = recording.header;
  std::string title = header.workload.empty() ? "a program" : header.workload;
  if (header.size != 0) absl::StrAppend(&title, " ", WithCommas(header.size));
  absl::StrAppend(&title, header.world == "real" ? " on " : " simulated on ",
                  header.topology_summary, "\n", WorkersText(recording), ", ", header.placement,
                  " placement, seed ", header.seed, "\n\n");
  return title;
}

// Apart, for the spares' time is not the workers': together there would be more than there are.
std::string Busy(const Metrics& metrics) {
  std::string text =
      absl::StrFormat("%.1f workers", Ratio(metrics.workers_busy_ns(), metrics.makespan_ns));
  const double spares = Ratio(metrics.spares_busy_ns(), metrics.makespan_ns);
  if (spares >= 0.05) absl::StrAppendFormat(&text, " and %.1f spares", spares);
  return text;
}

std::string Makespan(const Metrics& metrics) {
  return absl::StrFormat("%-9s work %s, span %s: %s busy on average, at most %.0f could be",
                         DurationText(metrics.makespan_ns), DurationText(metrics.work_ns),
                         DurationText(metrics.span_ns), Busy(metrics),
                         Ratio(metrics.work_ns, metrics.span_ns));
}

std::string Tasks(const Metrics& metrics) {
  std::string text = absl::StrFormat("%-9s", WithCommas(metrics.tasks));
  if (metrics.tasks != metrics.tasks_by_priority[static_cast<size_t>(Priority::kNormal)]) {
    absl::StrAppendFormat(
        &text, " %s critical, %s high, %s normal, %s low", WithCommas(metrics.tasks_by_priority[0]),
        WithCommas(metrics.tasks_by_priority[1]), WithCommas(metrics.tasks_by_priority[2]),
        WithCommas(metrics.tasks_by_priority[3]));
  }
  if (metrics.dropped != 0) absl::StrAppend(&text, " ", WithCommas(metrics.dropped), " dropped");
  return text;
}

std::string Steals(const Metrics& metrics) {
  return absl::StrFormat(
      "%-9s %s in the same L3, %s in the same node, %s from other nodes; %s in vain",
      WithCommas(metrics.steals), WithCommas(metrics.steals_by_tier[0]),
      WithCommas(metrics.steals_by_tier[1]), WithCommas(metrics.steals_by_tier[2]),
      WithCommas(metrics.steal_fails));
}

std::string CrossNode(const RecordingHeader& header, const Metrics& metrics) {
  if (!metrics.cross_node) {
    return metrics.touches_unknown.accesses == 0
               ? "no task said what memory it touches"
               : absl::StrCat("unknown for ", WithCommas(metrics.touches_unknown.accesses),
                              " accesses (", header.cross_node_source, ")");
  }
  uint64_t accesses = 0;
  for (const Metrics::Touches& cell : metrics.touches) accesses += cell.accesses;
  for (const Metrics::Touches& cell : metrics.touches_without_node) accesses += cell.accesses;
  return absl::StrFormat("%-9s of %s accesses, %s (%s)", WithCommas(metrics.cross_node->accesses),
                         WithCommas(accesses), Bytes(metrics.cross_node->bytes),
                         header.cross_node_source);
}

// A thread, or those of a node together.
struct Row {
  std::string name;
  int node = 0;
  uint64_t threads = 0;
  Metrics::Worker sum;

  void Add(const Metrics::Worker& worker) {
    ++threads;
    sum.executed += worker.executed;
    sum.steals += worker.steals;
    sum.parks += worker.parks;
    sum.busy_ns += worker.busy_ns;
    sum.search_ns += worker.search_ns;
  }
};

// Workers, then spares; of these those that have served.
std::vector<Row> Rows(const Recording& recording, const Metrics& metrics) {
  const RecordingHeader& header = recording.header;
  std::vector<Row> rows;
  const auto add_each = [&](const std::vector<size_t>& threads) {
    for (const size_t w : threads) {
      const std::string name = header.IsSpare(w) ? header.NameOfLane(w) : absl::StrCat(w);
      rows.push_back({.name = name, .node = header.workers[w].node.value(), .sum = {}});
      rows.back().Add(metrics.workers[w]);
    }
  };
  const auto add_nodes = [&](const std::vector<size_t>& threads, const char* unit) {
    std::map<int, Row> nodes;
    for (const size_t w : threads) {
      const NodeId node = header.workers[w].node;
      nodes[node.valid() ? node.value() : 0].Add(metrics.workers[w]);
    }
    for (auto& [node, row] : nodes) {
      row.name = absl::StrCat("x", row.threads, unit);
      row.node = node;
      rows.push_back(std::move(row));
    }
  };
  std::vector<size_t> workers, spares;
  for (size_t w = 0; w < metrics.workers.size(); ++w) {
    if (!header.IsSpare(w)) {
      workers.push_back(w);
    } else if (!recording.lanes[w].empty()) {
      spares.push_back(w);
    }
  }
  if (workers.size() <= kMostWorkerRows) {
    add_each(workers);
  } else {
    add_nodes(workers, "");
  }
  if (rows.size() + spares.size() <= kMostWorkerRows) {
    add_each(spares);
  } else {
    add_nodes(spares, " spares");
  }
  return rows;
}

}  // namespace

std::string WithCommas(uint64_t number) {
  std::string text = absl::StrCat(number);
  for (size_t end = text.size(); end > 3; end -= 3) text.insert(end - 3, 1, ',');
  return text;
}

std::string Bytes(uint64_t bytes) {
  static constexpr const char* kUnits[] = {"bytes", "KiB", "MiB", "GiB", "TiB"};
  double value = static_cast<double>(bytes);
  size_t unit = 0;
  for (; value >= 1024 && unit + 1 < std::size(kUnits); ++unit) value /= 1024;
  return unit == 0 ? absl::StrCat(bytes, " bytes")
                   : absl::StrFormat("%.1f %s", value, kUnits[unit]);
}

std::string Bar(uint64_t busy, uint64_t search, uint64_t whole, int width) {
  const auto cells = [&](uint64_t part) {
    return std::min(width, static_cast<int>(Ratio(part, whole) * width + 0.5));
  };
  const int full = cells(busy);
  const int shaded = std::max(full, cells(busy + search));
  std::string bar;
  for (int i = 0; i < width; ++i) bar += i < full ? "█" : i < shaded ? "▒" : "·";
  return bar;
}

std::string Summary(const Recording& recording, const Metrics& metrics) {
  std::string text = Title(recording);
  Line(text, "makespan", Makespan(metrics));
  Line(text, "tasks", Tasks(metrics));
  Line(text, "steals", Steals(metrics));
  Line(text, "sleep",
       absl::StrFormat("%-9s parks, %s wakes", WithCommas(metrics.parks),
                       WithCommas(metrics.wakes)));
  Line(text, "cross-node", CrossNode(recording.header, metrics));
  Line(text, "fingerprint", FingerprintText(metrics.fingerprint));
  const std::vector<Row> rows = Rows(recording, metrics);
  size_t width = std::string("worker").size();
  for (const Row& row : rows) width = std::max(width, row.name.size());
  absl::StrAppendFormat(&text, "\n  %*s  node  %-*s busy     tasks    steals     parks\n", width,
                        "worker", kBarWidth, "█ busy  ▒ looking  · asleep");
  for (const Row& row : rows) {
    const uint64_t whole = metrics.makespan_ns * row.threads;
    absl::StrAppendFormat(&text, "  %*s %5d  %s %3d %% %9s %9s %9s\n", width, row.name, row.node,
                          Bar(row.sum.busy_ns, row.sum.search_ns, whole, kBarWidth),
                          Percent(row.sum.busy_ns, whole), WithCommas(row.sum.executed),
                          WithCommas(row.sum.steals), WithCommas(row.sum.parks));
  }
  return text;
}

}  // namespace tally::cli
