#include "benchmarks/catalogue.h"

#include "benchmarks/fib/fib.h"
#include "benchmarks/nqueens/nqueens.h"
#include "benchmarks/parallel_for/parallel_for.h"
#include "benchmarks/skynet/skynet.h"
#include "benchmarks/submit/submit.h"

namespace tally::benchmarks {

const std::vector<const Problem*>& Catalogue() {
  static const auto* const problems = new std::vector<const Problem*>{
      &fib::kProblem,  &skynet::kProblem,      &nqueens::kProblem,   &submit::kFrom1,
      &submit::kFrom4, &parallel_for::kGrain1, &parallel_for::kAuto,
  };
  return *problems;
}

}  // namespace tally::benchmarks
