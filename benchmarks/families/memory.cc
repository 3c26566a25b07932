// Memory access: tasks that read 64 KiB each out of 64 MiB: a piece in order, words here and there,
// or here and there a burst of 4 KiB.

#include <vector>

#include "benchmarks/families/registry.h"

namespace tally::benchmarks {
namespace {

constexpr int kWorkers = 2;
constexpr int64_t kWords = 8 << 20;      // of the array
constexpr int64_t kWordsOfTask = 8'192;  // 64 KiB
constexpr int64_t kWordsOfBurst = 512;   // 4 KiB

const uint64_t* Array() {
  static const auto* const array = new std::vector<uint64_t>(kWords, 1);
  return array->data();
}

// Reads `pieces` pieces of `words` words each, the first at `at`, the others anywhere.
void Read(int64_t at, int64_t pieces, int64_t words) {
  const uint64_t* const array = Array();
  uint64_t sum = 0, state = static_cast<uint64_t>(at);
  for (int64_t piece = 0; piece < pieces; ++piece) {
    for (int64_t word = 0; word < words; ++word) sum += array[at + word];
    state = state * 6364136223846793005u + 1442695040888963407u;
    at = static_cast<int64_t>((state >> 33) % (kWords / words)) * words;
  }
  benchmark::DoNotOptimize(sum);
  Ran::Count();
}

void RegisterPattern(const char* name, int64_t tasks, int64_t words) {
  RegisterForAll({.work = std::string("memory, ") + name,
                  .unit = "us/task",
                  .workers = kWorkers,
                  .units = 1e3 * static_cast<double>(tasks),
                  .tasks = tasks},
                 [tasks, words](auto& pool) {
                   pool.SpawnAll(tasks, [words](int64_t i) {
                     const int64_t at = i * kWordsOfTask % kWords;
                     return [at, words] { Read(at, kWordsOfTask / words, words); };
                   });
                 });
}

}  // namespace

void RegisterMemory(bool quick) {
  const int64_t tasks = quick ? 4 : 256;
  Array();  // faulted in before anybody is measured
  RegisterPattern("sequential", tasks, kWordsOfTask);
  RegisterPattern("bursts", tasks, kWordsOfBurst);
  RegisterPattern("random", tasks, 1);
}

}  // namespace tally::benchmarks
