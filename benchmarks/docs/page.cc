#include "benchmarks/docs/page.h"

#include <cstdio>
#include <fstream>
#include <set>
#include <sstream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "benchmarks/docs/pictures.h"
#include "benchmarks/harness/report.h"

namespace tally::benchmarks {
namespace {

constexpr char kBegin[] = "<!-- measured: written by ./tally bench -->\n";
constexpr char kEnd[] = "<!-- end of what was measured -->\n";

std::string Theirs(const Comparison* row) {
  return row == nullptr || row->rounds == 0 ? "" : Value(row->theirs);
}

std::string RatioAndSpread(const Comparison* row) {
  if (row == nullptr || row->rounds == 0) return "";
  return absl::StrFormat("**%s** (%s to %s)", Ratio(row->ratio_median), Ratio(row->ratio_min),
                         Ratio(row->ratio_max));
}

// One line for each work and worker count, in the order of the rows.
std::string Table(const std::vector<Comparison>& rows) {
  std::string text =
      "| work | workers | unit | Tally | oneTBB | OpenMP | serial or futex | Tally / oneTBB "
      "(lowest "
      "to highest) | Tally / OpenMP | Tally / serial or futex |\n"
      "|---|---|---|---|---|---|---|---|---|---|\n";
  std::set<std::pair<std::string, int>> written;
  for (const Comparison& row : rows) {
    if (!written.insert({row.work, row.workers}).second) continue;
    const auto with = [&](const char* peer) { return Find(rows, row.work, row.workers, peer); };
    const Comparison* const tbb = with("tbb");
    const Comparison* const openmp = with("openmp");
    const Comparison* const floor = with("serial") != nullptr ? with("serial") : with("futex");
    absl::StrAppendFormat(&text, "| %s | %d | %s | %s | %s | %s | %s | %s | %s | %s |\n", row.work,
                          row.workers, row.unit, row.rounds == 0 ? "" : Value(row.ours),
                          Theirs(tbb), Theirs(openmp), Theirs(floor), RatioAndSpread(tbb),
                          RatioAndSpread(openmp), RatioAndSpread(floor));
  }
  return text;
}

absl::StatusOr<std::string> Read(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  if (!file) return absl::InvalidArgumentError(absl::StrCat("cannot read ", path));
  return text.str();
}

// The old page stays until the new one is complete.
absl::Status Write(const std::string& path, const std::string& text) {
  const std::string fresh = path + ".new";
  std::ofstream file(fresh);
  file << text;
  file.close();
  if (!file || std::rename(fresh.c_str(), path.c_str()) != 0) {
    return absl::DataLossError(absl::StrCat("cannot write ", path));
  }
  return absl::OkStatus();
}

}  // namespace

std::string ScalingTable(const std::vector<ScalingRow>& rows) {
  std::string text =
      "| workers | spawned inside, us | times that of 1 | submitted from outside, us | times that "
      "of 1 |\n|---|---|---|---|---|\n";
  for (const ScalingRow& row : rows) {
    const auto us = [](Nanos nanos) { return static_cast<double>(nanos) / 1e3; };
    absl::StrAppendFormat(&text, "| %d | %s | %.2f | %s | %.2f |\n", row.workers,
                          Value(us(row.spawned_ns)), us(row.spawned_ns) / us(rows[0].spawned_ns),
                          Value(us(row.submitted_ns)),
                          us(row.submitted_ns) / us(rows[0].submitted_ns));
  }
  return text;
}

const Comparison* Find(const std::vector<Comparison>& rows, const std::string& work, int workers,
                       const std::string& peer) {
  for (const Comparison& row : rows) {
    if (row.work == work && row.workers == workers && row.peer == peer) return &row;
  }
  return nullptr;
}

std::string MeasuredPart(const Results& results) {
  const int rounds = results.works.empty() ? 0 : results.works[0].rounds;
  std::string text = absl::StrFormat(
      "Measured on: %s. %d rounds; meanwhile other programs used %.0f %% of the CPUs' time.\n\n",
      results.machine, rounds, results.others_share * 100);
  for (const Picture& picture : Pictures()) {
    absl::StrAppend(&text, "![", picture.alt, "](pictures/", picture.file, ")\n\n");
  }
  absl::StrAppend(&text, "## Every work\n\n", Table(results.works));
  absl::StrAppend(&text, "\n## The six families\n\n", Table(results.families));
  absl::StrAppend(&text, "\n## Weak scaling in virtual time\n\n", ScalingTable(results.scaling));
  return text;
}

absl::StatusOr<std::string> ReplaceMeasured(const std::string& page, const std::string& part) {
  const size_t begin = page.find(kBegin), end = page.find(kEnd);
  if (begin == std::string::npos || end == std::string::npos || end < begin) {
    return absl::InvalidArgumentError(
        absl::StrCat("benchmarks.md lacks the lines between which measurements go: ", kBegin));
  }
  return absl::StrCat(page.substr(0, begin), kBegin, "\n", part, "\n", page.substr(end));
}

absl::Status WriteDocs(const std::string& folder, const Results& results) {
  const std::string path = folder + "/benchmarks.md";
  const absl::StatusOr<std::string> page = Read(path);
  if (!page.ok()) return page.status();
  const absl::StatusOr<std::string> fresh = ReplaceMeasured(*page, MeasuredPart(results));
  if (!fresh.ok()) return fresh.status();
  for (const Picture& picture : Pictures()) {
    const absl::Status drawn =
        picture.draw(results).WritePng(absl::StrCat(folder, "/pictures/", picture.file));
    if (!drawn.ok()) return drawn;
  }
  return Write(path, *fresh);
}

}  // namespace tally::benchmarks
