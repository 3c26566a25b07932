#include "numa/facts_codec.h"

#include <cstdint>
#include <cstring>
#include <type_traits>
#include <utility>
#include <vector>

namespace tally {
namespace {

// One walk over the fields serves both directions: Writer and Reader have the same verbs.
class Writer {
 public:
  template <class Number>
  void Plain(const Number& number) {
    static_assert(std::is_arithmetic_v<Number>);
    bytes_.append(reinterpret_cast<const char*>(&number), sizeof number);
  }
  template <class Container>
  void Count(const Container& container) {
    Plain(static_cast<uint64_t>(container.size()));
  }
  std::string bytes_;
};

class Reader {
 public:
  explicit Reader(std::string_view bytes) : left_(bytes) {}

  template <class Number>
  void Plain(Number& number) {
    static_assert(std::is_arithmetic_v<Number>);
    if (left_.size() < sizeof number) {
      ok_ = false;
      left_ = {};
      return;
    }
    std::memcpy(&number, left_.data(), sizeof number);
    left_.remove_prefix(sizeof number);
  }
  // A bool is read as a byte: not every byte is a bool.
  void Plain(bool& flag) {
    unsigned char byte = 0;
    Plain(byte);
    flag = byte != 0;
  }
  // Every element takes a byte at least: a count beyond the bytes left is a lie.
  template <class Container>
  void Count(Container& container) {
    uint64_t count = 0;
    Plain(count);
    if (count > left_.size()) {
      ok_ = false;
      left_ = {};
      count = 0;
    }
    container.resize(count);
  }
  bool Finished() const { return ok_ && left_.empty(); }

 private:
  std::string_view left_;
  bool ok_ = true;
};

template <class Archive, class Text>
void Walk(Archive& archive, Text& text) {
  archive.Count(text);
  for (auto& character : text) archive.Plain(character);
}

template <class Archive, class Numbers>
void WalkNumbers(Archive& archive, Numbers& numbers) {
  archive.Count(numbers);
  for (auto& number : numbers) archive.Plain(number);
}

template <class Archive, class Pu>
void WalkPu(Archive& archive, Pu& pu) {
  archive.Plain(pu.os_index);
  archive.Plain(pu.core);
  archive.Plain(pu.l2);
  archive.Plain(pu.l3);
  archive.Plain(pu.package);
  archive.Plain(pu.kind);
  archive.Plain(pu.l2_bytes);
  archive.Plain(pu.l3_bytes);
  archive.Plain(pu.allowed);
}

template <class Archive, class Kind>
void WalkKind(Archive& archive, Kind& kind) {
  archive.Plain(kind.efficiency);
  Walk(archive, kind.core_type);
  archive.Plain(kind.capacity);
  archive.Plain(kind.max_mhz);
}

template <class Archive, class Node>
void WalkNode(Archive& archive, Node& node) {
  archive.Plain(node.os_index);
  archive.Plain(node.memory_bytes);
  archive.Plain(node.package);
  archive.Plain(node.special);
  Walk(archive, node.memory);
  archive.Plain(node.bandwidth_mib_s);
  archive.Plain(node.latency_ns);
  archive.Plain(node.cache_bytes);
  WalkNumbers(archive, node.near_pus);
  archive.Plain(node.allowed);
}

// Not kernel_home: what comes from a file is not this machine.
template <class Archive, class Facts>
void WalkFacts(Archive& archive, Facts& facts, std::vector<uint64_t>& distances) {
  Walk(archive, facts.spec);
  archive.Plain(facts.is_this_machine);
  archive.Count(facts.pus);
  for (auto& pu : facts.pus) WalkPu(archive, pu);
  archive.Count(facts.kinds);
  for (auto& kind : facts.kinds) WalkKind(archive, kind);
  archive.Count(facts.nodes);
  for (auto& node : facts.nodes) WalkNode(archive, node);
  archive.Plain(facts.pus_in_all);
  archive.Plain(facts.pus_offline);
  archive.Plain(facts.pus_outside_cpuset);
  archive.Plain(facts.pus_outside_mask);
  WalkNumbers(archive, distances);
  Walk(archive, facts.distances_in_short);
  archive.Count(facts.notes);
  for (auto& note : facts.notes) Walk(archive, note);
}

// Indexes point into what is there, and the matrix is square.
bool Consistent(const MachineFacts& facts) {
  for (const MachineFacts::PuFacts& pu : facts.pus) {
    if (pu.kind >= static_cast<int64_t>(facts.kinds.size())) return false;
  }
  for (const MachineFacts::NodeFacts& node : facts.nodes) {
    for (size_t pu : node.near_pus) {
      if (pu >= facts.pus.size()) return false;
    }
  }
  const size_t nodes = facts.nodes.size();
  return !facts.distances.has_value() || facts.distances->size() == nodes * nodes;
}

}  // namespace

std::string EncodeFacts(const MachineFacts& facts) {
  Writer writer;
  std::vector<uint64_t> distances = facts.distances.value_or(std::vector<uint64_t>());
  WalkFacts(writer, facts, distances);
  return std::move(writer.bytes_);
}

std::optional<MachineFacts> DecodeFacts(std::string_view bytes) {
  MachineFacts facts;
  std::vector<uint64_t> distances;
  Reader reader(bytes);
  WalkFacts(reader, facts, distances);
  if (!distances.empty()) facts.distances = std::move(distances);
  if (!reader.Finished() || !Consistent(facts)) return std::nullopt;
  return facts;
}

}  // namespace tally
