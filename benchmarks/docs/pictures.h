// Which pictures docs/benchmarks.md shows.
#pragma once

#include <vector>

#include "benchmarks/docs/results.h"
#include "benchmarks/plots/canvas.h"

namespace tally::benchmarks {

struct Picture {
  const char* file;
  const char* alt;
  Canvas (*draw)(const Results& results);
};

const std::vector<Picture>& Pictures();

}  // namespace tally::benchmarks
