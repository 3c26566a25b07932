#include "benchmarks/harness/report.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "nlohmann/json.hpp"

namespace tally::benchmarks {
namespace {

constexpr char kRowFormat[] = "%-23s %7s  %-13s %10s  %-7s %10s  %8s  %s\n";

}  // namespace

std::string JsonRow(const Comparison& row) {
  const auto measured = [&](double value) {
    return row.rounds == 0 ? nlohmann::ordered_json(nullptr) : nlohmann::ordered_json(value);
  };
  const auto ratio = [&](double value) {
    return std::isfinite(value) ? measured(value) : nlohmann::ordered_json(nullptr);
  };
  const nlohmann::ordered_json json{{"work", row.work},
                                    {"workers", row.workers},
                                    {"unit", row.unit},
                                    {"rounds", row.rounds},
                                    {"ours", measured(row.ours)},
                                    {"peer", row.peer},
                                    {"theirs", measured(row.theirs)},
                                    {"ratio_median", ratio(row.ratio_median)},
                                    {"ratio_min", ratio(row.ratio_min)},
                                    {"ratio_max", ratio(row.ratio_max)}};
  return json.dump();
}

std::string Ratio(double ratio) {
  if (std::isinf(ratio)) return "inf";
  return ratio > 0 && ratio < 1 ? absl::StrCat("1/", Value(1 / ratio)) : Value(ratio);
}

std::string Value(double value) {
  if (value == 0) return "0";
  const int digits = 2 - static_cast<int>(std::floor(std::log10(std::fabs(value))));
  return absl::StrFormat("%.*f", std::clamp(digits, 0, 6), value);
}

std::string TableHeader() {
  return absl::StrFormat(kRowFormat, "work", "workers", "unit", "ours", "peer", "theirs", "ours/it",
                         "(lowest .. highest of the rounds)");
}

std::string TableRow(const Comparison& row) {
  if (row.rounds == 0) {
    return absl::StrFormat(kRowFormat, row.work, absl::StrCat(row.workers), row.unit, "-", row.peer,
                           "-", "-", "not measured");
  }
  return absl::StrFormat(
      kRowFormat, row.work, absl::StrCat(row.workers), row.unit, Value(row.ours), row.peer,
      Value(row.theirs), Ratio(row.ratio_median),
      absl::StrFormat("(%s .. %s of %d)", Ratio(row.ratio_min), Ratio(row.ratio_max), row.rounds));
}

}  // namespace tally::benchmarks
