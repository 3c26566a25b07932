// Interleaved rounds: in each, every contender once, in turn.
//
// A machine is never twice the same: clocks change, neighbours come and go. So no two numbers of
// different minutes are compared. Each contender is compared with ours of the same round, and the
// spread of that ratio over the rounds says what it is worth.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "benchmarks/harness/problem.h"

namespace tally::benchmarks {

struct Comparison {
  std::string work;
  int workers = 0;
  std::string unit;
  bool promised = true;  // see Figure
  int rounds = 0;        // in which both gave a value
  std::string peer;
  double ours = 0, theirs = 0;  // medians over the rounds
  // Of ours / theirs of the same round; less than 1: ours is better. Some works can take nothing,
  // as an idle scheduler no CPU time: if neither took any, both did equally well, which is 1; if
  // only the peer took none, no multiple says how much worse ours is, and the ratio is infinite.
  // 0 rounds: all are 0.
  double ratio_median = 0, ratio_min = 0, ratio_max = 0;
};

// A contender that gave nothing in some round, and why.
struct Failure {
  std::string problem;
  std::string contender;
  int workers = 0;
  std::string why;  // of the last one
};

struct Outcome {
  std::vector<Comparison> comparisons;  // by figure, then by peer
  std::vector<Failure> failures;
};

// Of one contender: values[round][figure], empty where it failed.
using Series = std::vector<std::vector<double>>;

// Ours against one peer in one figure.
Comparison Compare(const Figure& figure, int workers, std::string_view peer, const Series& ours,
                   const Series& theirs, size_t index);

// At most `most`, and as many as will be over in `seconds`, to judge by those before; one at least.
struct Rounds {
  int most = 5;
  double seconds = 1e9;
};

// `before` is told which contender comes now.
Outcome RunRounds(const Problem& problem, const Setting& setting, const Rounds& rounds,
                  const std::function<void(int round, const Contender&)>& before);

}  // namespace tally::benchmarks
