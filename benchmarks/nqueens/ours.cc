#include "benchmarks/harness/on_tally.h"
#include "benchmarks/nqueens/nqueens.h"
#include "scheduler/scheduler.h"

namespace tally::benchmarks::nqueens {
namespace {

void Solve(Scheduler& scheduler, Board& board) {
  if (board.row == board.rows) {
    board.solutions = 1;
    return;
  }
  std::array<Board, kLargest> boards;
  const int count = Expand(board, boards);
  if (count > 0) {
    TaskGroup group(scheduler);
    for (int i = 0; i < count - 1; ++i) {
      group.Spawn([&scheduler, &next = boards[i]] { Solve(scheduler, next); });
    }
    Solve(scheduler, boards[count - 1]);
    group.Wait();
  }
  board.solutions = Total(boards, count);
}

}  // namespace

Measured Ours(const Setting& setting) {
  const Size size = SizeOf(setting);
  return OnTally(1e6, setting, [&size](Scheduler& scheduler) {
    Board board = EmptyBoard(size);
    Solve(scheduler, board);
    return board.solutions == size.answer;
  });
}

}  // namespace tally::benchmarks::nqueens
