#include "benchmarks/families/families.h"

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "benchmark/benchmark.h"
#include "benchmarks/families/registry.h"

namespace tally::benchmarks {
namespace {

// Keeps each repetition's time, by entry.
class Collector : public benchmark::BenchmarkReporter {
 public:
  Collector(int repetitions, const std::function<void(int, int)>& progress)
      : repetitions_(repetitions), progress_(progress), series_(Entries().size()) {
    for (Series& series : series_) series.resize(static_cast<size_t>(repetitions));
  }

  bool ReportContext(const Context&) override { return true; }

  void ReportRuns(const std::vector<Run>& runs) override {
    for (const Run& run : runs) {
      if (run.run_type != Run::RT_Iteration) continue;
      const size_t index = std::stoul(run.run_name.function_name);
      const auto repetition = static_cast<size_t>(run.repetition_index);
      progress_(++done_, repetitions_ * static_cast<int>(series_.size()));
      if (run.error_occurred) {
        why_[index] = run.error_message;
      } else {
        series_[index][repetition] = {run.GetAdjustedRealTime() / Entries()[index].facts.units};
      }
    }
  }

  Outcome Conclude() const {
    Outcome outcome;
    size_t ours = 0;
    for (size_t i = 0; i < series_.size(); ++i) {
      const Entry& entry = Entries()[i];
      if (entry.contender == TallyPool::kName) {
        ours = i;
      } else {
        outcome.comparisons.push_back(Compare({entry.facts.work, entry.facts.unit},
                                              entry.facts.workers, entry.contender, series_[ours],
                                              series_[i], 0));
      }
    }
    for (const auto& [index, why] : why_) {
      const Entry& entry = Entries()[index];
      outcome.failures.push_back({entry.facts.work, entry.contender, entry.facts.workers, why});
    }
    return outcome;
  }

 private:
  const int repetitions_;
  const std::function<void(int, int)>& progress_;
  int done_ = 0;
  std::vector<Series> series_;
  std::map<size_t, std::string> why_;
};

}  // namespace

std::vector<Entry>& Entries() {
  static auto* const entries = new std::vector<Entry>;
  return *entries;
}

Outcome RunFamilies(int repetitions, bool quick, const std::function<void(int, int)>& progress) {
  for (const auto register_family : {RegisterCreation, RegisterPriorities, RegisterData,
                                     RegisterSubmission, RegisterUneven, RegisterMemory}) {
    register_family(quick);
  }
  std::vector<std::string> words = {
      "bench", "--benchmark_enable_random_interleaving=true",
      absl::StrCat("--benchmark_repetitions=", repetitions),
      absl::StrCat("--benchmark_min_time=", quick ? "0.0001" : "0.05")};
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  int argc = static_cast<int>(argv.size());
  benchmark::Initialize(&argc, argv.data());
  Collector collector(repetitions, progress);
  benchmark::RunSpecifiedBenchmarks(&collector);
  return collector.Conclude();
}

}  // namespace tally::benchmarks
