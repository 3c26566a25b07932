// The payload of a names chunk: the texts behind name hashes.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace tally {

// Appends one entry; a text longer than kNameBytesMax is cut.
void PutName(uint32_t hash, std::string_view text, std::string& payload);

// Adds every entry to `names`. False (and nothing added) unless the payload is well-formed.
bool ReadNames(std::string_view payload, std::map<uint32_t, std::string>& names);

}  // namespace tally
