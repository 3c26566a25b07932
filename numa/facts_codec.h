// MachineFacts as bytes, between a process and the child that read them. Never stored.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "numa/machine_facts.h"

namespace tally {

std::string EncodeFacts(const MachineFacts& facts);

// nullopt if `bytes` is not what EncodeFacts wrote: the child may have been hurt by its input.
std::optional<MachineFacts> DecodeFacts(std::string_view bytes);

}  // namespace tally
