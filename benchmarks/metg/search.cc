#include "benchmarks/metg/metg.h"

namespace tally::benchmarks::metg {
namespace {

constexpr double kShortest = 0.02;  // us
constexpr int kDurations = 17;
constexpr double kBatchUs = 5'000;

// Noise only ever adds time.
double BestMicros(const std::function<void()>& run) {
  int64_t best = std::numeric_limits<int64_t>::max();
  for (int i = 0; i < 3; ++i) {
    const int64_t start = NowNanos();
    run();
    best = std::min(best, NowNanos() - start);
  }
  return static_cast<double>(best) / 1e3;
}

}  // namespace

std::vector<Batch> MakeBatches(const Setting& setting) {
  constexpr int64_t kMany = 1'000'000;
  const double multiplication_us = BestMicros([] { Task(kMany); }) / kMany;
  std::vector<Batch> batches;
  for (int i = 0; i < (setting.quick ? 2 : kDurations); ++i) {
    const double task_us = kShortest * std::pow(2, i / 2.0);
    Batch batch{.tasks = setting.quick ? 100 : static_cast<int64_t>(kBatchUs / task_us),
                .multiplications = static_cast<int64_t>(task_us / multiplication_us)};
    batch.task_us = BestMicros([&] {
                      for (int64_t task = 0; task < batch.tasks; ++task) {
                        Task(batch.multiplications);
                      }
                    }) /
                    static_cast<double>(batch.tasks);
    batches.push_back(batch);
  }
  return batches;
}

double Smallest(const std::vector<Batch>& batches,
                const std::function<double(const Batch&)>& efficiency) {
  // Of batches[below] the efficiency is too low, of batches[enough] it is enough.
  int below = -1, enough = static_cast<int>(batches.size());
  double low = 0, high = 0;
  while (enough - below > 1) {
    const int middle = (below + enough) / 2;
    const double found = efficiency(batches[middle]);
    (found < 0.5 ? below : enough) = middle;
    (found < 0.5 ? low : high) = found;
  }
  if (enough == static_cast<int>(batches.size())) return batches.back().task_us;
  if (below < 0) return batches[0].task_us;
  // Durations grow by a factor, so between two of them the logarithm is what is interpolated.
  const double part = (0.5 - low) / (high - low);
  return batches[below].task_us * std::pow(batches[enough].task_us / batches[below].task_us, part);
}

Measured Search(const std::vector<Batch>& batches, const Setting& setting,
                const std::function<void(const Batch&)>& run) {
  bool right = true;
  const auto efficiency = [&](const Batch& batch) {
    const double took_us = BestMicros([&] {
      const int64_t before = Ran::Total();
      run(batch);
      right = right && Ran::Total() == before + batch.tasks;
    });
    return batch.task_us * static_cast<double>(batch.tasks) / (setting.workers * took_us);
  };
  if (setting.quick) {
    for (const Batch& batch : batches) efficiency(batch);
    return right ? Measured(std::vector<double>{batches[0].task_us})
                 : absl::InternalError("tasks were lost");
  }
  const double smallest = Smallest(batches, efficiency);
  if (!right) return absl::InternalError("tasks were lost");
  return std::vector<double>{smallest};
}

}  // namespace tally::benchmarks::metg
