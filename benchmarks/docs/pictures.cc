#include "benchmarks/docs/pictures.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "benchmarks/plots/charts.h"

namespace tally::benchmarks {
namespace {

constexpr char kSpread[] = "Bars are medians of interleaved rounds, whiskers lowest and highest.";

Speedup SpeedupOf(const Comparison* row) {
  // Without rounds, or if one of them took nothing in some.
  if (row == nullptr || row->ratio_min <= 0 || std::isinf(row->ratio_max)) return {0, 0, 0};
  return {1 / row->ratio_median, 1 / row->ratio_max, 1 / row->ratio_min};
}

// In the order of the rows, each once; what has no ratio to the peer is left out.
std::vector<std::string> WorksAgainst(const std::vector<Comparison>& rows, const char* peer) {
  std::vector<std::string> works;
  std::set<std::string> seen;
  for (const Comparison& row : rows) {
    if (row.peer != peer || row.rounds == 0 || row.work.find("memory") != std::string::npos ||
        row.work.find("anonymous") != std::string::npos ||
        row.work.find("_cpu") != std::string::npos) {
      continue;
    }
    if (seen.insert(row.work).second) works.push_back(row.work);
  }
  return works;
}

Canvas Against(const Results& results, const char* peer, const char* name) {
  std::vector<SpeedupRow> rows;
  for (const std::string& work : WorksAgainst(results.works, peer)) {
    rows.push_back({work,
                    {SpeedupOf(Find(results.works, work, 2, peer)),
                     SpeedupOf(Find(results.works, work, 1, peer))}});
  }
  return DrawSpeedups({.title = absl::StrCat("Tally against ", name),
                       .subtitle = kSpread,
                       .axis = absl::StrCat("times as fast as ", name)},
                      {"2 workers", "1 worker"}, rows);
}

Canvas AgainstTbb(const Results& results) { return Against(results, "tbb", "oneTBB"); }
Canvas AgainstOpenMp(const Results& results) { return Against(results, "openmp", "OpenMP"); }

Canvas Latencies(const Results& results) {
  constexpr std::pair<const char*, const char*> kRows[] = {
      {"wake_p50", "wake after 5 ms, p50"},
      {"wake_p99", "wake after 5 ms, p99"},
      {"wake_200us_p50", "wake after 200 us, p50"},
      {"wake_200us_p99", "wake after 200 us, p99"},
      {"critical_p50", "Critical under Low load, p50"},
      {"critical_p99", "Critical under Low load, p99"}};
  std::vector<DotRow> rows;
  for (const auto& [work, label] : kRows) {
    DotRow row{.label = label, .values = {0, 0, 0, 0}};
    const std::string peers[] = {"", "tbb", "openmp", "futex"};
    for (size_t i = 1; i < std::size(peers); ++i) {
      const Comparison* const found = Find(results.works, work, 2, peers[i]);
      if (found == nullptr || found->rounds == 0) continue;
      row.values[0] = found->ours;
      row.values[i] = found->theirs;
    }
    rows.push_back(row);
  }
  return DrawDots({.title = "How long until a task runs",
                   .subtitle = "2 workers; medians over the rounds.",
                   .axis = "microseconds"},
                  {"Tally", "oneTBB", "OpenMP", "a bare futex"}, rows);
}

Canvas Families(const Results& results) {
  std::vector<SpeedupRow> rows;
  std::set<std::pair<std::string, int>> seen;
  for (const Comparison& row : results.families) {
    if (!seen.insert({row.work, row.workers}).second) continue;
    rows.push_back({absl::StrCat(row.work, ", ", row.workers),
                    {SpeedupOf(Find(results.families, row.work, row.workers, "tbb")),
                     SpeedupOf(Find(results.families, row.work, row.workers, "openmp"))}});
  }
  return DrawSpeedups({.title = "The six families",
                       .subtitle = absl::StrCat("By case and number of workers. ", kSpread),
                       .axis = "times as fast"},
                      {"as oneTBB", "as OpenMP"}, rows);
}

Canvas Scaling(const Results& results) {
  std::vector<int> workers;
  Curve spawned{.label = "spawned inside", .ys = {}};
  Curve submitted{.label = "submitted from as many threads outside", .ys = {}};
  for (const ScalingRow& row : results.scaling) {
    workers.push_back(row.workers);
    spawned.ys.push_back(static_cast<double>(row.spawned_ns) / 1e3);
    submitted.ys.push_back(static_cast<double>(row.submitted_ns) / 1e3);
  }
  return DrawCurves(
      {.title = "1,000 tasks of 100 ns per worker, in virtual time",
       .subtitle = "A machine of 2 x 64 cores. A level line would be perfect scaling.",
       .axis = "microseconds"},
      workers, {spawned, submitted}, "workers");
}

}  // namespace

const std::vector<Picture>& Pictures() {
  static const auto* const pictures = new std::vector<Picture>{
      {"benchmarks-tbb.png", "Tally against oneTBB, times as fast in each work", AgainstTbb},
      {"benchmarks-openmp.png", "Tally against OpenMP, times as fast in each work", AgainstOpenMp},
      {"benchmarks-latencies.png", "How long until a task runs, by contender", Latencies},
      {"benchmarks-families.png", "The six families against oneTBB and OpenMP", Families},
      {"benchmarks-scaling.png", "Weak scaling to 64 workers in virtual time", Scaling}};
  return *pictures;
}

}  // namespace tally::benchmarks
