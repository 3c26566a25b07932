#include "viz/model/format.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace tally::viz {
namespace {

struct Unit {
  Nanos nanos;
  const char* name;
  int digits;  // decimals down to one nanosecond
};
constexpr Unit kUnits[] = {
    {1'000'000'000, "s", 9}, {1'000'000, "ms", 6}, {1'000, "\xc2\xb5s", 3}, {1, "ns", 0}};

const Unit& UnitOf(Nanos nanos) {
  for (const Unit& unit : kUnits) {
    if (std::abs(nanos) >= unit.nanos) return unit;
  }
  return kUnits[3];
}

std::string Print(const char* format, int digits, double value, const char* suffix) {
  char text[64];
  std::snprintf(text, sizeof text, format, digits, value, suffix);
  return text;
}

}  // namespace

std::string FormatCount(uint64_t count) {
  std::string text = std::to_string(count);
  for (auto at = static_cast<std::ptrdiff_t>(text.size()) - 3; at > 0; at -= 3) {
    text.insert(static_cast<size_t>(at), 1, ',');
  }
  return text;
}

std::string FormatCompact(uint64_t count) {
  if (count < 1000) return std::to_string(count);
  static constexpr const char* kSuffix[] = {"k", "M", "G", "T", "P", "E"};
  double value = static_cast<double>(count);
  int at = -1;
  // 999.5 would round up to a fourth digit.
  while (value >= 999.5 && at < 5) {
    value /= 1000;
    ++at;
  }
  return Print("%.*f%s", value < 9.95 ? 1 : 0, value, kSuffix[at]);
}

std::string FormatBytes(uint64_t bytes) {
  if (bytes < 1024) return std::to_string(bytes) + " B";
  static constexpr const char* kSuffix[] = {"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
  double value = static_cast<double>(bytes) / 1024;
  int at = 0;
  while (value >= 1023.5 && at < 5) {
    value /= 1024;
    ++at;
  }
  return Print("%.*f %s", value < 9.95 ? 1 : 0, value, kSuffix[at]);
}

std::string FormatPercent(double share) {
  if (share > 0 && share < 0.01) return "<1 %";
  if (share < 1 && share > 0.99) return "99 %";
  return Print("%.*f %s", 0, share * 100, "%");
}

std::string FormatDuration(Nanos nanos) {
  const Unit& unit = UnitOf(nanos);
  const double value = static_cast<double>(nanos) / static_cast<double>(unit.nanos);
  const int digits = unit.nanos == 1 ? 0 : value < 10 ? 3 : value < 100 ? 2 : 1;
  return Print("%.*f %s", digits, value, unit.name);
}

std::string FormatTime(Nanos time, Nanos resolution, Nanos extent) {
  const Unit& unit = UnitOf(extent);
  int digits = unit.digits;
  for (Nanos step = std::max<Nanos>(1, resolution); step >= 10 && digits > 0; step /= 10) --digits;
  return Print("%.*f %s", digits, static_cast<double>(time) / static_cast<double>(unit.nanos),
               unit.name);
}

std::string FormatSpeed(double speed) {
  // Two significant digits never hide which of the steps 1, 2, 5 it is.
  char text[32];
  const int digits = speed >= 1 ? 0 : static_cast<int>(std::ceil(-std::log10(speed) - 1e-9));
  std::snprintf(text, sizeof text, "%.*f\xc3\x97", digits, speed);
  return text;
}

Nanos RoundStep(Nanos length, int target) {
  const double raw = std::max(1.0, static_cast<double>(length) / target);
  const double power = std::pow(10, std::floor(std::log10(raw)));
  for (double factor : {1.0, 2.0, 5.0}) {
    if (raw <= factor * power * 1.0001) return static_cast<Nanos>(factor * power);
  }
  return static_cast<Nanos>(10 * power);
}

}  // namespace tally::viz
