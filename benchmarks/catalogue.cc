#include "benchmarks/catalogue.h"

#include "benchmarks/cholesky/cholesky.h"
#include "benchmarks/critical/critical.h"
#include "benchmarks/fib/fib.h"
#include "benchmarks/idle/idle.h"
#include "benchmarks/matmul/matmul.h"
#include "benchmarks/metg/metg.h"
#include "benchmarks/nqueens/nqueens.h"
#include "benchmarks/parallel_for/parallel_for.h"
#include "benchmarks/skynet/skynet.h"
#include "benchmarks/sort/sort.h"
#include "benchmarks/submit/submit.h"
#include "benchmarks/uts/uts.h"
#include "benchmarks/wake/wake.h"

namespace tally::benchmarks {

const std::vector<const Problem*>& Catalogue() {
  static const auto* const problems = new std::vector<const Problem*>{
      // Fork-join and tree search.
      &fib::kProblem,
      &skynet::kProblem,
      &nqueens::kProblem,
      &uts::kProblem,
      // Numbers.
      &matmul::kProblem,
      &sort::kProblem,
      &cholesky::kProblem,
      // Tasks from outside.
      &submit::kFrom1,
      &submit::kFrom4,
      // Loops.
      &parallel_for::kGrain1,
      &parallel_for::kAuto,
      // Latencies, and what idleness costs.
      &metg::kProblem,
      &wake::kAfterLong,
      &wake::kAfterShort,
      &idle::kProblem,
      &critical::kProblem,
  };
  return *problems;
}

}  // namespace tally::benchmarks
