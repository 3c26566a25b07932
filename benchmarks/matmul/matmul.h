// matmul: C += A * B, by halving the longest side; cache-oblivious (Frigo, Leiserson, Prokop and
// Ramachandran, "Cache-Oblivious Algorithms", FOCS 1999).
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "benchmarks/harness/problem.h"

namespace tally::benchmarks::matmul {

inline constexpr int kSmall = 64;

// Rows, columns, and the length of the sums; all matrices have `stride` numbers to a row.
struct Shape {
  int rows, columns, depth, stride;
};

inline void MultiplySmall(const Shape& shape, const float* a, const float* b, float* c) {
  for (int row = 0; row < shape.rows; ++row) {
    for (int k = 0; k < shape.depth; ++k) {
      const float factor = a[row * shape.stride + k];
      for (int column = 0; column < shape.columns; ++column) {
        c[row * shape.stride + column] += factor * b[k * shape.stride + column];
      }
    }
  }
}

// `way.Both(f, g)` runs two functions, perhaps in parallel.
template <class Way>
void Multiply(Way& way, const Shape& shape, const float* a, const float* b, float* c) {
  if (shape.rows <= kSmall && shape.columns <= kSmall && shape.depth <= kSmall) {
    MultiplySmall(shape, a, b, c);
    return;
  }
  Shape half = shape;
  if (shape.rows >= shape.columns && shape.rows >= shape.depth) {
    half.rows /= 2;
    const int64_t skip = int64_t{half.rows} * shape.stride;
    way.Both([&] { Multiply(way, half, a, b, c); },
             [&] { Multiply(way, half, a + skip, b, c + skip); });
  } else if (shape.columns >= shape.depth) {
    half.columns /= 2;
    way.Both([&] { Multiply(way, half, a, b, c); },
             [&] { Multiply(way, half, a, b + half.columns, c + half.columns); });
  } else {
    half.depth /= 2;
    Multiply(way, half, a, b, c);
    Multiply(way, half, a + half.depth, b + int64_t{half.depth} * shape.stride, c);
  }
}

class Matrices {
 public:
  explicit Matrices(const Setting& setting) : side_(setting.quick ? 128 : 1024) {
    for (std::vector<float>* matrix : {&a_, &b_, &c_}) {
      matrix->resize(static_cast<size_t>(side_) * side_);
    }
    // A has ones where the row's number is a multiple of three; B its row's number. All integers.
    for (int row = 0; row < side_; ++row) {
      for (int column = 0; column < side_; ++column) {
        a_[row * side_ + column] = row % 3 == 0 ? 1 : 0;
        b_[row * side_ + column] = static_cast<float>(row % 16);
      }
    }
  }

  template <class Way>
  bool MultiplyOnce(Way& way) {
    std::fill(c_.begin(), c_.end(), 0.0f);
    Multiply(way, {side_, side_, side_, side_}, a_.data(), b_.data(), c_.data());
    const float sum = static_cast<float>(side_ / 16 * 120);
    for (int row = 0; row < side_; ++row) {
      for (int column = 0; column < side_; ++column) {
        if (c_[row * side_ + column] != (row % 3 == 0 ? sum : 0)) return false;
      }
    }
    return true;
  }

 private:
  const int side_;
  std::vector<float> a_, b_, c_;
};

Measured Ours(const Setting& setting);
Measured Tbb(const Setting& setting);
Measured OpenMp(const Setting& setting);
Measured Serial(const Setting& setting);

inline const Problem kProblem{
    .name = "matmul",
    .help = "two matrices of 1024 x 1024 numbers, by halving",
    .figures = {{"matmul", "ms", false}},
    .contenders = {{"ours", Ours}, {"tbb", Tbb}, {"openmp", OpenMp}, {"serial", Serial}}};

}  // namespace tally::benchmarks::matmul
