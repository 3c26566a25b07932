// nqueens: all ways to place n queens, a task per partial board. Irregular: most boards die early.
//
// The board is checked the naive way, every pair of queens again for every new one, as the
// Barcelona OpenMP Tasks Suite does: a board is then worth a task.
#pragma once

#include <array>
#include <cstdint>

#include "absl/status/statusor.h"
#include "scheduler/runtime/basic_scheduler.h"
#include "scheduler/runtime/task_group.h"
#include "sim/workloads/workloads.h"

namespace tally::workloads {

inline constexpr WorkloadInfo kNqueens{
    .name = "nqueens",
    .help = "all ways to place queens on a board: an irregular tree of small tasks",
    .size_means = "queens, rows and columns",
    .default_size = 10,
    .min_size = 1,
    .max_size = 14};

// OEIS A000170.
inline constexpr std::array<uint64_t, 15> kQueensSolutions = {
    1, 1, 0, 0, 2, 10, 4, 40, 92, 352, 724, 2'680, 14'200, 73'712, 365'596};

struct Board {
  int8_t size = 0;
  int8_t rows = 0;  // so far
  std::array<int8_t, 14> column_of{};

  // A queen more, in the next row.
  Board With(int column) const {
    Board next = *this;
    next.column_of[static_cast<size_t>(next.rows++)] = static_cast<int8_t>(column);
    return next;
  }
  bool Peaceful() const {
    for (int a = 0; a < rows; ++a) {
      for (int b = a + 1; b < rows; ++b) {
        const int apart = column_of[static_cast<size_t>(a)] - column_of[static_cast<size_t>(b)];
        if (apart == 0 || apart == b - a || apart == a - b) return false;
      }
    }
    return true;
  }
};

template <class W>
void PlaceNextQueen(BasicScheduler<W>& scheduler, const Board& board, uint64_t& solutions) {
  if (board.rows == board.size) {
    solutions = 1;
    return;
  }
  // The measured cost of trying all columns (Zen 3, g++ -O2, no tasks): 171 ns on average for n =
  // 8, 211 for 9, 260 for 10, 335 for 11. This gives 155, 220, 303 and 405.
  W::Charge(board.size * (5 + board.rows * (board.rows + 1)) / 2);
  std::array<uint64_t, 14> below{};
  BasicTaskGroup<W> group(scheduler);
  for (int column = 0; column < board.size; ++column) {
    const Board next = board.With(column);
    if (!next.Peaceful()) continue;
    group.Spawn(
        [&scheduler, next, &sum = below[static_cast<size_t>(column)]] {
          PlaceNextQueen<W>(scheduler, next, sum);
        },
        {.name = "row"});
  }
  group.Wait();
  for (uint64_t count : below) solutions += count;
}

template <class W>
absl::StatusOr<WorkloadResult> RunNqueens(uint64_t size, BasicScheduler<W>& scheduler) {
  WorkloadResult result;
  result.expected = kQueensSolutions[size];
  const Board empty{.size = static_cast<int8_t>(size)};
  BasicTaskGroup<W> group(scheduler);
  group.Spawn([&] { PlaceNextQueen<W>(scheduler, empty, result.answer); }, {.name = "nqueens"});
  group.Wait();
  return result;
}

}  // namespace tally::workloads
