#include "viz/app/state_dump.h"

#include <nlohmann/json.hpp>
#include <type_traits>

#include "absl/strings/str_cat.h"

namespace tally::viz {

std::string StateJson(const Shown& shown) {
  nlohmann::ordered_json json = nlohmann::ordered_json::object();
  for (const auto& entry : shown.items()) {
    // clang 14 does not let a lambda capture a structured binding.
    const std::string& path = entry.first;
    std::visit(
        [&](const auto& value) {
          if constexpr (std::is_same_v<std::decay_t<decltype(value)>, std::monostate>) {
            json[path] = nullptr;
          } else {
            json[path] = value;
          }
        },
        entry.second.value);
  }
  return json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string ValueText(const Shown::Value& value) {
  return std::visit(
      [](const auto& v) -> std::string {
        using T = std::decay_t<decltype(v)>;
        if constexpr (std::is_same_v<T, std::monostate>) {
          return "";
        } else if constexpr (std::is_same_v<T, bool>) {
          return v ? "true" : "false";
        } else if constexpr (std::is_same_v<T, std::string>) {
          return v;
        } else {
          return absl::StrCat(v);
        }
      },
      value);
}

}  // namespace tally::viz
