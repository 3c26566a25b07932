#include "benchmarks/harness/stopwatch.h"
#include "benchmarks/nqueens/nqueens.h"

namespace tally::benchmarks::nqueens {
namespace {

void Solve(Board& board) {
  if (board.row == board.rows) {
    board.solutions = 1;
    return;
  }
  std::array<Board, kLargest> boards;
  const int count = Expand(board, boards);
  for (int i = 0; i < count; ++i) Solve(boards[i]);
  board.solutions = Total(boards, count);
}

}  // namespace

Measured Serial(const Setting& setting) {
  const Size size = SizeOf(setting);
  return MedianNanosPer(1e6, setting, [&size] {
    Board board = EmptyBoard(size);
    Solve(board);
    return board.solutions == size.answer;
  });
}

}  // namespace tally::benchmarks::nqueens
