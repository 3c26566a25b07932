// nqueens: all ways to put n queens on a board, a task for every safe position (the classic of
// Cilk's examples). A search tree that nobody can balance beforehand.
#pragma once

#include <array>
#include <cstdint>

#include "benchmarks/harness/problem.h"

namespace tally::benchmarks::nqueens {

inline constexpr int kLargest = 12;

// Queens in the rows above `row`; built by the parent, in its frame, which also gets the answer.
struct Board {
  std::array<int8_t, kLargest> column;
  int8_t row;
  int8_t rows;
  int64_t solutions;
};

// The columns of the next row that a queen attacks, a bit each.
inline uint32_t Attacked(const Board& board) {
  uint32_t attacked = 0;
  for (int row = 0; row < board.row; ++row) {
    const uint32_t column = uint32_t{1} << board.column[row];
    const int apart = board.row - row;
    attacked |= column | column << apart | column >> apart;
  }
  return attacked;
}

// The boards with one more queen; returns how many.
inline int Expand(const Board& board, std::array<Board, kLargest>& boards) {
  const uint32_t attacked = Attacked(board);
  int count = 0;
  for (int column = 0; column < board.rows; ++column) {
    if ((attacked >> column & 1) != 0) continue;
    Board& next = boards[count++];
    next.column = board.column;
    next.column[board.row] = static_cast<int8_t>(column);
    next.row = static_cast<int8_t>(board.row + 1);
    next.rows = board.rows;
  }
  return count;
}

inline int64_t Total(const std::array<Board, kLargest>& boards, int count) {
  int64_t solutions = 0;
  for (int i = 0; i < count; ++i) solutions += boards[i].solutions;
  return solutions;
}

struct Size {
  int rows;
  int64_t answer;
};

constexpr Size SizeOf(const Setting& setting) {
  return setting.quick ? Size{8, 92} : Size{12, 14'200};
}

constexpr Board EmptyBoard(const Size& size) {
  return {.column = {}, .row = 0, .rows = static_cast<int8_t>(size.rows), .solutions = 0};
}

Measured Ours(const Setting& setting);
Measured Tbb(const Setting& setting);
Measured OpenMp(const Setting& setting);
Measured Serial(const Setting& setting);

inline const Problem kProblem{
    .name = "nqueens",
    .help = "12 queens, a task for every safe position",
    .figures = {{"nqueens", "ms"}},
    .contenders = {{"ours", Ours}, {"tbb", Tbb}, {"openmp", OpenMp}, {"serial", Serial}}};

}  // namespace tally::benchmarks::nqueens
