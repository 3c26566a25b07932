// What is shown, as JSON: path to value, as drawn.
#pragma once

#include <string>

#include "viz/panels/shown.h"

namespace tally::viz {

// Values only, sorted by path. A value that is not known is null.
std::string StateJson(const Shown& shown);
// "123", "true", "some text": as scripts compare it. Empty for items without a value.
std::string ValueText(const Shown::Value& value);

}  // namespace tally::viz
