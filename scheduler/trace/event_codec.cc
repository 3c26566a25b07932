#include "scheduler/trace/event_codec.h"

#include <boost/endian/conversion.hpp>
#include <cstring>
#include <utility>

#include "numa/check.h"
#include "scheduler/trace/varint.h"

namespace tally {
namespace {

using internal::CodecState;
using internal::kKindsPerClass;

// The control byte: four bits of kind, then
constexpr uint8_t kNumberShift = 4;  // two bits: 0, 1, 2 events of the other class in between; 3: a
constexpr uint8_t kNumberFollows = 3;  // varint says how many
constexpr uint8_t kTaskFollows = 1 << 6;
constexpr uint8_t kMoreFollows = 1 << 7;  // a mask byte says which other fields follow
// The mask byte.
constexpr uint8_t kArgFollows = 1 << 0;
constexpr uint8_t kAuxFollows = 1 << 1;
constexpr uint8_t kDetailFollows = 1 << 2;
constexpr uint8_t kPeerFollows = 1 << 3;
constexpr uint8_t kMaskKnown = 0x0f;

// An id is a varint: 0, and eight bytes follow; odd: a reference; even: a small number.
constexpr uint64_t kIdLiteral = 0;
constexpr uint64_t kSmallIdMax = uint64_t{1} << 28;

constexpr size_t kSeenSlots = 1024;
constexpr size_t kRecordBytesMin = 2;

constexpr uint8_t kTimelineStart = 64;
static_assert(IsDecision(static_cast<EventKind>(kTimelineStart - 1)));
static_assert(!IsDecision(static_cast<EventKind>(kTimelineStart)));

constexpr uint8_t KindIndex(EventKind kind) { return static_cast<uint8_t>(kind) % kTimelineStart; }
static_assert(KindIndex(EventKind::kWake) < kKindsPerClass);
static_assert(KindIndex(EventKind::kStealFail) < kKindsPerClass);

// A worker that begins a task usually ends that one next.
TaskId PredictedTask(const CodecState& state, EventKind kind) {
  return kind == EventKind::kEnd ? state.last_task : state.last[KindIndex(kind)].task;
}

void Remember(CodecState& state, uint64_t number, const Event& event) {
  state.last[KindIndex(event.kind)] = event;
  state.last_task = event.task;
  state.time = event.time;
  state.number = number + 1;
}

CodecState StateAt(Nanos base_time, uint64_t base_event) {
  CodecState state;
  state.time = base_time;
  state.number = base_event;
  return state;
}

// Ids spelled out so far, by the order of their first mention.
class IdReader {
 public:
  uint64_t Read(ByteReader& in, bool& ok) {
    const uint64_t code = in.Varint();
    if (code == kIdLiteral) {
      const std::string_view bytes = in.Bytes(sizeof(uint64_t));
      if (bytes.empty()) return 0;
      ids_.push_back(
          boost::endian::load_little_u64(reinterpret_cast<const unsigned char*>(bytes.data())));
      return ids_.back();
    }
    if (code % 2 == 0) return code / 2 - 1;
    const uint64_t back = code / 2;
    if (back >= ids_.size()) {
      ok = false;
      return 0;
    }
    return ids_[ids_.size() - 1 - back];
  }

 private:
  std::vector<uint64_t> ids_;
};

// One record into `event`; false when the bytes make no sense.
bool DecodeRecord(CodecState& state, IdReader& ids, bool timeline, ByteReader& in,
                  NumberedEvent& result) {
  bool ok = true;
  const uint8_t control = in.Byte();
  const auto kind =
      static_cast<EventKind>((control % kKindsPerClass) + (timeline ? kTimelineStart : 0));
  Event event = state.last[KindIndex(kind)];
  event.kind = kind;

  uint64_t skipped = (control >> kNumberShift) & kNumberFollows;
  if (skipped == kNumberFollows) skipped = in.Varint();
  if (__builtin_add_overflow(state.number, skipped, &result.number)) return false;
  if (result.number == UINT64_MAX) return false;

  event.time = static_cast<Nanos>(static_cast<uint64_t>(state.time) + in.Varint());
  if (event.time < -kTimeMax || event.time > kTimeMax) return false;

  event.task = (control & kTaskFollows) != 0 ? ids.Read(in, ok) : PredictedTask(state, kind);
  const uint8_t mask = (control & kMoreFollows) != 0 ? in.Byte() : 0;
  if ((mask & ~kMaskKnown) != 0) return false;
  if ((mask & kArgFollows) != 0) event.arg = ids.Read(in, ok);
  if ((mask & kAuxFollows) != 0) {
    const uint64_t aux = in.Varint();
    if (aux > UINT32_MAX) return false;
    event.aux = static_cast<uint32_t>(aux);
  }
  if ((mask & kDetailFollows) != 0) event.detail = in.Byte();
  if ((mask & kPeerFollows) != 0) {
    const int64_t peer = UnZigZag(in.Varint());
    if (peer < INT16_MIN || peer > INT16_MAX) return false;
    event.peer = static_cast<int16_t>(peer);
  }
  if (!ok || !in.ok()) return false;
  Remember(state, result.number, event);
  result.event = event;
  return true;
}

}  // namespace

void EventEncoder::PutId(uint64_t id) {
  if (id < kSmallIdMax) return PutVarint((id + 1) * 2, payload_);
  if (seen_.empty()) seen_.resize(kSeenSlots);
  Seen& seen = seen_[(id ^ id >> 32) % kSeenSlots];
  if (seen.id == id && seen.chunk == chunk_) {
    return PutVarint(uint64_t{ids_ - 1 - seen.index} * 2 + 1, payload_);
  }
  seen = {.id = id, .chunk = chunk_, .index = ids_++};
  PutVarint(kIdLiteral, payload_);
  char bytes[sizeof(id)];
  boost::endian::store_little_u64(reinterpret_cast<unsigned char*>(bytes), id);
  payload_.append(bytes, sizeof(bytes));
}

void EventEncoder::Add(uint64_t number, const Event& event) {
  const uint8_t index = KindIndex(event.kind);
  TALLY_CHECK(index < kKindsPerClass && static_cast<uint8_t>(event.kind) < 2 * kTimelineStart,
              "event kinds are below 16, or 64 to 79");
  if (empty()) {
    base_time_ = event.time;
    base_event_ = number;
    state_ = StateAt(base_time_, base_event_);
  }
  TALLY_CHECK(number >= state_.number, "event numbers rise");
  const Event& last = state_.last[index];
  const uint64_t skipped = number - state_.number;
  const bool number_follows = skipped >= kNumberFollows;
  const bool task_follows = event.task != PredictedTask(state_, event.kind);
  const uint8_t mask = (event.arg != last.arg ? kArgFollows : 0) |
                       (event.aux != last.aux ? kAuxFollows : 0) |
                       (event.detail != last.detail ? kDetailFollows : 0) |
                       (event.peer != last.peer ? kPeerFollows : 0);

  payload_.push_back(
      static_cast<char>(index | (number_follows ? kNumberFollows : skipped) << kNumberShift |
                        (task_follows ? kTaskFollows : 0) | (mask != 0 ? kMoreFollows : 0)));
  if (number_follows) PutVarint(skipped, payload_);
  PutVarint(static_cast<uint64_t>(event.time) - static_cast<uint64_t>(state_.time), payload_);
  if (task_follows) PutId(event.task);
  if (mask != 0) payload_.push_back(static_cast<char>(mask));
  if ((mask & kArgFollows) != 0) PutId(event.arg);
  if ((mask & kAuxFollows) != 0) PutVarint(event.aux, payload_);
  if ((mask & kDetailFollows) != 0) payload_.push_back(static_cast<char>(event.detail));
  if ((mask & kPeerFollows) != 0) PutVarint(ZigZag(event.peer), payload_);
  Remember(state_, number, event);
  ++events_;
}

std::string EventEncoder::TakeChunk(ChunkHeader header) {
  header.events = events_;
  header.base_time = base_time_;
  header.base_event = base_event_;
  std::string chunk = EncodeChunk(header, payload_);
  payload_.clear();
  events_ = 0;
  ids_ = 0;
  ++chunk_;
  return chunk;
}

std::optional<std::vector<NumberedEvent>> DecodeEvents(const ChunkHeader& header,
                                                       std::string_view payload) {
  // Before allocating: a count that the bytes cannot hold is a lie.
  if (header.events > payload.size() / kRecordBytesMin) return std::nullopt;
  std::vector<NumberedEvent> events(header.events);
  CodecState state = StateAt(header.base_time, header.base_event);
  IdReader ids;
  ByteReader in(payload);
  for (NumberedEvent& event : events) {
    if (!DecodeRecord(state, ids, header.kind == ChunkKind::kTimeline, in, event)) {
      return std::nullopt;
    }
  }
  if (!in.empty()) return std::nullopt;
  return events;
}

}  // namespace tally
