#include "benchmarks/harness/on_tally.h"
#include "benchmarks/nqueens/nqueens.h"
#include "scheduler/scheduler.h"

namespace tally::benchmarks::nqueens {
namespace {

void Solve(Board& board) {
  if (board.row == board.rows) {
    board.solutions = 1;
    return;
  }
  std::array<Board, kLargest> boards;
  const int count = Expand(board, boards);
  if (count > 0) ForkEach(0, count, [&boards](int i) { Solve(boards[i]); });
  board.solutions = Total(boards, count);
}

}  // namespace

Measured Ours(const Setting& setting) {
  const Size size = SizeOf(setting);
  return OnTally(1e6, setting, [&size](Scheduler&) {
    Board board = EmptyBoard(size);
    Solve(board);
    return board.solutions == size.answer;
  });
}

}  // namespace tally::benchmarks::nqueens
