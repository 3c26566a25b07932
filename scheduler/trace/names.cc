#include "scheduler/trace/names.h"

#include <boost/endian/conversion.hpp>

#include "scheduler/trace/chunk.h"
#include "scheduler/trace/varint.h"

namespace tally {

void PutName(uint32_t hash, std::string_view text, std::string& payload) {
  text = text.substr(0, kNameBytesMax);
  unsigned char bytes[sizeof(hash)];
  boost::endian::store_little_u32(bytes, hash);
  payload.append(reinterpret_cast<const char*>(bytes), sizeof(bytes));
  PutVarint(text.size(), payload);
  payload.append(text);
}

bool ReadNames(std::string_view payload, std::map<uint32_t, std::string>& names) {
  std::map<uint32_t, std::string> found;
  ByteReader in(payload);
  while (!in.empty()) {
    const std::string_view hash = in.Bytes(sizeof(uint32_t));
    const uint64_t size = in.Varint();
    if (!in.ok() || size > kNameBytesMax) return false;
    const std::string_view text = in.Bytes(size);
    if (!in.ok()) return false;
    found[boost::endian::load_little_u32(reinterpret_cast<const unsigned char*>(hash.data()))] =
        std::string(text);
  }
  names.merge(found);
  return true;
}

}  // namespace tally
