// CRC-32C (Castagnoli), the checksum of iSCSI and ext4.
#pragma once

#include <cstdint>
#include <string_view>

namespace tally {

uint32_t Crc32c(std::string_view bytes);

}  // namespace tally
