#include "numa/cpu_quota.h"

#include <algorithm>
#include <climits>
#include <cstddef>
#include <fstream>
#include <iterator>
#include <string_view>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"

namespace tally {
namespace {

using Lines = std::vector<std::string>;

constexpr size_t kDeepest = 128;  // cgroups above each other; a loop of links ends here as well

std::optional<std::string> ReadAll(const std::string& path) {
  std::ifstream file(path);
  if (!file) return std::nullopt;
  return std::string((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
}

Lines LinesOf(const std::string& path) {
  return absl::StrSplit(ReadAll(path).value_or(""), '\n', absl::SkipEmpty());
}

// Where a hierarchy is mounted, and which of its directories that is.
struct Mount {
  std::string point;
  std::string top;  // "/" unless only a part of the hierarchy is mounted (a container)
  bool v2 = false;
};

bool Contains(absl::string_view list, absl::string_view word) {
  for (absl::string_view entry : absl::StrSplit(list, ',')) {
    if (entry == word) return true;
  }
  return false;
}

// mountinfo writes a space in a path as \040.
std::string Unescape(absl::string_view text) {
  std::string plain;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool octal = text[i] == '\\' && i + 3 < text.size() &&
                       std::all_of(text.begin() + i + 1, text.begin() + i + 4,
                                   [](char c) { return c >= '0' && c <= '7'; });
    if (!octal) {
      plain += text[i];
      continue;
    }
    plain +=
        static_cast<char>((text[i + 1] - '0') * 64 + (text[i + 2] - '0') * 8 + text[i + 3] - '0');
    i += 3;
  }
  return plain;
}

// "36 35 98:0 /top /point options ... - type source super-options": proc(5).
std::optional<Mount> CpuMount(const std::string& line) {
  const std::vector<std::string> halves = absl::StrSplit(line, absl::MaxSplits(" - ", 1));
  if (halves.size() != 2) return std::nullopt;
  const std::vector<std::string> place = absl::StrSplit(halves[0], ' ');
  const std::vector<std::string> what = absl::StrSplit(halves[1], ' ');
  if (place.size() < 5 || what.empty()) return std::nullopt;
  const bool v2 = what[0] == "cgroup2";
  const bool v1 = what[0] == "cgroup" && what.size() >= 3 && Contains(what[2], "cpu");
  if (!v1 && !v2) return std::nullopt;
  return Mount{Unescape(place[4]), Unescape(place[3]), v2};
}

// The process's cgroup in the hierarchy that holds CPU quotas: "0::/path" (v2) or
// "4:cpu,cpuacct:/path" (v1); nullopt if it is in none.
std::optional<std::string> CgroupPath(const Lines& memberships, bool v2) {
  for (const std::string& line : memberships) {
    const std::vector<std::string> fields = absl::StrSplit(line, absl::MaxSplits(':', 2));
    if (fields.size() != 3) continue;
    if (v2 ? fields[0] == "0" && fields[1].empty() : Contains(fields[1], "cpu")) return fields[2];
  }
  return std::nullopt;
}

// `path` below the mount point. A process outside of what is mounted ("/../.." or another
// container's path) is seen as in the mount point itself: nothing else of its own is visible.
std::string BelowMount(const std::string& path, const Mount& mount) {
  absl::string_view rest = path;
  if (absl::StrContains(path, "..")) return "";
  if (mount.top != "/") {
    const bool inside = absl::StartsWith(rest, mount.top) &&
                        (rest.size() == mount.top.size() || rest[mount.top.size()] == '/');
    if (!inside) return "";
    rest.remove_prefix(mount.top.size());
  }
  return rest == "/" ? "" : std::string(rest);
}

std::optional<int64_t> ReadNumber(const std::string& path) {
  int64_t number = 0;
  const std::optional<std::string> text = ReadAll(path);
  if (!text.has_value() || !absl::SimpleAtoi(*text, &number)) return std::nullopt;
  return number;
}

// v2: "max 100000", "150000 100000", or "150000" with the usual period. v1: two files, -1 for none.
std::optional<CpuQuota> QuotaOf(const std::string& directory, bool v2) {
  CpuQuota quota;
  if (v2) {
    quota.file = directory + "/cpu.max";
    const std::vector<std::string> words =
        absl::StrSplit(ReadAll(quota.file).value_or(""), absl::ByAnyChar(" \n"), absl::SkipEmpty());
    quota.period_us = 100'000;
    if (words.empty() || !absl::SimpleAtoi(words[0], &quota.quota_us)) return std::nullopt;
    if (words.size() > 1 && !absl::SimpleAtoi(words[1], &quota.period_us)) return std::nullopt;
  } else {
    quota.file = directory + "/cpu.cfs_quota_us";
    quota.quota_us = ReadNumber(quota.file).value_or(-1);
    quota.period_us = ReadNumber(directory + "/cpu.cfs_period_us").value_or(0);
  }
  if (quota.quota_us <= 0 || quota.period_us <= 0) return std::nullopt;
  return quota;
}

bool Tighter(const CpuQuota& a, const CpuQuota& b) {
  return static_cast<long double>(a.quota_us) * b.period_us <
         static_cast<long double>(b.quota_us) * a.period_us;
}

std::string WithoutSlash(std::string path) {
  while (!path.empty() && path.back() == '/') path.pop_back();
  return path;
}

}  // namespace

int CpuQuota::Cpus() const {
  const int64_t cpus = quota_us / period_us + (quota_us % period_us != 0);
  return static_cast<int>(std::clamp<int64_t>(cpus, 1, INT_MAX));
}

std::string CpuQuota::InWords() const {
  const double cpus = static_cast<double>(quota_us) / static_cast<double>(period_us);
  return absl::StrFormat("%.2f CPUs, says %s", cpus, file);
}

std::optional<CpuQuota> TightestCpuQuota(const std::string& root) {
  const std::string base = WithoutSlash(root);
  const Lines memberships = LinesOf(base + "/proc/self/cgroup");
  std::optional<CpuQuota> tightest;
  for (const std::string& line : LinesOf(base + "/proc/self/mountinfo")) {
    const std::optional<Mount> mount = CpuMount(line);
    if (!mount.has_value()) continue;
    const std::optional<std::string> path = CgroupPath(memberships, mount->v2);
    if (!path.has_value()) continue;
    std::string below = WithoutSlash(BelowMount(*path, *mount));
    for (size_t level = 0; level < kDeepest; ++level) {
      std::optional<CpuQuota> quota =
          QuotaOf(absl::StrCat(base, WithoutSlash(mount->point), below), mount->v2);
      if (quota.has_value() && (!tightest.has_value() || Tighter(*quota, *tightest))) {
        tightest = std::move(quota);
      }
      if (below.empty()) break;
      below.resize(below.rfind('/') == std::string::npos ? 0 : below.rfind('/'));
    }
  }
  return tightest;
}

}  // namespace tally
