// What the numbers were measured on, and with how much company.
#pragma once

#include <cstdint>
#include <string>

namespace tally::benchmarks {

// "AMD EPYC, 2 CPUs, 23 GiB; Linux 6.1; g++ 12.2.0 -O3; oneTBB 2021.8".
std::string DescribeMachine();

// The share of the machine's CPU time that other programs took while this lives.
class OthersShare {
 public:
  OthersShare();
  // From 0 to 1. Children count as ours once they have been waited for.
  double SoFar() const;

 private:
  struct Times {
    double busy_s = 0, all_s = 0;  // of all CPUs
    double ours_s = 0;
    static Times Now();
  };
  Times start_;
};

}  // namespace tally::benchmarks
