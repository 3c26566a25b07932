#include "benchmarks/harness/on_openmp.h"
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
  for (int i = 0; i < count - 1; ++i) {
#pragma omp task shared(boards) firstprivate(i)
    Solve(boards[i]);
  }
  if (count > 0) Solve(boards[count - 1]);
#pragma omp taskwait
  board.solutions = Total(boards, count);
}

}  // namespace

Measured OpenMp(const Setting& setting) {
  const Size size = SizeOf(setting);
  return OnOpenMp(1e6, setting, [&size] {
    Board board = EmptyBoard(size);
    Solve(board);
    return board.solutions == size.answer;
  });
}

}  // namespace tally::benchmarks::nqueens
