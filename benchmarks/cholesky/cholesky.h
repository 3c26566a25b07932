// cholesky: a positive definite matrix as L times L transposed, by tiles: in each step a column of
// tiles, then all tiles right of it, each set in parallel (the right-looking algorithm of LAPACK's
// dpotrf; Anderson et al., "LAPACK Users' Guide", SIAM 1999).
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "benchmarks/harness/problem.h"

namespace tally::benchmarks::cholesky {

inline constexpr int kTile = 64;

// A tile's rows lie `stride` numbers apart.
inline void FactorTile(double* a, int stride) {
  for (int k = 0; k < kTile; ++k) {
    a[k * stride + k] = std::sqrt(a[k * stride + k]);
    for (int row = k + 1; row < kTile; ++row) a[row * stride + k] /= a[k * stride + k];
    for (int row = k + 1; row < kTile; ++row) {
      for (int column = k + 1; column <= row; ++column) {
        a[row * stride + column] -= a[row * stride + k] * a[column * stride + k];
      }
    }
  }
}

// x becomes x times the inverse of the transposed lower triangle l.
inline void SolveTile(const double* l, double* x, int stride) {
  for (int row = 0; row < kTile; ++row) {
    for (int k = 0; k < kTile; ++k) {
      double value = x[row * stride + k];
      for (int j = 0; j < k; ++j) value -= x[row * stride + j] * l[k * stride + j];
      x[row * stride + k] = value / l[k * stride + k];
    }
  }
}

// c -= a * b transposed.
inline void UpdateTile(const double* a, const double* b, double* c, int stride) {
  for (int row = 0; row < kTile; ++row) {
    for (int column = 0; column < kTile; ++column) {
      double sum = 0;
      for (int k = 0; k < kTile; ++k) sum += a[row * stride + k] * b[column * stride + k];
      c[row * stride + column] -= sum;
    }
  }
}

// `way.Each(n, f)` calls f(0) ... f(n - 1), perhaps in parallel, and waits for them.
template <class Way>
void Factor(Way& way, double* matrix, int tiles) {
  const int stride = tiles * kTile;
  const auto tile = [&](int64_t row, int64_t column) {
    return matrix + row * kTile * stride + column * kTile;
  };
  for (int k = 0; k < tiles; ++k) {
    FactorTile(tile(k, k), stride);
    const int64_t below = tiles - k - 1;
    way.Each(below, [&](int64_t i) { SolveTile(tile(k, k), tile(k + 1 + i, k), stride); });
    // The lower triangle of below x below tiles, row by row.
    way.Each(below * (below + 1) / 2, [&](int64_t i) {
      auto row = static_cast<int64_t>((std::sqrt(8.0 * static_cast<double>(i) + 1) - 1) / 2);
      while (row * (row + 1) / 2 > i) --row;
      while ((row + 1) * (row + 2) / 2 <= i) ++row;
      const int64_t column = i - row * (row + 1) / 2;
      UpdateTile(tile(k + 1 + row, k), tile(k + 1 + column, k), tile(k + 1 + row, k + 1 + column),
                 stride);
    });
  }
}

class Matrix {
 public:
  explicit Matrix(const Setting& setting)
      : tiles_(setting.quick ? 3 : 12), numbers_(static_cast<size_t>(side()) * side()) {}

  // The matrix whose element is min(row, column) + 1: its L has ones everywhere below and on the
  // diagonal.
  template <class Way>
  bool FactorOnce(Way& way) {
    for (int row = 0; row < side(); ++row) {
      for (int column = 0; column < side(); ++column) {
        At(row, column) = std::min(row, column) + 1;
      }
    }
    Factor(way, numbers_.data(), tiles_);
    for (int row = 0; row < side(); ++row) {
      for (int column = 0; column <= row; ++column) {
        if (std::fabs(At(row, column) - 1) > 1e-6) return false;
      }
    }
    return true;
  }

 private:
  int side() const { return tiles_ * kTile; }
  double& At(int row, int column) { return numbers_[static_cast<size_t>(row) * side() + column]; }

  const int tiles_;
  std::vector<double> numbers_;
};

Measured Ours(const Setting& setting);
Measured Tbb(const Setting& setting);
Measured OpenMp(const Setting& setting);
Measured Serial(const Setting& setting);

inline const Problem kProblem{
    .name = "cholesky",
    .help = "a matrix of 768 x 768 numbers in tiles of 64 x 64",
    .figures = {{"cholesky", "ms", false}},
    .contenders = {{"ours", Ours}, {"tbb", Tbb}, {"openmp", OpenMp}, {"serial", Serial}}};

}  // namespace tally::benchmarks::cholesky
