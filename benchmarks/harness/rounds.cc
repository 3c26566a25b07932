#include "benchmarks/harness/rounds.h"

#include <algorithm>
#include <limits>

#include "benchmarks/harness/isolated.h"
#include "benchmarks/harness/stopwatch.h"

namespace tally::benchmarks {
namespace {

double RatioOf(double ours, double theirs) {
  if (theirs > 0) return ours / theirs;
  return ours > 0 ? std::numeric_limits<double>::infinity() : 1;
}

}  // namespace

Comparison Compare(const Figure& figure, int workers, std::string_view peer, const Series& ours,
                   const Series& theirs, size_t index) {
  Comparison row{.work = std::string(figure.work),
                 .workers = workers,
                 .unit = std::string(figure.unit),
                 .promised = figure.promised,
                 .peer = std::string(peer)};
  std::vector<double> mine, other, ratios;
  for (size_t round = 0; round < ours.size(); ++round) {
    if (ours[round].empty() || theirs[round].empty()) continue;
    mine.push_back(ours[round][index]);
    other.push_back(theirs[round][index]);
    ratios.push_back(RatioOf(mine.back(), other.back()));
  }
  row.rounds = static_cast<int>(mine.size());
  if (mine.empty()) return row;
  row.ours = Median(mine);
  row.theirs = Median(other);
  row.ratio_median = Median(ratios);
  row.ratio_min = *std::min_element(ratios.begin(), ratios.end());
  row.ratio_max = *std::max_element(ratios.begin(), ratios.end());
  return row;
}

Outcome RunRounds(const Problem& problem, const Setting& setting, const Rounds& rounds,
                  const std::function<void(int round, const Contender&)>& before) {
  Outcome outcome;
  std::vector<Series> series(problem.contenders.size(), Series(rounds.most));
  std::vector<std::string> why(problem.contenders.size());
  const int64_t start = NowNanos();
  for (int round = 0; round < rounds.most; ++round) {
    const double spent_s = static_cast<double>(NowNanos() - start) / 1e9;
    if (round > 0 && spent_s * (round + 1) / round > rounds.seconds) break;
    for (size_t c = 0; c < problem.contenders.size(); ++c) {
      const Contender& contender = problem.contenders[c];
      before(round, contender);
      Measured measured =
          MeasureIsolated([&] { return contender.measure(setting); }, problem.figures.size());
      if (measured.ok()) {
        series[c][round] = *std::move(measured);
      } else {
        why[c] = std::string(measured.status().message());
      }
    }
  }
  for (size_t figure = 0; figure < problem.figures.size(); ++figure) {
    for (size_t c = 1; c < problem.contenders.size(); ++c) {
      outcome.comparisons.push_back(Compare(problem.figures[figure], setting.workers,
                                            problem.contenders[c].name, series[0], series[c],
                                            figure));
    }
  }
  for (size_t c = 0; c < why.size(); ++c) {
    if (why[c].empty()) continue;
    outcome.failures.push_back({.problem = std::string(problem.name),
                                .contender = std::string(problem.contenders[c].name),
                                .workers = setting.workers,
                                .why = why[c]});
  }
  return outcome;
}

}  // namespace tally::benchmarks
