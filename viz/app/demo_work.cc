#include "viz/app/demo_work.h"

#include <array>
#include <atomic>
#include <chrono>
#include <numeric>
#include <thread>
#include <vector>

#include "sim/workloads/workloads.h"

namespace tally::viz {
namespace {

// So that the compiler cannot leave out what nobody reads.
std::atomic<uint64_t> g_sink{0};

struct Tile {
  int x, y, size;
};

// Iterations until z -> z^2 + c leaves the disc (Mandelbrot): what a tile costs depends on where it
// lies, which is why such pictures need a scheduler.
uint64_t Pixel(double re, double im) {
  double zr = 0;
  double zi = 0;
  uint64_t n = 0;
  for (; n < 400 && zr * zr + zi * zi < 4; ++n) {
    const double next = zr * zr - zi * zi + re;
    zi = 2 * zr * zi + im;
    zr = next;
  }
  return n;
}

void Picture(Scheduler& scheduler, Tile tile, double zoom) {
  if (tile.size > 32) {
    const int half = tile.size / 2;
    TaskGroup group(scheduler);
    for (int i = 0; i < 4; ++i) {
      const Tile quarter{tile.x + (i % 2) * half, tile.y + (i / 2) * half, half};
      group.Spawn([&scheduler, quarter, zoom] { Picture(scheduler, quarter, zoom); },
                  {.name = half > 32 ? TaskName("split") : TaskName("tile")});
    }
    group.Wait();
    return;
  }
  uint64_t sum = 0;
  for (int y = 0; y < tile.size; ++y) {
    for (int x = 0; x < tile.size; ++x) {
      sum += Pixel(-0.745 + (tile.x + x - 256) * zoom, 0.11 + (tile.y + y - 256) * zoom);
    }
  }
  g_sink.fetch_add(sum, std::memory_order_relaxed);
}

void Fractal(Scheduler& scheduler, int round) {
  const double zoom = 0.006 / (1 + round % 5);
  TaskGroup group(scheduler);
  group.Spawn([&] { Picture(scheduler, {0, 0, 512}, zoom); }, {.name = "fractal"});
  group.Wait();
}

uint64_t Burn(int steps, uint64_t seed) {
  for (int i = 0; i < steps; ++i) seed = seed * 6364136223846793005u + 1442695040888963407u;
  return seed;
}

// All the work appears on one worker: the others live by stealing.
void Uneven(Scheduler& scheduler, int round) {
  TaskGroup group(scheduler);
  group.Spawn(
      [&scheduler, round] {
        TaskGroup inner(scheduler);
        for (int i = 0; i < 400; ++i) {
          inner.Spawn(
              [i, round] {
                g_sink.fetch_add(
                    Burn(20'000 + (i * 37 + round) % 200 * 900, static_cast<uint64_t>(i)),
                    std::memory_order_relaxed);
              },
              {.name = "piece"});
        }
        inner.Wait();
      },
      {.name = "source"});
  group.Wait();
}

// Each task walks over memory and says so.
void Stream(Scheduler& scheduler, int round) {
  static std::vector<std::vector<uint64_t>> blocks(64);
  TaskGroup group(scheduler);
  for (size_t b = 0; b < blocks.size(); ++b) {
    group.Spawn(
        [b, round] {
          std::vector<uint64_t>& block = blocks[b];
          if (block.empty()) block.assign(1 << 16, b);
          Touch(block.data(), block.size() * sizeof(uint64_t));
          for (uint64_t& word : block) word = word * 3 + static_cast<uint64_t>(round);
          g_sink.fetch_add(std::accumulate(block.begin(), block.end(), uint64_t{0}),
                           std::memory_order_relaxed);
        },
        {.name = "sweep"});
  }
  group.Wait();
}

// Urgent tasks arrive while there is plenty of work of no importance.
void Urgent(Scheduler& scheduler, int round) {
  TaskGroup group(scheduler);
  for (int i = 0; i < 240; ++i) {
    group.Spawn(
        [i] {
          g_sink.fetch_add(Burn(120'000, static_cast<uint64_t>(i)), std::memory_order_relaxed);
        },
        {.priority = Priority::kLow, .name = "background"});
  }
  for (int wave = 0; wave < 6; ++wave) {
    std::this_thread::sleep_for(std::chrono::milliseconds(6));
    for (int i = 0; i < 8; ++i) {
      group.Spawn(
          [i, round] {
            g_sink.fetch_add(Burn(60'000, static_cast<uint64_t>(i + round)),
                             std::memory_order_relaxed);
          },
          {.priority = Priority::kCritical, .name = "urgent"});
    }
  }
  group.Wait();
}

void Queens(Scheduler& scheduler) {
  // The result is checked by the workload itself; a demo goes on in any case.
  RunWorkload<RealWorld>("nqueens", 7, scheduler).IgnoreError();
}

}  // namespace

void RunDemoPart(Scheduler& scheduler, int part, int round) {
  switch (part % kDemoParts) {
    case 0:
      return Fractal(scheduler, round);
    case 1:
      return Uneven(scheduler, round);
    case 2:
      return Stream(scheduler, round);
    case 3:
      return Urgent(scheduler, round);
    default:
      return Queens(scheduler);
  }
}

}  // namespace tally::viz
