#include "benchmarks/harness/on_tbb.h"
#include "benchmarks/nqueens/nqueens.h"
#include "tbb/task_group.h"

namespace tally::benchmarks::nqueens {
namespace {

void Solve(Board& board) {
  if (board.row == board.rows) {
    board.solutions = 1;
    return;
  }
  std::array<Board, kLargest> boards;
  const int count = Expand(board, boards);
  if (count > 0) {
    tbb::task_group group;
    for (int i = 0; i < count - 1; ++i) {
      group.run([&next = boards[i]] { Solve(next); });
    }
    Solve(boards[count - 1]);
    group.wait();
  }
  board.solutions = Total(boards, count);
}

}  // namespace

Measured Tbb(const Setting& setting) {
  const Size size = SizeOf(setting);
  return OnTbb(1e6, setting, [&size] {
    Board board = EmptyBoard(size);
    Solve(board);
    return board.solutions == size.answer;
  });
}

}  // namespace tally::benchmarks::nqueens
