// What a task carries: closures of 64 B to 16 KB, copied into the task and added up by it.

#include <array>

#include "benchmarks/families/registry.h"

namespace tally::benchmarks {
namespace {

constexpr int kWorkers = 2;

template <size_t bytes>
struct Load {
  std::array<uint64_t, bytes / sizeof(uint64_t)> words;

  void operator()() const {
    uint64_t sum = 0;
    for (const uint64_t word : words) sum += word;
    benchmark::DoNotOptimize(sum);
    Ran::Count();
  }
};

template <size_t bytes>
void RegisterSize(const char* name, int64_t tasks) {
  RegisterForAll({.work = std::string("data, ") + name,
                  .unit = "ns/task",
                  .workers = kWorkers,
                  .units = static_cast<double>(tasks),
                  .tasks = tasks},
                 [tasks](auto& pool) {
                   pool.SpawnAll(tasks, [](int64_t i) {
                     Load<bytes> load;
                     load.words.fill(static_cast<uint64_t>(i));
                     return load;
                   });
                 });
}

}  // namespace

void RegisterData(bool quick) {
  const int64_t tasks = quick ? 20 : 2'000;
  RegisterSize<64>("64 B", tasks);
  RegisterSize<256>("256 B", tasks);
  RegisterSize<1024>("1 KB", tasks);
  RegisterSize<4096>("4 KB", tasks);
  RegisterSize<16384>("16 KB", tasks);
}

}  // namespace tally::benchmarks
